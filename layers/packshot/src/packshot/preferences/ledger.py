"""A shop's purchases as columns, sorted by customer and time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.purchases import UNKNOWN, Lines, Visit, Vocabulary, visits

LARGEST_VOCABULARY = {"categories": 60, "brands": 200, "styles": 100, "items": 20_000}
"""Rarer words are unknown: a model learns nothing of what it has hardly seen."""
FEWEST_ITEMS = 3
"""How often an item must have been bought to have a code of its own."""
MOST_ORDERS = 200
"""Accounts with more orders sell on: nothing is learned from them, and they are not scored."""
_NOT_SAID = frozenset({"", "na", "nan", "none", "null"})


@dataclass(frozen=True, slots=True)
class Ledger:
    """Lines grouped by customer: customer i has the rows `starts[i]:starts[i + 1]`, oldest first."""

    vocabulary: Vocabulary
    customers: tuple[str, ...]
    starts: NDArray[np.intp]
    lines: Lines
    orders: NDArray[np.int64]

    def of(self, customer: int) -> Lines:
        """Return one customer's lines."""
        return self.lines.take(slice(int(self.starts[customer]), int(self.starts[customer + 1])))

    def order_counts(self) -> NDArray[np.intp]:
        """Return the number of orders of each customer."""
        return np.array(
            [
                len(np.unique(self.orders[a:b]))
                for a, b in zip(self.starts[:-1], self.starts[1:], strict=True)
            ],
            dtype=np.intp,
        )


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

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True, order=True)
class Occasion:
    """A visit, and whose: in the order of time."""

    time: float
    customer: int
    visit: Visit


def timed(columns: Columns) -> Columns:
    """Return the columns without the rows that have no time."""
    kept = np.isfinite(columns.time)
    return Columns(*(getattr(columns, field.name)[kept] for field in fields(Columns)))


def without_resellers(columns: Columns) -> Columns:
    """Return the columns without the accounts that have more orders than a customer can."""
    names, who = np.unique(columns.customer.astype(str), return_inverse=True)
    _, orders = np.unique(columns.order.astype(str), return_inverse=True)
    pairs = np.unique(np.stack([who, orders], axis=1), axis=0)
    kept = (np.bincount(pairs[:, 0], minlength=len(names)) <= MOST_ORDERS)[who]
    return Columns(*(getattr(columns, field.name)[kept] for field in fields(Columns)))


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
    customers, codes = np.unique(columns.customer.astype(str), return_inverse=True)
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
    _, orders = np.unique(columns.order.astype(str), return_inverse=True)
    starts = np.searchsorted(codes[order], np.arange(len(customers) + 1))
    return Ledger(vocabulary, tuple(map(str, customers)), starts, lines, orders[order])


def _codes(words: NDArray[np.object_], table: Mapping[str, int]) -> NDArray[np.int32]:
    return np.array([table.get(word, UNKNOWN) for word in words], dtype=np.int32)


def occasions(ledger: Ledger, *, customers: Sequence[int] | None = None) -> Iterator[Occasion]:
    """Yield the visits of all (or some) customers in the order of time."""
    chosen = range(len(ledger.customers)) if customers is None else customers
    found = [(visit.time, who, visit) for who in chosen for visit in visits(ledger.of(who))]
    found.sort(key=lambda entry: entry[:2])
    for time, who, visit in found:
        yield Occasion(time, who, visit)
