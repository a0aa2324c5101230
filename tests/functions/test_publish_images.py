"""PublishImages: what passed goes out, a person looks at the rest, nothing older replaces newer."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from packshot.events import (
    Box,
    Correction,
    ObjectRef,
    PhotoRecord,
    Placement,
    PublishedPhoto,
    PublishRequest,
    Score,
)
from packshot.imaging.encoding import encode_png
from packshot.imaging.losses import EncodingLoss
from packshot.imaging.renditions import MAIN_LOSS, WEB_LOSS
from packshot.publishing import Publisher
from packshot.storefront.ranking import rank
from packshot.storefront.uploads import claim_of
from packshot.testing.catalogue import MemoryCatalogue
from packshot.testing.clock import StoppedClock
from packshot.testing.event_bus import MemoryBus
from packshot.testing.objects import MemoryObjects

PUBLISHED = "packshot-sandbox-published"
NAMES = (
    "front-white-main.jpg",
    "front-white-web.webp",
    "front-white-thumbnail.webp",
    "front-trend-main.jpg",
    "front-trend-web.webp",
    "front-trend-thumbnail.webp",
    "front-cutout.png",
)


class Studio:
    """Everything around the function, in memory, with the working files that a request names."""

    def __init__(self, function: ModuleType) -> None:
        """Start with an empty catalogue."""
        self.function = function
        self.objects, self.catalogue, self.bus = MemoryObjects(), MemoryCatalogue(), MemoryBus()
        self.clock = StoppedClock()

    def publish(self, request: PublishRequest) -> PublishedPhoto:
        """Call the function, a second later than before."""
        self.clock.advance(1)
        for key, pixels in working_files(request):
            self.objects.write(encode_png(pixels), bucket=key.bucket, key=key.key, media_type="image/png")
        publisher = Publisher(request.photo, objects=self.objects, bucket=PUBLISHED)
        answer: PublishedPhoto = self.function.publish_images(
            request, publisher=publisher, catalogue=self.catalogue, bus=self.bus, now=self.clock
        )
        return answer

    @property
    def record(self) -> PhotoRecord:
        """The one photo's record."""
        (record,) = self.catalogue.photos("MUG-1")
        return record


def working_files(request: PublishRequest) -> Iterator[tuple[ObjectRef, np.ndarray]]:
    """Paint what the steps before would have left in the work bucket."""
    for candidate in request.candidates:
        frame = np.full((400, 400, 3), 255 if candidate.scene.name == "white" else 180, dtype=np.uint8)
        frame[100:300, 120:280] = (150, 90, 40)
        yield candidate.composite.image.object, frame
    cutout = np.zeros((400, 300, 4), dtype=np.uint8)
    cutout[100:300, 80:220] = (150, 90, 40, 255)
    yield request.matte.cutout.object, cutout


def unversioned(request: PublishRequest) -> PublishRequest:
    """Return the request with the newest versions: the fake names its versions itself."""
    text = request.model_dump_json()
    for ref in [c.composite.image.object for c in request.candidates] + [request.matte.cutout.object]:
        text = text.replace(f'"version":"{ref.version}"', '"version":""')
    return PublishRequest.model_validate_json(text)


@pytest.fixture
def studio(load_function: Callable[[str], ModuleType]) -> Studio:
    """Return a studio with nothing in it."""
    return Studio(load_function("publish_images"))


@pytest.fixture(scope="module")
def read(root: Path) -> Callable[[str], PublishRequest]:
    """Return what reads a sample event."""

    def read_case(case: str) -> PublishRequest:
        text = (root / "events" / "publish_images" / f"{case}.json").read_text()
        return unversioned(PublishRequest.model_validate_json(text))

    return read_case


Read = Callable[[str], PublishRequest]


def test_both_scenes_are_published_in_every_rendition(studio: Studio, read: Read) -> None:
    """Seven images under names that a shop can link to, in the order of the scenes."""
    answer = studio.publish(read("two_scenes"))
    assert answer.status == "published"
    assert answer.images == NAMES
    assert studio.objects.keys(PUBLISHED) == tuple(sorted(f"MUG-1/{name}" for name in NAMES))


