"""Whether a plate already holds something where the product is to stand; generators like to draw one."""

import cv2
import numpy as np

from packshot.events import Score
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import lab_from_srgb
from packshot.imaging.quality import measures
from packshot.imaging.quality.evidence import Evidence

_SIDE = 128
"""Longest side, in pixels, at which a plate is looked at: grain and small pattern are gone."""
_STEP = 4.0
"""Difference in L, a or b from one boolean map to the next."""
_FOOT, _BODY = 0.06, 0.2
"""Shares of the frame's height above the ground, up to which an object has its foot, and its body."""


def judge_occupancy(evidence: Evidence) -> Score:
    """Return by how much contrast the plate is enclosed in the place of the product.

    Only where products stand: what hangs or lies has a rail or cloth behind it. The studio's own sets are
    empty there by construction, and what was drawn around the product holds it already: for these it is told
    and held to nothing.
    """
    value = _enclosed_where_it_stands(evidence)
    held = (
        evidence.generator != "studio" and evidence.scene.anchor == "stand" and not evidence.is_drawn_around
    )
    return measures.SECOND_OBJECT.score(value) if held else measures.SECOND_OBJECT.told(value)


def _enclosed_where_it_stands(evidence: Evidence) -> float:
    """Return the column's contrast that is enclosed most, both at its foot and above it.

    An arch or a pattern of light is enclosed too, but does not stand on the ground; terrazzo does not rise.
    """
    enclosed = enclosed_contrast(evidence.plate)
    height, width = enclosed.shape
    scale = height / evidence.plate.shape[0]
    put = evidence.placement.box
    left, right = _clamped(put.x * scale, width), _clamped((put.x + put.width) * scale + 1, width)
    floor = max(_clamped((put.y + put.height) * scale, height), 2)
    knee, head = max(floor - max(round(_FOOT * height), 1), 1), max(floor - round(_BODY * height), 0)
    foot, body = enclosed[knee:floor, left:right], enclosed[head:knee, left:right]
    if not foot.size or not body.size:
        return 0.0
    return float(np.minimum(foot.mean(axis=0), body.mean(axis=0)).max())


def enclosed_contrast(plate: Bytes) -> Floats:
    """Return how much contrast (ΔE76, over L, a and b) separates each pixel from the border, reduced.

    Zhang, Sclaroff: Saliency Detection: A Boolean Map Approach (2013), with maps summed by their difference
    in colour instead of scaled to each picture: what counts is what a person sees, not what is salient most.
    """
    scale = _SIDE / max(plate.shape[:2])
    size = tuple(max(8, round(length * scale)) for length in plate.shape[1::-1])
    lab = lab_from_srgb(cv2.resize(plate, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False))
    enclosed = np.zeros(lab.shape[:2], dtype=np.float32)
    for channel in cv2.split(lab):
        lowest, highest = float(np.min(channel)), float(np.max(channel))
        for level in np.arange(np.floor(lowest / _STEP) + 1, np.ceil(highest / _STEP)) * _STEP:
            above = (np.asarray(channel) > level).astype(np.uint8)
            enclosed += _islands(above)
            enclosed += _islands(1 - above)
    return floats(enclosed * _STEP)


def _islands(flags: Bytes) -> Bytes:
    """Return what of the ones does not reach the border."""
    framed = cv2.copyMakeBorder(flags, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 0)
    return np.asarray(framed[1:-1, 1:-1], dtype=np.uint8)


def _clamped(value: float, most: int) -> int:
    return min(max(int(value), 0), most)
