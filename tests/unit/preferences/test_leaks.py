"""No feature sees what comes, and the check that says so finds one that does."""

from dataclasses import replace

import numpy as np
import pytest

from packshot.preferences.features import feature_names, samples
from packshot.preferences.ledger import Columns, ledger_of, occasions, vocabulary_of
from packshot.preferences.purchases import DAY, Vocabulary
from packshot.preferences.simulator import Simulation
from packshot.preferences.tables import Moments, learn, moments_of
from packshot.preferences.world import World
from tests.benchmarks.purchase_leaks import Build, leaking_features, moments_on, spoiled_on


def of_an_old_world(columns: Columns, vocabulary: Vocabulary, day: float) -> Moments:
    """Return the moments of a day, in a world that has seen all of the file."""
    visits = list(occasions(ledger_of(columns, vocabulary=vocabulary)))
    world = World(vocabulary)
    for occasion in visits:
        learn(occasion, memories={}, world=world)
    found = samples(visits, world=world, wanted=lambda occasion: day <= occasion.time < day + DAY)
    return moments_of(found, categories=len(vocabulary.categories))


def of_the_day_itself(columns: Columns, vocabulary: Vocabulary, day: float) -> Moments:
    """Return the moments of a day, with what is paid on it for a line."""
    honest = moments_on(columns, vocabulary, day)
    paid = np.full((*honest.bought.shape, 1), columns.price[columns.time // DAY == day // DAY].mean())
    return replace(honest, features=np.concatenate([honest.features, paid.astype(np.float32)], axis=2))


def leaks(simulation: Simulation, build: Build) -> tuple[int, ...]:
    """Return what the check finds in the last hundred days."""
    columns = simulation.columns
    since = columns.time.max() - 100 * DAY
    words = vocabulary_of(columns, before=since)
    return leaking_features(columns, since=since, vocabulary=words, build=build)


def test_the_features_pass(simulation: Simulation) -> None:
    """Nothing of what training asks changes with what is bought on the day or later."""
    assert leaks(simulation, moments_on) == ()


@pytest.mark.parametrize("build", [spoiled_on, of_the_day_itself])
def test_a_leak_is_named(simulation: Simulation, build: Build) -> None:
    """A feature that looks at the purchase or its price fails, and no other does."""
    assert leaks(simulation, build) == (len(feature_names()),)


def test_a_glimpse_of_the_future_is_found(simulation: Simulation) -> None:
    """So do counts of all customers that were made of the whole file, weak as they tell."""
    found = {feature_names()[f] for f in leaks(simulation, of_an_old_world)}
    assert {"prior", "popular within half-lives 0", "after the last category", "season"} <= found
    assert "visits" not in found
