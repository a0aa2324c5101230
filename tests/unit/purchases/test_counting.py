"""Counting instead of a model."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.events import PurchaseLine
from packshot.purchases.counting import MOST_VISITS, count_preferences

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def bought(*days: tuple[float, str], brand: str = "", style: str = "") -> list[PurchaseLine]:
    """Return lines by how many days ago they were."""
    return [
        PurchaseLine(
            customer="1", time=NOW - timedelta(days=ago), category=category, brand=brand, style=style
        )
        for ago, category in days
    ]


def test_shares_are_drawn_towards_what_is_popular() -> None:
    """One visit says little: three days of buying are what popularity weighs."""
    told = count_preferences(bought((38, "shoes")), now=NOW, popularity={"bags": 3, "shoes": 1})
    odds = {each.category: each.probability for each in told.next}
    assert odds == pytest.approx({"bags": 0.5625, "shoes": 0.25 + 0.1875})
    assert told.next[1].because == "bought shoes on 1 of 1 day, last 38 days ago"
    assert told.next[0].because == "75 % of what customers buy"


def test_a_reason_is_true_of_its_category_alone() -> None:
    """What is wanted second is not what customers buy most, and little is not nothing."""
    told = count_preferences([], now=NOW, popularity={"bags": 0.7, "hats": 0.297, "caps": 0.003})
    assert [each.because for each in told.next] == [
        "70 % of what customers buy",
        "30 % of what customers buy",
        "less than 1 % of what customers buy",
    ]


def test_nothing_is_claimed_of_what_nobody_knows() -> None:
    """Without popularity the rest stays open: the probabilities do not come to one."""
    told = count_preferences(bought((3, "shoes")), now=NOW)
    assert [each.probability for each in told.next] == [0.25]
    nobody = count_preferences([], now=NOW)
    assert (nobody.next, nobody.basis.kind, nobody.basis.visits) == ((), "frequency", 0)


def test_a_day_is_one_visit() -> None:
    """Orders that were split, and many of one kind, count once."""
    told = count_preferences(bought((5, "shoes"), (5, "shoes"), (5.1, "shoes"), (9, "bags")), now=NOW)
    assert told.basis.visits == 2
    assert {each.probability for each in told.next} == {0.2}


def test_brands_and_styles_are_counted_too() -> None:
    """Each once a day, drawn towards not knowing."""
    told = count_preferences(bought((5, "a"), (6, "a"), brand="alder", style="festive"), now=NOW)
    assert [each.name for each in told.brands] == ["alder"]
    assert told.brands[0].probability == pytest.approx(0.4)
    assert [each.name for each in told.styles] == ["festive"]
    assert told.price_bands == ()


@given(
    st.lists(st.tuples(st.floats(-30, 3_000), st.sampled_from("abcdef")), max_size=400),
    st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 10)),
)
def test_whatever_was_bought_odds_are_odds(
    days: list[tuple[float, str]], popularity: dict[str, float]
) -> None:
    """At most three, likeliest first, no more than one together; all that is left out is counted."""
    history = bought(*days)
    told = count_preferences(history, now=NOW, popularity=popularity)
    odds = [each.probability for each in told.next]
    assert len(odds) <= 3
    assert odds == sorted(odds, reverse=True)
    assert sum(odds) <= 1 + 1e-9
    later = sum(line.time >= NOW for line in history)
    assert told.basis.future_purchases_left_out == later
    assert told.basis.visits <= MOST_VISITS
    past = [line for line in history if line.time < NOW]
    assert count_preferences(past, now=NOW, popularity=popularity).next == told.next
