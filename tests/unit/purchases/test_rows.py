"""Rows of shops' files, as they come."""

import gzip
import io
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.errors import InvalidPurchases
from packshot.purchases.rows import LARGEST_BATCH, LONGEST_LINE, Batch, Problem, read_rows

HEADER = "customer,time,category,price\n"
ROW = "1515915625442993984,2023-01-05,shoes,12.5\n"


def rows_of(body: bytes | str, *, rows: int = 50_000) -> tuple[list[tuple[str, ...]], list[Problem]]:
    """Return customer, category and price of what can be read, and what cannot."""
    batches = list(read_rows(io.BytesIO(body.encode() if isinstance(body, str) else body), rows=rows))
    kept = [row for batch in batches for row in _told(batch)]
    return kept, [problem for batch in batches for problem in batch.problems]


def _told(batch: Batch) -> Sequence[tuple[str, ...]]:
    columns = (batch.columns[name] for name in ("customer", "category", "price"))
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize(
    "body",
    [
        (HEADER + ROW).encode(),
        (HEADER + ROW).encode("utf-8-sig"),
        (HEADER + ROW).encode("utf-16"),
        (HEADER + ROW).replace(",", ";").encode(),
        (HEADER + ROW).replace(",", "\t").encode(),
        (HEADER + ROW).replace("\n", "\r\n").encode(),
        (HEADER + ROW).replace("\n", "\r").encode(),
        gzip.compress((HEADER + ROW).encode()),
        ("\n\n" + HEADER + "\n" + ROW.rstrip()).encode(),
        b"User ID,EVENT_TIME,category-code,Amount\n" + ROW.encode(),
        b'{"user_id": 1515915625442993984, "ts": "2023-01-05", "cat": "shoes", "price": 12.5}\n',
        b'{"customer": "1515915625442993984", "time": 1, "category": "shoes", "price": "12.5", "more": [1]}',
    ],
    ids=[
        "plain",
        "BOM",
        "UTF-16",
        "semicolons",
        "tabs",
        "Windows",
        "old Mac",
        "gzip",
        "blank lines",
        "synonyms",
        "JSON",
        "JSON with more",
    ],
)
def test_a_row_reads_the_same_however_it_is_written(body: bytes) -> None:
    """Encodings, delimiters, line ends, names: all say the same, and 19 digits stay 19 digits."""
    assert rows_of(body) == ([("1515915625442993984", "shoes", "12.5")], [])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xff\xfe", "empty"),
        (b"customer,time\n1,2\n", "no column category"),
        (b"customer,time,category,Customer\n", "twice"),
        (b'{"customer": "1"}\n', "no column time"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "first line cannot be read|no column"),
        (b"\x1f\x8bno gzip", "damaged"),
        (b"PK\x03\x04", "no column"),
        (b"a" * (LONGEST_LINE + 5), "characters|empty"),
    ],
)
def test_a_file_of_something_else_is_refused_with_what_is_expected(body: bytes, reason: str) -> None:
    """The person who put it there reads what a file of purchases looks like."""
    with pytest.raises(InvalidPurchases, match=reason) as told:
        rows_of(body)
    assert "customer, time and category" in str(told.value)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1,2023-01-05", "2 fields, the header 4"),
        (b"1,2023-01-05,a,b,1", "5 fields"),
        (b"1,2023-01-05,caf\xe9,1", "not UTF-8"),
        (b'1,2023-01-05,"open,1', "quote not closed"),
        (b"1,2023-01-05," + b"x" * (LONGEST_LINE + 1) + b",1", "characters"),
        (b"1,2023-01-05," + b"x" * 200_001 + b",1", "field larger"),
    ],
    ids=["short", "long", "Latin-1", "an open quote", "an endless line", "a huge field"],
)
def test_a_broken_line_spoils_itself_alone(line: bytes, reason: str) -> None:
    """Rows before and after it are kept, and its own number is told."""
    body = HEADER.encode() + ROW.encode() + line + b"\n" + ROW.encode() * 3
    kept, problems = rows_of(body)
    assert len(kept) == 4
    assert [problem.line for problem in problems] == [3]
    assert [reason in problem.reason for problem in problems] == [True]


def test_a_quoted_field_may_have_lines_of_its_own() -> None:
    """The rows after it still know their lines."""
    body = "note," + HEADER + '"two\nlines",1,2023-01-05,a,1\n' + "short\n" + "," + ROW
    kept, problems = rows_of(body)
    assert [row[0] for row in kept] == ["1", "1515915625442993984"]
    assert [problem.line for problem in problems] == [4]


@pytest.mark.parametrize("place", [0, 2, 4])
def test_an_open_quote_swallows_no_row(place: int) -> None:
    """In whichever column, whatever comes after it: the rows that it would swallow are kept."""
    words = ["note", "1", "2023-01-05", "bags", "1"]
    words[place] = '"' + words[place]
    broken = ",".join(words) + "\n"
    good = '"a ""note"" of one",' + ROW
    body = "note," + HEADER + broken + good * 3_000 + broken * 2 + good
    kept, problems = rows_of(body)
    assert len(kept) == 3_001
    assert [problem.line for problem in problems] == [2, 3_003, 3_004]


