"""A shop's file means the same in whatever types it is written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from packshot.errors import DamagedArtifact
from packshot.preferences.files import columns_of, read_purchases
from packshot.preferences.ledger import Columns

BEGIN = datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)
MOMENTS = [BEGIN + timedelta(days=n) for n in range(3)]
SECONDS = [moment.timestamp() for moment in MOMENTS]
MIDNIGHTS = [moment.replace(hour=0, minute=0, second=0).timestamp() for moment in MOMENTS]
NAN = float("nan")


def read(**columns: object) -> Columns:
    """Read three purchases of which something is written otherwise."""
    usual: dict[str, object] = {"user": ["a", "b", "a"], "ts": SECONDS, "cat": ["x", "y", "x"]}
    return columns_of(pa.table({**usual, **columns}))


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        *((pa.array(MOMENTS, pa.timestamp(unit)), SECONDS) for unit in ("s", "ms", "us", "ns")),
        (pa.array([1_600_000_000_123_456_789] * 3, pa.timestamp("ns")), [1_600_000_000.123456] * 3),
        (pa.array(MOMENTS, pa.timestamp("us", "Europe/Berlin")), SECONDS),
        (pa.array([MOMENTS[0], None, MOMENTS[2]], pa.timestamp("us")), [SECONDS[0], NAN, SECONDS[2]]),
        (pa.array([moment.date() for moment in MOMENTS], pa.date32()), MIDNIGHTS),
        (pa.array([moment.date() for moment in MOMENTS], pa.date64()), MIDNIGHTS),
        ([f"{moment:%Y-%m-%d %H:%M:%S}" for moment in MOMENTS], SECONDS),
        ([f"{moment:%Y-%m-%d %H:%M:%S} UTC" for moment in MOMENTS], SECONDS),
        ([f"{moment:%Y-%m-%dT%H:%M:%S}Z" for moment in MOMENTS], SECONDS),
        ([f"{moment + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}+02:00" for moment in MOMENTS], SECONDS),
        ([f"{moment:%Y-%m-%d}" for moment in MOMENTS], MIDNIGHTS),
        ([f"{moment:%Y%m%d}" for moment in MOMENTS], MIDNIGHTS),
        ([str(MOMENTS[0]), "", "yesterday"], [SECONDS[0], NAN, NAN]),
        ([f"{second:.0f}" for second in SECONDS], SECONDS),
        (pa.array([str(moment) for moment in MOMENTS]).dictionary_encode(), SECONDS),
        *(([int(second) * factor for second in SECONDS], SECONDS) for factor in (1, 10**3, 10**6, 10**9)),
        ([int(f"{moment:%Y%m%d}") for moment in MOMENTS], MIDNIGHTS),
        ([int(SECONDS[0]), None, int(SECONDS[2])], [SECONDS[0], NAN, SECONDS[2]]),
        ([Decimal(int(second)) for second in SECONDS], SECONDS),
        (pa.nulls(3), [NAN] * 3),
    ],
)
def test_a_time_is_seconds_however_it_is_written(times: object, expected: list[float]) -> None:
    """Dates, texts and numbers in any unit; what is missing or no time is NaN, never a time of long ago."""
    np.testing.assert_allclose(read(ts=times).time, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (pa.array([2**63 - 1, 2**63 - 2, None]), ["9223372036854775807", "9223372036854775806", ""]),
        (pa.array([1234567.0, 1e15, NAN]), ["1234567", "1000000000000000", ""]),
        (pa.array(["ü", None, "ü"]).dictionary_encode(), ["ü", "", "ü"]),
        (pa.array([1, None, 1]).dictionary_encode(), ["1", "", "1"]),
        (pa.array(["a", "b", "a"], pa.large_string()), ["a", "b", "a"]),
        (pa.array([b"a", b"b", None]), ["a", "b", ""]),
        (pa.array([Decimal(2**63 + 1), None, None]), ["9223372036854775809", "", ""]),
        (pa.nulls(3), ["", "", ""]),
    ],
)
def test_an_id_is_its_digits(words: pa.Array, expected: list[str]) -> None:
    """Numbers are told by all their digits and without a point; what is missing is empty."""
    found = read(user=words, cat=words, brand=words)
    assert found.customer.tolist() == found.category.tolist() == found.brand.tolist() == expected


def test_rounded_ids_are_refused() -> None:
    """Ids of 19 digits that became floats are other customers' by now, and the message says what to do."""
    with pytest.raises(DamagedArtifact, match=r"user.*write text or whole numbers"):
        read(user=[1313554333610017315.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        (["1.5", " ", None], [1.5, NAN, NAN]),
        ([1, None, 3], [1, NAN, 3]),
        ([Decimal("1.50"), None, None], [1.5, NAN, NAN]),
        (pa.array([1.5, 2.0, NAN], pa.float32()), [1.5, 2.0, NAN]),
        (pa.array(["1.5", "2", "2"]).dictionary_encode(), [1.5, 2.0, 2.0]),
        (pa.nulls(3), [NAN] * 3),
    ],
)
def test_a_price_is_a_number_or_not_known(prices: object, expected: list[float]) -> None:
    """Texts, decimals and whole numbers are prices; what is missing is NaN."""
    np.testing.assert_array_equal(read(price=prices).price, expected)


def test_a_discount_is_a_share() -> None:
    """What cannot be a share of a price is not known."""
    np.testing.assert_array_equal(read(discount=[0.25, 25.0, -1.0]).discount, [0.25, NAN, NAN])


def test_what_a_file_does_not_have_is_not_known() -> None:
    """Customer, time and category are enough."""
    found = read()
    assert {*found.order, *found.item, *found.brand, *found.style} == {""}
    assert np.isnan([*found.price, *found.discount]).all()


def test_columns_go_by_several_names() -> None:
    """Neither capitals nor underscores matter, and our own names come first."""
    table = {
        "Customer_ID": ["1"],
        "Event Time": SECONDS[:1],
        "category": ["x"],
        "cat": ["y"],
        "Product": ["p"],
    }
    found = columns_of(pa.table(table))
    assert [found.customer[0], found.time[0], found.category[0], found.item[0]] == ["1", SECONDS[0], "x", "p"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"price": ["1,50", "2", "3"]}, r"price \(string\).*1,50"),
        ({"cat": [["x"], ["y"], ["x"]]}, r"cat \(list"),
        ({"user": [b"\xff", b"a", b"b"]}, r"user \(binary\)"),
    ],
)
def test_what_cannot_be_read_is_named(columns: dict[str, object], said: str) -> None:
    """The message names the column and what stands in it."""
    with pytest.raises(DamagedArtifact, match=said):
        read(**columns)


def test_missing_columns_are_named_beside_those_there_are() -> None:
    """Who misspelled a column sees it."""
    with pytest.raises(DamagedArtifact, match="no column customer, time; they have costumer, cat"):
        columns_of(pa.table({"costumer": ["a"], "cat": ["x"]}))


def test_a_folder_is_read_as_one(tmp_path: Path) -> None:
    """All files of a folder are one shop's; what is no Parquet is said to be none."""
    for name in ("a", "b"):
        pq.write_table(pa.table({"user": [name], "ts": [1.0], "cat": ["x"]}), tmp_path / f"{name}.parquet")
    assert sorted(read_purchases(tmp_path).customer) == ["a", "b"]
    (tmp_path / "a.parquet").write_bytes(b"user,ts,cat")
    for path in (tmp_path / "a.parquet", tmp_path / "none.parquet"):
        with pytest.raises(DamagedArtifact, match="cannot be read as Parquet"):
            read_purchases(path)
