"""What every catalogue promises, in memory and in DynamoDB."""

import base64
import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from packshot.adapters.catalogue import DynamoCatalogue
from packshot.errors import UnknownCursor
from packshot.events import ObjectRef, PhotoRecord, Product, PublishedImage
from packshot.ports import Catalogue
from packshot.testing.catalogue import MemoryCatalogue

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
Change = str | float | datetime | ObjectRef | Product | tuple[PublishedImage, ...]


@pytest.fixture(params=["memory", "dynamo"])
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    """Return each catalogue in turn."""
    if request.param == "memory":
        return MemoryCatalogue()
    return DynamoCatalogue(request.getfixturevalue("table"))


def record(**changes: Change) -> PhotoRecord:
    """Return the record of one photo in work, changed."""
    usual: dict[str, Change] = {
        "sku": "MUG-1",
        "name": "front",
        "status": "processing",
        "source": ObjectRef(bucket="uploads", key="uploads/MUG-1/front.jpg", version="v1"),
        "sequencer": "0A10",
        "execution": "arn:one",
        "updated_at": NOON,
    }
    return PhotoRecord.model_validate(usual | changes)


def image(name: str) -> PublishedImage:
    """Return a thumbnail of this name."""
    return PublishedImage(
        name=name,
        object=ObjectRef(bucket="published", key=f"MUG-1/{name}", version="v1"),
        scene="white",
        rendition="thumbnail",
        media_type="image/webp",
        width=400,
        height=400,
        bytes=1000,
        source_type="http://cv.iptc.org/newscodes/digitalsourcetype/composite",
    )


def later(seconds: float) -> datetime:
    """Return a moment after noon."""
    return NOON + timedelta(seconds=seconds)


def test_a_new_photo_is_claimed_and_listed(catalogue: Catalogue) -> None:
    """From the claim on, the product stands in the catalogue as in work."""
    assert catalogue.claim(record(product=Product(title="Mug", category="other", brand="Nord")))
    page = catalogue.products(limit=10)
    assert [(p.sku, p.status, p.title, p.photos) for p in page.products] == [
        ("MUG-1", "processing", "Mug", 1)
    ]
    assert page.cursor == ""
    assert catalogue.photos("MUG-1")[0].status == "processing"


REFUSED = [
    pytest.param({"execution": "arn:two"}, id="a duplicated event"),
    pytest.param({"execution": "arn:two", "sequencer": "0A0F"}, id="an older upload"),
    pytest.param({"execution": "arn:two", "sequencer": ""}, id="an upload without a sequencer"),
    pytest.param({"execution": "arn:two", "updated_at": later(3600)}, id="while work may still go on"),
]
ALLOWED = [
    pytest.param({}, id="the same execution again"),
    pytest.param({"execution": "arn:two", "sequencer": "0A11"}, id="a newer upload"),
    pytest.param({"execution": "arn:two", "sequencer": "0A101"}, id="a longer sequencer is padded"),
    pytest.param({"execution": "arn:two", "updated_at": later(3 * 3600)}, id="abandoned work"),
    pytest.param(
        {"execution": "arn:two", "source": ObjectRef(bucket="u", key="k", version="v2")},
        id="another version that no sequencer tells apart",
    ),
]


@pytest.mark.parametrize("change", REFUSED)
@pytest.mark.parametrize("method", ["claim", "put"])
def test_what_another_execution_has_stays(
    catalogue: Catalogue, change: dict[str, Change], method: str
) -> None:
    """A duplicate or an older upload changes nothing, and is told so."""
    catalogue.claim(record())
    assert not getattr(catalogue, method)(record(status="rejected", **change))
    assert catalogue.photos("MUG-1") == (record(),)
    assert catalogue.products(limit=1).products[0].status == "processing"


@pytest.mark.parametrize("change", ALLOWED)
@pytest.mark.parametrize("method", ["claim", "put"])
def test_what_is_ours_is_replaced(catalogue: Catalogue, change: dict[str, Change], method: str) -> None:
    """Retries, newer uploads and abandoned work go through."""
    catalogue.claim(record())
    new = record(**change)
    assert getattr(catalogue, method)(new)
    assert catalogue.photos("MUG-1") == (new,)


def test_a_failure_can_be_claimed_again(catalogue: Catalogue) -> None:
    """A redelivered event of a failed photo is worked on, by whoever comes."""
    catalogue.claim(record())
    catalogue.put(record(status="failed", reason="defect"))
    assert catalogue.claim(record(execution="arn:two"))


