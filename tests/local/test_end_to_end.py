"""A photo's whole way, through the template that deploys and the functions as they are."""

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import httpx
import numpy as np
import pytest
from PIL import Image

from infrastructure.local.follow import Journey
from infrastructure.local.trace import Trace
from packshot.events import PhotoRecord
from tests.local.conftest import Shop
from tests.local.shots import encoded, jpeg, vase

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
LONGEST_SIDE = {"main": 1600, "web": 1080, "thumbnail": 400}
SETTLED_S = 10.0


@dataclass(frozen=True, slots=True)
class Good:
    """A good photo, and what came of it."""

    journey: Journey
    record: PhotoRecord

    @property
    def trace(self) -> Trace:
        """Its way through the state machine."""
        assert self.journey.trace is not None
        return self.journey.trace


@pytest.fixture(scope="module")
def good(shop: Shop) -> Good:
    """Send one good photo, for all tests that look at what came of it."""
    details = {"category": "other", "brand": "Kiln", "title": "Blue vase", "price": "39.90"}
    (journey,) = shop.follow(shop.put("uploads/vase-1/front.jpg", jpeg(vase(3)), metadata=details))
    assert journey.published, journey
    return Good(journey, shop.record(journey.photo))


def fetch(shop: Shop, path: str) -> bytes:
    """Fetch an image like a browser would: follow the redirect, without the API key."""
    redirect = shop.api.get(path)
    assert redirect.status_code == 302, redirect.text
    image = httpx.get(redirect.headers["location"])
    assert image.status_code == 200
    return image.content


def eventually(check: Callable[[], bool]) -> bool:
    """Say whether something comes true within a while: events are delivered when they are."""
    deadline = time.monotonic() + SETTLED_S
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


# --- a good photo -----------------------------------------------------------------------------------


def test_a_good_photo_is_published_with_all_its_images(shop: Shop, good: Good) -> None:
    """Three scenes in three renditions each and a cutout, with the shop's own words in the record."""
    assert good.record.status in {"published", "needs_review"}
    assert good.record.product.title == "Blue vase"
    assert good.record.product.price == 39.9
    made = {(image.scene, image.rendition) for image in good.record.images}
    scenes = {(scene, rendition) for scene in ("white", "trend", "alternative") for rendition in LONGEST_SIDE}
    assert made >= scenes
    assert {rendition for _, rendition in made} == {*LONGEST_SIDE, "cutout"}
    assert shop.product("vase-1")["status"] == good.record.status


def test_every_image_is_served_as_the_record_says(shop: Shop, good: Good) -> None:
    """Each image comes through the storefront in its size, in sRGB, labelled, without a camera's traces."""
    for image in good.record.images:
        body = fetch(shop, f"/v1/products/vase-1/images/{image.name}")
        assert len(body) == image.bytes
        with Image.open(io.BytesIO(body)) as picture:
            assert picture.size == (image.width, image.height)
            assert Image.MIME[picture.format or ""] == image.media_type
            assert "icc_profile" in picture.info
            assert not picture.getexif()
        assert image.source_type.startswith(SOURCE_TYPE)
        assert image.source_type.encode() in body
        if image.rendition in LONGEST_SIDE:
            assert max(image.width, image.height) == LONGEST_SIDE[image.rendition]


def test_the_product_is_untouched_and_cost_nothing(good: Good) -> None:
    """No product pixel differs from the photo, and the studio's plates are free."""
    assert good.record.fidelity == 0
    assert good.record.correction_delta_e == 0
    assert good.record.price_usd == 0


def test_the_white_scene_is_pure_white_to_its_border(shop: Shop, good: Good) -> None:
    """Marketplaces take a main image only if the border is 255 in every channel."""
    (main,) = [i for i in good.record.images if (i.scene, i.rendition) == ("white", "main")]
    with Image.open(io.BytesIO(fetch(shop, f"/v1/products/vase-1/images/{main.name}"))) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    border = np.concatenate(
        [pixels[:8].reshape(-1, 3), pixels[-8:].reshape(-1, 3), pixels[:, :8].reshape(-1, 3)]
    )
    assert border.min() == 255


