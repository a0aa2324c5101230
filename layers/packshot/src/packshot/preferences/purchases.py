"""Purchases as columns, and the days on which a customer buys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

DAY = 86_400
"""Seconds of a day."""
UNKNOWN = -1
"""The code of a word that is not in the vocabulary."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One line of an order. `time` is in seconds since 1970, UTC; `price` is of the line, None if unknown."""

    time: float
    category: str
    price: float | None = None
    brand: str = ""
    style: str = ""
    item: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that a model knows, in the order of their codes."""

    categories: tuple[str, ...]
    brands: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    def tables(self) -> "WordTables":
        """Return the codes by word; make them once per process."""
        return WordTables(*(dict(zip(words, range(len(words)), strict=True)) for words in self._all()))

    def _all(self) -> tuple[tuple[str, ...], ...]:
        return (self.categories, self.brands, self.styles, self.items)


@dataclass(frozen=True, slots=True)
class WordTables:
    """Codes by word."""

    categories: Mapping[str, int]
    brands: Mapping[str, int]
    styles: Mapping[str, int]
    items: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Lines:
    """Purchases as columns of one length; codes are `UNKNOWN` and prices NaN where there is none."""

    time: NDArray[np.float64]
    category: NDArray[np.int32]
    price: NDArray[np.float64]
    brand: NDArray[np.int32]
    style: NDArray[np.int32]
    item: NDArray[np.int32]

    def take(self, rows: NDArray[np.intp] | slice) -> "Lines":
        """Return these rows."""
        return Lines(
            self.time[rows],
            self.category[rows],
            self.price[rows],
            self.brand[rows],
            self.style[rows],
            self.item[rows],
        )

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True)
class Visit:
    """A day on which a customer bought: all of that day's orders as one.

    `categories` are codes in ascending order, `spend` what each came to; `top` is the category of the highest
    spend. `brand`, `style` and `item` are those of the dearest line. `log_price` is the mean over lines of
    log(1 + price), by category in `log_prices`; NaN where no price is known. `time` is of the first line.
    """

    time: float
    top: int
    categories: NDArray[np.int32]
    spend: NDArray[np.float64]
    lines: NDArray[np.int32]
    log_prices: NDArray[np.float64]
    log_price: float
    brand: int
    style: int
    item: int

    @property
    def day(self) -> int:
        """The day, in days since 1970."""
        return int(self.time // DAY)


def encode(purchases: Sequence[Purchase], *, tables: WordTables) -> Lines:
    """Return purchases as columns. Categories that the model does not know are `UNKNOWN`."""
    return Lines(
        time=np.array([p.time for p in purchases], dtype=np.float64),
        category=np.array([tables.categories.get(p.category, UNKNOWN) for p in purchases], dtype=np.int32),
        price=np.array([np.nan if p.price is None else p.price for p in purchases], dtype=np.float64),
        brand=np.array([tables.brands.get(p.brand, UNKNOWN) for p in purchases], dtype=np.int32),
        style=np.array([tables.styles.get(p.style, UNKNOWN) for p in purchases], dtype=np.int32),
        item=np.array([tables.items.get(p.item, UNKNOWN) for p in purchases], dtype=np.int32),
    )


def visits(lines: Lines, *, before: float = np.inf) -> Iterator[Visit]:
    """Yield one customer's visits, oldest first, from lines in any order that lie strictly before a time."""
    known = np.flatnonzero((lines.time < before) & (lines.category != UNKNOWN))
    ordered = lines.take(known[np.argsort(lines.time[known], kind="stable")])
    days = np.floor_divide(ordered.time, DAY)
    starts = np.flatnonzero(np.diff(days, prepend=-np.inf))
    for start, end in pairwise([*starts, len(days)]):
        yield _visit(ordered, int(start), int(end))


def _visit(lines: Lines, start: int, end: int) -> Visit:
    category, price = lines.category[start:end], lines.price[start:end]
    paid = np.where(np.isfinite(price), price, 0.0)
    categories, where = np.unique(category, return_inverse=True)
    spend = np.bincount(where, weights=paid).astype(np.float64)
    count = np.bincount(where)
    log_price = np.log1p(np.maximum(price, 0.0))
    dearest = start + int(np.argmax(paid))
    return Visit(
        time=float(lines.time[start]),
        # Where nothing has a price, what was bought most often stands for what was paid most for.
        top=int(categories[np.lexsort((-count, -spend))[0]]),
        categories=categories,
        spend=spend,
        lines=count.astype(np.int32),
        log_prices=_means(log_price, where, len(categories)),
        log_price=float(_means(log_price, np.zeros(end - start, dtype=np.intp), 1)[0]),
        brand=int(lines.brand[dearest]),
        style=int(lines.style[dearest]),
        item=int(lines.item[dearest]),
    )


def _means(values: NDArray[np.float64], groups: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    known = np.isfinite(values)
    total = np.bincount(groups[known], weights=values[known], minlength=count)
    number = np.bincount(groups[known], minlength=count)
    return np.asarray(np.divide(total, number, out=np.full(count, np.nan), where=number > 0))
