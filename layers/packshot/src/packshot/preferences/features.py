"""What is asked of a history, for each category that may come next.

The one module for training and serving: both replay visits into a `Memory` and a `World`, and neither has
seen anything at or after `now` when it is asked.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.ledger import Occasion
from packshot.preferences.memory import Memory
from packshot.preferences.purchases import DAY, UNKNOWN, Visit, Vocabulary
from packshot.preferences.world import Clues, Vector, World, hour_class, month_of

LONGEST_HISTORY = 200
"""Visits that a history is capped at, the last ones: who buys more often sells on."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A moment before a visit: features (K, F) at it, and what was bought then."""

    customer: int
    now: float
    seen: int
    features: NDArray[np.float32]
    visit: Visit


def candidate_features(memory: Memory, world: World, *, now: float) -> NDArray[np.float32]:
    """Return (K, F): one row for each category; the customer has bought before."""
    columns = list(_columns(memory, world, now=now))
    table = np.empty((len(columns), world.categories), dtype=np.float32)
    for row, (_, column) in zip(table, columns, strict=True):
        row[:] = column
    return table.T


@functools.cache
def feature_names() -> tuple[str, ...]:
    """Return what the columns of `candidate_features` are called."""
    memory, world = Memory(1), World(Vocabulary(("any",)))
    one = np.ones(1)
    memory.observe(Visit(0.0, 0, np.zeros(1, np.int32), one, np.ones(1, np.int32), one, 1.0, 0, 0, 0))
    return tuple(name for name, _ in _columns(memory, world, now=float(DAY)))


Column = Vector | float
Named = tuple[str, Column]


def _columns(memory: Memory, world: World, *, now: float) -> Iterator[Named]:
    yield from _frequency(memory, now=now)
    yield from _recency(memory, now=now)
    yield from _recent_visits(memory)
    yield from _transitions(memory, world, now=now)
    yield from _popularity(world, now=now)
    yield from _prices(memory, world)
    yield from _discounts(memory, world)
    yield from _customer(memory, world, now=now)


def _frequency(memory: Memory, *, now: float) -> Iterator[Named]:
    n = memory.visits
    yield "visits with it", memory.count
    yield "share of visits led by it", (memory.top_count + 0.5 / len(memory.count)) / (n + 0.5)
    yield "share of visits with it", memory.count / n
    yield "share of lines", memory.lines / memory.lines.sum()
    yield "share of spend", memory.spend / max(memory.spend.sum(), 1e-9)
    decayed = memory.decayed_at(now)
    yield from _family("weight within half-lives", decayed)
    shares = (decayed + 0.02 / len(memory.count)) / (decayed.sum(1, keepdims=True) + 0.02)
    yield from _family("share within half-lives", shares)
    faded = memory.faded_at_last()
    yield from _family("share of late visits", faded / faded.sum(1, keepdims=True))


def _family(name: str, rows: NDArray[np.float64]) -> Iterator[Named]:
    for number, row in enumerate(rows):
        yield f"{name} {number}", row


def _recency(memory: Memory, *, now: float) -> Iterator[Named]:
    bought = memory.count > 0
    since = np.where(bought, (now - memory.last_bought) / DAY, np.nan)
    again = memory.count > 1
    own_gap = np.where(again, memory.gap_sum / np.maximum(memory.count - 1, 1), np.nan)
    yield "days since it", np.log1p(since)
    yield "visits since it", np.where(bought, memory.visits - memory.last_visit_with, np.nan)
    yield "own gap", np.log1p(own_gap)
    yield "days since it by own gap", since / np.maximum(own_gap, 1.0)
    yield "in the last visit", bought & (memory.last_visit_with == memory.visits - 1)


def _recent_visits(memory: Memory) -> Iterator[Named]:
    for back in (1, 2, 3):
        chosen = np.zeros(len(memory.count))
        if memory.visits >= back and len(memory.recent) >= back:
            visit = memory.recent[-back]
            chosen[visit.categories] = visit.spend / max(visit.spend.sum(), 1e-9)
            chosen[visit.top] += 1.0
        yield f"in visit {back} back", chosen
    yield "run of the same", np.where(np.arange(len(memory.count)) == memory.last.top, memory.run, 0)


