"""A cognac leather bag whose strap arches over backdrop, on sage paper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.sets.render.mesh import (
    Floats,
    Mesh,
    ellipse,
    fillet,
    join,
    patch,
    resample,
    rounded_box,
    smooth_path,
    strip_section,
    sweep,
)
from layers.sets.render.noise import smoothstep, solid
from layers.sets.render.stage import Camera, Stage, coated, metal, plastic, softbox, surroundings
from layers.sets.render.textures import leather, paper
from tests.photos.render.film import Development
from tests.photos.render.photograph import Listing, Photograph
from tests.photos.render.sewing import cord, ring, rivet, stitches

WIDTH, TOP_WIDTH, HEIGHT, DEPTH = 0.290, 0.262, 0.198, 0.092
CORNER = 0.034
SKIN = 0.0030
"""Thickness of the flap."""
TURN = 24.0


def photograph() -> Photograph:
    """Return the bag in three-quarter view, its strap held up by a thread that was retouched away."""
    stage = Stage()
    hide = coated(leather((0.60, 0.355, 0.195), seed=3), specular=0.45)
    for mesh in (_panel(), _back(), _gusset(), *_piping(), *_tabs(), _strap()):
        stage.product(mesh.turned(TURN), material=hide)
    stage.product(_flap().turned(TURN), material=hide)
    stage.product(_flap_edge().turned(TURN), material=plastic(0.20, 0.105, 0.06, roughness=0.38))
    thread = plastic(0.80, 0.68, 0.50, roughness=0.7)
    for mesh in _seams():
        stage.product(mesh.turned(TURN), material=thread)
    brass = metal(0.93, 0.76, 0.47, roughness=0.16)
    for mesh in (*_lock(), *_rings(), *_rivets()):
        stage.product(mesh.turned(TURN), material=brass)
    _sweep_of_paper(stage)
    _let_in_light(stage)
    return Photograph(
        stage=stage,
        camera=Camera(
            eye=(0.0, -1.22, 0.36),
            target=(0.0, 0.0, 0.196),
            focus=(0.0, -0.07, 0.13),
            lens=66,
            aperture=0.0022,
            roll=-0.4,
        ),
        size=(1280, 1600),
        development=Development(
            exposure=-0.15, white_balance=(1.03, 1.0, 0.965), noise=0.006, contrast=1.15, seed=8
        ),
        listing=Listing("bags", "Tollemark", "Leather shoulder bag with flap, cognac", 189.0),
        samples=32,
    )


def _half_width(z: Floats) -> Floats:
    return np.asarray(WIDTH / 2 + (TOP_WIDTH - WIDTH) / 2 * z / HEIGHT, np.float32)


def _half_depth(z: Floats) -> Floats:
    """Return half the body's depth at a height; it leans in where the flap turns over it."""
    return np.asarray(
        DEPTH / 2 * (1 - 0.34 * smoothstep(z, low=HEIGHT - 0.030, high=HEIGHT + 0.004)), np.float32
    )


def _outline(*, inset: float = 0.0) -> Floats:
    """Return the front's outline N×2 of (x, z), from the top left down and around to the top right."""
    low, high = WIDTH / 2 - inset, TOP_WIDTH / 2 - inset
    corner = CORNER - 0.6 * inset
    return fillet([(-high, HEIGHT), (-low, inset, corner), (low, inset, corner), (high, HEIGHT)], step=1.5e-3)


def _fullness(x: Floats, z: Floats) -> Floats:
    """How far the stuffed front bulges, with the slack of a skin over padding; metres."""
    across = 1 - np.clip(np.abs(x) / _half_width(z), 0, 1) ** 3
    upright = 1 - np.clip(np.abs(2 * z / HEIGHT - 0.95) / 1.05, 0, 1) ** 3
    points = np.stack(np.broadcast_arrays(x, 0.3 + 0 * x, z), axis=-1).reshape(-1, 3).astype(np.float32)
    slack = solid(points, seed=5, feature=0.045, octaves=2).reshape(np.shape(x))
    return np.asarray(np.maximum(across * upright, 0) ** 0.8 * (0.017 + 0.0016 * slack), np.float32)


