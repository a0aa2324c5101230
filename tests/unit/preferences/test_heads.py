"""Habits of brand, style and price are told, and newcomers get what is popular."""

import numpy as np
import pytest

from packshot.preferences.bands import BANDS, price_bands
from packshot.preferences.heads import Habit, Sighting, beliefs_of, fit_mixture
from packshot.preferences.ledger import Ledger, Occasion, ledger_of, occasions, vocabulary_of
from packshot.preferences.metrics import log_loss
from packshot.preferences.newcomers import newcomers
from packshot.preferences.purchases import UNKNOWN
from packshot.preferences.simulator import Simulation, simulate


@pytest.fixture(scope="module")
def shop() -> Simulation:
    """Return two years of a small shop."""
    return simulate(customers=200, days=730, seed=21)


@pytest.fixture(scope="module")
def ledger(shop: Simulation) -> Ledger:
    """Return its ledger."""
    return ledger_of(shop.columns, vocabulary=vocabulary_of(shop.columns))


@pytest.fixture(scope="module")
def found(ledger: Ledger) -> list[Occasion]:
    """Return its visits."""
    return list(occasions(ledger))


def test_loyalty_to_a_brand_is_found(shop: Simulation, ledger: Ledger, found: list[Occasion]) -> None:
    """Of a loyal customer one brand is told with more than two thirds, of the others none is."""
    beliefs = beliefs_of((Sighting(o.customer, o.time, o.visit.brand) for o in found), words=4)
    told = fit_mixture(beliefs).probabilities(beliefs).max(1)
    loyal = np.array([ledger.customers[who] in shop.loyal for who in beliefs.customer])
    known = beliefs.known >= 8
    assert told[known & loyal].mean() > 2 / 3
    assert told[known & ~loyal].mean() < 1 / 2


def test_a_mixture_is_no_worse_than_its_sources(found: list[Occasion]) -> None:
    """On what it was fitted to, the mixture's log-loss is below that of each source."""
    beliefs = beliefs_of((Sighting(o.customer, o.time, o.visit.brand) for o in found), words=4)
    mixed = log_loss(fit_mixture(beliefs).probabilities(beliefs), beliefs.came)
    assert all(mixed <= log_loss(beliefs.told[:, s], beliefs.came) + 1e-6 for s in range(4))


def test_a_brand_that_is_not_known_is_no_sighting() -> None:
    """Unknown words teach nothing and are not asked for."""
    seen = [Sighting(0, 1e9 + 1e6 * n, word) for n, word in enumerate((0, UNKNOWN, 1))]
    beliefs = beliefs_of(seen, words=2)
    assert beliefs.came.tolist() == [1]
    assert beliefs.known.tolist() == [1]


def test_a_day_is_learned_once_it_is_over() -> None:
    """What others buy on the same day is not believed yet, nor what they buy later; on the next day it is."""
    known, others = Sighting(0, 1e9, 0), [Sighting(n, 2e9 + n, 1) for n in range(1, 30)]
    asked = {
        when: beliefs_of([known, *others, Sighting(0, when, 0)], words=2).told[-1, -1, 1]
        for when in (2e9 + 60, 2e9 + 86_400)
    }
    alone = beliefs_of([known, Sighting(0, 2e9 + 60, 0)], words=2).told[-1, -1, 1]
    assert asked[2e9 + 60] == alone
    assert asked[2e9 + 86_400] > 0.9


def test_a_late_sighting_weighs_more() -> None:
    """Each weighs nine tenths of the one after it."""
    habit = Habit(2)
    for word in (0, 0, 1):
        habit.observe(word)
    np.testing.assert_allclose(habit.counts, (0.81 + 0.9, 1.0))
    assert (habit.last, habit.known) == (1, 3)


def test_a_dear_purchase_is_of_the_high_band(ledger: Ledger, found: list[Occasion]) -> None:
    """Bands rise with what was paid for the leading category."""
    bands = price_bands(ledger.lines, categories=len(ledger.vocabulary.categories), before=np.inf)
    paid: dict[str, list[float]] = {name: [] for name in BANDS}
    for occasion in found:
        if occasion.visit.top == 0:
            paid[BANDS[bands.of(occasion.visit)]].append(float(occasion.visit.log_prices[0]))
    assert max(paid["low"]) <= min(paid["middle"]) < max(paid["middle"]) <= min(paid["high"])


def test_bands_are_thirds(ledger: Ledger, found: list[Occasion]) -> None:
    """A third of the visits falls into each price band."""
    bands = price_bands(ledger.lines, categories=len(ledger.vocabulary.categories), before=np.inf)
    shares = np.bincount([bands.of(o.visit) for o in found], minlength=len(BANDS)) / len(found)
    np.testing.assert_allclose(shares, 1 / 3, atol=0.01)


def test_newcomers_are_each_customers_first_visit(ledger: Ledger, found: list[Occasion]) -> None:
    """One moment for each customer, told by distributions."""
    beliefs = newcomers(found, vocabulary=ledger.vocabulary)
    assert sorted(beliefs.customer.tolist()) == sorted({o.customer for o in found})
    np.testing.assert_allclose(beliefs.told.sum(2), 1)
