"""RecordPurchases' batches and farewells, and runs that meet on a shelf."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import pyarrow.parquet as pq
import pytest

from packshot.customers.shelves import MOST_PARTS, Shelves
from packshot.errors import RetryLater
from packshot.events import Arrival, ObjectRef
from packshot.preferences.files import columns_of
from packshot.purchases.identity import customer_key, shelf_of
from packshot.testing.objects import MemoryObjects
from packshot.testing.purchases import MemoryPurchases
from tests.functions.recording import BUCKET, FILE, HEADER, NOW, ROWS, Place, counts, line, short


@pytest.fixture
def place(load_function: Callable[[str], ModuleType]) -> Place:
    """Return an empty place."""
    return Place(load_function("record_purchases").record_purchases)


# --- batches of the API -----------------------------------------------------------------------------


def test_batches_reach_what_models_learn_from_once(place: Place) -> None:
    """All that lie there in one run; the events of the others find nothing to do."""
    for day in range(1, 4):
        place.put(f"batches/{day}.jsonl", line(day=day).model_dump_json() + "\n")
    place.put("batches/again.jsonl", line(day=1).model_dump_json() + "\n")
    assert counts(place.arrive("batches/1.jsonl")) == (3, 1, 0)
    assert counts(place.arrive("batches/2.jsonl")) == (0, 0, 0)
    assert len(place.lines()) == 3
    assert place.objects.keys(BUCKET, "batches/") == ()


def test_a_batch_that_nobody_can_read_stands_in_no_ones_way(place: Place) -> None:
    """It is told and removed; the others are kept."""
    place.put("batches/0.jsonl", b"\x89PNG")
    place.put("batches/1.jsonl", line().model_dump_json() + "\n")
    assert counts(place.arrive("batches/1.jsonl")) == (1, 0, 0)
    assert place.objects.keys(BUCKET, "batches/") == ()
    assert place.told[0].startswith("batch refused: batches/0.jsonl")


def test_more_batches_than_are_taken_at_once_are_taken(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their own events may have come while others were taken, and will not come again."""
    monkeypatch.setattr("packshot.customers.arriving._MOST_BATCHES", 2)
    for day in range(1, 8):
        place.put(f"batches/{day}.jsonl", line(day=day).model_dump_json() + "\n")
    assert counts(place.arrive("batches/7.jsonl")) == (7, 0, 0)
    assert place.objects.keys(BUCKET, "batches/") == ()


def test_batches_for_which_there_is_no_time_are_asked_for_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends as one that Lambda repeats; what it took stays taken."""
    monkeypatch.setattr("packshot.customers.arriving._MOST_BATCHES", 2)
    for day in range(1, 4):
        place.put(f"batches/{day}.jsonl", line(day=day).model_dump_json() + "\n")
    with pytest.raises(RetryLater):
        place.arrive("batches/1.jsonl", registry=short(place, seconds=0))
    assert place.objects.keys(BUCKET, "batches/") == ("batches/3.jsonl",)
    assert counts(place.arrive("batches/1.jsonl")) == (1, 0, 0)


def test_many_small_parts_are_made_one(place: Place) -> None:
    """A shelf that is added to all day long stays quick to read."""
    for day in range(MOST_PARTS + 1):
        moment = datetime(2022, 1, 1 + day % 28, day % 24, day % 60, tzinfo=UTC)
        body = line().model_copy(update={"time": moment, "price": float(day)}).model_dump_json()
        place.drop(f"batches/{day}.jsonl", body)
    shelf = shelf_of(customer_key("7", salt=BUCKET))
    assert len(place.objects.keys(BUCKET, f"lines/{shelf}/")) == 1
    assert len(place.lines()) == MOST_PARTS + 1
    again = line().model_copy(update={"time": datetime(2022, 1, 1, tzinfo=UTC), "price": 0.0})
    assert place.drop("batches/again.jsonl", again.model_dump_json()).known == 1


def test_a_file_that_comes_again_leaves_the_part_of_many_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own part is in it now: told again, it adds nothing and takes nothing away."""
    monkeypatch.setattr("packshot.customers.shelves.MOST_PARTS", 2)
    files = [HEADER + "\n".join(row for row in ROWS if f"-0{month}-" in row) for month in range(1, 6)]
    for month, body in enumerate(files):
        place.drop(f"purchases/{month}.csv", body)
    before = place.lines()
    for month in range(5):
        place.arrive(f"purchases/{month}.csv")
    assert len(before) == 150
    assert place.lines() == before


