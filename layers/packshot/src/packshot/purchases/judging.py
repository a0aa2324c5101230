"""Lines that come one by one: the same rules as for files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import ValidationError

from packshot.events import PurchaseLine, RowProblem
from packshot.purchases.moments import BEFORE, FUTURE, TOLERANCE, microseconds

FORGOTTEN: Final = "this customer was forgotten, and nothing is kept of them"
_WORDS = ("customer", "category", "order", "item", "brand", "style")


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
        try:
            line = trimmed(PurchaseLine.model_validate(row))
        except ValidationError as error:
            problems += _problems(error, number)
            continue
        wrong = wrong_moment(line.time, now=now)
        if wrong:
            problems.append(RowProblem(line=number, field="time", reason=wrong))
        else:
            lines.append((number, line))
    return Judged(lines, problems)


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
    # A needed word may have been nothing but blanks.
    return PurchaseLine.model_validate(line.model_dump() | words | {"time": moment})


def _problems(error: ValidationError, number: int) -> Iterator[RowProblem]:
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        name = ".".join(map(str, each["loc"])) or "row"
        yield RowProblem(line=number, field=name[:200], reason=each["msg"])
