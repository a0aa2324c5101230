"""Draw a round podium into a lit frame."""

import cv2
import numpy as np

from packshot.imaging.arrays import Flags, Floats
from packshot.imaging.studio import geometry, lighting, painting
from packshot.imaging.studio.geometry import Profile, View
from packshot.imaging.studio.illumination import GRID, SKY, Studio, illuminate
from packshot.imaging.studio.lighting import Drum

_GLINT = 0.22
"""How much brighter the rounded rim is than what is next to it."""


def openness(profile: Profile, *, view: View, drum: Drum) -> Floats:
    """Return how much sky the ground sees around the drum, (rows, width): half at its foot, all far away."""
    away = np.hypot(profile.depth[:, None] * view.columns()[None], profile.z[:, None]) - drum.radius
    seen = 1 - 0.5 * np.exp(-np.maximum(away, 0) / (0.35 * drum.height))
    return np.where((profile.ny > 0.5)[:, None], seen, 1).astype(np.float32)


def stand(studio: Studio, frame: Floats, *, drum: Drum) -> Floats:
    """Draw the drum into the frame, in place, and return it."""
    view = studio.view
    first = max(0, int(view.row_of(y=0, z=-drum.radius)) - 2)
    last = min(view.height, int(view.row_of(y=-drum.height, z=drum.radius)) + 3)
    slopes = view.rows(first, last)
    top = geometry.trace_ground(slopes, camera=view.camera)
    inside = np.hypot(top.depth[:, None] * view.columns(), top.z[:, None]) <= drum.radius
    shown, wall = _side(studio, slopes, drum=drum)
    on_top = _soft(inside, view)
    painted = wall + on_top * (_lid(studio, top, first=first, last=last) - wall)
    cover = _soft(inside | shown, view)
    frame[first:last] += cover * (_rimmed(painted, inside, shown, view) - frame[first:last])
    return frame


def _lid(studio: Studio, top: Profile, *, first: int, last: int) -> Floats:
    view = studio.view
    coarse = geometry.trace_ground(view.rows(first, last, count=GRID), camera=view.camera)
    light = painting.enlarged(illuminate(studio, coarse), rows=last - first, columns=view.width)
    texture = painting.laid(studio.built.ground, top, view=view, seed=studio.seed + 1)
    lid: Floats = light * studio.ground * texture[..., None]
    return lid


def _side(studio: Studio, slopes: Floats, *, drum: Drum) -> tuple[Flags, Floats]:
    """Return where the drum's side is seen (rows, width), and its light (rows, width, 3)."""
    camera, columns = studio.view.camera, studio.view.columns()
    # Where the ray, seen from above, first meets the circle.
    a = 1 + columns**2
    root = camera.distance**2 - a * (camera.distance**2 - drum.radius**2)
    depth = (camera.distance - np.sqrt(np.maximum(root, 0))) / a
    y = camera.height - slopes[:, None] * depth[None]
    shown: Flags = (root > 0)[None] & (y <= 0) & (y >= -drum.height)
    x, z = depth * columns / drum.radius, (camera.distance - depth) / drum.radius
    around = _around(studio, x, z, drum=drum)
    rise = np.clip(y / drum.height + 1, 0, 1)
    light = around[None, :, None] * (0.72 + 0.28 * rise**0.6)[..., None]
    return shown, (light * studio.ground).astype(np.float32)


def _around(studio: Studio, nx: Floats, nz: Floats, *, drum: Drum) -> Floats:
    """Return the light around the drum's side for normals (nx, 0, nz), (columns,)."""
    normals = np.stack((nx, np.zeros_like(nx), nz), axis=-1).astype(np.float32)[None]
    places = normals * drum.radius - np.array([0, drum.height / 2, 0], dtype=np.float32)
    key = lighting.direct(places, normals, box=studio.box)[0]
    light: Floats = (1 - SKY) * key + 0.8 * SKY
    return light


def _rimmed(painted: Floats, inside: Flags, shown: Flags, view: View) -> Floats:
    """Catch light on the rounded rim, where the top turns into the side."""
    tall = np.ones((max(3, round(5 * view.width / 1600)) | 1, 1), np.uint8)
    rim = cv2.dilate(inside.astype(np.uint8), tall).astype(bool) & shown
    brighter: Floats = painted * (1 + _GLINT * _soft(rim, view, pixels=1.2))
    return brighter


def _soft(mask: Flags, view: View, *, pixels: float = 0.8) -> Floats:
    """Return a mask with the softness of a lens, (rows, width, 1); `pixels` are of a frame 1,600 wide."""
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(pixels * view.width / 1600, 0.6))
    return np.asarray(soft, dtype=np.float32)[..., None]