def test_a_rejection_is_not_claimed_again(catalogue: Catalogue) -> None:
    """A duplicated event of a rejected photo ends at once: no retry storm."""
    catalogue.claim(record())
    assert catalogue.put(record(status="rejected", reason="too dark"))
    assert not catalogue.claim(record(execution="arn:two"))
    assert catalogue.photos("MUG-1")[0].reason == "too dark"


def test_an_outcome_without_a_claim_is_kept(catalogue: Catalogue) -> None:
    """A photo that was rejected before anybody claimed it has its record."""
    assert catalogue.put(record(sku="unsorted", name="photo-1", status="rejected"))
    assert [p.sku for p in catalogue.products(limit=5).products] == ["unsorted"]


def test_a_record_comes_back_whole(catalogue: Catalogue) -> None:
    """Everything that was put is there to make the image again."""
    whole = record(
        status="published", images=(image("front-white-thumbnail.webp"),), product=Product(price=9.5)
    )
    catalogue.put(whole)
    assert catalogue.photos("MUG-1") == (whole,)


def test_images_stay_until_there_are_newer_ones(catalogue: Catalogue) -> None:
    """A photo uploaded anew keeps showing what it had, while it is worked on and if it is rejected."""
    first, second = (image(f"front-white-{number}.webp") for number in (1, 2))
    catalogue.claim(record())
    catalogue.put(record(status="published", images=(first,), fidelity=0.0))
    newer: dict[str, Change] = {"execution": "arn:two", "sequencer": "0A11", "updated_at": later(9)}
    catalogue.claim(record(**newer))
    (at_work,) = catalogue.photos("MUG-1")
    assert (at_work.status, at_work.images, at_work.fidelity) == ("processing", (first,), 0)
    catalogue.put(record(**newer, status="rejected"))
    assert catalogue.photos("MUG-1")[0].images == (first,)
    catalogue.put(record(**newer, status="published", images=(second,)))
    (done,) = catalogue.photos("MUG-1")
    assert (done.images, done.fidelity) == ((second,), None)


def test_photos_are_counted_once_and_newest_first(catalogue: Catalogue) -> None:
    """A product counts its photos, however often each is written."""
    for name, seconds in (("front", 0), ("back", 2), ("side", 1)):
        catalogue.claim(record(name=name, updated_at=later(seconds)))
        catalogue.put(record(name=name, status="published", updated_at=later(seconds + 10)))
    assert [photo.name for photo in catalogue.photos("MUG-1")] == ["back", "side", "front"]
    (shown,) = catalogue.products(limit=5).products
    assert (shown.photos, shown.status, shown.updated_at) == (3, "published", later(12))


def test_a_product_shows_its_latest_change_and_keeps_what_it_knew(catalogue: Catalogue) -> None:
    """A rejected second photo takes neither title nor thumbnail away."""
    product = Product(title="Mug", brand="Nord", category="bottles")
    thumbnail = "front-white-thumbnail.webp"
    catalogue.put(record(status="published", product=product, images=(image(thumbnail),)))
    catalogue.put(record(name="back", status="rejected", updated_at=later(5)))
    (shown,) = catalogue.products(limit=5).products
    assert (shown.status, shown.title, shown.brand, shown.category) == ("rejected", "Mug", "Nord", "bottles")
    assert (shown.thumbnail, shown.photos, shown.updated_at) == (thumbnail, 2, later(5))


def test_a_late_change_does_not_go_back_in_time(catalogue: Catalogue) -> None:
    """The product's line is of its latest change, in whatever order the changes arrive."""
    catalogue.put(record(status="processing"))
    catalogue.put(record(name="back", status="published", updated_at=later(9)))
    catalogue.put(record(status="rejected", updated_at=later(3)))
    (shown,) = catalogue.products(limit=5).products
    assert (shown.status, shown.updated_at) == ("published", later(9))
    assert {photo.status for photo in catalogue.photos("MUG-1")} == {"published", "rejected"}


def test_nobody_has_photos_of_an_unknown_product(catalogue: Catalogue) -> None:
    """An unknown SKU has no photos."""
    assert catalogue.photos("nobody") == ()
    assert catalogue.products(limit=5).products == ()


