"""Features see nothing of what comes, and are the same in training and serving."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.preferences.features import candidate_features, feature_names, samples
from packshot.preferences.ledger import ledger_of, occasions, vocabulary_of
from packshot.preferences.memory import Memory
from packshot.preferences.purchases import DAY, Purchase, Vocabulary, encode, visits
from packshot.preferences.simulator import simulate
from packshot.preferences.tables import learn
from packshot.preferences.world import World

WORDS = Vocabulary(("belt", "jeans", "shoes"), ("alder", "birch"), ("classic",), ("a", "b"))
TABLES = WORDS.tables()
NOW = 19_000.5 * DAY
HISTORIES = st.lists(
    st.builds(
        Purchase,
        time=st.floats(18_000 * DAY, 20_000 * DAY),
        category=st.sampled_from((*WORDS.categories, "hovercraft")),
        price=st.none() | st.floats(0, 1e6),
        brand=st.sampled_from((*WORDS.brands, "")),
        style=st.sampled_from(("classic", "")),
        item=st.sampled_from(("a", "b", "")),
    ),
    max_size=40,
)


def asked(history: list[Purchase]) -> np.ndarray | None:
    """Return the features at `NOW` in an empty world, None where there is no history before it."""
    memory = Memory(len(WORDS.categories))
    for visit in visits(encode(history, tables=TABLES), before=NOW):
        memory.observe(visit)
    return candidate_features(memory, World(WORDS), now=NOW) if memory.visits else None


@given(HISTORIES)
def test_nothing_at_or_after_now_is_seen(history: list[Purchase]) -> None:
    """A history cut at now, exclusive, has the very features of the whole history."""
    whole, cut = asked(history), asked([purchase for purchase in history if purchase.time < NOW])
    assert (whole is None) == (cut is None)
    if whole is not None:
        np.testing.assert_array_equal(whole, cut)


@given(HISTORIES, st.randoms())
def test_the_order_of_rows_means_nothing(history: list[Purchase], random: Random) -> None:
    """Rows of different moments may come in any order."""
    history = list({purchase.time: purchase for purchase in history}.values())
    shuffled = list(history)
    random.shuffle(shuffled)
    one, other = asked(history), asked(shuffled)
    if one is not None:
        np.testing.assert_array_equal(one, other)


@given(HISTORIES)
def test_features_are_numbers_or_missing(history: list[Purchase]) -> None:
    """No history makes an infinite feature, and each has a name."""
    found = asked(history)
    if found is not None:
        assert found.shape == (len(WORDS.categories), len(feature_names()))
        assert not np.isinf(found).any()


def test_names_are_told_apart() -> None:
    """No two features share a name."""
    assert len(set(feature_names())) == len(feature_names())


def test_training_and_serving_ask_the_same() -> None:
    """A moment of the training pass has bit for bit the features of a history replayed for serving."""
    shop = simulate(customers=20, days=400, seed=3).columns
    words = vocabulary_of(shop)
    ledger = ledger_of(shop, vocabulary=words)
    all_visits = list(occasions(ledger))
    taught = list(samples(all_visits, world=World(words)))
    for sample in taught[:: len(taught) // 10]:
        world = World(words)
        memories: dict[int, Memory] = {}
        today = sample.now // DAY
        for occasion in all_visits:
            if occasion.visit.day < today:
                learn(occasion, memories=memories, world=world)
        served = Memory(len(words.categories))
        for visit in visits(ledger.of(sample.customer), before=sample.now):
            served.observe(visit)
        np.testing.assert_array_equal(sample.features, candidate_features(served, world, now=sample.now))


def test_a_world_does_not_see_the_day_it_is_asked_on() -> None:
    """What others buy on the day itself, later by hours, changes nothing."""
    shop = simulate(customers=30, days=300, seed=4).columns
    words = vocabulary_of(shop)
    ledger = ledger_of(shop, vocabulary=words)
    known = list(occasions(ledger))
    last = list(samples(known, world=World(words)))[-1]
    before = [o for o in known if o.visit.day < last.now // DAY or o.customer == last.customer]
    alone = list(samples(before, world=World(words)))[-1]
    np.testing.assert_array_equal(last.features, alone.features)


def test_orders_of_a_day_are_one_visit() -> None:
    """Split orders merge from midnight to midnight; the visit is led by what most was spent on."""
    day = [
        Purchase(time=10 * DAY, category="belt", price=20.0, order="1"),
        Purchase(time=10 * DAY + 7200, category="shoes", price=15.0, order="2"),
        Purchase(time=11 * DAY - 1, category="shoes", price=15.0, order="3"),
    ]
    (visit,) = visits(encode(day, tables=TABLES))
    assert len(list(visits(encode([*day, Purchase(time=11 * DAY, category="belt")], tables=TABLES)))) == 2
    assert WORDS.categories[visit.top] == "shoes"
    assert visit.spend.tolist() == [20.0, 30.0]


def test_ids_of_19_digits_stay_apart() -> None:
    """Two customers whose ids differ in the last digit are two: ids are text."""
    columns = simulate(customers=3, days=200, seed=5).columns
    assert {len(name) for name in columns.customer} == {19}
    assert len(ledger_of(columns, vocabulary=vocabulary_of(columns)).customers) == 3


@pytest.mark.parametrize("seed", [1, 2])
def test_a_simulation_repeats_itself(seed: int) -> None:
    """The same seed makes the same shop."""
    one, other = (simulate(customers=5, days=200, seed=seed) for _ in range(2))
    assert one.columns.category.tolist() == other.columns.category.tolist()
    np.testing.assert_array_equal(one.odds, other.odds)
