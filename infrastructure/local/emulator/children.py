"""Processes of the project's own interpreter: what trains, and what serves models."""

import concurrent.futures
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[3]


def _one_thread() -> concurrent.futures.Executor:
    # The kernel ties a child to the *thread* that forked it, and the server's are short-lived: one stays.
    return concurrent.futures.ThreadPoolExecutor(1, "child-spawner")


@dataclass(frozen=True, slots=True)
class Children:
    """`python` has what the model's container has; `scratch` and `logs` are folders to write in."""

    python: Path
    scratch: Path
    logs: Path
    _spawner: concurrent.futures.Executor = field(default_factory=_one_thread)

    def start(
        self,
        *words: str,
        folder: Path,
        environment: Mapping[str, str],
        output: "int | IO[bytes]",
        log: IO[bytes],
    ) -> "subprocess.Popen[bytes]":
        """Start the interpreter with these words; it knows this environment and no more of the machine."""
        return self._spawner.submit(self._start, words, folder, environment, output, log).result()

    def _start(
        self,
        words: tuple[str, ...],
        folder: Path,
        environment: Mapping[str, str],
        output: "int | IO[bytes]",
        log: IO[bytes],
    ) -> "subprocess.Popen[bytes]":
        leash = [sys.executable, "-P", "-m", "infrastructure.local.emulator.leash", str(os.getpid())]
        return subprocess.Popen(  # noqa: S603 - our own interpreters and modules
            [*leash, str(self.python), *words],
            cwd=folder,
            env={**self._surroundings(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=log,
        )

    def _surroundings(self) -> dict[str, str]:
        return {
            "HOME": str(self.scratch),
            "LANG": "C.UTF-8",
            # Threads that spin while they wait take three times the processor where others want it too.
            "OMP_WAIT_POLICY": "passive",
            "PATH": os.defpath,
            # The leash lies in the repository, where the server found it too.
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(self.scratch),
            "TZ": "UTC",
        }
