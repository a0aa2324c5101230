"""RecordPurchases: files, batches and farewells in; lines, histories and reports out."""

import gzip
import io
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from packshot import customer_wiring, wiring
from packshot.customers.arriving import Registry
from packshot.customers.shelves import MOST_PARTS, Shelves
from packshot.events import Arrival, ObjectRef, PurchaseLine, RecordedPurchases
from packshot.preferences.files import columns_of
from packshot.purchases.identity import customer_key, shelf_of
from packshot.testing.objects import MemoryObjects
from packshot.testing.purchases import MemoryPurchases
from packshot.trends.deadlines import SteadyDeadline

BUCKET = "packshot-sandbox-purchases"
HEADER = "customer,time,category,price,brand\n"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROWS = [f"1515915625442993{customer},2023-0{month}-05,shoes,{customer}.5,alder"
        for customer in range(100, 130) for month in range(1, 6)]  # fmt: skip
FILE = HEADER + "\n".join(ROWS)


@dataclass
class Place:
    """A bucket and a table, and what writes down what is put there."""

    record: Callable[..., RecordedPurchases]
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    histories: MemoryPurchases = field(default_factory=lambda: MemoryPurchases(salt=BUCKET))
    told: list[str] = field(default_factory=list)

    @property
    def registry(self) -> Registry:
        """Return what writes down."""
        return Registry(
            objects=self.objects,
            histories=self.histories,
            bucket=BUCKET,
            now=lambda: NOW,
            deadline=lambda: SteadyDeadline.after(60),
            tell=lambda event, detail: self.told.append(f"{event}: {detail}"),
        )

    def put(self, key: str, body: bytes | str) -> str:
        """Put an object without telling anybody."""
        content = body.encode() if isinstance(body, str) else body
        self.objects.write(content, bucket=BUCKET, key=key, media_type="text/plain")
        return key

    def arrive(self, key: str, *, registry: Registry | None = None) -> RecordedPurchases:
        """Tell of an object, as EventBridge would."""
        told = {"detail": {"bucket": {"name": BUCKET}, "object": {"key": key}}, "source": "aws.s3"}
        return self.record(Arrival.model_validate(told), registry=registry or self.registry)

    def drop(self, key: str, body: bytes | str) -> RecordedPurchases:
        """Put an object, and tell of it."""
        return self.arrive(self.put(key, body))

    def state(self) -> dict[str, bytes]:
        """Return all that is kept of purchases."""
        keys = self.objects.keys(BUCKET, "lines/") + self.objects.keys(BUCKET, "known/")
        return {key: self.objects.read(ObjectRef(bucket=BUCKET, key=key)) for key in keys}

    def lines(self) -> list[dict[str, Any]]:
        """Return every line that a model would learn from."""
        shelves = Shelves(self.objects, bucket=BUCKET)
        gone = shelves.forgotten()
        return [
            line for shelf in shelves.names() for line in shelves.lines(shelf, forgotten=gone).to_pylist()
        ]

    def report(self, name: str) -> str:
        """Return a report's text."""
        return self.objects.read(ObjectRef(bucket=BUCKET, key=f"reports/{name}")).decode()


@pytest.fixture
def place(load_function: Callable[[str], ModuleType]) -> Place:
    """Return an empty place."""
    return Place(load_function("record_purchases").record_purchases)


def counts(outcome: RecordedPurchases) -> tuple[int, int, int]:
    """Return how many were kept, known, refused."""
    return outcome.kept, outcome.known, outcome.refused


# --- files ------------------------------------------------------------------------------------------


def test_a_file_becomes_lines_and_histories(place: Place) -> None:
    """Every row can be learned from, and is found by its customer, id to the last digit."""
    assert counts(place.drop("purchases/orders.csv", FILE)) == (150, 0, 0)
    assert len(place.lines()) == 150
    history = place.histories.history("1515915625442993107", most=10)
    assert [(line.time.month, line.price, line.brand) for line in history] == [
        (month, 107.5, "alder") for month in range(1, 6)
    ]
    assert json.loads(place.report("orders.csv.json"))["kept"] == 150


def test_the_sample_event_is_taken(place: Place, root: Path) -> None:
    """S3's own event, with a blank and a plus in its key, as they are."""
    event = json.loads((root / "events" / "record_purchases" / "file.json").read_text())
    place.put(event["detail"]["object"]["key"], FILE)
    assert place.record(Arrival.model_validate(event), registry=place.registry).kept == 150


@pytest.mark.parametrize("kind", ["parquet", "jsonl", "csv.gz"])
def test_every_kind_of_file_tells_the_same(place: Place, kind: str) -> None:
    """A file that was dropped as CSV is known when it comes as something else."""
    place.drop("purchases/orders.csv", FILE)
    rows = [dict(zip(HEADER.strip().split(","), row.split(","), strict=True)) for row in ROWS]
    body = {
        "parquet": as_parquet(rows),
        "jsonl": "\n".join(json.dumps(row) for row in rows).encode(),
        "csv.gz": gzip.compress(FILE.encode()),
    }[kind]
    assert counts(place.drop(f"purchases/orders.{kind}", body)) == (0, 150, 0)


