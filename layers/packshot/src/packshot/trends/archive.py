"""Where posts, tallies and reports lie, and how all that came from a source is forgotten.

```
posts/<source>/<run>/<number>.jsonl    words, until they are read; two days at most
drops/…                                what a shop leaves for us, two days at most
answers/<source>/<hash>.json           a language model's answers, so that a repeated batch is paid once
tallies/<source>/<day>.json            what the runs of a day counted
tallies/<source>/runs/<run>/….json     the same of one batch, until its run is published
cursors/<source>.json                  how far a source was read
pending/<run>/<source>.json            how far it will have been, once its run is published
reports/<moment>.json, latest.json     the history, and the one to plan by
```
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import AwareDatetime, Field, ValidationError

from packshot.errors import DamagedArtifact, MissingObject
from packshot.events import Event, ObjectRef, Post, PurgedSource, Tally, TrendReport
from packshot.ports import ObjectShelf

JSON = "application/json"
LATEST = "reports/latest.json"
RAW_HOURS = 48
"""Hours that words may lie here; `sweep` and the bucket's lifecycle rule both see to it."""
_SWEEP_HOURS = 24
_LEFT_HERE = frozenset({"drops"})
"""Sources whose posts lie in this bucket before they are read, under the source's name."""
_LARGEST = 32_000_000
_MOMENT = "%Y%m%dT%H%M%SZ"

AnyEvent = TypeVar("AnyEvent", bound=Event)


class Cursor(Event):
    """How far a source was read, and what it wants to be reminded of."""

    since: AwareDatetime
    bookmark: dict[str, str] = Field(default_factory=dict)


