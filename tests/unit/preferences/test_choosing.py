"""What is planted in a simulated shop is found, and a leak is noticed."""

import numpy as np
import pytest

from packshot.preferences.baselines import baselines, column
from packshot.preferences.boosting import Fitting
from packshot.preferences.choosing import ChoiceModel, fit_model
from packshot.preferences.features import samples
from packshot.preferences.ledger import ledger_of, occasions, vocabulary_of
from packshot.preferences.metrics import log_loss
from packshot.preferences.purchases import DAY
from packshot.preferences.simulator import CATEGORIES, PAIRINGS, Simulation, simulate
from packshot.preferences.tables import Moments, moments_of
from packshot.preferences.world import World, month_of

TEST_DAYS = 150


@pytest.fixture(scope="module")
def shop() -> Simulation:
    """Return two years of a small shop."""
    return simulate(customers=160, days=730, seed=11)


@pytest.fixture(scope="module")
def moments(shop: Simulation) -> Moments:
    """Return all moments before a repeated purchase."""
    words = vocabulary_of(shop.columns)
    visits = occasions(ledger_of(shop.columns, vocabulary=words))
    return moments_of(samples(visits, world=World(words)), categories=len(words.categories))


@pytest.fixture(scope="module")
def cut(moments: Moments) -> float:
    """Return when the test begins."""
    return float(moments.now.max()) - TEST_DAYS * DAY


@pytest.fixture(scope="module")
def model(moments: Moments, cut: float) -> ChoiceModel:
    """Return a model fitted on what lies before the test."""
    past = moments.between(-np.inf, cut)
    return fit_model(past, origins=[cut - 90 * DAY], fitting=Fitting(threads=1, most=150), seeds=(0,))


def test_the_model_beats_every_simple_answer(model: ChoiceModel, moments: Moments, cut: float) -> None:
    """Its log-loss is below that of all baselines on later purchases."""
    past, test = moments.between(-np.inf, cut), moments.between(cut, np.inf)
    simple = [log_loss(p, test.top) for p in baselines(test, past=past).values()]
    assert log_loss(model.probabilities(test), test.top) < min(simple)


def test_probabilities_are_a_distribution(model: ChoiceModel, moments: Moments) -> None:
    """Rows add up to one, and nothing is impossible."""
    told = model.probabilities(moments)
    np.testing.assert_allclose(told.sum(1), 1, atol=1e-9)
    assert told.min() > 0


def test_pairings_are_found(model: ChoiceModel, moments: Moments, cut: float) -> None:
    """After jeans a belt is told more often than after anything else; so for all pairs."""
    test = moments.between(cut, np.inf)
    told = model.probabilities(test)
    last = column(test, "in visit 1 back").argmax(1)
    for first, then in PAIRINGS:
        after = told[:, CATEGORIES.index(then)]
        paired = last == CATEGORIES.index(first)
        assert after[paired].mean() > 1.5 * after[~paired].mean()


def test_seasons_are_found(model: ChoiceModel, moments: Moments) -> None:
    """Coats are told more in November than in May."""
    told = model.probabilities(moments)[:, CATEGORIES.index("coat")]
    month = np.array([month_of(now) for now in moments.now])
    assert told[month == 10].mean() > 2 * told[month == 4].mean()


def test_a_fit_repeats_itself(moments: Moments, cut: float) -> None:
    """The same seed makes the same model."""
    past = moments.between(-np.inf, cut)
    some = past.take(np.arange(0, len(past), 4))
    one, other = (
        fit_model(
            some, origins=[cut - 90 * DAY], fitting=Fitting(threads=1, most=40), seeds=(0,)
        ).probabilities(some)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)


def test_loyal_customers_stay_with_a_brand(shop: Simulation) -> None:
    """Those who are planted as loyal buy one brand in most of their visits; the others do not."""
    columns = shop.columns
    shares: dict[bool, list[float]] = {True: [], False: []}
    for name in np.unique(columns.customer.astype(str)):
        brands = columns.brand[columns.customer == name].astype(str)
        if len(brands) >= 10:
            shares[name in shop.loyal].append(np.unique(brands, return_counts=True)[1].max() / len(brands))
    assert np.mean(shares[True]) > 0.75
    assert np.mean(shares[False]) < 0.6
