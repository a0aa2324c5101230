"""Parquet files of purchases as columns, whatever types they are written in."""

import re
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from packshot.errors import DamagedArtifact
from packshot.preferences.ledger import Columns

NAMES: Final = {
    "customer": ("customer", "user", "customerid", "userid"),
    "time": ("time", "ts", "timestamp", "eventtime", "date"),
    "order": ("order", "orderid"),
    "item": ("item", "itemid", "product", "productid", "sku"),
    "category": ("category", "cat"),
    "price": ("price",),
    "brand": ("brand",),
    "style": ("style",),
    "discount": ("discount",),
}
"""The columns, and what else they may be called, written small and without blanks and underscores."""
NEEDED: Final = ("customer", "time", "category")
_UNITS: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From which size on a number is in nano-, micro- or milliseconds, and how many are a second."""
_DATES: Final = (19_700_101, 21_000_101)
"""Numbers that are dates, year, month and day: as seconds they would all be of one autumn of 1970."""
_DATE: Final = re.compile(r"\d{8}", re.ASCII)
_NUMBER: Final = re.compile(r"\d+(\.\d*)?", re.ASCII)
_EXACT: Final = 2.0**53
"""Above it a float has not all whole numbers."""


def read_purchases(path: Path) -> Columns:
    """Read a Parquet file, or a folder of them; `DamagedArtifact` names the columns that are missing."""
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise DamagedArtifact(f"{path} cannot be read as Parquet: {error}") from error
    return columns_of(table)


def columns_of(table: pa.Table) -> Columns:
    """Return a table's columns; words and numbers that it does not have are empty and NaN.

    Times are dates, ISO 8601, 20261120 or seconds since 1970 (or thousandths, millionths, billionths), in
    UTC where no zone is said; what is none of these is NaN.
    """
    plain = {_plain(name): name for name in reversed(table.column_names)}
    found = {ours: next((plain[t] for t in theirs if t in plain), "") for ours, theirs in NAMES.items()}
    missing = [name for name in NEEDED if not found[name]]
    if missing:
        raise DamagedArtifact(
            f"the purchases have no column {', '.join(missing)}; they have {', '.join(table.column_names)}"
        )
    return Columns(
        _read(table, found["customer"], _ids),
        _read(table, found["time"], _seconds),
        _read(table, found["order"], _words),
        _read(table, found["item"], _words),
        _read(table, found["category"], _words),
        _read(table, found["price"], _numbers),
        _read(table, found["brand"], _words),
        _read(table, found["style"], _words),
        _shares(_read(table, found["discount"], _numbers)),
    )


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _read(table: pa.Table, name: str, reader: Callable[[pa.ChunkedArray], NDArray]) -> NDArray:  # type: ignore[type-arg] # of whatever the reader reads
    column = table[name] if name else pa.chunked_array([pa.nulls(len(table))])
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    try:
        return reader(column)
    except (pa.ArrowException, ValueError) as error:
        raise DamagedArtifact(f"the column {name} ({column.type}) cannot be read: {error}") from error


def _ids(column: pa.ChunkedArray) -> NDArray[np.object_]:
    if pa.types.is_floating(column.type) and (np.abs(np.nan_to_num(_numbers(column))) > _EXACT).any():
        raise ValueError("ids were rounded, which merges customers: write text or whole numbers")
    return _words(column)


def _words(column: pa.ChunkedArray) -> NDArray[np.object_]:
    # Text, always: an id of 19 digits that becomes a float merges customers.
    if pa.types.is_floating(column.type):
        told = [_word(number) for number in _numbers(column).tolist()]
    else:
        told = pc.fill_null(pc.cast(column, pa.string()), "").to_pylist()
    words = np.empty(len(told), dtype=object)
    words[:] = told
    return words


def _word(number: float) -> str:
    if not np.isfinite(number):
        return ""
    return str(int(number)) if number.is_integer() else str(number)


def _seconds(column: pa.ChunkedArray) -> NDArray[np.float64]:
    if _is_text(column.type):
        return np.array([_moment(text) for text in column.to_pylist()], dtype=np.float64)
    if pa.types.is_temporal(column.type):
        # Null stays null; as numpy's own it would be a time of long ago.
        return _numbers(pc.cast(pc.cast(column, pa.timestamp("us"), safe=False), pa.int64())) / 1e6
    return _in_seconds(_numbers(column))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _moment(text: str | None) -> float:
    """Return seconds since 1970, NaN for what is no time."""
    said = (text or "").strip().upper().removesuffix("UTC").removesuffix("Z").rstrip()
    try:
        if _DATE.fullmatch(said):
            moment = datetime.strptime(f"{said}+0000", "%Y%m%d%z")
        elif _NUMBER.fullmatch(said):
            return float(_in_seconds(np.array([float(said)]))[0])
        else:
            moment = datetime.fromisoformat(said)
    except ValueError:
        return float("nan")
    # The container's Python 3.10 does not know datetime.UTC.
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()  # noqa: UP017 - 3.10


def _in_seconds(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    size = float(np.nanmedian(np.abs(numbers))) if np.isfinite(numbers).any() else 0.0
    if _DATES[0] <= size < _DATES[1]:
        return np.array([_moment(f"{number:.0f}") for number in numbers.tolist()])
    return numbers / next((seconds for since, seconds in _UNITS if size > since), 1.0)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    if _is_text(column.type):
        plain = pc.utf8_trim_whitespace(column)
        column = pc.if_else(pc.equal(plain, ""), None, plain)
    # Not safe: nanoseconds have more digits than a float, and may lose the last.
    return np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64)


def _shares(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return discounts; what is no share of a price is not known."""
    return np.where((numbers >= 0) & (numbers <= 1), numbers, np.nan)
