"""Posts that a shop leaves in a bucket, as JSON lines or CSV: reviews, searches, messages."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from packshot.errors import OversizedObject
from packshot.events import Event, ObjectRef, Signal
from packshot.ports import Clock, Deadline, ObjectShelf, Terms

PREFIX = "drops/"
LARGEST = 24_000_000
"""Bytes of a file; it is read at once."""
_LONGEST_FIELD = 200_000
_ENDINGS = (".jsonl", ".ndjson", ".csv")


class DroppedPost(Event):
    """A line: its text; when it was written and how many agreed, if that is known."""

    model_config = ConfigDict(hide_input_in_errors=True)

    text: str
    posted_at: AwareDatetime | None = None
    engagement: int = Field(default=0, ge=0)


class DropSource:
    """Every file once, as long as it lies there; lines that are no posts are skipped."""

    name = "drops"
    terms = Terms(approved=True, retention_hours=48)

    def __init__(self, objects: ObjectShelf, *, bucket: str, now: Clock) -> None:
        self._objects = objects
        self._bucket = bucket
        self._now = now
        self._read: dict[str, str] = {}

    def signals(
        self,
        *,
        since: datetime | None,  # noqa: ARG002 - a file may hold what was written long before it came
        reminder: Mapping[str, str],
        deadline: Deadline,
    ) -> Iterator[Signal]:
        """Yield the lines of files that were not read before."""
        self._read = {}
        for key in self._objects.keys(bucket=self._bucket, prefix=PREFIX):
            if not key.lower().endswith(_ENDINGS):
                continue
            name = _name(key)
            if name not in reminder:
                if not deadline.left():
                    return
                yield from self._signals_in(key)
            self._read[name] = ""

    def bookmark(self) -> Mapping[str, str]:
        """Return the files that were read and still lie there."""
        return self._read

    def _signals_in(self, key: str) -> Iterator[Signal]:
        try:
            body = self._objects.read(ObjectRef(bucket=self._bucket, key=key), largest=LARGEST)
        except OversizedObject:
            return
        text = body.decode("utf-8-sig", errors="replace")
        lines = _rows(text) if key.lower().endswith(".csv") else _objects(text)
        for post in lines:
            moment = post.posted_at or self._now()
            yield Signal(text=post.text, posted_at=moment, engagement=post.engagement)


def _objects(text: str) -> Iterator[DroppedPost]:
    for line in text.split("\n"):
        try:
            if line.strip():
                yield DroppedPost.model_validate_json(line)
        except ValidationError:
            continue


def _rows(text: str) -> Iterator[DroppedPost]:
    csv.field_size_limit(_LONGEST_FIELD)
    rows = csv.DictReader(io.StringIO(text))
    while True:
        try:
            row = next(rows, None)
            if row is None:
                return
            known = {name: value for name, value in row.items() if name in DroppedPost.model_fields and value}
            yield DroppedPost.model_validate(known)
        except (csv.Error, ValidationError):
            continue


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
