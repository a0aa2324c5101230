"""How long a function's imports take: the part of a cold start that is ours."""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from infrastructure.functions import STOREFRONT, WORKFLOW, Blueprint
from layers.build import Target, build

REPEATS = 5
CODE = "import time; began = time.perf_counter(); import handler; print((time.perf_counter() - began) * 1e3)"


def import_ms(*, compiled: bool) -> dict[str, float]:
    """Return function → median milliseconds of importing its handler in a fresh process, layers alone.

    Without `compiled` no byte code is found, as in a layer on Lambda that ships none.
    """
    return {each.name: _median_ms(each, compiled=compiled) for each in (*WORKFLOW, *STOREFRONT)}


def _median_ms(function: Blueprint, *, compiled: bool) -> float:
    layers = [build(name, target=Target.LOCAL).path / "python" for name in function.layers]
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        if compiled:
            _import_ms(function, layers, cache=cache)
        times = [
            _import_ms(function, layers, cache=cache if compiled else cache / str(number))
            for number in range(REPEATS)
        ]
    return statistics.median(times)


def _import_ms(function: Blueprint, layers: list[Path], *, cache: Path) -> float:
    """Import once; `-S` keeps the development environment's packages out, as on Lambda."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-S", "-c", CODE],
        env={
            "PYTHONPATH": os.pathsep.join(map(str, [function.folder, *layers])),
            "PYTHONPYCACHEPREFIX": str(cache),
            "PATH": os.environ.get("PATH", ""),
            "AWS_DEFAULT_REGION": "us-east-1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