def test_the_cutout_follows_the_product(shop: Shop, good: Good) -> None:
    """The transparent image holds the vase and nothing of the backdrop's corners."""
    (cutout,) = [image for image in good.record.images if image.rendition == "cutout"]
    with Image.open(io.BytesIO(fetch(shop, f"/v1/products/vase-1/images/{cutout.name}"))) as picture:
        assert picture.mode == "RGBA"
        alpha = np.asarray(picture)[..., 3]
    assert alpha[0, 0] == 0
    assert alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] == 255
    assert good.record.matte is not None
    assert good.record.matte.area == pytest.approx(0.155, abs=0.02)


def test_a_good_photo_is_announced_once(shop: Shop, good: Good) -> None:
    """Others learn of new images from one event."""

    def heard() -> list[dict[str, object]]:
        return [told for told in shop.letterbox.details("ImagesPublished") if told["sku"] == "vase-1"]

    assert eventually(lambda: bool(heard()))
    (told,) = heard()
    assert told["images"] == [image.name for image in good.record.images]


def test_state_carries_references_and_no_images(good: Good) -> None:
    """No state hands on more than a few kilobytes, of the 256 KiB that are allowed."""
    assert max(run.bytes_in for run in good.trace.runs) < 32_000
    assert all(run.attempts == 1 for run in good.trace.tasks)


def test_all_scenes_are_told_apart_in_the_trace(good: Good) -> None:
    """A person sees how long each scene took."""
    scenes = {run.scope for run in good.trace.tasks if run.name == "ComposeImage"}
    assert scenes == {("white",), ("trend",), ("alternative",)}


def test_a_newer_photo_of_the_same_name_replaces_the_older(shop: Shop) -> None:
    """A photographer corrects a photo by dropping it again."""
    key = "uploads/vase-again/front.jpg"
    (first,) = shop.follow(shop.put(key, jpeg(vase(5))))
    (second,) = shop.follow(shop.put(key, jpeg(vase(6)), metadata={"title": "Second"}))
    record = shop.record(second.photo)
    assert first.photo.version != second.photo.version
    assert record.source.version == second.photo.version
    assert record.product.title == "Second"
    for image in record.images:
        assert len(fetch(shop, f"/v1/products/vase-again/images/{image.name}")) == image.bytes


# --- what arrives twice -----------------------------------------------------------------------------


def test_an_event_that_arrives_twice_makes_one_set_of_images(shop: Shop, good: Good) -> None:
    """The second execution ends without an effect: no image, no record, no event."""
    states = shop.cloud.client("stepfunctions")
    event = states.describe_execution(executionArn=good.journey.execution)["input"]
    before = shop.keys("PublishedBucket")
    again = states.start_execution(stateMachineArn=shop.cloud.outputs["EnhancePhotoArn"], input=event)[
        "executionArn"
    ]

    assert eventually(lambda: shop.executions.trace(again).ended)
    trace = shop.executions.trace(again)
    assert trace.ending == "AlreadyDone"
    assert [run.name for run in trace.tasks] == ["AnalyzePhoto"]
    assert shop.keys("PublishedBucket") == before
    assert shop.record(good.journey.photo) == good.record
    told = [told for told in shop.letterbox.details("ImagesPublished") if told["sku"] == "vase-1"]
    assert len(told) == 1


