"""What is remembered of one customer, visit by visit."""

import math
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.purchases import DAY, UNKNOWN, Visit

HALF_LIVES: Final = np.array([7.0, 30.0, 90.0, 365.0])
"""Days after which a purchase weighs half, one row of `decayed` each."""
RECENT: Final = 5
"""How many of the last visits are kept whole."""
_HALF_LIVES: Final = tuple(HALF_LIVES.tolist())
_KEPT: Final = (0.5, 0.8)
"""What a visit weighs of the one after it, one row of `faded` each."""
_LONG_AGO = 1e3
_NEVER = -1e9


class Memory:
    """One customer's history, learned in the order of time; K categories.

    `decayed` (4, K) and `faded` (2, K) hold visits with each category, weighed by age in days and in visits,
    as of its last purchase. Everything else is a count or a sum whose name says of what.
    """

    def __init__(self, categories: int) -> None:
        """Remember nothing of so many categories."""
        self.visits = 0
        self.first_time = self.last_time = _NEVER
        self.last_gap = np.nan
        self.gaps: deque[float] = deque(maxlen=12)
        self.count = np.zeros(categories)
        self.top_count = np.zeros(categories)
        self.lines = np.zeros(categories)
        self.spend = np.zeros(categories)
        self.decayed = np.zeros((len(HALF_LIVES), categories))
        self.faded = np.zeros((2, categories))
        self.last_bought = np.full(categories, _NEVER)
        self.last_visit_with = np.full(categories, _NEVER)
        self.gap_sum = np.zeros(categories)
        self.log_price_sum = np.zeros(categories)
        self.priced = np.zeros(categories)
        self.log_price_squares = 0.0
        self.recent: deque[Visit] = deque(maxlen=RECENT)
        self.discounted = self.listed = 0
        self.taken_off = 0.0
        self.brands: dict[int, int] = {}
        self.styles: dict[int, int] = {}
        self.items: dict[int, int] = {}
        self.brand_switches = 0
        self.weekdays = np.zeros(7)
        self.run = 0

    def observe(self, visit: Visit) -> None:
        """Learn of the next visit; it is later than all before."""
        self._observe_rhythm(visit)
        self._observe_categories(visit)
        self._observe_prices(visit)
        self._observe_brand(visit)
        self.run = self.run + 1 if self.recent and self.recent[-1].top == visit.top else 1
        self.recent.append(visit)
        self.visits += 1

    def decayed_at(self, now: float) -> NDArray[np.float64]:
        """Return visits (4, K) weighed by their age in days, as of `now`."""
        days = (now - self.last_bought) / DAY
        return np.asarray(self.decayed * 0.5 ** (days / HALF_LIVES[:, None]))

    def faded_at_last(self) -> NDArray[np.float64]:
        """Return visits (2, K) weighed by how many came after them."""
        since = np.minimum(self.visits - 1 - self.last_visit_with, _LONG_AGO)
        return np.asarray(self.faded * np.array(_KEPT)[:, None] ** since)

    def brand_share(self, brand: int) -> float:
        """Return the share of visits with this brand among those whose brand is known; 0 without any."""
        total = sum(self.brands.values())
        return self.brands.get(brand, 0) / total if total else 0.0

    @property
    def last(self) -> Visit:
        """The last visit; there must be one."""
        return self.recent[-1]

    def _observe_rhythm(self, visit: Visit) -> None:
        if self.visits:
            self.last_gap = (visit.time - self.last_time) / DAY
            self.gaps.append(self.last_gap)
        else:
            self.first_time = visit.time
        self.last_time = visit.time
        self.weekdays[(visit.day + 3) % 7] += 1

    def _observe_categories(self, visit: Visit) -> None:
        bought, time = visit.categories.tolist(), visit.time
        share = 0.5 / len(bought)
        for code, spend, lines in zip(bought, visit.spend.tolist(), visit.lines.tolist(), strict=True):
            before = self.last_bought[code]
            if before > _NEVER:
                self.gap_sum[code] += (time - before) / DAY
            weight = share + 0.5 if code == visit.top else share
            self._fade(code, time, weight)
            self.last_bought[code] = time
            self.last_visit_with[code] = self.visits
            self.count[code] += 1
            self.lines[code] += lines
            self.spend[code] += spend
        self.top_count[visit.top] += 1

    def _fade(self, code: int, time: float, weight: float) -> None:
        # A category's weights are as of its own last purchase, so that a visit touches only what it has.
        if self.count[code]:
            days, since = (time - self.last_bought[code]) / DAY, self.visits - self.last_visit_with[code]
            for row, half_life in enumerate(_HALF_LIVES):
                self.decayed[row, code] = self.decayed[row, code] * 0.5 ** (days / half_life) + weight
            for row, kept in enumerate(_KEPT):
                self.faded[row, code] = self.faded[row, code] * kept**since + weight
        else:
            self.decayed[:, code] = self.faded[:, code] = weight

    def _observe_prices(self, visit: Visit) -> None:
        for code, price in zip(visit.categories.tolist(), visit.log_prices.tolist(), strict=True):
            if math.isfinite(price):
                self.log_price_sum[code] += price
                self.log_price_squares += price**2
                self.priced[code] += 1
        self.discounted += visit.discounted
        self.listed += visit.listed
        self.taken_off += visit.taken_off

    def _observe_brand(self, visit: Visit) -> None:
        if visit.brand != UNKNOWN:
            if self.recent and self.recent[-1].brand not in (UNKNOWN, visit.brand):
                self.brand_switches += 1
            self.brands[visit.brand] = self.brands.get(visit.brand, 0) + 1
        if visit.style != UNKNOWN:
            self.styles[visit.style] = self.styles.get(visit.style, 0) + 1
        if visit.item != UNKNOWN:
            self.items[visit.item] = self.items.get(visit.item, 0) + 1
