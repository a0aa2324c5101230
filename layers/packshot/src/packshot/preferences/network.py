"""A small network beside the trees: every candidate category attends to the others; a softmax chooses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.attention import WIDTH, Floats, Weights, backward, first_weights, forward
from packshot.preferences.features import feature_names

Scores = NDArray[np.float64]
_SCALING = "scaling."
_BATCH = 128
_EPOCHS: Final = (3, 12)
_MOST_ROWS = 2_400_000
"""Rows, a customer and a category each, that a fit looks at in all; of many there are fewer epochs."""
_STEP = 2e-3
_WARM_UP = 0.1
_DECAY = 0.03
_DECAYED: Final = frozenset({"inward", "asked", "offered", "said", "onward", "outward", "straight"})
_MOMENTUM: Final = (0.9, 0.999)
_DROPPED_INPUTS = 0.1
_DROPPED = 0.2
_REACH = 2.0
"""A standardized feature ends softly at this many usual spreads."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Makes features alike.

    The columns `used` are scaled by `middle` and `spread`; of those `missing` a mark says where they are.
    """

    middle: Floats
    spread: Floats
    used: NDArray[np.intp]
    missing: NDArray[np.intp]

    def __call__(self, features: Floats) -> Floats:
        """Return features (N, K, F) as (N, K, D) within ±2; what is missing is 0 and says so in a column."""
        scaled = (features[..., self.used] - self.middle) / self.spread
        known = _REACH * np.tanh(np.nan_to_num(scaled, nan=0.0, posinf=0.0, neginf=0.0) / _REACH)
        holes = ~np.isfinite(features[..., self.missing])
        return np.concatenate([known, holes], axis=-1, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Network:
    """Scores of candidates; `weights` are named arrays."""

    scaling: Scaling
    weights: Mapping[str, Floats]

    def scores(self, features: Floats, *, simple: Scores) -> Scores:
        """Return scores (N, K) of features (N, K, F); `simple` (N, K) is the log of a simple answer."""
        found = forward(self.weights, self.scaling(features), simple.astype(np.float32))
        return found.scores.astype(np.float64)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return everything as named arrays."""
        scaling = {field.name: getattr(self.scaling, field.name) for field in fields(Scaling)}
        return {f"{_SCALING}{name}": array for name, array in scaling.items()} | dict(self.weights)

    @classmethod
    def of_state(cls, state: Mapping[str, NDArray[Any]]) -> "Network":
        """Return the network of a state; KeyError if a part is missing."""
        scaling = Scaling(*(state[f"{_SCALING}{field.name}"] for field in fields(Scaling)))
        return cls(scaling, {name: state[name] for name in state if not name.startswith(_SCALING)})


def fit_network(features: Floats, top: NDArray[np.intp], *, simple: Scores, seed: int = 0) -> Network:
    """Fit scores whose softmax is the distribution of `top` (N,) over the rows of (N, K, F).

    AdamW (Loshchilov, Hutter 2019) with a cosine to zero; inputs and hidden units are dropped at random.
    """
    scaling = _scaling_of(features)
    rng = np.random.default_rng(seed)
    inputs, usual = scaling(features), simple.astype(np.float32)
    weights = first_weights(inputs.shape[-1], categories=features.shape[1], rng=rng)
    optimizer = _Optimizer(weights, steps=_steps(features))
    for rows in _batches(len(top), steps=optimizer.steps, rng=rng):
        dropped = _Dropped.of(rng, inputs[rows].shape)
        found = forward(weights, inputs[rows] * dropped.inputs, usual[rows], kept=dropped.units)
        optimizer.step(backward(weights, found, top[rows]))
    return Network(scaling, weights)


def _scaling_of(features: Floats) -> Scaling:
    names = feature_names()
    used = np.array([n for n, name in enumerate(names) if name != "category"], dtype=np.intp)
    flat = features.reshape(-1, features.shape[-1])
    missing = np.flatnonzero(~np.isfinite(flat).all(0))
    middle, spread = np.zeros(len(used), np.float32), np.ones(len(used), np.float32)
    for at, column in enumerate(used):
        known = flat[np.isfinite(flat[:, column]), column]
        if len(known):
            low, middle[at], high = np.percentile(known, [10, 50, 90])
            spread[at] = (high - low) / 2.5 or known.std() or 1.0
    return Scaling(middle, np.maximum(spread, 1e-3), used, missing)


def _steps(features: Floats) -> int:
    moments, categories = features.shape[:2]
    fewest, most = _EPOCHS
    epochs = np.clip(_MOST_ROWS / (moments * categories), fewest, most)
    return max(1, int(epochs * moments / _BATCH))


def _batches(moments: int, *, steps: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    order = rng.permutation(moments)
    at = 0
    for _ in range(steps):
        if at + _BATCH > moments:
            order, at = rng.permutation(moments), 0
        yield order[at : at + _BATCH]
        at += _BATCH


@dataclass(frozen=True, slots=True)
class _Dropped:
    """Factors that drop inputs and hidden units, and raise what is left."""

    inputs: Floats
    units: Floats

    @classmethod
    def of(cls, rng: np.random.Generator, shape: tuple[int, ...]) -> "_Dropped":
        rows, categories, inputs = shape
        # A feature is dropped for all candidates of a customer, or else their comparison would break.
        return cls(
            _kept(rng, (rows, 1, inputs), _DROPPED_INPUTS), _kept(rng, (rows, categories, WIDTH), _DROPPED)
        )


def _kept(rng: np.random.Generator, shape: tuple[int, ...], dropped: float) -> Floats:
    kept: NDArray[np.bool_] = rng.random(shape, dtype=np.float32) >= dropped
    return kept.astype(np.float32) / np.float32(1 - dropped)


class _Optimizer:
    """AdamW on named arrays, in place; the step rises, then falls as a cosine."""

    def __init__(self, weights: Weights, *, steps: int) -> None:
        self.steps = steps
        self._weights = weights
        self._mean = {name: np.zeros_like(array) for name, array in weights.items()}
        self._square = {name: np.zeros_like(array) for name, array in weights.items()}
        self._done = 0

    def step(self, gradient: Weights) -> None:
        self._done += 1
        rate = np.float32(_STEP * self._height())
        first, second = (np.float32(kept) for kept in _MOMENTUM)
        for name, slope in gradient.items():
            weight, mean, square = self._weights[name], self._mean[name], self._square[name]
            mean += (1 - first) * (slope - mean)
            square += (1 - second) * (slope**2 - square)
            move = (mean / (1 - first**self._done)) / (np.sqrt(square / (1 - second**self._done)) + 1e-8)
            if name in _DECAYED:
                move = move + np.float32(_DECAY) * weight
            weight -= rate * move

    def _height(self) -> float:
        warm = max(1.0, _WARM_UP * self.steps)
        if self._done <= warm:
            return self._done / warm
        return float(0.5 + 0.5 * np.cos(np.pi * (self._done - warm) / max(self.steps - warm, 1)))
