"""Which brand, style or price band comes next: a mixture of the customer's habit and everybody's.

Each source of the mixture is a distribution; its weights are learned by expectation maximisation, apart for
customers of whom little and of whom much is known, and for loyal ones and others.
"""

from bisect import bisect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
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
STEADY: Final = (0.45, 0.65, 0.85)
"""Shares of a habit's first word that separate them once more: who is loyal, and who is not."""
CLASSES: Final = (len(KNOWN) + 1) * (len(STEADY) + 1)
SOURCES: Final = ("own habit", "the last one", "what follows it", "everybody's of late")
_STEPS: Final = 60
_PRIOR: Final = 4.0
"""Sightings that the weights of all classes together count for in each."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A customer bought a word (a brand, a style, a band), at a time."""

    customer: int
    time: float
    word: int


class Habit:
    """One customer's sightings: `counts` (W,), late ones weighing more, how many there were, and the last."""

    def __init__(self, words: int) -> None:
        """Know of none of so many words."""
        self.counts = np.zeros(words)
        self.known = 0
        self.last = UNKNOWN

    def observe(self, word: int) -> None:
        """Learn of the next sighting."""
        self.counts *= HABIT
        self.counts[word] += 1
        self.known += 1
        self.last = word

    @property
    def steadiness(self) -> float:
        """The share of the word that is bought most, 0 to 1."""
        return float(self.counts.max() / self.counts.sum()) if self.known else 0.0

    @property
    def kind(self) -> int:
        """The class of this customer, below `CLASSES`."""
        known, steady = bisect(KNOWN, self.known), bisect(STEADY, self.steadiness)
        return known * (len(STEADY) + 1) + steady


