"""Correction: SageMaker, which MiniStack does not have: training jobs, models, endpoints.

Templates, boto3 and state machines all reach the same control plane. Training runs the template's own script,
and endpoints serve the archives that it made.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from types import ModuleType
from typing import Any

from infrastructure.local.emulator.endpoints import Answer, Endpoint, ModelHouse, ModelProcess, Unhealthy
from infrastructure.local.emulator.training_jobs import Request, TrainingJob, TrainingRoom

_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
_NAMES = frozenset({"TrainingJobName", "ModelName", "EndpointConfigName", "EndpointName"})
_POLL_S = 0.05
_SYNC_S = 86_400


class Refusal(Exception):
    """An error of SageMaker's own: its code and message."""

    def __init__(self, message: str, *, code: str = "ValidationException", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(slots=True)
class SageMaker:
    """The control plane, in memory, and the way to the servers of models."""

    region: str
    account: str
    room: TrainingRoom
    house: ModelHouse
    jobs: dict[str, TrainingJob] = field(default_factory=dict)
    models: dict[str, Request] = field(default_factory=dict)
    configurations: dict[str, Request] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)

    def call(self, operation: str, request: Request) -> dict[str, Any]:
        """Answer a call of the API; `Refusal` in SageMaker's words."""
        found = _OPERATIONS.get(operation)
        if not found:
            raise Refusal(f"{operation} is not there in this local cloud", code="UnknownOperationException")
        for field_name in _NAMES & request.keys():
            # They become folders here.
            wrong = f"Value {request[field_name]!r} at {field_name!r} failed to satisfy constraint: {_NAME}"
            _refuse(not re.fullmatch(_NAME, str(request[field_name])), wrong)
        return found(self, request)

    def arn(self, kind: str, name: str) -> str:
        """Return an address."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name.lower()}"

    # --- training -------------------------------------------------------------------------------------

    def create_training_job(self, request: Request) -> dict[str, Any]:
        """Start a job."""
        name = request["TrainingJobName"]
        _refuse(
            name in self.jobs,
            f"Training job names must be unique within an AWS account: {name}",
            "ResourceInUse",
        )
        job = TrainingJob(request, self.arn("training-job", name))
        self.jobs[name] = job
        threading.Thread(target=self.room.work, args=(job,), name=f"train-{name}", daemon=True).start()
        return {"TrainingJobArn": job.arn}

    def describe_training_job(self, request: Request) -> dict[str, Any]:
        """Say how far a job is."""
        job: TrainingJob = _found(self.jobs, request["TrainingJobName"], "training job")
        return job.described()

    def train(self, request: Request) -> dict[str, Any]:
        """Start a job and wait for its end, as a state's `.sync` does."""
        self.create_training_job(request)
        job, limit = self.jobs[request["TrainingJobName"]], time.monotonic() + _SYNC_S
        while job.status == "InProgress" and time.monotonic() < limit:
            time.sleep(_POLL_S)
        return job.described()

    # --- models -----------------------------------------------------------------------------------------

    def create_model(self, request: Request) -> dict[str, Any]:
        """Note which archive a model is."""
        name = request["ModelName"]
        _refuse(name in self.models, f"Cannot create already existing model {name!r}.")
        self.models[name] = {**request, "ModelArn": self.arn("model", name), "CreationTime": time.time()}
        return {"ModelArn": self.arn("model", name)}

    def describe_model(self, request: Request) -> dict[str, Any]:
        """Return what a model was made of."""
        return dict(_found(self.models, request["ModelName"], "model"))

    def list_models(self, request: Request) -> dict[str, Any]:
        """Return the models whose names contain something, newest first unless asked otherwise."""
        found = [each for name, each in self.models.items() if request.get("NameContains", "") in name]
        found.sort(key=itemgetter("CreationTime"), reverse=request.get("SortOrder") != "Ascending")
        shown = ("ModelName", "ModelArn", "CreationTime")
        return {
            "Models": [
                {name: each[name] for name in shown} for each in found[: request.get("MaxResults", 10)]
            ]
        }

    def delete_model(self, request: Request) -> dict[str, Any]:
        """Forget a model; what serves it goes on."""
        _found(self.models, request["ModelName"], "model")
        del self.models[request["ModelName"]]
        return {}

    def create_endpoint_config(self, request: Request) -> dict[str, Any]:
        """Note which model an endpoint would serve."""
        name = request["EndpointConfigName"]
        _refuse(
            name in self.configurations, f"Cannot create already existing endpoint configuration {name!r}."
        )
        for variant in request["ProductionVariants"]:
            _found(self.models, variant["ModelName"], "model")
        self.configurations[name] = request
        return {"EndpointConfigArn": self.arn("endpoint-config", name)}

    def describe_endpoint_config(self, request: Request) -> dict[str, Any]:
        """Return what a configuration says."""
        name = request["EndpointConfigName"]
        found = _found(self.configurations, name, "endpoint configuration")
        return {**found, "EndpointConfigArn": self.arn("endpoint-config", name)}

    def delete_endpoint_config(self, request: Request) -> dict[str, Any]:
        """Forget a configuration; what serves by it goes on."""
        _found(self.configurations, request["EndpointConfigName"], "endpoint configuration")
        del self.configurations[request["EndpointConfigName"]]
        return {}

    # --- endpoints --------------------------------------------------------------------------------------

    def create_endpoint(self, request: Request) -> dict[str, Any]:
        """Make an endpoint, whose model is loaded when it is first asked."""
        name, configuration = request["EndpointName"], request["EndpointConfigName"]
        _refuse(name in self.endpoints, f"Cannot create already existing endpoint {name!r}.")
        _found(self.configurations, configuration, "endpoint configuration")
        self.endpoints[name] = Endpoint(name, self.arn("endpoint", name), configuration)
        return {"EndpointArn": self.endpoints[name].arn}

    def update_endpoint(self, request: Request) -> dict[str, Any]:
        """Load another model, and serve by it once it answers."""
        endpoint = _found(self.endpoints, request["EndpointName"], "endpoint")
        configuration = request["EndpointConfigName"]
        _found(self.configurations, configuration, "endpoint configuration")
        with endpoint.moving:
            _refuse(endpoint.status != "InService", "Cannot update in-progress endpoint.")
            endpoint.status = "Updating"
        threading.Thread(target=self._update, args=(endpoint, configuration), daemon=True).start()
        return {"EndpointArn": endpoint.arn}

    def describe_endpoint(self, request: Request) -> dict[str, Any]:
        """Say how far an endpoint is."""
        endpoint: Endpoint = _found(self.endpoints, request["EndpointName"], "endpoint")
        return endpoint.described()

    def delete_endpoint(self, request: Request) -> dict[str, Any]:
        """End an endpoint and its server."""
        endpoint = _found(self.endpoints, request["EndpointName"], "endpoint")
        del self.endpoints[endpoint.name]
        if endpoint.server:
            endpoint.server.end()
        return {}

    def invoke(self, name: str, body: bytes, *, headers: Mapping[str, str]) -> Answer:
        """Ask an endpoint's model; `Refusal` as the data plane words it."""
        endpoint = self.endpoints.get(name)
        if not endpoint:
            raise Refusal(f"Endpoint {name} of account {self.account} not found.", code="ValidationError")
        try:
            server = self._server_of(endpoint)
            return server.ask(body, headers=headers)
        except Unhealthy as error:
            raise Refusal(str(error), code="ServiceUnavailable", status=503) from error
        except OSError as error:
            raise Refusal(
                f"{name}'s server is gone: {error}", code="ServiceUnavailable", status=503
            ) from error

    def _server_of(self, endpoint: Endpoint) -> ModelProcess:
        with endpoint.lock:
            if endpoint.server and not endpoint.server.lives:
                endpoint.server.end()
                endpoint.server = None
            if endpoint.server is None:
                endpoint.server = self.house.serve(self._archive(endpoint.configuration), name=endpoint.name)
            return endpoint.server

    def _update(self, endpoint: Endpoint, configuration: str) -> None:
        try:
            server = self.house.serve(self._archive(configuration), name=endpoint.name)
        except (Unhealthy, OSError) as error:
            endpoint.keep(str(error))
        else:
            endpoint.take(server, configuration=configuration)
            if self.endpoints.get(endpoint.name) is not endpoint:
                server.end()

    def _archive(self, configuration: str) -> str:
        variants = self.configurations.get(configuration, {}).get("ProductionVariants", ())
        for variant in variants:
            model = self.models.get(variant["ModelName"], {})
            archive = model.get("PrimaryContainer", {}).get("ModelDataUrl")
            if archive:
                return str(archive)
        raise Unhealthy(f"No model server runs by {configuration}: it names no model with an archive")


