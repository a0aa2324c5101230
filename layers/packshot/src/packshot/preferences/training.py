"""From purchases to a predictor."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.artifact import GOLDEN, Predictor
from packshot.preferences.boosting import Fitting
from packshot.preferences.choosing import SEEDS, fit_model
from packshot.preferences.features import samples
from packshot.preferences.foreseeing import fit_events
from packshot.preferences.ledger import (
    Columns,
    Occasion,
    ledger_of,
    occasions,
    vocabulary_of,
    without_resellers,
)
from packshot.preferences.purchases import DAY
from packshot.preferences.tables import moments_of, outlooks
from packshot.preferences.world import World

SOON_DAYS: Final = 30
_LONGEST_WARM_UP: Final = 182 * DAY
MOST_MOMENTS: Final = 15_000
_OUTLOOKS: Final = 8
_QUIET_SHARE: Final = 0.15


@dataclass(frozen=True, slots=True)
class Training:
    """A predictor, features (N, K, F) for its golden predictions, and how many moments it was fitted on."""

    predictor: Predictor
    golden: NDArray[np.float32]
    moments: int


def train(
    columns: Columns, *, version: str, fitting: Fitting, seeds: tuple[int, ...] = SEEDS, rounds: int = 250
) -> Training:
    """Fit on all that is in the columns; the last sixth of their span is what it is calibrated on."""
    columns = without_resellers(columns)
    vocabulary = vocabulary_of(columns)
    visits = list(occasions(ledger_of(columns, vocabulary=vocabulary)))
    begin, end = visits[0].time, visits[-1].time
    span = end - begin
    world = World(vocabulary)
    moments = moments_of(
        samples(visits, world=world, wanted=Draw(visits, since=begin + min(_LONGEST_WARM_UP, span / 4)))
    )
    choice = fit_model(moments, origins=[end - span / 6, end - span / 12], fitting=fitting, seeds=seeds)
    days = [end - back * SOON_DAYS * DAY for back in range(_OUTLOOKS, 0, -1)]
    outlook = outlooks(
        visits,
        world=World(vocabulary),
        days=[day for day in days if day > begin],
        within=SOON_DAYS,
        quiet_share=_QUIET_SHARE,
    )
    soon = fit_events(outlook, fitting=Fitting(rounds, fitting.seed, fitting.threads))
    predictor = Predictor(vocabulary, world, choice, soon, version)
    return Training(predictor, moments.features[:: max(1, len(moments) // GOLDEN)][:GOLDEN], len(moments))


class Draw:
    """Says of each returning visit whether it is learned from: at most so many in all, drawn by a seed."""

    def __init__(self, visits: Iterable[Occasion], *, since: float, until: float = np.inf) -> None:
        """Count what there is from `since` on and before `until`."""
        customers: set[int] = set()
        returns = 0
        for occasion in visits:
            returns += since <= occasion.time < until and occasion.customer in customers
            customers.add(occasion.customer)
        self._since, self._until = since, until
        self._share = min(1.0, MOST_MOMENTS / max(returns, 1))
        self._rng = np.random.default_rng(0)

    def __call__(self, occasion: Occasion) -> bool:
        """Say whether it is; a visit that is asked for twice is drawn twice."""
        return self._since <= occasion.time < self._until and bool(self._rng.random() < self._share)