class Crowd:
    """Everybody's sightings: `popular` (W,), late ones weighing more, and what came `after` what (W, W)."""

    def __init__(self, words: int) -> None:
        """Know of no sighting."""
        self.popular = np.full(words, 0.5)
        self.after = np.zeros((words, words))
        self.time = 0.0

    def told(self, habit: Habit) -> Table:
        """Return what each source says (S, W) of a customer of whom something is known."""
        popular = self.usual()
        return np.stack(
            [
                _towards(habit.counts, popular, weight=0.5),
                _towards(np.eye(1, len(popular), habit.last)[0], popular, weight=0.05),
                _towards(self.after[habit.last], popular, weight=10.0),
                popular,
            ]
        )

    def usual(self) -> Table:
        """Return everybody's shares (W,) of late."""
        return np.asarray(self.popular / self.popular.sum())

    def learn(self, habit: Habit, sighting: Sighting) -> None:
        """Take a sighting in, by a customer who is known as before it."""
        faded = 0.5 ** (max(sighting.time - self.time, 0.0) / DAY / POPULAR_DAYS)
        self.popular = np.maximum(self.popular * faded, 0.5)
        self.time = sighting.time
        self.popular[sighting.word] += 1
        if habit.known:
            self.after[habit.last, sighting.word] += 1


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What each of S sources told (N, S, W) before each sighting, the customer's class, and what came."""

    told: Table
    kind: NDArray[np.intp]
    known: NDArray[np.intp]
    came: NDArray[np.intp]
    now: NDArray[np.float64]
    customer: NDArray[np.intp]

    def between(self, since: float, until: float) -> "Beliefs":
        """Return the beliefs from `since` on and before `until`."""
        return self.take((self.now >= since) & (self.now < until))

    def take(self, rows: NDArray[np.bool_]) -> "Beliefs":
        """Return these."""
        return Beliefs(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weights (classes, S) of the sources."""

    weights: Table

    def probabilities(self, beliefs: Beliefs) -> Table:
        """Return (N, W)."""
        return np.asarray(np.einsum("ns,nsw->nw", self.weights[beliefs.kind], beliefs.told))


@dataclass(frozen=True, slots=True)
class Head:
    """Tells which of its words comes next."""

    words: tuple[str, ...]
    crowd: Crowd
    mixture: Mixture

    def probabilities(self, sightings: Iterable[int]) -> Table:
        """Return (W,) for a customer's codes, oldest first; everybody's where none is known."""
        habit = Habit(len(self.words))
        for word in sightings:
            if word != UNKNOWN:
                habit.observe(word)
        if not habit.known:
            return self.crowd.usual()
        return np.asarray(self.mixture.weights[habit.kind] @ self.crowd.told(habit))


def _always(_: Sighting) -> bool:
    return True


def fit_head(
    sightings: Iterable[Sighting],
    *,
    words: tuple[str, ...],
    wanted: Callable[[Sighting], bool] = _always,
    since: float = -np.inf,
) -> Head:
    """Fit on what came from a time on; `wanted` draws from it."""
    crowd = Crowd(len(words))
    beliefs = beliefs_of(sightings, words=len(words), wanted=wanted, crowd=crowd)
    return Head(words, crowd, fit_mixture(beliefs.between(since, np.inf)))


def beliefs_of(
    sightings: Iterable[Sighting],
    *,
    words: int,
    wanted: Callable[[Sighting], bool] = _always,
    crowd: Crowd | None = None,
) -> Beliefs:
    """Return what was believed before each wanted sighting of a known customer, in the order of time.

    A day's sightings are learned once it is over; unknown words are skipped. `crowd` learns them, too.
    """
    crowd, habits = crowd or Crowd(words), dict[int, Habit]()
    rows: list[tuple[Table, int, int, Sighting]] = []
    day: list[Sighting] = []
    for sighting in sightings:
        if sighting.word == UNKNOWN:
            continue
        if day and sighting.time // DAY != day[0].time // DAY:
            _learn(day, habits, crowd)
            day = []
        habit = habits.get(sighting.customer)
        if habit and wanted(sighting):
            rows.append((crowd.told(habit), habit.kind, habit.known, sighting))
        day.append(sighting)
    _learn(day, habits, crowd)
    sources = len(SOURCES)
    return Beliefs(
        np.stack([row[0] for row in rows]) if rows else np.zeros((0, sources, words)),
        np.array([kind for _, kind, _, _ in rows], dtype=np.intp),
        np.array([known for _, _, known, _ in rows], dtype=np.intp),
        np.array([sighting.word for *_, sighting in rows], dtype=np.intp),
        np.array([sighting.time for *_, sighting in rows], dtype=np.float64),
        np.array([sighting.customer for *_, sighting in rows], dtype=np.intp),
    )


def _learn(day: Iterable[Sighting], habits: dict[int, Habit], crowd: Crowd) -> None:
    for sighting in day:
        habit = habits.setdefault(sighting.customer, Habit(len(crowd.popular)))
        crowd.learn(habit, sighting)
        habit.observe(sighting.word)


def fit_mixture(beliefs: Beliefs) -> Mixture:
    """Return the weights that make what came likeliest (Dempster, Laird and Rubin 1977).

    A class with few customers leans on the weights of all.
    """
    given = beliefs.told[np.arange(len(beliefs.came)), :, beliefs.came]
    everyone = np.zeros(len(given), dtype=np.intp)
    usual = _weights(given, everyone, classes=1, prior=np.full(given.shape[1], 1.0))
    return Mixture(_weights(given, beliefs.kind, classes=CLASSES, prior=_PRIOR * usual[0]))


def _weights(given: Table, kind: NDArray[np.intp], *, classes: int, prior: Table) -> Table:
    weights = np.tile(prior / prior.sum(), (classes, 1))
    for _ in range(_STEPS):
        owed = weights[kind] * given
        owed /= np.maximum(owed.sum(1, keepdims=True), 1e-12)
        total = np.stack([np.bincount(kind, column, minlength=classes) for column in owed.T], axis=1) + prior
        weights = total / total.sum(1, keepdims=True)
    return np.asarray(weights)


def _towards(counts: Table, prior: Table, *, weight: float) -> Table:
    return np.asarray((counts + weight * prior) / (counts.sum() + weight))
