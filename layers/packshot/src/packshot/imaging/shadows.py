"""The shadows of a product that is known from one matte only.

The matte is blown up into a body (as deep as it is thick, Igarashi et al. 1999, "Teddy"), the body is sliced,
and each slice throws its shadow along the light, blurred by its distance from what it falls on. The same
slices under a ring of sky give the dark at the foot. Arrays are coarse: shadows are smooth.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from packshot.imaging.arrays import Floats, floats

_SLICES = 26
_FLAT_SLICES = 14
_CREASES = (1.1, 3.2)
"""Blurs of the dark right under a foot: a line, and what is around it."""
_EVENNESS = 0.9
"""Last blur of a cast shadow: what is left of its slices goes under."""
_STEEPEST = 0.42
"""Slope, in the photo, up to which a lower contour is taken to stand on the ground (a box seen over its
corner); steeper ones (the side of a bowl) hang over it."""
_HIGHEST_FOOT = 0.3
"""Share of the height up to which a contour can be the foot of a leg that stands further back."""
_SKY_REACH = 1.1
"""Radius of the ground that a slice keeps most of the sky from, for each unit of its height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ray:
    """Where the light comes from, as a unit vector (x to the right, y up, z to the camera), and how soft.

    `spread` is the tangent of half the angle under which the source is seen.
    """

    x: float
    y: float
    z: float
    spread: float


@dataclass(frozen=True, slots=True)
class Shadows:
    """How much of the key light, of the sky, and of all light is kept from each pixel; (H, W) in [0, 1]."""

    cast: Floats
    contact: Floats
    crease: Floats


def ray(*, azimuth: float, elevation: float, spread: float) -> Ray:
    """Return a direction from degrees to the right of the camera's axis and above the ground."""
    turn, rise = np.radians(azimuth), np.radians(elevation)
    return Ray(
        x=float(np.sin(turn) * np.cos(rise)),
        y=float(np.sin(rise)),
        z=float(np.cos(turn) * np.cos(rise)),
        spread=spread,
    )


def foot_line(alpha: Floats) -> Floats:
    """Return the row on which each column meets the ground, (W,); rows grow downwards.

    It is the lowest line over the matte's lower contour that nowhere falls or rises too steeply.
    """
    rows = np.arange(alpha.shape[0], dtype=np.float32)[:, None]
    solid = alpha > 0.5
    lowest = np.where(solid, rows, -np.inf).max(axis=0)
    if not np.isfinite(lowest).any():
        return np.full(alpha.shape[1], alpha.shape[0] - 1, dtype=np.float32)
    slope = _STEEPEST * np.arange(len(lowest), dtype=np.float32)
    from_left = np.maximum.accumulate(lowest + slope) - slope
    from_right = (np.maximum.accumulate((lowest + slope[::-1])[::-1]) - slope)[::-1]
    line = np.maximum(from_left, from_right)
    top = np.where(solid, rows, np.inf).min()
    deepest = line.max()
    return floats(np.maximum(line, deepest - _HIGHEST_FOOT * (deepest - top)))


def on_ground(alpha: Floats, *, light: Ray, tilt: float) -> Shadows:
    """Return the shadows on the ground that a standing product (H, W) touches with its foot.

    `tilt` is how much of a length away from the camera is seen as height.
    """
    line = foot_line(alpha)
    cast, contact = np.zeros_like(alpha), np.zeros_like(alpha)
    reach = 1 / max(light.y, 0.2)
    last = 0.0
    for height, footprint in _slices_above(alpha, line=line, tilt=tilt):
        moved = _shift(footprint, x=-light.x * reach * height, y=-light.z * reach * height * tilt)
        soft = height * light.spread * reach
        step = (height - last) * reach
        # Blur takes from a slice's ends, so slices overlap by it: else a thin leg's shadow shows bars.
        swept = _sweep(moved, x=2 * step * abs(light.x) + soft, y=step * abs(light.z) * tilt)
        np.maximum(cast, _blur(swept, x=soft, y=soft * max(tilt, 0.15)), out=cast)
        last = height
        around = height * _SKY_REACH
        np.maximum(contact, _blur(footprint, x=around, y=around * tilt), out=contact)
    even = floats(cv2.GaussianBlur(cast, (0, 0), _EVENNESS))
    return Shadows(cast=even, contact=contact, crease=_crease(alpha, line=line))


def _crease(alpha: Floats, *, line: Floats) -> Floats:
    """Return the narrow dark where the foot touches: right under the contour, where it is near the ground."""
    rows = np.arange(alpha.shape[0], dtype=np.float32)[:, None]
    columns = np.arange(alpha.shape[1], dtype=np.float32)[None, :]
    touches = _at_height(alpha, line, columns, 1.5)
    below = touches * np.clip(2.2 - np.abs(rows - line), 0, 1)
    narrow, halo = (cv2.GaussianBlur(floats(below), (0, 0), width) for width in _CREASES)
    return floats(np.clip(1.3 * narrow + 0.9 * halo, 0, 1))


