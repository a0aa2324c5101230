"""Boosted trees that score candidates: one tree ensemble for all categories.

A row is a customer and a category. Scores of one customer's K rows go through a softmax (a conditional logit,
McFadden 1974), so that what is learned of one category serves the others, and unknown shops too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import xgboost
from numpy.typing import NDArray

Features = NDArray[np.float32]
Scores = NDArray[np.float64]
Float = TypeVar("Float", bound=np.floating[Any])
VERSION: Final = "3.0.5"
"""The version of XGBoost in the container that serves."""
PARAMETERS: Final = {
    "max_depth": 4,
    "eta": 0.03,
    "subsample": 0.6,
    "colsample_bytree": 0.3,
    "min_child_weight": 30,
    "reg_lambda": 10,
    "tree_method": "hist",
    # A number, not learned: another version of XGBoost would read a learned one wrong without an error.
    "base_score": 0.0,
}
EVENT: Final = {"objective": "binary:logistic", "base_score": 0.5, "min_child_weight": 5}
"""What differs for log-odds: events are rare, so that a leaf's weight is small."""
MOST_ROUNDS: Final = 400
_PATIENCE = 40


@dataclass(frozen=True, slots=True)
class Fitting:
    """How to fit: trees, seed and threads; a trial that looks for the number of trees ends at `most`."""

    rounds: int = 300
    seed: int = 0
    threads: int = 2
    most: int = MOST_ROUNDS


def fit_choice(features: Features, top: NDArray[np.intp], *, fitting: Fitting) -> xgboost.Booster:
    """Fit scores whose softmax is the distribution of `top` (N,) over the rows of (N, K, F)."""
    objective = _Choice(_one_hot(top, features.shape[1]))
    return xgboost.train(
        _parameters(fitting), _matrix(features, fitting), fitting.rounds, obj=objective.gradient
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """Scores (N, K) of later moments, after as many trees as did best on them."""

    rounds: int
    scores: Scores


def try_choice(
    features: Features,
    top: NDArray[np.intp],
    *,
    later: Features,
    later_top: NDArray[np.intp],
    fitting: Fitting,
) -> Trial:
    """Fit until the log-loss of later moments rises."""
    learned, judged = _Choice(_one_hot(top, features.shape[1])), _Choice(_one_hot(later_top, later.shape[1]))
    booster = xgboost.train(
        {**_parameters(fitting), "disable_default_eval_metric": 1},
        _matrix(features, fitting),
        fitting.most,
        obj=learned.gradient,
        custom_metric=judged.loss,
        evals=[(_matrix(later, fitting), "later")],
        early_stopping_rounds=_PATIENCE,
        verbose_eval=False,
    )
    rounds = int(booster.best_iteration) + 1
    return Trial(rounds, scores([booster[:rounds]], later))


def fit_event(
    features: Features, happened: NDArray[np.bool_], *, weight: Scores, fitting: Fitting
) -> xgboost.Booster:
    """Fit log-odds that something happens, for each row of (N, K, F); `weight` (N,) is of customers."""
    matrix = _matrix(features, fitting)
    matrix.set_label(happened.ravel())
    matrix.set_weight(np.repeat(weight, features.shape[1]))
    parameters = {**_parameters(fitting), **EVENT}
    return xgboost.train(parameters, matrix, fitting.rounds)


def margins(boosters: Sequence[xgboost.Booster], features: Features) -> Scores:
    """Return the raw scores (B, N, K) of several ensembles; their rows are laid out once for all."""
    if not len(features):
        return np.zeros((len(boosters), *features.shape[:2]))
    matrix = xgboost.DMatrix(features.reshape(-1, features.shape[-1]), nthread=1)
    found = [booster.predict(matrix, output_margin=True) for booster in boosters]
    return np.asarray(found, dtype=np.float64).reshape(len(found), *features.shape[:2])


def scores(boosters: Sequence[xgboost.Booster], features: Features) -> Scores:
    """Return the mean raw scores (N, K) of several ensembles."""
    return np.asarray(margins(boosters, features).mean(0))


def importance(boosters: Sequence[xgboost.Booster], *, names: Sequence[str]) -> dict[str, float]:
    """Return each feature's share of what all splits gained together, the largest first; they add up to 1."""
    gained = dict.fromkeys(names, 0.0)
    for booster in boosters:
        for code, gain in booster.get_score(importance_type="total_gain").items():
            gained[names[int(code.removeprefix("f"))]] += float(np.sum(gain))
    total = sum(gained.values()) or 1.0
    return {name: gain / total for name, gain in sorted(gained.items(), key=lambda pair: -pair[1])}


def softmax(values: NDArray[Float]) -> NDArray[Float]:
    """Return values (…, K) as probabilities."""
    raised = np.exp(values - values.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True))


@dataclass(frozen=True, slots=True)
class _Choice:
    """The conditional logit's loss, for XGBoost; `chosen` is (N, K)."""

    chosen: Scores

    def gradient(self, margin: NDArray[np.float32], _: xgboost.DMatrix) -> tuple[Scores, Scores]:
        p = softmax(margin.reshape(self.chosen.shape).astype(np.float64))
        return (p - self.chosen).ravel(), np.maximum(p * (1 - p), 1e-6).ravel()

    def loss(self, margin: NDArray[np.float32], _: xgboost.DMatrix) -> tuple[str, float]:
        p = softmax(margin.reshape(self.chosen.shape).astype(np.float64))
        return "log-loss", float(-np.log(np.clip(p[self.chosen > 0], 1e-9, 1)).mean())


def _one_hot(top: NDArray[np.intp], categories: int) -> Scores:
    chosen = np.zeros((len(top), categories))
    chosen[np.arange(len(top)), top] = 1
    return chosen


def _matrix(features: Features, fitting: Fitting) -> xgboost.DMatrix:
    return xgboost.DMatrix(features.reshape(-1, features.shape[-1]), nthread=fitting.threads)


def _parameters(fitting: Fitting) -> dict[str, object]:
    return {**PARAMETERS, "seed": fitting.seed, "nthread": fitting.threads}
