"""Serve an unpacked model archive as SageMaker does: `/ping` and `/invocations`, by several processes.

python -m packshot.testing.model_server FOLDER [--port 8080] [--workers 2]
"""

import argparse
import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packshot.errors import DamagedArtifact

HOST: Final = "127.0.0.1"
WORKERS: Final = 2
MOST_WORKERS: Final = 16
_WORKER: Final = Path(__file__).with_name("model_worker.py")
_READY_S: Final = 60.0
_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A server that answers; `workers` are the process ids behind it."""

    url: str
    workers: tuple[int, ...]

    @property
    def port(self) -> int:
        """Return the port, on 127.0.0.1."""
        return int(self.url.rpartition(":")[2])


@contextlib.contextmanager
def serve(archive: Path, port: int = 0, workers: int = WORKERS) -> Iterator[ModelServer]:
    """Serve an unpacked archive while the block runs; `port` 0 takes a free one.

    Each worker imports the archive's own `code/`, not this package, and ends with this process, however that
    ends. `DamagedArtifact` if the model does not load.
    """
    if not (archive / "code" / "inference.py").is_file():
        raise DamagedArtifact(f"{archive} is no unpacked model: it has no code/inference.py")
    with contextlib.ExitStack() as opened:
        listener = opened.enter_context(socket.create_server((HOST, port), backlog=512))
        log = opened.enter_context(tempfile.TemporaryFile())
        started = [_start(archive, listener.fileno(), log.fileno()) for _ in range(workers)]
        for process in started:
            opened.callback(_end, process)
        address = listener.getsockname()
        found = ModelServer(f"http://{HOST}:{address[1]}", tuple(process.pid for process in started))
        _await_ready(found, started, log.fileno())
        yield found


def _start(archive: Path, listener: int, log: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own interpreter and file
        # -P: the worker's own folder is no place to import from.
        [sys.executable, "-P", str(_WORKER), str(archive.resolve()), str(listener), str(os.getpid())],
        # Every worker is one core's; threads within a request cost more than they bring.
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=[listener],
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _await_ready(server: ModelServer, workers: list["subprocess.Popen[bytes]"], log: int) -> None:
    limit = time.monotonic() + _READY_S
    while time.monotonic() < limit:
        if any(process.poll() is not None for process in workers):
            raise DamagedArtifact(f"the model could not be loaded: {_last_line(log)}")
        if _answers(server.port):
            return
        time.sleep(_POLL_S)
    raise DamagedArtifact(f"the model was not loaded within {_READY_S:g} s")


def _answers(port: int) -> bool:
    try:
        with contextlib.closing(http.client.HTTPConnection(HOST, port, timeout=1)) as connection:
            connection.request("GET", "/ping")
            with connection.getresponse() as answered:
                return answered.status == http.client.OK
    except OSError:
        return False


def _last_line(log: int) -> str:
    lines = os.pread(log, 1_000_000, 0).decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def main() -> int:
    """Serve until this process is ended, or the one that started it has ended."""
    summary = (__doc__ or "").split("\n", maxsplit=1)[0]
    parser = argparse.ArgumentParser(prog="python -m packshot.testing.model_server", description=summary)
    parser.add_argument("archive", type=Path, help="a folder with an unpacked model.tar.gz")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--workers", type=int, choices=range(1, MOST_WORKERS + 1), default=WORKERS)
    chosen = parser.parse_args()
    try:
        _serve_until_left(chosen.archive, chosen.port, chosen.workers)
    except (DamagedArtifact, OSError) as error:
        raise SystemExit(str(error)) from error
    return 0


def _serve_until_left(archive: Path, port: int, workers: int) -> None:
    parent = os.getppid()
    with contextlib.suppress(KeyboardInterrupt), serve(archive, port, workers) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        while os.getppid() == parent:
            time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
