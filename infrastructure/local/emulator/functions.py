"""Correction: Python functions run on AWS's own runtime client, each in a process like Lambda's.

Bare MiniStack runs handlers in a loop of its own and names every error `Runtime.HandlerError`, so no Retry
or Catch by name ever matches. Its worker for custom runtimes speaks the real Runtime API, so that one
serves Python here: real error names, stack traces, time-outs. On top of it come the layers by folder, a
scrubbed environment, the memory limit, a log file per function, and places instead of throttling.
"""

import concurrent.futures
import contextlib
import os
import queue
import socketserver
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from infrastructure.local.emulator import bootstrap, memory
from infrastructure.local.emulator.assets import folder_of
from infrastructure.local.emulator.capacity import Capacity
from infrastructure.local.emulator.guard import original, replace

_MEMORY_POLL_S = 0.1
_API_POLL_S = 0.02
_LOG_WAIT_S = 0.002


@dataclass(frozen=True, slots=True)
class Machine:
    """What all functions share: the way to the cloud, the runtime client, folders to write in."""

    endpoint: str
    region: str
    runtime: Path
    logs: Path
    scratch: Path


class RuntimeServer(socketserver.ThreadingTCPServer):
    """The Runtime API of one process."""

    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, _request: object, _client: object) -> None:
        """Say nothing of a process that ended while it was being talked to; the invocation reports it."""


