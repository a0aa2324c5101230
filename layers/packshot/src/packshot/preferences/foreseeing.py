"""The model of what is bought within so many days: log-odds by category, set right by the latest weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xgboost
from numpy.typing import NDArray

from packshot.preferences.boosting import Fitting, fit_event, scores
from packshot.preferences.tables import Outlook

_FEWEST: Final = 20.0
"""Purchases that the belief in an unchanged shop counts for, when its latest weeks say otherwise."""
_STEPS: Final = 25


@dataclass(frozen=True, slots=True)
class EventModel:
    """The probability of buying in each category; `shift` is added to the log-odds."""

    booster: xgboost.Booster
    shift: float = 0.0

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (N, K); rows do not add up to 1."""
        return self.of_scores(scores([self.booster], features))

    def of_scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities that raw scores come to."""
        return np.asarray(1 / (1 + np.exp(-self.shift - raw)))


def fit_events(outlook: Outlook, *, fitting: Fitting, latest: Sequence[Outlook] = ()) -> EventModel:
    """Fit on customers on days; `latest` are the same days in parts: what came before, and the last.

    With them the shift is what a model of the days before needs to be right in sum on the last.
    """
    booster = fit_event(outlook.features, outlook.bought, weight=outlook.weight, fitting=fitting)
    if not latest:
        return EventModel(booster)
    before, last = latest
    earlier = fit_event(before.features, before.bought, weight=before.weight, fitting=fitting)
    return EventModel(booster, shift_of(scores([earlier], last.features), last))


def shift_of(log_odds: NDArray[np.float64], outlook: Outlook) -> float:
    """Return what has to be added to log-odds (N, K) so that as much is expected as came, drawn towards 0."""
    weight = outlook.weight[:, None]
    came = float((weight * outlook.bought).sum())
    low, high = -3.0, 3.0
    told = float((weight / (1 + np.exp(-log_odds))).sum())
    # The shop of before is believed as much as a few purchases, so that a handful shifts little.
    wanted = told * (came + _FEWEST) / (told + _FEWEST)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        expected = float((weight / (1 + np.exp(-log_odds - middle))).sum())
        low, high = (middle, high) if expected < wanted else (low, middle)
    return (low + high) / 2
