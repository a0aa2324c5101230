"""Which rows are kept: the rules of `PurchaseLine`, over columns."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.events import PurchaseLine
from packshot.purchases.checking import Checked, Rules, check
from packshot.purchases.identity import customer_key, digest_of, shelf_of
from packshot.purchases.judging import FORGOTTEN, judge_rows
from packshot.purchases.moments import EPOCH, NoMoment, microseconds, parse_moment
from packshot.purchases.parts import arranged, as_parquet, digests_as_bytes, digests_of_bytes, of_parquet
from packshot.purchases.rows import FIELDS, Batch

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RULES = Rules(NOW, "salt")
GOOD = {"customer": "1515915625442993984", "time": "2023-01-05T14:22:11Z", "category": "shoes"}


def checked(*rows: dict[str, str], rules: Rules = RULES) -> Checked:
    """Check rows of which only some words are given."""
    columns = {name: [row.get(name, "") for row in rows] for name in FIELDS}
    return check(Batch(range(2, len(rows) + 2), columns, (), len(rows)), rules)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2023-01-05", 1_672_876_800),
        ("2023-01-05T14:22:11", 1_672_928_531),
        ("2023-01-05 14:22:11 UTC", 1_672_928_531),
        ("2023-01-05T16:22:11+02:00", 1_672_928_531),
        ("2023-01-05T14:22:11Z", 1_672_928_531),
        ("1672928531", 1_672_928_531),
        ("1672928531.0", 1_672_928_531),
        ("1.672928531E9", 1_672_928_531),
        ("1672928531000", 1_672_928_531),
        ("1672928531000000", 1_672_928_531),
        ("1672928531000000000", 1_672_928_531),
        ("20230105", 1_672_876_800),
    ],
)
def test_a_moment_is_read_however_it_is_written(text: str, seconds: int) -> None:
    """ISO 8601 with or without a zone, seconds and their parts, a day of eight digits; else it is UTC."""
    assert parse_moment(text) == seconds * 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "01/02/2023", "44927", "2023", "20231345", "NaN", "inf", "-5", "9" * 40, "1e400", "²"),
        "2023-01-05" + " UTC" * 50_000,
    ],
)
def test_what_is_no_moment_is_never_taken_for_one(text: str) -> None:
    """A date of two meanings, a day of Excel's, a number that is none: all are told, none is guessed."""
    with pytest.raises(NoMoment):
        parse_moment(text)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"customer": ""}, "customer"),
        ({"customer": "  "}, "customer"),
        ({"customer": "NaN"}, "customer"),
        ({"customer": " null "}, "customer"),
        ({"category": "None"}, "category"),
        ({"customer": "x" * 201}, "customer"),
        ({"category": ""}, "category"),
        ({"brand": "x" * 201}, "brand"),
        ({"customer": "1.515915625442993e+18"}, "customer"),
        ({"order": "1.51592E+18"}, "order"),
        ({"item": "1.5E+12"}, "item"),
        ({"time": ""}, "time"),
        ({"time": "2026-11-21"}, "time"),
        ({"time": "9999-12-31T23:59:59-12:00"}, "time"),
        ({"time": "0001-01-01T00:00:00+12:00"}, "time"),
        ({"time": "1969-12-31"}, "time"),
        ({"price": "-0.01"}, "price"),
        ({"price": "inf"}, "price"),
        ({"price": "1e10"}, "price"),
        ({"price": "12.50 EUR"}, "price"),
        ({"price": "1_000"}, "price"),
        ({"discount": "1.5"}, "discount"),
        ({"discount": "-1%"}, "discount"),
    ],
)
def test_a_row_that_cannot_be_kept_says_which_field(change: dict[str, str], field: str) -> None:
    """And the rows around it stay."""
    outcome = checked(GOOD, GOOD | change, GOOD | {"customer": "2"})
    assert outcome.lines["customer"].to_pylist() == [GOOD["customer"], "2"]
    assert outcome.refused == 1
    assert {(problem.line, problem.field) for problem in outcome.problems} == {(3, field)}