class Overtaken(MemoryObjects):
    """Buckets in which another run makes one part of many while this one reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.until = 0

    def read(self, ref: ObjectRef, *, largest: int | None = None) -> bytes:
        """Let the other run go first, once."""
        if ref.key.startswith("lines/") and self.until:
            self.until -= 1
            if not self.until:
                shelf = ref.key.split("/")[1]
                Shelves(self, bucket=BUCKET).tidy(shelf, name="whole-1")
        return super().read(ref, largest=largest)


@pytest.fixture(params=[1, 2, 3])
def overtaken(place: Place, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Place:
    """Return a place where four parts of customer 7 are made one at the first, second or third reading."""
    objects = Overtaken()
    both = Place(place.record, objects=objects)
    for day in range(1, 5):
        both.drop(f"batches/{day}.jsonl", line(day=day).model_dump_json())
    monkeypatch.setattr("packshot.customers.shelves.MOST_PARTS", 3)
    objects.until = request.param
    return both


def test_two_runs_that_make_one_part_of_many_lose_nothing(overtaken: Place) -> None:
    """The slower one finds parts gone, and leaves the quicker one's part as it is."""
    shelf = shelf_of(customer_key("7", salt=BUCKET))
    Shelves(overtaken.objects, bucket=BUCKET).tidy(shelf, name="whole-2")
    assert isinstance(overtaken.objects, Overtaken)
    assert overtaken.objects.until == 0
    assert len(overtaken.lines()) == 4


def test_who_reads_while_parts_are_made_one_reads_every_line(overtaken: Place) -> None:
    """A snapshot of half a shelf would teach a model that half of the customers stayed away."""
    shelf = shelf_of(customer_key("7", salt=BUCKET))
    assert len(Shelves(overtaken.objects, bucket=BUCKET).lines(shelf, forgotten=frozenset())) == 4
    assert isinstance(overtaken.objects, Overtaken)
    assert overtaken.objects.until == 0


