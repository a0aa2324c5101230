"""What is expected of all customers adds up, and follows what was planted."""

import numpy as np
import pytest

from packshot.preferences.demand import Demand, expected_purchases
from packshot.preferences.ledger import Ledger, ledger_of
from packshot.preferences.predictor import Predictor
from packshot.preferences.purchases import DAY
from packshot.preferences.simulator import SEASONS, Simulation


def demand_of(predictor: Predictor, ledger: Ledger, now: float) -> Demand:
    """Return the demand of all customers of a ledger."""
    return expected_purchases(
        predictor, (ledger.of(number) for number in range(len(ledger.customers))), now=now
    )


def test_the_next_30_days_are_expected_about_right(
    predictor: Predictor, simulation: Simulation, known: Ledger
) -> None:
    """In all, what is expected on the day after fitting is what came, within a third."""
    columns, now = simulation.columns, predictor.fitted_until
    came = ((columns.time >= now) & (columns.time < now + 30 * DAY)).sum()
    found = demand_of(predictor, known, now)
    assert sum(entry.expected for entry in found.categories) == pytest.approx(came, rel=1 / 3)


def test_shares_add_up_and_the_strongest_is_first(predictor: Predictor, known: Ledger) -> None:
    """Shares are of all; words of a head come likeliest first; every category is there."""
    found = demand_of(predictor, known, predictor.fitted_until)
    assert sum(entry.share for entry in found.categories) == pytest.approx(1)
    assert {entry.category for entry in found.categories} == set(predictor.vocabulary.categories)
    expected = [entry.expected for entry in found.categories]
    assert expected == sorted(expected, reverse=True)
    for entry in found.categories:
        for head in (entry.styles, entry.price_bands):
            shares = [told.probability for told in head]
            assert shares == sorted(shares, reverse=True)
            assert sum(shares) == pytest.approx(1)


def test_what_is_in_season_is_lifted(predictor: Predictor, known: Ledger) -> None:
    """At the height of summer sandals are wanted more than in the mean of the year, coats less."""
    lift = {e.category: e.lift for e in demand_of(predictor, known, predictor.fitted_until).categories}
    assert SEASONS["sandals"] == 7
    assert lift["sandals"] > 1.2
    assert lift["coat"] < 1


def test_purchases_from_now_on_are_not_counted(predictor: Predictor, simulation: Simulation) -> None:
    """Demand on a day is the same whether or not the file goes on after it."""
    now = predictor.fitted_until
    columns = simulation.columns
    past = columns.time < now
    whole = ledger_of(columns, vocabulary=predictor.vocabulary)
    cut = ledger_of(
        type(columns)(*(getattr(columns, name)[past] for name in columns.__slots__)),
        vocabulary=predictor.vocabulary,
    )
    assert demand_of(predictor, whole, now) == demand_of(predictor, cut, now)


def test_nobody_wants_nothing(predictor: Predictor) -> None:
    """Without a customer nothing is expected, and nothing is divided by it."""
    found = expected_purchases(predictor, [], now=1.7e9)
    assert found.customers == 0
    assert all(np.isfinite([e.expected, e.share, e.lift]).all() for e in found.categories)
    assert sum(e.expected for e in found.categories) == 0