class TrendArchive:
    """One bucket, under the layout above. One run at a time writes to it."""

    def __init__(self, objects: ObjectShelf, *, bucket: str) -> None:
        self._objects = objects
        self._bucket = bucket

    # --- posts --------------------------------------------------------------------------------------

    def write_posts(self, posts: Iterable[Post], *, source: str, run: str, number: int) -> str:
        """Keep a batch of posts and return its key."""
        lines = "\n".join(post.model_dump_json() for post in posts)
        return self._write(
            f"posts/{source}/{run}/{number:05d}.jsonl", lines.encode(), media_type="text/plain"
        )

    def read_posts(self, batch: str) -> tuple[Post, ...]:
        """Return a batch of posts; `MissingObject` if it was read before or its time is over."""
        # Not splitlines: a post may hold U+2028 and its like.
        lines = self._read(batch).decode().split("\n")
        return tuple(Post.model_validate_json(line) for line in lines if line)

    def waiting(self, source: str) -> tuple[str, ...]:
        """Return the batches of a source that nobody has read yet."""
        return self._keys(f"posts/{source}/")

    def forget(self, *keys: str) -> None:
        """Remove objects."""
        self._objects.remove(bucket=self._bucket, keys=keys)

    def sweep(self, *, now: datetime) -> int:
        """Remove batches whose run began a day ago or earlier, and return how many there were.

        A lifecycle rule counts in whole days and comes late; together they keep words for less than two days.
        """
        oldest = f"{now - timedelta(hours=_SWEEP_HOURS):{_MOMENT}}"
        marks = self._keys("posts/.runs/")
        over = [mark for mark in marks if mark.rpartition("/")[2].partition("--")[0] < oldest]
        runs = {mark.partition("--")[2] for mark in over}
        words = [key for key in self._keys("posts/") if key.split("/")[2:3] and key.split("/")[2] in runs]
        self.forget(*words, *over)
        return len(words)

    def begin(self, run: str, *, now: datetime) -> None:
        """Note when a run began to keep words."""
        self._write(f"posts/.runs/{now:{_MOMENT}}--{run}", b"", media_type="text/plain")

    # --- cursors ------------------------------------------------------------------------------------

    def cursor(self, source: str) -> Cursor | None:
        """Return how far a source was read, None if it never was."""
        return self._read_event(f"cursors/{source}.json", Cursor)

    def propose(self, cursor: Cursor, *, source: str, run: str) -> None:
        """Keep how far a source has been read, until its posts are counted."""
        self._write_event(f"pending/{run}/{source}.json", cursor)

    def accept(self, *, source: str, run: str) -> None:
        """Take over how far a source was read: what came before is counted, and not asked for again."""
        pending = f"pending/{run}/{source}.json"
        cursor = self._read_event(pending, Cursor)
        if cursor:
            self._write_event(f"cursors/{source}.json", cursor)
            self.forget(pending)

    # --- tallies ------------------------------------------------------------------------------------

    def write_tally(self, tally: Tally, *, batch: str) -> str:
        """Keep what a batch of posts said, and return its key."""
        return self._write_event(tally_key(batch), tally)

    def tally(self, key: str) -> Tally | None:
        """Return a tally, None if there is none."""
        return self._read_event(key, Tally)

    def tallies(self, *, since: datetime) -> tuple[Tally, ...]:
        """Return what the runs since a day counted, one tally for each source and day."""
        days = [key for key in self._keys("tallies/") if "/runs/" not in key]
        wanted = [key for key in days if _day_of(key) >= f"{since:%Y-%m-%d}"]
        return tuple(tally for tally in map(self.tally, wanted) if tally)

    def file(self, tallies: Sequence[Tally], *, day: str, merge: Callable[[Sequence[Tally]], Tally]) -> None:
        """Add one source's tallies of one run to those of the day, once, however often it is called."""
        key = f"tallies/{tallies[0].source}/{day}.json"
        known = self.tally(key)
        if known and set(tallies[0].runs) <= set(known.runs):
            return
        self._write_event(key, merge([known, *tallies] if known else tallies))

    # --- reports ------------------------------------------------------------------------------------

    def publish(self, report: TrendReport) -> None:
        """Keep a report in the history and make it the one to plan by."""
        self._write_event(report_key(report.made_at), report)
        self._write_event(LATEST, report)

    def latest(self) -> TrendReport | None:
        """Return the report to plan by, None if there is none."""
        return self._read_event(LATEST, TrendReport)

    def history(self, *, limit: int) -> tuple[TrendReport, ...]:
        """Return at most `limit` reports, spread evenly over the history, oldest first."""
        keys = [key for key in self._keys("reports/") if key != LATEST]
        step = max(len(keys) / limit, 1)
        chosen = [keys[-1 - int(at * step)] for at in range(min(limit, len(keys)))][::-1]
        found = (self._read_event(key, TrendReport) for key in chosen)
        return tuple(report for report in found if report)

    # --- answers ------------------------------------------------------------------------------------

    def answer(self, key: str) -> bytes | None:
        """Return what was kept under a hash, None if nothing was."""
        try:
            return self._read(f"answers/{key}")
        except MissingObject:
            return None

    def keep_answer(self, key: str, body: bytes) -> None:
        """Keep a language model's answer."""
        self._write(f"answers/{key}", body, media_type=JSON)

    # --- purge --------------------------------------------------------------------------------------

    def purge(
        self, source: str, *, remake: Callable[[Sequence[Tally], datetime], TrendReport | None]
    ) -> PurgedSource:
        """Remove all that came from a source, and make every report anew that it had a part in.

        `remake` makes a report of tallies as of a moment. One that can no longer be made is removed.
        """
        words = self._keys(f"posts/{source}/") + self._keys(f"answers/{source}/")
        # What a shop left is the source itself: else the next run would read it all again.
        words += self._keys(f"{source}/") if source in _LEFT_HERE else ()
        tallies = self._keys(f"tallies/{source}/")
        pending = tuple(key for key in self._keys("pending/") if key.endswith(f"/{source}.json"))
        self.forget(*words, *tallies, *pending, f"cursors/{source}.json")
        reports = self._purge_reports(source, remake)
        return PurgedSource(source=source, posts=len(words), tallies=len(tallies), reports=reports)

    def _purge_reports(
        self, source: str, remake: Callable[[Sequence[Tally], datetime], TrendReport | None]
    ) -> int:
        changed = 0
        left: list[TrendReport] = []
        tallies = self.tallies(since=datetime.fromtimestamp(0, UTC))
        for key in self._keys("reports/"):
            if key == LATEST:
                continue
            report = self._report(key)
            if report and source not in report.sources:
                left.append(report)
                continue
            changed += 1
            again = remake(tallies, report.made_at) if report else None
            if again is None:
                self.forget(key)
            else:
                self._write_event(key, again)
                left.append(again)
        if left:
            self._write_event(LATEST, max(left, key=lambda report: report.made_at))
        else:
            self.forget(LATEST)
        return changed

    def _report(self, key: str) -> TrendReport | None:
        """Return a report, None for one that nobody can read and that may rest on anything."""
        try:
            return self._read_event(key, TrendReport)
        except DamagedArtifact:
            return None

    # --- objects ------------------------------------------------------------------------------------

    def _keys(self, prefix: str) -> tuple[str, ...]:
        return self._objects.keys(bucket=self._bucket, prefix=prefix)

    def _read(self, key: str) -> bytes:
        return self._objects.read(ObjectRef(bucket=self._bucket, key=key), largest=_LARGEST)

    def _write(self, key: str, body: bytes, *, media_type: str) -> str:
        return self._objects.write(body, bucket=self._bucket, key=key, media_type=media_type).key

    def _write_event(self, key: str, event: Event) -> str:
        return self._write(key, event.model_dump_json().encode(), media_type=JSON)

    def _read_event(self, key: str, model: type[AnyEvent]) -> AnyEvent | None:
        try:
            return model.model_validate_json(self._read(key))
        except MissingObject:
            return None
        except ValidationError as error:
            # Its own words are left out: they would show what stands in the object.
            raise DamagedArtifact(f"{key} is no {model.__name__}: {error.error_count()} faults") from None


class ArchivedAnswers:
    """A language model's answers about one source's posts, so that they are purged with it."""

    def __init__(self, archive: TrendArchive, *, source: str) -> None:
        self._archive = archive
        self._source = source

    def get(self, key: str) -> bytes | None:
        """Return an answer, None if there is none."""
        return self._archive.answer(f"{self._source}/{key}")

    def put(self, key: str, body: bytes) -> None:
        """Keep an answer."""
        self._archive.keep_answer(f"{self._source}/{key}", body)


def tally_key(batch: str) -> str:
    """Return where the tally of a batch lies until its run is published."""
    _, source, run, file = batch.split("/")
    return f"tallies/{source}/runs/{run}/{file.removesuffix('.jsonl')}.json"


def report_key(made_at: datetime) -> str:
    """Return where a report of this moment lies."""
    return f"reports/{made_at.astimezone(UTC):{_MOMENT}}.json"


def source_of(batch: str) -> str:
    """Return the source of a batch, by its key."""
    return batch.split("/")[1]


def _day_of(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(".json")
