"""Render products in sets: `python -m tests.composites.render [name…] [--samples N] [--preview]`."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import drjit
import mitsuba as mi

if TYPE_CHECKING:
    from .cases import Case

HOME = Path(__file__).resolve().parents[1]
SEED = 7
SIDE = 800
PREVIEW = 320


def main() -> None:
    """Render the cases that were asked for beside this package or, as previews, into build/composites."""
    wanted = _arguments()
    if not drjit.has_backend(drjit.JitBackend.LLVM):
        raise SystemExit("the tracer needs an LLVM library: set DRJIT_LIBLLVM_PATH (tests/photos/README.md)")
    mi.set_variant("llvm_ad_rgb")
    for case in _cases(wanted.names):
        _render(case, wanted)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.composites.render", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="cases; all without one")
    parser.add_argument("--samples", type=int, default=64, help="paths per pixel")
    parser.add_argument("--preview", action="store_true", help=f"{PREVIEW} pixels, into build/composites")
    parser.add_argument("--raw", type=Path, help="keep the linear layers in this folder")
    return parser.parse_args()


def _cases(names: list[str]) -> list[Case]:
    from .cases import CASES

    known = {case.name: case for case in CASES}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"no case is named {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names or known]


def _render(case: Case, wanted: argparse.Namespace) -> None:
    from .developing import keep
    from .photographing import photograph
    from .split import Exposing

    started = time.monotonic()
    exposing = Exposing((SIDE, SIDE), wanted.samples, SEED)
    folder = HOME
    if wanted.preview:
        exposing = replace(exposing, size=(PREVIEW, PREVIEW), samples=32)
        folder = Path("build/composites")
    taken = photograph(case, exposing=exposing)
    folder.mkdir(parents=True, exist_ok=True)
    size = keep(taken, folder=folder, name=case.name, raw=wanted.raw)
    (folder / f"{case.name}.json").write_text(json.dumps(taken.description, indent=2) + "\n")
    print(f"{case.name}: {time.monotonic() - started:.0f} s, {size / 1000:.0f} kB", flush=True)  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