def _panel() -> Mesh:
    """Draw the front from its middle to its outline; its uv lies flat."""
    line = _outline()
    top = np.stack([np.linspace(line[-1, 0], line[0, 0], 120), np.full(120, HEIGHT)], axis=1)
    rim = np.concatenate([line, top[1:]]).astype(np.float32)
    share = np.linspace(1e-3, 1, 140, dtype=np.float32)[:, None, None]
    middle = np.array([0, HEIGHT * 0.5], np.float32)
    flat = middle + (rim - middle)[None] * share
    points = np.stack(
        [flat[..., 0], -_half_depth(flat[..., 1]) - _fullness(flat[..., 0], flat[..., 1]), flat[..., 1]],
        axis=-1,
    )
    return _facing(patch(points, uv=flat, wraps="c"), np.array([0, -1, 0]))


def _back() -> Mesh:
    return _panel().turned(180)


def _gusset() -> Mesh:
    """Fold the strip of sides and base in towards the top of the sides."""
    line = _outline()
    across = np.linspace(-1, 1, 60, dtype=np.float32)
    height = np.clip(line[:, 1] / HEIGHT, 0, 1)[:, None]
    fold = 0.016 * height**2 * (1 - across[None] ** 2) ** 1.2
    x = line[:, :1] - np.sign(line[:, :1]) * fold
    y = across * _half_depth(line[:, 1:])
    points = np.stack([x, y, np.broadcast_to(line[:, 1:], x.shape)], axis=-1)
    return _facing(patch(points.astype(np.float32)), np.array([0, 0, -1]))


def _piping() -> tuple[Mesh, Mesh]:
    line = _outline(inset=-0.0006)
    section = ellipse(0.0042, height=0.0042, points=24)
    front, back = (
        np.stack(
            [line[:, 0], np.full(len(line), side) * (_half_depth(line[:, 1]) + 0.0006), line[:, 1]], axis=1
        ).astype(np.float32)
        for side in (-1, 1)
    )
    return (
        sweep(front, section=section, up=(0, 1, 0), rounding=0.001),
        sweep(back, section=section, up=(0, 1, 0), rounding=0.001),
    )


@dataclass(frozen=True, slots=True)
class _FlapGrid:
    """The flap's outer face: points R×C×3 from its back edge, over the top, to its front edge."""

    points: Floats

    @property
    def normals(self) -> Floats:
        return _facing(patch(self.points), np.array([0, -1, 1])).normals.reshape(self.points.shape)


def _flap_grid(*, rows: int = 260, columns: int = 240) -> _FlapGrid:
    share = np.linspace(-1, 1, columns, dtype=np.float32)
    strips = []
    for s in share:
        x = s * (TOP_WIDTH / 2 + 0.004)
        lowest = 0.068 + 0.040 * np.abs(s) ** 2.6
        y = DEPTH / 2 + SKIN
        over = fillet(
            [(y, 0.14), (y, HEIGHT + 0.0045, 0.022), (-y, HEIGHT + 0.0045, 0.026), (-y, lowest)], step=8e-4
        )
        strips.append(resample(np.concatenate([np.full((len(over), 1), x), over], axis=1), step=1e-4)[::1])
    grid = np.stack([_evenly(strip, count=rows) for strip in strips], axis=1)
    spread = 1 + 0.035 * np.clip((HEIGHT - grid[..., 2]) / HEIGHT, 0, 1) * (grid[..., 1] < 0)
    forward = np.clip(-grid[..., 1] / (DEPTH / 2), 0, 1)
    bulge = _fullness(grid[..., 0], grid[..., 2]) * forward**2 * (3 - 2 * forward)
    upward = np.clip(1 - (grid[..., 1] / (DEPTH / 2 + SKIN)) ** 2, 0, 1) * (grid[..., 2] > HEIGHT / 2)
    crown = 0.005 * (1 - share[None] ** 2) * upward
    points = np.stack([grid[..., 0] * spread, grid[..., 1] - bulge, grid[..., 2] + crown], axis=-1)
    return _FlapGrid(points.astype(np.float32))