_OPERATIONS: dict[str, Callable[[SageMaker, Request], dict[str, Any]]] = {
    "CreateTrainingJob": SageMaker.create_training_job,
    "DescribeTrainingJob": SageMaker.describe_training_job,
    "CreateModel": SageMaker.create_model,
    "DescribeModel": SageMaker.describe_model,
    "DeleteModel": SageMaker.delete_model,
    "ListModels": SageMaker.list_models,
    "CreateEndpointConfig": SageMaker.create_endpoint_config,
    "DescribeEndpointConfig": SageMaker.describe_endpoint_config,
    "DeleteEndpointConfig": SageMaker.delete_endpoint_config,
    "CreateEndpoint": SageMaker.create_endpoint,
    "UpdateEndpoint": SageMaker.update_endpoint,
    "DescribeEndpoint": SageMaker.describe_endpoint,
    "DeleteEndpoint": SageMaker.delete_endpoint,
}


def _refuse(is_wrong: bool, message: str, code: str = "ValidationException") -> None:  # noqa: FBT001 - reads as a sentence
    if is_wrong:
        raise Refusal(message, code=code)


def _found(records: Mapping[str, Any], name: str, what: str) -> Any:  # noqa: ANN401 - a record of its kind
    try:
        return records[name]
    except KeyError:
        raise Refusal(f"Could not find {what} {name!r}.") from None


