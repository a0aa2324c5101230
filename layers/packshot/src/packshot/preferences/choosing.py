"""The model of what comes next: boosted choice, blended with frequency and Markov, calibrated."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Final

import numpy as np
import xgboost
from numpy.typing import NDArray

from packshot.preferences.baselines import frequency, markov
from packshot.preferences.boosting import Fitting, fit_choice, scores, softmax, try_choice
from packshot.preferences.metrics import log_loss
from packshot.preferences.tables import Moments

Table = NDArray[np.float64]
SEEDS: Final = (0, 1, 2)
_OWN_VISITS = 4.0
_BLENDS: Final = (0.0, 0.1, 0.2, 0.35, 0.5)
_TEMPERATURES: Final = tuple(np.round(np.geomspace(0.6, 1.8, 25), 4))
_MORE_DATA = 1.1
"""The last fit sees more than the trials did and takes that many more trees."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores become probabilities: `blend` is the weight of frequency + Markov in the log."""

    blend: float
    temperature: float


@dataclass(frozen=True, slots=True)
class ChoiceModel:
    """A distribution over the next category."""

    boosters: tuple[xgboost.Booster, ...]
    calibration: Calibration
    rounds: int

    def probabilities(self, moments: Moments) -> Table:
        """Return (N, K)."""
        return self.of_scores(scores(self.boosters, moments.features), moments)

    def of_scores(self, raw: Table, moments: Moments) -> Table:
        """Return the probabilities (N, K) that mean raw scores (N, K) come to."""
        return calibrated(raw, moments, calibration=self.calibration)


_UNTRIED: Final = Calibration(_BLENDS[-1], 1.0)
"""Where a shop is too young for a trial: half the simple answer."""


def calibrated(raw: Table, moments: Moments, *, calibration: Calibration) -> Table:
    """Return probabilities from raw scores (N, K)."""
    simple = np.log(frequency(moments, markov(moments), weight=_OWN_VISITS))
    mixed = (1 - calibration.blend) * np.log(softmax(raw)) + calibration.blend * simple
    return softmax(mixed / calibration.temperature)


def fit_model(
    moments: Moments, *, origins: Sequence[float], fitting: Fitting, seeds: Sequence[int] = SEEDS
) -> ChoiceModel:
    """Fit on all moments; trees, blend and temperature come from rolling origins.

    `origins` are times, ascending: what lies between one and the next (or the end) is judged by what came
    before it.
    """
    trials, judged = [], []
    for since, until in pairwise([*origins, np.inf]):
        past, later = moments.between(-np.inf, since), moments.between(since, until)
        if not (len(past) and len(later)):
            continue
        trials.append(
            try_choice(past.features, past.top, later=later.features, later_top=later.top, fitting=fitting)
        )
        judged.append(later)
    calibration, tried = _UNTRIED, float(fitting.most)
    if trials:
        calibration = _calibrate([trial.scores for trial in trials], judged)
        tried = float(np.mean([trial.rounds for trial in trials]))
    rounds = max(1, round(_MORE_DATA * tried))
    boosters = tuple(
        fit_choice(moments.features, moments.top, fitting=Fitting(rounds, seed, fitting.threads))
        for seed in seeds
    )
    return ChoiceModel(boosters, calibration, rounds)


def _calibrate(raw: Sequence[Table], judged: Sequence[Moments]) -> Calibration:
    choices = [Calibration(b, t) for b, t in product(_BLENDS, _TEMPERATURES)]
    return min(choices, key=lambda choice: _loss(raw, judged, choice))


def _loss(raw: Sequence[Table], judged: Sequence[Moments], choice: Calibration) -> float:
    parts = [
        (log_loss(calibrated(table, moments, calibration=choice), moments.top), len(moments))
        for table, moments in zip(raw, judged, strict=True)
    ]
    return float(np.average([loss for loss, _ in parts], weights=[count for _, count in parts]))