class ExecutionEnvironment(original(lambda_runtime, "ProvidedWorker")):  # type: ignore[misc] # MiniStack has no types
    """One process of one function. `machine` and `spawner` are set once, before the first is made."""

    machine: Machine
    spawner: concurrent.futures.Executor
    out_of_memory = False
    init_ms = 0.0

    def invoke(self, event: object, request_id: str, **rest: object) -> dict[str, Any]:
        """Run one invocation and write what Lambda would write about it."""
        self.out_of_memory = False
        started = time.perf_counter()
        self._log(f"START RequestId: {request_id} Version: $LATEST")
        result = self._invoke(event, request_id, **rest)
        if result.get("error_payload", {}).get("errorType") == "Runtime.ExitError":
            result["error_payload"] = self._exit_error(request_id)
        self._report(request_id, (time.perf_counter() - started) * 1e3, result)
        return result

    def _invoke(self, event: object, request_id: str, **rest: object) -> dict[str, Any]:
        """Answer a failed start like a failed call: MiniStack would end the other processes as well."""
        try:
            result: dict[str, Any] = super().invoke(event, request_id, **rest)
        except lambda_runtime.ProvidedRuntimeError as error:
            payload = {"errorType": error.error_type, "errorMessage": str(error)}
            return {"status": "error", "error": str(error), "error_payload": payload, "cold_start": True}
        return result

    def _exit_error(self, request_id: str) -> dict[str, str]:
        """Say why the process ended, in Lambda's words."""
        kind = "Runtime.OutOfMemory" if self.out_of_memory else "Runtime.ExitError"
        how = "signal: killed" if self.out_of_memory else "exit status 1"
        message = f"RequestId: {request_id} Error: Runtime exited with error: {how}"
        return {"errorType": kind, "errorMessage": message}

    def _report(self, request_id: str, duration_ms: float, result: dict[str, Any]) -> None:
        init = f"\tInit Duration: {self.init_ms:.2f} ms" if result.get("cold_start") else ""
        status = (
            f"\tError Type: {result['error_payload'].get('errorType')}" if "error_payload" in result else ""
        )
        if result.get("cold_start"):
            duration_ms = max(0, duration_ms - self.init_ms)
        self._log(
            f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms"
            f"\tMemory Size: {self._limit_mib} MB\tMax Memory Used: {self._peak_mib:.0f} MB{init}{status}"
        )
        self._last_peak = 0.0

    @property
    def _limit_mib(self) -> int:
        return int(self.config.get("MemorySize", 128))

    @property
    def _peak_mib(self) -> float:
        return memory.peak_mib(self._proc.pid) if self._proc else self._last_peak

    _last_peak = 0.0

    def _log(self, line: str) -> None:
        with (self.machine.logs / f"{self.func_name}.log").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    # --- the process: what MiniStack's worker calls ---------------------------------------------------

    def _spawn(self, init_timeout: float | None = None) -> None:
        """Start the process and wait until it asks for its first event."""
        self._teardown()
        started = time.perf_counter()
        pending, lines = self._next_generation()
        try:
            self._server = RuntimeServer(
                ("127.0.0.1", 0), self._build_handler_class(self._generation, pending)
            )
            self._server_thread = _background(self._server.serve_forever, _API_POLL_S)
            self._proc = self.spawner.submit(self._start_process, self._server.server_address[1]).result()
            self._log_thread = self._stderr_thread = _background(self._pump_output, self._proc.stdout, lines)
            _background(self._guard_memory, self._proc)
            self._await_init(init_timeout)
        except BaseException:
            self._teardown()
            raise
        self._start_time = time.time()
        self.init_ms = (time.perf_counter() - started) * 1e3

    def _next_generation(self) -> tuple[queue.Queue[Any], queue.Queue[str]]:
        """Forget the process before: nothing that it still sends may reach the invocation after."""
        pending: queue.Queue[Any] = queue.Queue(maxsize=1)
        lines: queue.Queue[str] = queue.Queue(maxsize=10_000)
        with self._state_lock:
            self._generation += 1
            self._stopping = False
            self._first_poll.clear()
            self._init_settled.clear()
            self._init_error = None
            self._result: dict[str, Any] = {}
            self._response_ready.clear()
            self._current_request_id = None
            self._pending = pending
            self._stderr_queue = lines
        return pending, lines

    def _start_process(self, port: int) -> "subprocess.Popen[bytes]":
        code, layers = self._folders()
        return subprocess.Popen(  # noqa: S603 (our own interpreter and bootstrap)
            [sys.executable, "-S", "-P", bootstrap.__file__, str(os.getpid())],
            cwd=code,
            env=self._environment(port, code, layers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _folders(self) -> tuple[Path, list[Path]]:
        """Return the folder of the function and those of its layers, in the template's order."""
        unpacked = self.machine.scratch / "assets"
        layers = [lambda_svc._resolve_layer_zip(layer) for layer in self.config.get("Layers") or []]  # noqa: SLF001 (no public way)
        return (
            folder_of(self.code_zip, unpacked=unpacked),
            [folder_of(layer, unpacked=unpacked) for layer in layers if layer],
        )

    def _environment(self, port: int, code: Path, layers: list[Path]) -> dict[str, str]:
        """Return what Lambda sets, the template's variables, and the way back to this cloud; nothing else."""
        name = self.config["FunctionName"]
        path = [code, *(layer / "python" for layer in layers), self.machine.runtime]
        return {
            **lambda_svc._runtime_env_vars(self.config),  # noqa: SLF001 (no public way)
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_DEFAULT_REGION": self.machine.region,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.machine.endpoint,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.config['Runtime']}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._limit_mib),
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"$LATEST/{port}",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
            "AWS_REGION": self.machine.region,
            "AWS_SECRET_ACCESS_KEY": "test",
            "HOME": str(self.machine.scratch),
            "LAMBDA_RUNTIME_DIR": str(self.machine.runtime),
            "LAMBDA_TASK_ROOT": str(code),
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            # Layers stay as they were built; compiled files are kept beside the local cloud.
            "PYTHONPYCACHEPREFIX": str(self.machine.runtime.parent / "pycache"),
            "TMPDIR": str(self.machine.scratch),
            "TZ": ":UTC",
            "_HANDLER": self.config["Handler"],
        }

    def _build_handler_class(self, generation: int, pending: queue.Queue[Any]) -> type:
        handler: Any = super()._build_handler_class(generation, pending)
        # With Nagle's algorithm each event waits 40 ms for the acknowledgement of its own headers.
        handler.disable_nagle_algorithm = True
        return handler  # type: ignore[no-any-return] # MiniStack has no types

    def _pump_output(self, stream: BinaryIO, lines: "queue.Queue[str]") -> None:
        """Copy what the function prints into its log file, and on to MiniStack."""
        with (self.machine.logs / f"{self.func_name}.log").open("ab", buffering=0) as log:
            super()._pump_output(_Copied(stream, log), lines)

    def _drain_stderr_bounded(self, first_line_wait: float = _LOG_WAIT_S, **limits: float) -> str:
        """Hand the printed lines on; MiniStack waits 50 ms for a function that prints nothing."""
        drained: str = super()._drain_stderr_bounded(first_line_wait=first_line_wait, **limits)
        return drained

    def _await_init(self, init_timeout: float | None = None) -> None:
        """Wait for the first question; a module that does not import fails under Lambda's own name for it."""
        try:
            super()._await_init(init_timeout)
        except lambda_runtime.ProvidedInitTimeout:
            raise
        except RuntimeError as error:
            cause: dict[str, str] = self._init_error if isinstance(self._init_error, dict) else {}
            kind = (
                "Runtime.OutOfMemory" if self.out_of_memory else cause.get("errorType", "Runtime.ExitError")
            )
            raise lambda_runtime.ProvidedRuntimeError(cause.get("errorMessage", str(error)), kind) from error

    def _guard_memory(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill the process when it holds more than the function's memory, as Lambda does."""
        limit = self._limit_mib
        while process.poll() is None:
            self._last_peak = memory.peak_mib(process.pid)
            if memory.private_mib(process.pid) > limit:
                self.out_of_memory = True
                process.kill()
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_MEMORY_POLL_S)


class _Copied:
    """A stream of lines that leaves a copy of each."""

    def __init__(self, stream: BinaryIO, copy: BinaryIO) -> None:
        self._stream = stream
        self._copy = copy

    def readline(self) -> bytes:
        line = self._stream.readline()
        self._copy.write(line)
        return line

    def close(self) -> None:
        self._stream.close()


def _background(target: Any, *arguments: object) -> threading.Thread:  # noqa: ANN401 (MiniStack has no types)
    thread = threading.Thread(target=target, args=arguments, daemon=True)
    thread.start()
    return thread


def correct(machine: Machine, *, capacity: Capacity) -> None:
    """Let every Python function run in an `ExecutionEnvironment`, when there is a place for it."""
    ExecutionEnvironment.machine = machine
    # PR_SET_PDEATHSIG follows the *thread* that forked, and MiniStack's are short-lived: one stays for all.
    ExecutionEnvironment.spawner = concurrent.futures.ThreadPoolExecutor(1, "function-spawner")
    worker_class = original(lambda_runtime, "_worker_class_for")
    run = original(lambda_svc, "_execute_function_provided_warm")

    def worker_class_for(config: dict[str, Any]) -> type:
        if str(config.get("Runtime", "")).startswith("python"):
            return ExecutionEnvironment
        return worker_class(config)  # type: ignore[no-any-return] # MiniStack has no types

    def execute(function: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
        config = function.get("config") or function
        if not function.get("code_zip"):
            # MiniStack would answer with a made-up success.
            message = f"{config.get('FunctionName')} has no code"
            return {
                "body": {"errorType": "Runtime.InvalidEntrypoint", "errorMessage": message},
                "error": True,
            }
        with capacity.place(config["FunctionName"], memory_mib=int(config.get("MemorySize", 128))):
            return run(function, event, request_id)  # type: ignore[no-any-return] # MiniStack has no types

    replace(lambda_runtime, "_worker_class_for", worker_class_for)
    replace(lambda_svc, "_execute_function_warm", execute)
