"""What is remembered of one customer, visit by visit."""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.purchases import DAY, UNKNOWN, Visit

HALF_LIVES: Final = np.array([7.0, 30.0, 90.0, 365.0])
"""Days after which a purchase weighs half, one row of `decayed` each."""
RECENT: Final = 5
"""How many of the last visits are kept whole."""
_NEVER = -1e9


class Memory:
    """One customer's history, learned in the order of time; K categories.

    `decayed` (4, K) and `faded` (2, K) hold visits with each category, weighed by age in days and in visits,
    as of `last_time`. Everything else is a count or a sum whose name says of what.
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
        self.brands: dict[int, int] = {}
        self.styles: dict[int, int] = {}
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
        """Return the weighed visits, (4, K), as of `now`."""
        return self.decayed * _decay(now - self.last_time)

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
            self.decayed *= _decay(visit.time - self.last_time)
            self.faded *= np.array([[0.5], [0.8]])
        else:
            self.first_time = visit.time
        self.last_time = visit.time
        self.weekdays[(visit.day + 3) % 7] += 1

    def _observe_categories(self, visit: Visit) -> None:
        bought = visit.categories
        before = self.last_bought[bought]
        self.gap_sum[bought] += np.where(before > _NEVER, (visit.time - before) / DAY, 0.0)
        self.last_bought[bought] = visit.time
        self.last_visit_with[bought] = self.visits
        self.count[bought] += 1
        self.top_count[visit.top] += 1
        self.lines[bought] += visit.lines
        self.spend[bought] += visit.spend
        share = np.full(len(bought), 0.5 / len(bought))
        share[bought == visit.top] += 0.5
        self.decayed[:, bought] += share
        self.faded[:, bought] += share

    def _observe_prices(self, visit: Visit) -> None:
        priced = np.isfinite(visit.log_prices)
        known = visit.categories[priced]
        self.log_price_sum[known] += visit.log_prices[priced]
        self.log_price_squares += float(np.sum(visit.log_prices[priced] ** 2))
        self.priced[known] += 1

    def _observe_brand(self, visit: Visit) -> None:
        if visit.brand != UNKNOWN:
            if self.recent and self.recent[-1].brand not in (UNKNOWN, visit.brand):
                self.brand_switches += 1
            self.brands[visit.brand] = self.brands.get(visit.brand, 0) + 1
        if visit.style != UNKNOWN:
            self.styles[visit.style] = self.styles.get(visit.style, 0) + 1


def _decay(seconds: float) -> NDArray[np.float64]:
    return np.asarray(0.5 ** (seconds / DAY / HALF_LIVES))[:, None]