def _transitions(memory: Memory, world: World, *, now: float) -> Iterator[Named]:
    clues, prior = world.clues(memory, now=now), world.prior()
    markov = of_last(world, clues)
    yield "prior", np.log(prior)
    yield "after the last category", np.log(markov)
    yield "after the last category and gap", np.log(of_gap(world, clues))
    yield "after the last two", np.log(_second_order(world, clues, markov))
    yield "after all that is owned", np.log(_of_owned(memory, world, prior))
    yield "after all styles owned", _of_words(world, world.of_style, memory.styles, prior)
    yield "after all items owned", _of_words(world, world.of_item, memory.items, prior)
    yield "together with the last basket", np.log(_in_basket(memory, world, prior))
    yield from _of_attributes(world, clues, markov, prior)


def of_last(world: World, clues: Clues) -> Vector:
    """Return what comes after the last category."""
    return world.smoothed(world.transitions[:, clues.last].sum(0), world.prior())


def of_gap(world: World, clues: Clues) -> Vector:
    """Return what comes after the last category and as long a time."""
    return world.smoothed(world.transitions[clues.gap, clues.last], of_last(world, clues))


def _second_order(world: World, clues: Clues, markov: Vector) -> Vector:
    if clues.previous == UNKNOWN or world.pairs.shape[0] == 1:
        return markov
    return world.smoothed(world.pairs[clues.previous, clues.last], markov)


def _of_owned(memory: Memory, world: World, prior: Vector) -> Vector:
    owned = np.flatnonzero(memory.count > 0)
    return np.asarray(world.smoothed(world.owned[owned], prior).mean(0))


def _of_words(world: World, table: NDArray[np.float64], words: Mapping[int, int], prior: Vector) -> Vector:
    """Return the mean of what the words say in the log; the prior where there are none."""
    if not words:
        return np.log(prior)
    return np.asarray(np.log(world.smoothed(table[list(words)], prior)).mean(0))


def _in_basket(memory: Memory, world: World, prior: Vector) -> Vector:
    basket = memory.last.categories
    rows = world.together[basket].copy()
    rows[np.arange(len(basket)), basket] = 0
    return np.asarray(world.smoothed(rows, prior).mean(0))


def _of_attributes(world: World, clues: Clues, markov: Vector, prior: Vector) -> Iterator[Named]:
    tables = (
        ("item", world.by_item, clues.item, markov),
        ("style", world.by_style, clues.style, prior),
        ("brand", world.by_brand, clues.brand, prior),
        ("price band", world.by_band, clues.band, prior),
    )
    for name, table, code, backing in tables:
        yield (
            f"after the last {name}",
            np.log(backing if code == UNKNOWN else world.smoothed(table[code], backing)),
        )


def _popularity(world: World, *, now: float) -> Iterator[Named]:
    shares = world.popularity(now=now)
    whole = world.smoothed(world.by_month.sum(0), shares[-1])
    yield from _family("popular within half-lives", np.log(shares))
    yield "week against year", of_week(world, now)
    yield "season", of_season(world, now)
    yield "weekday", np.log(world.smoothed(world.by_weekday[_weekday(now)], whole, weight=50.0) / whole)
    yield "hour", np.log(world.smoothed(world.by_hour[hour_class(now)], whole, weight=50.0) / whole)
    together = np.diag(world.together)
    yield "share of all baskets", np.log(world.bought + 1e-9) - np.log(together.sum() + 1e-9)


def of_week(world: World, now: float) -> Vector:
    """Return how much more is bought of late than over the year, in the log."""
    shares = world.popularity(now=now)
    return np.asarray(np.log(shares[0] / shares[-1]))


def of_season(world: World, now: float) -> Vector:
    """Return how much more than over the year is bought in this month, in the log."""
    whole = world.smoothed(world.by_month.sum(0), world.popularity(now=now)[-1])
    return np.asarray(np.log(world.smoothed(world.by_month[month_of(now)], whole, weight=50.0) / whole))


