"""Correction: templates may hold SageMaker models and endpoints.

The control plane here is a record of names. The data plane is a model server beside the cloud, which
functions find through AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME; while none runs, a call says so.
"""

import json
import re
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from infrastructure.local.emulator.guard import original

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

_KINDS = {
    "AWS::SageMaker::Model": ("model", "ModelName"),
    "AWS::SageMaker::EndpointConfig": ("endpoint-config", "EndpointConfigName"),
    "AWS::SageMaker::Endpoint": ("endpoint", "EndpointName"),
}
_INVOCATION = re.compile(r"^/endpoints/([^/]+)/(?:invocations|async-invocations)$")


def correct(provisioners: ModuleType, *, region: str, account: str) -> None:
    """Teach CloudFormation the three resource types; `Ref` is the ARN, as on AWS."""
    handlers = original(provisioners, "_RESOURCE_HANDLERS")
    for resource_type, (kind, name_property) in _KINDS.items():
        arn = f"arn:aws:sagemaker:{region}:{account}:{kind}/"
        handlers[resource_type] = {
            "create": _creator(arn, name_property),
            "delete": lambda *_arguments: None,
        }


def _creator(arn: str, name_property: str) -> Callable[..., tuple[str, dict[str, str]]]:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        name = properties.get(name_property) or f"{stack}-{logical_id}"
        return arn + name.lower(), {name_property: name}

    return create


def without_model_server(application: Application) -> Application:
    """Answer InvokeEndpoint with AWS's ServiceUnavailable, and pass everything else on."""

    async def answer(scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401 (ASGI)
        endpoint = _INVOCATION.match(scope.get("path", ""))
        if not endpoint:
            await application(scope, receive, send)
            return
        message = f"No model server runs in this local cloud, so endpoint {endpoint[1]} has no model"
        headers = [(b"content-type", b"application/json"), (b"x-amzn-errortype", b"ServiceUnavailable")]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps({"Message": message}).encode()})

    return answer
