"""Things worn, carried and sat upon that the set photographs: chains, straps, fur and fringe; metres."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from layers.sets.render.mesh import (
    Floats,
    Mesh,
    ellipse,
    join,
    patch,
    rounded_box,
    smooth_path,
    strip_section,
    sweep,
)

from .ware import Finish, Piece, Ware, hoop, tube, turned

if TYPE_CHECKING:
    from collections.abc import Sequence


def strands(paths: Floats, *, radius: float) -> Mesh:
    """Return hairs along paths K×N×3: three-sided, thinning towards their tips."""
    count, points = paths.shape[:2]
    tangent = np.gradient(paths, axis=1)
    side = _unit(np.cross(tangent, [0.31, 0.52, 0.80]))
    upward = _unit(np.cross(side, tangent))
    angle = np.radians([0.0, 120.0, 240.0])[:, None]
    around = np.cos(angle) * side[:, :, None] + np.sin(angle) * upward[:, :, None]
    thickness = radius * np.linspace(1.0, 0.3, points)[None, :, None, None]
    vertices = paths[:, :, None] + thickness * around
    index = np.arange(count * points * 3, dtype=np.uint32).reshape(count, points, 3)
    a, b = index[:, :-1], index[:, 1:]
    c, d = np.roll(b, -1, axis=2), np.roll(a, -1, axis=2)
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return Mesh(
        vertices.reshape(-1, 3).astype(np.float32),
        faces,
        around.reshape(-1, 3).astype(np.float32),
        np.zeros((count * points * 3, 2), np.float32),
    )


def pompom(*, furs: Sequence[Finish], loop: Finish, seed: int = 5) -> Ware:
    """Return a ball of long fur on a cord's loop; strands are shared out among `furs`."""
    rng = np.random.default_rng(seed)
    centre = np.array([0, 0, 0.05])
    pieces = [Piece(_ball(0.031).moved(z=0.05), furs[0]())]
    for fur in furs:
        roots = _unit(rng.normal(size=(2600, 3)))
        share = np.linspace(0.45, 1, 8)[None, :, None]
        length = 0.052 * rng.normal(1, 0.09, (2600, 1, 1))
        curl = _unit(rng.normal(size=(2600, 1, 3))) * 0.018 + np.array([0, 0, -0.006])
        paths = centre + share * length * roots[:, None] + (share - 0.45) ** 2 * curl
        paths[..., 2] = np.maximum(paths[..., 2], 0.0004)
        pieces.append(Piece(strands(paths, radius=0.00023), fur()))
    eye = tube(
        [(0.0, 0, 0.08), (-0.012, 0, 0.12), (0.004, 0, 0.142), (0.016, 0, 0.118), (0.002, 0, 0.08)],
        radius=0.0014,
    )
    return (*pieces, Piece(eye, loop()))


def cushion(*, cloth: Finish, fringes: Sequence[Finish], seed: int = 2) -> Ware:
    """Return a cushion that leans back, with a fringe of loose threads along two sides."""
    rng = np.random.default_rng(seed)
    pillow = _leaning(_pillow(0.42))
    floor = pillow.vertices.min(axis=0) * np.array([0, 0, 1], np.float32) - np.array([9, 9, 0], np.float32)
    pieces = [Piece(pillow, cloth())]
    for index, fringe in enumerate(fringes):
        count = 1300
        along = rng.uniform(-0.97, 0.97, count)
        side = np.where(rng.random(count) < 0.5, -1.0, 1.0)
        bundle = np.round(along * 26) / 26
        start = np.stack([side * 0.205 * (1 - 0.05 * (1 - along**2)), 0.205 * along, 0 * along], -1)
        gathered = bundle - along
        t = np.linspace(0, 1, 9)[None, :]
        length = rng.uniform(0.045, 0.062, count)[:, None]
        drift = rng.normal(0, 0.007, (count, 2))
        paths = np.stack(
            [
                start[:, :1] + side[:, None] * length * t * (1 - 0.18 * t),
                start[:, 1:2] + 0.205 * 0.7 * gathered[:, None] * t - 0.022 * t**2 + drift[:, :1] * t**2,
                start[:, 2:] + drift[:, 1:] * t,
            ],
            axis=-1,
        )
        threads = _leaning(strands(paths, radius=0.00055 if index else 0.0007))
        # What hangs below the pillow's corners lies on the ground, lest the pillow hover on its fringe.
        pieces.append(Piece(replace(threads, vertices=np.maximum(threads.vertices, floor)), fringe()))
    return tuple(pieces)


