"""The shadows of a product that is known from one matte only.

A body is made of the matte and sliced; each slice shifts along each ray of the light, and what any of them
covers lies in that ray's shadow. The mean over a light's rays is its soft shadow, exact for that body: sharp
where the body touches, softer with distance. The sky's rays do the same for what is left. Arrays are coarse.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.bodies import Slice, flat_slice, foot_line, plan_slices, relief_slices, standing
from packshot.imaging.plans import SQUEEZE, Plan, View
from packshot.imaging.rays import Rays, sky_rays

_FEWEST, _MOST = 24, 400
_STEP, _HARD_STEP = 1.3, 0.6
"""Pixels from one slice's shadow to the next one's: less than what throws them is wide; a hard shadow shows
each of them."""
_SKY_SLICES = 40
_EVENNESS = 0.6
"""Blur that takes the steps off a cast shadow: slices move by whole pixels."""
_BETWEEN = 0.6
"""Blur of what a far wall shows, of how far the shadows of neighbouring rays are apart there."""
_CREASE = 0.6
"""Blur of the dark right under a foot."""
_FAINT = 0.02
"""Share of the sky below which nobody sees that it is hidden."""
_LOWEST = 0.14
"""Sine of a ray's elevation over the receiving plane from which on its shadow grows no longer."""
_CLOSEST = 0.2
"""A body never reaches nearer to the light than this share of the light's own height."""


@dataclass(frozen=True, slots=True)
class Shadows:
    """How much of the key light, of the sky, and of all light is kept from each pixel; (H, W) in [0, 1]."""

    cast: Floats
    contact: Floats
    crease: Floats


@dataclass(frozen=True, slots=True)
class _Falls:
    """Where shadows fall on a plane, ray by ray.

    Columns and rows for a unit of height (N, 2), the ray's share of the light (N,), and how high over the
    plane its light is (N,).
    """

    slides: Floats
    shares: Floats
    heights: Floats


