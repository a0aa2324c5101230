"""Things that sets are built of: grounds, walls, arches, vessels, cloth, and what throws shadows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .interior import leaf
from .mesh import Mesh, ellipse, fillet, join, lathe, patch, rounded_box, smooth_path, sweep
from .noise import smoothstep, solid, spectral

if TYPE_CHECKING:
    from .stage import Point


def slab(
    width: float,
    *,
    depth: float,
    thickness: float,
    x: float = 0.0,
    y: float = 0.0,
    top: float = 0.0,
    radius: float = 0.004,
) -> Mesh:
    """Return a block whose upper face lies at `top`, its uv in metres fit for the textures of grounds."""
    block = rounded_box((width, depth, thickness), radius=radius)
    return block.with_uv(block.uv + 10.0).moved(x, y=y, z=top - thickness / 2)


def upright(width: float, *, y: float, low: float, high: float, x: float = 0.0) -> Mesh:
    """Return a plane that faces the camera."""
    across, down = np.linspace(x - width / 2, x + width / 2, 2), np.linspace(high, low, 2)
    points = np.stack(np.broadcast_arrays(across[None], np.float64(y), down[:, None]), axis=-1)
    return patch(points.astype(np.float32))


def level(width: float, *, near: float, far: float, z: float = 0.0) -> Mesh:
    """Return a plane to stand on."""
    across, away = np.linspace(-width / 2, width / 2, 2), np.linspace(near, far, 2)
    points = np.stack(np.broadcast_arrays(across[None], away[:, None], np.float64(z)), axis=-1)
    return patch(points.astype(np.float32)).inside_out()


def cove(width: float, *, near: float, far: float, radius: float, height: float) -> Mesh:
    """Return a sheet that runs level from `near` and rises at `far` in a wide curve; v runs along it."""
    profile = fillet([(near, 0.0), (far, 0.0, radius), (far, height)], step=0.01)
    x = np.linspace(-width / 2, width / 2, 2)
    points = np.stack(np.broadcast_arrays(x[None], profile[:, :1], profile[:, 1:]), axis=-1)
    return patch(points.astype(np.float32)).inside_out()


def arch_wall(*, y: float, x: float, width: float, height: float, depth: float, low: float) -> Mesh:
    """Return a wall whose face is at `y`, with an arched opening `depth` deep, its edge eased."""
    radius, bevel = width / 2, 0.012
    turn = np.linspace(np.pi, 0, 121)
    legs = np.linspace(low, height - radius, 12)[:-1]
    path = np.concatenate(
        [
            np.stack([np.full(11, -radius), legs], 1),
            np.stack([radius * np.cos(turn), height - radius + radius * np.sin(turn)], 1),
            np.stack([np.full(11, radius), legs[::-1]], 1),
        ]
    )
    sides = np.array([[1.0, 0.0]] * 11)
    outward = np.concatenate([-sides, np.stack([np.cos(turn), np.sin(turn)], 1), sides])
    profile = fillet([(3.0, 0.0), (0.0, 0.0, bevel), (0.0, depth)], step=2e-3)
    profile = profile[(profile[:, 0] < 0.05) | (np.arange(len(profile)) == 0)]
    flat = path[None] + profile[:, :1, None] * outward[None]
    points = np.stack(
        np.broadcast_arrays(flat[..., 0] + x, profile[:, 1:] + y, flat[..., 1]), axis=-1
    ).astype(np.float32)
    mesh = patch(points)
    return mesh.with_uv(mesh.vertices[:, [0, 2]] + mesh.vertices[:, [1, 1]] + 10.0)


def drum(radius: float, *, height: float, x: float = 0.0, y: float = 0.0, top: float = 0.0) -> Mesh:
    """Return a low round plinth, its edges eased."""
    edge = 0.006
    profile = fillet([(0, -height), (radius, -height, edge), (radius, 0, edge), (0, 0)], step=2e-3)
    mesh = lathe(profile, segments=256)
    flat = mesh.vertices[:, :2] + mesh.vertices[:, [2, 2]] * np.array([0, 1], np.float32)
    return mesh.with_uv(flat + 10.0).moved(x, y=y, z=top)


def vessel(*outline: tuple[float, ...], x: float, y: float, z: float = 0.0) -> Mesh:
    """Return a turned pot: an outline of (radius, height[, rounding]) up the outside and down within."""
    return lathe(fillet(outline, step=2e-3), segments=160).moved(x, y=y, z=z)  # type: ignore[arg-type]  # 2 or 3 floats


def pillow(width: float, *, height: float, thickness: float) -> Mesh:
    """Return a stuffed cushion that stands upright, its middle on the origin."""
    v, u = np.meshgrid(np.linspace(1, -1, 60), np.linspace(-1, 1, 60), indexing="ij")
    full = np.sqrt(np.clip((1 - np.abs(u) ** 2.6) * (1 - np.abs(v) ** 2.6), 0, 1)) ** 0.85
    waist = 1 - np.minimum(u**2, v**2)
    drawn_in = 1 - 0.06 * waist**2 * np.maximum(np.abs(u), np.abs(v)) ** 3
    wrinkle = 0.05 * solid(np.stack([u, v, 0 * u], -1).reshape(-1, 3), seed=5, feature=0.5).reshape(u.shape)
    x, z = u * width / 2 * drawn_in, v * height / 2 * drawn_in
    front = np.stack([x, -thickness / 2 * full * (1 + wrinkle), z], axis=-1)
    back = np.stack([x, thickness / 2 * full * (1 + wrinkle), z], axis=-1)
    return join(patch(front.astype(np.float32)), patch(back.astype(np.float32)).inside_out())


def rod(start: Point, end: Point, *, width: float) -> Mesh:
    """Return a straight round bar."""
    path = np.linspace(np.array(start), np.array(end), 40).astype(np.float32)
    along = np.abs(path[-1] - path[0])
    up = (0.0, 0.0, 1.0) if along[2] < along.max() else (1.0, 0.0, 0.0)
    return sweep(path, section=ellipse(width, height=width, points=32), up=up, rounding=width / 6)


def cloth(width: float, *, height: float, calm: float, seed: int, folds: float = 0.011) -> Mesh:
    """Return cloth spread upright before the camera, smooth within `calm` metres of its middle."""
    count = 640
    z, x = np.meshgrid(
        np.linspace(1.15 * height, -0.15 * height, count),
        np.linspace(-width, width, count) * 0.65,
        indexing="ij",
    )
    away = np.hypot(x / 1.0, (z - height / 2) / 1.0)
    rest = smoothstep(away.astype(np.float32), low=0.55 * calm, high=1.5 * calm)
    broad = spectral(x.shape, seed=seed, feature=count / 5, slope=4.0)
    # Where a smooth field changes sign, cloth is pushed up into a soft ridge.
    ridge = sum(
        strength
        * np.exp(
            -(
                (spectral(x.shape, seed=seed + i, feature=count / across, slope=4.2, stretch=(2.4, 1)) / 0.34)
                ** 2
            )
        )
        for i, (across, strength) in enumerate(((3.0, 1.0), (5.0, 0.55)), start=1)
    )
    lift = folds * (0.35 * broad + 1.1 * ridge) * (0.05 + 0.95 * rest)
    points = np.stack([x, -lift, z], axis=-1)
    return patch(points.astype(np.float32))


def ledge(width: float, *, depth: float, thickness: float, seed: int) -> Mesh:
    """Return a slab of rough stone: nearly level where a product stands, broken at its far edge."""
    profile = fillet(
        [(-0.9, 0.0), (depth, 0.0, 0.018), (depth + 0.01, -thickness, 0.02), (depth, -thickness - 0.1)],
        step=4e-3,
    )
    x = np.linspace(-width / 2, width / 2, round(width / 5e-3))
    points = np.stack(np.broadcast_arrays(x[None], profile[:, :1], profile[:, 1:]), axis=-1).astype(
        np.float32
    )
    mesh = patch(points).inside_out()
    flat = mesh.vertices
    rough = 0.0016 * solid(flat, seed=seed, feature=0.05, octaves=4)
    broad = 0.010 * solid(flat, seed=seed + 1, feature=0.16)
    far = smoothstep(flat[:, 1], low=depth - 0.16, high=depth + 0.01)
    lifted = patch(
        (flat + mesh.normals * (rough * (0.35 + 0.65 * far) + broad * (0.04 + far))[:, None]).reshape(
            points.shape
        )
    ).inside_out()
    return lifted.with_uv(mesh.uv)


def window(
    *, centre: Point, azimuth: float, panes: tuple[int, int], pane: tuple[float, float], bar: float
) -> Mesh:
    """Return a wall that looks to `azimuth`, its window of panes (across, up) of (width, height) metres."""
    width, height = (n * size + (n - 1) * bar for n, size in zip(panes, pane, strict=True))
    reach, thick = 3.0, 0.03
    pieces = [
        rounded_box((w, thick, h), radius=0.001, cells=2).moved(dx, z=dz)
        for w, h, dx, dz in (
            (reach, 2 * reach + height, -(width + reach) / 2, 0.0),
            (reach, 2 * reach + height, (width + reach) / 2, 0.0),
            (width + 0.01, reach, 0.0, (height + reach) / 2),
            (width + 0.01, reach, 0.0, -(height + reach) / 2),
        )
    ]
    for axis, count in enumerate(panes):
        for index in range(1, count):
            at = index * (pane[axis] + bar) - bar / 2 - (width, height)[axis] / 2
            size = (bar, thick, height) if axis == 0 else (width, thick, bar)
            shift = (at, 0.0) if axis == 0 else (0.0, at)
            pieces.append(rounded_box(size, radius=0.002, cells=3).moved(shift[0], z=shift[1]))
    return join(*pieces).turned(azimuth).moved(centre[0], y=centre[1], z=centre[2])


def branch(*knots: Point, leaves: int, length: float, seed: int) -> Mesh:
    """Return a twig with leaves in pairs, as eucalyptus has them."""
    rng = np.random.default_rng(seed)
    stem = smooth_path(knots)
    pieces = [
        sweep(stem, section=ellipse(0.006, height=0.006, points=12), up=(0.3, 0.5, 0.8), rounding=0.002)
    ]
    for index in range(leaves):
        foot = stem[round((0.12 + 0.86 * index / leaves) * (len(stem) - 1))]
        size = length * rng.uniform(0.7, 1.2) * (1.1 - 0.4 * index / leaves)
        turn = 180.0 * (index % 2) + rng.uniform(-55, 55)
        pieces.append(leaf(size, turn=turn, rise=rng.uniform(-25, 55), foot=foot))
    return join(*pieces)
