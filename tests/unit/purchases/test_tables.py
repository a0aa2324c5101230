"""Parquet files as shops write them."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from packshot.errors import InvalidPurchases
from packshot.purchases.moments import parse_moment
from packshot.purchases.tables import read_table

TEXT = pa.array(["a"])
MOMENT = dt.datetime(2023, 1, 5, 14, 22, 11, tzinfo=dt.UTC)


def written(folder: Path, **columns: pa.Array) -> Path:
    """Write a file of these columns, with good ones for what is not said."""
    good = {"customer": TEXT, "time": pa.array(["2023-01-05"]), "category": TEXT}
    path = folder / "purchases.parquet"
    pq.write_table(pa.table(good | columns), path)
    return path


@pytest.mark.parametrize(
    "ids",
    [
        pa.array([1515915625442993984]),
        pa.array(["1515915625442993984"]),
        pa.array(["1515915625442993984"], pa.large_string()),
        pa.array(["1515915625442993984"], pa.string_view()),
        pa.array(["1515915625442993984"]).dictionary_encode(),
        pa.array([b"1515915625442993984"]),
        pa.array([Decimal(1515915625442993984)], pa.decimal128(19)),
    ],
    ids=lambda ids: str(ids.type),
)
def test_an_id_keeps_all_its_digits(tmp_path: Path, ids: pa.Array) -> None:
    """However wide its column is."""
    (batch,) = read_table(written(tmp_path, customer=ids))
    assert list(batch.columns["customer"]) == ["1515915625442993984"]


def test_short_ids_that_became_floats_are_ids(tmp_path: Path) -> None:
    """As pandas writes a column in which one is missing: 12345.0 is 12345, and a missing one is missing."""
    ids = pa.array([12345.0, float("nan"), None, 9007199254740991.0])
    columns = {"time": pa.array(["2023-01-05"] * 4), "category": pa.array(["a"] * 4)}
    (batch,) = read_table(written(tmp_path, customer=ids, **columns))
    assert list(batch.columns["customer"]) == ["12345", "", "", "9007199254740991"]


@pytest.mark.parametrize("size", [2.0**53, 1.5e18])
def test_long_ids_that_became_floats_are_refused(tmp_path: Path, size: float) -> None:
    """Nobody knows any more whose they are."""
    with pytest.raises(InvalidPurchases, match="lost digits"):
        list(read_table(written(tmp_path, customer=pa.array([size]))))


@pytest.mark.parametrize(
    "kind",
    [
        pa.timestamp("s"),
        pa.timestamp("ms", tz="UTC"),
        pa.timestamp("us", tz="Europe/Berlin"),
        pa.timestamp("ns"),
    ],
    ids=str,
)
def test_a_moment_is_the_same_in_every_unit(tmp_path: Path, kind: pa.DataType) -> None:
    """And in every zone."""
    moments = pa.array([MOMENT], pa.timestamp("us", tz="UTC")).cast(kind)
    (batch,) = read_table(written(tmp_path, time=moments))
    assert parse_moment(batch.columns["time"][0]) == MOMENT.timestamp() * 1_000_000


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (pa.array([dt.date(2023, 1, 5)]), "2023-01-05"),
        (pa.array([1_672_928_531]), "1672928531"),
        (pa.array([1_672_928_531.0]), "1672928531"),
    ],
    ids=["date", "seconds", "seconds as float"],
)
def test_days_and_seconds_are_moments(tmp_path: Path, days: pa.Array, text: str) -> None:
    """As they are written most often."""
    (batch,) = read_table(written(tmp_path, time=days))
    assert parse_moment(batch.columns["time"][0]) == parse_moment(text)


@pytest.mark.parametrize(
    "words", [pa.array([[1]]), pa.array([{"a": 1}]), pa.array([True]), pa.array([b"\xff\xfe"])], ids=str
)
def test_a_column_of_something_else_is_refused_by_its_name(tmp_path: Path, words: pa.Array) -> None:
    """Lists, structures, flags and bytes are no words."""
    with pytest.raises(InvalidPurchases):
        list(read_table(written(tmp_path, category=words)))


def test_rows_are_told_by_their_number(tmp_path: Path) -> None:
    """A Parquet file has no lines: the first row is 1, across batches."""
    columns = {name: pa.array(["2023-01-05"] * 7) for name in ("customer", "time", "category")}
    batches = list(read_table(written(tmp_path, **columns), rows=3))
    assert [list(batch.lines) for batch in batches] == [[1, 2, 3], [4, 5, 6], [7]]


def test_a_file_that_is_cut_is_refused(tmp_path: Path) -> None:
    """Its end is where it says what is in it."""
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InvalidPurchases, match="cannot be read"):
        list(read_table(path))
