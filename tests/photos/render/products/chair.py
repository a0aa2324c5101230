"""A beech chair with a spindle back, in a room with a rug, a plant and sun through a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from layers.sets.render.interior import plant, wall
from layers.sets.render.mesh import (
    Floats,
    Mesh,
    ellipse,
    fillet,
    patch,
    rounded_box,
    smooth_path,
    sweep,
)
from layers.sets.render.noise import smoothstep
from layers.sets.render.stage import Camera, Stage, coated, plastic, surroundings
from layers.sets.render.textures import BEECH, OAK, board, boards, weave
from tests.photos.render.film import Development
from tests.photos.render.photograph import Listing, Photograph

SEAT = 0.442
"""Height of the seat's top above the floor."""
TURN = 30.0
WALL = 0.95
RUG = 0.007


def photograph() -> Photograph:
    """Return the chair as its seller took it at home, in the afternoon."""
    stage = Stage()
    wood = coated(board(BEECH, seed=14, length=1.3, width=0.5, texel=4e-4), specular=0.45)
    for mesh in (_seat(), *_legs(), *_stretchers(), *_spindles(), _top_rail()):
        stage.product(mesh.turned(TURN).moved(z=RUG), material=wood)
    _room(stage)
    _let_in_light(stage)
    return Photograph(
        stage=stage,
        camera=Camera(
            eye=(0.25, -2.25, 1.06),
            target=(0.02, 0.0, 0.415),
            focus=(0.0, -0.12, 0.45),
            lens=63,
            aperture=0.004,
            roll=0.7,
        ),
        size=(1280, 1600),
        development=Development(
            exposure=0.45, white_balance=(1.02, 1.0, 0.96), noise=0.006, contrast=1.12, seed=12
        ),
        listing=Listing("furniture", "Brandlund", "Spindle-back dining chair, oiled beech", 149.0),
        samples=32,
    )


def _along_grain(mesh: Mesh, *, seed: int) -> Mesh:
    """Lay a swept piece's length along the grain, each piece cut from another place of the board."""
    offset = np.random.default_rng(seed).uniform(0, 1, 2).astype(np.float32) * np.array(
        [0.6, 0.35], np.float32
    )
    return mesh.with_uv(mesh.uv[:, ::-1] * np.array([1, 0.8], np.float32) + offset)