def finger_ring(*, band: Finish, stone: Finish) -> Ware:
    """Return a ring that stands on its band, a domed stone on top."""
    path = smooth_path(
        [(0.0105 * np.cos(a), 0, 0.0105 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 17)[:-1]],
        step=2e-4,
        closed=True,
    )
    width = 1 + 0.55 * np.clip(path[:, 2] / 0.0105, 0, 1) ** 3
    shank = sweep(path, section=ellipse(0.0017, height=0.0026), scale=width.astype(np.float32), up=(0, 1, 0))
    setting = turned(
        (0, 0.0103), (0.003, 0.0103, 0.0005), (0.0045, 0.0135, 0.0004), (0.0041, 0.0142, 0.0003), (0, 0.0142)
    )
    gem = turned(
        (0, 0.0138), (0.0041, 0.0138), (0.0039, 0.0155, 0.0012), (0.002, 0.0173, 0.0015), (0, 0.0176)
    )
    return Piece(join(shank, setting).turned(25), band()), Piece(gem.turned(25), stone())


def bracelet(*, links: Finish, charm: Finish) -> Ware:
    """Return a chain of oval links laid in a loose loop, with one round charm."""
    count = 30
    chain = []
    for index in range(count):
        angle = 2 * np.pi * index / count
        radius = 0.034 * (1 + 0.07 * np.cos(3 * angle + 0.6))
        link = hoop(0.0047, wire=0.00085, squeeze=0.62).turned(90).turned(-62 if index % 2 else 20, axis="y")
        chain.append(
            link.turned(float(np.degrees(angle))).moved(radius * np.cos(angle), y=radius * np.sin(angle))
        )
    disc = turned((0, -0.0006), (0.0075, -0.0006, 0.0003), (0.0075, 0.0006, 0.0003), (0, 0.0006), segments=96)
    return Piece(join(*chain), links()), Piece(disc.moved(0.002, y=-0.045, z=-0.001), charm())


def watch(*, strap: Finish, case: Finish, dial: Finish, hands: Finish) -> Ware:
    """Return a wristwatch that stands on its closed strap, the dial to the front."""
    angles = np.linspace(0, 2 * np.pi, 181)
    path = np.stack([0 * angles, 0.029 * np.sin(angles), 0.034 * np.cos(angles)], 1).astype(np.float32)
    band = sweep(path, section=strip_section(0.018, thickness=0.0026)[:, ::-1], up=(1, 0, 0))
    keeper = rounded_box((0.0205, 0.0055, 0.006), radius=0.001, cells=8).moved(y=0.0285, z=0.006)
    drum = turned(
        (0, 0),
        (0.0185, 0, 0.001),
        (0.02, 0.004, 0.002),
        (0.0188, 0.0085, 0.0012),
        (0.0172, 0.0085, 0.0006),
        (0.0168, 0.0068),
        (0, 0.0068),
    )
    crown = (
        turned((0, 0.0195), (0.0026, 0.0195), (0.0026, 0.0235, 0.0005), (0, 0.0235), segments=48)
        .turned(90, axis="y")
        .moved(z=0.0045)
    )
    face = turned((0, 0.0069), (0.0168, 0.0069), (0.0168, 0.00705), (0, 0.00705))
    marks = [
        rounded_box((0.0008, 0.0028, 0.0004), radius=0.0001, cells=4)
        .moved(y=0.0142, z=0.0072)
        .turned(30.0 * hour)
        for hour in range(12)
    ]
    marks += [
        rounded_box((0.0009, reach, 0.0004), radius=0.0001, cells=4).moved(y=reach / 2, z=0.0075).turned(turn)
        for reach, turn in ((0.0085, 52.0), (0.0125, -62.0))
    ]
    front = {"case": join(drum, crown), "dial": face, "hands": join(*marks)}
    pieces = [Piece(join(band, keeper), strap())]
    for name, finish in (("case", case), ("dial", dial), ("hands", hands)):
        pieces.append(Piece(front[name].turned(90, axis="x").moved(y=-0.0285), finish()))
    return tuple(pieces)


