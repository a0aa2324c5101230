"""Build the Lambda layers from their hash-pinned locks, without Docker.

A layer is keyed by the hash of all that goes into it, so an unchanged one is found rather than built, and
a change of our own source copies a few files but installs nothing. What no function ever reads is
left out: Lambda takes at most 250 MiB for a function with its layers, unzipped.

    python -m layers.build --target aws
"""

import argparse
import fnmatch
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from uv import find_uv_bin

from layers import weights

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ROOT / "layers"
BUILD = ROOT / "build" / "layers"
SOURCES = {"packshot": LAYERS / "packshot" / "src", "sets": LAYERS / "sets" / "src"}
"""Where the packages of our own lie that a layer carries."""
LOCKED = ("packshot", "imaging", "inference", "generation", "trends", "purchases", "arrays", "predictor")
"""The layers with dependencies."""
NAMES = (*LOCKED, "sets")
LIMIT_MIB = 250
MIB = 2**20
WEEK_S = 7 * 24 * 3600

# Never read by a function. libonnxruntime.so is a second copy of what its Python binding links statically.
LEFT_OUT = (
    "bin/*",
    "*.pyi",
    "*/tests/*",
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
    "*.dist-info/direct_url.json",
    "*.dist-info/uv_*.json",
    ".lock",
    "cv2/data/*.xml",
    "onnxruntime/capi/libonnxruntime.so*",
    "onnxruntime/quantization/*",
    "onnxruntime/tools/*",
    "onnxruntime/transformers/*",
    # Trees are asked with arrays: of scipy they touch sparse matrices, and import what those need.
    *(
        f"scipy/{part}/*"
        for part in (
            "cluster",
            "constants",
            "datasets",
            "differentiate",
            "fft",
            "fftpack",
            "integrate",
            "interpolate",
            "io",
            "linalg",
            "misc",
            "ndimage",
            "odr",
            "optimize",
            "signal",
            "spatial",
            "stats",
        )
    ),
    # Files are read and written in memory: no other file systems, formats, servers or query plans.
    "pyarrow/include/*",
    "pyarrow/src/*",
    "pyarrow/*.pxi",
    "pyarrow/*.pyx",
    "pyarrow/*.pxd",
    "pyarrow/includes/*",
    "pyarrow/libarrow_flight.so*",
    "pyarrow/libarrow_python_flight.so*",
    "pyarrow/_flight.*",
    "pyarrow/_substrait.*",
    "pyarrow/_orc.*",
    "pyarrow/_hdfs.*",
    "pyarrow/libarrow_s3.so*",
    "pyarrow/_s3fs.*",
    "pyarrow/libarrow_python.so",
    "pyarrow/libarrow_python.so.*.*",
    "pyarrow/_gcsfs.*",
    "pyarrow/_azurefs.*",
)


class Target(StrEnum):
    """Where the layers run: on Lambda (Python 3.13, arm64), or on this machine and interpreter."""

    AWS = "aws"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Layer:
    """A built layer: `path` holds the folder `python/`, `digest` names its content, `size` is in bytes."""

    name: str
    path: Path
    digest: str
    size: int


class TooLarge(Exception):
    """A function with its layers would pass Lambda's limit."""


def build(name: str, *, target: Target, tell: Callable[[str], None] | None = None) -> Layer:
    """Return the layer, made now if this content was never built."""
    tell = tell or _to_stderr
    dependencies = _installed(name, target=target, tell=tell) if name in LOCKED else None
    digest = _digest((dependencies.name if dependencies else name, *_own_fingerprints(name)))
    path = BUILD / target / f"{name}-{digest}"
    if not path.is_dir():
        with _whole_or_not_at_all(path) as folder:
            if dependencies:
                # Hard links: the hundred megabytes of dependencies lie on the disk once.
                shutil.copytree(dependencies, folder / "python", copy_function=os.link)
            _add_own_files(name, python=folder / "python", tell=tell)
        _forget_unused(path.parent)
    os.utime(path)
    return Layer(name=name, path=path, digest=digest, size=folder_size(path))


def build_all(target: Target, *, tell: Callable[[str], None] | None = None) -> tuple[Layer, ...]:
    """Return every layer."""
    return tuple(build(name, target=target, tell=tell) for name in NAMES)


def folder_size(folder: Path) -> int:
    """Return the bytes of all files under a folder, as Lambda counts them; byte code is not shipped."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sum(path.stat().st_size for path in files)


def check_size(what: str, *, size: int) -> None:
    """Raise `TooLarge` if a function with its layers (bytes, unzipped) passes Lambda's limit."""
    if size > LIMIT_MIB * MIB:
        raise TooLarge(f"{what}: {size / MIB:.1f} MiB unzipped, Lambda takes {LIMIT_MIB} MiB")


