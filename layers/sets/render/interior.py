"""Things that stand about in rooms, made to be seen out of focus or from afar."""

from __future__ import annotations

import numpy as np

from .mesh import Floats, Mesh, ellipse, fillet, join, lathe, patch, rounded_box, smooth_path, sweep
from .stage import Node, Point, Stage, coated, plastic, srgb, two_sided
from .textures import plaster


def wall(
    stage: Stage, *, y: float, width: float, low: float, high: float, colour: Point, x: float = 0.0
) -> None:
    """Raise a plastered wall across the view at depth `y`."""
    slab = rounded_box((width, 0.1, high - low), radius=0.002).moved(x, y=y + 0.05, z=(low + high) / 2)
    flat = slab.with_uv(np.ascontiguousarray(slab.vertices[:, [0, 2]]))
    stage.prop(flat, material=coated(plaster(colour, seed=5), specular=0.3))


def books(stage: Stage, *, x: float, y: float, z: float, count: int, seed: int) -> None:
    """Stand books in a row along x on a board at height z, some of them leaning."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        thickness, height, depth = rng.uniform(0.015, 0.045), rng.uniform(0.18, 0.27), rng.uniform(0.14, 0.19)
        shade = rng.uniform(0.75, 1.1)
        colour = [min(1.0, channel * shade) for channel in _spines[rng.integers(len(_spines))]]
        book = rounded_box((thickness, depth, height), radius=0.003, cells=4)
        lean = rng.uniform(-1, 1) if rng.random() < 0.8 else 9.0
        stage.prop(
            book.turned(lean, axis="y").moved(x + thickness / 2, y=y, z=z + height / 2),
            material=plastic(*colour, roughness=0.5),
        )
        x += thickness + rng.uniform(0.0005, 0.004)


def framed_print(
    stage: Stage, *, x: float, y: float, z: float, width: float, height: float, paint: Node
) -> None:
    """Hang a print with a mount in a thin oak frame on a wall whose face is at `y`."""
    bar = 0.022
    for dx, dz, w, h in (
        (0, height / 2, width + bar, bar),
        (0, -height / 2, width + bar, bar),
        (width / 2, 0, bar, height),
        (-width / 2, 0, bar, height),
    ):
        side = rounded_box((w, 0.03, h), radius=0.002, cells=4).moved(x + dx, y=y - 0.015, z=z + dz)
        stage.prop(side, material=plastic(0.62, 0.46, 0.30, roughness=0.4))
    mount = rounded_box((width, 0.006, height), radius=0.001, cells=4).moved(x, y=y - 0.006, z=z)
    stage.prop(mount, material=plastic(0.93, 0.92, 0.89, roughness=0.6))
    sheet = rounded_box((width * 0.62, 0.004, height * 0.68), radius=0.001, cells=4).moved(
        x, y=y - 0.010, z=z
    )
    stage.prop(sheet, material=paint)


def plant(stage: Stage, *, x: float, y: float, z: float, height: float, leaves: int, seed: int) -> None:
    """Set a rubber plant in a clay pot."""
    rng = np.random.default_rng(seed)
    pot = fillet(
        [(0, 0), (0.11, 0, 0.02), (0.14, 0.26, 0.01), (0.125, 0.265, 0.01), (0.12, 0.22), (0, 0.22)],
        step=5e-3,
    )
    stage.prop(lathe(pot, segments=96).moved(x, y=y, z=z), material=plastic(0.80, 0.76, 0.70, roughness=0.7))
    green: list[Mesh] = []
    for index in range(leaves):
        share = (index + 0.5) / leaves
        foot = np.array([x, y, z + 0.24 + share * (height - 0.45)])
        turn = index * 137.5 + rng.uniform(-20, 20)
        length = rng.uniform(0.16, 0.27) * (1.15 - 0.5 * share)
        green.append(leaf(length, turn=turn, rise=rng.uniform(5, 55) + 25 * share, foot=foot))
    stage.prop(join(*green), material=plastic(0.16, 0.30, 0.15, roughness=0.3))
    stem = smooth_path(
        [(x, y, z + 0.2), (x + 0.02, y, z + 0.3 + height / 3), (x - 0.01, y, z + height - 0.2)]
    )
    stage.prop(
        sweep(stem, section=ellipse(0.022, height=0.022), up=(1, 0, 0), rounding=0.01),
        material=plastic(0.36, 0.28, 0.2, roughness=0.8),
    )


def curtain(width: float, *, height: float, folds: int, depth: float, seed: int) -> Mesh:
    """Return cloth hanging in folds along x, its top at z = 0."""
    rng = np.random.default_rng(seed)
    u = np.linspace(0, 1, 40 * folds)
    phase = u * folds * 2 * np.pi + np.cumsum(rng.normal(0, 0.05, u.size))
    v = np.linspace(0, 1, 60)[:, None]
    y = depth * (0.6 + 0.4 * v) * np.sin(phase)[None] + 0.3 * depth * np.sin(2.3 * phase + 4 * v)
    points = np.stack(
        [np.broadcast_to(u * width, y.shape), y, np.broadcast_to(-v * height, y.shape)], axis=-1
    )
    return patch(points.astype(np.float32))


def lampshade(stage: Stage, *, x: float, y: float, z: float, radiance: Point) -> None:
    """Light a drum shade of linen from within; z is its lower edge."""
    profile = fillet([(0.15, 0.0), (0.12, 0.20)], step=5e-3)
    shade = lathe(profile, segments=96).moved(x, y=y, z=z)
    stage.prop(shade, material=two_sided({"type": "diffuse", "reflectance": srgb(0.92, 0.86, 0.74)}))
    stage.light(
        {
            "type": "sphere",
            "center": [x, y, z + 0.1],
            "radius": 0.1,
            "emitter": {"type": "area", "radiance": {"type": "rgb", "value": list(radiance)}},
        }
    )
    stage.prop(
        lathe(
            fillet([(0, 0), (0.09, 0, 0.02), (0.05, 0.16, 0.05), (0.012, 0.3), (0, 0.3)], step=4e-3),
            segments=96,
        ).moved(x, y=y, z=z - 0.3),
        material=plastic(0.42, 0.47, 0.45, roughness=0.25),
    )


def bright_room(
    *, sky: float = 0.55, walls: float = 0.32, floor: float = 0.14, window: float = 3.0
) -> Floats:
    """Return what shines from behind the camera: ceiling, walls, floor and one window; linear H×W×3."""
    elevation = np.linspace(90, -90, 128)[:, None]
    azimuth = np.linspace(-180, 180, 256)[None]
    tone = np.where(elevation > 38, sky, np.where(elevation > -22, walls, floor)) + 0 * azimuth
    tone = tone * (1 + 0.15 * np.sin(np.radians(2 * azimuth + 40)))
    pane = (np.abs(azimuth - 128) < 17) & (np.abs(elevation - 14) < 17)
    pane &= np.abs(azimuth - 128) > 1.2
    colour = tone[..., None] * np.array([1.0, 0.95, 0.88])
    return np.where(pane[..., None], window * np.array([0.92, 0.97, 1.05]), colour).astype(np.float32)


def leaf(length: float, *, turn: float, rise: float, foot: Floats) -> Mesh:
    """Return a leaf that grows from `foot`, turned about the upright and rising, in degrees."""
    u, v = np.meshgrid(np.linspace(0, 1, 24), np.linspace(-1, 1, 12), indexing="ij")
    half = 0.26 * length * np.sin(np.pi * u**0.8) ** 0.8
    x = length * u
    z = 0.12 * length * np.abs(v) * np.sin(np.pi * u) - 0.25 * length * u**2
    points = np.stack([x, half * v, z], axis=-1).astype(np.float32)
    blade = patch(points).turned(-rise, axis="y").turned(turn)
    return blade.moved(float(foot[0]), y=float(foot[1]), z=float(foot[2]))


_spines: list[Point] = [
    (0.72, 0.68, 0.60),
    (0.20, 0.26, 0.33),
    (0.55, 0.22, 0.17),
    (0.85, 0.82, 0.74),
    (0.28, 0.36, 0.30),
    (0.75, 0.55, 0.25),
    (0.14, 0.14, 0.15),
    (0.50, 0.56, 0.60),
    (0.80, 0.45, 0.35),
]