def scissors(*, steel: Finish, grips: Sequence[Finish]) -> Ware:
    """Return open scissors lying flat, their bows enclosing backdrop."""
    pieces: list[Piece] = []
    for side, grip in zip((-1, 1), grips, strict=True):
        path = np.stack([np.zeros(60), np.linspace(-0.02, 0.11, 60), np.zeros(60)], 1).astype(np.float32)
        taper = np.interp(np.linspace(0, 1, 60), [0, 0.2, 1], [0.75, 1.0, 0.12]).astype(np.float32)
        blade = sweep(path, section=ellipse(0.015, height=0.0032), scale=taper, rounding=0.001)
        shank = tube([(0, -0.015, 0), (side * 0.004, -0.04, 0), (side * 0.008, -0.055, 0)], radius=0.004)
        bow = hoop(0.026, wire=0.0047, squeeze=0.72).turned(90 + side * 12).moved(side * 0.015, y=-0.078)
        z = 0.005 + 0.0015 * side
        pieces.append(Piece(blade.turned(13.0 * side).moved(z=z), steel()))
        pieces.append(Piece(join(shank, bow).turned(13.0 * side).moved(z=z), grip()))
    screw = turned((0, 0), (0.0048, 0), (0.0044, 0.0092, 0.001), (0, 0.0096), segments=48)
    return (*pieces, Piece(screw, steel()))


def sandal(*, sole: Finish, straps: Finish, buckle: Finish) -> Ware:
    """Return a flat sandal: shaped sole, two straps over the foot, one around the heel."""
    bands = [
        _strap_over(at, rise=rise, width=width)
        for at, rise, width in ((0.062, 0.036, 0.02), (0.018, 0.047, 0.017))
    ]
    heel = smooth_path(
        [
            (0.034, -0.055, 0.018),
            (0.041, -0.075, 0.052),
            (0.03, -0.115, 0.066),
            (0, -0.13, 0.068),
            (-0.03, -0.115, 0.066),
            (-0.041, -0.075, 0.052),
            (-0.034, -0.055, 0.018),
        ]
    )
    bands.append(
        sweep(
            heel - np.array([0.008, 0, 0], np.float32),
            section=strip_section(0.011, thickness=0.0026)[:, ::-1],
            rounding=0.001,
        )
    )
    frame = hoop(0.0085, wire=0.0011).turned(90, axis="y").moved(0.0335, y=-0.08, z=0.056)
    return Piece(_sole(), sole()), Piece(join(*bands), straps()), Piece(frame, buckle())


