"""What the machine `enhance_photo` does with each kind of photo, on the local cloud's interpreter."""

import hashlib
import json

import pytest

from packshot.events import PhotoRecord
from tests.statemachine.conftest import Stage

TO_PLAN = (
    "IsPhoto",
    "AnalyzePhoto",
    "IsDuplicate",
    "MaskProduct",
    "CorrectPhoto",
    "PlanScenes",
    "MakeScenes",
)
FAILING = ("RecordFailure", "KeepForRedrive", "Failed")
UNSORTED = "unsorted"


def fallback_name(script: str) -> str:
    """Return the name under which a photo is filed whose address nobody has read yet."""
    return "photo-" + hashlib.sha256(f"uploads/MUG-1/{script}.jpg".encode()).hexdigest()[:12]


def test_a_good_photo_is_published(stage: Stage) -> None:
    """Each step is called once in its order, each scene once, and the first seeds are kept."""
    run = stage.play("good")
    assert run.status == "SUCCEEDED"
    assert run.states[: len(TO_PLAN)] == TO_PLAN
    assert run.states[-2:] == ("PublishImages", "Published")
    assert run.states.count("RenderStudio") == run.states.count("KeepScene") == 3
    assert run.output["images"] == ["white 0 4294967295", "trend 0 4294967295", "alternative 0 4294967295"]


@pytest.mark.parametrize("ending", ["json", "JSON"])
def test_a_sidecar_starts_no_work(stage: Stage, ending: str) -> None:
    """The description beside a photo arrives by the same rule, and is none."""
    run = stage.play("good", ending=ending)
    assert (run.status, run.states) == ("SUCCEEDED", ("IsPhoto", "SidecarStored"))


def test_a_duplicated_event_ends_early(stage: Stage) -> None:
    """What another execution works on is not worked on twice."""
    run = stage.play("duplicate")
    assert run.status == "SUCCEEDED"
    assert run.states == ("IsPhoto", "AnalyzePhoto", "IsDuplicate", "AlreadyDone")


def test_a_poor_image_gets_another_seed(stage: Stage) -> None:
    """A retry renders the next seed, which wraps round at 32 bits; the other scenes are left alone."""
    run = stage.play("second-seed")
    assert run.output["images"] == ["white 0 4294967295", "trend 1 0", "alternative 0 4294967295"]
    assert run.states.count("NextSeed") == 1


def test_seeds_come_to_an_end(stage: Stage) -> None:
    """An image that is never good is tried five times, and handed on all the same."""
    run = stage.play("never-good")
    assert run.status == "SUCCEEDED"
    assert run.output["images"] == ["white 0 4294967295", "trend 4 3", "alternative 0 4294967295"]


def test_a_bought_plate_takes_the_studio_s_place(stage: Stage) -> None:
    """The answer comes to the token; the scene goes on with it, and its price is in the record."""
    run = stage.play("paid")
    assert run.states.count("RequestBackground") == 1
    assert run.states.count("RenderStudio") == 2
    assert run.output["images"] == ["white 0 4294967295", "trend 0 4294967295", "alternative 0 4294967295"]
    assert run.output["price_usd"] == 0.003


def test_a_busy_generator_is_waited_for(stage: Stage) -> None:
    """RetryLater is repeated with a new token, and the plate is the generator's."""
    run = stage.play("paid-busy")
    assert (run.status, run.output["price_usd"]) == ("SUCCEEDED", 0.003)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("paid-off", "No image generator is connected. The studio made this background."),
        ("paid-poor", "The day's budget for backgrounds is spent. The studio made this background."),
        (
            "paid-defect",
            "The image generator did not answer (ZeroDivisionError). The studio made this background.",
        ),
    ],
)
def test_without_a_generator_the_studio_stands_in(stage: Stage, script: str, reason: str) -> None:
    """Off, out of money or broken: the photo gets its image, and the image says why."""
    run = stage.play(script)
    assert run.status == "SUCCEEDED"
    assert run.states.count("FluxUnavailable") == 1
    white, trend, alternative = run.output["images"]
    assert (white, alternative) == ("white 0 4294967295", "alternative 0 4294967295")
    assert trend == f"trend 0 4294967295 {reason}"
    assert run.output["price_usd"] == 0


def test_another_rung_is_tried_and_all_are_paid(stage: Stage) -> None:
    """A blank picture is followed by another seed, then by another model; the record has all three prices."""
    run = stage.play("paid-third")
    assert run.states.count("RequestBackground") == 3
    assert run.states.count("RenderStudio") == 2
    assert run.output["images"][1] == "trend 0 4294967295 Picture 1 is blank."
    assert run.output["price_usd"] == 0.009