def _flap() -> Mesh:
    grid = _flap_grid()
    outer = _facing(patch(grid.points), np.array([0, -1, 1]))
    inner = patch(grid.points - SKIN * grid.normals)
    return join(outer, _facing(inner, np.array([0, 1, -1])))


def _flap_edge() -> Mesh:
    """Paint the edge: a bead along both sides and the front."""
    grid = _flap_grid()
    middle = grid.points - SKIN / 2 * grid.normals
    rim = np.concatenate([middle[:, 0], middle[-1, 1:-1], middle[::-1, -1]])
    path = resample(rim, step=1.2e-3)
    return cord(path, radius=SKIN / 2 + 0.0001)


def _seams() -> tuple[Mesh, ...]:
    """Thread along the flap's edge, along the front's outline and along the strap."""
    grid = _flap_grid()
    columns = grid.points.shape[1]
    step = int(0.0052 / (TOP_WIDTH / columns))
    inset = np.argmin(
        np.abs(np.cumsum(np.linalg.norm(np.diff(grid.points[::-1, columns // 2], axis=0), axis=1)) - 0.0052)
    )
    last = grid.points.shape[0] - 1 - int(inset)

    def along_edge(field: Floats) -> Floats:
        left, right = field[40:last, step], field[40:last, columns - 1 - step]
        return np.concatenate([left, field[last, step : columns - step], right[::-1]])

    flap = stitches(along_edge(grid.points), out=along_edge(grid.normals), seed=1)
    line = _outline(inset=0.0075)
    front = np.stack(
        [line[:, 0], -_half_depth(line[:, 1]) - _fullness(line[:, 0], line[:, 1]) - 0.0001, line[:, 1]],
        axis=1,
    )
    panel = stitches(
        front.astype(np.float32), out=np.tile(np.array([0, -1, 0], np.float32), (len(front), 1)), seed=2
    )
    return flap, panel, *_strap_seams()


def _strap_path() -> Floats:
    edge = TOP_WIDTH / 2 + 0.004
    rise = [(-edge, 0, 0.226), (-edge - 0.006, 0, 0.262), (-0.118, -0.002, 0.335), (-0.062, -0.004, 0.392)]
    # Leather never falls quite evenly.
    fall = [(0.072, -0.002, 0.388), (0.122, 0, 0.330), (edge + 0.006, 0, 0.262), (edge, 0, 0.226)]
    return smooth_path([*rise, (0.006, -0.004, 0.413), *fall], step=1.5e-3)


def _strap() -> Mesh:
    section = strip_section(0.023, thickness=0.0038)[:, ::-1]
    strap = sweep(_strap_path(), section=section, up=(0, 1, 0), rounding=0.002)
    path = _strap_path()
    folded = strip_section(0.0232, thickness=0.0078)[:, ::-1]
    ends = (sweep(part, section=folded, up=(0, 1, 0), rounding=0.0015) for part in (path[:22], path[-22:]))
    return join(strap, *ends)


def _strap_seams() -> tuple[Mesh, ...]:
    path = _strap_path()
    tangent = np.gradient(path, axis=0)
    out = np.cross(tangent, [0, 1, 0])
    out /= -np.linalg.norm(out, axis=1, keepdims=True)
    out *= np.sign(np.sum(out * (path - np.array([0, 0, 0.25])), axis=1, keepdims=True))
    rows = []
    for side in (-0.0085, 0.0085):
        line = path + out * 0.0019 + np.array([0, side, 0])
        rows.append(stitches(line[24:-24].astype(np.float32), out=out[24:-24].astype(np.float32), seed=4))
    return tuple(rows)


def _tabs() -> tuple[Mesh, ...]:
    """Leather loops at the top of the sides, which hold the rings."""
    pieces = []
    for side in (-1, 1):
        edge = side * (TOP_WIDTH / 2 + 0.0055)
        path = resample(
            np.array([[edge + 0.004 * side, 0, 0.120], [edge + 0.001 * side, 0, 0.172], [edge, 0, 0.204]]),
            step=1e-3,
        )
        pieces.append(
            sweep(path, section=strip_section(0.021, thickness=0.005)[:, ::-1], up=(0, 1, 0), rounding=0.002)
        )
    return tuple(pieces)


def _rings() -> tuple[Mesh, ...]:
    edge = TOP_WIDTH / 2 + 0.0048
    loop = ring(0.032, height=0.026, wire=0.0036).turned(90)
    return loop.turned(3, axis="x").moved(-edge, z=0.2135), loop.turned(-4, axis="x").moved(edge, z=0.2135)


def _rivets() -> tuple[Mesh, ...]:
    edge = TOP_WIDTH / 2
    head = rivet(0.0042)
    return tuple(
        head.turned(90 * side, axis="y").moved(side * (edge + x), z=z)
        for side in (-1, 1)
        for x, z in ((0.0104, 0.137), (0.0105, 0.246))
    )


def _lock() -> tuple[Mesh, ...]:
    """Return the turn-lock on the flap's tip: plate, collar, knob, two screws."""
    z = 0.0905
    y = -DEPTH / 2 - SKIN - float(_fullness(np.zeros(1, np.float32), np.full(1, z, np.float32))[0])
    plate = rounded_box((0.040, 0.0034, 0.024), radius=0.0014).moved(0, y=y - 0.0007, z=z)
    collar = rivet(0.0075).turned(90, axis="x").moved(0, y=y - 0.0026, z=z)
    knob = (
        rounded_box((0.0052, 0.009, 0.0185), radius=0.0024).turned(-8, axis="y").moved(0, y=y - 0.0075, z=z)
    )
    screws = [rivet(0.0019).turned(90, axis="x").moved(x, y=y - 0.0022, z=z) for x in (-0.0155, 0.0155)]
    return plate, collar, knob, *screws


def _facing(mesh: Mesh, direction: Floats) -> Mesh:
    """Turn an open sheet so that its mean normal agrees with a direction."""
    return mesh if float((mesh.normals @ direction).mean()) > 0 else mesh.inside_out()


def _evenly(path: Floats, *, count: int) -> Floats:
    at = np.linspace(0, len(path) - 1, count)
    return np.stack([np.interp(at, np.arange(len(path)), column) for column in path.T], axis=1).astype(
        np.float32
    )


def _sweep_of_paper(stage: Stage) -> None:
    profile = fillet([(-1.6, 0.0), (0.75, 0.0, 0.5), (0.75, 1.8)], step=0.01)
    x = np.linspace(-1.5, 1.5, 60)
    points = np.stack(np.broadcast_arrays(x[None], profile[:, :1], profile[:, 1:]), axis=-1)
    stage.prop(
        patch(points.astype(np.float32)), material=coated(paper((0.64, 0.69, 0.615), seed=21), specular=0.2)
    )


def _let_in_light(stage: Stage) -> None:
    for centre, width, height, radiance in (
        ((0.95, -0.60, 1.10), 0.6, 0.8, 17.0),
        ((-1.2, -0.6, 0.7), 0.7, 1.0, 2.0),
        ((-0.5, 0.4, 1.3), 0.9, 0.35, 4.0),
    ):
        colour = (radiance * 1.02, radiance, radiance * 0.96)
        stage.light(softbox(centre=centre, towards=(0, 0, 0.15), width=width, height=height, colour=colour))
    room = np.full((32, 64, 3), 0.10, np.float32)
    room[:12] = 0.22
    stage.light(surroundings(room))