def test_the_record_names_what_is_stored(studio: Studio, read: Read) -> None:
    """Size, type, bytes and version in the record are those of the file."""
    studio.publish(read("two_scenes"))
    for image in studio.record.images:
        stored = studio.objects.stored(image.object)
        body = studio.objects.read(image.object)
        assert (stored.media_type, len(body)) == (image.media_type, image.bytes)
        with Image.open(io.BytesIO(body)) as picture:
            assert picture.size == (image.width, image.height)
            assert Image.MIME[picture.format or ""] == image.media_type
        assert image.source_type.encode() in body


def test_the_record_is_enough_to_make_the_images_again(studio: Studio, read: Read) -> None:
    """Scores, seed, plan, versions, fidelity and price are kept, of every candidate."""
    request = read("two_scenes")
    studio.publish(request)
    record = studio.record
    assert record.candidates == rank(request.candidates)
    assert sorted(each.rank for each in record.candidates) == [1, 2]
    assert (record.analysis, record.matte, record.product) == (
        request.analysis,
        request.matte,
        request.photo.product,
    )
    assert (record.fidelity, record.correction_delta_e, record.price_usd) == (0, 0, 0)


def test_the_record_tells_what_encoding_took(studio: Studio, read: Read) -> None:
    """Main and web of each scene have their ΔE2000 inside the product, within limits; the rest has none."""
    studio.publish(shown_as_painted(read("two_scenes")))
    for image in studio.record.images:
        measured = (image.fidelity_delta_e, image.fidelity_delta_e_p99)
        if image.rendition in {"thumbnail", "cutout"}:
            assert measured == (None, None)
            continue
        limit = MAIN_LOSS if image.rendition == "main" else WEB_LOSS
        assert EncodingLoss(*(value for value in measured if value is not None)).within(limit)


def shown_as_painted(request: PublishRequest) -> PublishRequest:
    """Return the request with the box and the place that `working_files` paints."""
    matte = request.matte.model_copy(update={"box": Box(x=80, y=100, width=140, height=200)})
    place = Placement(box=Box(x=120, y=100, width=160, height=200), scale=1)
    candidates = tuple(
        each.model_copy(update={"composite": each.composite.model_copy(update={"placement": place})})
        for each in request.candidates
    )
    return request.model_copy(update={"matte": matte, "candidates": candidates})


def test_the_correction_is_in_the_record(studio: Studio, read: Read) -> None:
    """What was done to the photo, how strong it is and why stand with its images."""
    correction = Correction(strength=3.2, reasons=("Brightened by 0.50 stops.",))
    studio.publish(read("two_scenes").model_copy(update={"correction": correction}))
    assert (studio.record.correction, studio.record.correction_delta_e) == (correction, 3.2)


def test_others_are_told_once(studio: Studio, read: Read) -> None:
    """One event `ImagesPublished` carries the answer."""
    answer = studio.publish(read("two_scenes"))
    (event,) = studio.bus.events
    assert event.detail_type == "ImagesPublished"
    assert event.detail == answer.model_dump(mode="json")


def test_publishing_twice_gives_the_same(studio: Studio, read: Read) -> None:
    """A retry after a lost answer writes the same bytes under the same keys."""
    first = studio.publish(read("two_scenes"))
    bodies = [studio.objects.read(image.object) for image in studio.record.images]
    assert studio.publish(read("two_scenes")) == first
    assert [studio.objects.read(image.object) for image in studio.record.images] == bodies


def test_a_newer_upload_is_not_overwritten(studio: Studio, read: Read) -> None:
    """An execution that was overtaken writes no image, changes no record and tells nobody."""
    request = read("two_scenes")
    newer = request.photo.model_copy(update={"sequencer": "0068A1F2C3D4E5F602"})
    studio.catalogue.claim(claim_of(newer, execution="arn:newer", at=studio.clock()))
    answer = studio.publish(request)
    assert (answer.status, answer.images) == ("processing", ())
    assert studio.objects.keys(PUBLISHED) == ()
    assert studio.record.execution == "arn:newer"
    assert studio.bus.events == ()


