"""SageMaker's two doors: the API by its target header, and InvokeEndpoint by its path."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from infrastructure.local.emulator.sagemaker import Refusal, SageMaker, answer_call

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

_INVOCATION = re.compile(r"^/endpoints/([^/]+)/invocations$")
_TARGET = b"SageMaker."
_PASSED_ON = {b"content-type": "Content-Type", b"accept": "Accept", b"x-amzn-sagemaker-custom-attributes": ""}


def beside(application: Application, *, plane: SageMaker) -> Application:
    """Answer what SageMaker is asked, and pass everything else on."""

    async def answer(scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401 (ASGI)
        headers = dict(scope.get("headers", ()))
        endpoint = _INVOCATION.match(scope.get("path", ""))
        target = headers.get(b"x-amz-target", b"")
        if endpoint:
            await _invoke(plane, endpoint[1], headers, receive, send)
        elif target.startswith(_TARGET):
            status, found = answer_call(plane, target.decode(), await _body(receive))
            await _send(send, status, json.dumps(found).encode(), media_type="application/x-amz-json-1.1")
        else:
            await application(scope, receive, send)

    return answer


async def _invoke(plane: SageMaker, name: str, headers: dict[bytes, bytes], receive: Any, send: Any) -> None:  # noqa: ANN401 (ASGI)
    passed = {
        shown: headers[known].decode() for known, shown in _PASSED_ON.items() if shown and known in headers
    }
    try:
        # A model may take its time, and the cloud answers others meanwhile.
        found = await asyncio.to_thread(plane.invoke, name, await _body(receive), headers=passed)
    except Refusal as error:
        await _send(send, error.status, json.dumps({"Message": str(error)}).encode(), kind=error.code)
        return
    if found.status == 200:  # noqa: PLR2004 - HTTP
        await _send(send, 200, found.body, media_type=found.media_type)
        return
    told = {
        "Message": f"Received server error ({found.status}) from primary with message {found.body!r}.",
        "OriginalMessage": found.body.decode("utf-8", "replace"),
        "OriginalStatusCode": found.status,
    }
    await _send(send, 424, json.dumps(told).encode(), kind="ModelError")


async def _body(receive: Any) -> bytes:  # noqa: ANN401 (ASGI)
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _send(
    send: Any,  # noqa: ANN401 (ASGI)
    status: int,
    body: bytes,
    *,
    media_type: str = "application/json",
    kind: str = "",
) -> None:
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(b"x-amzn-errortype", kind.encode())] if kind else []
    headers += [] if kind else [(b"x-amzn-invoked-production-variant", b"champion")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