class Doubled(MemoryObjects):
    """Buckets of a run before whose read of a place another run does all that this one is about to do."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place
        self.meanwhile: Callable[[], object] | None = None

    def fetch(self, ref: ObjectRef, *, into: IO[bytes], largest: int) -> str:
        """Let the other run go first, once."""
        self._wait(ref.key)
        return super().fetch(ref, into=into, largest=largest)

    def read(self, ref: ObjectRef, *, largest: int | None = None) -> bytes:
        """Read, and only then let the other run go: what was read is old."""
        body = super().read(ref, largest=largest)
        self._wait(ref.key)
        return body

    def keys(self, bucket: str, prefix: str = "") -> tuple[str, ...]:
        """List, and only then let the other run go."""
        found = super().keys(bucket, prefix)
        self._wait(prefix)
        return found

    def _wait(self, key: str) -> None:
        if key.startswith(self._place) and self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()


@pytest.mark.parametrize("first", ["batches/1", "batches/2", "batches/3"])
def test_who_finds_batches_taken_writes_over_nobody_s_lines(place: Place, first: str) -> None:
    """Two runs list the same batches; the slower one reads what the quicker one has left, which is little."""
    objects = Doubled(first)
    both = Place(place.record, objects=objects)
    for day in range(1, 4):
        both.put(f"batches/{day}.jsonl", line(day=day).model_dump_json() + "\n")
    objects.meanwhile = lambda: both.arrive("batches/1.jsonl")
    both.arrive("batches/2.jsonl")
    assert objects.meanwhile is None
    assert len(both.lines()) == 3


def test_two_runs_on_one_file_keep_it_once_or_twice_but_keep_it(place: Place) -> None:
    """Each finds nothing of it known when it looks: who reads takes each line once."""
    objects = Doubled("purchases/")
    both = Place(place.record, objects=objects)
    both.put("purchases/orders.csv", FILE)
    objects.meanwhile = lambda: both.arrive("purchases/orders.csv")
    assert counts(both.arrive("purchases/orders.csv")) == (150, 0, 0)
    assert len(both.lines()) == 150


# --- farewells --------------------------------------------------------------------------------------


def test_a_forgotten_customer_is_gone_everywhere(place: Place) -> None:
    """From the histories, from the lines, and from every file that still tells of them."""
    place.drop("purchases/orders.csv", FILE)
    gone = "1515915625442993107"
    key = customer_key(gone, salt=BUCKET)
    place.drop(f"forgotten/{key}", b"")
    assert place.histories.history(gone, most=10) == ()
    assert gone not in {each["customer"] for each in place.lines()}
    assert gone.encode() not in b"".join(place.state().values())
    parts = (columns_of(pq.read_table(io.BytesIO(body))) for name, body in place.state().items()
             if name.startswith("lines/"))  # fmt: skip
    assert gone not in {customer for part in parts for customer in part.customer}
    outcome = place.drop("purchases/later.csv", FILE)
    assert counts(outcome) == (0, 145, 5)
    assert {problem.field for problem in outcome.problems} == {"customer"}
    assert len(place.lines()) == 145


class Leaving(MemoryObjects):
    """Buckets into which a farewell is put as soon as lines are."""

    def write(self, body: bytes, **named: Any) -> ObjectRef:  # noqa: ANN401 - passed through
        """Write, and say farewell."""
        key = f"forgotten/{customer_key('1515915625442993107', salt=BUCKET)}"
        if named["key"].startswith("lines/"):
            super().write(b"", bucket=BUCKET, key=key, media_type="text/plain")
        return super().write(body, **named)


def test_who_is_forgotten_meanwhile_is_forgotten(place: Place) -> None:
    """A farewell that comes while a file is written down finds its customer's lines too."""
    late = Place(place.record, objects=Leaving())
    late.drop("purchases/orders.csv", FILE)
    assert b"1515915625442993107" not in b"".join(late.state().values())
    assert late.histories.history("1515915625442993107", most=10) == ()


def test_two_runs_never_write_one_part(place: Place) -> None:
    """Neither knows of the other when it looks at the shelves: each writes parts of its own."""
    objects = Doubled("known/")
    both = Place(place.record, objects=objects)
    both.put("purchases/orders.csv", HEADER + ROWS[0])
    objects.meanwhile = lambda: both.arrive("purchases/orders.csv")
    both.arrive("purchases/orders.csv")
    assert len(objects.keys(BUCKET, "lines/")) == 2
    assert len(both.lines()) == 1


