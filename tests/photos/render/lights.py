"""Products under one light at a time: light is additive, so any light made of these is a weighted sum.

What is kept is linear radiance under lamps of equal white, from which `tests/benchmarks/corrections.py`
makes photos by many photographers.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from layers.sets.render.stage import Stage, softbox, surroundings
from layers.sets.render.tracing import cover, trace

from . import backdrops as at
from . import shots
from .film import LENS_BLUR, blurred, matte_png

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from layers.sets.render.mesh import Floats
    from layers.sets.render.stage import Node, Point

    from .ware import Ware

BRIGHTEST = 4.0
"""The radiance that is kept as 255; what is brighter is cut off there."""
CURVE = 3.0
"""8 bits hold radiance to the power of 1 / CURVE, so that black cloth keeps its folds."""
_SAMPLES = 16
_MATTE_SAMPLES = 32
_SEED = 70
_QUALITY = 93


@dataclass(frozen=True, slots=True)
class Lit:
    """A product before a backdrop, as each light alone shows it."""

    name: str
    ware: Callable[[], Ware]
    backdrop: Callable[[Stage], None]
    view: shots.View
    turn: float = 0.0


def _box(centre: Point, *, size: float, strength: float) -> Node:
    return softbox(centre=centre, towards=(0, 0, 0.07), width=size, height=size, colour=(strength,) * 3)


LIGHTS: dict[str, Callable[[], Node]] = {
    "left": lambda: _box((-1.1, -0.6, 0.8), size=0.8, strength=9.0),
    "right": lambda: _box((1.1, -0.5, 0.9), size=0.5, strength=22.0),
    "top": lambda: _box((0.1, 0.15, 1.5), size=0.9, strength=9.0),
    "front": lambda: _box((0.12, -1.5, 0.7), size=0.25, strength=100.0),
    "around": lambda: surroundings(np.full((16, 32, 3), 0.8, np.float32)),
}

_white = partial(at.seamless, colour=(0.95, 0.95, 0.95))
_grey = partial(at.seamless, colour=(0.70, 0.70, 0.70))
_rose = partial(at.seamless, colour=(0.84, 0.62, 0.56))
_size = (360, 300)

WARES: tuple[Lit, ...] = (
    Lit("vase", shots._delft_vase, _white, shots.View(11, fill=0.80, size=_size)),  # noqa: SLF001 - the set's wares
    Lit("jug", shots._green_jug, _grey, shots.View(14, fill=0.78, size=_size), turn=-25),  # noqa: SLF001
    Lit("cushion", shots._plaid_cushion, at.table, shots.View(24, fill=0.74, size=_size)),  # noqa: SLF001
    Lit("sandal", shots._sandal, _rose, shots.View(34, fill=0.78, size=_size), turn=62),  # noqa: SLF001
    Lit("backpack", shots._black_pack, _white, shots.View(8, fill=0.80, size=_size), turn=22),  # noqa: SLF001
    Lit("bracelet", shots._chain, at.table, shots.View(58, fill=0.80, size=_size)),  # noqa: SLF001
)


def render(lit: Lit, *, folder: Path) -> None:
    """Trace a product under each light, and its matte; `<name>_<light>.webp` and `<name>.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    stage = Stage()
    pieces = shots._sized(lit.ware(), turn=lit.turn)  # noqa: SLF001
    for piece in pieces:
        stage.product(piece.mesh, material=piece.material)
    lit.backdrop(stage)
    camera = shots.framed(np.concatenate([piece.mesh.vertices for piece in pieces]), view=lit.view)
    for number, (name, lamp) in enumerate(LIGHTS.items()):
        single = replace(stage, lights=[lamp()])
        light = trace(
            single, camera=camera, size=lit.view.size, samples=_SAMPLES, seed=_SEED + number, depth=6
        )
        (folder / f"{lit.name}_{name}.webp").write_bytes(radiance_webp(light))
    single = replace(stage, lights=[LIGHTS["around"]()])
    coverage = cover(single, camera=camera, size=lit.view.size, samples=_MATTE_SAMPLES, seed=_SEED)
    (folder / f"{lit.name}.png").write_bytes(matte_png(coverage))


def radiance_webp(radiance: Floats) -> bytes:
    """Encode linear radiance H×W×3 as a cube root, seen through the lens."""
    seen = blurred(np.maximum(radiance, 0), deviation=LENS_BLUR)
    steps = 255 * np.clip(seen / BRIGHTEST, 0, 1) ** (1 / CURVE)
    buffer = io.BytesIO()
    Image.fromarray((steps + 0.5).astype(np.uint8)).save(buffer, "WEBP", quality=_QUALITY, method=6)
    return buffer.getvalue()
