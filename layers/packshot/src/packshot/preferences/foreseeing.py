"""The model of what is bought within so many days: log-odds by category, calibrated by construction."""

from dataclasses import dataclass

import numpy as np
import xgboost
from numpy.typing import NDArray

from packshot.preferences.boosting import Fitting, fit_event, scores
from packshot.preferences.tables import Outlook


@dataclass(frozen=True, slots=True)
class EventModel:
    """The probability of buying in each category."""

    booster: xgboost.Booster

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (N, K); rows do not add up to 1."""
        return np.asarray(1 / (1 + np.exp(-scores([self.booster], features))))


def fit_events(outlook: Outlook, *, fitting: Fitting) -> EventModel:
    """Fit on customers on days."""
    return EventModel(fit_event(outlook.features, outlook.bought, weight=outlook.weight, fitting=fitting))
