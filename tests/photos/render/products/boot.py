"""A suede Chelsea boot with an elastic gore and a stitched welt, on flat warm white."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.sets.render.mesh import (
    Floats,
    Mesh,
    fillet,
    join,
    patch,
    resample,
    smooth_path,
    strip_section,
    sweep,
)
from layers.sets.render.noise import smoothstep, solid
from layers.sets.render.stage import (
    Camera,
    Node,
    Stage,
    bumpy,
    coated,
    image,
    plastic,
    softbox,
    surroundings,
    two_sided,
)
from layers.sets.render.textures import paper, weave
from tests.photos.render.film import Development
from tests.photos.render.photograph import Listing, Photograph
from tests.photos.render.sewing import cord, stitches

# Along the boot from the tip of the toe to the top of the shaft: upper and lower outline seen from the side
# (x, z), half the width, how far the middle lies off the straight, how boxy the lower half is; millimetres.
_LAST = np.array(
    [
        # s     Fx     Fz     Bx     Bz     w    mid  box
        [0.00, 152.0, 35.0, 152.0, 35.0, 0.0, 4.0, 2.4],
        [0.03, 150.8, 44.0, 151.2, 25.5, 14.5, 4.0, 2.5],
        [0.07, 147.0, 52.0, 147.0, 21.0, 23.0, 3.6, 2.7],
        [0.13, 136.0, 60.0, 132.0, 20.5, 32.0, 3.0, 4.5],
        [0.21, 117.0, 65.5, 108.0, 18.5, 40.5, 1.6, 6.0],
        [0.31, 90.0, 74.0, 72.0, 18.0, 45.0, 0.0, 6.5],
        [0.41, 60.0, 88.5, 26.0, 18.0, 43.5, -1.0, 6.5],
        [0.50, 35.0, 107.5, -28.0, 18.0, 38.5, -1.5, 6.5],
        [0.57, 20.0, 124.0, -82.0, 18.0, 35.0, -1.0, 5.5],
        [0.62, 11.0, 136.0, -118.0, 18.5, 34.0, -0.6, 4.5],
        [0.66, 4.0, 146.0, -138.0, 23.0, 33.5, -0.2, 3.4],
        [0.70, -1.5, 156.0, -147.5, 42.0, 33.0, 0.0, 2.8],
        [0.75, -6.0, 169.0, -149.0, 72.0, 33.0, 0.0, 2.4],
        [0.83, -9.5, 189.0, -141.0, 122.0, 33.5, 0.0, 2.3],
        [0.91, -10.5, 210.0, -133.5, 170.0, 36.0, 0.0, 2.3],
        [1.00, -9.0, 232.0, -134.0, 222.0, 39.0, 0.0, 2.3],
    ]
)
_ROWS, _COLUMNS = 520, 640
_GORE_FOOT, _GORE_TOP = 0.098, 0.240


def photograph() -> Photograph:
    """Return the boot seen from its outer side, toe to the right, a little from above."""
    stage = Stage()
    shell = _upper()
    stage.product(shell.mesh.turned(-24), material=_suede(shell))
    for mesh, material in (*_inside(shell), *_soles(), *_threads(shell), _pull_tab(shell)):
        stage.product(mesh.turned(-24), material=material)
    _sweep_of_paper(stage)
    _let_in_light(stage)
    return Photograph(
        stage=stage,
        camera=Camera(
            eye=(0.10, -1.12, 0.36),
            target=(0.004, 0.0, 0.103),
            focus=(0.03, -0.045, 0.09),
            lens=98,
            aperture=0.0028,
            roll=0.3,
        ),
        size=(1600, 1440),
        development=Development(white_balance=(1.02, 1.0, 0.975), noise=0.005, contrast=1.12, seed=17),
        listing=Listing("shoes", "Fennharrow", "Suede Chelsea boot, tobacco", 165.0),
        samples=32,
    )


@dataclass(frozen=True, slots=True)
class _Shell:
    """The upper's outer face: points and normals R×C×3, rows from toe to top, columns once around."""

    points: Floats
    normals: Floats
    mesh: Mesh


def _last(column: int, *, at: Floats) -> Floats:
    """Return a column of the last in metres (the boxiness as it is)."""
    from scipy.interpolate import CubicSpline, PchipInterpolator

    values = _LAST[:, column]
    if column == 5:
        return np.asarray(
            np.sqrt(np.maximum(PchipInterpolator(_LAST[:, 0], values**2)(at), 0)) / 1000, np.float32
        )
    if column == 7:
        return np.asarray(PchipInterpolator(_LAST[:, 0], values)(at), np.float32)
    return np.asarray(CubicSpline(_LAST[:, 0], values)(at) / 1000, np.float32)