def _seat() -> Mesh:
    """Saw a slab to a soft trapezoid, dish it for two thighs, round its edges well."""
    angle = np.linspace(0, 2 * np.pi, 361)[None]
    c, s = np.cos(angle), np.sin(angle)
    power = 2 / 3.4
    plan_x = np.sign(c) * np.abs(c) ** power * 0.228
    plan_y = np.sign(s) * np.abs(s) ** power * 0.212
    plan_x = plan_x * (1 - 0.09 * plan_y / 0.212)
    edge = _seat_edge()
    x, y = plan_x * edge[:, :1], plan_y * edge[:, :1]
    dish = np.exp(-((np.abs(x) - 0.085) ** 2 / 0.0075 + (y - 0.035) ** 2 / 0.013))
    swell = 0.35 * np.exp(-(x**2 / 0.0022 + (y + 0.17) ** 2 / 0.01))
    top = smoothstep(edge[:, 1:].astype(np.float32), low=-0.012, high=0.0)
    z = SEAT + edge[:, 1:] - 0.0125 * dish * top + 0.004 * swell * top
    points = np.stack(np.broadcast_arrays(x, y, z), axis=-1).astype(np.float32)
    mesh = patch(points, uv=points[..., :2] + np.array([0.4, 0.25], np.float32), wraps="c")
    return mesh if mesh.normals[len(mesh.normals) // 4, 2] > 0 else mesh.inside_out()


def _seat_edge() -> Floats:
    """(share of the plan, height below the top) from the middle of the top to the middle of the bottom."""
    line = fillet(
        [(0, 0), (0.2280, 0, 0.011), (0.2285, -0.016, 0.010), (0.205, -0.033, 0.006), (0, -0.033)],
        step=1.4e-3,
    )
    return np.asarray(line / np.array([0.228, 1]), np.float32)


def _turned(
    start: tuple[float, float, float], end: tuple[float, float, float], *, radii: tuple[float, ...], seed: int
) -> Mesh:
    """Return a piece turned on the lathe between two points; radii are spread evenly along it."""
    path = smooth_path(np.linspace(start, end, 5).tolist(), step=4e-3)
    share = np.linspace(0, 1, len(path))
    knots = np.linspace(0, 1, len(radii))
    profile = np.interp(share, knots, radii)
    smooth = np.convolve(
        np.pad(profile, 6, mode="edge"), np.hanning(15)[1:-1] / np.hanning(15).sum(), mode="valid"
    )
    up = (0.0, 1.0, 0.0) if abs(end[2] - start[2]) > 0.1 else (0.0, 0.0, 1.0)
    mesh = sweep(
        path,
        section=ellipse(2, height=2, points=48),
        scale=smooth.astype(np.float32)[: len(path)],
        up=up,
        rounding=0.003,
    )
    return _along_grain(mesh, seed=seed)


_FEET = {
    (-1, -1): (-0.205, -0.208),
    (1, -1): (0.205, -0.208),
    (-1, 1): (-0.192, 0.222),
    (1, 1): (0.192, 0.222),
}
_TOPS = {
    (-1, -1): (-0.158, -0.142),
    (1, -1): (0.158, -0.142),
    (-1, 1): (-0.140, 0.140),
    (1, 1): (0.140, 0.140),
}


def _on_leg(corner: tuple[int, int], *, height: float) -> tuple[float, float, float]:
    share = height / (SEAT - 0.02)
    (fx, fy), (tx, ty) = _FEET[corner], _TOPS[corner]
    return fx + share * (tx - fx), fy + share * (ty - fy), height


def _legs() -> list[Mesh]:
    radii = (0.0112, 0.0135, 0.0165, 0.0190, 0.0195, 0.0175, 0.0140)
    return [
        _turned(_on_leg(corner, height=0.003), _on_leg(corner, height=SEAT - 0.018), radii=radii, seed=index)
        for index, corner in enumerate(_FEET)
    ]


def _stretchers() -> list[Mesh]:
    radii = (0.0075, 0.0095, 0.0120, 0.0095, 0.0075)
    sides = [
        _turned(_on_leg((s, -1), height=0.165), _on_leg((s, 1), height=0.185), radii=radii, seed=10 + s)
        for s in (-1, 1)
    ]
    left, right = ((s * 0.187, 0.005, 0.175) for s in (-1, 1))
    return [*sides, _turned(left, right, radii=radii, seed=15)]


def _spindle_ends(share: float) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return foot and head of the spindle at -1..1 across the back."""
    foot = (0.183 * share, 0.182 - 0.050 * share**2, SEAT - 0.014)
    head = (0.208 * share, 0.290 - 0.075 * share**2, 0.796)
    return foot, head


def _spindles() -> list[Mesh]:
    pieces = []
    for index, share in enumerate(np.linspace(-1, 1, 8)):
        is_post = abs(share) == 1
        foot, head = _spindle_ends(float(share))
        middle = (np.array(foot) + np.array(head)) / 2 + np.array([0, -0.012, 0])
        path = smooth_path([foot, middle.tolist(), head], step=4e-3)
        widest = 0.0112 if is_post else 0.0078
        scale = widest * np.interp(
            np.linspace(0, 1, len(path)), [0, 0.15, 0.4, 0.8, 1], [0.84, 0.9, 1, 0.82, 0.6]
        )
        mesh = sweep(
            path,
            section=ellipse(2, height=2, points=40),
            scale=scale.astype(np.float32),
            up=(0, 1, 0),
            rounding=0.002,
        )
        pieces.append(_along_grain(mesh, seed=30 + index))
    return pieces


def _top_rail() -> Mesh:
    """Steam a rail to the back's curve and draw its ends in."""
    knots = []
    for share in np.linspace(-1.12, 1.12, 9):
        _, head = _spindle_ends(float(share))
        knots.append((head[0], head[1] + 0.006, head[2] + 0.014 - 0.010 * share**2))
    path = smooth_path(knots, step=3e-3)
    share = np.linspace(-1, 1, len(path))
    scale = (1 - 0.20 * np.abs(share) ** 3).astype(np.float32)
    section = ellipse(0.0225, height=0.068, points=72, power=3.2)
    mesh = sweep(path, section=section, scale=scale, up=(0.0, 0.42, 1.0), rounding=0.006)
    return _along_grain(mesh, seed=50)


def _room(stage: Stage) -> None:
    _lay_floor(stage)
    wall(stage, y=WALL, width=7, low=0, high=2.8, colour=(0.70, 0.715, 0.68))
    skirting = fillet(
        [
            (0, 0),
            (-0.018, 0, 0.001),
            (-0.018, 0.085, 0.004),
            (-0.010, 0.098, 0.004),
            (-0.008, 0.118, 0.003),
            (0, 0.12),
        ],
        step=5e-4,
    )
    x = np.linspace(-3.5, 3.5, 20)
    points = np.stack(
        np.broadcast_arrays(x[:, None], WALL + skirting[None, :, 0], skirting[None, :, 1]), axis=-1
    )
    stage.prop(patch(points.astype(np.float32)), material=plastic(0.88, 0.87, 0.84, roughness=0.35))
    _lay_rug(stage)
    _fit_socket(stage)
    plant(stage, x=0.74, y=0.60, z=0.0, height=1.15, leaves=30, seed=5)


def _lay_floor(stage: Stage) -> None:
    worn = replace(
        OAK, early=(0.60, 0.47, 0.34), late=(0.47, 0.345, 0.235), pore=(0.24, 0.16, 0.10), gloss=0.34
    )
    planks = boards(worn, seed=90, rows=8, columns=2, length=1.5, width=0.115, gap=0.0016, texel=6e-4)
    floor = rounded_box((7, 6, 0.04), radius=0.002, cells=4)
    turned = floor.uv[:, ::-1] + np.array([0.7, 0.4], np.float32)
    stage.prop(floor.with_uv(turned).moved(0, y=WALL - 3, z=-0.02), material=coated(planks, specular=0.45))


def _lay_rug(stage: Stage) -> None:
    wool = weave((0.55, 0.50, 0.44), (0.80, 0.77, 0.70), seed=44, threads=64, pitch=0.0042)
    across = np.arange(wool.colour.shape[1]) / wool.colour.shape[1]
    stripes = np.isin(np.floor(across * 32), [3, 4, 7, 20, 24, 25, 26]).astype(np.float32)[None, :, None]
    wool = replace(wool, colour=wool.colour * (1 - 0.30 * stripes))
    rug = rounded_box((1.9, 1.15, RUG), radius=0.003, cells=6)
    stage.prop(rug.turned(-4).moved(-0.12, y=0.06, z=RUG / 2), material=coated(wool, specular=0.1, bump=0.8))


def _fit_socket(stage: Stage) -> None:
    white = plastic(0.90, 0.90, 0.88, roughness=0.3)
    stage.prop(
        rounded_box((0.082, 0.010, 0.082), radius=0.003).moved(-0.52, y=WALL - 0.004, z=0.30), material=white
    )
    well = rounded_box((0.042, 0.004, 0.042), radius=0.002).moved(-0.52, y=WALL - 0.008, z=0.30)
    stage.prop(well, material=plastic(0.72, 0.72, 0.70, roughness=0.3))


def _let_in_light(stage: Stage) -> None:
    """Open a window in the left wall: sky through it, and a low sun that draws its panes on the wall."""
    low_y, high_y, low_z, high_z = -1.05, 0.05, 0.95, 2.35
    x = -1.75
    frame = plastic(0.85, 0.85, 0.83, roughness=0.4)
    for size, y, z in (
        ((0.12, 3.0, low_z), -0.6, low_z / 2),
        ((0.12, 3.0, 1.0), -0.6, high_z + 0.5),
        ((0.12, 2.0, 3.4), low_y - 1.0, 1.7),
        ((0.12, 0.9, 3.4), high_y + 0.45, 1.7),
        ((0.05, 0.045, 1.5), (low_y + high_y) / 2, 1.65),
        ((0.05, 1.2, 0.04), -0.5, 1.62),
    ):
        stage.prop(rounded_box(size, radius=0.004, cells=4).moved(x, y=y, z=z), material=frame)
    sky = {
        "type": "rectangle",
        "to_world": _towards((-7.0, -1.4, 2.6), (x, -0.5, 1.6), width=8.0, height=6.0),
        "emitter": {"type": "area", "radiance": {"type": "rgb", "value": [5.2, 5.7, 6.3]}},
    }
    stage.light(sky)
    sun = np.array([-4.0, -2.5, 2.35])
    place = np.array([0.62, WALL, 0.62]) + 1.6 * sun
    stage.light(
        {
            "type": "sphere",
            "center": place.tolist(),
            "radius": 0.075,
            "emitter": {"type": "area", "radiance": {"type": "rgb", "value": [15000.0, 12800.0, 9800.0]}},
        }
    )
    room = np.full((32, 64, 3), 0.30, np.float32) * np.array([1.0, 0.96, 0.90], np.float32)
    room[20:] *= 0.5
    stage.light(surroundings(room))


def _towards(
    centre: tuple[float, float, float], target: tuple[float, float, float], *, width: float, height: float
) -> object:
    import mitsuba as mi

    look = mi.ScalarTransform4f().look_at(origin=list(centre), target=list(target), up=[0, 0, 1])
    return look @ mi.ScalarTransform4f().scale([width / 2, height / 2, 1])
