"""What is known of all customers together: popularity, transitions, pairings, season."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.errors import DamagedArtifact
from packshot.preferences.memory import HALF_LIVES, Memory
from packshot.preferences.purchases import DAY, UNKNOWN, Visit, Vocabulary

Vector = NDArray[np.float64]
GAPS: Final = (1.5, 8.0, 45.0)
"""Days that separate short, weekly, monthly and long gaps."""
PRICE_BANDS: Final = 8
LARGEST_PAIRS: Final = 64
"""Categories above which the last two visits are not looked at together: the cube would be too large."""
_MEMORY_DAYS = 365.0
"""Half-life of what the world has seen, in days."""
_LATE_DAYS = 4.0
"""Half-life of what prices are of late, in days: as long as a sale."""
_EPOCH = 12_000 * DAY
_WEIGHT = 8.0
"""How many sightings the prior counts for."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What a customer's last visit says of the next: codes, `UNKNOWN` where it says nothing."""

    last: int
    previous: int
    gap: int
    brand: int
    style: int
    item: int
    band: int


def gap_class(days: float) -> int:
    """Return 0 to 3: a day, a week, a month or longer."""
    return int(np.searchsorted(GAPS, days))


class World:
    """Counters over all customers, learned in the order of time. Older sightings weigh less.

    Weights grow instead of counters shrinking, so that an update touches only its own cells.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Know nothing of so many words."""
        k = len(vocabulary.categories)
        self.categories: int = k
        self.popular = np.zeros((len(HALF_LIVES), k))
        self.popular_time = float(_EPOCH)
        self.again = np.zeros(k)
        self.first = np.zeros(k)
        self.bought = np.zeros(k)
        self.transitions = np.zeros((len(GAPS) + 1, k, k))
        self.pairs = np.zeros((k, k, k)) if k <= LARGEST_PAIRS else np.zeros((1, 1, k))
        self.owned = np.zeros((k, k))
        self.together = np.zeros((k, k))
        self.by_brand = np.zeros((max(len(vocabulary.brands), 1), k))
        self.by_style = np.zeros((max(len(vocabulary.styles), 1), k))
        self.by_item = np.zeros((max(len(vocabulary.items), 1), k))
        self.of_style = np.zeros((max(len(vocabulary.styles), 1), k))
        self.of_item = np.zeros((max(len(vocabulary.items), 1), k))
        self.by_band = np.zeros((PRICE_BANDS, k))
        self.by_month = np.zeros((12, k))
        self.by_weekday = np.zeros((7, k))
        self.by_hour = np.zeros((8, k))
        self.log_price = np.zeros(k)
        self.log_price_squares = np.zeros(k)
        self.priced = np.zeros(k)
        self.late_log_price = np.zeros(k)
        self.late_priced = np.zeros(k)
        self.late_taken_off = np.zeros(k)
        self.late_listed = np.zeros(k)
        self.weight = 1.0

    def observe(self, visit: Visit, *, memory: Memory) -> None:
        """Learn of a visit by a customer who is remembered as they were before it."""
        self._age(visit.time)
        self.popular[:, visit.top] += 1
        weight = self.weight
        self.bought[visit.categories] += weight
        self.by_month[month_of(visit.time), visit.top] += weight
        self.by_weekday[(visit.day + 3) % 7, visit.top] += weight
        self.by_hour[hour_class(visit.time), visit.top] += weight
        self.together[np.ix_(visit.categories, visit.categories)] += weight
        self._observe_prices(visit, weight)
        if not memory.visits:
            self.first[visit.top] += weight
            return
        self._observe_return(visit, memory, weight)

    def state(self) -> dict[str, NDArray[np.float64]]:
        """Return all counters by name."""
        return {name: np.asarray(value, dtype=np.float64) for name, value in vars(self).items()}

    @classmethod
    def of_state(cls, vocabulary: Vocabulary, state: Mapping[str, NDArray[np.float64]]) -> "World":
        """Return a world with these counters; `DamagedArtifact` if they are not a world's of these words."""
        world = cls(vocabulary)
        for name, empty in vars(world).items():
            if name == "categories":
                continue
            if name not in state or state[name].shape != np.shape(empty):
                raise DamagedArtifact(f"the world's {name} is missing or has another shape")
            setattr(world, name, float(state[name]) if isinstance(empty, float) else state[name])
        return world

    def clues(self, memory: Memory, *, now: float) -> Clues:
        """Return what the last visit says."""
        last = memory.last
        return Clues(
            last=last.top,
            previous=memory.recent[-2].top if memory.visits > 1 else UNKNOWN,
            gap=gap_class((now - memory.last_time) / DAY),
            brand=last.brand,
            style=last.style,
            item=last.item,
            band=self.band(last),
        )

    def band(self, visit: Visit) -> int:
        """Return the price band of a visit's top category within it, `UNKNOWN` without prices."""
        at = int(np.flatnonzero(visit.categories == visit.top)[0])
        score = self.price_score(visit.top, float(visit.log_prices[at]))
        if not np.isfinite(score):
            return UNKNOWN
        return int(np.clip(np.floor(score * 2 + PRICE_BANDS / 2), 0, PRICE_BANDS - 1))

    def price_score(self, category: int, log_price: float) -> float:
        """Return how far a price lies from the category's mean, in standard deviations."""
        mean, spread = self.price_level()
        return float((log_price - mean[category]) / spread[category])

    def price_level(self) -> tuple[Vector, Vector]:
        """Return mean and spread of log(1 + price) by category; NaN where none was ever priced."""
        known = np.maximum(self.priced, 1e-9)
        mean = np.where(self.priced > 0, self.log_price / known, np.nan)
        spread = np.sqrt(np.maximum(self.log_price_squares / known - mean**2, 0.01))
        return mean, spread

    def late_prices(self) -> Vector:
        """Return how far log prices of late lie above each category's mean, drawn towards 0."""
        mean = np.where(self.priced > 0, self.log_price / np.maximum(self.priced, 1e-9), 0.0)
        return np.asarray((self.late_log_price - mean * self.late_priced) / (self.late_priced + 1.0))

    def late_discounts(self) -> Vector:
        """Return the mean discount of late by category; NaN where no discount was ever told."""
        if not self.late_listed.any():
            return np.full(self.categories, np.nan)
        return np.asarray(self.late_taken_off / (self.late_listed + 0.5))

    def popularity(self, *, now: float) -> NDArray[np.float64]:
        """Return shares (4, K) of the visits of the last week, month, quarter and year."""
        aged = self.popular * _decay(now - self.popular_time)
        long_run = aged[-1] + 0.5
        prior = long_run / long_run.sum()
        return np.asarray((aged + 5.0 * prior) / (aged.sum(1, keepdims=True) + 5.0))

    def prior(self) -> Vector:
        """Return the share of each category among returning customers' visits."""
        seen = self.again + 0.1 * self.first + 0.5 * self.weight
        return np.asarray(seen / seen.sum())

    def smoothed(self, counts: NDArray[np.float64], prior: Vector, *, weight: float = _WEIGHT) -> Vector:
        """Return the shares of counts drawn towards a prior, more so the fewer there are."""
        mass = weight * self.weight
        return np.asarray((counts + mass * prior) / (counts.sum(-1, keepdims=True) + mass))

    def _age(self, time: float) -> None:
        self.popular *= _decay(time - self.popular_time)
        week = 0.5 ** (max(time - self.popular_time, 0.0) / DAY / _LATE_DAYS)
        self.late_log_price *= week
        self.late_priced *= week
        self.late_taken_off *= week
        self.late_listed *= week
        self.popular_time = time
        self.weight = float(2.0 ** ((time - _EPOCH) / DAY / _MEMORY_DAYS))

    def _observe_return(self, visit: Visit, memory: Memory, weight: float) -> None:
        clues, top = self.clues(memory, now=visit.time), visit.top
        self.again[top] += weight
        self.transitions[clues.gap, clues.last, top] += weight
        if clues.previous != UNKNOWN and self.pairs.shape[0] > 1:
            self.pairs[clues.previous, clues.last, top] += weight
        self.owned[memory.count > 0, top] += weight
        for owned, words in ((self.of_style, memory.styles), (self.of_item, memory.items)):
            if words:
                owned[list(words), top] += weight
        for table, code in (
            (self.by_brand, clues.brand),
            (self.by_style, clues.style),
            (self.by_item, clues.item),
            (self.by_band, clues.band),
        ):
            if code != UNKNOWN:
                table[code, top] += weight

    def _observe_prices(self, visit: Visit, weight: float) -> None:
        priced = np.isfinite(visit.log_prices)
        known, prices = visit.categories[priced], visit.log_prices[priced]
        self.log_price[known] += weight * prices
        self.log_price_squares[known] += weight * prices**2
        self.priced[known] += weight
        self.late_log_price[known] += prices
        self.late_priced[known] += 1
        if visit.listed:
            self.late_taken_off[visit.categories] += visit.taken_off / visit.listed
            self.late_listed[visit.categories] += 1


def month_of(time: float) -> int:
    """Return 0 to 11."""
    return int(np.datetime64(int(time), "s").astype("datetime64[M]").astype(int) % 12)


def hour_class(time: float) -> int:
    """Return 0 to 7: three hours each."""
    return int(time % DAY // (3 * 3600))


def _decay(seconds: float) -> NDArray[np.float64]:
    return np.asarray(0.5 ** (max(seconds, 0.0) / DAY / HALF_LIVES))[:, None]