@pytest.mark.parametrize(
    "line",
    [
        "[1]",
        "{",
        '{"customer": 1}',
        '{"customer": {}, "time": 1, "category": "a"}',
        '{"customer": "\\ud800", "time": 1, "category": "a"}',
        '{"customer": "1", "time": 1, "category": "a", "brand": "\\udfff"}',
    ],
)
def test_a_line_of_json_that_is_no_purchase_spoils_itself_alone(line: str) -> None:
    """The file goes on."""
    good = json.dumps({"customer": "1", "time": 1, "category": "shoes", "price": None})
    kept, problems = rows_of(f"{good}\n{line}\n\n{good}\n")
    assert kept == [("1", "shoes", "")] * 2
    assert [problem.line for problem in problems] == [2]


def test_the_first_object_speaks_for_itself_alone() -> None:
    """Exports leave out what is empty: one sparse object at the top refuses no file."""
    good = json.dumps({"customer": "1", "time": 1, "category": "shoes"})
    kept, problems = rows_of(f'{{"customer": "1"}}\n{good}\n{good}\n')
    assert (len(kept), [problem.line for problem in problems]) == (2, [1])


def test_json_nested_without_end_is_no_purchase() -> None:
    """The parser's stack is not the file's to use up."""
    good = json.dumps({"customer": "1", "time": 1, "category": "shoes"})
    kept, problems = rows_of(f"{good}\n{{{'[' * 200_000}\n")
    assert (len(kept), len(problems)) == (1, 1)


def test_a_damaged_archive_keeps_what_was_read() -> None:
    """The rows before the damage are kept, and it is told where the file breaks off."""
    body = gzip.compress((HEADER + ROW * 200_000).encode())
    kept, problems = rows_of(body[: len(body) // 2])
    assert len(kept) > 1_000
    assert "breaks off" in problems[-1].reason
    assert problems[-1].line >= len(kept)


def test_a_thousand_columns_are_looked_past() -> None:
    """Only ours are taken."""
    names = ",".join(f"column{number}" for number in range(1_000))
    body = f"{names},customer,time,category,price\n" + ",".join(["x"] * 1_000) + f",{ROW}"
    assert rows_of(body)[0] == [("1515915625442993984", "shoes", "12.5")]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_long_fields_make_batches_of_fewer_rows(kind: str) -> None:
    """A batch fits into the memory whatever stands in it, and is the same one each time it is read."""
    long = "x" * 190_000
    row = {"customer": "1", "time": 1, "category": long, "brand": long, "item": long}
    lines = [",".join(row), *[",".join(map(str, row.values()))] * 120]
    body = "\n".join(lines if kind == "csv" else [json.dumps(row)] * 120).encode()
    sizes = [[batch.read for batch in read_rows(io.BytesIO(body))] for _ in range(2)]
    assert sizes[0] == sizes[1]
    assert sum(sizes[0]) == 120
    assert max(sizes[0]) * 3 * len(long) < LARGEST_BATCH + LONGEST_LINE


def test_a_line_without_an_end_ends_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small archive may hold terabytes of it: the rows before are kept, and it is told."""
    monkeypatch.setattr("packshot.purchases.rows._MOST_PIECES", 3)
    body = gzip.compress(HEADER.encode() + ROW.encode() + b"x" * 9 * LONGEST_LINE + b"\n" + ROW.encode())
    kept, problems = rows_of(body)
    assert len(kept) == 1
    assert [(problem.line, "characters" in problem.reason) for problem in problems] == [(3, True)]


def test_of_several_names_for_a_column_the_likeliest_is_taken() -> None:
    """A date beside a time, a total beside a price, a member beside a customer."""
    body = "member,date,total,cat,category,price,time,customer\nm,2020-01-01,99,c,shoes,12.5,2023-01-05,7\n"
    (batch,) = read_rows(io.BytesIO(body.encode()))
    found = [batch.columns[name][0] for name in ("customer", "time", "category", "price")]
    assert found == ["7", "2023-01-05", "shoes", "12.5"]


def test_a_discount_in_percent_is_not_taken_for_a_share() -> None:
    """Its 1 would be the whole price: the column is looked past."""
    body = "customer,time,category,discount_percent\n7,2023-01-05,shoes,1\n"
    (batch,) = read_rows(io.BytesIO(body.encode()))
    assert batch.columns["discount"] == ("",)


def test_batches_hold_so_many_rows() -> None:
    """Those that are refused count too: a batch is what was read, so that it can be found again."""
    body = HEADER + (ROW + "short\n") * 10
    batches = list(read_rows(io.BytesIO(body.encode()), rows=5))
    assert [batch.read for batch in batches] == [5, 5, 5, 5, 0]


@given(st.binary(max_size=400))
def test_whatever_the_bytes_no_row_gets_lost(noise: bytes) -> None:
    """After a good header any bytes give rows and problems, and nothing else."""
    kept, problems = rows_of(HEADER.encode() + noise + b"\n" + ROW.encode())
    assert len(kept) + len(problems) >= 1
    assert all(problem.line >= 1 for problem in problems)
