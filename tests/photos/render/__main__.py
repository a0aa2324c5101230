"""Render sample photos: `python -m tests.photos.render [name…] [--samples N] [--preview]`.

`python -m tests.photos.render set [name…]` renders the set for measuring mattes instead, and
`python -m tests.photos.render lights [name…]` products under one light at a time.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import drjit
import mitsuba as mi

if TYPE_CHECKING:
    from .photograph import Photograph
    from .shots import Shot

NAMES = ("mug", "bottle", "handbag", "chair", "boot")
HOME = Path(__file__).resolve().parents[1]
SEED = 20


def main() -> None:
    """Render the photos that were asked for, beside this package or, as previews, into build/photos."""
    wanted = _arguments()
    _start_tracer()
    if wanted.names[:1] == ["lights"]:
        _render_lights(wanted.names[1:])
        return
    is_set = wanted.names[:1] == ["set"]
    names = wanted.names[1:] or [*_shots()] if is_set else wanted.names or NAMES
    home = HOME / "set" if is_set else HOME
    for name in names:
        started = time.monotonic()
        photo = _shot(name) if is_set else _photograph(name)
        if wanted.preview:
            photo = replace(photo, size=_preview_size(photo.size), samples=24, matte_samples=16)
        folder = Path("build/photos") / home.relative_to(HOME) if wanted.preview else home
        photo = replace(photo, samples=wanted.samples or photo.samples)
        _render(photo, name=name, folder=folder, limit=100_000 if is_set else 300_000)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)  # noqa: T201 - a command's answer


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.photos.render", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=f"of {', '.join(NAMES)}; or set or lights, and names of theirs; all without one",
    )
    parser.add_argument("--samples", type=int, help="paths per pixel")
    parser.add_argument("--preview", action="store_true", help="a quarter of the size, into build/photos")
    return parser.parse_args()


def _start_tracer() -> None:
    if not drjit.has_backend(drjit.JitBackend.LLVM):
        raise SystemExit("the tracer needs an LLVM library: set DRJIT_LIBLLVM_PATH (tests/photos/README.md)")
    mi.set_variant("llvm_ad_rgb")


def _render_lights(names: list[str]) -> None:
    from .lights import WARES, render

    for ware in WARES:
        if not names or ware.name in names:
            started = time.monotonic()
            render(ware, folder=HOME / "lights")
            print(f"{ware.name}: {time.monotonic() - started:.0f} s", flush=True)  # noqa: T201


def _photograph(name: str) -> Photograph:
    if name not in NAMES:
        raise SystemExit(f"no photo is named {name!r}; there are {', '.join(NAMES)}")
    module = importlib.import_module(f"{__package__}.products.{name}")
    photograph: Photograph = module.photograph()
    return photograph


def _shots() -> dict[str, Shot]:
    from .shots import SHOTS

    return {shot.name: shot for shot in SHOTS}


def _shot(name: str) -> Photograph:
    shots = _shots()
    if name not in shots:
        raise SystemExit(f"no photo of the set is named {name!r}; there are {', '.join(shots)}")
    return shots[name].photograph(seed=SEED + [*shots].index(name))


def _preview_size(size: tuple[int, int]) -> tuple[int, int]:
    return size[0] // 4, size[1] // 4


def _render(photo: Photograph, *, name: str, folder: Path, limit: int) -> None:
    from layers.sets.render.tracing import cover, trace

    from .film import develop, jpeg, matte_png, metered

    folder.mkdir(parents=True, exist_ok=True)
    light = trace(
        photo.stage, camera=photo.camera, size=photo.size, samples=photo.samples, seed=SEED, depth=photo.depth
    )
    coverage = cover(
        photo.stage, camera=photo.camera, size=photo.size, samples=photo.matte_samples, seed=SEED
    )
    development = photo.development
    if photo.white is not None:
        development = replace(development, exposure=metered(light, white=photo.white))
    (folder / f"{name}.jpg").write_bytes(jpeg(develop(light, development=development), limit=limit))
    (folder / f"{name}.png").write_bytes(matte_png(coverage))
    if photo.listing is not None:
        (folder / f"{name}.json").write_text(json.dumps(asdict(photo.listing), indent=2) + "\n")


if __name__ == "__main__":
    main()
