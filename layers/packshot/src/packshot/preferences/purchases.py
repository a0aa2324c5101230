"""Purchases as columns, and the days on which a customer buys."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

DAY = 86_400
"""Seconds of a day."""
UNKNOWN = -1
"""The code of a word that is not in the vocabulary."""
SMALLEST_DISCOUNT = 0.01
"""A smaller share taken off is a rounding."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One line of an order. `time` is in seconds since 1970, UTC; `price` is of the line, None if unknown.

    `discount` is the share of the list price that was taken off, None if unknown.
    """

    time: float
    category: str
    price: float | None = None
    brand: str = ""
    style: str = ""
    item: str = ""
    order: str = ""
    discount: float | None = None


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
    """Purchases as columns of one length; a code that is not known is `UNKNOWN`, a number NaN."""

    time: NDArray[np.float64]
    category: NDArray[np.int32]
    price: NDArray[np.float64]
    brand: NDArray[np.int32]
    style: NDArray[np.int32]
    item: NDArray[np.int32]
    discount: NDArray[np.float64]

    def take(self, rows: NDArray[np.intp] | slice) -> "Lines":
        """Return these rows."""
        return Lines(
            self.time[rows],
            self.category[rows],
            self.price[rows],
            self.brand[rows],
            self.style[rows],
            self.item[rows],
            self.discount[rows],
        )

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True)
class Visit:
    """A day on which a customer bought: all of that day's orders as one.

    `categories` are codes in ascending order, `spend` what each came to; `top` is the category of the highest
    spend. `brand`, `style` and `item` are those of the dearest line. `log_price` is the mean over lines of
    log(1 + price), by category in `log_prices`; NaN where no price is known. `discounted` counts the lines
    with a price taken off, `listed` those of which it is known whether. `time` is of the first line.
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
    discounted: int = 0
    listed: int = 0
    taken_off: float = 0.0
    """The sum of the discounts, as shares."""

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
        discount=np.array([np.nan if p.discount is None else p.discount for p in purchases], np.float64),
    )


def visits(lines: Lines, *, before: float = np.inf, most: int | None = None) -> Iterator[Visit]:
    """Yield one customer's visits, oldest first, from lines in any order that lie strictly before a time.

    With `most`, only so many of the last.
    """
    known = np.flatnonzero((lines.time < before) & (lines.category != UNKNOWN))
    known = known[np.argsort(lines.time[known], kind="stable")]
    starts = np.flatnonzero(np.diff(np.floor_divide(lines.time[known], DAY), prepend=-np.inf))
    if most is not None and len(starts) > most:
        known = known[starts[-most] :]
        starts = starts[-most:] - starts[-most]
    rows = _Rows(lines.take(known))
    for start, end in pairwise([*starts.tolist(), len(known)]):
        yield rows.visit(start, end)


class _Rows:
    """Lines as lists: a visit has one line or two, too few for arrays to pay."""

    def __init__(self, lines: Lines) -> None:
        self._time: list[float] = lines.time.tolist()
        self._category: list[int] = lines.category.tolist()
        self._price: list[float] = lines.price.tolist()
        self._log: list[float] = np.log1p(np.maximum(lines.price, 0.0)).tolist()
        self._brand: list[int] = lines.brand.tolist()
        self._style: list[int] = lines.style.tolist()
        self._item: list[int] = lines.item.tolist()
        self._discount: list[float] = lines.discount.tolist()

    def visit(self, start: int, end: int) -> Visit:
        found: dict[int, _Part] = {}
        dearest, highest = start, -math.inf
        for at in range(start, end):
            price = self._price[at]
            paid = max(price, 0.0) if math.isfinite(price) else 0.0
            found.setdefault(self._category[at], _Part()).add(paid, self._log[at])
            if paid > highest:
                dearest, highest = at, paid
        codes = sorted(found)
        parts = [found[code] for code in codes]
        discounts = [share for share in self._discount[start:end] if math.isfinite(share)]
        return Visit(
            time=self._time[start],
            # Where nothing has a price, what was bought most often stands for what was paid most for.
            top=min(codes, key=lambda code: (-found[code].spend, -found[code].lines)),
            categories=np.array(codes, dtype=np.int32),
            spend=np.array([part.spend for part in parts]),
            lines=np.array([part.lines for part in parts], dtype=np.int32),
            log_prices=np.array([_mean(part.logs, part.priced) for part in parts]),
            log_price=_mean(sum(part.logs for part in parts), sum(part.priced for part in parts)),
            brand=self._brand[dearest],
            style=self._style[dearest],
            item=self._item[dearest],
            discounted=sum(share > SMALLEST_DISCOUNT for share in discounts),
            listed=len(discounts),
            taken_off=sum(discounts),
        )


@dataclass(slots=True)
class _Part:
    """What was bought of one category on a day."""

    spend: float = 0.0
    lines: int = 0
    logs: float = 0.0
    priced: int = 0

    def add(self, paid: float, log_price: float) -> None:
        self.spend += paid
        self.lines += 1
        if math.isfinite(log_price):
            self.logs += log_price
            self.priced += 1


def _mean(total: float, number: int) -> float:
    return total / number if number else math.nan