def test_when_every_rung_failed_the_studio_stands_in(stage: Stage) -> None:
    """What was paid in vain stands in the record all the same."""
    run = stage.play("paid-never")
    assert run.states.count("RequestBackground") == 3
    assert run.states.count("RenderStudio") == 3
    assert run.output["images"][1].endswith("Picture 2 is blank. The studio made this background.")
    assert run.output["price_usd"] == 0.009


def test_a_plate_that_the_judge_sends_back_is_paid_too(stage: Stage) -> None:
    """The next seed begins at the first rung, and the first picture's price is kept."""
    run = stage.play("paid-twice")
    assert run.states.count("RequestBackground") == 2
    assert run.output["images"][1] == "trend 1 0"
    assert run.output["price_usd"] == 0.006


@pytest.mark.parametrize(
    ("script", "code"),
    [("unusable", "blank"), ("productless", "no_product"), ("uncomposable", "cut_off")],
)
def test_a_rejected_photo_is_told_not_failed(stage: Stage, script: str, code: str) -> None:
    """Wherever it is rejected, in a Map too, it goes to RejectPhoto once with Lambda's own words."""
    run = stage.play(script)
    assert run.status == "SUCCEEDED"
    assert run.states[-2:] == ("RejectPhoto", "Rejected")
    assert run.output["code"] == "RejectedPhoto"
    cause = json.loads(run.output["reason"])
    assert json.loads(cause["errorMessage"])["code"] == code
    assert run.states.count("AnalyzePhoto") == 1


def test_a_photo_that_kills_the_process_is_rejected(stage: Stage) -> None:
    """A photo larger than the function's memory is no defect, and is not tried again and again."""
    run = stage.play("enormous")
    assert run.status == "SUCCEEDED"
    assert run.states == ("IsPhoto", "AnalyzePhoto", "RejectPhoto", "Rejected")
    assert run.output["code"].startswith("Runtime.")


def test_a_busy_service_is_waited_for(stage: Stage) -> None:
    """RetryLater is repeated, and the photo goes on as if nothing had been."""
    run = stage.play("busy")
    assert run.status == "SUCCEEDED"
    assert run.states[-1] == "Published"


@pytest.mark.parametrize("script", ["unmaskable", "defective-scene"])
def test_a_defect_is_recorded_kept_and_fails(stage: Stage, script: str) -> None:
    """The photo's record says failed and why, the event waits to be run again, the execution fails."""
    stage.dead_letters()
    stage.put_record(sku="MUG-1", name="front", status="failed", execution="an earlier one", body="{}")
    run = stage.play(script)
    assert run.status == "FAILED"
    assert run.states[-3:] == FAILING
    assert run.error == "ZeroDivisionError"
    assert "a defect" in run.cause
    record = stage.record(sku="MUG-1", name="front")
    assert (record["status"], record["execution"], record["body"]) == ("failed", run.arn, "{}")
    assert "ZeroDivisionError" in record["reason"]
    (letter,) = stage.dead_letters()
    assert letter["execution"] == run.arn
    assert letter["input"]["detail"]["object"]["key"] == f"uploads/MUG-1/{script}.jpg"


def test_a_failure_leaves_another_execution_s_record_alone(stage: Stage) -> None:
    """A photo that was taken over meanwhile is not called failed; the event is kept all the same."""
    stage.dead_letters()
    stage.put_record(sku="MUG-1", name="front", status="published", execution="a newer one", body="{}")
    run = stage.play("unmaskable")
    assert run.status == "FAILED"
    assert stage.record(sku="MUG-1", name="front")["status"] == "published"
    assert len(stage.dead_letters()) == 1


@pytest.mark.parametrize("script", ["unanalyzable", "unrecordable"])
def test_a_failure_before_anything_is_known_has_a_record_too(stage: Stage, script: str) -> None:
    """A photo that was never analyzed is filed as unsorted, with a record that the catalogue can read."""
    run = stage.play(script)
    assert run.status == "FAILED"
    item = stage.record(sku=UNSORTED, name=fallback_name(script))
    assert item["status"] == "failed"
    record = PhotoRecord.model_validate_json(item["body"])
    assert record.status == "failed"
    assert record.execution == run.arn
    assert record.source.key == f"uploads/MUG-1/{script}.jpg"
    assert record.source.version == "v1"
