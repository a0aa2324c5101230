"""Judge a composite by measures that a person can check, from the stored files alone."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import ArrayLike

from packshot.events import Box, Edge, Placement, QualityReport, Scene, Score
from packshot.imaging.arrays import Bytes, Flags, Floats, floats
from packshot.imaging.colour import delta_e, lab_from_linear, linear_from_srgb, luma
from packshot.imaging.compositing import OPAQUE, Fit, ScaledCutout, scaled_cutout, scaled_photo

_EROSION = 3
_EDGE_SAMPLES = 20_000
_FIXED_SIDE = 640
"""Longest side, in pixels, at which sharpness of photo and composite are compared."""
_SOFT_FROM = 2.5
"""Enlargement from which on a person sees that pixels are missing."""
_DEEP = 8
_RING = 2
"""Width of rim and ring, in pixels of a frame reduced four times."""

_WORDS = {
    "fidelity": "product pixels differ from the photo",
    "doubt": "the matte is unsure inside the product, where the background may show through",
    "edge_halo": "the edge shows a halo",
    "sharpness": "the product lost sharpness",
    "clipping": "highlights or shadows of the product were lost",
    "stand_out": "the product does not stand out from its background",
    "enlargement": "the photo has too few pixels of the product; a closer or larger photo helps",
    "fill": "the product is too small in the frame",
    "margin": "the product comes too close to the frame's edge",
    "centring": "the product is off centre",
    "white_border": "the border is not pure white",
}
_SEED_HELPS = {"edge_halo", "stand_out"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was stored: composite and photo (H, W, 3), matte (H, W), cutout (H, W, 4), 8 bits; the plan."""

    composite: Bytes
    photo: Bytes
    matte: Bytes
    cutout: Bytes
    box: Box
    cut_edges: tuple[Edge, ...]
    placement: Placement
    scene: Scene

    @property
    def fit(self) -> Fit:
        """Return how the photo was put into the composite's frame."""
        height, width = self.composite.shape[:2]
        return Fit(box=self.box, placement=self.placement, width=width, height=height)


def measure(evidence: Evidence) -> tuple[Score, ...]:
    """Return every score of a composite."""
    product = scaled_cutout(evidence.cutout, photo=evidence.photo, fit=evidence.fit)
    shown = evidence.composite[product.window.slices]
    photo = scaled_photo(evidence.photo, evidence.fit)
    matte = scaled_photo(evidence.matte, evidence.fit)
    inside = _core(matte)
    scores = [
        _at_most("fidelity", _fidelity(shown, photo, where=inside), limit=0, unit="8-bit steps"),
        _info("fidelity_area", float(inside.sum() / max((matte >= OPAQUE).sum(), 1)), unit="share"),
        _at_most("doubt", _doubt(matte), limit=0.03, unit="share"),
        _at_most("edge_halo", _edge_halo(evidence.composite, product), limit=2.5, unit="ΔE2000"),
        _at_least("sharpness", _sharpness(evidence), limit=0.8, unit="ratio"),
        _at_most("clipping", _new_clipping(shown, photo, where=inside), limit=0.01, unit="share"),
        _stand_out(evidence, product),
        *_composition(evidence),
    ]
    if evidence.scene.name == "white":
        scores.append(_at_least("white_border", _white_border(evidence), limit=1, unit="share"))
    return tuple(scores)


def judge(scores: tuple[Score, ...], *, scene: Scene, attempt: int, allowed: int) -> QualityReport:
    """Return the verdict: another seed only where it could help and attempts remain."""
    failed = [score for score in scores if not score.passed]
    helps = scene.name != "white" and all(score.name in _SEED_HELPS for score in failed)
    verdict: Literal["pass", "retry", "give_up"] = "pass"
    if failed:
        verdict = "retry" if helps and attempt + 1 < allowed else "give_up"
    return QualityReport(
        passed=not failed,
        verdict=verdict,
        attempt=attempt,
        scores=scores,
        reason="; ".join(map(_words, failed)),
    )


def _words(score: Score) -> str:
    limit = "at least" if score.rule == "min" else "at most"
    return f"{_WORDS[score.name]} ({score.value:.3g} {score.unit}, {limit} {score.threshold:g})"