def on_surface(alpha: Floats, *, light: Ray, gap: float) -> Shadows:
    """Return the shadows on a surface right behind a product that lies on it or hangs before it.

    `gap` is how far, in pixels, the product is off the surface.
    """
    body = _thickness(alpha)
    cast, deepest = np.zeros_like(alpha), float(body.max()) * 0.5
    last = gap
    for share in np.linspace(0, 1, _FLAT_SLICES):
        away = gap + share * deepest
        slice_ = floats(alpha * np.clip(body * 0.5 - share * deepest + 1, 0, 1))
        reach = away / max(light.z, 0.25)
        moved = _shift(slice_, x=-light.x * reach, y=light.y * reach)
        step, soft = (away - last) / max(light.z, 0.25), reach * light.spread
        swept = _sweep(moved, x=step * abs(light.x), y=step * light.y)
        np.maximum(cast, _blur(swept, x=soft, y=soft), out=cast)
        last = away
    near = _blur(alpha, x=1 + 0.25 * (gap + deepest), y=1 + 0.25 * (gap + deepest))
    wide = _blur(alpha, x=2 + 1.2 * (gap + deepest), y=2 + 1.2 * (gap + deepest))
    touching = near if gap < 2 else np.zeros_like(near)
    return Shadows(cast=cast, contact=(0.5 * near + 0.5 * wide).astype(np.float32), crease=touching)


def _slices_above(alpha: Floats, *, line: Floats, tilt: float) -> tuple[tuple[float, Floats], ...]:
    """Return heights above the ground and the body's footprint there, as seen on the ground (H, W)."""
    rows = np.arange(alpha.shape[0], dtype=np.float32)[:, None]
    columns = np.arange(alpha.shape[1], dtype=np.float32)[None, :]
    body = _thickness(alpha)
    tall = max(float(line.max()) - float(np.argmax((alpha > 0.5).any(axis=1))), 2.0)
    heights = tall * (np.arange(_SLICES, dtype=np.float32) / (_SLICES - 1)) ** 1.4
    foot = _at_height(body, line, columns, 0.04 * tall + 1)
    middle = line - 0.5 * tilt * foot
    made = []
    for height in heights:
        present = _at_height(alpha, line, columns, height + 0.5)
        # A leg thinner than a pixel still throws its shadow.
        half = np.maximum(0.5 * tilt * _at_height(body, line, columns, height + 0.5), 0.8)
        inside = np.clip(half + 0.5 - np.abs(rows - middle), 0, 1)
        made.append((float(height), (present * inside).astype(np.float32)))
    return tuple(made)


def _at_height(values: Floats, line: Floats, columns: Floats, height: float) -> Floats:
    """Return what each column holds at a height over its own foot, (W,)."""
    rows = floats(line - height)[None, :]
    return floats(cv2.remap(values, columns, rows, cv2.INTER_LINEAR)[0])


def _thickness(alpha: Floats) -> Floats:
    """Return how deep the body is at each pixel: round across, never deeper than it is wide or tall."""
    solid = np.pad((alpha > 0.5).astype(np.uint8), 1)
    edge = cv2.distanceTransform(solid, cv2.DIST_L2, 3)[1:-1, 1:-1]
    radius = max(float(edge.max()), 1.0)
    return floats(2 * np.sqrt(np.maximum(edge * (2 * radius - edge), 0)))


def _shift(image: Floats, *, x: float, y: float) -> Floats:
    matrix = np.array([[1, 0, x], [0, 1, y]], dtype=np.float32)
    return floats(cv2.warpAffine(image, matrix, image.shape[::-1], flags=cv2.INTER_LINEAR))


def _sweep(image: Floats, *, x: float, y: float) -> Floats:
    """Return what an image covers while it moves by x and y, so that slices do not show one by one."""
    width, height = 2 * round(x / 2) + 1, 2 * round(y / 2) + 1
    return image if max(width, height) == 1 else floats(cv2.dilate(image, np.ones((height, width), np.uint8)))


def _blur(image: Floats, *, x: float, y: float) -> Floats:
    """Return a Gaussian blur by deviations x and y; wide ones as two box blurs, as quick at any width."""
    if max(x, y) < 0.3:
        return image
    if min(x, y) < 2:
        narrow_x, narrow_y = (side if 0.3 < side < 2 else 0.3 for side in (x, y))
        image = floats(cv2.GaussianBlur(image, (0, 0), sigmaX=narrow_x, sigmaY=narrow_y))
    if max(x, y) < 2:
        return image
    box = (round(2.45 * x) | 1 if x >= 2 else 1, round(2.45 * y) | 1 if y >= 2 else 1)
    once = cv2.blur(image, box, borderType=cv2.BORDER_CONSTANT)
    return floats(cv2.blur(once, box, borderType=cv2.BORDER_CONSTANT))
