"""How good probabilities are."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
Labels = NDArray[np.intp]
_SMALLEST = 1e-6
"""What a certain mistake is charged as, so that one does not outweigh all else."""


@dataclass(frozen=True, slots=True)
class Score:
    """How a distribution over categories does; `auc` is the mean of one against the rest."""

    acc1: float
    acc3: float
    hit1: float
    hit3: float
    log_loss: float
    auc: float
    ece: float


def score(probabilities: Table, *, top: Labels, bought: NDArray[np.bool_]) -> Score:
    """Score (N, K) probabilities: `top` (N,) has the category of the highest spend, `bought` (N, K) all."""
    ranked = np.argsort(-probabilities, axis=1, kind="stable")
    rows = np.arange(len(top))
    right = ranked == top[:, None]
    hits = bought[rows[:, None], ranked[:, :3]]
    return Score(
        acc1=float(right[:, 0].mean()),
        acc3=float(right[:, :3].any(1).mean()),
        hit1=float(hits[:, 0].mean()),
        hit3=float(hits.any(1).mean()),
        log_loss=log_loss(probabilities, top),
        auc=one_against_rest(probabilities, top),
        ece=calibration_error(probabilities.max(1), right[:, 0]),
    )


def log_loss(probabilities: Table, top: Labels) -> float:
    """Return the mean of −log p of what happened, in nats."""
    return float(losses(probabilities, top).mean())


def losses(probabilities: Table, top: Labels) -> NDArray[np.float64]:
    """Return −log p of what happened, for each moment."""
    given = probabilities[np.arange(len(top)), top]
    return np.asarray(-np.log(np.clip(given, _SMALLEST, 1)))


def one_against_rest(probabilities: Table, top: Labels) -> float:
    """Return the mean AUC over the categories that occur."""
    found = [area(probabilities[:, k], top == k) for k in range(probabilities.shape[1])]
    return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")


def area(
    scores: NDArray[np.float64], happened: NDArray[np.bool_], *, weight: NDArray[np.float64] | None = None
) -> float:
    """Return the area under the ROC curve, ties counted half (Mann-Whitney); NaN if all are alike."""
    counted = np.ones(len(scores)) if weight is None else weight
    _, where = np.unique(scores, return_inverse=True)
    positive, negative = (np.bincount(where, counted * part) for part in (happened, ~happened))
    pairs = float(positive.sum() * negative.sum())
    below = np.cumsum(negative) - negative / 2
    return float((positive * below).sum()) / pairs if pairs else float("nan")


def average_precision(
    scores: NDArray[np.float64], happened: NDArray[np.bool_], *, weight: NDArray[np.float64] | None = None
) -> float:
    """Return the mean precision at each thing that happened."""
    order = np.argsort(-scores, kind="stable")
    counted = np.ones(len(scores)) if weight is None else weight[order]
    right = happened[order]
    precision = np.cumsum(counted * right) / np.cumsum(counted)
    return float(np.average(precision[right], weights=counted[right])) if right.any() else float("nan")


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], *, bins: int = 15) -> float:
    """Return the expected calibration error over bins of equal width (Guo et al. 2017)."""
    where = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(where, confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(right))


def stability_index(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Return the population stability index of two distributions of one length; above 0.25 is a shift."""
    expected, actual = (np.maximum(part / part.sum(), 1e-4) for part in (before, after))
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def interval(
    measure: Callable[[NDArray[np.intp]], float],
    customers: NDArray[np.intp],
    *,
    seed: int,
    rounds: int = 200,
) -> tuple[float, float]:
    """Return the 95 % interval of a measure of rows, drawing whole customers; NaN where it is never known."""
    rng = np.random.default_rng(seed)
    order = np.argsort(customers, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(customers[order])) + 1)
    drawn = [
        measure(np.concatenate([groups[i] for i in rng.integers(0, len(groups), len(groups))]))
        for _ in range(rounds)
    ]
    if not np.isfinite(drawn).any():
        return float("nan"), float("nan")
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return float(low), float(high)
