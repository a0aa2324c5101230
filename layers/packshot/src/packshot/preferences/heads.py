"""Which brand, style or price band comes next: a mixture of the customer's habit and everybody's.

Each source of the mixture is a distribution; its weights are learned by expectation maximisation, apart for
customers of whom little and of whom much is known, so that the answer is calibrated by construction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.purchases import DAY, UNKNOWN

Table = NDArray[np.float64]
POPULAR_DAYS: Final = 30.0
"""Half-life of what is popular, in days."""
HABIT: Final = 0.9
"""What an older sighting weighs of the one after it."""
KNOWN: Final = (1.5, 3.5, 8.5)
"""Sightings that separate the classes of customers, each with weights of its own."""
SOURCES: Final = ("own habit", "the last one", "what follows it", "everybody's of late")
_STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class Sighting:
    """A customer bought a word (a brand, a style, a band), at a time."""

    customer: int
    time: float
    word: int


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What each of S sources told (N, S, W) before each sighting, how much was known, and what came."""

    told: Table
    known: NDArray[np.intp]
    came: NDArray[np.intp]
    now: NDArray[np.float64]
    customer: NDArray[np.intp]

    def between(self, since: float, until: float) -> "Beliefs":
        """Return the beliefs from `since` on and before `until`."""
        rows = (self.now >= since) & (self.now < until)
        return Beliefs(
            self.told[rows], self.known[rows], self.came[rows], self.now[rows], self.customer[rows]
        )


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weights (classes, S) of the sources."""

    weights: Table

    def probabilities(self, beliefs: Beliefs) -> Table:
        """Return (N, W)."""
        return np.asarray(np.einsum("ns,nsw->nw", self.weights[_classes(beliefs.known)], beliefs.told))


def beliefs_of(sightings: Iterable[Sighting], *, words: int) -> Beliefs:
    """Return what was believed before each sighting of a known customer, in the order of time.

    A day's sightings are learned once it is over; unknown words are skipped.
    """
    crowd = _Crowd(words)
    rows: list[tuple[Table, int, Sighting]] = []
    day: list[Sighting] = []
    for sighting in sightings:
        if sighting.word == UNKNOWN:
            continue
        if day and sighting.time // DAY != day[0].time // DAY:
            crowd.learn(day)
            day = []
        known = crowd.known(sighting.customer)
        if known:
            rows.append((crowd.told(sighting), known, sighting))
        day.append(sighting)
    return Beliefs(
        np.stack([told for told, _, _ in rows]),
        np.array([known for _, known, _ in rows], dtype=np.intp),
        np.array([sighting.word for _, _, sighting in rows], dtype=np.intp),
        np.array([sighting.time for _, _, sighting in rows]),
        np.array([sighting.customer for _, _, sighting in rows], dtype=np.intp),
    )


def fit_mixture(beliefs: Beliefs) -> Mixture:
    """Return the weights that make what came likeliest (Dempster, Laird and Rubin 1977)."""
    classes, sources = _classes(beliefs.known), beliefs.told.shape[1]
    given = beliefs.told[np.arange(len(beliefs.came)), :, beliefs.came]
    weights = np.full((len(KNOWN) + 1, sources), 1 / sources)
    for _ in range(_STEPS):
        owed = weights[classes] * given
        owed /= owed.sum(1, keepdims=True)
        for number in range(len(weights)):
            mine = owed[classes == number]
            weights[number] = (mine.sum(0) + 1.0) / (len(mine) + sources)
    return Mixture(weights)


def _classes(known: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.searchsorted(KNOWN, known)


class _Crowd:
    """Everybody's sightings so far. Late ones weigh more."""

    def __init__(self, words: int) -> None:
        self._popular = np.full(words, 0.5)
        self._after = np.zeros((words, words))
        self._habits: dict[int, Table] = {}
        self._counts: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._time = 0.0

    def known(self, customer: int) -> int:
        return self._counts.get(customer, 0)

    def told(self, sighting: Sighting) -> Table:
        popular = self._popular / self._popular.sum()
        habit, last = self._habits[sighting.customer], self._last[sighting.customer]
        return np.stack(
            [
                _towards(habit, popular, weight=0.5),
                _towards(np.eye(1, len(popular), last)[0], popular, weight=0.05),
                _towards(self._after[last], popular, weight=10.0),
                popular,
            ]
        )

    def learn(self, day: Sequence[Sighting]) -> None:
        self._popular = np.maximum(
            self._popular * 0.5 ** ((day[0].time - self._time) / DAY / POPULAR_DAYS), 0.5
        )
        self._time = day[0].time
        for sighting in day:
            self._learn(sighting)

    def _learn(self, sighting: Sighting) -> None:
        who, word = sighting.customer, sighting.word
        self._popular[word] += 1
        if who in self._last:
            self._after[self._last[who], word] += 1
        habit = self._habits.setdefault(who, np.zeros(len(self._popular)))
        habit *= HABIT
        habit[word] += 1
        self._counts[who] = self._counts.get(who, 0) + 1
        self._last[who] = word


def _towards(counts: Table, prior: Table, *, weight: float) -> Table:
    return np.asarray((counts + weight * prior) / (counts.sum() + weight))
