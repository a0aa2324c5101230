"""Whatever a shop's purchases look like, they are learned from or refused with the reason."""

from dataclasses import replace

import numpy as np
import pytest

from packshot.errors import InvalidPurchases
from packshot.preferences.boosting import Fitting
from packshot.preferences.ledger import (
    MOST_ORDERS,
    Columns,
    ledger_of,
    occasions,
    thinned,
    usable,
    vocabulary_of,
    without_resellers,
)
from packshot.preferences.purchases import DAY, Purchase, encode
from packshot.preferences.simulator import simulate
from packshot.preferences.tables import outlooks
from packshot.preferences.training import Training, outlook_days, train
from packshot.preferences.world import World


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


@pytest.mark.parametrize(
    "spoilt",
    [{"time": np.nan}, {"time": -5.0}, {"time": 253_402_214_400.0}, {"customer": ""}, {"category": ""}],
    ids=str,
)
def test_a_row_without_who_what_and_when_teaches_nothing(
    columns: Columns, spoilt: dict[str, float | str]
) -> None:
    """A guest's, a nameless or an undated purchase, or one of the year 9999, is as if it were not there."""
    some = np.arange(len(columns)) % 7 == 0
    changed = {name: np.where(some, value, getattr(columns, name)) for name, value in spoilt.items()}
    found = usable(replace(columns, **changed))
    for name in Columns.__slots__:
        assert getattr(found, name).tolist() == getattr(columns, name)[~some].tolist()


@pytest.mark.parametrize("orders", ["told", "missing"])
def test_who_sells_on_is_left_out(columns: Columns, orders: str) -> None:
    """An account of more than 200 orders is no customer; without orders its days are counted."""
    days = DAY * np.arange(MOST_ORDERS + 1)
    rows = np.zeros(len(days), dtype=int)
    dealer = replace(
        cut(columns, rows),
        customer=np.full(len(days), "dealer", dtype=object),
        time=columns.time.min() + days,
        order=np.array([str(n) if orders == "told" else "" for n in range(len(days))], dtype=object),
    )
    whole = joined([columns, dealer])
    assert set(without_resellers(whole).customer) == set(columns.customer)
    fewer = cut(whole, np.arange(len(whole) - 1))
    assert "dealer" in set(without_resellers(fewer).customer)


def joined(parts: list[Columns]) -> Columns:
    """Return the rows of all."""
    return Columns(*(np.concatenate([getattr(part, name) for part in parts]) for name in Columns.__slots__))


def test_of_a_large_shop_customers_are_drawn_whole(columns: Columns) -> None:
    """About as many lines as wanted are left, all of a customer's or none, the same each time; in order."""
    some, again, all_of_them = (thinned(columns, share=share) for share in (1 / 3, 1 / 3, 1))
    assert 0.5 < 3 * len(some) / len(columns) < 1.5
    for customer in set(some.customer):
        assert (some.customer == customer).sum() == (columns.customer == customer).sum()
    assert (some.time == columns.time[np.isin(columns.customer, list(set(some.customer)))]).all()
    assert list(some.customer) == list(again.customer)
    assert list(all_of_them.time) == list(columns.time)


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


@pytest.mark.parametrize("days", [300, 150])
def test_nothing_apart_is_fitted_on(columns: Columns, days: int) -> None:
    """With other purchases in the days kept apart what is fitted is the same; the world has seen them."""
    columns = cut(columns, columns.time < columns.time.min() + days * DAY)
    until = learned(columns).predictor.fitted_until
    assert until % DAY == 0
    late = columns.time >= until
    other = replace(
        columns,
        category=np.where(late, "belt", columns.category).astype(object),
        brand=np.where(late, "unheard of", columns.brand).astype(object),
        price=np.where(late, 90 * columns.price, columns.price),
    )
    assert late.any()
    one, two = (learned(each).predictor for each in (columns, other))
    assert one.vocabulary == two.vocabulary
    assert one.choice.calibration == two.choice.calibration
    assert (one.soon.shift, one.later.shift) == (two.soon.shift, two.later.shift)
    raw = [
        [
            booster.save_raw("ubj")
            for booster in (*each.choice.boosters, each.soon.booster, each.later.booster)
        ]
        for each in (one, two)
    ]
    assert raw[0] == raw[1]
    np.testing.assert_array_equal(one.heads.bands.edges, two.heads.bands.edges)
    for name in ("brands", "styles", "price_bands"):
        weights = [getattr(each.heads, name).mixture.weights for each in (one, two)]
        np.testing.assert_array_equal(*weights)
    assert not np.array_equal(one.world.bought, two.world.bought)


def test_days_of_the_outlook_leave_room_for_what_came() -> None:
    """Each is a midnight, as many days before the end as are looked ahead, and after the beginning."""
    for within in (30, 90):
        days = outlook_days(0.0, 700.0 * DAY, within=within)
        assert days == sorted(days)
        assert {day % DAY for day in outlook_days(0.3 * DAY, 700.9 * DAY, within=within)} == {0.0}
        assert days[0] > 0
        assert days[-1] + within * DAY <= 700 * DAY


def test_who_is_drawn_stands_for_who_is_not(columns: Columns) -> None:
    """Of many customers on days some are looked at; weighed, they are as many and buy as much."""
    words = vocabulary_of(columns)
    visits = list(occasions(ledger_of(columns, vocabulary=words)))
    days = [columns.time.min() + DAY * n for n in range(60, 240)]
    whole, drawn = (
        outlooks(visits, world=World(words), days=days, within=9, quiet_share=q, buyers_share=b)
        for q, b in ((1.0, 1.0), (0.4, 0.5))
    )
    assert len(drawn.bought) < 0.55 * len(whole.bought)
    assert drawn.weight.sum() == pytest.approx(len(whole.bought), rel=0.05)
    assert (drawn.weight @ drawn.bought).sum() == pytest.approx(whole.bought.sum(), rel=0.05)
