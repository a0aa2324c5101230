"""What happens at the outline: a halo of the old backdrop, or a product that disappears in the new one."""

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.events import Score
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import delta_e, lab_from_linear, linear_from_srgb
from packshot.imaging.compositing import OPAQUE
from packshot.imaging.quality import measures
from packshot.imaging.quality.evidence import Evidence, Shown

_SAMPLES = 8_000
"""Edge pixels that are looked at; their mean is known to 0.05 ΔE2000."""
_NEAR, _FAR = (5, 5), (11, 11)
"""Windows, in pixels, over which the light just outside stands for the light under an edge pixel."""
_SHADED = 0.87
"""Light just outside below which an edge is a foot: there it rightly falls by a third within a pixel."""
_RING = 2
"""Width of rim and ring, in pixels of a frame reduced four times."""
_DARK = 1e-4
"""Keeps a black plate from dividing by zero."""
_DISAPPEARS = 4.0
"""ΔE2000 across the outline below which a person looks twice where the product ends."""
_DISAPPEARS_IN_WHITE = 2.0


def judge_outline(evidence: Evidence, shown: Shown) -> tuple[Score, ...]:
    """Return halo and stand-out."""
    apart = _across(shown)
    mean = float(apart.mean()) if apart.size else 0.0
    halo = measures.EDGE_HALO.score(_halo(evidence, shown))
    if not apart.size:
        return halo, measures.STAND_OUT.told(0.0), measures.OUTLINE_LOST.told(0.0)
    if evidence.is_white:
        lost = float((apart < _DISAPPEARS_IN_WHITE).mean())
        return halo, measures.STAND_OUT.told(mean), measures.WHITE_OUTLINE_LOST.score(lost)
    lost = float((apart < _DISAPPEARS).mean())
    return halo, measures.STAND_OUT.score(mean), measures.OUTLINE_LOST.score(lost)


def _halo(evidence: Evidence, shown: Shown) -> float:
    """Return the mean ΔE2000 of edge pixels to alpha·F + (1 − alpha)·B, mixed in linear light.

    F are the decontaminated colours. B is the plate's pixel under the edge, in the light that the composite
    itself shows right outside: so a plate's pattern and a shadow's slope are no halo. Feet are left out.
    """
    alpha = shown.product.alpha
    rows, columns = np.nonzero((alpha > 5) & (alpha < OPAQUE))
    if len(rows) == 0:
        return 0.0
    clear = np.asarray(cv2.inRange(alpha, 0, 0), dtype=np.uint8)
    step = -(-len(rows) // _SAMPLES)
    at = rows[::step], columns[::step]
    plate = linear_from_srgb(evidence.plate[shown.window.slices])
    linear = linear_from_srgb(shown.composite)
    light = _light_outside(linear, plate, clear=clear, at=at)
    known = (light > _SHADED).all(axis=1)
    if not known.any():
        return 0.0
    cover = (alpha[at].astype(np.float32) / 255)[:, None]
    expected = cover * linear_from_srgb(shown.product.colours[at]) + (1 - cover) * plate[at] * light
    apart = delta_e(lab_from_linear(floats(expected[known])), lab_from_linear(linear[at][known]))
    return float(apart.mean())


def _light_outside(
    seen: Floats, plate: Floats, *, clear: Bytes, at: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> Floats:
    """Return what is left of the plate's light (N, 3) right outside of some pixels, NaN where all is product.

    Taken from as near as can be: at a foot the shadow is steep.
    """
    pairs = [cv2.copyTo(image, clear) for image in (seen, plate)]
    light = np.full((len(at[0]), 3), np.nan, dtype=np.float32)
    for window in (_FAR, _NEAR):
        near = cv2.blur(clear, window, borderType=cv2.BORDER_REPLICATE)[at] > 2
        lit, unlit = (cv2.blur(pair, window, borderType=cv2.BORDER_REPLICATE)[at] for pair in pairs)
        light[near] = ((lit + _DARK) / (unlit + _DARK))[near]
    return light


def _across(shown: Shown) -> Floats:
    """Return the ΔE2000 across each pixel of the outline, (N,): colours just inside against just outside."""
    light, alpha = linear_from_srgb(shown.coarse), shown.coarse_alpha
    inner, outer = (alpha > 200).astype(np.float32), (alpha < 10).astype(np.float32)
    window = (4 * _RING + 1, 4 * _RING + 1)
    inside, outside = cv2.blur(inner, window), cv2.blur(outer, window)
    outline = cv2.morphologyEx((alpha > 127).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    at = (outline > 0) & (inside > 0.05) & (outside > 0.05)
    rim = cv2.blur(light * inner[..., None], window)[at] / inside[at][:, None]
    ring = cv2.blur(light * outer[..., None], window)[at] / outside[at][:, None]
    return delta_e(lab_from_linear(floats(rim)), lab_from_linear(floats(ring)))
