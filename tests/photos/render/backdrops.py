"""What lies under and behind the set's products, each of which is 0.2 m large and stands on the origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layers.sets.render.interior import books, bright_room, curtain, framed_print, lampshade, plant, wall
from layers.sets.render.mesh import fillet, join, lathe, patch, rounded_box
from layers.sets.render.noise import cells, smoothstep, spectral
from layers.sets.render.stage import coated, plastic, softbox, surroundings
from layers.sets.render.textures import BEECH, OAK, WALNUT, Surface, boards, mixed, paper, weave

if TYPE_CHECKING:
    from collections.abc import Callable

    from layers.sets.render.mesh import Floats, Mesh
    from layers.sets.render.stage import Point, Stage


@dataclass(frozen=True, slots=True)
class Backdrop:
    """Surroundings by name; `white` is what the brightest twentieth of the picture is exposed to, linear."""

    name: str
    build: Callable[[Stage], None]
    white: float = 0.75


def seamless(stage: Stage, *, colour: Point) -> None:
    """Hang a roll of paper that runs from under the product up behind it."""
    profile = fillet([(-1.6, 0.0), (0.75, 0.0, 0.5), (0.75, 1.7)], step=0.01)
    x = np.linspace(-1.6, 1.6, 60)
    points = np.stack(np.broadcast_arrays(x[None], profile[:, :1], profile[:, 1:]), axis=-1)
    stage.prop(patch(points.astype(np.float32)), material=coated(paper(colour, seed=9), specular=0.2))


def table(stage: Stage) -> None:
    """Lay an old walnut table, the floor of a room in the dark behind it."""
    wood = boards(WALNUT, seed=40, rows=8, columns=1, length=1.5, width=0.12, gap=0.0012, texel=4.5e-4)
    stage.prop(_ground(2.4, depth=1.3).moved(y=0.1), material=coated(wood, specular=0.4))
    wall(stage, y=2.2, width=6, low=-0.8, high=1.9, colour=(0.55, 0.57, 0.55))


def room(stage: Stage) -> None:
    """Furnish a living room behind an oak table."""
    oak = boards(OAK, seed=140, rows=6, columns=1, length=1.4, width=0.13, gap=0.0008, texel=5e-4)
    stage.prop(_ground(1.5, depth=0.9), material=coated(oak, specular=0.4))
    _furnish(stage, floor=-0.74)


def parlour(stage: Stage) -> None:
    """Furnish a doll's parlour in which a product of 0.2 m is a piece of furniture on the floor."""
    planks = boards(BEECH, seed=61, rows=8, columns=2, length=0.5, width=0.035, gap=0.0008, texel=3e-4)
    stage.prop(_ground(3.0, depth=2.4), material=coated(planks, specular=0.4))
    wall(stage, y=0.42, width=4, low=0, high=1.6, colour=(0.66, 0.70, 0.67))
    white = plastic(0.88, 0.87, 0.84, roughness=0.4)
    stage.prop(rounded_box((4, 0.008, 0.035), radius=0.002).moved(y=0.416, z=0.0175), material=white)
    framed_print(
        stage,
        x=-0.19,
        y=0.42,
        z=0.27,
        width=0.13,
        height=0.17,
        paint=coated(blots(_EARTHS, seed=8, pitch=0.03)),
    )
    framed_print(
        stage, x=0.24, y=0.42, z=0.30, width=0.15, height=0.11, paint=plastic(0.25, 0.35, 0.42, roughness=0.7)
    )
    plant(stage, x=0.34, y=0.30, z=-0.12, height=0.62, leaves=18, seed=3)
    rug = _ground(0.62, depth=0.3).moved(y=0.02, z=0.003)
    stage.prop(rug, material=coated(checks(_EARTHS, pitch=0.02), specular=0.1))


def shelf(stage: Stage) -> None:
    """Crowd a shelf with books and jars, all of them as sharp as the product."""
    wood = boards(BEECH, seed=80, rows=4, columns=1, length=1.2, width=0.14, gap=0.001, texel=6e-4)
    stage.prop(_ground(2.0, depth=0.7).moved(y=0.02), material=coated(wood, specular=0.4))
    wall(stage, y=0.36, width=3, low=0, high=1.2, colour=(0.78, 0.72, 0.62))
    stage.prop(rounded_box((2.0, 0.34, 0.018), radius=0.002).moved(y=0.2, z=0.345), material=coated(wood))
    books(stage, x=-0.62, y=0.22, z=0.0, count=42, seed=14)
    books(stage, x=-0.62, y=0.24, z=0.354, count=42, seed=15)
    rng = np.random.default_rng(6)
    for x in (-0.33, -0.24, 0.17, 0.27, 0.36):
        radius, height = rng.uniform(0.025, 0.042), rng.uniform(0.06, 0.16)
        profile = fillet(
            [
                (0, 0),
                (radius, 0, 0.004),
                (radius, height, 0.02),
                (0.6 * radius, 1.12 * height),
                (0, 1.12 * height),
            ],
            step=2e-3,
        )
        stage.prop(
            lathe(profile, segments=96).moved(x, y=0.07 + rng.uniform(-0.02, 0.03)),
            material=plastic(*rng.uniform(0.12, 0.85, 3), roughness=0.25),
        )


