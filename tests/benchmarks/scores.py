"""How good a matte is, against the true one.

Mattes are float32 (H, W) in [0, 1]; a mask is a matte above one half; `counted` says which pixels count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

Matte = NDArray[np.float32]
Mask = NDArray[np.bool_]

BOUNDARY_BAND = 0.02
"""Of the diagonal: how wide the bands are whose IoU is the boundary IoU (Cheng et al. 2021)."""
CONTOUR_TOLERANCE = 0.0075
"""Of the diagonal: how far a contour may lie from the true one (Perazzi et al. 2016)."""
EDGE_BAND = 0.01
"""Of the diagonal: how far to either side of the true contour alpha is compared."""
BAD = 0.9
"""A matte whose IoU is below cannot be sold."""

_BINS = (0.0, 0.5, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.98, 1.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """One matte's figures, or the means of many; `band_error` is NaN where the truth has no contour."""

    iou: float
    accuracy: float
    mae: float
    boundary_iou: float
    boundary_f: float
    band_error: float

    @classmethod
    def of(cls, matte: Matte, truth: Matte, *, ignored: Mask | None = None) -> Self:
        """Compare; `ValueError` if the sizes differ or nothing is left to count."""
        if matte.shape != truth.shape:
            raise ValueError(f"a matte of {matte.shape} cannot be compared with one of {truth.shape}")
        counted = np.ones(truth.shape, dtype=np.bool_) if ignored is None else ~ignored
        if not counted.any():
            raise ValueError("all pixels are ignored")
        mask, true_mask = (matte > 0.5) & counted, (truth > 0.5) & counted
        return cls(
            iou=intersection_over_union(mask, true_mask),
            accuracy=float((mask == true_mask)[counted].mean()),
            mae=float(np.abs(matte - truth)[counted].mean()),
            boundary_iou=boundary_iou(mask, true_mask),
            boundary_f=boundary_f(mask, true_mask),
            band_error=band_error(matte, truth, counted=counted),
        )

    @classmethod
    def mean(cls, many: Sequence[Self]) -> Self:
        """Return the mean of each figure over the images that have it."""
        return cls(**{name: _mean([getattr(each, name) for each in many]) for name in FIGURES})


FIGURES = tuple(field.name for field in fields(Figures))


@dataclass(frozen=True, slots=True)
class Graded:
    """What became of one image: its IoU, how sure the engine was of it, and whether it would be published."""

    iou: float
    confidence: float
    approved: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """What passes unseen: its share of all, its mean IoU, and how many of it are below 0.9.

    `threshold` is on the confidence, None for the product's own rules; `iou` is NaN where nothing passes.
    """

    threshold: float | None
    approved: float
    iou: float
    bad: int


@dataclass(frozen=True, slots=True)
class Bin:
    """How far confidences from `low` up to `high` can be relied on: `good` is the share whose IoU is 0.9."""

    low: float
    high: float
    count: int
    confidence: float
    good: float
    iou: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean difference and where 95 % of its bootstrap replicates lie."""

    mean: float
    low: float
    high: float


def intersection_over_union(mask: Mask, truth: Mask) -> float:
    """Return 1 where both are empty."""
    union = np.count_nonzero(mask | truth)
    return float(np.count_nonzero(mask & truth) / union) if union else 1.0


def boundary_iou(mask: Mask, truth: Mask) -> float:
    """Return the IoU of the bands inside both contours (Cheng et al. 2021, arXiv 2103.16562).

    The photo's edge counts as contour, as in the paper's own code.
    """
    width = max(1, round(BOUNDARY_BAND * _diagonal(mask)))
    return intersection_over_union(_inner_band(mask, width), _inner_band(truth, width))


def boundary_f(mask: Mask, truth: Mask) -> float:
    """Return the harmonic mean of the contours' precision and recall (Perazzi et al. 2016, DAVIS)."""
    radius = max(1, round(CONTOUR_TOLERANCE * _diagonal(mask)))
    drawn, wanted = _contour(mask), _contour(truth)
    if not drawn.any() or not wanted.any():
        return float(drawn.any() == wanted.any())
    precision = (_dilated(wanted, radius) & drawn).sum() / drawn.sum()
    recall = (_dilated(drawn, radius) & wanted).sum() / wanted.sum()
    return float(2 * precision * recall / max(float(precision + recall), 1e-9))


def band_error(matte: Matte, truth: Matte, *, counted: Mask) -> float:
    """Return the mean absolute difference of alpha near the true contour, NaN where there is none."""
    radius = max(1, round(EDGE_BAND * _diagonal(truth)))
    mask = truth > 0.5
    band = _dilated(mask, radius) & _dilated(~mask, radius) & counted
    return float(np.abs(matte - truth)[band].mean()) if band.any() else float("nan")


def share_below(graded: Sequence[Graded]) -> float:
    """Return the share of mattes that cannot be sold."""
    return sum(each.iou < BAD for each in graded) / len(graded)


def gate(graded: Sequence[Graded], *, threshold: float | None = None) -> Gate:
    """Return what a threshold on the confidence lets through; without one, what the product does."""
    passed = [
        each.iou for each in graded if (each.approved if threshold is None else each.confidence >= threshold)
    ]
    return Gate(threshold, len(passed) / len(graded), _mean(passed), sum(iou < BAD for iou in passed))


def reliability(graded: Sequence[Graded]) -> tuple[Bin, ...]:
    """Return the bins of confidence that hold something; the last one includes its upper end."""
    found = []
    for low, high in zip(_BINS, (*_BINS[1:-1], np.inf), strict=False):
        held = [each for each in graded if low <= each.confidence < high]
        if held:
            ious = [each.iou for each in held]
            confidence = _mean([each.confidence for each in held])
            good = _mean([float(iou >= BAD) for iou in ious])
            found.append(Bin(low, min(high, 1.0), len(held), confidence, good, _mean(ious)))
    return tuple(found)


def paired_difference(
    ours: Sequence[float], theirs: Sequence[float], *, rounds: int = 10_000, seed: int = 7
) -> Interval:
    """Return ours minus theirs over the images that both have (percentile bootstrap, Efron 1979)."""
    difference = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    difference = difference[np.isfinite(difference)]
    if not len(difference):
        return Interval(float("nan"), float("nan"), float("nan"))
    draws = np.random.default_rng(seed).integers(0, len(difference), (rounds, len(difference)))
    low, high = np.percentile(difference[draws].mean(axis=1), [2.5, 97.5])
    return Interval(float(difference.mean()), float(low), float(high))


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _diagonal(image: Mask | Matte) -> float:
    return float(np.hypot(*image.shape))


def _inner_band(mask: Mask, width: int) -> Mask:
    """Return what lies inside the mask and less than `width` steps from its outside or the photo's edge."""
    framed = cv2.copyMakeBorder(mask.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    core = cv2.erode(framed, np.ones((3, 3), dtype=np.uint8), iterations=width)[1:-1, 1:-1]
    return np.asarray(mask & (np.asarray(core) == 0))


def _contour(mask: Mask) -> Mask:
    rim = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_GRADIENT, np.ones((2, 2), dtype=np.uint8))
    return np.asarray(rim) > 0


def _dilated(mask: Mask, radius: int) -> Mask:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(np.ascontiguousarray(mask).view(np.uint8), disc)) > 0
