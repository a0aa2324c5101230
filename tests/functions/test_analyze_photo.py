"""AnalyzePhoto: an upload in; a claimed, measured, upright photo out, or a refusal that one can act on."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from packshot.errors import RejectedPhoto
from packshot.events import AnalyzedPhoto, ObjectRef, Photo, Upload
from packshot.imaging.encoding import decode_png
from packshot.settings import AnalyzePhotoSettings
from packshot.storefront.addresses import version_hash
from packshot.testing.catalogue import MemoryCatalogue
from packshot.testing.objects import MemoryObjects
from tests.functions.cases import read_case
from tests.products import drawn

UPLOADS, WORK = "packshot-test-uploads", "packshot-test-work"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def jpeg(**options: Any) -> bytes:  # noqa: ANN401 - Pillow's own options
    """Return a photo of a mug."""
    buffer = io.BytesIO()
    Image.fromarray(drawn("mug", width=400, height=600).photo).save(buffer, "JPEG", quality=92, **options)
    return buffer.getvalue()


class FullStore(MemoryObjects):
    """A store that can be read and takes nothing more."""

    def __init__(self, stored: MemoryObjects) -> None:
        """Take the objects over."""
        self.__dict__.update(stored.__dict__)

    def write(self, body: bytes, **_more: object) -> ObjectRef:
        """Fail as a disk would."""
        raise OSError(f"the store is full, {len(body)} bytes are too many")


class Desk:
    """The function with its bucket and catalogue."""

    def __init__(self, function: ModuleType) -> None:
        """Start empty."""
        self.function, self.objects, self.catalogue = function, MemoryObjects(), MemoryCatalogue()
        self.memory = 2048

    def put(self, file: bytes, *, key: str = "uploads/MUG-1/front.jpg", **metadata: str) -> str:
        """Upload a file and return its version."""
        ref = self.objects.write(file, bucket=UPLOADS, key=key, media_type="image/jpeg", metadata=metadata)
        return ref.version

    def analyze(
        self,
        *,
        key: str = "uploads/MUG-1/front.jpg",
        execution: str = "one",
        **more: Any,  # noqa: ANN401
    ) -> AnalyzedPhoto:
        """Send the event of an upload."""
        settings = AnalyzePhotoSettings.model_validate(
            {
                "ENVIRONMENT": "test",
                "WORK_BUCKET": WORK,
                "CATALOGUE_TABLE": "catalogue",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": self.memory,
            }
        )
        upload = Upload(bucket=UPLOADS, key=key, execution=execution, **more)
        answer: AnalyzedPhoto = self.function.analyze_photo(
            upload, objects=self.objects, catalogue=self.catalogue, now=lambda: NOON, settings=settings
        )
        return answer

    def refusal(self, **event: Any) -> str:  # noqa: ANN401 - an event's fields
        """Return the code by which an upload is refused."""
        with pytest.raises(RejectedPhoto) as refusal:
            self.analyze(**event)
        return refusal.value.code


@pytest.fixture
def desk(load_function: Callable[[str], ModuleType]) -> Desk:
    """Return an empty desk."""
    return Desk(load_function("analyze_photo"))


def accepted(answer: AnalyzedPhoto) -> Photo:
    """Return the photo of an answer that is complete."""
    assert not answer.duplicate
    assert answer.photo is not None
    assert answer.working is not None
    assert answer.analysis is not None
    return answer.photo


def test_a_photo_is_claimed_measured_and_kept(desk: Desk) -> None:
    """The working image lies under photo and version, and the catalogue knows who works on it."""
    version = desk.put(jpeg())
    answer = desk.analyze(version=version, sequencer="0A")
    photo = accepted(answer)
    assert (photo.sku, photo.name, photo.source.version) == ("MUG-1", "front", version)
    assert answer.working is not None
    assert answer.working.object.key == f"photos/MUG-1/front/{version_hash(photo.source)}/working.png"
    pixels = decode_png(desk.objects.read(answer.working.object))
    assert pixels.shape == (answer.working.height, answer.working.width, 3) == (600, 400, 3)
    (record,) = desk.catalogue.photos("MUG-1")
    assert (record.status, record.execution, record.sequencer) == ("processing", "one", "0A")


def test_a_sideways_photo_is_kept_upright(desk: Desk) -> None:
    """Width and height are the upright picture's."""
    exif = Image.Exif()
    exif[0x0112] = 6
    desk.put(jpeg(exif=exif))
    answer = desk.analyze()
    assert answer.working is not None
    assert (answer.working.width, answer.working.height) == (600, 400)


def test_what_the_shop_says_travels_with_the_photo(desk: Desk) -> None:
    """Metadata wins over the sidecar; what is odd becomes a warning."""
    sidecar = {"category": "shoes", "brand": "Nord", "price": 24.5}
    desk.put(json.dumps(sidecar).encode(), key="uploads/MUG-1/front.json")
    desk.put(jpeg(), category="spaceship")
    answer = desk.analyze()
    product = accepted(answer).product
    assert (product.category, product.brand, product.price) == ("other", "Nord", 24.5)
    assert answer.analysis is not None
    assert "spaceship" in answer.analysis.warnings[0]


