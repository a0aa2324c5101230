"""The server's process: how it starts, how one knows that it lives, and that nothing of it stays."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from infrastructure.local import environment
from infrastructure.local.errors import CloudError, CloudRuns

ACCOUNT = "000000000000"
REGION = "us-east-1"
HOST = "127.0.0.1"

_ROOT = Path(__file__).resolve().parents[2]
_READY_LIMIT_S = 20
_GRACE_S = 2
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Server:
    """A server of this process; `lifeline` keeps it alive while open (-1: it needs none)."""

    process: "subprocess.Popen[bytes]"
    endpoint: str
    lifeline: int


def launch(state: Path, *, python: Path, runtime: Path, detached: bool) -> Server:
    """Start the server and return when it answers; `CloudRuns` if one lives in this folder.

    The socket is opened here, so the port is free by construction and is known before the server runs.
    """
    with contextlib.ExitStack() as opened:
        lock = opened.enter_context(_lock(state))
        _clear(state / "logs", state / "scratch")
        listener = opened.enter_context(socket.create_server((HOST, 0), backlog=1024))
        endpoint = f"http://{HOST}:{listener.getsockname()[1]}"
        read_end, write_end = (None, -1) if detached else os.pipe()
        orders = {
            "socket": listener.fileno(), "lifeline": read_end, "endpoint": endpoint, "region": REGION,
            "account": ACCOUNT, "runtime": str(runtime), "trainer": sys.executable,
            "logs": str(state / "logs"),
            "scratch": str(state / "scratch"),
        }  # fmt: skip
        log = opened.enter_context((state / "logs" / "server.log").open("wb"))
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [str(python), "-m", "infrastructure.local.emulator", json.dumps(orders)],
            cwd=state,
            env=_environment(state, endpoint),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # The server keeps the lock for as long as it lives, and no longer.
            pass_fds=[fd for fd in (listener.fileno(), lock.fileno(), read_end) if fd is not None],
            start_new_session=True,
        )
        if read_end is not None:
            os.close(read_end)
    server = Server(process=process, endpoint=endpoint, lifeline=write_end)
    try:
        _await_ready(server, log=state / "logs" / "server.log")
    except BaseException:
        end_own(server, state=state)
        raise
    return server


def _clear(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def _lock(state: Path) -> IO[str]:
    lock = (state / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise CloudRuns(f"A local cloud runs in {state} already: `packshot down` ends it") from error
    return lock


def lives(state: Path) -> bool:
    """Say whether a server holds the folder's lock; a process id alone could be somebody else's by now."""
    try:
        with (state / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _environment(state: Path, endpoint: str) -> dict[str, str]:
    """Return all that the server may know of this machine: no credentials, no proxies, no Docker."""
    scratch = str(state / "scratch")
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_SECRET_ACCESS_KEY": "test",
        # It removes containers that look like its own; there is nothing for it in this machine's Docker.
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        "GATEWAY_PORT": endpoint.rpartition(":")[2],
        "HOME": scratch,
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_WARM_TTL_SECONDS": "120",
        "LANG": "C.UTF-8",
        "LOG_LEVEL": "INFO",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "PATH": os.defpath,
        "PYTHONPATH": str(_ROOT),
        "PYTHONPYCACHEPREFIX": str(environment.HOME / "pycache"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "SFTP_ENABLED": "0",
        "TMPDIR": scratch,
        "TZ": "UTC",
    }


def _await_ready(server: Server, *, log: Path) -> None:
    deadline = time.monotonic() + _READY_LIMIT_S
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise CloudError(f"The local cloud ended at once:\n{_tail(log)}")
        # The socket queues the question until the server accepts it.
        if _answers(server.endpoint):
            return
    raise CloudError(f"The local cloud did not answer within {_READY_LIMIT_S} s:\n{_tail(log)}")


def _answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=1):  # noqa: S310 (our own address)
            return True
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _tail(log: Path, *, lines: int = 15) -> str:
    return "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-lines:])


def end_own(server: Server, *, state: Path) -> None:
    """End a server that this process started, and collect it."""
    end(server.process.pid, state=state)
    if server.lifeline >= 0:
        os.close(server.lifeline)
    server.process.wait(_GRACE_S)


def end(pid: int, *, state: Path) -> None:
    """End a server's whole process group: ask first, then kill. Nothing happens if it is gone."""
    if not lives(state):
        return
    _signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_S
    while lives(state) and time.monotonic() < deadline:
        time.sleep(_POLL_S / 5)
    # The group is there for as long as any of its functions is.
    _signal_group(pid, signal.SIGKILL)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
