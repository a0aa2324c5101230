"""CSV and JSON lines as they come: a few rows in memory at a time, each with the line it stands on.

Nothing here trusts a file: a line has a longest length, a broken one spoils itself alone, and a stream
that ends in the middle (a damaged archive) keeps what was read before.
"""

import csv
import gzip
import io
import json
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import IO, Any, Final, cast

from packshot.errors import InvalidPurchases
from packshot.purchases.headers import EXPECTED, NEEDED, columns_of

FIELDS: Final = ("customer", "time", "category", "order", "item", "price", "brand", "style", "discount")
ROWS: Final = 50_000
"""Rows of a batch."""
LONGEST_LINE: Final = 1_000_000
"""Characters."""
LONGEST_FIELD: Final = 200_000
LARGEST_BATCH: Final = 16_000_000
"""Characters of a batch: fifty thousand rows of the longest fields would fill any memory."""
_GZIP: Final = b"\x1f\x8b"
_BOMS: Final = frozenset({b"\xff\xfe", b"\xfe\xff"})
"""How a file in UTF-16 begins, which Excel calls Unicode text."""
_MOST_PIECES = 1_000
"""Of a line that is too long: an archive of some megabytes may hold one of terabytes."""
_MOST_BLANK = 10_000
"""Blank lines before the first that is none."""
_DELIMITERS = ",;\t|"
_BROKEN = (EOFError, OSError, zlib.error, UnicodeError)
NOT_TEXT = "this is not UTF-8"
TOO_LONG = f"the line has more than {LONGEST_LINE:,} characters"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is not kept: its line in the file (from 1; of Parquet its row), the field, the reason."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as text by column, "" where nothing is said; `lines` says where each stands.

    `problems` are of rows that are not among them; `read` is how many rows the batch took from the file.
    """

    lines: Sequence[int]
    columns: Mapping[str, Sequence[str]]
    problems: Sequence[Problem]
    read: int


class _Lines:
    """A file's lines, one after the other, with a number each; lines can be put back.

    A line that cannot be read is empty, and `spoilt` says why.
    """

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._back: deque[str] = deque()
        self._over = False
        self.number = 0
        self.length = 0
        self.taken: list[str] = []
        self.spoilt: dict[int, str] = {}

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._read(self.number + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.length += len(line)
        self.taken.append(line)
        return line

    def put_back(self, lines: Sequence[str]) -> None:
        """Let the last lines come again."""
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)
        self.length -= sum(map(len, lines))

    def trouble(self, first: int) -> str:
        """Return why the lines from the first to this one cannot be read, "" if they can."""
        if not self.spoilt:
            return ""
        found = [self.spoilt.pop(line) for line in tuple(self.spoilt) if first <= line <= self.number]
        return found[0] if found else ""

    def _read(self, number: int) -> str:
        if self._over:
            return ""
        try:
            line = self._text.readline(LONGEST_LINE)
            if len(line) == LONGEST_LINE and not line.endswith("\n"):
                self.spoilt[number] = TOO_LONG
                self._pass_by()
                return "\n"
        except _BROKEN as error:
            self._over = True
            self.spoilt[number] = f"the file breaks off here ({type(error).__name__})"
            return "\n"
        if not line.isascii() and not _is_text(line):
            self.spoilt[number] = NOT_TEXT
            return "\n"
        return line

    def _pass_by(self) -> None:
        """Read past the end of a line without keeping it; one without an end is the file's."""
        for _ in range(_MOST_PIECES):
            part = self._text.readline(LONGEST_LINE)
            if not part or part.endswith("\n"):
                return
        self._over = True


def read_rows(file: IO[bytes], *, rows: int = ROWS) -> Iterator[Batch]:
    """Yield the rows of a CSV file or of JSON lines, compressed by gzip or not.

    `InvalidPurchases` if it is neither; a file that breaks off ends with a problem that says where.
    """
    with _text_of(file) as text:
        lines = _Lines(text)
        first = _first_of(lines)
        lines.put_back([first])
        yield from _json_rows(lines, rows) if first.lstrip().startswith("{") else _csv_rows(lines, rows)


