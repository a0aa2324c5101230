"""Moments and their features as arrays, for training and measuring."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from packshot.errors import InvalidPurchases
from packshot.preferences.features import Sample, candidate_features, feature_names
from packshot.preferences.ledger import Occasion
from packshot.preferences.memory import Memory
from packshot.preferences.purchases import DAY, Visit
from packshot.preferences.world import World


@dataclass(frozen=True, slots=True)
class Moments:
    """N moments before a visit: features (N, K, F), the category most was spent on, all that was bought."""

    features: NDArray[np.float32]
    top: NDArray[np.intp]
    bought: NDArray[np.bool_]
    now: NDArray[np.float64]
    customer: NDArray[np.intp]
    seen: NDArray[np.intp]

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Moments":
        """Return these moments."""
        return Moments(
            self.features[rows],
            self.top[rows],
            self.bought[rows],
            self.now[rows],
            self.customer[rows],
            self.seen[rows],
        )

    def between(self, since: float, until: float) -> "Moments":
        """Return the moments from `since` on and before `until`."""
        return self.take((self.now >= since) & (self.now < until))

    def __len__(self) -> int:
        return len(self.top)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Customers on a day: features (N, K, F), and whether they bought within the days that followed."""

    features: NDArray[np.float32]
    bought: NDArray[np.bool_]
    customer: NDArray[np.intp]
    weight: NDArray[np.float64]
    now: NDArray[np.float64]

    def between(self, since: float, until: float) -> "Outlook":
        """Return the days from `since` on and before `until`."""
        return self.take((self.now >= since) & (self.now < until))

    def take(self, rows: NDArray[np.bool_]) -> "Outlook":
        """Return these rows."""
        return Outlook(*(getattr(self, field.name)[rows] for field in fields(self)))


def moments_of(samples: Iterable[Sample], *, categories: int) -> Moments:
    """Return samples as arrays."""
    found = list(samples)
    none = np.zeros((0, categories, len(feature_names())), dtype=np.float32)
    features = np.stack([sample.features for sample in found]) if found else none
    bought = np.zeros(features.shape[:2], dtype=bool)
    for row, sample in zip(bought, found, strict=True):
        row[sample.visit.categories] = True
    return Moments(
        features,
        np.array([sample.visit.top for sample in found], dtype=np.intp),
        bought,
        np.array([sample.now for sample in found], dtype=np.float64),
        np.array([sample.customer for sample in found], dtype=np.intp),
        np.array([sample.seen for sample in found], dtype=np.intp),
    )


def outlooks(  # noqa: PLR0913 - days, horizon and draw belong to one question
    occasions: Sequence[Occasion],
    *,
    world: World,
    days: Sequence[float],
    within: int,
    quiet_share: float = 1.0,
    buyers_share: float = 1.0,
    seed: int = 0,
) -> Outlook:
    """Return all who bought before each of the days, and what they bought within so many days of it.

    Of those who buy nothing, and of those who do, a share is drawn, which weighs accordingly more. `days` are
    times, ascending.
    """
    rng = np.random.default_rng(seed)
    times = np.array([occasion.time for occasion in occasions])
    memories: dict[int, Memory] = {}
    found: list[tuple[NDArray[np.float32], NDArray[np.bool_], int, float, float]] = []
    at = 0
    for now in days:
        end = int(np.searchsorted(times, now))
        for occasion in occasions[at:end]:
            learn(occasion, memories=memories, world=world)
        at = end
        until = int(np.searchsorted(times, now + within * DAY))
        future = _by_customer(occasions[end:until])
        for customer, memory in memories.items():
            bought = np.zeros(world.categories, dtype=bool)
            for visit in future.get(customer, ()):
                bought[visit.categories] = True
            share = buyers_share if bought.any() else quiet_share
            if share < 1 and rng.random() >= share:
                continue
            found.append((candidate_features(memory, world, now=now), bought, customer, 1 / share, now))
    if not found:
        raise InvalidPurchases("nobody bought before any of the days: nothing can be foreseen")
    features, labels, who, weights, at_day = zip(*found, strict=True)
    return Outlook(np.stack(features), np.stack(labels), np.array(who), np.array(weights), np.array(at_day))


def learn(occasion: Occasion, *, memories: dict[int, Memory], world: World) -> None:
    """Take a visit into the world and into its customer's memory."""
    memory = memories.setdefault(occasion.customer, Memory(world.categories))
    world.observe(occasion.visit, memory=memory)
    memory.observe(occasion.visit)


def _by_customer(occasions: Sequence[Occasion]) -> dict[int, list[Visit]]:
    found: dict[int, list[Visit]] = {}
    for occasion in occasions:
        found.setdefault(occasion.customer, []).append(occasion.visit)
    return found