def test_many_parts_are_made_one_without_the_forgotten(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has left while they were apart is not in the whole."""
    place.drop("purchases/orders.csv", "customer,time,category\n7,2023-01-05,a\n65,2023-01-05,a\n")
    key = customer_key("7", salt=BUCKET)
    place.put(f"forgotten/{key}", b"")
    monkeypatch.setattr("packshot.customers.shelves.MOST_PARTS", 0)
    Shelves(place.objects, bucket=BUCKET).tidy(shelf_of(key), name="whole-1")
    monkeypatch.setattr(Shelves, "forgotten", lambda _self: frozenset())
    assert [each["customer"] for each in place.lines()] == ["65"]


def test_two_who_leave_at_once_are_both_gone(place: Place) -> None:
    """The run of one has read a part that the other's writes anew: it does not bring them back."""
    ours, theirs = (customer_key(each, salt=BUCKET) for each in ("7", "65"))
    assert shelf_of(ours) == shelf_of(theirs)
    objects = Doubled("lines/")
    both = Place(place.record, objects=objects)
    both.drop("purchases/orders.csv", "customer,time,category\n7,2023-01-05,a\n65,2023-01-05,a\n")
    objects.meanwhile = lambda: both.drop(f"forgotten/{theirs}", b"")
    both.drop(f"forgotten/{ours}", b"")
    assert objects.meanwhile is None
    assert both.state() == {}


def test_what_a_dead_run_kept_of_the_forgotten_is_swept_away(place: Place, root: Path) -> None:
    """Killed for good after a farewell came and went: the lines and the histories go with the next sweep."""
    gone = "1515915625442993107"
    place.drop("purchases/orders.csv", FILE)
    lines, others = place.state(), place.objects
    others.write(b"", bucket=BUCKET, key=f"forgotten/{customer_key(gone, salt=BUCKET)}", media_type="")
    assert gone.encode() in b"".join(lines.values())
    place.put("known/00/orphan.bin", b"\0" * 8)
    event = json.loads((root / "events" / "record_purchases" / "sweep.json").read_text())
    assert counts(place.record(Arrival.model_validate(event), registry=place.registry)) == (0, 0, 0)
    assert gone.encode() not in b"".join(place.state().values())
    assert place.histories.history(gone, most=10) == ()
    assert place.histories.forgotten([gone]) == {gone}
    assert "known/00/orphan.bin" not in place.state()
    assert len(place.lines()) == 145
    assert place.told[-1] == "swept: 10 lines of 1 farewells"


def test_a_history_of_any_length_is_cleared(place: Place) -> None:
    """The table removes so many entries in one call: whoever asks, asks until there are none."""

    class Slow(MemoryPurchases):
        def clear(self, key: str) -> int:
            super().clear(key)
            return left.pop()

    left = [0, 2_000, 5_000, 5_000]
    key = customer_key("7", salt=BUCKET)
    place.put(f"forgotten/{key}", b"")
    place.arrive(f"forgotten/{key}", registry=replace(place.registry, histories=Slow(salt=BUCKET)))
    assert not left
    assert place.told == ["forgotten: 12000 lines"]


def test_a_sweep_ends_in_time_and_gives_everybody_a_turn(place: Place) -> None:
    """Each day begins with other histories."""
    keys = [customer_key(str(number), salt=BUCKET) for number in range(40)]
    for key in keys:
        place.put(f"forgotten/{key}", b"")
    first = set()
    for day in range(60):
        histories = Noting()
        hurried = replace(place.registry, histories=histories, now=Later(day), deadline=Ending)
        place.arrive("forgotten/", registry=hurried)
        assert len(histories.cleared) == 1
        first |= set(histories.cleared)
    assert len(first) > len(keys) / 2


class Noting(MemoryPurchases):
    """Histories that note which were cleared."""

    def __init__(self) -> None:
        super().__init__(salt=BUCKET)
        self.cleared: list[str] = []

    def clear(self, key: str) -> int:
        """Note it."""
        self.cleared.append(key)
        return super().clear(key)


@dataclass(frozen=True)
class Later:
    """A clock some days later."""

    days: int

    def __call__(self) -> datetime:
        """Return the moment."""
        return NOW + timedelta(days=self.days)


@dataclass
class Ending:
    """A deadline that has come when it is asked for the second time."""

    answers: Iterator[float] = field(default_factory=lambda: iter([1.0, 0.0]))

    def left(self) -> float:
        """Return the seconds that are left."""
        return next(self.answers)


@pytest.mark.parametrize("name", ["note.txt", "zz", "0" * 31, "ab/" + "0" * 32])
def test_what_is_no_farewell_forgets_nobody(place: Place, name: str) -> None:
    """A stray object is told of, and fails neither its own run nor others."""
    place.drop("purchases/orders.csv", FILE)
    assert counts(place.drop(f"forgotten/{name}", b"")) == (0, 0, 0)
    assert place.told[-1].startswith("no farewell")
    assert counts(place.arrive("forgotten/")) == (0, 0, 0)
    assert len(place.lines()) == 150
