"""The simple answers that a model has to beat, each a distribution (N, K) over the next category."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.features import feature_names
from packshot.preferences.tables import Moments

Table = NDArray[np.float64]
NEIGHBOURS = 300
_OWN_WEIGHT = 0.7
_FREQUENCY_WEIGHTS = (1.0, 2.0, 4.0, 8.0, 16.0)
_BATCH = 500


def baselines(moments: Moments, *, past: Moments) -> Mapping[str, Table]:
    """Return every baseline's answer; whatever it has to learn comes from `past`."""
    popular = popularity(past, len(moments))
    return {
        "popularity": popular,
        "last category": _sharpened(column(moments, "in visit 1 back"), popular),
        "most frequent": _sharpened(column(moments, "visits with it"), popular),
        "smoothed frequency": frequency(moments, popular, weight=_best_weight(past)),
        "Markov": markov(moments),
        "frequency + Markov": frequency(moments, markov(moments), weight=_best_weight(past)),
        "TIFU-KNN style": neighbours(moments, past=past),
    }


def column(moments: Moments, name: str) -> Table:
    """Return a feature (N, K) by its name."""
    return moments.features[:, :, feature_names().index(name)].astype(np.float64)


def popularity(past: Moments, count: int) -> Table:
    """Return how often each category came next, for everyone alike."""
    seen = np.bincount(past.top, minlength=past.bought.shape[1]) + 0.5
    return np.tile(seen / seen.sum(), (count, 1))


def markov(moments: Moments) -> Table:
    """Return what comes after the last category, from all visits before."""
    return _shares(np.exp(column(moments, "after the last category")))


def frequency(moments: Moments, prior: Table, *, weight: float) -> Table:
    """Return the customer's own shares, drawn towards a prior that counts as so many visits."""
    return _shares(column(moments, "visits with it") + weight * prior)


def neighbours(moments: Moments, *, past: Moments) -> Table:
    """Return the customer's faded shares mixed with those of alike customers (Hu et al. 2020)."""
    own, theirs = (_shares(column(part, "share of late visits 1")) for part in (moments, past))
    chosen = np.zeros_like(theirs)
    chosen[np.arange(len(past)), past.top] = 1
    return _shares(_OWN_WEIGHT * own + (1 - _OWN_WEIGHT) * _nearest(own, theirs, chosen) + 1e-3)


def _nearest(own: Table, theirs: Table, chosen: Table) -> Table:
    found = []
    count = min(NEIGHBOURS, len(theirs))
    for part in np.array_split(own, max(1, len(own) // _BATCH)):
        distance = (theirs**2).sum(1) - 2 * part @ theirs.T
        nearest = np.argpartition(distance, count - 1, axis=1)[:, :count]
        found.append(chosen[nearest].mean(1))
    return np.concatenate(found)


def _best_weight(past: Moments) -> float:
    prior, rows = markov(past), np.arange(len(past))
    losses = [-np.log(frequency(past, prior, weight=w)[rows, past.top]).mean() for w in _FREQUENCY_WEIGHTS]
    return _FREQUENCY_WEIGHTS[int(np.argmin(losses))]


def _sharpened(values: Table, popular: Table) -> Table:
    """Return nearly all the weight on the largest value; popularity breaks ties."""
    return _shares(values + 0.02 * popular)


def _shares(values: Table) -> Table:
    return np.asarray(values / values.sum(1, keepdims=True))
