"""RejectPhoto: a record, a reason that a person can act on, an event; the upload stays."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.errors import RejectedPhoto
from packshot.events import PublishedImage, RejectionNotice, RejectRequest
from packshot.storefront.rejections import TOO_LARGE, UNEXPLAINED, read_rejection, rejected
from packshot.testing.catalogue import MemoryCatalogue
from packshot.testing.clock import StoppedClock
from packshot.testing.event_bus import MemoryBus

Reject = Callable[[RejectRequest], RejectionNotice]


def lambda_cause(error: Exception) -> str:
    """Return what Lambda tells Step Functions of an exception."""
    said = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": ["  File …"]}
    return json.dumps(said)


@pytest.fixture
def catalogue() -> MemoryCatalogue:
    """Return an empty catalogue."""
    return MemoryCatalogue()


@pytest.fixture
def bus() -> MemoryBus:
    """Return a silent bus."""
    return MemoryBus()


@pytest.fixture
def reject(load_function: Callable[[str], ModuleType], catalogue: MemoryCatalogue, bus: MemoryBus) -> Reject:
    """Return the function with everything around it in memory."""
    function, clock = load_function("reject_photo"), StoppedClock()

    def call(request: RejectRequest) -> RejectionNotice:
        notice: RejectionNotice = function.reject_photo(request, catalogue=catalogue, bus=bus, now=clock)
        return notice

    return call


@pytest.fixture
def read(root: Path) -> Callable[[str], RejectRequest]:
    """Return what reads a sample event."""

    def read_case(case: str) -> RejectRequest:
        text = (root / "events" / "reject_photo" / f"{case}.json").read_text()
        return RejectRequest.model_validate_json(text)

    return read_case


Read = Callable[[str], RejectRequest]


def test_a_rejected_photo_has_a_record_and_an_event(
    reject: Reject, read: Read, catalogue: MemoryCatalogue, bus: MemoryBus
) -> None:
    """Who looks at the product, and who listens, reads the same reason."""
    request = read("not_an_image")
    notice = reject(request)
    (record,) = catalogue.photos("MUG-1")
    assert (record.name, record.status, record.code) == ("front", "rejected", "not_an_image")
    assert record.reason.startswith("The file is no image that we can read. Save the photo as")
    assert record.source.version == request.upload.version
    (event,) = bus.events
    assert (event.detail_type, event.detail) == ("PhotoRejected", notice.model_dump(mode="json"))
    assert notice.reason == record.reason


def test_a_photo_larger_than_the_memory_is_explained(reject: Reject, read: Read) -> None:
    """A process that the system killed left no reason, so the function gives one."""
    notice = reject(read("too_large_for_memory"))
    assert (notice.code, notice.reason) == ("too_large_for_memory", TOO_LARGE)


def test_a_hostile_key_is_filed_as_unsorted(reject: Reject, read: Read, catalogue: MemoryCatalogue) -> None:
    """A key that names no product touches nobody's product, and keeps its exact words."""
    request = read("hostile_key")
    notice = reject(request)
    assert notice.sku == "unsorted"
    assert notice.source.key == request.upload.key
    (record,) = catalogue.photos("unsorted")
    assert record.code == "unreadable_key"


def test_a_retry_is_told_again_a_duplicate_is_not(
    reject: Reject, read: Read, catalogue: MemoryCatalogue, bus: MemoryBus
) -> None:
    """The same execution may say it twice; another execution of the same upload changes nothing."""
    request = read("not_an_image")
    reject(request)
    reject(request)
    assert len(bus.events) == 2
    upload = request.upload.model_copy(update={"execution": "arn:another"})
    reject(request.model_copy(update={"upload": upload}))
    assert len(bus.events) == 2
    assert catalogue.photos("MUG-1")[0].execution == request.upload.execution


def test_a_rejected_replacement_leaves_the_former_images(
    reject: Reject, read: Read, catalogue: MemoryCatalogue
) -> None:
    """A shop that uploads a bad photo over a good one keeps the good one's images."""
    request = read("not_an_image")
    good = rejected(request, at=StoppedClock()()).model_copy(
        update={"status": "published", "sequencer": "00", "images": (IMAGE,), "code": "", "reason": ""}
    )
    catalogue.put(good)
    reject(request)
    (record,) = catalogue.photos("MUG-1")
    assert (record.status, record.images) == ("rejected", (IMAGE,))


IMAGE = PublishedImage.model_validate(
    {
        "name": "front-white-main.jpg",
        "object": {"bucket": "b", "key": "MUG-1/front-white-main.jpg", "version": "v"},
        "scene": "white",
        "rendition": "main",
        "media_type": "image/jpeg",
        "width": 1600,
        "height": 1600,
        "bytes": 1,
        "source_type": "",
    }
)


@given(reason=st.text(min_size=1), code=st.text())
def test_any_reason_survives_the_way_through_lambda(reason: str, code: str) -> None:
    """What a function raises is what the person reads, in any script."""
    rejection = read_rejection(error="RejectedPhoto", cause=lambda_cause(RejectedPhoto(reason, code=code)))
    assert (rejection.reason, rejection.code) == (reason, code)


@given(error=st.sampled_from(["RejectedPhoto", "ValueError", ""]), cause=st.text())
def test_no_cause_breaks_the_way_out(error: str, cause: str) -> None:
    """Whatever Step Functions says, a person gets a sentence."""
    rejection = read_rejection(error=error, cause=cause)
    assert rejection.reason == UNEXPLAINED
    assert rejection.code == "unreadable_photo"


@pytest.mark.parametrize(
    "message", ["null", "[]", '"text"', '{"code": 1, "reason": "r"}', '{"reason": "r"}', "{", '{"code": "c"}']
)
def test_a_message_of_another_shape_is_not_trusted(message: str) -> None:
    """Only code and reason, both text, are taken for a reason."""
    cause = json.dumps({"errorMessage": message, "errorType": "RejectedPhoto"})
    assert read_rejection(error="RejectedPhoto", cause=cause).reason == UNEXPLAINED
