"""From purchases to a predictor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.errors import InvalidPurchases
from packshot.preferences.artifact import GOLDEN
from packshot.preferences.bands import BANDS, price_bands
from packshot.preferences.boosting import Fitting
from packshot.preferences.choosing import SEEDS, fit_model
from packshot.preferences.features import samples
from packshot.preferences.foreseeing import EventModel, fit_events
from packshot.preferences.heads import Sighting, fit_head
from packshot.preferences.ledger import (
    Columns,
    Ledger,
    Occasion,
    ledger_of,
    occasions,
    thinned,
    usable,
    vocabulary_of,
    without_resellers,
)
from packshot.preferences.predictor import Heads, Predictor
from packshot.preferences.purchases import DAY, Vocabulary
from packshot.preferences.tables import moments_of, outlooks
from packshot.preferences.world import World

SOON_DAYS: Final = 30
LATER_DAYS: Final = 90
APART_DAYS: Final = 30
"""The last days of a shop, which no model is fitted on: they judge it."""
_LARGEST_APART: Final = 1 / 6
_LONGEST_WARM_UP: Final = 182 * DAY
MOST_LINES: Final = 500_000
"""Of larger shops customers are drawn: more lines take longer and tell little more."""
MOST_MOMENTS: Final = 15_000
_OUTLOOKS: Final = 8
_SLIP_S: Final = 1e-3
"""By which a midnight that was reckoned may come too early."""
_MOST_QUIET: Final = 25_000
"""Customers on days who buy nothing: of more, so many are drawn."""
_MOST_BUYERS: Final = 50_000
"""And of those who do."""
_WIDEST: Final = 40
"""Categories; with more, fewer customers are drawn, so that the memory stays what it is."""
ROUNDS: Final = 250
"""Trees that tell what is bought within so many days."""


@dataclass(frozen=True, slots=True)
class Training:
    """A predictor, features (N, K, F) for its golden predictions, and how many moments it was fitted on."""

    predictor: Predictor
    golden: NDArray[np.float32]
    moments: int


@dataclass(frozen=True, slots=True)
class _Span:
    """The times from which on and before which is fitted."""

    begin: float
    until: float

    @property
    def length(self) -> float:
        return self.until - self.begin

    @property
    def warm(self) -> float:
        return self.begin + min(_LONGEST_WARM_UP, self.length / 4)


def train(  # noqa: PLR0913 - what a training can be told, each with a default
    columns: Columns,
    *,
    version: str,
    fitting: Fitting,
    seeds: tuple[int, ...] = SEEDS,
    rounds: int = ROUNDS,
    apart_days: float | None = None,
) -> Training:
    """Fit on all but the last days; the world learns those, too, since it counts and is not fitted.

    Where it is not said how many, they are 30, and of a short history a sixth. `InvalidPurchases` if nobody
    came again.

    What it is calibrated on is the last sixth of what is fitted on. Of large shops customers are drawn.
    """
    columns = without_resellers(usable(columns))
    columns = thinned(columns, share=MOST_LINES / max(len(columns), 1))
    if not len(columns):
        raise InvalidPurchases("there is no purchase to learn from")
    begin, end = float(columns.time.min()), float(columns.time.max())
    usual = min(APART_DAYS * DAY, (end - begin) * _LARGEST_APART)
    span = _Span(begin, midnight(end + 1 - (usual if apart_days is None else apart_days * DAY)))
    vocabulary = vocabulary_of(columns, before=span.until)
    ledger = ledger_of(columns, vocabulary=vocabulary)
    visits = list(occasions(ledger))
    world = World(vocabulary)
    drawn = Draw(visits, since=span.warm, until=span.until)
    moments = moments_of(samples(visits, world=world, wanted=drawn), categories=len(vocabulary.categories))
    if not len(moments):
        raise InvalidPurchases("no customer came again: there is nothing to learn from")
    origins = [span.until - span.length / 6, span.until - span.length / 12]
    soon, later = (
        _fit_within(visits, vocabulary, span, within, Fitting(rounds, fitting.seed, fitting.threads))
        for within in (SOON_DAYS, LATER_DAYS)
    )
    choice = fit_model(moments, origins=origins, fitting=fitting, seeds=seeds)
    heads = _fit_heads(ledger, visits, span)
    predictor = Predictor(vocabulary, world, choice, soon, later, heads, version, span.until)
    return Training(predictor, moments.features[:: max(1, len(moments) // GOLDEN)][:GOLDEN], len(moments))


def outlook_days(begin: float, until: float, *, within: int) -> list[float]:
    """Return the days on which customers are looked at, so that what they buy within so many is known."""
    step = min(SOON_DAYS * DAY, (until - begin) / (2 * _OUTLOOKS))
    last = max(until - within * DAY, begin + (until - begin) / 2)
    days = [midnight(last - back * step) for back in range(_OUTLOOKS - 1, -1, -1)]
    return [day for day in days if day > begin]


def midnight(time: float) -> float:
    """Return when the day of a time began: within a day a visit is whole, what comes later on it included."""
    return (time + _SLIP_S) // DAY * DAY


def _fit_within(
    visits: Sequence[Occasion], vocabulary: Vocabulary, span: _Span, within: int, fitting: Fitting
) -> EventModel:
    known = [visit for visit in visits if visit.time < span.until]
    days = outlook_days(span.begin, span.until, within=within)
    customers = len({visit.customer for visit in known})
    part = min(1.0, _WIDEST / len(vocabulary.categories))
    buyers = sum(len({v.customer for v in known if day <= v.time < day + within * DAY}) for day in days)
    outlook = outlooks(
        known,
        world=World(vocabulary),
        days=days,
        within=within,
        quiet_share=min(1.0, part * _MOST_QUIET / (customers * len(days))),
        buyers_share=min(1.0, part * _MOST_BUYERS / max(buyers, 1)),
        seed=fitting.seed,
    )
    parts = [outlook.between(-np.inf, days[-1]), outlook.between(days[-1], np.inf)]
    return fit_events(outlook, fitting=fitting, latest=parts if parts[0].bought.any() else ())


def _fit_heads(ledger: Ledger, visits: Sequence[Occasion], span: _Span) -> Heads:
    vocabulary = ledger.vocabulary
    bands = price_bands(ledger.lines, categories=len(vocabulary.categories), before=span.until)
    brands, styles, levels = (
        fit_head(
            (Sighting(visit.customer, visit.time, word(visit.visit)) for visit in visits),
            words=words,
            wanted=Draw(visits, since=span.warm, until=span.until),
        )
        for words, word in (
            (vocabulary.brands, lambda visit: visit.brand),
            (vocabulary.styles, lambda visit: visit.style),
            (BANDS, bands.of),
        )
    )
    return Heads(brands, styles, levels, bands)


class Draw:
    """Says of each returning visit whether it is learned from: at most so many in all, drawn by a seed."""

    def __init__(
        self, visits: Iterable[Occasion], *, since: float, until: float = np.inf, most: int = MOST_MOMENTS
    ) -> None:
        """Count what there is from `since` on and before `until`."""
        customers: set[int] = set()
        returns = 0
        for occasion in visits:
            returns += since <= occasion.time < until and occasion.customer in customers
            customers.add(occasion.customer)
        self._since, self._until = since, until
        self._share = min(1.0, most / max(returns, 1))
        self._rng = np.random.default_rng(0)

    def __call__(self, occasion: Occasion | Sighting) -> bool:
        """Say whether it is; a visit that is asked for twice is drawn twice."""
        return self._since <= occasion.time < self._until and bool(self._rng.random() < self._share)