def test_an_upload_that_comes_meanwhile_keeps_the_record(studio: Studio, read: Read) -> None:
    """Overtaken while it encodes, an execution leaves the record to the newer one and tells nobody."""
    request = read("two_scenes")
    newer = request.photo.model_copy(update={"sequencer": "0068A1F2C3D4E5F602"})

    class Overtaking(MemoryObjects):
        def write(self, *args: object, **options: object) -> ObjectRef:
            studio.catalogue.claim(claim_of(newer, execution="arn:newer", at=studio.clock()))
            return super().write(*args, **options)  # type: ignore[arg-type]

    studio.objects = Overtaking()
    studio.catalogue.claim(claim_of(request.photo, execution=request.execution, at=studio.clock()))
    for key, pixels in working_files(request):
        MemoryObjects.write(
            studio.objects, encode_png(pixels), bucket=key.bucket, key=key.key, media_type="image/png"
        )
    publisher = Publisher(request.photo, objects=studio.objects, bucket=PUBLISHED)
    answer = studio.function.publish_images(
        request, publisher=publisher, catalogue=studio.catalogue, bus=studio.bus, now=studio.clock
    )
    assert answer.status == "processing"
    assert (studio.record.execution, studio.record.images) == ("arn:newer", ())
    assert studio.bus.events == ()


def test_what_failed_is_left_out(studio: Studio, read: Read) -> None:
    """A scene that did not pass is not shown where another did."""
    request = read("two_scenes")
    white, trend = request.candidates
    quality = trend.quality.model_copy(update={"passed": False, "verdict": "give_up", "reason": "a halo"})
    failed = trend.model_copy(update={"quality": quality})
    answer = studio.publish(request.model_copy(update={"candidates": (white, failed)}))
    assert answer.status == "published"
    assert {image.scene for image in studio.record.images} == {"white", "cutout"}
    assert len(studio.record.candidates) == 2


def test_if_nothing_passed_the_best_is_shown_to_a_person(studio: Studio, read: Read) -> None:
    """The candidate with most scores passed goes out, to be reviewed, with everybody's reasons."""
    answer = studio.publish(read("nothing_passed"))
    assert answer.status == "needs_review"
    assert {image.scene for image in studio.record.images} == {"white", "cutout"}
    assert studio.record.code == "no_scene_passed"
    assert "white: the edge shows a halo" in studio.record.reason
    assert "trend: the edge shows a halo" in studio.record.reason


def test_an_uncertain_matte_is_shown_to_a_person(studio: Studio, read: Read) -> None:
    """Images of a doubtful mask are published for review, with the mask's own reason."""
    request = read("two_scenes")
    matte = request.matte.model_copy(update={"needs_review": True, "review_reason": "two products"})
    answer = studio.publish(request.model_copy(update={"matte": matte}))
    assert (answer.status, len(answer.images)) == ("needs_review", 7)
    assert (studio.record.code, studio.record.reason) == ("matte_uncertain", "two products")


def test_a_changed_product_is_never_published(studio: Studio, read: Read) -> None:
    """Whatever else speaks for it: only the cutout goes out if the product's pixels changed."""
    request = read("nothing_passed")
    touched = Score(name="fidelity", value=3, threshold=0, rule="max", passed=False)
    candidates = tuple(
        each.model_copy(
            update={
                "quality": each.quality.model_copy(update={"scores": (touched, *each.quality.scores[1:])})
            }
        )
        for each in request.candidates
    )
    answer = studio.publish(request.model_copy(update={"candidates": candidates}))
    assert answer.images == ("front-cutout.png",)
    assert studio.record.fidelity is None


def test_the_price_counts_what_was_paid_for(studio: Studio, read: Read) -> None:
    """A plate that was bought and not used stands in the price."""
    request = read("nothing_passed")
    candidates = tuple(
        each.model_copy(
            update={
                "composite": each.composite.model_copy(
                    update={"plate": each.composite.plate.model_copy(update={"price_usd": 0.003})}
                )
            }
        )
        for each in request.candidates
    )
    assert studio.publish(request.model_copy(update={"candidates": candidates})).price_usd == 0.006


def test_a_plate_of_flux_is_labelled(studio: Studio, read: Read) -> None:
    """The file itself says that a trained model took part."""
    request = read("two_scenes")
    white, trend = request.candidates
    plate = trend.composite.plate.model_copy(update={"generator": "flux"})
    flux = trend.model_copy(update={"composite": trend.composite.model_copy(update={"plate": plate})})
    studio.publish(request.model_copy(update={"candidates": (white, flux)}))
    terms = {image.scene: image.source_type.rsplit("/", 1)[1] for image in studio.record.images}
    assert terms == {
        "white": "composite",
        "trend": "compositeWithTrainedAlgorithmicMedia",
        "cutout": "algorithmicallyEnhanced",
    }