def test_an_alpha_of_its_own_is_kept(desk: Desk) -> None:
    """A cut out upload stays cut out."""
    product = drawn("mug", width=400, height=600)
    buffer = io.BytesIO()
    Image.fromarray(product.cutout).save(buffer, "PNG")
    desk.put(buffer.getvalue(), key="uploads/MUG-1/front.png")
    answer = desk.analyze(key="uploads/MUG-1/front.png")
    accepted(answer)
    assert answer.working is not None
    assert answer.analysis is not None
    assert answer.analysis.backdrop.kind == "transparent"
    assert np.array_equal(decode_png(desk.objects.read(answer.working.object))[..., 3], product.alpha)


def test_a_duplicated_event_is_left_alone(desk: Desk) -> None:
    """S3 tells twice: the second execution finds the photo taken and writes nothing."""
    version = desk.put(jpeg())
    desk.analyze(version=version, sequencer="0A")
    written = desk.objects.keys(WORK)
    again = desk.analyze(version=version, sequencer="0A", execution="two")
    assert again == AnalyzedPhoto(duplicate=True)
    assert desk.objects.keys(WORK) == written
    assert desk.catalogue.photos("MUG-1")[0].execution == "one"


def test_a_retry_goes_on(desk: Desk) -> None:
    """The same execution may come again, after a time-out, and makes the same bytes."""
    version = desk.put(jpeg())
    first, second = (desk.analyze(version=version, sequencer="0A") for _ in range(2))
    assert first.working is not None
    assert second.working is not None
    assert first.working.object.key == second.working.object.key
    assert desk.objects.read(first.working.object) == desk.objects.read(second.working.object)


def test_an_older_event_does_not_overtake(desk: Desk) -> None:
    """Events come out of order; what arrives late for an old upload is left alone."""
    old, new = desk.put(jpeg()), desk.put(jpeg())
    accepted(desk.analyze(version=new, sequencer="0B", execution="new"))
    assert desk.analyze(version=old, sequencer="0A", execution="old").duplicate


def test_sidecars_and_folders_are_nobodys_fault(desk: Desk) -> None:
    """They arrive as events too, and end without a rejection."""
    for key in ("uploads/MUG-1/front.json", "uploads/MUG-1/"):
        assert desk.analyze(key=key) == AnalyzedPhoto(duplicate=True)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "truncated"),
        (b"<html></html>", "not_an_image"),
        (jpeg()[:3000], "truncated"),
    ],
)
def test_what_is_no_photo_is_refused(desk: Desk, file: bytes, code: str) -> None:
    """The reason is the decoder's; the claim stands, for the rejection to be recorded on."""
    desk.put(file)
    assert desk.refusal() == code
    assert desk.catalogue.photos("MUG-1")[0].status == "processing"
    assert desk.objects.keys(WORK) == ()


def test_a_blank_picture_is_refused(desk: Desk) -> None:
    """All white is no product."""
    buffer = io.BytesIO()
    Image.new("RGB", (500, 500), "white").save(buffer, "JPEG")
    desk.put(buffer.getvalue())
    assert desk.refusal() == "blank"


def test_a_defect_is_filed_under_the_photos_own_address(desk: Desk) -> None:
    """The shop finds a photo that we could not work on where it looks for it, and a retry takes it again."""
    desk.put(jpeg())
    stored, desk.objects = desk.objects, FullStore(desk.objects)
    with pytest.raises(OSError, match="full"):
        desk.analyze()

    (record,) = desk.catalogue.photos("MUG-1")
    assert (record.status, record.execution) == ("failed", "one")
    assert "OSError" in record.reason

    desk.objects = stored
    assert not desk.analyze().duplicate
    assert desk.catalogue.photos("MUG-1")[0].status == "processing"


def test_a_deleted_upload_is_gone(desk: Desk) -> None:
    """Between event and execution somebody may have tidied up."""
    assert desk.refusal() == "gone"


def test_a_heavy_upload_is_not_fetched(desk: Desk) -> None:
    """The event's size is enough to refuse; a lying event does not help."""
    assert desk.refusal(size=41_000_000) == "too_heavy"
    desk.put(b"\xff\xd8\xff" + b"\0" * 40_000_000)
    assert desk.refusal(size=10) == "too_heavy"


def test_the_functions_memory_bounds_the_photo(desk: Desk) -> None:
    """The setting that Lambda makes is the limit that counts."""
    desk.memory = 324
    desk.put(jpeg())
    assert desk.refusal() == "too_large_for_memory"


@pytest.mark.parametrize("sidecar", [b"{", b" " * 70_000])
def test_a_broken_sidecar_is_refused(desk: Desk, sidecar: bytes) -> None:
    """Before anything is claimed: the photo may be right, and what the shop meant is unknown."""
    desk.put(sidecar, key="uploads/MUG-1/front.json")
    desk.put(jpeg())
    assert desk.refusal() == "bad_metadata"


def test_the_sample_events_do_what_their_names_say(desk: Desk) -> None:
    """The events that developers invoke by hand: one photo, one sidecar, two refusals."""
    desk.put(jpeg())
    event = {**read_case("analyze_photo", "mug"), "version": ""}
    fields = {name: value for name, value in event.items() if name != "bucket"}
    assert accepted(desk.analyze(**fields)).name == "front"
    for case, code in (("hostile_key", "unreadable_key"), ("too_heavy", "too_heavy")):
        fields = {name: value for name, value in read_case("analyze_photo", case).items() if name != "bucket"}
        assert desk.refusal(**fields) == code
    fields = {
        name: value for name, value in read_case("analyze_photo", "sidecar").items() if name != "bucket"
    }
    assert desk.analyze(**fields).duplicate