# --- measures ---------------------------------------------------------------------------------------


def _core(matte: Bytes) -> Flags:
    """Return where the scaled matte (H, W) is opaque, three pixels inside; all of it if that leaves none."""
    opaque = (matte >= OPAQUE).astype(np.uint8)
    size = 2 * _EROSION + 1
    eroded = cv2.erode(opaque, np.ones((size, size), np.uint8), borderType=cv2.BORDER_REPLICATE)
    return (eroded if eroded.any() else opaque).astype(bool)


def _fidelity(shown: Bytes, photo: Bytes, *, where: Flags) -> float:
    """Return the largest difference of any channel, in 8-bit steps."""
    return float(_highest(cv2.absdiff(shown, photo))[where].max(initial=0))


def _doubt(matte: Bytes) -> float:
    """Return the share of the product's inside, eight pixels from its outline, that is not opaque."""
    inside = cv2.distanceTransform((matte >= 128).astype(np.uint8), cv2.DIST_L2, 3) > _DEEP
    return float((matte[inside] < OPAQUE).mean()) if inside.any() else 0.0


def _edge_halo(composite: Bytes, product: ScaledCutout) -> float:
    """Return the mean ΔE2000 of edge pixels to alpha·F + (1 − alpha)·B, mixed in linear light.

    F are the decontaminated colours; B is what the composite itself shows right outside, shadows and all.
    """
    part = composite[product.window.slices]
    alpha = product.alpha
    clear = (alpha == 0).astype(np.float32)
    reach = (9, 9)
    linear = linear_from_srgb(part)
    weight = cv2.blur(clear, reach, borderType=cv2.BORDER_REPLICATE)
    behind = cv2.blur(linear * clear[..., None], reach, borderType=cv2.BORDER_REPLICATE)
    rows, columns = np.nonzero((alpha > 5) & (alpha < OPAQUE) & (weight > 0.1))
    if len(rows) == 0:
        return 0.0
    step = max(1, len(rows) // _EDGE_SAMPLES)
    at = rows[::step], columns[::step]
    cover = (alpha[at].astype(np.float32) / 255)[:, None]
    expected = cover * linear_from_srgb(product.colours[at]) + (1 - cover) * behind[at] / weight[at][:, None]
    return float(delta_e(lab_from_linear(floats(expected)), lab_from_linear(linear[at])).mean())


def _sharpness(evidence: Evidence) -> float:
    """Return the Tenengrad of the product over the photo's, both at one size; 1 if the frame cuts it."""
    box, put = evidence.box, evidence.placement.box
    shown = evidence.composite[max(put.y, 0) : put.y + put.height, max(put.x, 0) : put.x + put.width]
    if shown.shape[:2] != (put.height, put.width):
        return 1.0
    part = (slice(box.y, box.y + box.height), slice(box.x, box.x + box.width))
    scale = min(1.0, _FIXED_SIDE / max(put.width, put.height), 1 / evidence.placement.scale)
    size = (max(8, round(put.width * scale)), max(8, round(put.height * scale)))
    where = cv2.erode(_reduced(evidence.matte[part], size), np.ones((5, 5), np.uint8)) >= OPAQUE
    if not where.any():
        return 1.0
    before, after = (
        _tenengrad(luma(_reduced(image, size)))[where] for image in (evidence.photo[part], shown)
    )
    return float(after.mean() / max(before.mean(), 1e-9))


def _reduced(pixels: Bytes, size: tuple[int, int]) -> Bytes:
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _tenengrad(grey: Floats) -> Floats:
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    energy: Floats = across * across + down * down
    return energy


def _new_clipping(shown: Bytes, photo: Bytes, *, where: Flags) -> float:
    """Return the share of product pixels that lost detail to black or white and had it in the photo."""
    lost = _clipped(shown) & ~_clipped(photo)
    return float(lost[where].mean()) if where.any() else 0.0


def _clipped(pixels: Bytes) -> Flags:
    flags: Flags = (_highest(pixels) <= 2) | (_highest(cv2.bitwise_not(pixels)) <= 2)
    return flags


def _highest(pixels: ArrayLike) -> Bytes:
    """Return the largest channel of each pixel, (H, W); numpy takes ten times as long over a short axis."""
    red, green, blue = cv2.split(np.asarray(pixels, dtype=np.uint8))
    return np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8)


