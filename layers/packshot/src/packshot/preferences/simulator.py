"""A shop that never was: customers with planted habits, and the true odds of each of their choices."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.ledger import Columns
from packshot.preferences.purchases import DAY

CATEGORIES: Final = ("bag", "belt", "coat", "costume", "dress", "jeans", "sandals", "shoes")
BRANDS: Final = ("alder", "birch", "cedar", "elm")
STYLES: Final = ("classic", "sporty", "festive")
PAIRINGS: Final = (("jeans", "belt"), ("dress", "bag"), ("costume", "shoes"))
"""After the one, the other."""
SEASONS: Final = {"coat": 11, "costume": 10, "dress": 5, "sandals": 7}
"""The month (1 to 12) in which a category is wanted most."""
_PRICES: Final = {
    "bag": 80.0,
    "belt": 25.0,
    "coat": 160.0,
    "costume": 60.0,
    "dress": 70.0,
    "jeans": 65.0,
    "sandals": 45.0,
    "shoes": 90.0,
}
_BASE: Final = np.array([0.1, -0.4, -0.3, -0.6, 0.3, 0.4, -0.2, 0.5])
_START: Final = 18_262.0 * DAY
"""The first of January 2020."""
_SALE_DAYS: Final = (10, 17)
"""Days of each month on which prices are lower by a quarter."""
_SALE: Final = 0.75
_THRIFTY_SHARE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Simulation:
    """Purchases, and for each visit after a customer's first the true odds (N, K) of its category.

    `moments` (N,) are the times of those visits, `chosen` (N,) their categories as codes of `CATEGORIES`;
    `loyal` and `thrifty` name the customers with these habits.
    """

    columns: Columns
    moments: NDArray[np.float64]
    odds: NDArray[np.float64]
    chosen: NDArray[np.intp]
    loyal: frozenset[str]
    thrifty: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Shopper:
    name: str
    taste: NDArray[np.float64]
    gap: float
    brands: NDArray[np.float64]
    thrifty: bool
    level: float


@dataclass(frozen=True, slots=True)
class _Choice:
    time: float
    odds: NDArray[np.float64]
    category: int


def simulate(*, customers: int, days: int, seed: int) -> Simulation:
    """Return the purchases of so many customers in so many days from 2020 on."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    choices: list[_Choice] = []
    loyal, thrifty = set(), set()
    for number in range(customers):
        shopper = _shopper(number, rng)
        if shopper.brands.max() > 1 / 2:
            loyal.add(shopper.name)
        if shopper.thrifty:
            thrifty.add(shopper.name)
        made = _shop(shopper, days, rng)
        choices += made[1:]
        rows += [_line(shopper, choice, rng) for choice in made]
    return Simulation(
        _columns(rows),
        np.array([choice.time for choice in choices]),
        np.array([choice.odds for choice in choices]),
        np.array([choice.category for choice in choices], dtype=np.intp),
        frozenset(loyal),
        frozenset(thrifty),
    )


def season_of(time: float) -> NDArray[np.float64]:
    """Return how much more each category is wanted on a day, in the log."""
    day = (time - _START) / DAY % 365.25
    peak = np.array([(SEASONS.get(name, 0) - 0.5) * 30.44 for name in CATEGORIES])
    wanted = np.array([name in SEASONS for name in CATEGORIES])
    return np.asarray(wanted * 1.1 * np.cos(2 * np.pi * (day - peak) / 365.25))


def pairing_of(last: int) -> NDArray[np.float64]:
    """Return how much more each category is wanted after the last one, in the log."""
    wanted = np.zeros(len(CATEGORIES))
    for first, then in PAIRINGS:
        if CATEGORIES[last] == first:
            wanted[CATEGORIES.index(then)] = 1.6
    return wanted


def _shopper(number: int, rng: np.random.Generator) -> _Shopper:
    brands = np.full(len(BRANDS), 1 / len(BRANDS))
    if rng.random() < 1 / 2:
        brands = np.full(len(BRANDS), 0.05)
        brands[rng.integers(len(BRANDS))] = 0.85
    taste = np.zeros(len(CATEGORIES))
    taste[rng.choice(len(CATEGORIES), 2, replace=False)] = 1.2
    gap = float(rng.lognormal(3.2, 0.4))
    return _Shopper(
        f"{10**18 + number}",
        taste,
        gap,
        brands,
        bool(rng.random() < _THRIFTY_SHARE),
        float(rng.normal(0, 0.25)),
    )


def _shop(shopper: _Shopper, days: int, rng: np.random.Generator) -> list[_Choice]:
    made: list[_Choice] = []
    time = _START + float(rng.exponential(shopper.gap)) * DAY
    while time < _START + days * DAY:
        if shopper.thrifty:
            time = _next_sale(time)
        if time >= _START + days * DAY:
            break
        wanted = _BASE + shopper.taste + season_of(time)
        if made:
            wanted = wanted + pairing_of(made[-1].category)
        odds = np.exp(wanted) / np.exp(wanted).sum()
        made.append(_Choice(time, odds, int(rng.choice(len(odds), p=odds))))
        time += max(1.0, float(rng.gamma(4, shopper.gap / 4))) * DAY
    return made


def _next_sale(time: float) -> float:
    while not _is_sale(time):
        time += DAY
    return time


def _is_sale(time: float) -> bool:
    day = int(np.datetime64(int(time), "s").astype("datetime64[D]").astype(object).day)
    return _SALE_DAYS[0] <= day < _SALE_DAYS[1]


def _line(shopper: _Shopper, choice: _Choice, rng: np.random.Generator) -> tuple[object, ...]:
    category, brand = CATEGORIES[choice.category], int(rng.choice(len(BRANDS), p=shopper.brands))
    price = _PRICES[category] * np.exp(shopper.level + 0.15 * rng.normal())
    price *= _SALE if _is_sale(choice.time) else 1.0
    style = STYLES[int(rng.integers(len(STYLES)))]
    order = f"{shopper.name}-{choice.time:.0f}"
    item = f"{category}-{BRANDS[brand]}"
    off = 1 - _SALE if _is_sale(choice.time) else 0.0
    return shopper.name, choice.time, order, item, category, round(float(price), 2), BRANDS[brand], style, off


def _columns(rows: list[tuple[object, ...]]) -> Columns:
    customer, time, order, item, category, price, brand, style, discount = zip(*rows, strict=True)
    words = [np.array(part, dtype=object) for part in (customer, order, item, category, brand, style)]
    return Columns(
        words[0],
        np.array(time, dtype=np.float64),
        words[1],
        words[2],
        words[3],
        np.array(price, dtype=np.float64),
        words[4],
        words[5],
        np.array(discount, dtype=np.float64),
    )
