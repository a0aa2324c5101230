"""Engines that run beside the benchmark, each in a process of its own, asked photo by photo."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict
from uv import find_uv_bin

ROOT = Path(__file__).resolve().parents[3]
WEIGHTS = ROOT / "build" / "weights"
THREADS = 2
"""What Lambda gives at the memory that masking is configured with."""

_REMBG = ROOT / "build" / "rembg"
_REMBG_LOCK = Path(__file__).with_name("requirements.lock")


class EngineFailed(Exception):
    """An engine ended or said something that is no answer."""


class Question(BaseModel):
    """Which photo to mask, and where its matte goes (PNG, 8-bit grey)."""

    model_config = ConfigDict(frozen=True)

    photo: str
    matte: str


class Answer(BaseModel):
    """What an engine says of a matte.

    `seconds` and `cpu_seconds` are from pixels to alpha: on a busy machine only the second, which counts
    all threads, can be compared. `peak_rss_mb` is that of its process so far.
    """

    model_config = ConfigDict(frozen=True)

    engine: str
    confidence: float
    approved: bool
    reason: str
    notes: tuple[str, ...] = ()
    seconds: float
    cpu_seconds: float
    peak_rss_mb: float


class Worker:
    """A process that answers questions line by line, on two threads."""

    def __init__(self, command: Sequence[str], *, folder: Path, environment: dict[str, str]) -> None:
        """Start it; its mattes go to `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._process = subprocess.Popen(  # noqa: S603 - our own modules
            command,
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": str(THREADS), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the pipe, which ends it."""
        self._process.communicate()

    def matte(self, photo: Path) -> Path:
        """Return where the matte of a photo lies once it was asked for."""
        return self.folder / f"{photo.stem}.png"

    def mask(self, photo: Path) -> Answer:
        """Ask for a matte; `EngineFailed` if none comes, what went wrong is on stderr then."""
        question = Question(photo=str(photo.resolve()), matte=str(self.matte(photo)))
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(question.model_dump_json() + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise EngineFailed(f"the engine ended at {photo.name}")
        return Answer.model_validate_json(line)


def own_engine(name: str, *, folder: Path) -> Worker:
    """Start one of the product's engines."""
    return Worker([sys.executable, "-m", "tests.benchmarks.engines.own", name], folder=folder, environment={})


def rembg(*, folder: Path, weights: Path) -> Worker:
    """Start rembg with U²-Net, whose `u2net.onnx` lies in `weights`; it is installed at first, from its lock.

    It has an environment of its own because it would replace the product's OpenCV.
    """
    python = _rembg_python()
    script = Path(__file__).with_name("peer.py")
    return Worker([str(python), str(script)], folder=folder, environment={"U2NET_HOME": str(weights)})


def _rembg_python() -> Path:
    python, ready = _REMBG / "bin" / "python", _REMBG / ".ready"
    if not ready.is_file() or ready.stat().st_mtime < _REMBG_LOCK.stat().st_mtime:
        uv = [find_uv_bin()]
        _run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(_REMBG)])
        install = ["pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(_REMBG_LOCK)]
        _run([*uv, *install])
        ready.touch()
    return python


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 - our own words, no shell