def _prices(memory: Memory, world: World) -> Iterator[Named]:
    mean, spread = world.price_level()
    own = np.where(memory.priced > 0, memory.log_price_sum / np.maximum(memory.priced, 1), np.nan)
    level = (own - mean) / spread
    usual = float(np.nanmean(level)) if np.isfinite(level).any() else np.nan
    paid = memory.log_price_sum.sum() / memory.priced.sum() if memory.priced.sum() else np.nan
    yield "price of the category", mean
    yield "usual price against it", paid - mean
    yield "own level within it", level
    yield "usual level", usual
    yield "last price against it", memory.last.log_price - mean
    yield "last level", world.price_score(memory.last.top, memory.last.log_price)


def _discounts(memory: Memory, world: World) -> Iterator[Named]:
    listed = memory.listed
    share = memory.discounted / listed if listed else np.nan
    late = world.late_discounts()
    yield "share bought at a discount", share
    yield "mean discount", memory.taken_off / listed if listed else np.nan
    yield "discount of late", late
    yield "discount of late by share", late * share
    yield "price of late against its mean", world.late_prices()


def _customer(memory: Memory, world: World, *, now: float) -> Iterator[Named]:
    gaps = np.array(memory.gaps) if memory.gaps else np.array([np.nan])
    since = (now - memory.last_time) / DAY
    share = memory.count / memory.count.sum()
    yield "visits", memory.visits
    yield "days known", np.log1p((now - memory.first_time) / DAY)
    yield "days since last", np.log1p(since)
    yield "mean gap", np.log1p(gaps.mean())
    yield "spread of gaps", gaps.std()
    yield "days since last by mean gap", since / max(float(gaps.mean()), 1.0)
    yield "last gap", np.log1p(memory.last_gap)
    yield "categories known", float(np.count_nonzero(memory.count))
    yield "diversity", -float(np.sum(share * np.log(share + 1e-12)))
    yield "lines a visit", float(memory.lines.sum() / memory.visits)
    yield "lines of the last visit", float(memory.last.lines.sum())
    yield "spend a visit", np.log1p(memory.spend.sum() / memory.visits)
    yield "spread of prices", _spread(memory)
    yield "loyalty to the last brand", memory.brand_share(memory.last.brand)
    yield "brand switches", memory.brand_switches / max(memory.visits - 1, 1)
    yield "hour now", float(now % DAY) / 3600
    yield "weekday now", float(_weekday(now))
    yield "month now", float(month_of(now))
    yield "share of this weekday", memory.weekdays[_weekday(now)] / memory.visits
    yield "last price band", float(world.band(memory.last))
    yield "category", np.arange(world.categories, dtype=np.float64)


def _spread(memory: Memory) -> float:
    number = memory.priced.sum()
    if number <= 1:
        return float("nan")
    mean = memory.log_price_sum.sum() / number
    return float(np.sqrt(max(memory.log_price_squares / number - mean**2, 0.0)))


def _weekday(time: float) -> int:
    return int(time // DAY + 3) % 7


def _always(_: Occasion) -> bool:
    return True


def samples(
    occasions: Iterable[Occasion], *, world: World, wanted: Callable[[Occasion], bool] = _always
) -> Iterator[Sample]:
    """Yield a sample for each wanted visit of a customer who came before; learn of a day once it is over."""
    memories: dict[int, Memory] = {}
    day: list[Occasion] = []
    for occasion in occasions:
        if day and occasion.visit.day != day[0].visit.day:
            _learn(day, memories, world)
            day = []
        memory = memories.get(occasion.customer)
        if memory is not None and wanted(occasion):
            features = candidate_features(memory, world, now=occasion.time)
            yield Sample(occasion.customer, occasion.time, memory.visits, features, occasion.visit)
        day.append(occasion)
    _learn(day, memories, world)


def _learn(day: list[Occasion], memories: dict[int, Memory], world: World) -> None:
    for occasion in day:
        memory = memories.setdefault(occasion.customer, Memory(world.categories))
        world.observe(occasion.visit, memory=memory)
        memory.observe(occasion.visit)