def as_parquet(rows: list[dict[str, str]]) -> bytes:
    """Return rows as Parquet with numbers and moments, ids as whole numbers."""
    file = io.BytesIO()
    table = pa.table(
        {
            "user": pa.array([int(row["customer"]) for row in rows], pa.int64()),
            "ts": pa.array([datetime.fromisoformat(row["time"]) for row in rows], pa.timestamp("ns")),
            "cat": pa.array([row["category"] for row in rows]).dictionary_encode(),
            "price": [float(row["price"]) for row in rows],
            "brand": [row["brand"] for row in rows],
        }
    )
    pq.write_table(table, file, row_group_size=40)
    return file.getvalue()


def test_long_ids_that_became_floats_are_refused(place: Place) -> None:
    """They have lost their last digits, and would merge customers."""
    file = io.BytesIO()
    columns = {"customer": [1.515915625442993e18], "time": ["2023-01-05"], "category": ["shoes"]}
    pq.write_table(pa.table(columns), file)
    outcome = place.drop("purchases/floats.parquet", file.getvalue())
    assert counts(outcome) == (0, 0, 1)
    assert "lost digits" in outcome.problems[0].reason


def test_the_same_file_twice_changes_nothing(place: Place) -> None:
    """Told again, or under another name: the lines, their digests and the histories are what they were."""
    place.drop("purchases/orders.csv", FILE)
    before = place.state()
    assert counts(place.arrive("purchases/orders.csv")) == (150, 0, 0)
    assert place.state() == before
    assert counts(place.drop("purchases/copy.csv", FILE)) == (0, 150, 0)
    assert place.state() == before
    assert len(place.histories.history("1515915625442993107", most=10)) == 5


def test_a_file_that_grew_adds_what_is_new(place: Place) -> None:
    """A daily export of everything costs its new lines alone."""
    place.drop("purchases/orders.csv", FILE)
    grown = FILE + "\n1515915625442993107,2023-06-05,jeans,1,birch\n"
    assert counts(place.drop("purchases/orders.csv", grown)) == (1, 150, 0)
    assert len(place.lines()) == 151


def test_bad_rows_go_to_a_report_with_line_and_reason(place: Place) -> None:
    """And the good ones are kept; nothing of what a bad row says is repeated."""
    bad = "77,2023-01-05,shoes,-3,=EVIL()\n77,soon,,1,alder\n77,2099-01-01,shoes,1,alder\n77,2023-01-05\n"
    outcome = place.drop("purchases/orders.csv", f"{FILE}\n{bad}")
    assert counts(outcome) == (150, 0, 4)
    report = place.report("orders.csv.csv").splitlines()
    assert report[0] == "line,field,reason"
    assert [line.split(",")[:2] for line in report[1:]] == [
        ["152", "price"],
        ["153", "category"],
        ["153", "time"],
        ["154", "time"],
        ["155", "row"],
    ]
    assert "EVIL" not in "".join(report)
    assert outcome.report
    assert outcome.report.key == "reports/orders.csv.csv"


@pytest.mark.parametrize(
    "body",
    [b"", b"\x89PNG\r\n\x1a\n", b"PAR1 and no more", b"a,b\n1,2\n", b"\x1f\x8b"],
    ids=["empty", "an image", "half a Parquet file", "other columns", "half an archive"],
)
def test_a_file_of_something_else_is_reported_not_repeated(place: Place, body: bytes) -> None:
    """It would fail each time: the person who put it there reads why, and nobody is woken."""
    outcome = place.drop("purchases/thing", body)
    assert counts(outcome) == (0, 0, 1)
    assert "customer, time and category" in place.report("thing.unreadable.csv")
    assert place.told
    assert place.told[0].startswith("file refused")


def test_folders_and_strangers_are_left_alone(place: Place) -> None:
    """A folder that a console makes, and places that are not ours."""
    for key in ("purchases/", "models/1/model.tar.gz", "purchases/gone.csv"):
        assert counts(place.arrive(key)) == (0, 0, 0)


# --- long files, and runs that end ------------------------------------------------------------------


def short(place: Place, *, seconds: float = 60) -> Registry:
    """Return what writes down segments of ten rows."""
    return replace(place.registry, segment=1, rows=10, deadline=lambda: SteadyDeadline.after(seconds))


def test_a_long_file_is_continued_until_nothing_is_left(place: Place) -> None:
    """A run whose time is over leaves a note, which calls the next one; all together kept every row."""
    registry = short(place, seconds=0)
    outcome = place.arrive(place.put("purchases/long.csv", FILE + "\nbad row\n"), registry=registry)
    runs = 1
    while notes := place.objects.keys(BUCKET, "continuations/"):
        assert len(notes) == 1
        outcome = place.arrive(notes[0], registry=registry)
        runs += 1
    assert runs == 16
    assert counts(outcome) == (150, 0, 1)
    assert len(place.lines()) == 150
    assert json.loads(place.report("long.csv.json"))["kept"] == 150