# --- what a template says ---------------------------------------------------------------------------


def correct(
    provisioners: ModuleType, stepfunctions: ModuleType, app: ModuleType, *, plane: SageMaker
) -> None:
    """Teach CloudFormation the three resource types, and state machines the service."""
    from infrastructure.local.emulator.guard import original

    original(provisioners, "_RESOURCE_HANDLERS").update(_resource_types(plane))
    original(stepfunctions, "_SERVICE_DISPATCH").update(_integrations(stepfunctions, plane))
    original(stepfunctions, "_AWS_SDK_SERVICE_MAP")["sagemaker"] = {
        "target_prefix": "SageMaker",
        "protocol": "json",
    }
    original(stepfunctions, "_AWS_SDK_ERROR_PREFIX")["sagemaker"] = "SageMaker"
    original(app, "SERVICE_HANDLERS")["sagemaker"] = _handler(plane)


_KINDS = {
    "AWS::SageMaker::Model": ("model", "ModelName", "CreateModel", "DeleteModel"),
    "AWS::SageMaker::EndpointConfig": (
        "endpoint-config", "EndpointConfigName", "CreateEndpointConfig", "DeleteEndpointConfig",
    ),
    "AWS::SageMaker::Endpoint": ("endpoint", "EndpointName", "CreateEndpoint", "DeleteEndpoint"),
}  # fmt: skip


def _resource_types(plane: SageMaker) -> dict[str, dict[str, Any]]:
    return {resource_type: _handlers(plane, *words) for resource_type, words in _KINDS.items()}


def _handlers(plane: SageMaker, kind: str, named: str, create: str, delete: str) -> dict[str, Any]:
    def make(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        name = properties.get(named) or f"{stack}-{logical_id}"
        plane.call(create, {**properties, named: name})
        # `Ref` is the ARN, as on AWS.
        return plane.arn(kind, name), {named: name}

    def remove(physical_id: str, *_rest: object) -> None:
        plane.call(delete, {named: physical_id.rpartition("/")[2]})

    return {"create": make, "delete": remove}


# --- what a state machine and boto3 say -------------------------------------------------------------


def _integrations(stepfunctions: ModuleType, plane: SageMaker) -> dict[str, Callable[[str, Request], object]]:
    """Return the optimised integrations: their errors have the service's name before the code."""
    failure = stepfunctions._ExecutionError  # noqa: SLF001 - no public way

    def integration(operation: str) -> Callable[[str, Request], object]:
        def invoke(resource: str, request: Request) -> object:
            try:
                if operation == "CreateTrainingJob" and resource.endswith(".sync"):
                    return _trained(plane.train(request), failure)
                return plane.call(operation, request)
            except Refusal as error:
                raise failure(f"SageMaker.{_shown(error.code)}", str(error)) from error

        return invoke

    names = ("CreateTrainingJob", "CreateModel", "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint")
    return {f"arn:aws:states:::sagemaker:{name[0].lower()}{name[1:]}": integration(name) for name in names}


def _trained(job: dict[str, Any], failure: type[Exception]) -> dict[str, Any]:
    if job["TrainingJobStatus"] != "Completed":
        raise failure("States.TaskFailed", json.dumps(job))
    return job


def _shown(code: str) -> str:
    # Step Functions names the service's general errors after it.
    return "AmazonSageMakerException" if code == "ValidationException" else f"{code}Exception"


def _handler(plane: SageMaker) -> Callable[..., Any]:
    async def handle(
        _method: str, _path: str, headers: Mapping[str, str], body: bytes | str, _query: object
    ) -> Any:  # noqa: ANN401 - MiniStack's own triple
        status, answer = answer_call(plane, headers.get("x-amz-target", ""), body)
        return status, {"content-type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()

    return handle


def answer_call(plane: SageMaker, target: str, body: bytes | str) -> tuple[int, dict[str, Any]]:
    """Return status and body of a call of the API."""
    try:
        return 200, plane.call(target.rpartition(".")[2], json.loads(body or "{}"))
    except Refusal as error:
        return error.status, {"__type": error.code, "message": str(error)}