def _upper() -> _Shell:
    s = (np.linspace(0, 1, _ROWS) ** 1.15).astype(np.float32)
    fx, fz, bx, bz, half, middle, box = (_last(column, at=s)[:, None] for column in range(1, 8))
    angle = np.linspace(0, 2 * np.pi, _COLUMNS + 1, dtype=np.float32)[None]
    c, d = np.cos(angle), np.sin(angle)
    power = np.where(c < 0, box, 2.15 + 0 * box)
    up = np.sign(c) * np.abs(c) ** (2 / power)
    side = np.sign(d) * np.abs(d) ** (2 / power)
    x = (fx + bx) / 2 + up * (fx - bx) / 2
    # The last's own table is level; the foot stands on a heel.
    z = (fz + bz) / 2 + up * (fz - bz) / 2 + _tread(x) - 0.0222
    y = middle + side * half
    points = np.stack(np.broadcast_arrays(x, y, z), axis=-1).astype(np.float32)
    rest = patch(points, wraps="c")
    rest = rest if _looks_out(rest) else rest.inside_out()
    slack = 6e-4 * solid(rest.vertices, seed=3, feature=0.05, octaves=2)
    moved = (rest.vertices + rest.normals * slack[:, None]).reshape(points.shape)
    moved[:, -1] = moved[:, 0]
    grid = np.stack(
        np.meshgrid(np.linspace(0, 1, _COLUMNS + 1), np.linspace(0, 1, _ROWS), indexing="xy"), axis=-1
    )
    mesh = patch(moved, uv=grid.astype(np.float32), wraps="c")
    mesh = mesh if _looks_out(mesh) else mesh.inside_out()
    return _Shell(moved, mesh.normals.reshape(points.shape), mesh)


def _looks_out(mesh: Mesh) -> bool:
    sideways = np.abs(mesh.normals[:, 1]) > 0.9
    return float(np.sum(mesh.normals[sideways, 1] * mesh.vertices[sideways, 1])) > 0


def _gore(points: Floats) -> Floats:
    """Return metres outside (negative: inside) the elastic gore, as seen from the side."""
    x, z = points[..., 0], points[..., 2]
    return np.asarray(np.maximum(np.abs(x - _gore_middle(z)) - _gore_half(z), _GORE_FOOT - z), np.float32)


def _gore_half(z: Floats) -> Floats:
    """Return half the gore's width at a height: a long U."""
    rise = np.clip((z - _GORE_FOOT) / (_GORE_TOP - _GORE_FOOT), 0, 1)
    return np.asarray(0.0265 * np.sqrt(1 - (1 - rise) ** 2.2), np.float32)


def _gore_middle(z: Floats) -> Floats:
    rise = (z - _GORE_FOOT) / (_GORE_TOP - _GORE_FOOT)
    return np.asarray(-0.052 - 0.020 * rise, np.float32)


def _suede(shell: _Shell) -> Node:
    """Bake nap, brushed shades, the gore's ribs and the side seam onto the upper's own grid."""
    from scipy.ndimage import zoom

    shape = (2600, 3600)
    factors = (shape[0] / shell.points.shape[0], shape[1] / shell.points.shape[1])
    points = np.stack([zoom(shell.points[..., axis], factors, order=1) for axis in range(3)], axis=-1)
    flat = points.reshape(-1, 3)
    # Noise in space, for no chart of a boot's surface is free of stretching.
    nap = 2.5 * solid(flat, seed=5, feature=5.5e-4, octaves=2, period=96).reshape(shape)
    tufts = 2.5 * solid(flat, seed=6, feature=1.7e-3, octaves=2, period=96).reshape(shape)
    brushed = solid(flat, seed=7, feature=0.028, octaves=3).reshape(shape)
    gore = _gore(points)
    inside = 1 - smoothstep(gore, low=-0.0002, high=0.0003)
    groove = np.exp(-((gore / 0.0007) ** 2)) + np.exp(
        -(((points[..., 0] - _gore_middle(points[..., 2])) / 0.0005) ** 2)
    ) * (points[..., 2] < _GORE_FOOT)
    ribs = np.sin(2 * np.pi * (points[..., 0] - _gore_middle(points[..., 2])) / 0.0021)
    shade = 1 + 0.16 * brushed + 0.028 * tufts + 0.04 * nap - 0.38 * groove
    hide = np.array([0.45, 0.315, 0.21]) * shade[..., None]
    elastic = np.array([0.20, 0.145, 0.11]) * (0.85 + 0.22 * ribs + 0.05 * nap)[..., None]
    colour = hide * (1 - inside[..., None]) + elastic * inside[..., None]
    height = (
        (2.2e-5 * nap + 1.8e-5 * tufts) * (1 - inside)
        - 8e-4 * inside
        - 2.5e-4 * groove
        + 2.2e-4 * ribs * inside
    )
    body = {
        "type": "principled",
        "base_color": image(colour.astype(np.float32), extent=(1.0, 1.0)),
        "roughness": 0.92,
        "specular": 0.15,
        "sheen": 0.6,
        "sheen_tint": 0.6,
    }
    return two_sided(bumpy(body, height.astype(np.float32), extent=(1.0, 1.0)))


