"""The arithmetic of attention over candidates, forth and back, in NumPy alone.

A row is a customer and a category, as for the trees. Scaled dot-product attention (Vaswani et al. 2017) runs
over the K candidates of a customer, without positions, since they are a set (Lee et al. 2019).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.boosting import softmax

Floats = NDArray[np.float32]
Weights = dict[str, Floats]
WIDTH: Final = 48
_SIMPLE_AT_FIRST = 0.7


def first_weights(inputs: int, *, categories: int, rng: np.random.Generator) -> Weights:
    """Return weights for so many inputs; at first the simple answer speaks."""

    def drawn(rows: int, columns: int, *, gain: float = 1.0) -> Floats:
        return np.asarray(gain * rng.normal(size=(rows, columns)) / np.sqrt(rows), np.float32)

    return {
        "inward": drawn(inputs, WIDTH),
        "of_category": np.zeros((categories, WIDTH), np.float32),
        "asked": drawn(WIDTH, WIDTH, gain=0.5),
        "offered": drawn(WIDTH, WIDTH, gain=0.5),
        "said": drawn(WIDTH, WIDTH, gain=0.5),
        "onward": drawn(WIDTH, WIDTH),
        "bias": np.zeros(WIDTH, np.float32),
        "outward": drawn(WIDTH, 1, gain=0.1),
        "straight": np.zeros((inputs, 1), np.float32),
        "simple": np.full(1, _SIMPLE_AT_FIRST, np.float32),
    }


@dataclass(frozen=True, slots=True)
class Pass:
    """What a forward pass leaves for the backward one."""

    inputs: Floats
    simple: Floats
    units: Floats
    heard: Floats
    asked: Floats
    offered: Floats
    said: Floats
    mixed: Floats
    last: Floats
    kept: Floats | float
    scores: Floats


def forward(
    weights: Mapping[str, Floats], inputs: Floats, simple: Floats, *, kept: Floats | float = 1.0
) -> Pass:
    """Score candidates by inputs (N, K, D) and a simple answer's log (N, K); `kept` drops hidden units."""
    units = np.maximum(_times(inputs, weights["inward"]) + weights["of_category"], 0)
    asked, offered, said = (_times(units, weights[name]) for name in ("asked", "offered", "said"))
    heard = softmax(asked @ offered.swapaxes(1, 2) / np.float32(np.sqrt(WIDTH)))
    mixed = (units + heard @ said) * kept
    last = np.maximum(_times(mixed, weights["onward"]) + weights["bias"], 0)
    scores = (_times(last, weights["outward"]) + _times(inputs, weights["straight"]))[..., 0]
    scores = scores + weights["simple"] * simple
    return Pass(inputs, simple, units, heard, asked, offered, said, mixed, last, kept, scores)


def backward(weights: Mapping[str, Floats], found: Pass, top: NDArray[np.intp]) -> Weights:
    """Return the gradient of the mean log-loss of `top` (N,)."""
    d_scores = softmax(found.scores)
    d_scores[np.arange(len(top)), top] -= 1
    d_scores = (d_scores / np.float32(len(top)))[..., None]
    d_last = (d_scores * weights["outward"][:, 0]) * (found.last > 0)
    d_mixed = _times(d_last, weights["onward"].T) * found.kept
    d_heard = d_mixed @ found.said.swapaxes(1, 2)
    d_said = found.heard.swapaxes(1, 2) @ d_mixed
    d_match = found.heard * (d_heard - (d_heard * found.heard).sum(-1, keepdims=True))
    d_match = d_match / np.float32(np.sqrt(WIDTH))
    d_asked, d_offered = d_match @ found.offered, d_match.swapaxes(1, 2) @ found.asked
    d_units = d_mixed.copy()
    for name, slope in (("asked", d_asked), ("offered", d_offered), ("said", d_said)):
        d_units += _times(slope, weights[name].T)
    d_units *= found.units > 0
    return {
        "inward": _summed(found.inputs, d_units),
        "of_category": d_units.sum(0),
        "asked": _summed(found.units, d_asked),
        "offered": _summed(found.units, d_offered),
        "said": _summed(found.units, d_said),
        "onward": _summed(found.mixed, d_last),
        "bias": d_last.sum((0, 1)),
        "outward": _summed(found.last, d_scores),
        "straight": _summed(found.inputs, d_scores),
        "simple": np.array([(found.simple * d_scores[..., 0]).sum()], np.float32),
    }


def _times(rows: Floats, matrix: Floats) -> Floats:
    # As one product: NumPy multiplies a stack of small matrices one by one.
    return (rows.reshape(-1, rows.shape[-1]) @ matrix).reshape(*rows.shape[:-1], matrix.shape[-1])


def _summed(inputs: Floats, slopes: Floats) -> Floats:
    return inputs.reshape(-1, inputs.shape[-1]).T @ slopes.reshape(-1, slopes.shape[-1])
