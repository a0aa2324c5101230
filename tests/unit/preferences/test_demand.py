"""What is expected of all customers adds up, and follows what was planted."""

import gc
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from packshot.preferences.demand import Demand, counted_purchases, expected_purchases
from packshot.preferences.ledger import LARGEST_VOCABULARY, Columns, Ledger, ledger_of
from packshot.preferences.predictor import Outcome, Predictor
from packshot.preferences.purchases import DAY, Lines, Purchase, encode, visits
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


def shopper(predictor: Predictor, now: float, *bought: tuple[float, str]) -> Lines:
    """Return a history: how many days ago, and of which category."""
    lines = [Purchase(time=now - ago * DAY, category=category, price=20.0) for ago, category in bought]
    return encode(lines, tables=predictor.vocabulary.tables())


def told(predictor: Predictor, histories: list[Lines], now: float) -> NDArray[np.float64]:
    """Return what the model itself says that these customers will buy within 30 days, in sum."""
    features = [predictor.outcome(list(visits(each, before=now)), now=now).features for each in histories]
    return np.asarray(predictor.within(np.stack(features))[0].sum(0))


def expected_of(predictor: Predictor, found: Demand) -> NDArray[np.float64]:
    """Return what is expected of each category, by its code."""
    by_name = {each.category: each.expected for each in found.categories}
    return np.array([by_name[name] for name in predictor.vocabulary.categories])


def test_who_buys_often_buys_often_again(predictor: Predictor) -> None:
    """The model says whether a customer buys; how often is as in the last 30 days, drawn towards once."""
    now, customers = predictor.fitted_until, 40
    histories = [
        shopper(predictor, now, (100 + number, "shoes"), (3, "shoes"), (11, "shoes"), (19, "shoes"))
        for number in range(customers)
    ]
    found = expected_purchases(predictor, histories, now=now)
    times = (3 * customers + 5) / (customers + 5)
    assert expected_of(predictor, found) == pytest.approx(times * told(predictor, histories, now))


def test_newcomers_come_as_they_did(predictor: Predictor) -> None:
    """Who bought for the first time in the last 30 days is followed by as many, who buy what all buy."""
    now = predictor.fitted_until
    histories = [shopper(predictor, now, (5, "belt"), (2, "belt")) for _ in range(600)]
    found = expected_purchases(predictor, histories, now=now)
    returning = told(predictor, histories, now)
    newcomers = expected_of(predictor, found) - returning
    assert found.customers == 600
    assert newcomers == pytest.approx(600 * predictor.world.popularity(now=now)[1])


def test_styles_lean_to_who_is_to_buy_and_never_to_a_single_purchase(
    predictor: Predictor, known: Ledger
) -> None:
    """What nobody bought of late has the shop's styles; one purchase does not make it all festive."""
    now = predictor.fitted_until
    whole = demand_of(predictor, known, now)
    alone = expected_purchases(predictor, [shopper(predictor, now, (200, "bag"))], now=now)
    assert all(each.styles[0].probability < 0.9 for each in alone.categories)
    style = whole.categories[0].styles[0].name
    lines = [Purchase(now - 3 * DAY, "bag", 20.0, style=style), Purchase(now - 200 * DAY, "bag", 20.0)]
    one = encode(lines, tables=predictor.vocabulary.tables())
    found = expected_purchases(predictor, [one], now=now)
    (bag,) = (each for each in found.categories if each.category == "bag")
    assert bag.styles[0].probability < 0.9


def test_a_category_is_wanted_in_the_style_of_who_wants_it(predictor: Predictor) -> None:
    """Though nobody bought anything of late: habits say who will buy bags, and in which style."""
    now, tables = predictor.fitted_until, predictor.vocabulary.tables()
    one, other = predictor.vocabulary.styles[:2]
    histories = [
        encode([Purchase(now - day * DAY, name, 20.0, style=style) for day in (100, 150, 200)], tables=tables)
        for name, style in (("bag", one), ("shoes", other))
        for _ in range(20)
    ]
    found = expected_purchases(predictor, histories, now=now)
    styles = {
        each.category: {told.name: told.probability for told in each.styles} for each in found.categories
    }
    assert styles["bag"][one] > styles["shoes"].get(one, 0)
    assert styles["shoes"][other] > styles["bag"].get(other, 0)


def test_customers_are_held_in_memory_by_the_batch_alone(predictor: Predictor) -> None:
    """A shop may have millions."""
    now, alive = predictor.fitted_until, list[int]()

    def shop() -> Iterator[Lines]:
        for number in range(1_100):
            if number == 1_050:
                alive.append(sum(isinstance(each, Outcome) for each in gc.get_objects()))
            yield shopper(predictor, now, (100, "bag"))

    assert expected_purchases(predictor, shop(), now=now).customers == 1_100
    assert alive[0] <= 512


def test_nobody_wants_nothing(predictor: Predictor) -> None:
    """Without a customer nothing is expected, and nothing is divided by it."""
    found = expected_purchases(predictor, [], now=1.7e9)
    assert found.customers == 0
    assert all(np.isfinite([e.expected, e.share, e.lift]).all() for e in found.categories)
    assert sum(e.expected for e in found.categories) == 0


def sold(*purchases: tuple[str, float, str]) -> Columns:
    """Return purchases: who, on which day, of which category."""
    who, days, categories = (
        (list(column) for column in zip(*purchases, strict=True)) if purchases else ([],) * 3
    )
    words, unknown = np.array([""] * len(who), dtype=object), np.full(len(who), np.nan)
    return Columns(
        np.array(who, dtype=object),
        np.array(days, dtype=np.float64) * DAY,
        words,
        words,
        np.array(categories, dtype=object),
        unknown,
        words,
        words,
        unknown,
    )


def test_counting_takes_a_customer_a_day_and_a_category_once() -> None:
    """Shares are of the last 30 days, lifts beside all days since the first; what comes later is not seen."""
    found = counted_purchases(
        sold(
            ("a", 100.2, "shoes"),
            ("a", 100.7, "shoes"),
            ("b", 100.2, "shoes"),
            ("a", 99, "bags"),
            ("b", 60, "bags"),
            ("b", 61, "bags"),
            ("c", 101, "hats"),
        ),
        now=101 * DAY,
    )
    assert found.customers == 2
    assert [(each.category, each.expected) for each in found.categories] == [("shoes", 2), ("bags", 1)]
    assert [each.share for each in found.categories] == pytest.approx([2 / 3, 1 / 3])
    assert [each.lift for each in found.categories] == pytest.approx([2, 2 / 3])


def test_counting_nothing_or_many_categories_is_bounded() -> None:
    """An empty shop wants nothing; a shop whose every product is a category does not fill the summary."""
    assert counted_purchases(sold(), now=1e9).categories == ()
    many = sold(*((str(number), 5.0, f"category {number}") for number in range(500)))
    assert len(counted_purchases(many, now=6 * DAY).categories) == LARGEST_VOCABULARY["categories"]
