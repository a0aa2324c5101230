"""Where the rays of the view camera meet the set.

A set is a profile (ground, curve, wall) drawn out sideways, so what a ray meets depends on its row alone:
one row is traced instead of 1,600 columns. The origin is the product's foot; x to the right, y up, z to the
camera; lengths are frame widths at the product's distance.
"""

from dataclasses import dataclass

import numpy as np

from packshot.imaging.arrays import Floats
from packshot.imaging.studio.sets import Camera, Set


@dataclass(frozen=True, slots=True)
class View:
    """A camera and the frame it fills, in pixels."""

    camera: Camera
    width: int
    height: int

    def rows(self, start: int, stop: int, *, count: int | None = None) -> Floats:
        """Return the slope of the rays of `count` rows evenly from `start` to `stop`: down is positive."""
        step = (stop - start) / (count or (stop - start))
        centres = start + (np.arange(count or (stop - start), dtype=np.float32) + 0.5) * step
        origin = self.camera.floor * self.height
        slopes = ((centres - origin) / self.width + self.camera.height) / self.camera.distance
        return slopes.astype(np.float32)

    def columns(self, *, count: int | None = None) -> Floats:
        """Return the slope of the rays of `count` columns over the frame's width: right is positive."""
        size = count or self.width
        centres = (np.arange(size, dtype=np.float32) + 0.5) / size - 0.5
        return (centres / self.camera.distance).astype(np.float32)

    def row_of(self, *, y: float, z: float) -> float:
        """Return the row, in pixels, on which a point of the profile is seen."""
        depth = self.camera.distance - z
        slope = (self.camera.height - y) / depth
        return (slope * self.camera.distance - self.camera.height) * self.width + (
            self.camera.floor * self.height
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """What rows meet: distance along the camera's axis, height, place and normal; all (rows,)."""

    depth: Floats
    y: Floats
    z: Floats
    ny: Floats
    nz: Floats


def trace_ground(slopes: Floats, *, camera: Camera, level: float = 0.0) -> Profile:
    """Meet a level plane; rows at or above the horizon meet it very far away."""
    depth = np.clip((camera.height - level) / np.maximum(slopes, 1e-4), 0, 1e3).astype(np.float32)
    return _profile(depth, slopes, camera=camera, ny=np.ones_like(depth), nz=np.zeros_like(depth))


def trace_wall(slopes: Floats, *, camera: Camera, wall: float) -> Profile:
    """Meet an upright wall `wall` behind the product."""
    depth = np.full_like(slopes, camera.distance + wall)
    return _profile(depth, slopes, camera=camera, ny=np.zeros_like(depth), nz=np.ones_like(depth))


def trace_sweep(slopes: Floats, *, camera: Camera, built: Set, level: float = 0.0) -> Profile:
    """Meet a seamless sweep: ground, a quarter of a circle, wall."""
    ground = trace_ground(slopes, camera=camera, level=level)
    upright = trace_wall(slopes, camera=camera, wall=built.wall)
    bend = built.radius - built.wall
    centre = np.float32(camera.height - level - built.radius)
    # |origin + depth·ray − centre| = radius, in the plane of y and z; the far root is the paper.
    a = 1 + slopes**2
    b = -(camera.distance - bend) - slopes * centre
    c = (camera.distance - bend) ** 2 + centre**2 - built.radius**2
    depth = (-b + np.sqrt(np.maximum(b * b - a * c, 0))) / a
    curve = _profile(depth, slopes, camera=camera, ny=np.zeros_like(depth), nz=np.zeros_like(depth))
    ny, nz = (level + built.radius - curve.y) / built.radius, (bend - curve.z) / built.radius
    on_ground = ground.z >= bend
    on_wall = upright.y >= level + built.radius

    def choose(flat: Floats, steep: Floats, bent: Floats) -> Floats:
        return np.where(on_ground, flat, np.where(on_wall, steep, bent)).astype(np.float32)

    return Profile(
        depth=choose(ground.depth, upright.depth, depth),
        y=choose(ground.y, upright.y, curve.y),
        z=choose(ground.z, upright.z, curve.z),
        ny=choose(ground.ny, upright.ny, np.clip(ny, 0, 1)),
        nz=choose(ground.nz, upright.nz, np.clip(nz, 0, 1)),
    )


def points(profile: Profile, columns: Floats) -> Floats:
    """Return the place of every (row, column): (rows, columns, 3)."""
    x = profile.depth[:, None] * columns[None, :]
    spread = np.ones_like(x)
    return np.stack((x, profile.y[:, None] * spread, profile.z[:, None] * spread), axis=-1)


def normals(profile: Profile) -> Floats:
    """Return the normal of every row: (rows, 1, 3)."""
    nx = np.zeros_like(profile.ny)
    return np.stack((nx, profile.ny, profile.nz), axis=-1)[:, None, :]


def _profile(depth: Floats, slopes: Floats, *, camera: Camera, ny: Floats, nz: Floats) -> Profile:
    return Profile(depth=depth, y=camera.height - slopes * depth, z=camera.distance - depth, ny=ny, nz=nz)
