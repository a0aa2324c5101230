"""A history is replayed quickly and means what the plain reading of it means."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.preferences.heads import CLASSES, SOURCES, Crowd, Habit, Head, Mixture, Sighting
from packshot.preferences.memory import HALF_LIVES, Memory
from packshot.preferences.purchases import DAY, UNKNOWN, Purchase, Vocabulary, encode, visits

WORDS = ("belt", "jeans", "shoes")
TABLES = Vocabulary(WORDS).tables()
HISTORIES = st.lists(
    st.builds(
        Purchase,
        time=st.floats(18_000 * DAY, 18_090 * DAY),
        category=st.sampled_from(WORDS),
        price=st.none() | st.floats(0, 1e4),
    ),
    min_size=1,
    max_size=25,
)


def remembered(history: list[Purchase], *, most: int | None = None) -> Memory:
    """Return what is remembered of a history."""
    memory = Memory(len(WORDS))
    for visit in visits(encode(history, tables=TABLES), most=most):
        memory.observe(visit)
    return memory


@given(HISTORIES)
def test_faded_weights_are_sums_over_visits(history: list[Purchase]) -> None:
    """Each visit weighs what its age says, half of it for its leading category, whenever it is asked."""
    known = list(visits(encode(history, tables=TABLES)))
    now = 18_100.0 * DAY
    expected = np.zeros((len(HALF_LIVES), len(WORDS)))
    for visit in known:
        share = np.full(len(visit.categories), 0.5 / len(visit.categories))
        share[visit.categories == visit.top] += 0.5
        expected[:, visit.categories] += 0.5 ** ((now - visit.time) / DAY / HALF_LIVES)[:, None] * share
    np.testing.assert_allclose(remembered(history).decayed_at(now), expected, rtol=1e-9)


@given(HISTORIES)
def test_late_visits_weigh_by_how_many_came_after(history: list[Purchase]) -> None:
    """The last visit weighs one, each before it half (or four fifths) of the next."""
    known = list(visits(encode(history, tables=TABLES)))
    expected = np.zeros((2, len(WORDS)))
    for back, visit in enumerate(reversed(known)):
        share = np.full(len(visit.categories), 0.5 / len(visit.categories))
        share[visit.categories == visit.top] += 0.5
        expected[:, visit.categories] += np.array([0.5, 0.8])[:, None] ** back * share
    np.testing.assert_allclose(remembered(history).faded_at_last(), expected, rtol=1e-9)


@given(HISTORIES)
def test_a_day_adds_up(history: list[Purchase]) -> None:
    """Spend and lines of a visit are those of the day, and its leading category is the dearest."""
    for visit in visits(encode(history, tables=TABLES)):
        spend: dict[str, float] = defaultdict(float)
        for purchase in history:
            if int(purchase.time // DAY) == visit.day:
                spend[purchase.category] += purchase.price or 0.0
        told = {WORDS[c]: s for c, s in zip(visit.categories, visit.spend, strict=True)}
        assert told == pytest.approx(dict(spend))
        assert told[WORDS[visit.top]] == max(told.values())
        assert visit.lines.sum() == sum(int(p.time // DAY) == visit.day for p in history)


@given(HISTORIES, st.integers(1, 5))
def test_the_last_days_are_the_last_of_all(history: list[Purchase], most: int) -> None:
    """Asked for so many visits, the last ones come, each as it is among all."""
    lines = encode(history, tables=TABLES)
    whole, cut = list(visits(lines)), list(visits(lines, most=most))
    assert [(v.time, v.top, v.spend.tolist()) for v in whole[-most:]] == [
        (v.time, v.top, v.spend.tolist()) for v in cut
    ]


@given(st.lists(st.integers(-1, 3), max_size=30))
def test_a_head_tells_a_distribution(sightings: list[int]) -> None:
    """Whatever was bought, unknown words included, the head's words share one."""
    crowd, weights = Crowd(4), np.full((CLASSES, len(SOURCES)), 1 / len(SOURCES))
    crowd.learn(Habit(4), Sighting(0, 1e9, 2))
    told = Head(("a", "b", "c", "d"), crowd, Mixture(weights)).probabilities(sightings)
    assert told.sum() == pytest.approx(1)
    assert (told > 0).all()
    if all(word == UNKNOWN for word in sightings):
        np.testing.assert_array_equal(told, crowd.usual())
