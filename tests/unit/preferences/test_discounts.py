"""What is cheaper, and who waits for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.preferences.features import feature_names, samples
from packshot.preferences.ledger import Ledger, occasions
from packshot.preferences.metrics import area
from packshot.preferences.purchases import DAY, Purchase, Vocabulary, encode, visits
from packshot.preferences.simulator import Simulation
from packshot.preferences.tables import Moments, moments_of
from packshot.preferences.world import World

TABLES = Vocabulary(("belt", "shoes")).tables()


@pytest.fixture(scope="module")
def moments(known: Ledger) -> Moments:
    """Return the moments before each returning visit."""
    words = known.vocabulary
    return moments_of(samples(occasions(known), world=World(words)), categories=len(words.categories))


def feature(moments: Moments, name: str) -> np.ndarray:
    """Return a feature (N, K)."""
    return moments.features[:, :, feature_names().index(name)]


def test_who_waits_for_sales_is_told_apart(moments: Moments, simulation: Simulation, known: Ledger) -> None:
    """After five visits the share bought at a discount sorts the thrifty from the others nearly always."""
    thrifty = np.array([known.customers[who] in simulation.thrifty for who in moments.customer])
    share, some = feature(moments, "share bought at a discount")[:, 0].astype(float), moments.seen >= 5
    assert area(share[some], thrifty[some]) > 0.97


def test_a_sale_is_seen_in_what_is_paid(moments: Moments) -> None:
    """Some days into a sale prices lie below their mean, and the discount of late is high."""
    day = moments.now.astype("datetime64[s]").astype("datetime64[D]")
    of_month = (day - day.astype("datetime64[M]")).astype(int) + 1
    late, off = (feature(moments, n) for n in ("price of late against its mean", "discount of late"))
    sale, quiet = (of_month >= 13) & (of_month < 17), of_month >= 27
    assert late[sale].mean() < late[quiet].mean() - 0.05
    assert off[sale].mean() > 2 * off[quiet].mean()


@given(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=9))
def test_discounts_of_a_day_add_up(shares: list[float | None]) -> None:
    """Lines of which it is not known whether anything was taken off count neither way."""
    lines = [
        Purchase(time=DAY + n, category="shoes", price=9.0, discount=share) for n, share in enumerate(shares)
    ]
    (visit,) = visits(encode(lines, tables=TABLES))
    told = [share for share in shares if share is not None]
    assert visit.listed == len(told)
    assert visit.discounted == sum(share > 0.01 for share in told)
    assert visit.taken_off == pytest.approx(sum(told))


def test_a_shop_without_discounts_has_none(known: Ledger) -> None:
    """Where nothing is told of discounts the features are missing, not zero."""
    world = World(known.vocabulary)
    assert np.isnan(world.late_discounts()).all()