def _inside(shell: _Shell) -> list[tuple[Mesh, Node]]:
    """Return the lining down to where it is dark, and the turned edge of the top."""
    start = int(_ROWS * 0.55)
    lining = patch(shell.points[start:] - 0.0030 * shell.normals[start:], wraps="c")
    edge = resample(shell.points[-1] - 0.0015 * shell.normals[-1], step=1e-3)
    tan = plastic(0.70, 0.55, 0.38, roughness=0.6)
    return [(lining, tan), (cord(edge, radius=0.0021), plastic(0.36, 0.235, 0.145, roughness=0.8))]


def _footprint(*, outset: float) -> Floats:
    """Return the closed line N×3 that lies `outset` outside the upper where it meets the welt."""
    s = np.linspace(0.02, 0.63, 200).astype(np.float32)
    x, half, middle = _last(3, at=s), _last(5, at=s), _last(6, at=s)
    right = np.stack([x, middle + half * 0.97], axis=1)
    left = np.stack([x, middle - half * 0.97], axis=1)
    ring = np.concatenate(
        [left[::-1], [[0.1510, 0.004]], right, [[-0.1415, 0.018], [-0.1465, 0.0], [-0.1415, -0.018]]]
    )
    from scipy.ndimage import gaussian_filter1d

    even = resample(np.concatenate([ring, ring[:1]]), step=1e-3)[:-1]
    even = gaussian_filter1d(even, 5, axis=0, mode="wrap")
    tangent = np.roll(even, -1, axis=0) - np.roll(even, 1, axis=0)
    out = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    middle_point = even.mean(axis=0)
    out *= np.sign(np.sum(out * (even - middle_point)))
    line = even + outset * out
    return np.concatenate([line, line[:1]]).astype(np.float32)


def _tread(x: Floats) -> Floats:
    """Height of the welt's top above the ground: down from the heel to the ball, and up again at the toe."""
    drop = smoothstep(x, low=-0.062, high=0.058)
    return np.asarray(0.0222 - 0.0121 * drop + 0.0085 * np.clip((x - 0.078) / 0.075, 0, 1) ** 2, np.float32)


def _layer(
    *, outset: float, top: float, bottom: float, rounding: float, back_of: float | None = None
) -> Mesh:
    """Return the sole between two depths below the welt's top; `back_of` keeps what lies behind that x."""
    line = _footprint(outset=outset)[:-1]
    if back_of is not None:
        line = _cut_square(line, front=back_of)
    line = np.concatenate([line, line[:1]])
    centre = line.mean(axis=0)
    edge = fillet(
        [(0.0, top), (outset + 0.03, top, rounding), (outset + 0.03, bottom, rounding), (0.0, bottom)],
        step=3e-4,
    )
    inset = (outset + 0.03 - edge[:, 0])[:, None]
    reach = np.linalg.norm(line - centre, axis=1)[None]
    share = np.maximum(1 - inset / reach, 0.0) * (edge[:, :1] > 1e-9)
    xy = centre + (line - centre)[None] * share[..., None]
    level = _tread(xy[..., 0]) + edge[:, 1:]
    points = np.concatenate([xy, np.maximum(level, 0.0004)[..., None]], axis=-1)
    mesh = patch(points.astype(np.float32), wraps="c")
    return (
        mesh
        if float(np.sum(mesh.normals[:, :2] * (mesh.vertices[:, :2] - centre))) > 0
        else mesh.inside_out()
    )


def _cut_square(line: Floats, *, front: float) -> Floats:
    """Keep the part of a footprint behind the heel's breast; the line starts and ends at the back."""
    kept = line[line[:, 0] <= front]
    return resample(np.concatenate([kept, kept[:1]]), step=1e-3)[:-1]


