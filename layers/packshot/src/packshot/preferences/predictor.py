"""Everything that is needed to answer for a raw history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xgboost
from numpy.typing import NDArray

from packshot.preferences.bands import PriceBands
from packshot.preferences.boosting import margins
from packshot.preferences.choosing import ChoiceModel
from packshot.preferences.features import LONGEST_HISTORY, candidate_features
from packshot.preferences.foreseeing import EventModel
from packshot.preferences.heads import Head
from packshot.preferences.memory import Memory
from packshot.preferences.purchases import UNKNOWN, Lines, Visit, Vocabulary, visits
from packshot.preferences.reasons import Story, because, because_popular
from packshot.preferences.tables import Moments
from packshot.preferences.world import World

TOP: Final = 3
Table = NDArray[np.float64]
Features = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Told:
    """A word, and the probability that it comes next."""

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A category that may come next; `within_…` are None where nothing is known of the customer."""

    category: str
    probability: float
    within_30_days: float | None
    within_90_days: float | None
    because: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told of a customer: at most three of everything, likeliest first.

    `visits` is how many days of buying stood behind it; with none it is what customers buy now. `left_out`
    counts the lines that are older than the longest history.
    """

    next: tuple[Candidate, ...]
    brands: tuple[Told, ...]
    styles: tuple[Told, ...]
    price_bands: tuple[Told, ...]
    visits: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a customer's history comes to: features (K, F), and what the heads tell, each (W,)."""

    features: Features
    brands: Table
    styles: Table
    price_bands: Table


@dataclass(frozen=True, slots=True)
class Heads:
    """Tell brand, style and price band; `bands` says which price is which."""

    brands: Head
    styles: Head
    price_bands: Head
    bands: PriceBands


@dataclass(frozen=True, slots=True)
class Predictor:
    """A trained model, and the world as of its last purchase.

    `soon` is of 30 days, `later` of 90. Nothing at or after `fitted_until` (seconds) was fitted on, so that
    what came then can judge it.
    """

    vocabulary: Vocabulary
    world: World
    choice: ChoiceModel
    soon: EventModel
    later: EventModel
    heads: Heads
    version: str
    fitted_until: float

    def answer(self, history: Lines, *, now: float) -> Answer:
        """Return what is told of one customer's lines before `now`; the last visits count, in any order."""
        known = list(visits(history, before=now, most=LONGEST_HISTORY))
        if not known:
            return self._popular(now=now)
        memory = remembered(known, categories=self.world.categories)
        features = candidate_features(memory, self.world, now=now)
        raw = margins([*self.choice.boosters, self.soon.booster, self.later.booster], features[None])
        chances = self.choice.of_scores(raw[:-2].mean(0), moment_of(features[None], now=now))[0]
        soon = self.soon.of_scores(raw[-2, 0])
        later = np.maximum(soon, self.later.of_scores(raw[-1, 0]))
        top = _ranked(chances)
        story = Story(memory, self.world, self.vocabulary, now)
        shares = self._contributions(features[top])
        told = [
            Candidate(
                self.vocabulary.categories[code],
                float(chances[code]),
                float(soon[code]),
                float(later[code]),
                because(row, story=story, category=int(code)),
            )
            for code, row in zip(top, shares, strict=True)
        ]
        heads = self.heads
        return Answer(
            tuple(told),
            _told(heads.brands, [visit.brand for visit in known]),
            _told(heads.styles, [visit.style for visit in known]),
            _told(heads.price_bands, [heads.bands.of(visit) for visit in known]),
            len(known),
            int(np.count_nonzero(_countable(history, now=now) & (history.time < known[0].time))),
        )

    def outcome(self, known: Sequence[Visit], *, now: float) -> Outcome:
        """Return what the models are asked with, of a customer's last visits before `now`, oldest first."""
        heads = self.heads
        return Outcome(
            candidate_features(remembered(known, categories=self.world.categories), self.world, now=now),
            heads.brands.probabilities(visit.brand for visit in known),
            heads.styles.probabilities(visit.style for visit in known),
            heads.price_bands.probabilities(heads.bands.of(visit) for visit in known),
        )

    def within(self, features: Features) -> tuple[Table, Table]:
        """Return the probabilities (N, K) of buying within 30 and within 90 days; the second is no lower."""
        soon = self.soon.probabilities(features)
        return soon, np.maximum(soon, self.later.probabilities(features))

    def _popular(self, *, now: float) -> Answer:
        shares = self.world.popularity(now=now)[1]
        top = _ranked(shares)
        told = [
            Candidate(
                self.vocabulary.categories[code],
                float(shares[code]),
                None,
                None,
                because_popular(float(shares[code]), rank=rank),
            )
            for rank, code in enumerate(top)
        ]
        heads = self.heads
        return Answer(
            tuple(told),
            _told(heads.brands, ()),
            _told(heads.styles, ()),
            _told(heads.price_bands, ()),
            0,
            0,
        )

    def _contributions(self, features: Features) -> Table:
        # One ensemble speaks for all: they differ by their seed alone, and SHAP is dear.
        matrix = xgboost.DMatrix(features, nthread=1)
        return np.asarray(self.choice.boosters[0].predict(matrix, pred_contribs=True), dtype=np.float64)[
            :, :-1
        ]


def remembered(known: Sequence[Visit], *, categories: int) -> Memory:
    """Return the memory of a customer's visits, oldest first."""
    memory = Memory(categories)
    for visit in known:
        memory.observe(visit)
    return memory


def moment_of(features: Features, *, now: float) -> Moments:
    """Return features (1, K, F) as a moment of which nobody knows yet what comes."""
    none = np.zeros(1, dtype=np.intp)
    return Moments(features, none, np.zeros(features.shape[:2], bool), np.array([now]), none, none)


def _countable(history: Lines, *, now: float) -> NDArray[np.bool_]:
    return np.asarray((history.category != UNKNOWN) & (history.time < now))


def _ranked(shares: Table) -> NDArray[np.intp]:
    return np.argsort(-shares, kind="stable")[:TOP]


def _told(head: Head, sightings: Sequence[int]) -> tuple[Told, ...]:
    if not head.words:
        return ()
    shares = head.probabilities(sightings)
    return tuple(Told(head.words[code], float(shares[code])) for code in _ranked(shares))
