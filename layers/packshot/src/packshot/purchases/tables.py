"""Parquet files of purchases, row group by row group, as text."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from packshot.errors import InvalidPurchases
from packshot.purchases.headers import EXPECTED, columns_of
from packshot.purchases.rows import FIELDS, ROWS, Batch

MAGIC: Final = b"PAR1"
_BUFFER = 2**20
_EXACT = 2**53
"""From here on a float no longer tells every whole number: ids have lost their last digits."""
_IDS: Final = frozenset({"customer", "order", "item"})


def read_table(path: Path, *, rows: int = ROWS) -> Iterator[Batch]:
    """Yield the rows of a Parquet file; `InvalidPurchases` for one that is damaged or holds other things."""
    try:
        file = pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
        names = file.schema_arrow.names
        places = columns_of(names)
        taken = {ours: names[place] for ours, place in places.items()}
        line = 1
        for batch in file.iter_batches(batch_size=rows, columns=sorted(set(taken.values()))):
            yield _batch(batch, taken, line)
            line += batch.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InvalidPurchases(
            f"This Parquet file cannot be read ({type(error).__name__}). {EXPECTED}"
        ) from error


def _batch(batch: pa.RecordBatch, taken: Mapping[str, str], line: int) -> Batch:
    count = batch.num_rows
    empty = ("",) * count
    columns: dict[str, Sequence[str]] = {
        name: _texts(batch.column(taken[name]), name) if name in taken else empty for name in FIELDS
    }
    return Batch(range(line, line + count), columns, (), count)


def _texts(column: pa.Array, name: str) -> Sequence[str]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    for holds, text in _READABLE:
        if holds(column.type):
            words: list[str] = pc.fill_null(text(column, name), "").to_pylist()
            return words
    raise InvalidPurchases(f"The column {name} holds {column.type}, not text or numbers. {EXPECTED}")


def _plain(column: pa.Array, _name: str) -> pa.Array:
    return column.cast(pa.string())


def _of_floats(column: pa.Array, name: str) -> pa.Array:
    if name not in _IDS:
        return column.cast(pa.string())
    if pc.any(pc.greater_equal(pc.abs(column), _EXACT)).as_py():
        raise InvalidPurchases(
            f"The column {name} holds floats: its long ids have lost digits. Write them as text."
        )
    return pa.array(map(_whole, column.to_pylist()), pa.string())


def _whole(number: float | None) -> str | None:
    """Return a number as an id; what a shop's program made of a missing one is missing."""
    if number is None or math.isnan(number):
        return None
    return str(int(number)) if number.is_integer() else repr(number)


def _of_moments(column: pa.Array, _name: str) -> pa.Array:
    # Beyond microseconds nobody is asked.
    return column.cast(pa.timestamp("us", tz=column.type.tz), safe=False).cast(pa.string())


_READABLE: Sequence[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array, str], pa.Array]]] = (
    (pa.types.is_timestamp, _of_moments),
    (pa.types.is_floating, _of_floats),
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), _plain),
    (pa.types.is_string_view, _plain),
    (lambda kind: pa.types.is_integer(kind) or pa.types.is_decimal(kind), _plain),
    (lambda kind: pa.types.is_date(kind) or pa.types.is_null(kind), _plain),
    (lambda kind: pa.types.is_binary(kind) or pa.types.is_large_binary(kind), _plain),
)