def _first_of(lines: _Lines) -> str:
    """Return the first line that is not blank, the header or an object; `InvalidPurchases` without one."""
    first = next((line for line in islice(lines, _MOST_BLANK) if line.strip()), "")
    if first:
        return first
    trouble = lines.trouble(1)
    reason = f"The first line cannot be read: {trouble}" if trouble else "The file is empty"
    raise InvalidPurchases(f"{reason}. {EXPECTED}")


@contextmanager
def _text_of(file: IO[bytes]) -> Iterator[IO[str]]:
    """Give the file as text; it stays open."""
    start = file.read(2)
    file.seek(0)
    with ExitStack() as opened:
        if start == _GZIP:
            packed = opened.enter_context(gzip.GzipFile(fileobj=file))
            try:
                start = packed.peek(2)[:2]
            except _BROKEN as error:
                raise InvalidPurchases(
                    f"This file is damaged ({type(error).__name__}). {EXPECTED}"
                ) from error
            file = cast("IO[bytes]", packed)
        encoding = "utf-16" if start in _BOMS else "utf-8-sig"
        errors = "replace" if start in _BOMS else "surrogateescape"
        text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
        opened.callback(text.detach)
        yield text


def _is_text(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return "\ufffd" not in line


# --- CSV --------------------------------------------------------------------------------------------


def _csv_rows(lines: _Lines, rows: int) -> Iterator[Batch]:
    csv.field_size_limit(LONGEST_FIELD)
    sheet, gather = _Sheet(lines), _Gathering(lines)
    while sheet.read(gather):
        if gather.is_full(rows):
            yield gather.batch(sheet.absent)
    yield gather.batch(sheet.absent)


class _Sheet:
    """The rows below a header; `absent` are our columns that it does not have."""

    def __init__(self, lines: _Lines) -> None:
        first = next(lines)
        lines.put_back([first])
        self._lines = lines
        # Strict, so that a quote that nobody closed is noticed where the next one opens.
        self._reader = csv.reader(lines, delimiter=max(_DELIMITERS, key=first.count), strict=True)
        try:
            header = next(self._reader)
        except csv.Error as error:
            raise InvalidPurchases(f"The first line is no CSV ({error}). {EXPECTED}") from error
        places = columns_of(header)
        self.absent = [name for name in FIELDS if name not in places]
        self._width = len(header)
        self._take = itemgetter(*(places.get(name, 0) for name in FIELDS))
        self._said = itemgetter(*places.values())

    def read(self, gather: "_Gathering") -> bool:
        """Gather one row more, or what is wrong with it; False if there is none."""
        lines = self._lines
        lines.taken.clear()
        line = lines.number + 1
        try:
            row = next(self._reader, None)
        except csv.Error as error:
            self._refuse(gather, line, f"this is no CSV ({error})")
            return True
        if row is None:
            return False
        if row and len(row) != self._width:
            self._refuse(gather, line, f"this has {len(row)} fields, the header {self._width}")
        elif row and len(lines.taken) > 1 and _has_break(self._said(row)):
            self._refuse(gather, line, "this has a line break")
        elif trouble := lines.trouble(line):
            gather.refuse(line, "row", trouble)
        elif row:
            gather.keep(line, self._take(row))
        return True

    def _refuse(self, gather: "_Gathering", line: int, reason: str) -> None:
        swallowed = self._lines.taken[1:]
        if swallowed:
            # Only the line with the open quote is lost, what it swallowed comes again.
            self._lines.put_back(swallowed)
            reason = f"{reason}; is a quote not closed?"
        gather.refuse(line, "row", self._lines.trouble(line) or reason)


def _has_break(words: Sequence[str]) -> bool:
    return any("\n" in word or "\r" in word for word in words)


class _Gathering:
    """Rows until there are enough for a batch."""

    def __init__(self, lines: _Lines) -> None:
        self._source = lines
        self._clear()

    def _clear(self) -> None:
        self.read = 0
        self._since = self._source.length
        self._lines: list[int] = []
        self._kept: list[Sequence[str]] = []
        self._problems: list[Problem] = []

    def is_full(self, rows: int) -> bool:
        """Say whether these are so many rows, or as much text as a batch may have."""
        return self.read >= rows or self._source.length - self._since >= LARGEST_BATCH

    def keep(self, line: int, row: Sequence[str]) -> None:
        self.read += 1
        self._lines.append(line)
        self._kept.append(row)

    def refuse(self, line: int, name: str, reason: str) -> None:
        self.read += 1
        self._problems.append(Problem(line, name, reason))

    def batch(self, absent: Sequence[str] = ()) -> Batch:
        """Return what was gathered, and begin anew."""
        parts: Any = zip(*self._kept, strict=True) if self._kept else [()] * len(FIELDS)
        columns: dict[str, Sequence[str]] = dict(zip(FIELDS, parts, strict=True))
        columns |= {name: ("",) * len(self._lines) for name in absent}
        made = Batch(self._lines, columns, self._problems, self.read)
        self._clear()
        return made


# --- JSON lines -------------------------------------------------------------------------------------


def _json_rows(lines: _Lines, rows: int) -> Iterator[Batch]:
    gather, shapes = _Gathering(lines), _Shapes()
    for line in lines:
        lines.taken.clear()
        number = lines.number
        reason = lines.trouble(number)
        if not reason and not line.strip():
            continue
        try:
            if reason:
                raise _Refused("row", reason)  # noqa: TRY301 - one way out for all that is wrong with a row
            row = _object(line)
            gather.keep(number, _words(row, shapes.names(tuple(row))))
        except _Refused as refused:
            gather.refuse(number, refused.field, refused.reason)
        if gather.is_full(rows):
            shapes.check()
            yield gather.batch()
    shapes.check()
    yield gather.batch()


class _Shapes:
    """What the objects of a file call our columns; they need not all be alike."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Mapping[str, str]] = {}
        self._never: InvalidPurchases | None = None
        self._ever = False

    def names(self, names: tuple[str, ...]) -> Mapping[str, str]:
        """Return which of an object's names is which of our columns."""
        if names not in self._known:
            if len(self._known) >= _MOST_SHAPES:
                self._known.clear()
            self._known[names] = self._found(names)
        return self._known[names]

    def check(self) -> None:
        """Raise `InvalidPurchases` while no object was one of purchases: this is a file of something else."""
        if self._never and not self._ever:
            raise self._never

    def _found(self, names: tuple[str, ...]) -> Mapping[str, str]:
        try:
            found = {ours: names[place] for ours, place in columns_of(names).items()}
        except InvalidPurchases as error:
            self._never = self._never or error
            raise _Refused("row", f"this does not say {' and '.join(NEEDED)}") from error
        self._ever = True
        return found


_MOST_SHAPES = 1_000


class _Refused(Exception):
    """A row that cannot be read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.field = name
        self.reason = reason


def _object(line: str) -> Mapping[str, object]:
    try:
        # Numbers stay text: an id of 19 digits that became a float would merge customers.
        row = _PARSE(line)
    except (ValueError, RecursionError) as error:
        raise _Refused("row", "this is no JSON object") from error
    if not isinstance(row, dict):
        raise _Refused("row", "this is no JSON object")
    return row


_PARSE: Callable[[str], object] = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=str, strict=False
).decode


def _words(row: Mapping[str, object], names: Mapping[str, str]) -> Sequence[str]:
    return [_word(row.get(names[name]), name) if name in names else "" for name in FIELDS]


def _word(value: object, name: str) -> str:
    if isinstance(value, str):
        # An escape can write halves of letters, which no encoding takes.
        if not value.isascii() and not _is_text(value):
            raise _Refused(name, NOT_TEXT)
        return value
    if value is None:
        return ""
    raise _Refused(name, "this has to be text or a number")
