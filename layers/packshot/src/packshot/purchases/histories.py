"""A customer's lines, packed: what one item of the table holds."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from packshot.errors import DamagedArtifact
from packshot.events import PurchaseLine
from packshot.ports import HistoryEntry
from packshot.purchases.identity import digest_of
from packshot.purchases.moments import EPOCH, microseconds

LONGEST_ENTRY: Final = 1_000
"""Lines of an entry: about 60 kB before they are packed, of the 400 that an item may have."""
LARGEST_ENTRY: Final = 300_000
"""Bytes of an entry before it is packed: words may be long, and such that nothing packs them."""
_LEVEL = 3
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
Row = tuple[int, str, float | None, str, str, str, str, float | None]
"""Moment, category, price, brand, style, item, order, discount."""


def row_of(line: PurchaseLine) -> Row:
    """Return a line as it is packed."""
    return (
        microseconds(line.time),
        line.category,
        line.price,
        line.brand,
        line.style,
        line.item,
        line.order,
        line.discount,
    )


def entries(key: str, rows: Iterable[Row]) -> Iterator[HistoryEntry]:
    """Yield a customer's rows (by moment) as entries, named by what they hold: same rows, same names."""
    ordered = iter(rows)
    while part := tuple(islice(ordered, LONGEST_ENTRY)):
        yield from _entries(key, part)


def _entries(key: str, rows: Sequence[Row]) -> Iterator[HistoryEntry]:
    text = _write(rows).encode()
    if len(text) > LARGEST_ENTRY and len(rows) > 1:
        middle = len(rows) // 2
        yield from _entries(key, rows[:middle])
        yield from _entries(key, rows[middle:])
        return
    name = hashlib.blake2b(text, digest_size=8).hexdigest()
    yield HistoryEntry(key, f"{rows[-1][0]:016d}#{name}", len(rows), zlib.compress(text, _LEVEL))


def lines_of(customer: str, packed: bytes) -> tuple[PurchaseLine, ...]:
    """Return the lines of an entry; `DamagedArtifact` for what is none."""
    try:
        rows: Sequence[Any] = json.loads(zlib.decompress(packed))
        return tuple(_line(customer, *row) for row in rows)
    except (zlib.error, ValueError, TypeError, OverflowError) as error:
        raise DamagedArtifact(f"an entry of a history: {type(error).__name__}") from error


def _line(  # noqa: PLR0913, PLR0917 - a row as it is packed
    customer: str,
    moment: int,
    category: str,
    price: float | None,
    brand: str,
    style: str,
    item: str,
    order: str,
    discount: float | None,
) -> PurchaseLine:
    # What was checked when it came is not checked again: thousands of lines stand before each answer.
    return PurchaseLine.model_construct(
        customer=customer,
        time=EPOCH + timedelta(microseconds=moment),
        category=category,
        order=order,
        item=item,
        price=price,
        discount=discount,
        brand=brand,
        style=style,
    )


def last_lines(lines: Iterable[PurchaseLine], *, most: int) -> tuple[PurchaseLine, ...]:
    """Return the newest lines, oldest first, each once."""
    once = {digest_of(line): line for line in lines}
    ordered = sorted(once.items(), key=lambda pair: (pair[1].time, pair[0]))
    return tuple(line for _, line in ordered[-most:]) if most > 0 else ()