def tiled(stage: Stage) -> None:
    """Tile a counter with painted squares and the wall behind it with glazed ones."""
    stage.prop(_ground(2.4, depth=1.1), material=coated(_painted_tiles(), specular=0.5))
    slab = _ground(2.4, depth=1.2).turned(90, axis="x").moved(y=0.5, z=0.6)
    stage.prop(slab, material=coated(_glazed_tiles(), specular=0.6))


def spread(stage: Stage) -> None:
    """Spread a printed cloth whose folds lie flat only where the product stands."""
    y, x = np.meshgrid(np.linspace(-1.0, 1.4, 240), np.linspace(-1.2, 1.2, 240), indexing="ij")
    folds = 0.016 * spectral(x.shape, seed=4, feature=60, slope=3.2)
    away = smoothstep(np.hypot(x, y).astype(np.float32), low=0.10, high=0.42)
    points = np.stack([x, y, (folds - folds.max()) * away], axis=-1).astype(np.float32)
    cloth = blots(
        ((0.86, 0.80, 0.68), (0.62, 0.20, 0.18), (0.16, 0.30, 0.36), (0.80, 0.55, 0.20)), seed=2, pitch=0.05
    )
    stage.prop(patch(points).inside_out(), material=coated(cloth, specular=0.1))


def garden(stage: Stage) -> None:
    """Set a slab of stone before foliage far out of focus."""
    stage.prop(_ground(2.2, depth=0.8), material=coated(_stone(), specular=0.2))
    wall(stage, y=2.6, width=7, low=-2, high=2.4, colour=(0.42, 0.50, 0.26))
    rng = np.random.default_rng(12)
    greens = (
        (0.16, 0.32, 0.10),
        (0.30, 0.46, 0.14),
        (0.70, 0.76, 0.36),
        (0.10, 0.22, 0.09),
        (0.55, 0.42, 0.15),
    )
    for green in greens:
        leaves = [
            _leaf(rng.uniform(0.07, 0.2)).turned(rng.uniform(0, 360), axis="x").turned(rng.uniform(0, 360))
            .moved(rng.uniform(-1.3, 1.3), y=rng.uniform(0.65, 1.9), z=rng.uniform(-0.7, 1.1))
            for _ in range(260)
        ]  # fmt: skip
        stage.prop(join(*leaves), material=plastic(*green, roughness=0.35))


def blots(colours: tuple[Point, ...], *, seed: int, pitch: float) -> Surface:
    """Return woven cloth printed with petalled blots of `pitch` metres on the first colour."""
    texels, repeats = 1536, 12
    shape = (texels, texels)
    tint: Floats = np.broadcast_to(np.array(colours[0], np.float32), (*shape, 3))
    for index, colour in enumerate(colours[1:]):
        size = texels / repeats * (1.5 if index % 2 else 1.0)
        ragged = 0.05 * spectral(shape, seed=seed + 7 * index, feature=size / 5, slope=3)
        near = cells(shape, seed=seed + index, size=size)[..., 0] + ragged
        inked = smoothstep(near, low=0.05, high=0.09) * (1 - smoothstep(near, low=0.27, high=0.30))
        tint = _over(tint, colour=colour, share=inked)
    return _woven(tint, seed=seed, extent=repeats * pitch)


