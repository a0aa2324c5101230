"""How long a function's imports take: the part of a cold start that is ours."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from infrastructure.functions import ALL, Blueprint
from layers.build import NAMES, Target, build

REPEATS = 5
CODE = "import time; began = time.perf_counter(); import handler; print((time.perf_counter() - began) * 1e3)"


def import_ms() -> dict[str, float]:
    """Return function → median milliseconds of importing its handler in a fresh process, layers alone."""
    layers = {name: build(name, target=Target.LOCAL).path for name in NAMES}
    with tempfile.TemporaryDirectory() as cache:
        return {
            each.name: _median_ms(each.folder, _python(each, layers), {"PYTHONPYCACHEPREFIX": cache})
            for each in ALL
        }


def import_ms_without_bytecode() -> dict[str, float]:
    """Return the same for layers that ship no byte code, as on Lambda, where none can be written either."""
    with tempfile.TemporaryDirectory(dir=build(NAMES[0], target=Target.LOCAL).path.parent) as folder:
        layers = {name: _bare(build(name, target=Target.LOCAL).path, Path(folder) / name) for name in NAMES}
        return {
            each.name: _median_ms(
                _bare(each.folder, Path(folder) / each.name),
                _python(each, layers),
                {"PYTHONDONTWRITEBYTECODE": "1"},
            )
            for each in ALL
        }


def _python(function: Blueprint, layers: dict[str, Path]) -> list[Path]:
    return [layers[name] / "python" for name in function.layers]


def _bare(source: Path, target: Path) -> Path:
    """Return a copy without byte code; links, because a layer has a hundred megabytes."""
    shutil.copytree(source, target, copy_function=os.link, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def _median_ms(function: Path, layers: Iterable[Path], environment: dict[str, str]) -> float:
    """Import once to warm the disk's cache, then measure."""
    times = [_import_ms(function, layers, environment) for _ in range(REPEATS + 1)]
    return statistics.median(times[1:])


def _import_ms(function: Path, layers: Iterable[Path], environment: dict[str, str]) -> float:
    """Import once; `-S` keeps the development environment's packages out, as on Lambda."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-S", "-c", CODE],
        env={
            "PYTHONPATH": os.pathsep.join(map(str, [function, *layers])),
            "PATH": os.environ.get("PATH", ""),
            "AWS_DEFAULT_REGION": "us-east-1",
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