def _soles() -> list[tuple[Mesh, Node]]:
    """Build up welt, outsole, heel and its rubber."""
    welt = plastic(0.30, 0.195, 0.115, roughness=0.5)
    sole = plastic(0.20, 0.135, 0.09, roughness=0.55)
    rubber = plastic(0.085, 0.075, 0.07, roughness=0.6)
    return [
        (_layer(outset=0.0046, top=0.0, bottom=-0.0042, rounding=0.0012), welt),
        (_layer(outset=0.0041, top=-0.0043, bottom=-0.0098, rounding=0.0010), sole),
        (_layer(outset=0.0034, top=-0.0099, bottom=-0.0165, rounding=0.0008, back_of=-0.052), sole),
        (_layer(outset=0.0028, top=-0.0166, bottom=-0.0222, rounding=0.0008, back_of=-0.053), rubber),
    ]


def _threads(shell: _Shell) -> list[tuple[Mesh, Node]]:
    """Sew the welt all around, and two rows beside the gore on the outer side."""
    line = _footprint(outset=0.0025)
    welt = np.concatenate([line, (_tread(line[:, 0]) + 0.0001)[:, None]], axis=1)
    up = np.tile(np.array([0, 0, 1], np.float32), (len(welt), 1))
    seams = [stitches(welt.astype(np.float32), out=up, length=0.0036, gap=0.0013, thread=0.00055, seed=1)]
    light = plastic(0.74, 0.60, 0.42, roughness=0.7)
    own = plastic(0.50, 0.34, 0.21, roughness=0.8)
    rows = [
        stitches(path, out=out, length=0.0022, gap=0.0007, thread=0.0003, seed=2)
        for path, out in _gore_rows(shell)
    ]
    return [(join(*seams), light), (join(*rows), own)]


def _gore_rows(shell: _Shell) -> list[tuple[Floats, Floats]]:
    """Find paths and normals of the seams beside the outer gore by their place seen from the side."""
    from scipy.interpolate import LinearNDInterpolator

    outer = (shell.points[..., 1] < -0.005) & (shell.points[..., 2] > 0.07) & (shell.points[..., 0] < 0.02)
    known = shell.points[outer]
    surface = LinearNDInterpolator(
        known[:, [0, 2]], np.concatenate([known[:, 1:2], shell.normals[outer]], axis=1)
    )
    rows = []
    for offset in (0.0022, 0.0046):
        z = np.linspace(0.229, _GORE_FOOT - offset, 120)
        half = _gore_half(z) + offset
        middle = _gore_middle(z.astype(np.float32))
        seen = np.concatenate([np.stack([middle - half, z], 1), np.stack([middle + half, z], 1)[::-1]])
        found = surface(seen)
        good = ~np.isnan(found).any(axis=1)
        seen, found = seen[good], found[good]
        path = np.stack([seen[:, 0], found[:, 0], seen[:, 1]], axis=1) + 0.0002 * found[:, 1:]
        rows.append((path.astype(np.float32), found[:, 1:].astype(np.float32)))
    return rows


def _pull_tab(shell: _Shell) -> tuple[Mesh, Node]:
    """Return a loop of webbing at the back of the top."""
    back = shell.points[-1, _COLUMNS // 2]
    x, z = float(back[0]), float(back[2])
    loop = [(-22, -28), (-34, -4), (-60, 17), (20, 26), (70, 15), (45, -6), (40, -26)]
    path = smooth_path(
        [(x + dx / 1e4, 0, z + dz / 1e3) for dx, dz in loop],
        step=8e-4,
    )
    tab = sweep(path, section=strip_section(0.016, thickness=0.0014)[:, ::-1], up=(0, 1, 0), rounding=0.0005)
    cloth = weave((0.20, 0.145, 0.105), (0.30, 0.22, 0.155), seed=9, threads=32, pitch=0.0008)
    return tab, coated(cloth, specular=0.2)


def _sweep_of_paper(stage: Stage) -> None:
    profile = fillet([(-1.6, 0.0), (0.8, 0.0, 0.55), (0.8, 1.8)], step=0.01)
    x = np.linspace(-1.5, 1.5, 60)
    points = np.stack(np.broadcast_arrays(x[None], profile[:, :1], profile[:, 1:]), axis=-1)
    stage.prop(
        patch(points.astype(np.float32)), material=coated(paper((0.90, 0.89, 0.87), seed=31), specular=0.2)
    )


def _let_in_light(stage: Stage) -> None:
    for centre, width, height, radiance in (
        ((-0.75, -0.75, 1.05), 0.7, 0.7, 10.0),
        ((1.2, -0.4, 0.7), 0.7, 1.0, 2.6),
        ((0.1, 0.5, 1.4), 1.2, 0.5, 3.2),
    ):
        stage.light(
            softbox(centre=centre, towards=(0, 0, 0.1), width=width, height=height, colour=(radiance,) * 3)
        )
    room = np.full((32, 64, 3), 0.14, np.float32)
    room[:12] = 0.30
    stage.light(surroundings(room))
