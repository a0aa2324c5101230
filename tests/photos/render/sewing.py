"""Thread, rivets and rings: what holds leather together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from layers.sets.render.mesh import Floats, Mesh, ellipse, fillet, join, lathe, patch, resample, sweep


def stitches(
    path: Floats,
    *,
    out: Floats,
    length: float = 0.0040,
    gap: float = 0.0011,
    thread: float = 0.00042,
    seed: int = 0,
) -> Mesh:
    """Sew along a path N×3 on a surface that faces `out` N×3: stitches slanted and sunk into their holes."""
    rng = np.random.default_rng(seed)
    whole = resample(np.concatenate([path, out], axis=1), step=length + gap)
    pieces = []
    for start, end in pairwise(whole):
        forward = end[:3] - start[:3]
        normal = start[3:] / np.linalg.norm(start[3:])
        along = forward / np.linalg.norm(forward)
        aside = np.cross(normal, along)
        along = along + aside * (0.10 + rng.normal(0, 0.03))
        pieces.append(_stitch(start[:3], along=along, aside=aside, out=normal, length=length, thread=thread))
    return join(*pieces)


def ring(width: float, *, height: float, wire: float) -> Mesh:
    """Return a D-shaped ring in the plane of x and z, its straight side below, centred on the origin."""
    half, top = width / 2, height / 2
    corner = 0.32 * min(width, height)
    foot, bow = corner, 1.8 * corner
    corners = [(half, -top, foot), (half, top, bow), (-half, top, bow), (-half, -top, foot)]
    line = fillet([(0, -top), *corners, (0, -top)], step=4e-4)
    path = np.stack([line[:, 0], np.zeros(len(line)), line[:, 1]], axis=1).astype(np.float32)
    return sweep(path, section=ellipse(wire, height=wire, points=24), up=(0, 1, 0), rounding=wire / 4)


def rivet(radius: float) -> Mesh:
    """Return a domed rivet's head, looking along +z, its rim on z = 0."""
    return lathe(
        fillet(
            [
                (0, -0.001),
                (radius, -0.001),
                (radius, 0.0004, 0.0004),
                (0.55 * radius, 0.0013, 0.001),
                (0, 0.0014),
            ],
            step=1e-4,
        ),
        segments=64,
    )


def cord(path: Floats, *, radius: float) -> Mesh:
    """Return a round cord along any path, carrying its frame along, as no one direction is always upright."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.cross(tangent[0], [0.3, 0.5, 0.8])
    frames = []
    for direction in tangent:
        side = side - np.dot(side, direction) * direction
        side = side / np.linalg.norm(side)
        frames.append(side)
    across = np.stack(frames)
    upward = np.cross(across, tangent)
    angle = np.linspace(0, 2 * np.pi, 17)[None, :, None]
    points = path[:, None] + radius * (np.cos(angle) * across[:, None] + np.sin(angle) * upward[:, None])
    return patch(points.astype(np.float32), wraps="c").inside_out()


def _stitch(
    centre: Floats, *, along: Floats, aside: Floats, out: Floats, length: float, thread: float, rings: int = 9
) -> Mesh:
    s = np.linspace(-1, 1, rings)
    radius = thread * np.sqrt(np.maximum(1 - s**4, 1e-4))
    lift = thread * (0.35 - 1.5 * s**4)
    angle = np.linspace(0, 2 * np.pi, 9)
    spine = centre + s[:, None] * (length / 2) * along + lift[:, None] * out
    around = np.cos(angle)[:, None] * aside + np.sin(angle)[:, None] * out
    return patch((spine[:, None] + radius[:, None, None] * around[None]).astype(np.float32), wraps="c")
