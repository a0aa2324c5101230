"""Shapes, as triangle meshes: metres, z up, faces wound so that normals point out of the body."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Floats: TypeAlias = NDArray[np.floating[Any]]
Indices: TypeAlias = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles with smooth normals: vertices, normals N×3; faces M×3; uv N×2 in metres along the surface."""

    vertices: Floats
    faces: Indices
    normals: Floats
    uv: Floats

    def moved(self, x: float = 0.0, *, y: float = 0.0, z: float = 0.0) -> Mesh:
        """Return it shifted."""
        return replace(self, vertices=self.vertices + np.array([x, y, z], np.float32))

    def turned(self, degrees: float, *, axis: str = "z") -> Mesh:
        """Return it rotated about an axis through the origin, counter-clockwise seen from the axis's tip."""
        matrix = rotation(degrees, axis=axis).T
        return replace(self, vertices=self.vertices @ matrix, normals=self.normals @ matrix)

    def with_uv(self, uv: Floats) -> Mesh:
        """Return it with other texture coordinates."""
        return replace(self, uv=uv.astype(np.float32))

    def inside_out(self) -> Mesh:
        """Return it with its surface facing the other way, as a cavity needs it."""
        return replace(self, faces=self.faces[:, ::-1], normals=-self.normals)


def rotation(degrees: float, *, axis: str = "z") -> Floats:
    """Return the 3×3 rotation about x, y or z."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    rows = {
        "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
        "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
        "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
    }
    return np.array(rows[axis], np.float32)


def join(*meshes: Mesh) -> Mesh:
    """Return several meshes as one."""
    offsets = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + np.uint32(o) for mesh, o in zip(meshes, offsets, strict=True)]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.uv for mesh in meshes]),
    )


def patch(points: Floats, *, uv: Floats | None = None, wraps: str = "") -> Mesh:
    """Return the surface through a grid R×C×3; `wraps` holds "r" or "c" where the last repeats the first.

    Normals are the product of row and column directions, so rows × columns must point outwards.
    """
    along, across = _slope(points, axis=0, closed="r" in wraps), _slope(points, axis=1, closed="c" in wraps)
    normals = np.cross(along, across)
    lengths = np.linalg.norm(normals, axis=-1, keepdims=True)
    normals = _heal_poles(normals / np.maximum(lengths, 1e-20), lengths[..., 0])
    if uv is None:
        uv = np.stack([_arc(points, axis=1), _arc(points, axis=0)], axis=-1)
    return Mesh(
        points.reshape(-1, 3).astype(np.float32),
        _grid_faces(points.shape[0], points.shape[1]),
        normals.reshape(-1, 3).astype(np.float32),
        uv.reshape(-1, 2).astype(np.float32),
    )


def lathe(profile: Floats, *, segments: int = 512) -> Mesh:
    """Turn a profile N×2 of (radius, height), the body on its left, about z; the seam looks to +y."""
    angles = np.linspace(np.pi / 2, np.pi / 2 + 2 * np.pi, segments + 1)
    r, z = profile[:, 0, None], profile[:, 1, None]
    points = np.stack(
        [r * np.cos(angles), r * np.sin(angles), np.broadcast_to(z, (len(profile), segments + 1))], -1
    )
    around = (angles - angles[0]) / (2 * np.pi) * 2 * np.pi * profile[:, 0].max()
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    uv = np.stack(np.meshgrid(around, along), axis=-1)
    return patch(points, uv=uv, wraps="c").inside_out()


def fillet(
    corners: Sequence[tuple[float, float] | tuple[float, float, float]], *, step: float = 4e-4
) -> Floats:
    """Round a polyline of (x, y[, radius]) and sample it every `step` metres."""
    points = np.array([corner[:2] for corner in corners], np.float64)
    pieces: list[Floats] = [points[:1]]
    for index in range(1, len(points) - 1):
        radius = corners[index][2] if len(corners[index]) > 2 else 0.0  # type: ignore[misc]  # length is checked
        pieces.append(_rounded_corner(points[index - 1 : index + 2], radius=radius))
    pieces.append(points[-1:])
    return resample(np.concatenate(pieces), step=step)


def resample(path: Floats, *, step: float, places: int = 3) -> Floats:
    """Return a path N×D sampled evenly by arc length, which only the first `places` columns make up."""
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path[:, :places], axis=0), axis=1))])
    at = np.linspace(0.0, lengths[-1], max(3, int(np.ceil(lengths[-1] / step)) + 1))
    return np.stack([np.interp(at, lengths, column) for column in path.T], axis=1).astype(np.float32)


def smooth_path(knots: Sequence[Sequence[float]], *, step: float = 2e-3, closed: bool = False) -> Floats:
    """Return a C² curve through knots K×D, sampled every `step` metres."""
    from scipy.interpolate import CubicSpline

    points = np.array(knots, np.float64)
    if closed:
        points = np.concatenate([points, points[:1]])
    chord = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(points, axis=0), axis=1)))])
    curve = CubicSpline(chord, points, bc_type="periodic" if closed else "not-a-knot")
    return resample(curve(np.linspace(0.0, chord[-1], 2000)), step=step)


def sweep(
    path: Floats,
    *,
    section: Floats,
    scale: Floats | float = 1.0,
    up: tuple[float, float, float] = (0.0, 0.0, 1.0),
    rounding: float = 0.0,
) -> Mesh:
    """Carry a closed section M×2 (across, up) along a path N×3, its ends drawn in over `rounding` metres.

    `up` keeps the section upright where the path is not parallel to it. UV: around, along.
    """
    tangent = _unit(_slope(path, axis=0))
    across = _unit(np.cross(tangent, np.array(up, np.float32)))
    upward = np.cross(across, tangent)
    sizes = np.broadcast_to(np.asarray(scale, np.float32), (len(path),))
    path, across, upward, sizes = _with_caps(path, across, upward, sizes, tangent, rounding=rounding)
    ring = np.concatenate([section, section[:1]])
    offsets = ring[None, :, :1] * across[:, None] + ring[None, :, 1:] * upward[:, None]
    points = path[:, None] + sizes[:, None, None] * offsets
    uv = np.stack(np.meshgrid(_arc(ring[None], axis=1)[0], _arc(path[:, None], axis=0)[:, 0]), axis=-1)
    mesh = patch(points, uv=uv, wraps="c")
    return mesh if _turns_left(section) else mesh.inside_out()


def ellipse(width: float, *, height: float, points: int = 48, power: float = 2.0) -> Floats:
    """Return a superellipse M×2, counter-clockwise; a power above 2 is boxier."""
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    c, s = np.cos(angles), np.sin(angles)
    x = np.sign(c) * np.abs(c) ** (2 / power) * width / 2
    y = np.sign(s) * np.abs(s) ** (2 / power) * height / 2
    return np.stack([x, y], axis=1).astype(np.float32)


def strip_section(width: float, *, thickness: float, points: int = 12) -> Floats:
    """Return the section of a strap M×2: flat faces, rounded edges, counter-clockwise."""
    radius = thickness / 2
    angles = np.linspace(-np.pi / 2, np.pi / 2, points)
    right = np.stack([width / 2 - radius + radius * np.cos(angles), radius * np.sin(angles)], axis=1)
    return np.concatenate([right, -right]).astype(np.float32)


def rounded_box(size: tuple[float, float, float], *, radius: float, cells: int = 24) -> Mesh:
    """Return a box centred on the origin whose edges and corners are rounded; uv lies flat on each side."""
    return join(
        *(_box_side(np.array(size), radius, cells, axis=a, sign=s) for a in range(3) for s in (-1, 1))
    )


def isosurface(
    distance: Callable[[Floats], Floats],
    *,
    low: tuple[float, float, float],
    high: tuple[float, float, float],
    step: float,
) -> Mesh:
    """Mesh a signed distance field (N×3 → N, negative inside) by marching cubes, settled on the surface."""
    from skimage.measure import marching_cubes

    axes = [np.arange(a, b + step, step, dtype=np.float32) for a, b in zip(low, high, strict=True)]
    slabs = [
        distance(np.stack(np.meshgrid([x], axes[1], axes[2], indexing="ij"), -1).reshape(-1, 3))
        for x in axes[0]
    ]
    volume = np.stack(slabs).reshape([len(axis) for axis in axes])
    vertices, faces, _, _ = marching_cubes(volume, 0.0, spacing=(step,) * 3)
    vertices = vertices.astype(np.float32) + np.array(low, np.float32)
    for _ in range(2):
        normals = _gradient(distance, vertices, step=step / 2)
        vertices = vertices - normals * distance(vertices)[:, None]
    normals = _unit(_gradient(distance, vertices, step=step / 2))
    facing = np.cross(*(vertices[faces[:200, i]] - vertices[faces[:200, 0]] for i in (1, 2)))
    if np.sum(facing * normals[faces[:200, 0]]) < 0:
        faces = faces[:, ::-1]
    return Mesh(vertices, faces.astype(np.uint32), normals, vertices[:, :2].copy())


def wrap_around(mesh: Mesh, *, radius: float, seam: float = 90.0) -> Mesh:
    """Give it cylindrical uv about z, in metres at `radius`, cut at `seam` degrees from +x."""
    turn = np.arctan2(mesh.vertices[:, 1], mesh.vertices[:, 0]) / (2 * np.pi)
    u = np.mod(turn - seam / 360.0, 1.0)
    corners = u[mesh.faces]
    torn = (np.ptp(corners, axis=1) > 0.5)[:, None] & (corners < 0.5)
    copied, where = np.unique(mesh.faces[torn], return_inverse=True)
    faces = mesh.faces.copy()
    faces[torn] = (len(u) + where).astype(np.uint32)
    uv = np.stack(
        [np.concatenate([u, u[copied] + 1.0]) * 2 * np.pi * radius, np.empty(len(u) + len(copied))], axis=1
    )
    vertices = np.concatenate([mesh.vertices, mesh.vertices[copied]])
    uv[:, 1] = vertices[:, 2]
    return Mesh(vertices, faces, np.concatenate([mesh.normals, mesh.normals[copied]]), uv.astype(np.float32))


def bumped(mesh: Mesh, heights: Floats) -> Mesh:
    """Push every vertex along its normal by N heights in metres; the shading normals stay as they were."""
    return replace(mesh, vertices=mesh.vertices + mesh.normals * heights[:, None].astype(np.float32))


def _box_side(size: Floats, radius: float, cells: int, *, axis: int, sign: int) -> Mesh:
    first, second = (axis + 1) % 3, (axis + 2) % 3
    inner = size / 2 - radius
    arc = radius * np.tan(np.linspace(0, np.pi / 4, cells))
    marks = [np.concatenate([-inner[i] - arc[::-1], inner[i] + arc]) for i in (first, second)]
    grid = np.empty((2 * cells, 2 * cells, 3))
    grid[..., axis] = sign * size[axis] / 2
    grid[..., first], grid[..., second] = np.meshgrid(*marks, indexing="ij")
    core = np.clip(grid, -inner, inner)
    normals = (grid - core) / np.linalg.norm(grid - core, axis=-1, keepdims=True)
    points = core + radius * normals
    faces = _grid_faces(2 * cells, 2 * cells)
    return Mesh(
        points.reshape(-1, 3).astype(np.float32),
        faces if sign > 0 else faces[:, ::-1],
        normals.reshape(-1, 3).astype(np.float32),
        grid[..., [first, second]].reshape(-1, 2).astype(np.float32),
    )


def _rounded_corner(points: Floats, *, radius: float, samples: int = 24) -> Floats:
    before, corner, after = points
    if radius <= 0:
        return np.asarray(corner[None])
    back, forth = before - corner, after - corner
    reach = min(radius, 0.49 * np.linalg.norm(back), 0.49 * np.linalg.norm(forth))
    start, end = (corner + reach * leg / np.linalg.norm(leg) for leg in (back, forth))
    t = np.linspace(0, 1, samples)[:, None]
    # A rational quadratic: between a parabola and the true arc, which is what turned edges look like.
    weight = 0.85
    total = (1 - t) ** 2 + 2 * weight * t * (1 - t) + t**2
    curve = ((1 - t) ** 2 * start + 2 * weight * t * (1 - t) * corner + t**2 * end) / total
    return np.asarray(curve, np.float64)


def _slope(points: Floats, *, axis: int, closed: bool = False) -> Floats:
    slope = np.gradient(points, axis=axis)
    if closed:
        points = np.moveaxis(points, axis, 0)
        ends = (points[1] - points[-2]) / 2
        slope = np.moveaxis(slope, axis, 0)
        slope[0] = slope[-1] = ends
        slope = np.moveaxis(slope, 0, axis)
    return np.asarray(slope, np.float32)


def _heal_poles(normals: Floats, lengths: Floats) -> Floats:
    """Give rows that shrink to a point, and so have no slope of their own, their neighbour's mean."""
    for row, neighbour in ((0, 1), (-1, -2)):
        if np.median(lengths[row]) < 1e-12 + 1e-3 * np.median(lengths):
            mean = normals[neighbour].mean(axis=0)
            normals[row] = mean / max(float(np.linalg.norm(mean)), 1e-12)
    return normals