class Killed(Exception):
    """The run ends here."""


class Mortal(MemoryObjects):
    """Buckets of a run that is killed before one of its writes."""

    def __init__(self) -> None:
        super().__init__()
        self.writes_left = 1_000_000

    def write(self, *arguments: Any, **named: Any) -> ObjectRef:  # noqa: ANN401 - passed through
        """Write, or die."""
        if not self.writes_left:
            raise Killed
        self.writes_left -= 1
        return super().write(*arguments, **named)


def test_a_run_that_is_killed_anywhere_loses_and_doubles_nothing(place: Place) -> None:
    """Whatever write it dies before, the next run makes of it what one run would have made."""
    whole = Place(place.record)
    whole.arrive(whole.put("purchases/long.csv", FILE), registry=short(whole))
    mortal = Mortal()
    killed = Place(place.record, objects=mortal)
    killed.put("purchases/long.csv", FILE)
    deaths = 0
    for lifetime in itertools.count(1, 3):
        mortal.writes_left = lifetime
        try:
            outcome = killed.arrive("purchases/long.csv", registry=short(killed))
            break
        except Killed:
            deaths += 1
    assert deaths > 15
    assert counts(outcome) == (150, 0, 0)
    assert killed.state() == whole.state()
    assert len(killed.histories.history("1515915625442993107", most=100)) == 5


def test_lines_on_a_shelf_are_in_their_histories(place: Place) -> None:
    """A run that dies after a shelf has its lines has told the histories: nobody would later."""
    mortal = Mortal()
    killed = Place(place.record, objects=mortal)
    killed.put("purchases/orders.csv", FILE)
    mortal.writes_left = 9
    with pytest.raises(Killed):
        killed.arrive("purchases/orders.csv")
    on_shelves = {line["customer"] for line in killed.lines()}
    assert on_shelves
    assert all(len(killed.histories.history(customer, most=9)) == 5 for customer in on_shelves)


def test_a_note_about_a_file_that_was_replaced_is_void(place: Place) -> None:
    """The new content has an event of its own."""
    registry = short(place, seconds=0)
    place.arrive(place.put("purchases/long.csv", FILE), registry=registry)
    (note,) = place.objects.keys(BUCKET, "continuations/")
    place.put("purchases/long.csv", HEADER + ROWS[0])
    assert counts(place.arrive(note, registry=registry)) == (0, 0, 0)
    assert place.objects.keys(BUCKET, "continuations/") == ()


def test_a_damaged_file_keeps_the_rows_before_the_damage(place: Place) -> None:
    """Half an archive is half of the rows, and a word about the rest."""
    body = gzip.compress(FILE.encode())
    outcome = place.drop("purchases/half.csv.gz", body[:-12])
    assert outcome.kept > 0
    assert outcome.refused >= 1
    assert "breaks off" in place.report("half.csv.gz.csv")


# --- batches of the API -----------------------------------------------------------------------------


def line(customer: str = "7", *, day: int = 5) -> PurchaseLine:
    """Return a line as the API takes it."""
    return PurchaseLine(customer=customer, time=datetime(2023, 1, day, tzinfo=UTC), category="bags", price=2)


def test_batches_reach_what_models_learn_from_once(place: Place) -> None:
    """All that lie there in one run; the events of the others find nothing to do."""
    for day in range(1, 4):
        place.put(f"batches/{day}.jsonl", line(day=day).model_dump_json() + "\n")
    place.put("batches/again.jsonl", line(day=1).model_dump_json() + "\n")
    assert counts(place.arrive("batches/1.jsonl")) == (3, 1, 0)
    assert counts(place.arrive("batches/2.jsonl")) == (0, 0, 0)
    assert len(place.lines()) == 3
    assert place.objects.keys(BUCKET, "batches/") == ()


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


# --- wired ------------------------------------------------------------------------------------------


def test_the_handler_is_wired(
    load_function: Callable[[str], ModuleType], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real event through the real clients: S3 and DynamoDB, bucket and table."""
    event = json.loads((root / "events" / "record_purchases" / "file.json").read_text())
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "ENVIRONMENT": "sandbox",
        "PURCHASES_BUCKET": BUCKET,
        "HISTORIES_TABLE": "histories",
        "TIME_LIMIT_SECONDS": "600",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        for cached in (wiring.settings, wiring.objects, customer_wiring.purchases, customer_wiring.registry):
            cached.cache_clear()
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        boto3.client("dynamodb").create_table(
            TableName="histories",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        s3.put_object(Bucket=BUCKET, Key=event["detail"]["object"]["key"], Body=FILE.encode())
        handler = load_function("record_purchases").handler
        assert handler(event, None)["kept"] == 150
        history = customer_wiring.purchases("histories", BUCKET).history("1515915625442993107", most=3)
        assert [each.time.month for each in history] == [3, 4, 5]
        for cached in (wiring.settings, wiring.objects, customer_wiring.purchases, customer_wiring.registry):
            cached.cache_clear()