def backpack(*, cloth: Finish, trim: Finish) -> Ware:
    """Return a city backpack: body, pocket, grab loop on top and shoulder straps that stand off."""
    body = rounded_box((0.29, 0.13, 0.42), radius=0.055, cells=32).moved(z=0.21)
    pocket = rounded_box((0.23, 0.06, 0.19), radius=0.025, cells=24).moved(y=-0.065, z=0.125)
    zip_line = join(
        tube(
            [(-0.115, -0.092, 0.205), (-0.05, -0.097, 0.205), (0.05, -0.097, 0.205), (0.115, -0.092, 0.205)],
            radius=0.004,
        ),
        tube(
            [
                (-0.148, -0.02, 0.2),
                (-0.143, -0.03, 0.34),
                (-0.09, -0.03, 0.418),
                (0, -0.03, 0.424),
                (0.09, -0.03, 0.418),
                (0.143, -0.03, 0.34),
                (0.148, -0.02, 0.2),
            ],
            radius=0.004,
        ),
    )
    loop = sweep(
        smooth_path(
            [
                (-0.045, 0.03, 0.412),
                (-0.042, 0.03, 0.455),
                (0, 0.03, 0.478),
                (0.042, 0.03, 0.455),
                (0.045, 0.03, 0.412),
            ]
        ),
        section=strip_section(0.022, thickness=0.005)[:, ::-1],
        up=(0, 1, 0),
    )
    shoulders = [
        sweep(
            smooth_path(
                [
                    (s * 0.07, 0.05, 0.41),
                    (s * 0.165, 0.09, 0.385),
                    (s * 0.215, 0.1, 0.26),
                    (s * 0.2, 0.09, 0.12),
                    (s * 0.125, 0.05, 0.03),
                ]
            ),
            section=strip_section(0.034, thickness=0.009)[:, ::-1],
            up=(0, 1, 0),
            rounding=0.002,
        )
        for s in (-1, 1)
    ]
    return Piece(join(body, pocket), cloth()), Piece(join(zip_line, loop, *shoulders), trim())


def _sole() -> Mesh:
    """Loft a footprint 25 cm long and 22 mm thick, its edge rounded all around."""
    along = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 120))
    y, fade = 0.125 * along, np.sqrt(np.maximum(1 - along**8, 0))
    section = ellipse(0.09, height=0.022, points=96, power=5.0)
    ring = np.concatenate([section, section[:1]])
    x = ring[None, :, 0] * (_foot_width(y) * fade)[:, None] + _foot_bend(y)[:, None]
    z = 0.011 + ring[None, :, 1] * (fade**0.5)[:, None]
    points = np.stack(np.broadcast_arrays(x, y[:, None], z), axis=-1).astype(np.float32)
    return patch(points, uv=points[..., [0, 1]] + np.float32(0.2), wraps="c")


def _foot_width(y: Floats) -> Floats:
    return np.interp(y, [-0.125, -0.1, -0.02, 0.06, 0.1, 0.125], [0.55, 0.72, 0.70, 1.0, 0.9, 0.5])


def _foot_bend(y: Floats) -> Floats:
    return np.asarray(-0.012 * np.sin((y + 0.125) / 0.25 * np.pi))


def _strap_over(y: float, *, rise: float, width: float) -> Mesh:
    half = 0.045 * float(_foot_width(np.array(y)))
    middle = float(_foot_bend(np.array(y)))
    arch = smooth_path(
        [
            (middle - half, y, 0.012),
            (middle - 0.93 * half, y, 0.012 + 0.6 * rise),
            (middle, y, 0.016 + rise),
            (middle + 0.93 * half, y, 0.012 + 0.6 * rise),
            (middle + half, y, 0.012),
        ]
    )
    return sweep(arch, section=strip_section(width, thickness=0.0028)[:, ::-1], up=(0, 1, 0), rounding=0.001)


def _pillow(size: float) -> Mesh:
    u = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 90))
    x, y = np.meshgrid(u, u, indexing="ij")
    pinch = 1 - 0.05 * (1 - np.minimum(np.abs(x), np.abs(y)) ** 2) * (np.maximum(np.abs(x), np.abs(y)) ** 4)
    crumple = 1 + 0.035 * np.sin(9 * x + 4 * y) * np.cos(7 * y - 3 * x)
    height = 0.075 * ((1 - x**2) * (1 - y**2)) ** 0.42 * crumple
    grid = np.stack([x * pinch * size / 2, y * pinch * size / 2, height], axis=-1).astype(np.float32)
    back = (grid * np.array([1, 1, -1], np.float32))[::-1]
    return join(patch(grid), patch(np.ascontiguousarray(back)))


def _leaning(mesh: Mesh) -> Mesh:
    return mesh.turned(72, axis="x").turned(12).moved(z=0.2)


def _ball(radius: float) -> Mesh:
    return turned(
        *((radius * np.cos(a), radius * np.sin(a)) for a in np.linspace(-np.pi / 2, np.pi / 2, 40)),
        segments=64,
    )


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12))