@pytest.mark.parametrize(
    ("text", "price"),
    [("12.5", 12.5), ("12,5", 12.5), ("12,50", 12.5), ("0", 0.0), ("-0", 0.0), ("", None), ("NaN", None)],
)
def test_a_price_is_a_number_or_unknown(text: str, price: float | None) -> None:
    """A missing price is not nothing: it stays unknown."""
    assert checked(GOOD | {"price": text}).lines["price"].to_pylist() == [price]


def test_a_formula_is_a_word_like_any_other() -> None:
    """It is kept as it is: nothing here computes, and no report repeats it."""
    line = checked(GOOD | {"brand": "=HYPERLINK(1)"}).lines.to_pylist()[0]
    assert line["brand"] == "=HYPERLINK(1)"


@pytest.mark.parametrize("word", ["1E+18", "4E10", "a1.5e+18", "1.5e+1", "size 1.5e+18", "2+2"])
def test_an_id_of_digits_and_signs_is_an_id(word: str) -> None:
    """Only what a spreadsheet makes of a long number has lost its digits."""
    assert checked(GOOD | {"item": word}).lines["item"].to_pylist() == [word]


def test_a_percentage_is_a_share() -> None:
    """As shops write discounts."""
    assert checked(GOOD | {"discount": "20%"}).lines["discount"].to_pylist() == [0.2]


def test_who_was_forgotten_is_refused() -> None:
    """A file that comes later brings nobody back, and says so."""
    rules = Rules(NOW, "salt", frozenset({customer_key("2", salt="salt")}))
    outcome = checked(GOOD, GOOD | {"customer": "2"}, rules=rules)
    assert outcome.lines["customer"].to_pylist() == [GOOD["customer"]]
    assert [(problem.line, problem.reason) for problem in outcome.problems] == [(3, FORGOTTEN)]


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(str.strip)


@given(
    customer=words.filter(bool),
    category=words.filter(bool),
    order=words,
    brand=words,
    moment=st.integers(100_000_000, int(NOW.timestamp())),
    price=st.none() | st.floats(0, 1e9),
    discount=st.none() | st.floats(0, 1),
)
def test_a_line_has_one_number_whichever_way_it_comes(  # noqa: PLR0913, PLR0917 - a line's fields
    customer: str,
    category: str,
    order: str,
    brand: str,
    moment: int,
    price: float | None,
    discount: float | None,
) -> None:
    """What a file told and the API tells again is one line."""
    row = {
        "customer": customer,
        "category": category,
        "order": order,
        "brand": brand,
        "time": str(moment),
        "price": "" if price is None else repr(price),
        "discount": "" if discount is None else repr(discount),
    }
    (line,) = checked(row).lines.to_pylist()
    told = row | {"price": price, "discount": discount, "time": datetime.fromtimestamp(moment, UTC)}
    judged = judge_rows([told], now=NOW)
    assert [digest_of(each) for _, each in judged.lines] == [line["digest"]]
    assert line["shelf"] == shelf_of(customer_key(line["customer"], salt="salt"))


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=8)), max_size=6))
def test_whatever_a_row_says_it_is_kept_or_told(rows: list[dict[str, str]]) -> None:
    """No text of any field gets out as an error, and every row is counted once."""
    if any(not _is_text(word) for row in rows for word in row.values()):
        return
    outcome = checked(*rows)
    assert len(outcome.lines) + outcome.refused == len(rows)
    assert len({problem.line for problem in outcome.problems}) == outcome.refused


def _is_text(word: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in word)


@given(
    st.sampled_from(["20230105", "1672928531", "1672928531000", "44927", "2023", "2023-01-05 14:22:11 UTC"])
)
def test_a_moment_is_the_same_whichever_way_it_comes(text: str) -> None:
    """As text or number in a batch of the API it is what it is in a file, or as wrong."""
    of_file = checked(GOOD | {"time": text})
    for told in (text, int(text)) if text.isdecimal() else (text,):
        judged = judge_rows([GOOD | {"time": told}], now=NOW)
        assert [line.time for _, line in judged.lines] == of_file.lines["time"].to_pylist()
        assert [each.reason for each in judged.problems] == [each.reason for each in of_file.problems]


@pytest.mark.parametrize(("minutes", "kept"), [(4, 1), (6, 0)])
def test_a_shop_s_clock_may_be_ahead_by_minutes(minutes: int, kept: int) -> None:
    """By five, whichever way a line comes."""
    row = GOOD | {"time": (NOW + timedelta(minutes=minutes)).isoformat()}
    assert len(checked(row).lines) == len(judge_rows([row], now=NOW).lines) == kept


