"""SageMaker's endpoints: each model that serves has a server of its own, beside the cloud.

The server unpacks nothing and knows no AWS: it is AWS's own inference toolkit on the archive's `code/`.
A model that the template brought is loaded when it is first asked, as a serverless endpoint would be.
"""

import contextlib
import http.client
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infrastructure.local.emulator.buckets import Buckets, unpack
from infrastructure.local.emulator.children import Children
from infrastructure.local.emulator.training_jobs import last_line

READY_S = 60.0
ANSWER_S = 60.0
_HOST = "127.0.0.1"
_MODULE = "packshot.testing.model_server"


class Unhealthy(Exception):
    """A model does not load; the message says what it said last."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model's server said."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class ModelProcess:
    """A server of one model, unpacked into a folder of its own."""

    process: "subprocess.Popen[bytes]"
    port: int
    folder: Path

    @property
    def lives(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def ask(self, body: bytes, *, headers: Mapping[str, str]) -> Answer:
        """Return the answer to one invocation; `OSError` if nobody answers."""
        connection = http.client.HTTPConnection(_HOST, self.port, timeout=ANSWER_S)
        with contextlib.closing(connection):
            connection.request("POST", "/invocations", body=body, headers=dict(headers))
            found = connection.getresponse()
            return Answer(found.status, found.headers.get("content-type", ""), found.read())

    def end(self) -> None:
        """End the server, collect it, and remove what it served."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2)
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class ModelHouse:
    """Where models are unpacked and served."""

    children: Children
    buckets: Buckets

    def serve(self, archive: str, *, name: str) -> ModelProcess:
        """Serve an archive (`s3://…`) and return when it answers; `Unhealthy` if it does not load."""
        folder = self.children.scratch / "models" / f"{name}-{time.time_ns()}"
        packed = folder.with_suffix(".tar.gz")
        try:
            self.buckets.fetch(archive, to=packed)
            unpack(packed, to=folder)
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise Unhealthy(f"{archive} cannot be fetched: {error}") from error
        finally:
            packed.unlink(missing_ok=True)
        log = self.children.logs / f"model-{name}.log"
        with log.open("ab") as output:
            process = self.children.start(
                "-m", _MODULE, str(folder), "--port", "0", "--workers", "1",
                folder=folder, environment={"OMP_NUM_THREADS": "1"}, output=subprocess.PIPE, log=output,
            )  # fmt: skip
        try:
            return ModelProcess(process, self._port(process, log), folder)
        except Unhealthy:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _port(self, process: "subprocess.Popen[bytes]", log: Path) -> int:
        """Return the port, which the server tells once its model is loaded."""
        killer = threading.Timer(READY_S, process.kill)
        killer.start()
        stream: Any = process.stdout
        line = stream.readline().decode().strip()
        killer.cancel()
        port = line.rpartition(":")[2]
        if not port.isdigit():
            process.kill()
            process.wait()
            raise Unhealthy(f"The primary container did not pass the ping health check: {last_line(log)}")
        return int(port)


@dataclass(slots=True)
class Endpoint:
    """An endpoint: the configuration that it serves by, and its server, if that has started.

    `lock` is held while a server loads, so nothing of the cloud's own loop may wait for it; `moving` is not.
    """

    name: str
    arn: str
    configuration: str
    status: str = "InService"
    reason: str = ""
    server: ModelProcess | None = None
    created: float = field(default_factory=time.time)
    changed: float = field(default_factory=time.time)
    lock: threading.Lock = field(default_factory=threading.Lock)
    moving: threading.Lock = field(default_factory=threading.Lock)

    def described(self) -> dict[str, Any]:
        """Return what DescribeEndpoint says."""
        found = {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.configuration,
            "EndpointStatus": self.status,
            "CreationTime": self.created,
            "LastModifiedTime": self.changed,
        }
        return found | ({"FailureReason": self.reason} if self.reason else {})

    def take(self, server: ModelProcess, *, configuration: str) -> None:
        """Serve by another model from now on."""
        with self.lock:
            before, self.server = self.server, server
            self.configuration, self.status, self.reason = configuration, "InService", ""
            self.changed = time.time()
        if before:
            before.end()

    def keep(self, reason: str) -> None:
        """Go on as before: the other model does not load."""
        self.status, self.reason, self.changed = "InService", reason, time.time()
