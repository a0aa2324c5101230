"""Sets baked by formula: what a renderer would leave, small, smooth and exactly known."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from layers.sets.raw import RawLight, RawSet
from packshot.imaging.studio.description import Camera, Ground, SetDescription, SetLight
from packshot.imaging.studio.library import Coverage

SIDE = 160
FLOOR = 0.8
LIGHTS = {
    "soft_left": SetLight(azimuth=-52, elevation=42, softness=0.7, key_share=0.6),
    "soft_right": SetLight(azimuth=60, elevation=36, softness=0.55, key_share=0.6),
    "sun": SetLight(azimuth=-58, elevation=34, softness=0.02, key_share=0.7),
}


def described(name: str = "corner") -> SetDescription:
    """Describe a painted wall behind a painted floor."""
    return SetDescription(
        name=name,
        version="1",
        title="Painted corner",
        anchors=("stand",),
        slots=("wall", "floor"),
        camera=Camera(distance=2.4, height=0.4, lens_mm=85),
        floor=FLOOR,
        ground=Ground(near=0.5, far=-0.8, left=-1, right=1, edge_fades=0.05),
        wall=-0.9,
        lights=LIGHTS,
    )


def baked(name: str = "corner", *, side: int = SIDE, tinted: bool = True) -> RawSet:
    """Bake a set: a wall down to a soft edge at 0.6 of the height, a floor below, light from each side.

    The light is 1 at the foot. With `tinted`, a tenth of it comes off the set at the top, a fifth below.
    """
    y, x = (np.mgrid[:side, :side].astype(np.float32) + 0.5) / side
    edge = np.clip((y - 0.59) / 0.02, 0, 1).astype(np.float32)
    lights = tuple(
        RawLight(light, _light(x, y, azimuth=each.azimuth), _bounce(side) if tinted else None)
        for light, each in LIGHTS.items()
    )
    return RawSet(described(name), None, (Coverage("wall", 1 - edge), Coverage("floor", edge)), lights)


def wooden(name: str = "board", *, side: int = SIDE) -> RawSet:
    """Bake the same with a floor of wood, which no palette paints."""
    raw = baked(name, side=side)
    wall, floor = raw.coverage
    grain = 0.4 + 0.05 * np.random.default_rng(0).random((side, side), dtype=np.float32)
    fixed = floor.share * grain * np.array([1.0, 0.7, 0.45], dtype=np.float32)[:, None, None]
    description = raw.description.model_copy(update={"slots": ("wall",), "grounds": ("#aa8c70",)})
    return replace(raw, description=description, fixed=fixed.astype(np.float32), coverage=(wall,))


def _light(x: NDArray[np.float32], y: NDArray[np.float32], *, azimuth: float) -> NDArray[np.float32]:
    """Return a smooth falloff from one side, 1 at the foot."""
    toward = x if azimuth > 0 else 1 - x
    light = (0.55 + 0.5 * toward**2) * (0.7 + 0.3 * y)
    foot = (0.55 + 0.5 * 0.25) * (0.7 + 0.3 * FLOOR)
    return (light / foot).astype(np.float32)


def _bounce(side: int) -> NDArray[np.float32]:
    rows = np.linspace(0.1, 0.22, max(side // 16, 2), dtype=np.float32)
    return rows[:, None].repeat(len(rows), axis=1)


def polished(name: str = "counter") -> RawSet:
    """Bake a ground that mirrors, before nothing."""
    raw = baked(name)
    return replace(raw, description=raw.description.model_copy(update={"gloss": 0.3, "wall": None}))


def upright(name: str = "plaster") -> RawSet:
    """Bake a wall to hang things on and, seen straight down, to lay them on."""
    raw = baked(name)
    level = Ground(near=0, far=0, left=-0.5, right=0.5, edge_fades=0)
    changes = {"anchors": ("hang", "lie"), "slots": ("wall",), "floor": 1, "ground": level, "wall": 0.0}
    everywhere = np.ones_like(raw.coverage[0].share)
    return RawSet(
        raw.description.model_copy(update=changes), None, (Coverage("wall", everywhere),), raw.lights
    )
