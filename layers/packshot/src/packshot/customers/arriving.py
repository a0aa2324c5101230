"""What is put into the purchases bucket, worked on: files, batches of the API, farewells.

A file is read in segments of a million rows. Each is checked and spilled to the disk, then taken shelf by
shelf: so the memory does not grow with the file, and a run that is killed begins its segment again and writes
what is not on the shelves yet. When a run's time is over, a note in `continuations/` calls the next one for
the segments that are left.

A run that dies for good after somebody was forgotten may have kept lines of theirs, which nobody is given any
more; once a day the place of all farewells is told of, and they are taken away.
"""

import hashlib
import tempfile
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
from pydantic import ValidationError

from packshot.customers.notes import CONTINUATIONS, Note
from packshot.customers.reporting import MOST_REPORTED, MOST_TOLD, Reports, Tally
from packshot.customers.shelves import FORGOTTEN, Shelves
from packshot.customers.spilling import Spill
from packshot.errors import InvalidPurchases, MissingObject, OversizedObject, RetryLater
from packshot.events import Arrival, ObjectRef, RecordedPurchases
from packshot.ports import Clock, Deadline, Histories, HistoryEntry, ObjectStack
from packshot.purchases.checking import Rules, check
from packshot.purchases.histories import entries
from packshot.purchases.identity import customer_key, is_key
from packshot.purchases.rows import ROWS, Batch, Problem, read_rows
from packshot.purchases.tables import MAGIC, read_table

PURCHASES: Final = "purchases/"
BATCHES: Final = "batches/"
LARGEST_FILE: Final = 3 * 2**30
"""Bytes; a larger one has to be cut by who writes it."""
SEGMENT: Final = 20
"""Batches of a segment: a million rows."""
MOST_SEGMENTS: Final = 150
"""Of a file: each run reads past all that came before, and an archive may hold any number."""
_MOST_BATCHES = 500
"""Batches of the API that are taken at once."""
_ROW = ("category", "price", "brand", "style", "item", "order", "discount")
_NOTHING = RecordedPurchases(kept=0, known=0, refused=0)


def _token() -> str:
    return uuid.uuid4().hex[:16]


