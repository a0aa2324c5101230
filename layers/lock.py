"""Resolve every lock anew: the whole's, then each layer's within it, then the local cloud's and the peer's.

Existing pins stay as long as they fit; `--upgrade` takes the newest of everything.

    python -m layers.lock --upgrade
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from layers.build import LAYERS, LOCKED, ROOT

WHOLE = ROOT / "requirements.lock"
PEER = ROOT / "tests" / "benchmarks" / "engines" / "requirements.lock"
CLOUD = ROOT / "infrastructure" / "local" / "requirements.lock"
# The oldest Python that Packshot runs on; --universal makes the lock hold for newer ones too.
PYTHON = "3.11"


def lock(*words: str, output: Path, upgrade: bool) -> None:
    """Compile one lock with the hashes of all its files, for every platform."""
    command = [find_uv_bin(), "pip", "compile", "--quiet", "--no-header", "--universal", "--generate-hashes"]
    command += ["--python-version", PYTHON, "--output-file", os.fspath(output), *words]
    command += ["--upgrade"] if upgrade else []
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own words, no shell


def lock_layer(name: str, *, upgrade: bool) -> None:
    """Lock a layer to the versions of the whole, without what a layer brings that is always there with it."""
    folder = LAYERS / name
    words = [os.fspath(folder / "requirements.in"), "--constraint", os.fspath(WHOLE), "--no-annotate"]
    for package in _brought_by_others(name):
        words += ["--no-emit-package", package]
    lock(*words, output=folder / "requirements.lock", upgrade=upgrade)


def _brought_by_others(name: str) -> list[str]:
    """Return what ships once: numpy with images or as arrays; beside `packshot`, all that it has."""
    if name in {"imaging", "arrays"}:
        return []
    if name not in {"trends", "generation", "purchases"}:
        return ["numpy"]
    return re.findall(r"^([\w.-]+)==", (LAYERS / "packshot" / "requirements.lock").read_text(), re.MULTILINE)


def main() -> int:
    """Resolve all locks, the whole one first."""
    parser = argparse.ArgumentParser(prog="python -m layers.lock", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that are allowed")
    upgrade: bool = parser.parse_args().upgrade
    lock("--group", "dev", "pyproject.toml", output=WHOLE, upgrade=upgrade)
    for name in LOCKED:
        lock_layer(name, upgrade=upgrade)
    lock("--group", "cloud", "--no-annotate", output=CLOUD, upgrade=upgrade)
    lock("--group", "rembg", "--no-annotate", output=PEER, upgrade=upgrade)
    return 0


if __name__ == "__main__":
    sys.exit(main())
