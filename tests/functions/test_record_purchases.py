"""RecordPurchases: files in; lines, histories and reports out."""

import gzip
import io
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from packshot import customer_wiring, wiring
from packshot.customers.reporting import MOST_TOLD
from packshot.events import Arrival, ObjectRef
from packshot.testing.objects import MemoryObjects
from tests.functions.recording import BUCKET, FILE, HEADER, ROWS, Place, counts, short


@pytest.fixture
def place(load_function: Callable[[str], ModuleType]) -> Place:
    """Return an empty place."""
    return Place(load_function("record_purchases").record_purchases)


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


def test_a_long_file_is_continued_until_nothing_is_left(place: Place) -> None:
    """A run whose time is over leaves a note, which calls the next one; all together kept every row."""
    registry = short(place, seconds=0)
    outcome = place.arrive(place.put("purchases/long.csv", FILE + "\nbad row\n"), registry=registry)
    runs = 1
    while notes := place.objects.keys(BUCKET, "continuations/"):
        assert len(notes) == 1
        assert "reports/long.csv.json" not in place.objects.keys(BUCKET, "reports/")
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
    assert deaths > 5
    assert counts(outcome) == (150, 0, 0)
    told = [sorted(each.lines(), key=lambda row: str(row["digest"])) for each in (killed, whole)]
    assert told[0] == told[1]
    assert len(killed.histories.history("1515915625442993107", most=100)) == 5


@pytest.mark.parametrize("lifetime", range(1, 30, 2))
def test_a_run_that_died_takes_no_line_from_others(place: Place, lifetime: int) -> None:
    """Whatever write it died before, though nobody repeats it: what is missing another file brings."""
    mortal = Mortal()
    killed = Place(place.record, objects=mortal)
    killed.put("purchases/long.csv", FILE)
    mortal.writes_left = lifetime
    with pytest.raises(Killed):
        killed.arrive("purchases/long.csv", registry=short(killed))
    mortal.writes_left = 1_000_000
    killed.drop("purchases/copy.csv", FILE)
    assert len(killed.lines()) == 150


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


def test_a_report_has_an_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file of bad rows alone: so many are told, all are counted."""
    monkeypatch.setattr("packshot.customers.arriving.MOST_REPORTED", 150)
    body = HEADER + "bad\n" * 400
    outcome = place.arrive(
        place.put("purchases/bad.csv", body), registry=replace(place.registry, rows=100, segment=4)
    )
    assert counts(outcome) == (0, 0, 400)
    assert len(place.report("bad.csv.csv").splitlines()) == 151
    assert len(outcome.problems) == MOST_TOLD


def test_a_file_that_is_too_large_is_refused_before_it_is_fetched(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person reads what to do; a batch of that size stands in nobody's way."""
    monkeypatch.setattr("packshot.customers.arriving.LARGEST_FILE", 1_000)
    assert counts(place.drop("purchases/large.csv", FILE)) == (0, 0, 1)
    assert "Cut it into several" in place.report("large.csv.unreadable.csv")
    assert counts(place.drop("batches/large.jsonl", FILE)) == (0, 0, 0)
    assert place.objects.keys(BUCKET, "batches/") == ()


def test_a_note_that_says_nothing_is_told(place: Place) -> None:
    """It fails no run."""
    assert counts(place.drop("continuations/x.json", b"{}")) == (0, 0, 0)
    assert place.told == ["note not read: continuations/x.json"]


def test_each_segment_s_bad_rows_have_a_report_of_their_own(place: Place) -> None:
    """None of them is written over by a later one."""
    body = "\n".join([HEADER.strip(), "bad", *ROWS[:12], "bad", *ROWS[12:24]])
    assert counts(place.arrive(place.put("purchases/long.csv", body), registry=short(place))) == (24, 0, 2)
    found = [place.report(name).splitlines()[1] for name in ("long.csv.csv", "long.csv.2.csv")]
    assert [row.split(",")[0] for row in found] == ["2", "15"]


def test_a_file_without_end_is_read_as_far_as_runs_reach(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came so far is kept, and the person is told to cut the rest."""
    monkeypatch.setattr("packshot.customers.arriving.MOST_SEGMENTS", 3)
    outcome = place.arrive(place.put("purchases/long.csv", FILE), registry=short(place))
    assert counts(outcome) == (30, 0, 1)
    assert "Cut the rest" in place.report("long.csv.unreadable.csv")


@pytest.mark.parametrize("word", ["\\ud800", "x" * 200_000, "=1+1"])
def test_no_word_of_a_row_stops_a_file(place: Place, word: str) -> None:
    """Whatever stands in one line of JSON, the others are kept."""
    good = {"customer": "1", "time": "2023-01-05", "category": "bags"}
    rows = [json.dumps(good | {"category": f"{number}"}) for number in range(3)]
    rows.insert(1, json.dumps(good | {"brand": "WORD"}).replace("WORD", word))
    assert place.drop("purchases/odd.jsonl", "\n".join(rows)).kept >= 3


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