def _forget_unused(folder: Path) -> None:
    """Remove layers that nobody asked for in a week; each change of our source makes a new one."""
    for layer in folder.iterdir():
        if layer.is_dir() and layer.stat().st_mtime < time.time() - WEEK_S and layer.name != "dependencies":
            shutil.rmtree(layer)


@contextmanager
def _whole_or_not_at_all(path: Path) -> Iterator[Path]:
    """Give a folder to fill, which takes its final name only when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".making-") as making:
        folder = Path(making) / "whole"
        folder.mkdir()
        yield folder
        try:
            folder.rename(path)
        except OSError:
            # Another build of the same content came first; its folder is as good as ours.
            if not path.is_dir():
                raise


def _installed(name: str, *, target: Target, tell: Callable[[str], None]) -> Path:
    """Return the layer's dependencies as files, stripped of what no function reads."""
    lock = LAYERS / name / "requirements.lock"
    options = _platform_options(target)
    digest = _digest((lock.read_text(), *options, *LEFT_OUT))
    path = BUILD / target / "dependencies" / f"{name}-{digest}"
    if path.is_dir():
        return path
    tell(f"installing the dependencies of layer {name} for {target}")
    with _whole_or_not_at_all(path) as folder:
        command = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        command += ["--only-binary", ":all:", "--link-mode", "copy", *options]
        command += ["--target", os.fspath(folder), "--requirement", os.fspath(lock)]
        subprocess.run(command, check=True)  # noqa: S603 - our own words, no shell
        _strip(folder)
    return path


def _platform_options(target: Target) -> tuple[str, ...]:
    """Return uv's words for the target's interpreter and platform; part of the layer's key."""
    if target is Target.AWS:
        # Lambda's Python 3.13 runs on Amazon Linux 2023, glibc 2.34.
        return ("--python-version", "3.13", "--python-platform", "aarch64-manylinux_2_28")
    # Byte code is made once here; else each start after a change of our source would compile boto3 anew.
    return ("--python", sys.executable, "--python-version", platform.python_version(), "--compile-bytecode")


def _strip(folder: Path) -> None:
    for path in [each for each in folder.rglob("*") if not each.is_dir()]:
        relative = PurePosixPath(path.relative_to(folder)).as_posix()
        if any(fnmatch.fnmatchcase(relative, pattern) for pattern in LEFT_OUT):
            path.unlink()
    for directory in sorted((each for each in folder.rglob("*") if each.is_dir()), reverse=True):
        if not any(directory.iterdir()):
            directory.rmdir()


def _own_files(name: str) -> Iterator[Path]:
    """Yield the files of our own that the layer carries beside its dependencies."""
    if name in SOURCES:
        files = SOURCES[name].rglob("*")
        yield from sorted(each for each in files if each.is_file() and each.suffix not in {".pyc", ".md"})


def _own_fingerprints(name: str) -> Iterator[str]:
    for path in _own_files(name):
        yield path.relative_to(SOURCES[name]).as_posix()
        yield hashlib.sha256(path.read_bytes()).hexdigest()
    if name == "inference":
        yield from (weights.PUBLISHED[each].sha256 for each in weights.SHIPPED)


def _add_own_files(name: str, *, python: Path, tell: Callable[[str], None]) -> None:
    for path in _own_files(name):
        copy = python / path.relative_to(SOURCES[name])
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    if name == "inference":
        _add_weights(python / "packshot_weights", tell=tell)


def _add_weights(package: Path, *, tell: Callable[[str], None]) -> None:
    package.mkdir()
    (package / "__init__.py").write_text('"""Weights of the networks, one file each."""\n')
    for name in weights.SHIPPED:
        shutil.copyfile(weights.fetch(name, tell=tell), package / weights.PUBLISHED[name].file)


def _digest(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    """Build all layers and print how much of Lambda's limit they take together."""
    parser = argparse.ArgumentParser(
        prog="python -m layers.build", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--target", type=Target, choices=list(Target), default=Target.AWS)
    target = parser.parse_args().target
    layers = build_all(target)
    for layer in layers:
        sys.stdout.write(f"{layer.name:<12}{layer.size / MIB:>8.1f} MiB  {layer.path.relative_to(ROOT)}\n")
    total = sum(layer.size for layer in layers)
    sys.stdout.write(
        f"{'together':<12}{total / MIB:>8.1f} MiB; a function with its own may have {LIMIT_MIB}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