def test_a_sidecar_describes_its_photo_and_starts_nothing(shop: Shop) -> None:
    """The JSON beside a photo ends its own execution at once, and its words reach the record."""
    words = {"category": "bottles", "brand": "Kiln", "title": "Flacon", "price": 12}
    sidecar = shop.put("uploads/vase-2/front.json", json.dumps(words).encode())
    photo = shop.put("uploads/vase-2/front.jpg", jpeg(vase(7)))
    described, journey = shop.follow(sidecar, photo)
    assert described.trace is not None
    assert described.trace.ending == "SidecarStored"
    assert not described.trace.tasks
    product = shop.record(journey.photo).product
    assert (product.category, product.brand, product.title, product.price) == (
        "bottles",
        "Kiln",
        "Flacon",
        12,
    )


# --- what cannot be used ----------------------------------------------------------------------------

PIXELS = vase(1, size=400)
NOTHING = np.full((400, 400, 3), 255, np.uint8)
UNUSABLE = {
    "text": b"This is not an image, whatever its name says.",
    "empty": b"",
    "truncated": jpeg(PIXELS)[:4000],
    "one-pixel": encoded(PIXELS[:1, :1], "PNG"),
    "all-white": jpeg(NOTHING),
    "transparent": encoded(np.dstack([PIXELS, np.zeros(PIXELS.shape[:2], np.uint8)]), "PNG"),
    "too-many-pixels": cv2.imencode(".png", np.zeros((8000, 7000), np.uint8))[1].tobytes(),
}


@pytest.fixture(scope="module")
def rejected(shop: Shop) -> dict[str, Journey]:
    """Drop everything that cannot be used, all at once."""
    drops = [shop.put(f"uploads/bad-{name}/photo.jpg", body) for name, body in UNUSABLE.items()]
    return dict(zip(UNUSABLE, shop.follow(*drops), strict=True))


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_used_is_rejected_with_a_reason(
    shop: Shop, rejected: dict[str, Journey], name: str
) -> None:
    """One execution, one call, a record that tells a person what to do, an event; the upload stays."""
    journey = rejected[name]
    assert journey.trace is not None
    assert journey.ending == "rejected"
    assert all(run.attempts == 1 for run in journey.trace.tasks)
    record = shop.record(journey.photo)
    assert record.status == "rejected"
    assert record.code
    assert len(record.reason) > 20
    assert shop.product(journey.photo.sku)["status"] == "rejected"
    assert journey.photo.key in shop.keys("UploadsBucket")

    def heard() -> bool:
        return any(told["sku"] == journey.photo.sku for told in shop.letterbox.details("PhotoRejected"))

    assert eventually(heard)
    assert len(shop.executions.of_object(journey.photo.key, version=journey.photo.version)) == 1


def test_a_reason_says_what_is_wrong(shop: Shop, rejected: dict[str, Journey]) -> None:
    """Different faults get different codes, which programs can rely on."""
    codes = {name: shop.record(journey.photo).code for name, journey in rejected.items()}
    assert len(set(codes.values())) >= 5, codes


def test_metadata_of_the_wrong_type_is_rejected(shop: Shop) -> None:
    """A price that is no number is a mistake that only the shop can put right."""
    photo = shop.put("uploads/bad-price/front.jpg", jpeg(PIXELS), metadata={"price": "cheap"})
    (journey,) = shop.follow(photo)
    record = shop.record(photo)
    assert journey.ending == "rejected"
    assert record.code == "bad_metadata"
    assert "price" in record.reason


READABLE = ("uploads/odd-1/a b+c.jpg", "uploads/odd-2/emoji 👟.jpg", 'uploads/odd-3/with "quotes" & more.jpg')
UNREADABLE = (
    "uploads/no-folder.jpg",
    "uploads/one/too/many.jpg",
    "uploads/../../etc/passwd.jpg",
    "uploads/-rf/name;rm -rf.jpg",
    "uploads/hidden/.photo.jpg",
    f"uploads/long/{'x' * 900}.jpg",
)


def test_odd_but_honest_names_are_published(shop: Shop) -> None:
    """Blanks, plus signs, quotes and emoji are what people name their files."""
    for journey in shop.follow(*(shop.put(key, jpeg(vase(8))) for key in READABLE)):
        assert journey.published, journey
        assert shop.record(journey.photo).source.key == journey.photo.key


