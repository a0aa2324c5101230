"""Grain: how much there is, and taking most of it out without touching edges."""

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import luma

_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
_BLOCK = 16
_CLIPPED = (0.02, 0.97)
MOST = 0.06
"""The largest deviation that is taken out; more than that is believed to be texture in part."""


def measure_grain(photo: Bytes, *, inside: Bytes) -> float:
    """Return the deviation of the grain in luma [0, 1] where the 8-bit flags `inside` (H, W) are set.

    Immerkær 1996 (CVIU 64(2)): a kernel that answers to neither plane nor edge. His mean over the image
    counts texture as noise; here blocks of 16 pixels are asked, and the calmest quarter of them believed.
    """
    grey = luma(photo)
    answer = np.abs(cv2.filter2D(grey, cv2.CV_32F, _IMMERKAER))
    # Clipped pixels have no grain and black ones little; a block of them would say that there is none.
    whole = (inside > 0) & (grey > _CLIPPED[0]) & (grey < _CLIPPED[1])
    height, width = (side // _BLOCK for side in grey.shape)
    if height == 0 or width == 0:
        return 0.0
    size = (width, height)
    kept = whole.astype(np.float32)[: height * _BLOCK, : width * _BLOCK]
    blocks = cv2.resize(answer[: height * _BLOCK, : width * _BLOCK], size, interpolation=cv2.INTER_AREA)
    full = cv2.resize(kept, size, interpolation=cv2.INTER_AREA) > 0.99
    if full.sum() < 4:
        return 0.0
    return float(np.quantile(blocks[full], 0.25)) * float(np.sqrt(np.pi / 2)) / 6


def reduce_grain(photo: Bytes, *, deviation: float) -> Bytes:
    """Smooth what varies by no more than the grain does: luma a little, colour more.

    Guided filters (He, Sun, Tang 2013, TPAMI 35(6)): luma guides itself, and colour, whose grain is coarser
    and whose detail is seen least, follows the luma that came out.
    """
    if deviation <= 0:
        return photo
    planes = cv2.cvtColor(photo, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    light, red, blue = (floats(plane) for plane in cv2.split(planes))
    steps = 255 * deviation
    calm = _guided(light, guide=light, radius=2, slack=(1.5 * steps) ** 2)
    colours = [_follow(each, guide=calm, radius=2, slack=steps**2) for each in (red, blue)]
    merged = cv2.merge([calm, *colours])
    rounded = np.clip(np.rint(merged), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(rounded, cv2.COLOR_YCrCb2RGB), dtype=np.uint8)


def _guided(plane: Floats, *, guide: Floats, radius: int, slack: float) -> Floats:
    slope, level = _coefficients(plane, guide=guide, radius=radius, slack=slack)
    return floats(slope * guide + level)


def _follow(plane: Floats, *, guide: Floats, radius: int, slack: float) -> Floats:
    """Return a plane guided at half the size, its coefficients used in full (He, Sun 2015, 1505.00996)."""
    size = (max(guide.shape[1] // 2, 1), max(guide.shape[0] // 2, 1))
    small, seen = (floats(cv2.resize(each, size, interpolation=cv2.INTER_AREA)) for each in (plane, guide))
    found = _coefficients(small, guide=seen, radius=radius, slack=slack)
    slope, level = (cv2.resize(each, guide.shape[::-1], interpolation=cv2.INTER_LINEAR) for each in found)
    return floats(slope * guide + level)


def _coefficients(plane: Floats, *, guide: Floats, radius: int, slack: float) -> tuple[Floats, Floats]:
    """Return slope and level (H, W) by which the plane follows the guide in each window."""
    size = (2 * radius + 1, 2 * radius + 1)
    middle, mean = cv2.blur(guide, size), cv2.blur(plane, size)
    both = cv2.blur(guide * plane, size) - middle * mean
    spread = cv2.blur(guide * guide, size) - middle * middle
    slope = both / (spread + slack)
    return floats(cv2.blur(slope, size)), floats(cv2.blur(mean - slope * middle, size))
