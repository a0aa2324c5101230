"""Whether the product is still the photo's: its pixels, its matte, its sharpness, its highlights."""

import cv2
import numpy as np
from numpy.typing import ArrayLike

from packshot.events import Score
from packshot.imaging.arrays import Bytes, Flags, Floats
from packshot.imaging.colour import luma
from packshot.imaging.compositing import OPAQUE
from packshot.imaging.quality import measures
from packshot.imaging.quality.evidence import Evidence, Shown

_FIXED_SIDE = 640
"""Longest side, in pixels, at which sharpness of photo and composite are compared."""
_DEEP = 8
_PATCH = np.ones((7, 7), np.uint8)
"""Doubt that is narrower is hair, fringe or mesh, which a photo rightly shows as half covered."""


def judge_product(evidence: Evidence, shown: Shown) -> tuple[Score, ...]:
    """Return how the shown product compares with the photo."""
    opaque = int(np.count_nonzero(shown.product.alpha >= OPAQUE))
    return (
        measures.FIDELITY.score(_difference(shown)),
        measures.FIDELITY_AREA.score(int(np.count_nonzero(shown.core)) / max(opaque, 1)),
        measures.DOUBT.score(_doubt(evidence.matte)),
        measures.SHARPNESS.score(_sharpness(evidence)),
        measures.CLIPPING.score(_new_clipping(shown)),
    )


def _difference(shown: Shown) -> float:
    """Return the largest difference of any channel, in 8-bit steps."""
    # Where the matte is opaque, the scaled cutout's colours are the scaled photo's own.
    apart = cv2.absdiff(shown.composite, shown.product.colours)
    return float(_highest(apart)[shown.core].max(initial=0))


def _doubt(matte: Bytes) -> float:
    """Return the share of the product's inside, eight pixels from its outline, that patches of doubt take."""
    # Beyond the box there is no product, so its edge is an outline too.
    solid = cv2.copyMakeBorder((matte >= 128).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inside = (cv2.distanceTransform(solid, cv2.DIST_L2, 3) > _DEEP)[1:-1, 1:-1]
    unsure = cv2.morphologyEx((matte < OPAQUE).astype(np.uint8), cv2.MORPH_OPEN, _PATCH) > 0
    return float(unsure[inside].mean()) if inside.any() else 0.0


def _sharpness(evidence: Evidence) -> float:
    """Return the Tenengrad of the product over the photo's, both at one size; 1 if the frame cuts it."""
    box, put = evidence.box, evidence.placement.box
    shown = evidence.composite[max(put.y, 0) : put.y + put.height, max(put.x, 0) : put.x + put.width]
    part = (slice(box.y, box.y + box.height), slice(box.x, box.x + box.width))
    matte = evidence.matte
    if shown.shape[:2] != (put.height, put.width) or min(shown.shape[:2]) == 0:
        return 1.0
    scale = min(1.0, _FIXED_SIDE / max(put.width, put.height), 1 / evidence.placement.scale)
    size = (max(8, round(put.width * scale)), max(8, round(put.height * scale)))
    where = cv2.erode(_reduced(matte, size), np.ones((5, 5), np.uint8)) >= OPAQUE
    if not where.any():
        return 1.0
    before, after = (
        _tenengrad(luma(_reduced(image, size)))[where] for image in (evidence.photo[part], shown)
    )
    return float((after.mean() + _FLAT) / (before.mean() + _FLAT))


_FLAT = 1e-5
"""Tenengrad of 8-bit rounding: a product that is one flat colour has nothing to lose."""


def _reduced(pixels: Bytes, size: tuple[int, int]) -> Bytes:
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _tenengrad(grey: Floats) -> Floats:
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    energy: Floats = across * across + down * down
    return energy


def _new_clipping(shown: Shown) -> float:
    """Return the share of product pixels that lost detail to black or white and had it in the photo."""
    lost = _clipped(shown.composite) & ~_clipped(shown.product.colours)
    return float(lost[shown.core].mean()) if shown.core.any() else 0.0


def _clipped(pixels: Bytes) -> Flags:
    flags: Flags = (_highest(pixels) <= 2) | (_highest(cv2.bitwise_not(pixels)) <= 2)
    return flags


def _highest(pixels: ArrayLike) -> Bytes:
    """Return the largest channel of each pixel, (H, W); numpy takes ten times as long over a short axis."""
    red, green, blue = cv2.split(np.asarray(pixels, dtype=np.uint8))
    return np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8)