def _arc(points: Floats, *, axis: int) -> Floats:
    steps = np.linalg.norm(np.diff(points, axis=axis), axis=-1)
    pad = [(1, 0) if i == axis else (0, 0) for i in range(steps.ndim)]
    return np.asarray(np.cumsum(np.pad(steps, pad), axis=axis), np.float32)


def _grid_faces(rows: int, columns: int) -> Indices:
    index = np.arange(rows * columns, dtype=np.uint32).reshape(rows, columns)
    a, b, c, d = (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:])
    return np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])


def _with_caps(  # the ring's whole frame travels together
    path: Floats, across: Floats, upward: Floats, sizes: Floats, tangent: Floats, *, rounding: float
) -> tuple[Floats, Floats, Floats, Floats]:
    angles = np.linspace(0, np.pi / 2, 10)[:, None]
    start = path[0] - rounding * tangent[0] * np.cos(angles)
    end = path[-1] + rounding * tangent[-1] * np.sin(angles)
    shrink = np.sin(angles[:, 0])
    return (
        np.concatenate([start, path[1:-1], end]).astype(np.float32),
        np.concatenate([np.repeat(across[:1], 10, 0), across[1:-1], np.repeat(across[-1:], 10, 0)]),
        np.concatenate([np.repeat(upward[:1], 10, 0), upward[1:-1], np.repeat(upward[-1:], 10, 0)]),
        np.concatenate([sizes[0] * shrink, sizes[1:-1], sizes[-1] * shrink[::-1]]).astype(np.float32),
    )


def _turns_left(section: Floats) -> bool:
    following = np.roll(section, -1, axis=0)
    return bool(np.sum(section[:, 0] * following[:, 1] - section[:, 1] * following[:, 0]) > 0)


def _gradient(distance: Callable[[Floats], Floats], points: Floats, *, step: float) -> Floats:
    shifts = np.eye(3, dtype=np.float32) * np.float32(step)
    slopes = [(distance(points + shift) - distance(points - shift)) / (2 * step) for shift in shifts]
    return np.stack(slopes, axis=-1).astype(np.float32)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(
        vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20), np.float32
    )
