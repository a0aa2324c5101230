"""StorefrontApi: real API Gateway events in, answers and problems out."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import boto3
import numpy as np
import pytest
from moto import mock_aws

from packshot import wiring
from packshot.errors import RetryLater
from packshot.events import Candidate, ObjectRef, PhotoRecord, PublishedImage, PublishRequest
from packshot.imaging.quality import MEASURES, judge, measure
from packshot.imaging.staging import Subject
from packshot.imaging.studio import BLANK
from packshot.storefront.publication import record_of, select
from packshot.testing.catalogue import MemoryCatalogue
from packshot.testing.clock import StoppedClock
from packshot.testing.key_ring import MemoryKeyRing
from packshot.trends import load_default_report
from tests.broken import Shot
from tests.functions.storefront import KEY, PROBLEM, Client, client_of
from tests.products import drawn

# --- products ---------------------------------------------------------------------------------------


def test_a_product_shows_images_scores_versions_and_price(stocked: Client) -> None:
    """Every answer says how far the product is from the photo, and what made its images."""
    reply = stocked.case("show_product")
    assert reply.status == 200
    product = reply.json
    assert (product["sku"], product["status"], product["title"]) == (
        "MUG-1",
        "published",
        "Stoneware mug, speckled",
    )
    assert (product["fidelity"], product["correction_delta_e"], product["price_usd"]) == (0, 0, 0)
    (photo,) = product["photos"]
    assert (photo["fidelity"], photo["correction_delta_e"], photo["mask_confidence"]) == (0, 0, 0.981)
    assert photo["correction_reasons"] == []
    white, trend = photo["scenes"]
    assert {score["name"] for score in white["scores"]} >= {"fidelity", "edge_halo", "white_border"}
    assert sorted((white["rank"], trend["rank"])) == [1, 2]
    assert " of 2: " in trend["standing"]
    assert trend["trends_version"] == load_default_report().version
    assert trend["settings_version"]
    assert trend["palette"]["wall"].startswith("#")
    assert [image["link"] for image in photo["images"]] == [
        "/v1/products/MUG-1/images/front-white-main.jpg",
        "/v1/products/MUG-1/images/front-white-thumbnail.jpg",
    ]


def test_a_product_shows_every_score_with_its_limit(root: Path, client: Client) -> None:
    """What the judge found of a composite, and what encoding took from it, the shop reads to the digit."""
    text = (root / "events" / "publish_images" / "two_scenes.json").read_text()
    request = PublishRequest.model_validate_json(text)
    candidates = tuple(_judged(candidate) for candidate in request.candidates)
    record = record_of(
        request, selection=select(candidates, matte=request.matte), images=(), at=StoppedClock()()
    ).model_copy(update={"candidates": candidates, "images": (_IMAGE,)})
    client.catalogue.put(record)
    (photo,) = client.case("show_product").json["photos"]
    for shown, candidate in zip(photo["scenes"], candidates, strict=True):
        assert shown["scores"] == [score.model_dump() for score in candidate.quality.scores]
        names = {score["name"] for score in shown["scores"]}
        expected = {measure.name for measure in MEASURES}
        assert names == expected - (set() if shown["name"] == "white" else {"white_border"})
        assert all(
            {"threshold", "rule", "unit", "passed", "words"} <= score.keys() for score in shown["scores"]
        )
    assert (photo["images"][0]["fidelity_delta_e"], photo["images"][0]["fidelity_delta_e_p99"]) == (0.61, 2.2)


_IMAGE = PublishedImage(
    name="front-white-main.jpg",
    object=ObjectRef(bucket="published", key="MUG-1/front-white-main.jpg", version="v7"),
    scene="white",
    rendition="main",
    media_type="image/jpeg",
    width=1600,
    height=1600,
    bytes=9,
    source_type="http://cv.iptc.org/newscodes/digitalsourcetype/composite",
    fidelity_delta_e=0.61,
    fidelity_delta_e_p99=2.2,
)


def _judged(candidate: Candidate) -> Candidate:
    """Return a candidate with the report of a composite that was really made and judged."""
    product = drawn("mug")
    scene = candidate.scene.model_copy(update={"set": BLANK, "width": 240, "height": 240})
    plate = candidate.composite.plate.model_copy(update={"floor": 0.9})
    backdrop = np.full((240, 240, 3), 255, dtype=np.uint8)
    subject = Subject(photo=product.photo, cutout=product.cutout, matte=product.matte)
    evidence = Shot(subject, scene, plate, backdrop).taken()
    report = judge(measure(evidence), scene=scene, attempt=0, allowed=3)
    return candidate.model_copy(update={"scene": scene, "quality": report})


def test_no_answer_names_a_bucket_or_an_execution(stocked: Client) -> None:
    """What is inside stays inside: the shop sees links, not objects."""
    for case in ("show_product", "list_products"):
        body = stocked.case(case).body
        assert "packshot-sandbox" not in body
        assert "arn:aws" not in body


def test_products_are_listed_with_a_thumbnail(stocked: Client) -> None:
    """A list is enough to draw a page of a shop."""
    listed = stocked.case("list_products").json
    (line,) = listed["products"]
    assert (line["sku"], line["photos"], listed["cursor"]) == ("MUG-1", 1, "")
    assert line["thumbnail"] == "/v1/products/MUG-1/images/front-white-thumbnail.jpg"


def test_products_are_listed_page_by_page(stocked: Client) -> None:
    """The cursor of a page leads to the next one."""
    (record,) = stocked.catalogue.photos("MUG-1")
    for number in range(4):
        at = record.updated_at + timedelta(seconds=number + 1)
        stocked.catalogue.put(record.model_copy(update={"sku": f"MUG-{number + 2}", "updated_at": at}))
    first = stocked.ask("GET", "/v1/products", query={"limit": "3"}).json
    rest = stocked.ask("GET", "/v1/products", query={"limit": "3", "cursor": first["cursor"]}).json
    listed = [line["sku"] for line in first["products"] + rest["products"]]
    assert listed == ["MUG-5", "MUG-4", "MUG-3", "MUG-2", "MUG-1"]
    assert rest["cursor"] == ""


def test_a_rejected_photo_says_why(stocked: Client) -> None:
    """The shop reads what to do, while the former images stay."""
    (record,) = stocked.catalogue.photos("MUG-1")
    worse = {
        "status": "rejected",
        "reason": "Too dark.",
        "code": "dark",
        "images": (),
        "sequencer": "FF",
        "updated_at": record.updated_at + timedelta(seconds=1),
    }
    stocked.catalogue.put(record.model_copy(update=worse))
    product = stocked.case("show_product").json
    assert (product["status"], product["photos"][0]["reason"]) == ("rejected", "Too dark.")
    assert len(product["photos"][0]["images"]) == 2


def test_work_that_ended_without_a_word_is_a_failure(root: Path, stocked: Client) -> None:
    """Hours after its claim a photo is not still in work: the shop reads what to do, and keeps its images."""
    (record,) = stocked.catalogue.photos("MUG-1")
    begun = {"status": "processing", "updated_at": record.updated_at - timedelta(hours=3), "images": ()}
    catalogue = MemoryCatalogue()
    catalogue.put(record.model_copy(update={"updated_at": record.updated_at - timedelta(hours=4)}))
    catalogue.put(record.model_copy(update=begun))
    client = client_of(root, catalogue)
    product = client.case("show_product").json
    assert (product["status"], product["photos"][0]["code"]) == ("failed", "abandoned")
    assert len(product["photos"][0]["images"]) == 2
    assert client.case("list_products").json["products"][0]["status"] == "failed"


# --- images -----------------------------------------------------------------------------------------


def test_an_image_is_a_signed_address_away(stocked: Client) -> None:
    """The redirect leads to the version that the record names, for a while."""
    reply = stocked.case("fetch_image")
    assert reply.status == 302
    assert reply.headers["location"].startswith("https://published.invalid/")
    assert "versionId=v7" in reply.headers["location"]
    assert "X-Amz-Expires=300" in reply.headers["location"]
    assert reply.headers["cache-control"] == "private, max-age=60"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/products/MUG-1/images/other.jpg",
        "/v1/products/MUG-2/images/front-white-main.jpg",
        "/v1/products/MUG-1/images/..",
        "/v1/products/MUG-1/images/https:evil.example",
        "/v1/products/MUG-1/images/https://evil.example/a.jpg",
        "/v1/products/../images/front-white-main.jpg",
    ],
)
def test_nothing_but_a_published_image_is_signed(stocked: Client, path: str) -> None:
    """No name outside the record leads anywhere, so nobody is redirected to a stranger."""
    reply = stocked.ask("GET", path)
    assert reply.status in {404, 422}
    assert "location" not in reply.headers
    assert reply.headers["content-type"] == PROBLEM


# --- who may ask, and what is no answer -------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "", "guess", "x" * 5000, "ключ"])
def test_nobody_is_answered_without_a_key(stocked: Client, key: str | None) -> None:
    """401 comes before anything of the request is looked at, on every path and method."""
    for method, path in (("GET", "/v1/products/MUG-1"), ("POST", "/v1/photos"), ("GET", "/nowhere")):
        reply = stocked.ask(method, path, key=key, body="{" if method == "POST" else None)
        assert (reply.status, reply.headers["content-type"]) == (401, PROBLEM)
        assert "MUG-1" not in reply.body


def test_the_sample_without_a_key_is_refused(client: Client) -> None:
    """The recorded request without a key gets 401."""
    assert client.case("without_a_key").status == 401


def test_the_key_may_stand_in_any_case(client: Client) -> None:
    """Header names have no case."""
    assert client.ask("GET", "/v1/products", key=None, headers={"X-Api-Key": KEY}).status == 200


def test_the_description_is_open_and_complete(client: Client) -> None:
    """Without a key anybody reads which addresses there are, what they take, and how a key is shown."""
    document = client.case("describe_api").json
    assert document["info"]["title"] == "Packshot storefront"
    assert set(document["paths"]) == {
        "/v1/customers",
        "/v1/customers/{customer}",
        "/v1/customers/{customer}/preferences",
        "/v1/photos",
        "/v1/preferences",
        "/v1/products",
        "/v1/products/{sku}",
        "/v1/products/{sku}/images/{name}",
        "/v1/purchases",
        "/v1/trends",
    }
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "x-api-key")
    trends = document["paths"]["/v1/trends"]["get"]["responses"]["200"]
    assert trends["content"]["application/json"]["schema"]["$ref"].endswith("/TrendReport")
    answers = document["paths"]["/v1/photos"]["post"]["responses"]
    assert answers["201"]["content"]["application/json"]["schema"]["$ref"].endswith("/UploadAnswer")
    assert set(answers) == {"201", "401", "422", "500", "503"}
    assert answers["422"]["content"][PROBLEM]["schema"]["$ref"].endswith("/Problem")


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v1/products/MUG-1/images", "/favicon.ico"])
def test_an_unknown_address_is_a_problem(client: Client, path: str) -> None:
    """404 as problem+json."""
    reply = client.ask("GET", path)
    assert (reply.status, reply.json["code"], reply.headers["content-type"]) == (404, "not_found", PROBLEM)


def test_an_unknown_product_is_a_problem(client: Client) -> None:
    """404 says what is unknown."""
    reply = client.case("show_product")
    assert (reply.status, reply.json["code"]) == (404, "unknown_product")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/products/MUG-1", "GET"),
        ("GET", "/v1/photos", "POST"),
        ("PUT", "/v1/trends", "GET"),
        ("POST", "/openapi.json", "GET"),
    ],
)
def test_a_wrong_method_is_a_problem(client: Client, method: str, path: str, allowed: str) -> None:
    """405 names the methods that there are."""
    reply = client.ask(method, path)
    assert (reply.status, reply.headers["allow"]) == (405, allowed)
    assert reply.headers["content-type"] == PROBLEM


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"cursor": "x" * 2000}])
def test_a_wrong_page_is_a_problem(client: Client, query: dict[str, str]) -> None:
    """422 names the parameter."""
    reply = client.ask("GET", "/v1/products", query=query)
    assert reply.status == 422
    assert reply.json["faults"][0]["where"] == f"query.{next(iter(query))}"


def test_a_made_up_cursor_is_a_problem(client: Client) -> None:
    """422 says where a cursor comes from."""
    reply = client.ask("GET", "/v1/products", query={"cursor": "Zm9v"})
    assert (reply.status, reply.json["code"]) == (422, "unknown_cursor")


class BrokenCatalogue(MemoryCatalogue):
    """Fails in a way of its own."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def photos(self, sku: str) -> tuple[PhotoRecord, ...]:  # noqa: ARG002 - the port's signature
        """Fail."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(RetryLater("table"), 503, "retry_later"), (RuntimeError("/opt/python/secret.py"), 500, "defect")],
)
def test_what_breaks_inside_stays_inside(root: Path, error: Exception, status: int, code: str) -> None:
    """A defect and a busy service are problems without a word of where and why."""
    reply = client_of(root, BrokenCatalogue(error)).ask("GET", "/v1/products/MUG-1")
    assert (reply.status, reply.json["code"], reply.headers["content-type"]) == (status, code, PROBLEM)
    assert str(error) not in reply.body
    assert "Traceback" not in reply.body
    assert reply.headers.get("retry-after") == ("5" if status == 503 else None)


class BrokenKeyRing(MemoryKeyRing):
    """Cannot read its secret."""

    def hashes(self) -> Mapping[str, str]:
        """Fail."""
        raise RetryLater("secret")


def test_without_keys_nobody_is_let_in(root: Path) -> None:
    """A key ring that cannot be read is no open door."""
    client = client_of(root, MemoryCatalogue(), keys=BrokenKeyRing({}))
    assert client.ask("GET", "/v1/products").status == 503


@mock_aws
def test_the_wired_handler_answers_from_the_real_clients(
    load_function: Callable[[str], ModuleType], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment to the table, the secret and S3's signature: nothing is missing on the way."""
    secret = json.dumps(
        {"keys": [{"name": "shop", "sha256": digest} for digest in MemoryKeyRing({"shop": KEY}).hashes()]}
    )
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "ENVIRONMENT": "sandbox",
        "UPLOADS_BUCKET": "shop-uploads",
        "PUBLISHED_BUCKET": "shop-published",
        "TRENDS_BUCKET": "shop-trends",
        "CATALOGUE_TABLE": "wired-catalogue",
        "PURCHASES_BUCKET": "shop-purchases",
        "HISTORIES_TABLE": "wired-histories",
        "PREFERENCES_ENDPOINT": "shop-preferences",
    }.items():
        monkeypatch.setenv(name, value)
    arn = boto3.client("secretsmanager").create_secret(Name="wired", SecretString=secret)["ARN"]
    monkeypatch.setenv("API_KEYS_SECRET", arn)
    boto3.client("dynamodb").create_table(
        TableName="wired-catalogue",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    function = load_function("storefront_api")
    wiring.settings.cache_clear()
    function.gateway.cache_clear()
    unknown = function.handler(
        json.loads((root / "events/storefront_api/show_product.json").read_text()), None
    )
    form = function.handler(json.loads((root / "events/storefront_api/begin_upload.json").read_text()), None)
    wiring.settings.cache_clear()
    function.gateway.cache_clear()
    assert (unknown["statusCode"], json.loads(unknown["body"])["code"]) == (404, "unknown_product")
    assert form["statusCode"] == 201
    assert json.loads(form["body"])["url"] == "https://shop-uploads.s3.eu-central-1.amazonaws.com/"