@dataclass(frozen=True, slots=True)
class Registry:
    """Writes down what arrives; each run begins a `deadline`, a `segment` is so many batches of `rows`.

    A `token` is no other run's.
    """

    objects: ObjectStack
    histories: Histories
    bucket: str
    now: Clock
    deadline: Callable[[], Deadline]
    tell: Callable[[str, str], None]
    segment: int = SEGMENT
    rows: int = ROWS
    token: Callable[[], str] = _token

    def take(self, arrival: Arrival) -> RecordedPurchases:
        """Do what an object's place asks for; one of no known place, or that is gone, asks for nothing."""
        key = arrival.detail.object.key
        doors = {
            PURCHASES: self._take_file,
            CONTINUATIONS: self._take_rest,
            BATCHES: self._take_batches,
            FORGOTTEN: self._take_farewell,
        }
        if key == FORGOTTEN:
            return self._sweep()
        for place, take in doors.items():
            if key.startswith(place) and not key.endswith("/"):
                try:
                    return take(key)
                except MissingObject:
                    self.tell("gone already", key)
        return _NOTHING

    @property
    def shelves(self) -> Shelves:
        """Where lines are kept."""
        return Shelves(self.objects, bucket=self.bucket)

    # --- files ----------------------------------------------------------------------------------

    def _take_file(self, key: str) -> RecordedPurchases:
        return self._record(Note(key=key))

    def _take_rest(self, key: str) -> RecordedPurchases:
        try:
            note = Note.model_validate_json(self._read(key))
        except ValidationError:
            self.tell("note not read", key)
            return _NOTHING
        outcome = self._record(note)
        self.objects.remove(bucket=self.bucket, keys=(key,))
        return outcome

    def _record(self, note: Note) -> RecordedPurchases:
        deadline, tally = self.deadline(), Tally.of(note.so_far)
        name = note.key.removeprefix(PURCHASES)
        try:
            with self._fetched(note.key) as (path, content):
                if note.content not in {"", content}:
                    # It was replaced, and the new one has an event of its own.
                    return _NOTHING
                source = hashlib.sha256(f"{note.key}\n{content}".encode()).hexdigest()[:16]
                broken: list[str] = []
                with closing(self._segments(path, broken, since=note.segment)) as segments:
                    for segment, batches in segments:
                        if segment >= MOST_SEGMENTS:
                            broken.append(_TOO_MANY)
                            break
                        if segment > note.segment and not deadline.left():
                            so_far = tally.outcome()
                            rest = Note(key=note.key, content=content, segment=segment, so_far=so_far)
                            self._leave(rest, source=source)
                            # A report is of the whole file: the last run writes it.
                            return so_far
                        self._write_down(
                            batches, tally, source=f"{source}-{segment:05d}", name=name, segment=segment
                        )
        except OversizedObject:
            broken = [f"The file has more than {LARGEST_FILE:,} bytes. Cut it into several."]
        if broken:
            self._refuse(broken[0], tally, name=name)
        outcome = tally.outcome()
        Reports(self.objects, bucket=self.bucket).outcome(name, outcome)
        return outcome

    def _segments(
        self, path: Path, broken: list[str], *, since: int
    ) -> Generator[tuple[int, Iterator[Batch]], None, None]:
        with path.open("rb") as file, closing(_readable(self._batches(file, path), broken)) as batches:
            for _ in islice(batches, since * self.segment):
                pass
            segment = since
            while first := next(batches, None):
                yield segment, _chained(first, batches, self.segment - 1)
                segment += 1

    def _batches(self, file: IO[bytes], path: Path) -> Iterator[Batch]:
        is_parquet = file.read(len(MAGIC)) == MAGIC
        file.seek(0)
        return read_table(path, rows=self.rows) if is_parquet else read_rows(file, rows=self.rows)

    def _write_down(
        self, batches: Iterator[Batch], tally: Tally, *, source: str, name: str, segment: int
    ) -> None:
        problems: list[Problem] = []
        try:
            self._keep(batches, tally, problems, source=source, with_histories=True)
        finally:
            if problems:
                reports = Reports(self.objects, bucket=self.bucket)
                written = reports.problems(name, problems, segment=segment)
                tally.report = tally.report or written
                tally.told += problems[: MOST_TOLD - len(tally.told)]

    def _refuse(self, reason: str, tally: Tally, *, name: str) -> None:
        self.tell("file refused", f"{name}: {reason}")
        problem = Problem(1, "file", reason)
        tally.refused += 1
        tally.told.insert(0, problem)
        written = Reports(self.objects, bucket=self.bucket).problems(
            f"{name}.unreadable", (problem,), segment=0
        )
        tally.report = tally.report or written

    def _leave(self, note: Note, *, source: str) -> None:
        self.objects.write(
            note.model_dump_json().encode(),
            bucket=self.bucket,
            key=f"{CONTINUATIONS}{source}-{note.segment:05d}.json",
            media_type="application/json",
        )

    # --- lines ----------------------------------------------------------------------------------

    def _keep(
        self,
        batches: Iterator[Batch],
        tally: Tally,
        problems: list[Problem],
        *,
        source: str,
        with_histories: bool,
    ) -> None:
        shelves, token = self.shelves, self.token()
        rules = Rules(self.now(), shelves.salt, shelves.forgotten())
        with tempfile.TemporaryDirectory() as folder:
            spill = Spill(Path(folder))
            counted = 0
            for batch in batches:
                checked = check(batch, rules)
                tally.refused += checked.refused
                counted += len(checked.lines)
                problems += checked.problems[: MOST_REPORTED - len(problems)]
                if len(checked.lines):
                    spill.add(checked.lines)
            spill.close()
            kept = 0
            for shelf, lines in spill.shelves():
                found = shelves.compare(shelf, lines, source=source)
                kept += found.kept
                if with_histories:
                    # Before the shelf: a line that is known there is in its history, whatever happens next.
                    self.histories.enter(self._entries(found.new))
                shelves.keep(shelf, found.new, name=f"{source}-{token}")
                shelves.tidy(shelf, name=f"whole-{token}")
        tally.kept += kept
        tally.known += counted - kept
        # Forgotten while this was written down, perhaps after their own farewells were worked on.
        self._forget(shelves.forgotten() - rules.forgotten)

    def _entries(self, lines: pa.Table) -> Iterator[HistoryEntry]:
        """Yield the entries of lines that stand by customer."""
        columns: list[Any] = [lines[name].to_pylist() for name in _ROW]
        moments = lines["time"].cast(pa.int64()).to_pylist()
        rows = zip(lines["customer"].to_pylist(), zip(moments, *columns, strict=True), strict=True)
        for customer, own in groupby(rows, key=lambda pair: pair[0]):
            yield from entries(customer_key(customer, salt=self.bucket), (row for _, row in own))

    # --- batches and farewells ------------------------------------------------------------------

    def _take_batches(self, key: str) -> RecordedPurchases:
        """Take all batches that lie there: the table has them already, the shelves take many at once."""
        deadline, tally, problems = self.deadline(), Tally(), list[Problem]()
        found = self._lying()
        if not found:
            raise MissingObject(key)
        while found:
            source = "api-" + hashlib.sha256("\n".join(found).encode()).hexdigest()[:16]
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "batch"
                batches = (batch for each in found for batch in self._batches_of(each, path))
                self._keep(batches, tally, problems, source=source, with_histories=False)
            self.objects.remove(bucket=self.bucket, keys=found)
            # Others that came meanwhile may have told runs of theirs that took these here once more.
            found = self._lying()
            if found and not deadline.left():
                raise RetryLater(f"{BATCHES}: batches are left")
        tally.told = problems[:MOST_TOLD]
        return tally.outcome()

    def _lying(self) -> tuple[str, ...]:
        return self.objects.keys(bucket=self.bucket, prefix=BATCHES)[:_MOST_BATCHES]

    def _batches_of(self, key: str, path: Path) -> Iterator[Batch]:
        try:
            with path.open("wb+") as file:
                self.objects.fetch(ObjectRef(bucket=self.bucket, key=key), into=file, largest=LARGEST_FILE)
                file.seek(0)
                yield from read_rows(file)
        except MissingObject:
            # Another run took it.
            return
        except (InvalidPurchases, OversizedObject) as error:
            # The API wrote no such thing; it must not stand in the way of the others.
            self.tell("batch refused", f"{key}: {error}")

    def _take_farewell(self, key: str) -> RecordedPurchases:
        customer = key.removeprefix(FORGOTTEN)
        if not is_key(customer):
            self.tell("no farewell", key)
            return _NOTHING
        self.tell("forgotten", f"{self._forget(frozenset({customer}))} lines")
        return _NOTHING

    def _forget(self, keys: frozenset[str]) -> int:
        return self.shelves.forget(keys) + sum(map(self._clear, sorted(keys)))

    def _clear(self, key: str) -> int:
        gone = 0
        while cleared := self.histories.clear(key):
            gone += cleared
        return gone

    def _sweep(self) -> RecordedPurchases:
        """Look after all farewells: the shelves, then as many histories as there is time for."""
        deadline, shelves = self.deadline(), self.shelves
        forgotten = shelves.forgotten()
        gone = sum(map(shelves.sweep, shelves.names()))
        # Each day begins elsewhere, so that whoever there is no time for has their turn.
        first = f"{self.now().toordinal() * 37 % 256:02x}"
        for key in sorted(forgotten, key=lambda key: (key < first, key)):
            if not deadline.left():
                break
            gone += self._clear(key)
        self.tell("swept", f"{gone} lines of {len(forgotten)} farewells")
        return _NOTHING

    # --- objects --------------------------------------------------------------------------------

    def _read(self, key: str) -> bytes:
        return self.objects.read(ObjectRef(bucket=self.bucket, key=key))

    @contextmanager
    def _fetched(self, key: str) -> Iterator[tuple[Path, str]]:
        """Give the object as a file, and what names its content."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "purchases"
            with path.open("wb") as file:
                target: IO[bytes] = file
                content = self.objects.fetch(
                    ObjectRef(bucket=self.bucket, key=key), into=target, largest=LARGEST_FILE
                )
            yield path, content


_TOO_MANY = "The file is too long to be read to its end: what came so far is kept. Cut the rest into several."


def _readable(batches: Iterator[Batch], broken: list[str]) -> Generator[Batch, None, None]:
    """Yield what can be read of a file; `broken` says why there is no more."""
    try:
        yield from batches
    except InvalidPurchases as error:
        broken.append(str(error))


def _chained(first: Batch, batches: Iterator[Batch], most: int) -> Iterator[Batch]:
    yield first
    yield from islice(batches, most)