def on_ground(alpha: Floats, *, key: Rays, view: View, width: float) -> Shadows:
    """Return the shadows of a standing product (H, W) on the ground, and on the wall behind it.

    `width` is the frame's, which the lights' distances are told in.
    """
    body = standing(alpha, tilt=view.tilt)
    plan = Plan.under(body, view=view)
    falls = _falls(key, facing="up", width=width, squeeze=SQUEEZE)
    step = _HARD_STEP if key.is_hard else _STEP
    count = int(np.clip(body.height * np.abs(falls.slides[:, 0]).mean() / step, _FEWEST, _MOST))
    slices = tuple(plan_slices(body, place=plan.rows_of, count=count, squeeze=SQUEEZE))
    swept = _shadow(slices, falls=falls, shape=plan.shape, pad=plan.pad)
    cast = plan.seen(floats(cv2.GaussianBlur(swept, (0, 0), _EVENNESS)))
    if view.wall is not None:
        rows = np.arange(len(alpha), dtype=np.float32)[:, None]
        cast = floats(np.where(rows < view.wall, _on_wall(alpha, key=key, plan=plan, width=width), cast))
    sky = _falls(sky_rays(), facing="up", width=width, squeeze=SQUEEZE)
    few = slices[:: max(len(slices) // _SKY_SLICES, 1)]
    hidden = _shadow(few, falls=sky, shape=plan.shape, pad=plan.pad)
    even = floats(cv2.GaussianBlur(hidden, (0, 0), sigmaX=1.6, sigmaY=0.8))
    return Shadows(cast=cast, contact=plan.seen(_without_faint(even)), crease=_crease(alpha))


def on_surface(alpha: Floats, *, key: Rays, gap: float, deepest: float, width: float) -> Shadows:
    """Return the shadows on a surface right behind a product that lies on it or hangs before it.

    `gap` is how far, in pixels, the product is off the surface, `deepest` how thick it can be.
    """
    slices = tuple(relief_slices(alpha, gap=gap, deepest=deepest))
    shape = alpha.shape
    cast = _shadow(slices, falls=_falls(key, facing="camera", width=width), shape=shape)
    above = sky_rays()
    around = Rays(above.directions[:, [0, 2, 1]], above.strengths)
    hidden = _shadow(slices, falls=_falls(around, facing="camera", width=width), shape=shape)
    even = floats(cv2.GaussianBlur(hidden, (0, 0), 1.2))
    touching = floats(cv2.GaussianBlur(alpha, (0, 0), 1.0)) if gap < 1 else np.zeros_like(alpha)
    return Shadows(cast=cast, contact=_without_faint(even), crease=floats(0.5 * touching))


def _on_wall(alpha: Floats, *, key: Rays, plan: Plan, width: float) -> Floats:
    """Return the shadow on an upright plane that meets the ground in the view's row `wall`."""
    row = plan.view.wall
    if row is None or row <= plan.view.horizon:
        return np.zeros_like(alpha)
    away = flat_slice(alpha, away=plan.behind(row))
    falls = _falls(key, facing="camera", width=width)
    shape = (alpha.shape[0], alpha.shape[1] + 2 * plan.pad)
    upright = _shadow((away,), falls=falls, shape=shape, pad=plan.pad)
    apart = away.height * np.ptp(falls.slides, axis=0) / np.sqrt(len(falls.shares))
    across, down = (max(_BETWEEN * float(each), _EVENNESS) for each in apart)
    return plan.on_wall(floats(cv2.GaussianBlur(upright, (0, 0), across, sigmaY=down)), row=row)


def _falls(rays: Rays, *, facing: Literal["up", "camera"], width: float, squeeze: float = 1.0) -> _Falls:
    """Return where the shadows of rays fall on a plane; its rows, seen from its front, grow downwards."""
    towards, down = (1, -rays.directions[:, 2]) if facing == "up" else (2, rays.directions[:, 1])
    rise = rays.directions[:, towards]
    lit = rise > _LOWEST / 2
    slope = np.maximum(rise, _LOWEST)[lit]
    slides = np.column_stack((-rays.directions[lit, 0] / slope, down[lit] / slope / squeeze))
    shares = (rays.strengths * rise)[lit]
    return _Falls(
        slides=floats(slides),
        shares=floats(shares / max(float(shares.sum()), 1e-9)),
        heights=floats(rays.away * width * slope),
    )


def _shadow(slices: Iterable[Slice], *, falls: _Falls, shape: tuple[int, ...], pad: int = 0) -> Floats:
    """Return the share of the rays' light that slices keep from a plane (H, W)."""
    hidden = np.zeros((len(falls.shares), *shape), dtype=np.uint8)
    for each in slices:
        # A light that is near throws a longer shadow of what is nearer to it.
        longer = falls.heights / np.maximum(falls.heights - each.height, _CLOSEST * falls.heights)
        moved = np.rint(falls.slides * (each.height * longer)[:, None]).astype(int)
        for plane, (x, y) in zip(hidden, moved.tolist(), strict=True):
            _stamp(plane, each, x=x + pad, y=y)
    total = np.zeros(shape, dtype=np.float32)
    for plane, share in zip(hidden, falls.shares / 255, strict=True):
        total += plane * share
    return total


def _stamp(plane: Bytes, each: Slice, *, x: int, y: int) -> None:
    """Lay a slice over a plane, moved by x and y, as far as it is on it."""
    top, left = each.top + y, each.left + x
    height, width = each.cover.shape
    first, start = max(-top, 0), max(-left, 0)
    last, end = min(height, plane.shape[0] - top), min(width, plane.shape[1] - left)
    if first < last and start < end:
        part = plane[top + first : top + last, left + start : left + end]
        np.maximum(part, each.cover[first:last, start:end], out=part)


def _without_faint(shadow: Floats) -> Floats:
    return floats(np.maximum(shadow - _FAINT, 0) / (1 - _FAINT))


def _crease(alpha: Floats) -> Floats:
    """Return the narrow dark where the foot touches: a line under the contour, near the ground."""
    line = foot_line(alpha)
    rows = np.arange(alpha.shape[0], dtype=np.float32)[:, None]
    columns = np.arange(alpha.shape[1], dtype=np.float32)[None, :]
    touches = floats(cv2.remap(alpha, columns, (line - 1)[None, :], cv2.INTER_LINEAR))
    below = floats(touches * np.clip(1.3 - np.abs(rows - line - 0.5), 0, 1))
    return floats(cv2.GaussianBlur(below, (0, 0), _CREASE))