def test_a_price_of_minus_nothing_is_nothing() -> None:
    """Whichever way it comes."""
    ((_, line),) = judge_rows([GOOD | {"price": -0.0}], now=NOW).lines
    assert digest_of(line) == checked(GOOD | {"price": "0"}).lines["digest"][0].as_py()


def test_no_word_can_pass_for_two() -> None:
    """Lines are two where their words are, wherever the sign between words stands in one."""
    lines = checked(GOOD | {"order": "a\x1fb", "item": "c"}, GOOD | {"order": "a", "item": "b\x1fc"}).lines
    assert len(set(lines["digest"].to_pylist())) == 2


def test_lines_are_told_apart_by_all_they_say() -> None:
    """Two of one order are two; the same told twice is one."""
    lines = checked(GOOD, GOOD, GOOD | {"price": "1"}, GOOD | {"discount": "0.1"}).lines
    known = checked(GOOD | {"price": "1"}).lines["digest"].combine_chunks()
    assert len(arranged(lines, known=known.slice(0, 0))) == 3
    assert len(arranged(lines, known=known)) == 2


def test_a_part_is_the_same_to_the_byte_whatever_the_order() -> None:
    """So a run that is repeated writes what it wrote."""
    rows = [GOOD | {"customer": str(number), "price": str(number % 3)} for number in range(50)]
    ours, theirs = (checked(*each).lines for each in (rows, rows[::-1]))
    none = ours["digest"].combine_chunks().slice(0, 0)
    assert as_parquet(arranged(ours, known=none)) == as_parquet(arranged(theirs, known=none))
    part = of_parquet(as_parquet(arranged(ours, known=none)))
    assert part["time"].to_pylist()[0] == datetime(2023, 1, 5, 14, 22, 11, tzinfo=UTC)
    digests = part["digest"].combine_chunks()
    assert digests_of_bytes(digests_as_bytes(digests)).equals(digests)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({}, "customer"),
        ([], "row"),
        ("text", "row"),
        (None, "row"),
        (GOOD | {"customer": 7}, "customer"),
        (GOOD | {"price": -1}, "price"),
        (GOOD | {"price": float("nan")}, "price"),
        (GOOD | {"category": " "}, "category"),
        (GOOD | {"time": (NOW + timedelta(hours=1)).isoformat()}, "time"),
        (GOOD | {"time": "9999-12-31T23:59:59-12:00"}, "time"),
        (GOOD | {"time": "0001-01-01T00:00:00+12:00"}, "time"),
        (GOOD | {"weight": 3}, "weight"),
        (GOOD | {"time": True}, "time"),
        (GOOD | {"price": True}, "price"),
        (GOOD | {"discount": False}, "discount"),
        (GOOD | {"customer": "null"}, "customer"),
        (GOOD | {"category": "nan "}, "category"),
        (GOOD | {"time": 44927}, "time"),
        (GOOD | {"time": float("nan")}, "time"),
        (GOOD | {"time": "2023-01-05" + " UTC" * 50_000}, "time"),
        (GOOD | {"customer": "1.515915625442993e+18"}, "customer"),
        (GOOD | {"\ud800": 1}, "row"),
    ],
)
def test_a_row_of_a_batch_is_judged_by_itself(row: object, field: str) -> None:
    """What is wrong is told with its row and field; the other row is kept."""
    judged = judge_rows([row, GOOD], now=NOW)
    assert [number for number, _ in judged.lines] == [2]
    assert (1, field) in {(problem.line, problem.field) for problem in judged.problems}


def test_all_that_is_wrong_with_a_row_is_told() -> None:
    """Not only its time."""
    judged = judge_rows([GOOD | {"time": "soon", "price": -1}], now=NOW)
    assert {problem.field for problem in judged.problems} == {"time", "price"}


def test_a_moment_without_a_zone_is_in_utc() -> None:
    """Here and in files."""
    line = PurchaseLine.model_validate(GOOD | {"time": "2023-01-05T14:22:11"})
    assert microseconds(line.time) == parse_moment("2023-01-05T14:22:11")
    assert microseconds(EPOCH) == 0
