"""Sample events: recorded from an execution, and brought home into another cloud."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import boto3
import pytest
from moto import mock_aws
from pydantic import JsonValue

from infrastructure.local.recording import recordings
from infrastructure.local.rehearsal import SAMPLE_KEY, Rehearsal

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

OUTPUTS = {
    "UploadsBucket": "here-uploads",
    "WorkBucket": "here-work",
    "PublishedBucket": "here-published",
    "PurchasesBucket": "here-purchases",
}


class Stage:
    """A cloud with buckets, whose functions say what they were asked."""

    def __init__(self, s3: "S3Client") -> None:
        """Begin with empty buckets."""
        self.s3 = s3
        self.calls: list[str] = []
        self.drops: list[str] = []

    def put(self, bucket: str, key: str) -> None:
        """Store an object."""
        self.s3.put_object(Bucket=bucket, Key=key, Body=b"pixels")

    def rehearsal(self) -> Rehearsal:
        """Return what is tested, on this stage."""
        return Rehearsal(
            self.s3,
            OUTPUTS,
            api_key="real key",
            call=self._call,
            drop=self._drop,
            owner=lambda _key: "arn:owner",
        )

    def _call(self, function: str, question: JsonValue) -> JsonValue:
        self.calls.append(function)
        return {"made by": function, "for": question}

    def _drop(self, key: str) -> bool:
        """Do what the cloud does with the sample mug."""
        self.drops.append(key)
        if "/MUG-1/" not in key:
            return False
        self.put("here-uploads", key)
        self.put("here-work", "photos/MUG-1/front/aaaaaaaaaaaa/matte.png")
        return True


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Return an empty cloud."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        s3 = boto3.client("s3")
        for bucket in OUTPUTS.values():
            s3.create_bucket(Bucket=bucket)
        yield Stage(s3)


def matte(sku: str = "MUG-1") -> JsonValue:
    """Return a reference to a matte, as another cloud recorded it."""
    return {"bucket": "there-work-1x", "key": f"photos/{sku}/front/bbbbbbbbbbbb/matte.png", "version": "7"}


def test_references_point_to_what_is_here(stage: Stage) -> None:
    """Buckets get this cloud's names by their role, keys the newest version's; all else stays."""
    stage.put("here-work", "photos/MUG-1/front/cccccccccccc/matte.png")
    prepared = stage.rehearsal().prepare({"matte": matte(), "area": 0.5, "none": None})
    assert prepared == {
        "matte": {"bucket": "here-work", "key": "photos/MUG-1/front/cccccccccccc/matte.png", "version": ""},
        "area": 0.5,
        "none": None,
    }
    assert stage.drops == []


def test_a_photo_that_is_missing_is_dropped_first(stage: Stage) -> None:
    """A sample event works in an empty cloud: its sample photo goes through first, once."""
    prepared = stage.rehearsal().prepare([matte(), matte()])
    assert isinstance(prepared, list)
    assert {cast("dict[str, str]", ref)["key"] for ref in prepared} == {
        "photos/MUG-1/front/aaaaaaaaaaaa/matte.png"
    }
    assert stage.drops == ["uploads/MUG-1/front.jpg"]


def test_a_photo_that_nobody_has_keeps_its_key(stage: Stage) -> None:
    """Not every function reads what its question names; one that does says which object is missing."""
    prepared = stage.rehearsal().prepare(matte("SOFA-9"))
    assert prepared == {
        "bucket": "here-work",
        "key": "photos/SOFA-9/front/bbbbbbbbbbbb/matte.png",
        "version": "",
    }


def test_plates_and_composites_are_made_anew(stage: Stage) -> None:
    """Their keys follow from seeds that differ between clouds, so the functions before are asked."""
    question: JsonValue = {"photo": 1, "working": 2, "matte": 3, "scene": {"name": "white"}}
    assert isinstance(question, dict)
    rehearsal = stage.rehearsal()
    rehearsal.prepare({**question, "plate": {}})
    assert stage.calls == ["render_studio"]
    prepared = rehearsal.prepare({**question, "composite": {}, "attempt": 1})
    assert stage.calls[1:] == ["render_studio", "compose_image"]
    assert isinstance(prepared, dict)
    assert cast("dict[str, str]", prepared["composite"])["made by"] == "compose_image"


def test_candidates_get_their_own_composites(stage: Stage) -> None:
    """What is published is what was made here; the verdicts stay as recorded."""
    candidate: JsonValue = {"scene": {"name": "white"}, "composite": {}, "quality": {"attempt": 2}}
    prepared = stage.rehearsal().prepare(
        {"photo": {}, "working": 2, "matte": 3, "execution": "arn:old", "candidates": [candidate]}
    )
    assert isinstance(prepared, dict)
    (made,) = cast("list[dict[str, dict[str, object]]]", prepared["candidates"])
    assert set(made) == {"scene", "composite", "quality"}
    assert made["composite"]["made by"] == "compose_image"
    assert stage.calls == ["render_studio", "compose_image"]


def test_the_execution_is_the_one_that_owns_the_photo(stage: Stage) -> None:
    """Another execution would be told that it is late, and show nothing."""
    stage.put("here-uploads", "uploads/x/y.jpg")
    event: JsonValue = {"bucket": "there-uploads", "key": "uploads/x/y.jpg", "execution": "arn:old"}
    prepared = stage.rehearsal().prepare(event)
    assert prepared == {"bucket": "here-uploads", "key": "uploads/x/y.jpg", "execution": "arn:owner"}


def test_the_sample_key_becomes_a_key_that_opens(stage: Stage) -> None:
    """A request of the storefront's samples is let in, one with a wrong key is not."""
    headers: JsonValue = {"headers": {"x-api-key": SAMPLE_KEY, "other": "guess"}}
    assert stage.rehearsal().prepare(headers) == {"headers": {"x-api-key": "real key", "other": "guess"}}


def test_what_was_asked_becomes_a_sample_event(tmp_path: Path) -> None:
    """Each function's first question is kept, by scene where there are scenes, its buckets named by role."""

    def scheduled(number: int, function: str, payload: JsonValue) -> "HistoryEventTypeDef":
        name = f"arn:aws:lambda:us-east-1:000000000000:function:packshot-sandbox-{function}"
        parameters = json.dumps({"FunctionName": name, "Payload": payload})
        event = {
            "id": number,
            "type": "TaskScheduled",
            "taskScheduledEventDetails": {"parameters": parameters},
        }
        return cast("HistoryEventTypeDef", event)

    history = [
        cast("HistoryEventTypeDef", {"id": 1, "type": "ExecutionStarted"}),
        scheduled(2, "analyze-photo", {"bucket": "here-uploads", "key": "uploads/mug/ä.jpg"}),
        scheduled(3, "analyze-photo", {"bucket": "again"}),
        scheduled(4, "compose-image", {"scene": {"name": "trend"}, "refs": [{"bucket": "here-work"}]}),
    ]
    found = recordings(history, case="mug", outputs=OUTPUTS)
    written = {recording.write(tmp_path).relative_to(tmp_path).as_posix() for recording in found}
    assert written == {"analyze_photo/mug.json", "compose_image/trend.json"}
    analyzed = json.loads((tmp_path / "analyze_photo" / "mug.json").read_text(encoding="utf-8"))
    assert analyzed == {"bucket": "packshot-sandbox-uploads", "key": "uploads/mug/ä.jpg"}
    composed = json.loads((tmp_path / "compose_image" / "trend.json").read_text(encoding="utf-8"))
    assert composed["refs"] == [{"bucket": "packshot-sandbox-work"}]
