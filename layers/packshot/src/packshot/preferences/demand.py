"""How much of each category will be bought within 30 days, and of what style and price."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.bands import BANDS
from packshot.preferences.boosting import scores
from packshot.preferences.features import LONGEST_HISTORY
from packshot.preferences.ledger import LARGEST_VOCABULARY, Columns
from packshot.preferences.predictor import Outcome, Predictor, Told
from packshot.preferences.purchases import DAY, UNKNOWN, Lines, Visit, visits

SPAN_DAYS: Final = 30
SPANS: Final = 12
"""How many spans back what is expected is compared with."""
_BATCH: Final = 512
_TOP: Final = 3
_LATE_SPANS: Final = 3
_PRIOR: Final = 5.0
"""Purchases that the styles of all categories count for in each."""

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ExpectedPurchases:
    """What is expected of a category within 30 days.

    `expected` is in purchases (a customer, a day and the category), `share` of all that are expected; `lift`
    is `expected` beside the mean of the last spans of 30 days, 1 where there was none.
    """

    category: str
    expected: float
    share: float
    lift: float
    styles: tuple[Told, ...]
    price_bands: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """What is expected of all categories, strongest first, and of how many customers."""

    customers: int
    categories: tuple[ExpectedPurchases, ...]


def expected_purchases(predictor: Predictor, histories: Iterable[Lines], *, now: float) -> Demand:
    """Return the demand of the 30 days from `now` on; one history for each customer, each taken once.

    Customers who came before are told by the model; newcomers are taken to come as they did in the last 30
    days and to buy what is popular. Memory does not grow with the number of customers.
    """
    count = _Count(predictor, now)
    for history in histories:
        count.add(history)
    return count.demand()


def counted_purchases(columns: Columns, *, now: float) -> Demand:
    """Return the demand of the 30 days from `now` on as that of the 30 before: the answer without a model.

    A customer, a day and a category count once; of styles and price bands nothing is claimed.
    """
    today = int(now // DAY)
    lines = zip(columns.customer, columns.time, columns.category, strict=True)
    once = {(who, int(time // DAY), category) for who, time, category in lines if time < now}
    spans: dict[str, Table] = {}
    for _, day, category in once:
        span = (today - day) // SPAN_DAYS
        if span < SPANS:
            spans.setdefault(category, np.zeros(SPANS))[span] += 1
    names = sorted(spans, key=lambda name: (-spans[name][0], name))[: LARGEST_VOCABULARY["categories"]]
    table = np.array([spans[name] for name in names]).reshape(len(names), SPANS).T
    total, usual = max(float(table[0].sum()), 1.0), _usual(table)
    found = [
        ExpectedPurchases(name, float(late), float(late / total), float(late / mean), (), ())
        for name, late, mean in zip(names, table[0], usual, strict=True)
    ]
    return Demand(len({who for who, _, _ in once}), tuple(found))


@dataclass(slots=True)
class _Count:
    predictor: Predictor
    now: float
    customers: int = 0
    waiting: list[Outcome] = field(default_factory=list)
    returning: Table = field(init=False)
    spans: Table = field(init=False)
    buyers: float = 0.0
    newcomers: Table = field(init=False)
    style_habits: Table = field(init=False)
    band_habits: Table = field(init=False)
    styles: Table = field(init=False)
    bands: Table = field(init=False)

    def __post_init__(self) -> None:
        k, styles = self.predictor.world.categories, len(self.predictor.vocabulary.styles)
        self.returning, self.newcomers, self.spans = np.zeros(k), np.zeros(k), np.zeros((SPANS, k))
        self.style_habits, self.styles = np.zeros((k, styles)), np.zeros((k, styles))
        self.band_habits, self.bands = np.zeros((k, len(BANDS))), np.zeros((k, len(BANDS)))

    def add(self, history: Lines) -> None:
        known = list(visits(history, before=self.now, most=LONGEST_HISTORY))
        if not known:
            return
        self.customers += 1
        self._look_back(known)
        self.waiting.append(self.predictor.outcome(known, now=self.now))
        if len(self.waiting) == _BATCH:
            self._ask()

    def _look_back(self, known: list[Visit]) -> None:
        late: set[int] = set()
        for number, visit in enumerate(known):
            span = int((self.now - visit.time) // (SPAN_DAYS * DAY))
            if span >= SPANS:
                continue
            self.spans[span, visit.categories] += 1
            if span == 0 and number == 0:
                self.newcomers[visit.categories] += 1
            elif span == 0:
                late.update(visit.categories.tolist())
            if span < _LATE_SPANS:
                self._look_at(visit)
        self.buyers += len(late)

    def _look_at(self, visit: Visit) -> None:
        band = self.predictor.heads.bands.of(visit)
        if visit.style != UNKNOWN:
            self.styles[visit.top, visit.style] += 1
        if band != UNKNOWN:
            self.bands[visit.top, band] += 1

    def _ask(self) -> None:
        if not self.waiting:
            return
        features = np.stack([outcome.features for outcome in self.waiting])
        soon = self.predictor.soon.of_scores(scores([self.predictor.soon.booster], features))
        self.returning += soon.sum(0)
        self.style_habits += soon.T @ np.stack([outcome.styles for outcome in self.waiting])
        self.band_habits += soon.T @ np.stack([outcome.price_bands for outcome in self.waiting])
        self.waiting.clear()

    def demand(self) -> Demand:
        self._ask()
        expected = self.returning * self._purchases_of_a_buyer() + self._by_newcomers()
        total, usual = max(float(expected.sum()), 1e-12), _usual(self.spans)
        names = self.predictor.vocabulary.categories
        styles = _mix(self.styles, self.style_habits)
        bands = _mix(self.bands, self.band_habits)
        found = [
            ExpectedPurchases(
                names[code],
                float(expected[code]),
                float(expected[code] / total),
                float(expected[code] / usual[code]) if usual[code] > 0 else 1.0,
                _likeliest(self.predictor.vocabulary.styles, styles[code]),
                _likeliest(BANDS, bands[code]),
            )
            for code in np.argsort(-expected, kind="stable")
        ]
        return Demand(self.customers, tuple(found))

    def _purchases_of_a_buyer(self) -> float:
        """Return how often who bought a category again did so within 30 days: the model says but whether."""
        again = float(self.spans[0].sum() - self.newcomers.sum())
        return max(1.0, (again + _PRIOR) / (self.buyers + _PRIOR))

    def _by_newcomers(self) -> Table:
        return np.asarray(self.newcomers.sum() * self.predictor.world.popularity(now=self.now)[1])


def _usual(spans: Table) -> Table:
    """Return the means (K,) of spans (SPANS, K), of those since the first purchase."""
    begun = np.flatnonzero(spans.sum(1))
    return np.asarray(spans[: begun[-1] + 1].mean(0) if len(begun) else spans[0])


def _mix(bought: Table, habits: Table) -> Table:
    """Return the shares (K, W) of what is bought of a category, leaning to the habits of who is to buy it."""
    if not bought.shape[1]:
        return bought
    everywhere = bought.sum(0) + 1 / bought.shape[1]
    shares = bought + _PRIOR * everywhere / everywhere.sum()
    usual = habits.sum(0) + 1e-9
    lean = (habits + usual / usual.sum()) / (habits.sum(1, keepdims=True) + 1)
    mixed = shares * lean / (usual / usual.sum())
    return np.asarray(mixed / mixed.sum(1, keepdims=True))


def _likeliest(words: tuple[str, ...], shares: Table) -> tuple[Told, ...]:
    top = np.argsort(-shares, kind="stable")[:_TOP]
    return tuple(Told(words[code], float(shares[code])) for code in top)
