"""Whatever a shop's purchases look like, they are learned from or refused with the reason."""

from dataclasses import replace

import numpy as np
import pytest

from packshot.errors import InvalidPurchases
from packshot.preferences.boosting import Fitting
from packshot.preferences.ledger import Columns
from packshot.preferences.purchases import DAY, Purchase, encode
from packshot.preferences.simulator import simulate
from packshot.preferences.training import Training, outlook_days, train


@pytest.fixture(scope="module")
def columns() -> Columns:
    """Return ten months of a very small shop."""
    return simulate(customers=30, days=300, seed=1).columns


def learned(columns: Columns) -> Training:
    """Train as little as possible."""
    return train(columns, version="1", fitting=Fitting(most=20, threads=1), rounds=10, seeds=(0,))


def cut(columns: Columns, rows: np.ndarray) -> Columns:
    """Return some rows."""
    return Columns(*(getattr(columns, name)[rows] for name in Columns.__slots__))


def spoiled(columns: Columns, how: str) -> Columns:
    """Return the purchases with something wrong or missing."""
    count = len(columns)
    words, numbers = np.full(count, "", dtype=object), np.full(count, np.nan)
    some = np.arange(count) % 7 == 0
    changes: dict[str, dict[str, np.ndarray]] = {
        "nothing but customer, time and category": {
            **dict.fromkeys(("order", "item", "brand", "style"), words),
            **dict.fromkeys(("price", "discount"), numbers),
        },
        "one category": {"category": np.full(count, "shoes", dtype=object)},
        "negative prices": {"price": -columns.price},
        "infinite prices": {"price": np.where(some, np.inf, columns.price)},
        "missing times": {"time": np.where(some, np.nan, columns.time)},
        "more categories than are known": {
            "category": np.array([f"{c}{n % 11}" for n, c in enumerate(columns.category)], dtype=object)
        },
    }
    return replace(columns, **changes[how])


@pytest.mark.parametrize(
    "how",
    [
        "nothing but customer, time and category",
        "one category",
        "negative prices",
        "infinite prices",
        "missing times",
        "more categories than are known",
    ],
)
def test_what_is_wrong_or_missing_does_not_keep_from_learning(columns: Columns, how: str) -> None:
    """A model comes out, and answers with probabilities for somebody and for nobody."""
    predictor = learned(spoiled(columns, how)).predictor
    tables = predictor.vocabulary.tables()
    bought = [Purchase(time=1.6e9, category=predictor.vocabulary.categories[0])]
    for history in (bought, []):
        answer = predictor.answer(encode(history, tables=tables), now=1.6e9 + DAY)
        shares = [entry.probability for entry in answer.next]
        assert np.isfinite(shares).all()
        assert 0 < sum(shares) <= 1 + 1e-9


def test_a_shop_of_weeks_is_learned_from(columns: Columns) -> None:
    """Sixty days are little, and enough for an answer."""
    young = cut(columns, columns.time < columns.time.min() + 60 * DAY)
    assert learned(young).moments > 0


@pytest.mark.parametrize("rows", ["none", "one", "first of each", "no times"])
def test_nothing_to_learn_from_is_said(columns: Columns, rows: str) -> None:
    """Where nobody came again there is no model, and the message says so."""
    first = np.unique(columns.customer.astype(str), return_index=True)[1]
    some = {
        "none": cut(columns, np.arange(0)),
        "one": cut(columns, np.arange(1)),
        "first of each": cut(columns, first),
        "no times": replace(columns, time=np.full(len(columns), np.nan)),
    }[rows]
    with pytest.raises(InvalidPurchases, match="learn"):
        learned(some)


def test_nothing_apart_is_fitted_on(columns: Columns) -> None:
    """With other purchases in the days kept apart the trees are the same; only the world has seen them."""
    until = learned(columns).predictor.fitted_until
    late = columns.time >= until
    other = replace(columns, category=np.where(late, "belt", columns.category).astype(object))
    one, two = learned(columns), learned(other)
    assert late.any()
    raw = [t.predictor.choice.boosters[0].save_raw("ubj") for t in (one, two)]
    assert raw[0] == raw[1]
    assert not np.array_equal(one.predictor.world.bought, two.predictor.world.bought)


def test_days_of_the_outlook_leave_room_for_what_came() -> None:
    """Each day lies as many days before the end as are looked ahead, and after the beginning."""
    for within in (30, 90):
        days = outlook_days(0.0, 700.0 * DAY, within=within)
        assert days == sorted(days)
        assert days[0] > 0
        assert days[-1] + within * DAY <= 700 * DAY