def test_pages_follow_each_other(catalogue: Catalogue) -> None:
    """Every product is on exactly one page, newest first, and the last page says so."""
    for number in range(7):
        catalogue.put(record(sku=f"S-{number}", updated_at=later(number)))
    seen: list[str] = []
    cursor = ""
    for _ in range(10):
        page = catalogue.products(limit=3, cursor=cursor)
        seen += [product.sku for product in page.products]
        cursor = page.cursor
        if not cursor:
            break
    assert seen == [f"S-{number}" for number in reversed(range(7))]
    assert cursor == ""


def forged(**changes: str) -> str:
    """Return a cursor as the table makes it, changed."""
    key = {"pk": "SKU#a", "sk": "PRODUCT", "collection": "products", "updated_at": "2026"} | changes
    return base64.urlsafe_b64encode(json.dumps({k: {"S": v} for k, v in key.items()}).encode()).decode()


@pytest.mark.parametrize("cursor", ["x", "Zm9v", "e30=", "😀", "W10=", "bnVsbA==", "A" * 5000])
def test_a_cursor_that_is_not_ours_is_refused(catalogue: Catalogue, cursor: str) -> None:
    """Nobody pages by a made-up cursor."""
    with pytest.raises(UnknownCursor):
        catalogue.products(limit=3, cursor=cursor)


@pytest.mark.parametrize("change", [{"collection": "secrets"}, {"sk": "PHOTO#a"}, {"more": "x"}])
def test_a_forged_cursor_is_refused(table: str, change: dict[str, str]) -> None:
    """A well-formed key from elsewhere in the table is none of ours."""
    with pytest.raises(UnknownCursor):
        DynamoCatalogue(table).products(limit=3, cursor=forged(**change))


def fail(table: str, *, sku: str, name: str, body: str | None = None) -> None:
    """Mark a photo as failed, as the workflow does without a Lambda."""
    values = {
        ":failed": {"S": "failed"},
        ":reason": {"S": "on our side"},
        ":now": {"S": "2026-11-20T13:00:00.000Z"},
    }
    names = {"#status": "status", "#reason": "reason"}
    expression = "SET #status = :failed, #reason = :reason, updated_at = :now"
    if body is not None:
        expression += ", body = if_not_exists(body, :body)"
        values[":body"] = {"S": body}
    boto3.client("dynamodb").update_item(
        TableName=table,
        Key={"pk": {"S": f"SKU#{sku}"}, "sk": {"S": f"PHOTO#{name}"}},
        UpdateExpression=expression,
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=values,
    )


def test_the_workflows_own_failure_stands_above_the_record(table: str) -> None:
    """What the workflow writes shows in the photo and in the product, and the photo can be claimed again."""
    catalogue = DynamoCatalogue(table)
    catalogue.claim(record())
    fail(table, sku="MUG-1", name="front")
    (photo,) = catalogue.photos("MUG-1")
    assert (photo.status, photo.reason) == ("failed", "on our side")
    assert photo.updated_at == later(3600)
    assert photo.source == record().source
    assert catalogue.products(limit=5).products[0].status == "failed"
    assert catalogue.claim(record(execution="arn:two", updated_at=later(7200)))
    assert catalogue.photos("MUG-1")[0].reason == ""


@pytest.mark.parametrize("with_body", [True, False], ids=["with a body", "without a body"])
def test_a_failure_before_the_claim_reads_as_a_photo(table: str, *, with_body: bool) -> None:
    """A record that only the workflow wrote is a photo like any other, and can be taken over."""
    catalogue = DynamoCatalogue(table)
    body = record(sku="unsorted", name="photo-1", status="failed").model_dump_json() if with_body else None
    fail(table, sku="unsorted", name="photo-1", body=body)
    (photo,) = catalogue.photos("unsorted")
    assert (photo.sku, photo.name, photo.status) == ("unsorted", "photo-1", "failed")
    assert photo.reason == "on our side"
    assert catalogue.claim(record(sku="unsorted", name="photo-1"))
    assert catalogue.products(limit=5).products[0].photos == 1


def test_many_photos_are_read_page_by_page(table: str) -> None:
    """A product with more than a megabyte of records comes back whole."""
    catalogue = DynamoCatalogue(table)
    for number in range(12):
        catalogue.put(record(name=f"p{number}", reason="x" * 120_000))
    assert len(catalogue.photos("MUG-1")) == 12