def _stand_out(evidence: Evidence, product: ScaledCutout) -> Score:
    value = _rim_against_ring(evidence.composite, product)
    if evidence.scene.name == "white":
        return _info("stand_out", value, unit="ΔE2000")
    return _at_least("stand_out", value, limit=8, unit="ΔE2000")


def _rim_against_ring(composite: Bytes, product: ScaledCutout) -> float:
    """Return the mean ΔE2000 across the outline: colours just inside against colours just outside."""
    height, width = composite.shape[:2]
    full = np.zeros((height, width), dtype=np.uint8)
    full[product.window.slices] = product.alpha
    size = (max(width // 4, 1), max(height // 4, 1))
    small = cv2.resize(composite, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(full, size, interpolation=cv2.INTER_AREA)
    inner, outer = (alpha > 200).astype(np.float32), (alpha < 10).astype(np.float32)
    window = (4 * _RING + 1, 4 * _RING + 1)
    light = linear_from_srgb(small.astype(np.uint8, copy=False))
    inside, outside = cv2.blur(inner, window), cv2.blur(outer, window)
    outline = cv2.morphologyEx((alpha > 127).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    at = (outline > 0) & (inside > 0.05) & (outside > 0.05)
    if not at.any():
        return 0.0
    rim = cv2.blur(light * inner[..., None], window)[at] / inside[at][:, None]
    ring = cv2.blur(light * outer[..., None], window)[at] / outside[at][:, None]
    return float(delta_e(lab_from_linear(floats(rim)), lab_from_linear(floats(ring))).mean())


def _composition(evidence: Evidence) -> tuple[Score, ...]:
    """Return fill by the longest side, by box and by area, the smallest free margin and the centring."""
    width, height = evidence.fit.width, evidence.fit.height
    put, cut = evidence.placement.box, set(evidence.cut_edges)
    fill = max(put.width / width, put.height / height)
    margins = {
        "left": put.x / width,
        "right": (width - put.x - put.width) / width,
        "top": put.y / height,
        "bottom": (height - put.y - put.height) / height,
    }
    free = [margin for edge, margin in margins.items() if edge not in cut]
    off = abs(margins["left"] - margins["right"]) / 2 if not cut & {"left", "right"} else 0.0
    covered = float((evidence.matte > 127).sum()) * evidence.placement.scale**2 / (width * height)
    small = evidence.scene.name == "white" and not cut
    limit = evidence.scene.fill - 0.01
    return (
        _at_least("fill", fill, limit=limit, unit="share") if small else _info("fill", fill, unit="share"),
        _info("fill_box", put.width * put.height / (width * height), unit="share"),
        _info("fill_area", covered, unit="share"),
        _at_most("enlargement", evidence.placement.scale, limit=_SOFT_FROM, unit="×"),
        _at_least("margin", min(free, default=1.0), limit=0.01, unit="share"),
        _at_most("centring", off, limit=0.02, unit="share"),
    )


def _white_border(evidence: Evidence) -> float:
    """Return the share of the frame's outer 1.5 % that is pure white; edges that cut do not count."""
    height, width = evidence.composite.shape[:2]
    rim = max(1, round(0.015 * min(width, height)))
    frame = evidence.composite
    strips = {"top": frame[:rim], "bottom": frame[-rim:], "left": frame[:, :rim], "right": frame[:, -rim:]}
    counted = [strip.reshape(-1, 3) for edge, strip in strips.items() if edge not in evidence.cut_edges]
    return float((np.concatenate(counted) == 255).all(axis=1).mean()) if counted else 1.0


def _at_most(name: str, value: float, *, limit: float, unit: str) -> Score:
    return Score(name=name, value=value, threshold=limit, rule="max", passed=value <= limit, unit=unit)


def _at_least(name: str, value: float, *, limit: float, unit: str) -> Score:
    return Score(name=name, value=value, threshold=limit, rule="min", passed=value >= limit, unit=unit)


def _info(name: str, value: float, *, unit: str) -> Score:
    return Score(name=name, value=value, threshold=0, rule="info", passed=True, unit=unit)
