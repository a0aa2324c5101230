"""Parquet files of purchases as columns."""

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
    "customer": ("customer", "user"),
    "time": ("time", "ts"),
    "order": ("order", "order_id"),
    "item": ("item",),
    "category": ("category", "cat"),
    "price": ("price",),
    "brand": ("brand",),
    "style": ("style",),
    "discount": ("discount",),
}
"""The columns, and what else they may be called."""
NEEDED: Final = ("customer", "time", "category")


def read_purchases(path: Path) -> Columns:
    """Read a Parquet file, or a folder of them; `DamagedArtifact` names the columns that are missing."""
    return columns_of(pq.read_table(path))


def columns_of(table: pa.Table) -> Columns:
    """Return a table's columns; words and prices that it does not have are empty and NaN."""
    found = {ours: next((t for t in theirs if t in table.column_names), "") for ours, theirs in NAMES.items()}
    missing = [name for name in NEEDED if not found[name]]
    if missing:
        raise DamagedArtifact(f"the purchases have no column {', '.join(missing)}")
    return Columns(
        _words(table, found["customer"]),
        _seconds(table[found["time"]]),
        _words(table, found["order"]),
        _words(table, found["item"]),
        _words(table, found["category"]),
        _numbers(table, found["price"]),
        _words(table, found["brand"]),
        _words(table, found["style"]),
        _numbers(table, found["discount"]),
    )


def _words(table: pa.Table, name: str) -> NDArray[np.object_]:
    if not name:
        return np.full(len(table), "", dtype=object)
    # Text, always: an id of 19 digits that becomes a float merges customers.
    cast = pc.fill_null(pc.cast(table[name], pa.string()), "")
    return np.array(cast.to_pylist(), dtype=object)


def _seconds(column: pa.ChunkedArray) -> NDArray[np.float64]:
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return np.asarray(pc.cast(column, pa.float64()).to_numpy())
    times = pc.cast(column, pa.timestamp("us")).to_numpy().astype("datetime64[us]")
    return np.asarray(times.astype(np.int64) / 1e6)


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    if not name:
        return np.full(len(table), np.nan)
    return np.asarray(pc.cast(table[name], pa.float64()).to_numpy(), dtype=np.float64)