def test_hostile_keys_are_rejected_and_filed(shop: Shop) -> None:
    """A key that names no product has a record and a reason too, and touches nobody else's."""
    for journey in shop.follow(*(shop.put(key, jpeg(PIXELS)) for key in UNREADABLE)):
        assert journey.ending == "rejected", journey
        record = shop.record(journey.photo)
        assert (record.sku, record.status, record.code) == ("unsorted", "rejected", "unreadable_key")


# --- what is our own fault --------------------------------------------------------------------------


def test_a_defect_fails_the_execution_and_is_kept(shop: Shop, good: Good) -> None:
    """A failed execution, a record that says so, and the event in the queue that the alarm watches."""
    states, sqs = shop.cloud.client("stepfunctions"), shop.cloud.client("sqs")
    event = json.loads(states.describe_execution(executionArn=good.journey.execution)["input"])
    event["detail"]["object"] |= {"key": "uploads/defect/front.jpg", "size": -1}
    arn = states.start_execution(
        stateMachineArn=shop.cloud.outputs["EnhancePhotoArn"], input=json.dumps(event)
    )["executionArn"]

    assert eventually(lambda: shop.executions.trace(arn).ended)
    trace = shop.executions.trace(arn)
    assert trace.failed
    assert trace.error == "ValidationError"
    assert [run.name for run in trace.tasks] == ["AnalyzePhoto", "RecordFailure", "KeepForRedrive"]
    products = shop.api.get("/v1/products/unsorted").json()
    assert "failed" in {photo["status"] for photo in products["photos"]}
    queue = shop.cloud.outputs["DeadLetterQueueUrl"]
    kept = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5)["Messages"]
    assert any("uploads/defect/front.jpg" in message["Body"] for message in kept)


# --- the storefront ---------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "", "wrong", "x" * 5000])
def test_nobody_comes_in_without_a_key(shop: Shop, key: str | None) -> None:
    """Every route but the API's own description asks for a key."""
    headers = {} if key is None else {"x-api-key": key}
    for path in ("/v1/products", "/v1/products/vase-1", "/v1/trends"):
        assert httpx.get(f"{shop.cloud.api_url}{path}", headers=headers).status_code in {401, 403}
    assert httpx.get(f"{shop.cloud.api_url}/openapi.json").status_code == 200


def test_a_photo_can_be_uploaded_through_the_api(shop: Shop) -> None:
    """A storefront asks for a form, posts the photo to it, and finds the product."""
    body = jpeg(vase(9))
    asked = {
        "sku": "vase-api", "file_name": "front.jpg", "media_type": "image/jpeg", "size": len(body),
        "category": "other", "title": "Vase from the API", "price": 5,
    }  # fmt: skip
    answer = shop.api.post("/v1/photos", json=asked)
    assert answer.status_code == 201, answer.text
    form = answer.json()
    posted = httpx.post(form["url"], data=form["fields"], files={"file": ("front.jpg", body, "image/jpeg")})
    assert posted.status_code in {200, 201, 204}, posted.text

    def published() -> bool:
        found = shop.api.get("/v1/products/vase-api")
        return found.status_code == 200 and found.json()["status"] in {"published", "needs_review"}

    deadline = time.monotonic() + 60
    while not published():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert shop.product("vase-api")["title"] == "Vase from the API"


def test_the_catalogue_lists_what_was_dropped(shop: Shop, good: Good) -> None:
    """Products come newest first, page by page, each once."""
    seen: list[str] = []
    cursor = ""
    while True:
        page = shop.api.get(
            "/v1/products", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [product["sku"] for product in page["products"]]
        cursor = page["cursor"]
        if not cursor:
            break
    assert good.record.sku in seen
    assert len(seen) == len(set(seen))
