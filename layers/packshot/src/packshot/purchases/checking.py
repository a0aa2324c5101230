"""Rows of text in, lines that can be kept out: what `PurchaseLine` asks for, fifty thousand rows at once."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from packshot.purchases.identity import (
    LOST_DIGITS,
    customer_key,
    has_lost_digits,
    line_digest,
    shelf_of,
)
from packshot.purchases.judging import FORGOTTEN, MISSING, is_not_said
from packshot.purchases.moments import BEFORE, FUTURE, TOLERANCE, NoMoment, microseconds, parse_moment
from packshot.purchases.parts import SCHEMA
from packshot.purchases.rows import Batch, Problem

LONGEST_WORD: Final = 200
LARGEST_PRICE: Final = 1e9
_WORDS: Final = ("customer", "category", "order", "item", "brand", "style")
_NEEDED: Final = ("customer", "category")
_IDS: Final = ("customer", "order", "item")
_NOT_SAID: Final = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
NO_PRICE = f"this has to be a number from 0 to {LARGEST_PRICE:,.0f}"
NO_SHARE = "this has to be a share from 0 to 1, or a percentage"
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Rules:
    """The time of checking, the salt of customers' keys, and the keys of whom nothing is kept any more."""

    now: datetime
    salt: str
    forgotten: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows that can be kept (`parts.SCHEMA`), what is wrong with others, and how many others there are."""

    lines: pa.Table
    problems: Sequence[Problem]
    refused: int


def check(batch: Batch, rules: Rules) -> Checked:
    """Tell the rows that can be kept from those that cannot."""
    problems = list(batch.problems)
    words = {name: _trimmed(batch, name) for name in _WORDS}
    for name, column in words.items():
        problems += _long_words(column, name, batch.lines)
    for name in _IDS:
        problems += _rounded(words[name], name, batch.lines)
    for name in _NEEDED:
        problems += _not_said(words[name], name, batch.lines)
    customers = words["customer"].to_pylist()
    keys = {each: customer_key(each, salt=rules.salt) for each in set(customers)}
    shelves = {each: shelf_of(key) for each, key in keys.items()}
    if rules.forgotten:
        problems += _farewells(customers, keys, batch.lines, forgotten=rules.forgotten)
    moments = _moments(batch, now=rules.now, problems=problems)
    prices = _numbers(batch, "price", problems)
    shares = _numbers(batch, "discount", problems)
    spoilt = {problem.line for problem in problems}
    table = _table(words, moments, prices, shares, shelves=[shelves[each] for each in customers])
    if spoilt:
        table = table.filter(pa.array([line not in spoilt for line in batch.lines], pa.bool_()))
    return Checked(table, sorted(problems, key=_line_of), batch.read - len(table))


def _line_of(problem: Problem) -> int:
    return problem.line


def _farewells(
    customers: Sequence[str], keys: Mapping[str, str], lines: Sequence[int], *, forgotten: frozenset[str]
) -> list[Problem]:
    gone = {customer for customer, key in keys.items() if key in forgotten}
    if not gone:
        return []
    return [
        Problem(line, "customer", FORGOTTEN)
        for line, customer in zip(lines, customers, strict=True)
        if customer in gone
    ]


def _trimmed(batch: Batch, name: str) -> pa.Array:
    return pc.utf8_trim_whitespace(pa.array(batch.columns[name], pa.string()))


def _long_words(column: pa.Array, name: str, lines: Sequence[int]) -> list[Problem]:
    reason = f"this has more than {LONGEST_WORD} characters"
    too_long = _where(pc.greater(pc.utf8_length(column), LONGEST_WORD))
    return [Problem(lines[at], name, reason) for at in too_long]


def _not_said(column: pa.Array, name: str, lines: Sequence[int]) -> list[Problem]:
    said = column.unique().to_pylist()
    missing = pa.array([word for word in said if is_not_said(word)], pa.string())
    return [Problem(lines[at], name, MISSING) for at in _where(pc.is_in(column, value_set=missing))]


def _rounded(column: pa.Array, name: str, lines: Sequence[int]) -> list[Problem]:
    suspect = _where(pc.match_substring(column, "+"))
    return [Problem(lines[at], name, LOST_DIGITS) for at in suspect if has_lost_digits(column[at].as_py())]


def _where(mask: pa.Array) -> list[int]:
    places: list[int] = pc.indices_nonzero(mask).to_pylist()
    return places


def _moments(batch: Batch, *, now: datetime, problems: list[Problem]) -> list[int]:
    latest = microseconds(now + TOLERANCE)
    found = []
    for line, text in zip(batch.lines, batch.columns["time"], strict=True):
        try:
            moment = parse_moment(text.strip())
            if not 0 <= moment <= latest:
                problems.append(Problem(line, "time", BEFORE if moment < 0 else FUTURE))
                moment = 0
        except NoMoment as error:
            problems.append(Problem(line, "time", str(error)))
            moment = 0
        found.append(moment)
    return found


def _numbers(batch: Batch, name: str, problems: list[Problem]) -> list[float | None]:
    texts = batch.columns[name]
    parse, reason = (_price, NO_PRICE) if name == "price" else (_share, NO_SHARE)
    known: dict[str, float | None] = {"": None}
    found: list[float | None] = []
    for line, text in zip(batch.lines, texts, strict=True):
        if text not in known:
            try:
                known[text] = parse(text.strip())
            except ValueError:
                problems.append(Problem(line, name, reason))
                found.append(None)
                continue
        found.append(known[text])
    return found


def _price(text: str) -> float | None:
    """Return a price, None where none is said; `ValueError` for what is no price."""
    if text.casefold() in _NOT_SAID:
        return None
    number = _number(text)
    if not 0 <= number <= LARGEST_PRICE:
        raise ValueError(NO_PRICE)
    return number


def _share(text: str) -> float | None:
    if text.casefold() in _NOT_SAID:
        return None
    share = _number(text.removesuffix("%")) / (_PERCENT if text.endswith("%") else 1)
    if not 0 <= share <= 1:
        raise ValueError(NO_SHARE)
    return share


def _number(text: str) -> float:
    # Python would take 1_000 for a number; a comma is decimal where there is but one, and no dot.
    if "_" in text or not text.isascii():
        raise ValueError(text)
    if text.count(",") == 1 and "." not in text and len(text) - text.index(",") in {2, 3}:
        text = text.replace(",", ".")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    # Minus nothing is nothing.
    return number + 0.0


def _table(
    words: dict[str, pa.Array],
    moments: list[int],
    prices: list[float | None],
    shares: list[float | None],
    *,
    shelves: list[str],
) -> pa.Table:
    texts = {name: column.to_pylist() for name, column in words.items()}
    digests = list(
        map(
            line_digest,
            texts["customer"],
            moments,
            texts["order"],
            texts["item"],
            texts["category"],
            prices,
            texts["brand"],
            texts["style"],
            shares,
        )
    )
    columns = {
        **words,
        "time": pa.array(moments, pa.timestamp("us", tz="UTC")),
        "price": pa.array(prices, pa.float64()),
        "discount": pa.array(shares, pa.float64()),
        "digest": pa.array(digests, pa.int64()),
        "shelf": pa.array(shelves, pa.string()),
    }
    return pa.table({name: columns[name] for name in SCHEMA.names}, schema=SCHEMA)
