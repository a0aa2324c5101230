"""What stands in each set; a product of half a frame's width keeps its middle free."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from . import forms, surfaces
from .finish import bare, graded, inlaid, painted, plain
from .interior import curtain
from .mesh import rounded_box
from .noise import smoothstep
from .stage import softbox
from .textures import OAK, WALNUT, boards

if TYPE_CHECKING:
    from .design import Scenery
    from .mesh import Mesh
    from .stage import Point

SUN_FROM = (-48.0, 34.0)
RIGHT_FROM = (50.0, 33.0)
"""Azimuth and elevation, in degrees, of the lights that screens stand in."""


def paper_sweep(scenery: Scenery) -> None:
    """Hang a roll of paper that turns from the floor's colour to the wall's as it rises."""
    sheet = forms.cove(6.0, near=-2.5, far=1.15, radius=0.9, height=2.8)
    length = float(sheet.uv[:, 1].max())
    way = np.linspace(0, length, 1024, dtype=np.float32)[:, None]
    turn = smoothstep(way, low=2.62, high=3.75)
    scenery.put(sheet, finish=graded("floor", "wall", share=turn.repeat(4, axis=1), extent=(length, 6.0)))


def plinth_arch(scenery: Scenery) -> None:
    """Set a low round plinth before a niche, steps behind it."""
    plaster = surfaces.plaster(seed=31)
    floor, wall = painted("floor", plaster), painted("wall", plaster)
    low = -0.07
    scenery.put(forms.drum(0.255, height=0.07), finish=floor)
    scenery.put(forms.level(5.0, near=-2.0, far=1.6, z=low), finish=floor)
    scenery.put(forms.arch_wall(y=0.46, x=-0.10, width=0.48, height=0.54, depth=0.16, low=-0.3), finish=wall)
    scenery.put(forms.upright(1.2, y=0.615, low=-0.3, high=1.0), finish=wall)
    for index, (width, top) in enumerate(((0.46, 0.06), (0.31, 0.19), (0.16, 0.32))):
        block = forms.slab(
            width,
            depth=0.20,
            thickness=0.6,
            x=0.62 - width / 2,
            y=0.32 + 0.002 * index,
            top=top + low,
            radius=0.005,
        )
        scenery.put(block, finish=painted("accent", plaster))


def oak_table(scenery: Scenery) -> None:
    """Lay a table of oak boards before a painted wall, a jug at its side."""
    oak = boards(OAK, seed=140, rows=10, columns=1, length=2.4, width=0.12, gap=0.0008, texel=4e-4)
    scenery.put(forms.slab(2.4, depth=1.45, thickness=0.035, y=-0.17), finish=bare(oak).polished(0.38))
    scenery.put(
        forms.upright(6.0, y=1.35, low=-1.4, high=2.4), finish=painted("wall", surfaces.emulsion(seed=5))
    )
    scenery.put(_jug(x=-0.285, y=0.36), finish=painted("accent").glazed(0.32))
    scenery.put(
        forms.vessel(
            (0, 0),
            (0.034, 0, 0.012),
            (0.056, 0.042, 0.02),
            (0.055, 0.052, 0.002),
            (0.050, 0.045, 0.02),
            (0, 0.012),
            x=-0.185,
            y=0.43,
        ),
        finish=painted("wall").glazed(0.3),
    )


def marble_counter(scenery: Scenery) -> None:
    """Polish a slab of marble before a plastered wall."""
    stone = bare(surfaces.marble(seed=3)).polished(0.17)
    scenery.put(forms.slab(2.6, depth=1.5, thickness=0.03, y=-0.10, radius=0.003), finish=stone)
    scenery.put(
        forms.upright(5.0, y=0.95, low=-1.0, high=2.0), finish=painted("wall", surfaces.plaster(seed=21))
    )
    scenery.put(
        forms.slab(0.22, depth=0.17, thickness=0.055, x=0.33, y=0.43, top=0.055, radius=0.004),
        finish=painted("accent", surfaces.emulsion(seed=2)),
    )
    scenery.put(
        forms.vessel(
            (0, 0),
            (0.030, 0, 0.01),
            (0.052, 0.05, 0.04),
            (0.030, 0.105, 0.03),
            (0.013, 0.125, 0.012),
            (0.013, 0.168, 0.003),
            (0.009, 0.168, 0.003),
            (0.009, 0.12),
            (0, 0.10),
            x=0.325,
            y=0.42,
            z=0.055,
        ),
        finish=painted("wall").glazed(0.25),
    )


def concrete(scenery: Scenery) -> None:
    """Float floor and wall of microcement, a bench of it at the side."""
    floor, wall = (
        painted(slot, surfaces.microcement(seed=seed)) for slot, seed in (("floor", 42), ("wall", 57))
    )
    scenery.put(forms.level(6.0, near=-2.0, far=1.2), finish=floor)
    scenery.put(forms.upright(6.0, y=0.85, low=-0.1, high=2.6), finish=wall)
    scenery.put(
        forms.slab(0.9, depth=0.36, thickness=0.17, x=0.72, y=0.62, top=0.17, radius=0.006), finish=wall
    )


def terrazzo_steps(scenery: Scenery) -> None:
    """Stack slabs of terrazzo before a painted wall."""
    stone = inlaid("floor", inlay=surfaces.terrazzo(seed=6)).polished(0.28)
    scenery.put(forms.slab(3.0, depth=1.30, thickness=0.2, y=-0.40, radius=0.005), finish=stone)
    scenery.put(
        forms.slab(3.0, depth=0.5, thickness=0.3, y=0.485, top=0.095, radius=0.005).moved(0.11), finish=stone
    )
    scenery.put(
        forms.slab(0.55, depth=0.34, thickness=0.4, x=-0.46, y=0.56, top=0.19, radius=0.005), finish=stone
    )
    scenery.put(
        forms.upright(5.0, y=0.80, low=-0.2, high=2.2), finish=painted("wall", surfaces.plaster(seed=12))
    )


def window_wall(scenery: Scenery) -> None:
    """Paint a bare room whose light comes through panes and leaves."""
    scenery.put(forms.level(6.0, near=-2.0, far=0.62), finish=painted("floor", surfaces.plaster(seed=77)))
    scenery.put(
        forms.upright(6.0, y=0.58, low=-0.1, high=2.6), finish=painted("wall", surfaces.plaster(seed=33))
    )
    skirting = rounded_box((6.0, 0.014, 0.075), radius=0.003, cells=6).moved(y=0.574, z=0.037)
    scenery.put(skirting, finish=painted("wall"))
    frame = forms.window(
        centre=_towards(SUN_FROM, way=1.5, x=0.06, y=0.25, z=0.13),
        azimuth=SUN_FROM[0],
        panes=(2, 3),
        pane=(0.36, 0.28),
        bar=0.03,
    )
    scenery.screen(frame, lights=("sun",))
    _leaves(scenery, SUN_FROM, way=0.5, y=0.5, z=0.0, lights=("sun",))
    _leaves(scenery, SUN_FROM, way=0.48, y=0.5, z=0.0, lights=("soft_left",))
    _leaves(scenery, RIGHT_FROM, way=0.48, y=0.5, z=0.0, lights=("soft_right",))


def kitchen_counter(scenery: Scenery) -> None:
    """Fit a worktop before tiles, a shelf of crockery above."""
    scenery.put(
        forms.slab(2.4, depth=1.3, thickness=0.03, y=-0.02, radius=0.003),
        finish=bare(surfaces.composite(seed=14)).polished(0.20),
    )
    tiles = inlaid("wall", inlay=surfaces.zellige(seed=9)).glazed(0.16)
    scenery.put(forms.upright(3.0, y=0.63, low=0.0, high=1.8, x=0.02), finish=tiles)
    oak = bare(boards(OAK, seed=61, rows=1, columns=1, length=2.2, width=0.2, gap=1e-4, texel=8e-4))
    scenery.put(forms.slab(2.2, depth=0.19, thickness=0.026, y=0.53, top=0.475), finish=oak)
    for x, radius, height in (
        (-0.30, 0.052, 0.07),
        (-0.17, 0.040, 0.10),
        (0.20, 0.046, 0.09),
        (0.33, 0.055, 0.06),
    ):
        scenery.put(_beaker(radius, height=height, x=x, y=0.53, z=0.475), finish=painted("floor").glazed(0.3))
    walnut = bare(boards(WALNUT, seed=17, rows=1, columns=1, length=0.6, width=0.4, gap=1e-4, texel=6e-4))
    tray = rounded_box((0.24, 0.018, 0.33), radius=0.006, cells=8)
    tray = tray.with_uv(tray.vertices[:, [2, 0]] + 0.3).turned(-9, axis="x").moved(-0.34, y=0.575, z=0.165)
    scenery.put(tray, finish=walnut)
    bottle = forms.vessel(
        (0, 0), (0.036, 0, 0.008), (0.036, 0.15, 0.03), (0.013, 0.185, 0.02), (0.013, 0.235, 0.002),
        (0.009, 0.235, 0.002), (0.009, 0.18), (0, 0.15),
        x=-0.30, y=0.40,
    )  # fmt: skip
    scenery.put(bottle, finish=painted("accent").glazed(0.25))
    scenery.put(_beaker(0.05, height=0.055, x=-0.375, y=0.36, z=0.0), finish=painted("floor").glazed(0.3))


def bedroom_bench(scenery: Scenery) -> None:
    """Upholster a bench in linen before a wall and a curtain."""
    linen = surfaces.linen(seed=4, pitch=0.0016)
    seat = forms.slab(2.6, depth=0.95, thickness=0.14, y=-0.12, radius=0.04)
    scenery.put(seat, finish=painted("floor", linen))
    scenery.put(forms.level(6.0, near=-1.0, far=2.0, z=-0.48), finish=painted("floor"))
    scenery.put(
        forms.upright(6.0, y=1.5, low=-0.5, high=2.6), finish=painted("wall", surfaces.emulsion(seed=3))
    )
    drape = curtain(1.2, height=3.1, folds=9, depth=0.05, seed=6).moved(0.27, y=1.42, z=2.5)
    scenery.put(drape, finish=painted("floor"))
    cushion = (
        forms.pillow(0.44, height=0.40, thickness=0.22)
        .turned(-14, axis="x")
        .turned(10)
        .moved(-0.44, y=0.20, z=0.185)
    )
    scenery.put(cushion, finish=painted("accent", linen))


def stone_ledge(scenery: Scenery) -> None:
    """Lay a rough stone before a garden."""
    scenery.put(forms.ledge(3.2, depth=0.34, thickness=0.16, seed=3), finish=bare(surfaces.sandstone(seed=5)))
    hedge = forms.upright(8.0, y=3.6, low=-3.45, high=4.55)
    scenery.put(hedge, finish=replace(bare(surfaces.garden(seed=4)), relief=None))
    scenery.lamp(
        softbox(centre=(0, 0.9, 3.2), towards=(0, 3.6, 0.2), width=4.0, height=2.0, colour=(4.4, 4.4, 4.4))
    )
    for x, green, seed in ((-0.44, (0.44, 0.53, 0.25), 3), (0.47, (0.55, 0.62, 0.33), 7)):
        twig = forms.branch(
            (x * 1.5, 1.3, -0.3),
            (x * 1.2, 1.2, 0.1),
            (x, 1.1, 0.35),
            (x * 0.8, 1.0, 0.5),
            leaves=26,
            length=0.13,
            seed=seed,
        )
        scenery.put(twig, finish=plain(*green))


def hanger_rail(scenery: Scenery) -> None:
    """Fix a slim rail to a plastered wall."""
    scenery.put(
        forms.upright(5.0, y=0.0, low=-1.5, high=2.6), finish=painted("wall", surfaces.plaster(seed=44))
    )
    rail = painted("accent").glazed(0.28)
    scenery.put(forms.rod((-1.6, -0.085, 0.93), (1.6, -0.085, 0.93), width=0.016), finish=rail)
    for x in (-0.41, 0.41):
        scenery.put(forms.rod((x, 0.01, 0.93), (x, -0.085, 0.93), width=0.013), finish=rail)
        scenery.put(
            forms.drum(0.022, height=0.006).turned(90, axis="x").moved(x, y=-0.006, z=0.93), finish=rail
        )


def linen_flat_lay(scenery: Scenery) -> None:
    """Spread washed linen, its folds away from the middle."""
    sheet = forms.cloth(1.0, height=0.8, calm=0.27, seed=15, folds=0.014)
    scenery.put(sheet, finish=painted("wall", surfaces.linen(seed=10, pitch=0.0019)))


def plaster_flat(scenery: Scenery) -> None:
    """Trowel a rough stucco."""
    scenery.put(
        forms.upright(4.0, y=0.0, low=-1.5, high=2.4), finish=painted("wall", surfaces.stucco(seed=25))
    )
    _leaves(scenery, SUN_FROM, way=0.5, y=0.0, z=0.17, lights=("sun",))


def _jug(*, x: float, y: float) -> Mesh:
    return forms.vessel(
        (0, 0), (0.046, 0, 0.012), (0.070, 0.075, 0.06), (0.044, 0.155, 0.05), (0.036, 0.205, 0.02),
        (0.043, 0.232, 0.004), (0.038, 0.232, 0.004), (0.031, 0.20, 0.02), (0.038, 0.15, 0.05), (0, 0.10),
        x=x, y=y,
    )  # fmt: skip


def _beaker(radius: float, *, height: float, x: float, y: float, z: float) -> Mesh:
    return forms.vessel(
        (0, 0),
        (0.72 * radius, 0, 0.01),
        (radius, height, 0.003),
        (0.93 * radius, height, 0.003),
        (0.66 * radius, 0.01),
        (0, 0.01),
        x=x,
        y=y,
        z=z,
    )


def _leaves(
    scenery: Scenery, light: tuple[float, float], *, way: float, y: float, z: float, lights: tuple[str, ...]
) -> None:
    """Hold a twig so that its shadow falls high on a wall at depth `y`, away from the light."""
    side = 1.0 if light[0] < 0 else -1.0
    for shift, seed in ((0.0, 8), (0.13, 19)):
        knots = [
            _towards(light, way=way + shift / 2, x=side * dx, y=y, z=z + dz + shift)
            for dx, dz in ((0.52, 0.50), (0.36, 0.43), (0.20, 0.42), (0.04, 0.34))
        ]
        scenery.screen(forms.branch(*knots, leaves=20, length=0.14, seed=seed), lights=lights)


def _towards(light: tuple[float, float], *, way: float, x: float, y: float, z: float) -> Point:
    """Go from a point towards a light at (azimuth, elevation)."""
    turn, rise = np.radians(light)
    return (
        float(x + way * np.sin(turn) * np.cos(rise)),
        float(y - way * np.cos(turn) * np.cos(rise)),
        float(z + way * np.sin(rise)),
    )
