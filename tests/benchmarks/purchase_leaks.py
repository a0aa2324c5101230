"""Whether features see what they must not: what is bought from a day on is changed, they must stay."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.features import samples
from packshot.preferences.ledger import Columns, coded, ledger_of, occasions
from packshot.preferences.purchases import DAY, Vocabulary
from packshot.preferences.tables import Moments, moments_of
from packshot.preferences.world import World
from tests.benchmarks.purchase_files import rows_of

Build = Callable[[Columns, Vocabulary, float], Moments]
"""Makes features: of a shop's purchases, in its words, the moments of the day that begins then."""
MOST_CUSTOMERS: Final = 3_000
"""More show no other leak; they take longer."""


def moments_on(columns: Columns, vocabulary: Vocabulary, day: float) -> Moments:
    """Return the moments of a day as training makes them."""
    found = samples(
        occasions(ledger_of(columns, vocabulary=vocabulary)),
        world=World(vocabulary),
        wanted=lambda occasion: day <= occasion.time < day + DAY,
    )
    return moments_of(found, categories=len(vocabulary.categories))


def spoiled_on(columns: Columns, vocabulary: Vocabulary, day: float) -> Moments:
    """Return them with a feature that looks at the purchase itself."""
    honest = moments_on(columns, vocabulary, day)
    leak = honest.bought[..., None].astype(np.float32)
    return replace(honest, features=np.concatenate([honest.features, leak], axis=2))


def leaking_features(
    columns: Columns, *, since: float, vocabulary: Vocabulary, build: Build
) -> tuple[int, ...]:
    """Return the features that change with what is bought on their own day or later.

    One day is looked at: from `since` on that on which most customers come again. There may be none.
    """
    known = rows_of(columns, np.isin(columns.category, vocabulary.categories))
    day = _busiest(known, since)
    some = _some_customers(known, day)
    one, other = (
        build(part, vocabulary, day) for part in (some, changed(some, since=day, vocabulary=vocabulary))
    )
    same = np.isclose(one.features, other.features, rtol=0, atol=0, equal_nan=True)
    return tuple(np.flatnonzero(~same.all(axis=(0, 1))).tolist())


def changed(columns: Columns, *, since: float, vocabulary: Vocabulary) -> Columns:
    """Return purchases of which those from a time on are of other things; who and when stay."""
    late = columns.time >= since
    words = vocabulary.categories
    after = dict(zip(words, (*words[1:], *words[:1]), strict=True))
    categories = [after.get(word, word) for word in columns.category]
    return replace(
        columns,
        category=np.where(late, np.array(categories, dtype=object), columns.category),
        price=np.where(late, 3 * columns.price + 1, columns.price),
        discount=np.where(late, 1 - columns.discount, columns.discount),
        brand=_turned(columns.brand, late),
        style=_turned(columns.style, late),
        item=_turned(columns.item, late),
    )


def _turned(words: NDArray[np.object_], late: NDArray[np.bool_]) -> NDArray[np.object_]:
    return np.where(late, np.roll(words, 1), words)


def _busiest(columns: Columns, since: float) -> float:
    """Return when the day began on which most bought who had bought before it."""
    _, who = coded(columns.customer)
    first = np.full(who.max() + 1, np.inf)
    np.minimum.at(first, who, columns.time)
    days = columns.time // DAY
    again = (columns.time >= since) & (first[who] // DAY < days)
    counts = Counter(days[again].tolist())
    return DAY * max(counts, key=lambda day: (counts[day], -day)) if counts else since


def _some_customers(columns: Columns, day: float) -> Columns:
    """Return so many customers, those who bought on the day before all others."""
    names, who = coded(columns.customer)
    there = np.zeros(len(names), dtype=bool)
    there[who[columns.time // DAY == day // DAY]] = True
    chosen = np.argsort(~there, kind="stable")[:MOST_CUSTOMERS]
    return rows_of(columns, np.isin(who, chosen))
