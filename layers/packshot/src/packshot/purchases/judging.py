"""Lines that come one by one: the same rules as for files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import ValidationError

from packshot.events import PurchaseLine, RowProblem
from packshot.purchases.identity import LOST_DIGITS, has_lost_digits
from packshot.purchases.moments import BEFORE, EPOCH, FUTURE, TOLERANCE, NoMoment, microseconds, parse_moment

FORGOTTEN: Final = "this customer was forgotten, and nothing is kept of them"
NO_NUMBER: Final = "this has to be a number"
MISSING: Final = "this is missing"
_NOTHING = frozenset({"", "nan", "none", "null"})
_NEEDED = ("customer", "category")
_WORDS = ("customer", "category", "order", "item", "brand", "style")
_LAST = microseconds(datetime.max.replace(tzinfo=UTC))
_IDS = ("customer", "order", "item")


@dataclass(frozen=True, slots=True)
class Judged:
    """Lines that can be kept, each with its row (from 1), and what is wrong with the other rows."""

    lines: Sequence[tuple[int, PurchaseLine]]
    problems: Sequence[RowProblem]


def judge_rows(rows: Sequence[object], *, now: datetime) -> Judged:
    """Tell the rows of a batch that can be kept from those that cannot."""
    lines: list[tuple[int, PurchaseLine]] = []
    problems: list[RowProblem] = []
    for number, row in enumerate(rows, start=1):
        read, wrong = _with_moment(row)
        found = [("time", wrong)] if wrong else []
        found += _flags(row)
        try:
            line = trimmed(PurchaseLine.model_validate(read))
            found += _wrong(line, now=now)
            if not found:
                lines.append((number, line))
        except ValidationError as error:
            found += _told(error)
        problems += (RowProblem(line=number, field=name, reason=why) for name, why in found)
    return Judged(lines, problems)


def _with_moment(row: object) -> tuple[object, str]:
    """Return the row with its time read as a file's is, and what is wrong with it.

    To pydantic a day of eight digits is a second of 1970.
    """
    if not isinstance(row, dict) or not isinstance(row.get("time"), str | int | float):
        return row, ""
    try:
        moment = parse_moment(str(row["time"]).strip())
    except NoMoment as error:
        return row | {"time": EPOCH}, str(error)
    return row | {"time": EPOCH + timedelta(microseconds=min(max(moment, -1), _LAST))}, ""


def _flags(row: object) -> Iterator[tuple[str, str]]:
    """Yield numbers that say true or false: to pydantic these are 1 and 0."""
    if isinstance(row, dict):
        for name in ("price", "discount"):
            if isinstance(row.get(name), bool):
                yield name, NO_NUMBER


def _wrong(line: PurchaseLine, *, now: datetime) -> Iterator[tuple[str, str]]:
    for name in _NEEDED:
        if is_not_said(getattr(line, name)):
            yield name, MISSING
    for name in _IDS:
        if has_lost_digits(getattr(line, name)):
            yield name, LOST_DIGITS
    if why := wrong_moment(line.time, now=now):
        yield "time", why


def is_not_said(word: str) -> bool:
    """Say whether this is what programs write where there is no word: nobody's lines are no customer's."""
    return word.casefold() in _NOTHING


def wrong_moment(moment: datetime, *, now: datetime) -> str:
    """Return why nobody can have bought something then, "" if somebody can."""
    at = microseconds(moment)
    if at < 0:
        return BEFORE
    return FUTURE if at > microseconds(now + TOLERANCE) else ""


def trimmed(line: PurchaseLine) -> PurchaseLine:
    """Return a line as files' lines are kept: words without blanks around them, the moment in UTC."""
    words = {name: getattr(line, name).strip() for name in _WORDS}
    moment = line.time if line.time.tzinfo else line.time.replace(tzinfo=UTC)
    # Minus nothing is nothing.
    numbers = {
        name: value + 0.0 for name in ("price", "discount") if (value := getattr(line, name)) is not None
    }
    # A needed word may have been nothing but blanks.
    return PurchaseLine.model_validate(line.model_dump() | words | numbers | {"time": moment})


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        name = ".".join(map(str, each["loc"])) or "row"
        yield name[:200], each["msg"]