def checks(colours: tuple[Point, ...], *, pitch: float, seed: int = 3) -> Surface:
    """Return woven checks of the colours, each band `pitch` metres wide."""
    texels = 1536
    bands = np.array(colours, np.float32)[(np.arange(texels) * 2 * len(colours) // texels) % len(colours)]
    tint = 0.5 * (bands[:, None] + bands[None])
    return _woven(tint, seed=seed, extent=2 * len(colours) * pitch)


def window_left(stage: Stage) -> None:
    """Let light in through a paned window on the left."""
    stage.light(
        softbox(
            centre=(-1.3, -0.25, 0.85),
            towards=(0, 0, 0.05),
            width=0.8,
            height=1.0,
            colour=(19, 20.5, 23),
            bars=2,
        )
    )
    stage.light(surroundings(bright_room(sky=0.5, walls=0.28, floor=0.12, window=2.5)))


def big_softbox(stage: Stage) -> None:
    """Light from a large softbox on the right and a weaker one from above."""
    stage.light(
        softbox(centre=(0.95, -0.65, 0.95), towards=(0, 0, 0.08), width=0.8, height=0.9, colour=(9, 9, 9.2))
    )
    stage.light(
        softbox(centre=(-0.2, 0.15, 1.6), towards=(0, 0.1, 0), width=1.2, height=0.8, colour=(4, 4, 4))
    )
    stage.light(surroundings(bright_room(sky=0.5, walls=0.30, floor=0.2, window=1.0)))


def high_key(stage: Stage) -> None:
    """Light from everywhere, so that white hardly shades."""
    stage.light(
        softbox(centre=(-0.9, -0.6, 1.1), towards=(0, 0, 0.08), width=1.1, height=1.1, colour=(4.2, 4.2, 4.2))
    )
    stage.light(
        softbox(centre=(0.8, 0.1, 1.5), towards=(0, 0.4, 0), width=1.4, height=1.0, colour=(3.4, 3.4, 3.4))
    )
    stage.light(surroundings(bright_room(sky=1.0, walls=0.75, floor=0.6, window=1.0)))


def sun(stage: Stage) -> None:
    """Let a low hard sun in from the right, the sky filling the shadows."""
    stage.light(
        softbox(
            centre=(2.6, -1.5, 2.5),
            towards=(0, 0, 0.05),
            width=0.34,
            height=0.34,
            colour=(520, 480, 400),
            falloff=0.0,
        )
    )
    stage.light(
        surroundings(bright_room(sky=1.1, walls=0.7, floor=0.25, window=1.2) * np.array([0.92, 1.0, 1.12]))
    )


def edge_lights(stage: Stage) -> None:
    """Draw the outlines of dark things by strips from both sides and behind."""
    for x, strength in ((-1.0, 9.0), (1.05, 6.0)):
        stage.light(
            softbox(
                centre=(x, 0.3, 0.55), towards=(0, 0, 0.1), width=0.25, height=1.1, colour=(strength,) * 3
            )
        )
    stage.light(
        softbox(centre=(-0.3, -0.7, 1.3), towards=(0, 0, 0), width=0.6, height=0.6, colour=(2.2, 2.2, 2.2))
    )
    stage.light(surroundings(bright_room(sky=0.16, walls=0.10, floor=0.06, window=0.5)))


_EARTHS: tuple[Point, ...] = ((0.80, 0.74, 0.64), (0.55, 0.30, 0.22), (0.30, 0.34, 0.36), (0.72, 0.56, 0.34))


def _ground(width: float, *, depth: float) -> Mesh:
    """Return a slab whose upper face is at z = 0, its uv fit for textures in metres."""
    slab = rounded_box((width, depth, 0.03), radius=0.004)
    return slab.with_uv(slab.uv + np.array([width / 2, depth / 2], np.float32)).moved(z=-0.015)


def _furnish(stage: Stage, *, floor: float) -> None:
    wall(stage, y=2.4, width=6, low=floor, high=1.9, colour=(0.76, 0.77, 0.74))
    walnut = boards(WALNUT, seed=70, rows=1, columns=1, length=1.6, width=0.6, gap=0.002, texel=2e-3)
    chest = rounded_box((1.4, 0.42, 0.52), radius=0.006).moved(0.35, y=2.1, z=-0.34)
    stage.prop(chest.with_uv(chest.vertices[:, [0, 2]] + 0.8), material=coated(walnut))
    books(stage, x=0.25, y=2.05, z=-0.08, count=15, seed=24)
    lampshade(stage, x=-0.12, y=2.1, z=0.22, radiance=(8.0, 5.2, 2.8))
    plant(stage, x=-0.75, y=1.9, z=floor, height=1.3, leaves=30, seed=18)
    framed_print(
        stage, x=0.45, y=2.4, z=0.62, width=0.7, height=0.6, paint=plastic(0.30, 0.42, 0.50, roughness=0.7)
    )
    cloth = curtain(0.6, height=2.4, folds=6, depth=0.035, seed=2).moved(0.95, y=2.28, z=1.7)
    stage.prop(
        cloth, material=coated(weave((0.70, 0.52, 0.36), (0.80, 0.66, 0.50), seed=3), specular=0.1, bump=0.3)
    )
    sofa = coated(weave((0.42, 0.30, 0.28), (0.56, 0.42, 0.38), seed=6), specular=0.1)
    stage.prop(rounded_box((0.8, 0.14, 0.5), radius=0.04).moved(-0.5, y=1.0, z=-0.12), material=sofa)


def _woven(tint: Floats, *, seed: int, extent: float) -> Surface:
    """Give a print H×W×3 the threads of plain cloth, half a millimetre each."""
    texels = len(tint)
    threads = min(round(extent / 0.001), texels // 4)
    wave = np.sin(np.pi * threads * np.arange(texels) / texels)
    raised = np.abs(wave[:, None] * wave[None]) + 0.15 * spectral(tint.shape[:2], seed=seed + 50, feature=4)
    colour = tint * (0.84 + 0.16 * np.clip(raised, 0, 1.2))[..., None]
    rough = np.full(tint.shape[:2], 0.9, np.float32)
    relief = (0.3 * extent / threads * raised).astype(np.float32)
    return Surface(np.clip(colour, 0, 1).astype(np.float32), rough, relief, (extent, extent))


def _painted_tiles() -> Surface:
    """Return cement tiles of 8 cm: a star in two colours, joints, the wear of feet; four tiles wide."""
    texels, tiles, side = 1600, 4, 0.08
    y, x = np.mgrid[:texels, :texels] / texels * tiles % 1 - 0.5
    radius, turn = np.hypot(x, y), np.arctan2(y, x)
    star = smoothstep(0.30 + 0.13 * np.cos(8 * turn) - radius, low=-0.006, high=0.006)
    corner = smoothstep(0.24 - np.hypot(np.abs(x) - 0.5, np.abs(y) - 0.5), low=-0.006, high=0.006)
    heart = smoothstep(0.11 - radius, low=-0.006, high=0.006)
    joint = smoothstep(np.maximum(np.abs(x), np.abs(y)), low=0.488, high=0.494)
    wear = (
        1
        + 0.05 * spectral(x.shape, seed=5, feature=90, slope=2)
        + 0.02 * spectral(x.shape, seed=6, feature=3)
    )
    tint = mixed((0.84, 0.81, 0.74), (0.20, 0.32, 0.42), share=np.maximum(star - heart, 0))
    tint = _over(tint, colour=(0.68, 0.42, 0.26), share=np.maximum(corner, heart))
    tint = _over(tint * wear[..., None], colour=(0.60, 0.58, 0.54), share=joint)
    rough = (0.42 + 0.3 * joint + 0.05 * (wear - 1)).astype(np.float32)
    return Surface(np.clip(tint, 0, 1), rough, (-6e-4 * joint).astype(np.float32), (tiles * side,) * 2)


def _glazed_tiles() -> Surface:
    """Return hand-made tiles of 5 cm, no two of one green."""
    texels, tiles, side = 1536, 12, 0.05
    shade = np.random.default_rng(3).normal(0, 1, (tiles, tiles)).astype(np.float32)
    shade = shade.repeat(texels // tiles, 0).repeat(texels // tiles, 1)
    y, x = np.abs(np.mgrid[:texels, :texels] / texels * tiles % 1 - 0.5)
    joint = smoothstep(np.maximum(x, y), low=0.468, high=0.485)
    cloud = spectral(x.shape, seed=8, feature=40, slope=2)
    tint = mixed((0.16, 0.36, 0.32), (0.48, 0.66, 0.58), share=(0.45 + 0.25 * shade + 0.08 * cloud))
    tint = _over(tint, colour=(0.80, 0.78, 0.73), share=joint)
    relief = 2.5e-4 * cloud - 8e-4 * joint
    return Surface(
        tint, (0.12 + 0.6 * joint).astype(np.float32), relief.astype(np.float32), (tiles * side,) * 2
    )


def _stone() -> Surface:
    shape = (1400, 1400)
    grit, cloud = spectral(shape, seed=1, feature=3, slope=1.1), spectral(shape, seed=2, feature=200, slope=2)
    moss = smoothstep(spectral(shape, seed=3, feature=120, slope=2.4), low=0.8, high=1.9)
    tint = np.array([0.52, 0.50, 0.46]) * (1 + 0.11 * grit + 0.10 * cloud)[..., None]
    tint = _over(tint, colour=(0.30, 0.36, 0.16), share=0.7 * moss)
    relief = 1.5e-4 * grit + 1.2e-3 * cloud
    return Surface(
        np.clip(tint, 0, 1), np.full(shape, 0.85, np.float32), relief.astype(np.float32), (0.7, 0.7)
    )


def _over(tint: Floats, *, colour: Point, share: Floats) -> Floats:
    """Lay a colour over H×W×3 by a share H×W."""
    return np.asarray(
        tint * (1 - share[..., None]) + np.array(colour, np.float32) * share[..., None], np.float32
    )


def _leaf(length: float) -> Mesh:
    u, v = np.meshgrid(np.linspace(0, 1, 9), np.linspace(-1, 1, 5), indexing="ij")
    half = 0.3 * length * np.sin(np.pi * u**0.8)
    points = np.stack([u * length, v * half, 0.1 * length * (v**2 - u**2)], axis=-1)
    return patch(points.astype(np.float32))
