"""Bake sets: `python -m layers.sets.render [name…] [--lights light…] [--preview] [--samples N] [--sheet]`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import drjit
import mitsuba as mi

if TYPE_CHECKING:
    from .design import Design

SEED = 11


def main() -> None:
    """Bake the sets that were asked for into build/sets, or show what was baked."""
    wanted = _arguments()
    if not drjit.has_backend(drjit.JitBackend.LLVM):
        raise SystemExit(
            "the tracer needs an LLVM library: set DRJIT_LIBLLVM_PATH (layers/sets/render/README.md)"
        )
    mi.set_variant("llvm_ad_rgb")
    for design in _designs(wanted.names):
        _bake(design, wanted)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m layers.sets.render", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="sets; all without one")
    parser.add_argument("--lights", nargs="+", default=[], metavar="light", help="lights; all without one")
    parser.add_argument("--preview", action="store_true", help="400 pixels instead of 1600")
    parser.add_argument("--samples", type=int, help="paths per pixel")
    parser.add_argument("--to", type=Path, default=Path("build/sets"), help="folder for the raw bakes")
    parser.add_argument("--sheet", action="store_true", help="also write <name>.png: lights × two palettes")
    return parser.parse_args()


def _designs(names: list[str]) -> list[Design]:
    from .designs import DESIGNS

    known = {design.name: design for design in DESIGNS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"no set is named {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names or known]


def _bake(design: Design, wanted: argparse.Namespace) -> None:
    from .baking import Quality, bake_light, bake_surfaces
    from .sheet import write_sheet

    started = time.monotonic()
    folder = wanted.to / design.name
    quality = (
        Quality(400, wanted.samples or 16, 32, SEED)
        if wanted.preview
        else Quality(1600, wanted.samples or design.samples, 64, SEED)
    )
    bake_surfaces(design, quality=quality, folder=folder)
    for key in design.keys:
        if not wanted.lights or key.name in wanted.lights:
            bake_light(design, key, quality=quality, folder=folder)
    if wanted.sheet:
        write_sheet(folder)
    print(f"{design.name}: {time.monotonic() - started:.0f} s", flush=True)  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
