"""A shop's purchases as columns, sorted by customer and time."""

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.purchases import DAY, UNKNOWN, Lines, Visit, Vocabulary, visits

LARGEST_VOCABULARY = {"categories": 60, "brands": 200, "styles": 100, "items": 20_000}
"""Rarer words are unknown: a model learns nothing of what it has hardly seen."""
FEWEST_ITEMS = 3
"""How often an item must have been bought to have a code of its own."""
MOST_ORDERS = 200
"""Accounts with more orders sell on: nothing is learned from them, and they are not scored."""
_LATEST = 4_102_444_800.0
"""The year 2100: a purchase that is later is a slip, or a word for never."""
_SCALE = 2**32
_NOT_SAID = frozenset({"", "na", "nan", "none", "null"})


@dataclass(frozen=True, slots=True)
class Ledger:
    """Lines grouped by customer: customer i has the rows `starts[i]:starts[i + 1]`, oldest first."""

    vocabulary: Vocabulary
    customers: tuple[str, ...]
    starts: NDArray[np.intp]
    lines: Lines

    def of(self, customer: int) -> Lines:
        """Return one customer's lines."""
        return self.lines.take(slice(int(self.starts[customer]), int(self.starts[customer + 1])))


@dataclass(frozen=True, slots=True)
class Columns:
    """Purchases as they come from a file: words as text, `time` in seconds, NaN where a number is unknown."""

    customer: NDArray[np.object_]
    time: NDArray[np.float64]
    order: NDArray[np.object_]
    item: NDArray[np.object_]
    category: NDArray[np.object_]
    price: NDArray[np.float64]
    brand: NDArray[np.object_]
    style: NDArray[np.object_]
    discount: NDArray[np.float64]

    def take(self, rows: NDArray[np.bool_]) -> "Columns":
        """Return some rows."""
        return Columns(*(getattr(self, field.name)[rows] for field in fields(Columns)))

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True, order=True)
class Occasion:
    """A visit, and whose: in the order of time."""

    time: float
    customer: int
    visit: Visit


def usable(columns: Columns) -> Columns:
    """Return the rows that say who bought what and when; a time outside 1970 to 2100 is none."""
    pairs = zip(columns.customer, columns.category, strict=True)
    said = np.array([bool(customer and category) for customer, category in pairs], dtype=bool)
    return _rows(columns, said & (columns.time >= 0) & (columns.time < _LATEST))


def without_resellers(columns: Columns) -> Columns:
    """Return the columns without the accounts that have more orders than a customer can.

    A line that belongs to no order is its day's.
    """
    names, who = coded(columns.customer)
    days = np.where(np.isfinite(columns.time), columns.time, 0.0) // DAY
    _, orders = coded([order or f"day {day:.0f}" for order, day in zip(columns.order, days, strict=True)])
    pairs = np.unique(np.stack([who, orders], axis=1), axis=0)
    return _rows(columns, (np.bincount(pairs[:, 0], minlength=len(names)) <= MOST_ORDERS)[who])


def _rows(columns: Columns, kept: NDArray[np.bool_]) -> Columns:
    return columns.take(kept)


def thinned(columns: Columns, *, share: float) -> Columns:
    """Return the lines of a share of the customers: always the same ones, whatever the file."""
    names, who = coded(columns.customer)
    drawn = np.fromiter((zlib.crc32(name.encode()) < share * _SCALE for name in names), np.bool_, len(names))
    return columns.take(drawn[who])


def coded(words: Collection[str]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the different words, sorted, and which of them each is.

    NumPy's own text would take as much memory for each word as for the longest.
    """
    codes = {word: code for code, word in enumerate(sorted(set(words)))}
    return tuple(codes), np.fromiter((codes[word] for word in words), np.intp, len(words))


def vocabulary_of(columns: Columns, *, before: float = np.inf) -> Vocabulary:
    """Return the words of the rows before a time, the frequent ones, sorted."""
    rows = columns.time < before
    largest = LARGEST_VOCABULARY
    return Vocabulary(
        categories=_frequent(columns.category[rows], largest["categories"]),
        brands=_frequent(columns.brand[rows], largest["brands"], skip=_NOT_SAID),
        styles=_frequent(columns.style[rows], largest["styles"], skip=_NOT_SAID),
        items=_frequent(columns.item[rows], largest["items"], fewest=FEWEST_ITEMS),
    )


def _frequent(
    words: Iterable[str], largest: int, *, fewest: int = 1, skip: frozenset[str] = frozenset({""})
) -> tuple[str, ...]:
    counts = Counter(word for word in words if word not in skip)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(sorted(word for word, count in ranked[:largest] if count >= fewest))


def ledger_of(columns: Columns, *, vocabulary: Vocabulary) -> Ledger:
    """Return the columns coded and sorted."""
    customers, codes = coded(columns.customer)
    order = np.lexsort((columns.time, codes))
    tables = vocabulary.tables()
    lines = Lines(
        time=columns.time[order],
        category=_codes(columns.category[order], tables.categories),
        price=columns.price[order],
        brand=_codes(columns.brand[order], tables.brands),
        style=_codes(columns.style[order], tables.styles),
        item=_codes(columns.item[order], tables.items),
        discount=columns.discount[order],
    )
    starts = np.searchsorted(codes[order], np.arange(len(customers) + 1))
    return Ledger(vocabulary, customers, starts, lines)


def _codes(words: NDArray[np.object_], table: Mapping[str, int]) -> NDArray[np.int32]:
    return np.array([table.get(word, UNKNOWN) for word in words], dtype=np.int32)


def occasions(ledger: Ledger, *, customers: Sequence[int] | None = None) -> Iterator[Occasion]:
    """Yield the visits of all (or some) customers in the order of time."""
    chosen = range(len(ledger.customers)) if customers is None else customers
    found = [(visit.time, who, visit) for who in chosen for visit in visits(ledger.of(who))]
    found.sort(key=lambda entry: entry[:2])
    for time, who, visit in found:
        yield Occasion(time, who, visit)
