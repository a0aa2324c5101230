"""Features mean what they are called: worked out by hand for one history, and for small shops."""

from datetime import UTC, datetime

import numpy as np
import pytest

from packshot.preferences.features import candidate_features, feature_names
from packshot.preferences.memory import Memory
from packshot.preferences.purchases import DAY, Purchase, Visit, Vocabulary, encode, visits
from packshot.preferences.world import World

WORDS = Vocabulary(("belt", "jeans", "shoes"), ("alder", "birch"), ("classic", "sporty"), ("a", "b"))
BELT, JEANS, SHOES = range(3)
NAN = float("nan")
BEGIN = datetime(2023, 2, 6, tzinfo=UTC).timestamp()
"""A Monday."""
NOW = BEGIN + 77.5 * DAY
"""A Monday in April, at noon."""


def at(days: float, category: str, price: float | None = None, **words: object) -> Purchase:
    """Return a purchase so many days after the beginning."""
    return Purchase(time=BEGIN + days * DAY, category=category, price=price, **words)  # type: ignore[arg-type] # brand, style, item, discount


HISTORY = (
    at(0.25, "shoes", 90.0, brand="alder", discount=0.25),
    at(10.5, "jeans", 60.0, brand="birch"),
    at(10.75, "belt", 20.0, brand="alder"),
    at(40.5, "shoes", 100.0, brand="alder", discount=0.0),
)


def seen(purchases: tuple[Purchase, ...]) -> list[Visit]:
    """Return a customer's visits."""
    return list(visits(encode(purchases, tables=WORDS.tables())))


def asked(
    purchases: tuple[Purchase, ...], world: World | None = None, *, now: float = NOW
) -> dict[str, np.ndarray]:
    """Return the features (K,) by their names."""
    memory = Memory(len(WORDS.categories))
    for visit in seen(purchases):
        memory.observe(visit)
    found = candidate_features(memory, world or World(WORDS), now=now)
    return dict(zip(feature_names(), found.T, strict=True))


def world_of(*customers: tuple[Purchase, ...]) -> World:
    """Return what the world has learned of customers, in the order of time."""
    world, memories = World(WORDS), [Memory(len(WORDS.categories)) for _ in customers]
    days = [(visit.time, number, visit) for number, each in enumerate(customers) for visit in seen(each)]
    for _, number, visit in sorted(days, key=lambda day: day[:2]):
        world.observe(visit, memory=memories[number])
        memories[number].observe(visit)
    return world


