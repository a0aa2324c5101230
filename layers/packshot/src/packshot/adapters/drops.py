"""Posts that a shop leaves in a bucket, as JSON lines or CSV: reviews, searches, messages."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from packshot.errors import MissingObject, OversizedObject, SourceFailed
from packshot.events import Event, ObjectRef, Signal
from packshot.ports import Clock, Deadline, ObjectShelf, Terms

PREFIX = "drops/"
LARGEST = 24_000_000
"""Bytes of a file; it is read at once."""
_LONGEST_FIELD = 200_000
_EXPECTED = "JSON lines or CSV with `text`, and `posted_at` and `engagement` if known"
_ENDINGS = (".jsonl", ".ndjson", ".csv")


class DroppedPost(Event):
    """A line: its text; when it was written and how many agreed, if that is known."""

    model_config = ConfigDict(hide_input_in_errors=True)

    text: str
    posted_at: AwareDatetime | None = None
    engagement: int = Field(default=0, ge=0)


class DropSource:
    """Every file once, as long as it lies there; lines that are no posts are skipped.

    A file is known by what is in it: one that is written anew under its old name is read again.
    """

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
        """Yield the lines of files that were not read before.

        `SourceFailed`, after all others, where a file could not be read: it names file and remedy.
        """
        self._read = {}
        faults: list[str] = []
        for key in self._objects.keys(bucket=self._bucket, prefix=PREFIX):
            if not key.lower().endswith(_ENDINGS):
                continue
            if not deadline.left():
                # Nobody knows whether the files that were not reached still lie there.
                self._read = {**reminder, **self._read}
                return
            try:
                body = self._objects.read(ObjectRef(bucket=self._bucket, key=key), largest=LARGEST)
            except OversizedObject:
                faults.append(f"{key} has more than {LARGEST:,} bytes: split it")
                continue
            except MissingObject:
                continue
            name = hashlib.sha256(body).hexdigest()[:16]
            is_known = name in reminder or name in self._read
            # Before its lines: who stops us on the way shall not have them counted twice.
            self._read[name] = ""
            if is_known:
                continue
            is_understood = not body.strip()
            for post in _posts(body, key=key):
                is_understood, moment = True, post.posted_at or self._now()
                yield Signal(text=post.text, posted_at=moment, engagement=post.engagement)
            if not is_understood:
                faults.append(f"no line of {key} is a post: {_EXPECTED}")
        if faults:
            raise SourceFailed("; ".join(faults))

    def bookmark(self) -> Mapping[str, str]:
        """Return the files that were read and, as far as is known, still lie there."""
        return self._read


def _posts(body: bytes, *, key: str) -> Iterator[DroppedPost]:
    text = body.decode("utf-8-sig", errors="replace")
    return _rows(text) if key.lower().endswith(".csv") else _objects(text)


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
