"""The model of what comes next: trees and a network choose, blended with frequency and Markov, calibrated."""

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
from packshot.preferences.network import Network, fit_network
from packshot.preferences.tables import Moments

Table = NDArray[np.float64]
SEEDS: Final = (0, 1, 2)
_OWN_VISITS = 4.0
_BLENDS: Final = (0.0, 0.1, 0.2, 0.35, 0.5)
_NETWORKS: Final = (0.0, 0.2, 0.35, 0.5, 0.65)
_TEMPERATURES: Final = tuple(np.round(np.geomspace(0.6, 1.8, 25), 4))
_MORE_DATA = 1.1
"""The last fit sees more than the trials did and takes that many more trees."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores become probabilities, as weights in the log.

    `blend` is what frequency + Markov weigh, `network` what the networks weigh of the rest.
    """

    blend: float
    temperature: float
    network: float = 0.0


@dataclass(frozen=True, slots=True)
class Tried:
    """How trials did on moments later than what they learned from, by which the calibration was chosen."""

    moments: int
    accuracy: float
    log_loss: float
    simple_log_loss: float


@dataclass(frozen=True, slots=True)
class ChoiceModel:
    """A distribution over the next category; there are no networks where they did not pay.

    `tried` is None where a shop was too young for a trial.
    """

    boosters: tuple[xgboost.Booster, ...]
    networks: tuple[Network, ...]
    calibration: Calibration
    rounds: int
    tried: Tried | None

    def probabilities(self, moments: Moments) -> Table:
        """Return (N, K)."""
        return self.of_scores(scores(self.boosters, moments.features), moments)

    def of_scores(self, raw: Table, moments: Moments) -> Table:
        """Return the probabilities (N, K) that the trees' mean raw scores (N, K) come to."""
        simple = simple_answer(moments)
        opinions = Opinions.of_scores(raw, _mean_scores(self.networks, moments, simple), simple=simple)
        return calibrated(opinions, calibration=self.calibration)


@dataclass(frozen=True, slots=True)
class Opinions:
    """What trees, networks, and frequency + Markov tell: log-probabilities (N, K)."""

    trees: Table
    networks: Table
    simple: Table

    @classmethod
    def of_scores(cls, trees: Table, networks: Table, *, simple: Table) -> "Opinions":
        """Return the opinions that raw scores (N, K) come to."""
        return cls(np.log(softmax(trees)), np.log(softmax(networks)), simple)


_UNTRIED: Final = Calibration(_BLENDS[-1], 1.0)
"""Where a shop is too young for a trial: half the simple answer."""


def calibrated(opinions: Opinions, *, calibration: Calibration) -> Table:
    """Return probabilities (N, K)."""
    share = calibration.network
    told = (1 - share) * opinions.trees + share * opinions.networks
    mixed = (1 - calibration.blend) * told + calibration.blend * opinions.simple
    return softmax(mixed / calibration.temperature)


def simple_answer(moments: Moments) -> Table:
    """Return frequency + Markov (N, K) in the log."""
    return np.log(frequency(moments, markov(moments), weight=_OWN_VISITS))


def _mean_scores(networks: Sequence[Network], moments: Moments, simple: Table) -> Table:
    if not networks:
        return np.zeros_like(simple)
    told = [network.scores(moments.features, simple=simple) for network in networks]
    return np.asarray(np.mean(told, axis=0))


def fit_model(
    moments: Moments, *, origins: Sequence[float], fitting: Fitting, seeds: Sequence[int] = SEEDS
) -> ChoiceModel:
    """Fit on all moments; trees, weights and temperature come from rolling origins.

    `origins` are times, ascending: what lies between one and the next (or the end) is judged by what came
    before it.
    """
    trials = []
    for since, until in pairwise([*origins, np.inf]):
        past, later = moments.between(-np.inf, since), moments.between(since, until)
        if len(past) and len(later):
            trials.append(_tried(past, later, fitting=fitting))
    calibration, tried, trees = _UNTRIED, None, float(fitting.most)
    if trials:
        calibration = _calibrate(trials)
        tried = _summed_up(trials, calibration)
        trees = float(np.mean([trial.rounds for trial in trials]))
    rounds = max(1, round(_MORE_DATA * trees))
    boosters = tuple(
        fit_choice(moments.features, moments.top, fitting=Fitting(rounds, seed, fitting.threads))
        for seed in seeds
    )
    networks = _fit_networks(moments, seeds) if calibration.network else ()
    return ChoiceModel(boosters, networks, calibration, rounds, tried)


@dataclass(frozen=True, slots=True)
class _Trial:
    """What was told of later moments, what came (N,), and how many trees did best."""

    opinions: Opinions
    top: NDArray[np.intp]
    rounds: int

    def loss(self, calibration: Calibration) -> float:
        return log_loss(calibrated(self.opinions, calibration=calibration), self.top)


def _tried(past: Moments, later: Moments, *, fitting: Fitting) -> _Trial:
    trees = try_choice(past.features, past.top, later=later.features, later_top=later.top, fitting=fitting)
    networks = _fit_networks(past, (fitting.seed,))
    simple = simple_answer(later)
    told = Opinions.of_scores(trees.scores, _mean_scores(networks, later, simple), simple=simple)
    return _Trial(told, later.top, trees.rounds)


def _summed_up(trials: Sequence[_Trial], calibration: Calibration) -> Tried:
    top = np.concatenate([trial.top for trial in trials])
    told = np.concatenate([calibrated(trial.opinions, calibration=calibration) for trial in trials])
    simple = np.exp(np.concatenate([trial.opinions.simple for trial in trials]))
    accuracy = float((told.argmax(1) == top).mean())
    return Tried(len(top), accuracy, log_loss(told, top), log_loss(simple, top))


def _fit_networks(moments: Moments, seeds: Sequence[int]) -> tuple[Network, ...]:
    simple = simple_answer(moments)
    return tuple(fit_network(moments.features, moments.top, simple=simple, seed=seed) for seed in seeds)


def _calibrate(trials: Sequence[_Trial]) -> Calibration:
    weights = [len(trial.top) for trial in trials]
    choices = [Calibration(*choice) for choice in product(_BLENDS, _TEMPERATURES, _NETWORKS)]
    return min(
        choices,
        key=lambda choice: float(np.average([trial.loss(choice) for trial in trials], weights=weights)),
    )