LOGS = np.log1p([90.0, 60.0, 20.0, 100.0])
EXPECTED = {
    "visits with it": (1, 1, 2),
    "share of visits led by it": (0.5 / 3 / 3.5, (1 + 0.5 / 3) / 3.5, (2 + 0.5 / 3) / 3.5),
    "share of visits with it": (1 / 3, 1 / 3, 2 / 3),
    "share of lines": (1 / 4, 1 / 4, 2 / 4),
    "share of spend": (20 / 270, 60 / 270, 190 / 270),
    "days since it": np.log1p((67.0, 67.0, 37.0)),
    "visits since it": (2, 2, 1),
    "own gap": (NAN, NAN, np.log1p(40.25)),
    "days since it by own gap": (NAN, NAN, 37 / 40.25),
    "in the last visit": (0, 0, 1),
    "in visit 1 back": (0, 0, 2),
    "in visit 2 back": (0.25, 1.75, 0),
    "in visit 3 back": (0, 0, 2),
    "run of the same": (0, 0, 1),
    "share bought at a discount": 1 / 2,
    "mean discount": 0.25 / 2,
    "visits": 3,
    "days known": np.log1p(77.25),
    "days since last": np.log1p(37.0),
    "mean gap": np.log1p(20.125),
    "spread of gaps": (30 - 10.25) / 2,
    "days since last by mean gap": 37 / 20.125,
    "last gap": np.log1p(30.0),
    "categories known": 3,
    "diversity": 1.5 * np.log(2),
    "lines a visit": 4 / 3,
    "lines of the last visit": 1,
    "spend a visit": np.log1p(90.0),
    "spread of prices": LOGS.std(),
    "loyalty to the last brand": 2 / 3,
    "brand switches": 1,
    "hour now": 12,
    "weekday now": 0,
    "month now": 3,
    # Monday, Thursday, Saturday.
    "share of this weekday": 1 / 3,
    "category": (0, 1, 2),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_history_by_hand(name: str) -> None:
    """Three visits of shoes, of jeans and a belt, and of shoes again, asked about five weeks later."""
    np.testing.assert_allclose(asked(HISTORY)[name], np.broadcast_to(EXPECTED[name], 3), rtol=1e-5)


def test_a_run_is_counted_from_its_beginning() -> None:
    """Of jeans, shoes, shoes, shoes three are a run; the next jeans begin one of their own."""
    visited = (at(0, "jeans"), at(1, "shoes"), at(2, "shoes"), at(3, "shoes"), at(4, "jeans"))
    assert asked(visited[:4])["run of the same"].tolist() == [0, 0, 3]
    assert asked(visited)["run of the same"].tolist() == [0, 1, 0]


def test_prices_are_beside_those_of_the_shop() -> None:
    """Who pays more than others for shoes has a level above theirs; a dear last purchase shows."""
    world = world_of(*((at(n, "shoes", price),) for n, price in enumerate((40.0, 50.0, 60.0))))
    dear, cheap = (asked((at(5, "shoes", price),), world) for price in (90.0, 30.0))
    spread = np.log1p([40.0, 50.0, 60.0]).std()
    for found, price in ((dear, 90.0), (cheap, 30.0)):
        mean = found["price of the category"][SHOES]
        assert mean == pytest.approx(np.log1p([40.0, 50.0, 60.0]).mean(), abs=1e-3)
        assert found["usual price against it"][SHOES] == pytest.approx(np.log1p(price) - mean, abs=1e-3)
        level = (np.log1p(price) - mean) / max(spread, 0.1)
        assert found["own level within it"][SHOES] == pytest.approx(level, rel=0.02)
        assert found["usual level"][BELT] == pytest.approx(level, rel=0.02)
    assert np.isnan(dear["own level within it"][BELT])


def test_what_follows_the_last_two_is_told_in_their_order() -> None:
    """After a belt and jeans come shoes; after jeans and a belt nothing is known of them."""
    shoppers = ((at(n, "belt"), at(n + 3, "jeans"), at(n + 6, "shoes")) for n in range(5))
    world = world_of(*shoppers)
    told = asked((at(50, "belt"), at(53, "jeans")), world)["after the last two"]
    turned = asked((at(50, "jeans"), at(53, "belt")), world)["after the last two"]
    assert told.argmax() == SHOES
    assert turned.argmax() == JEANS
    assert told[SHOES] > turned[SHOES] + 1


def test_what_is_bought_together_is_told_of_the_other() -> None:
    """Belts go with shoes: who has just bought a belt is told shoes, not another belt."""
    world = world_of(*((at(n, "belt"), at(n + 0.1, "shoes")) for n in range(9)), (at(20, "jeans"),))
    told = asked((at(30, "belt"),), world)["together with the last basket"]
    assert told.argmax() == SHOES
    assert told[SHOES] > told[BELT] + 0.5


@pytest.mark.parametrize(("name", "days"), [("hour", 0.5), ("weekday", 3), ("season", 180)])
def test_when_something_is_bought_is_known(name: str, days: float) -> None:
    """Belts of Monday noons in spring, shoes at another hour, on another day, in another season."""
    world = world_of(
        *((at(77.5 - 7 * n, "belt"),) for n in range(4)),
        *((at(77.5 - 7 * n + days, "shoes"),) for n in range(4)),
    )
    told = asked(HISTORY, world, now=NOW)[name]
    later = asked(HISTORY, world, now=NOW + days * DAY)[name]
    assert told[BELT] > told[SHOES]
    assert later[BELT] < later[SHOES]


def test_old_sightings_weigh_less() -> None:
    """What came first two years ago counts a quarter of what comes first today."""
    world = world_of(*((at(n, "belt"),) for n in range(4)), *((at(n + 730, "shoes"),) for n in range(4)))
    assert world.first[SHOES] / world.first[BELT] == pytest.approx(4, rel=0.02)
