"""The local cloud: the synthesized template, standing on this machine."""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infrastructure.local import environment, process
from infrastructure.local.assembly import read_assembly
from infrastructure.local.deployment import deploy
from infrastructure.local.errors import CloudError, CloudRuns, NoCloud

if TYPE_CHECKING:
    import boto3

__all__ = ["Cloud", "CloudError", "CloudRuns", "NoCloud", "attach", "running_cloud", "start", "stop"]

Progress = Callable[[str], None]


def silent(_message: str) -> None:
    """Tell nobody about progress."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """A running local cloud.

    `outputs` are the CloudFormation outputs of all stacks by their own names; `api_key` is valid for
    this start alone (only its hash is in the cloud); `logs` holds `server.log` and one file per function.
    """

    endpoint: str
    region: str
    outputs: Mapping[str, str]
    api_url: str
    api_key: str = field(repr=False)
    state: Path
    logs: Path
    pid: int

    def session(self) -> "boto3.session.Session":
        """Return a session with the local cloud's credentials and region."""
        return _session(self.region)

    def client(self, service: str, *, read_timeout_s: float = 70) -> Any:  # noqa: ANN401 (boto3 makes clients at run time)
        """Return a boto3 client of the local cloud; it retries nothing, so that faults are seen."""
        return _client(service, endpoint=self.endpoint, region=self.region, read_timeout_s=read_timeout_s)

    def log_of(self, function: str) -> Path:
        """Return the log file of a function (`mask_product`); it exists once the function has run."""
        suffix = f"-{function.replace('_', '-')}.log"
        found = [log for log in self.logs.glob("*.log") if log.name.endswith(suffix)]
        return found[0] if found else self.logs / suffix.removeprefix("-")


def start(
    assembly: Path,
    *,
    state: Path,
    detached: bool = False,
    progress: Progress = silent,
) -> Cloud:
    """Stand the assembly up and return when it is deployed; it ends with this process unless `detached`.

    `CloudRuns` if a cloud lives in this state folder already, `CloudError` if the server does not come up or
    a stack fails.
    """
    state = state.resolve()
    state.mkdir(parents=True, exist_ok=True)
    contents = read_assembly(assembly)
    python_environment = environment.ensure(progress=progress)
    progress("Starting the local cloud")
    server = process.launch(
        state,
        python=environment.python_of(python_environment),
        runtime=environment.runtime_of(python_environment),
        detached=detached,
    )
    try:
        outputs = _reachable(
            deploy(
                contents,
                lambda service: _client(service, endpoint=server.endpoint, region=process.REGION),
                account=process.ACCOUNT,
                progress=progress,
            ),
            endpoint=server.endpoint,
        )
        cloud = Cloud(
            endpoint=server.endpoint,
            region=process.REGION,
            outputs=outputs,
            api_url=outputs.get("ApiUrl", ""),
            api_key=secrets.token_urlsafe(24),
            state=state,
            logs=state / "logs",
            pid=server.process.pid,
        )
        _register_api_key(cloud)
        _remember(cloud)
    except BaseException:
        process.end_own(server, state=state)
        raise
    _own[state] = server
    return cloud


def attach(state: Path) -> Cloud:
    """Return the cloud that runs in this state folder, or raise `NoCloud`."""
    state = state.resolve()
    if not process.lives(state) or not _record(state).exists():
        raise NoCloud(f"No local cloud runs in {state}: start one with `make up`")
    record = json.loads(_record(state).read_text("utf-8"))
    return Cloud(**{**record, "state": state, "logs": state / "logs"})


def stop(state: Path) -> None:
    """End the cloud of this state folder, its functions included; nothing happens if none runs."""
    state = state.resolve()
    server = _own.pop(state, None)
    if server:
        process.end_own(server, state=state)
    else:
        with contextlib.suppress(NoCloud):
            process.end(attach(state).pid, state=state)
    _record(state).unlink(missing_ok=True)


@contextlib.contextmanager
def running_cloud(assembly: Path, *, state: Path, progress: Progress = silent) -> Iterator[Cloud]:
    """Keep a cloud for as long as the block runs."""
    cloud = start(assembly, state=state, progress=progress)
    try:
        yield cloud
    finally:
        stop(state)


_own: dict[Path, process.Server] = {}
"""The servers of this process; the system closes their lifelines, however it ends."""


def _record(state: Path) -> Path:
    return state / "cloud.json"


def _remember(cloud: Cloud) -> None:
    """Write down what another shell needs; it holds the API key, so it is for this user alone."""
    record = {
        "endpoint": cloud.endpoint, "region": cloud.region, "outputs": dict(cloud.outputs),
        "api_url": cloud.api_url, "api_key": cloud.api_key, "pid": cloud.pid,
    }  # fmt: skip
    partial = cloud.state / "cloud.json.partial"
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(record, file, indent=1)
    partial.replace(_record(cloud.state))


def _reachable(outputs: Mapping[str, str], *, endpoint: str) -> dict[str, str]:
    """Leave out what only ties stacks together, and address the HTTP API by its path.

    The address in the template is a host name of its own, which resolves on AWS alone.
    """
    own = {name: value for name, value in outputs.items() if not name.startswith("ExportsOutput")}
    if "ApiId" in own:
        own["ApiUrl"] = f"{endpoint}/_aws/execute-api/{own['ApiId']}/$default"
    return own


def _register_api_key(cloud: Cloud) -> None:
    secret = cloud.outputs.get("ApiKeysSecretArn")
    if secret:
        entry = {"name": "local", "sha256": hashlib.sha256(cloud.api_key.encode()).hexdigest()}
        value = json.dumps({"keys": [entry]})
        cloud.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=value)


def _session(region: str) -> "boto3.session.Session":
    import boto3

    return boto3.session.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=region  # noqa: S106 (no secret: any will do)
    )  # fmt: skip


def _client(service: str, *, endpoint: str, region: str, read_timeout_s: float = 70) -> Any:  # noqa: ANN401 (see Cloud.client)
    from botocore.config import Config

    config = Config(connect_timeout=5, read_timeout=read_timeout_s, retries={"total_max_attempts": 1})
    factory: Any = _session(region).client
    return factory(service, endpoint_url=endpoint, config=config)
