"""StorefrontApi: real API Gateway events in, answers and problems out."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import boto3
import numpy as np
import pytest
from moto import mock_aws

from packshot import wiring
from packshot.errors import RetryLater
from packshot.events import Candidate, ObjectRef, PhotoRecord, PublishedImage, PublishRequest
from packshot.gateway import Gateway
from packshot.imaging.decoding import Limits
from packshot.imaging.quality import MEASURES, judge, measure
from packshot.imaging.staging import Subject
from packshot.imaging.studio import BLANK
from packshot.storefront.answers import LARGEST_UPLOAD
from packshot.storefront.publication import record_of, select
from packshot.storefront.shopfront import Shopfront
from packshot.testing.catalogue import MemoryCatalogue
from packshot.testing.clock import StoppedClock
from packshot.testing.key_ring import MemoryKeyRing
from packshot.testing.objects import MemorySigner
from packshot.trends import load_default_report
from tests.broken import Shot
from tests.products import drawn

KEY = "sample-key-of-the-shop"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Reply:
    """An answer as a client sees it."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """The body, parsed."""
        return json.loads(self.body)


@dataclass
class Client:
    """Asks the gateway as API Gateway would."""

    gateway: Gateway
    template: Mapping[str, Any]
    events: Path
    catalogue: MemoryCatalogue = field(default_factory=MemoryCatalogue)

    def send(self, event: Mapping[str, Any]) -> Reply:
        """Send a whole event."""
        answer = self.gateway(dict(event), cast("Any", None))
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        return Reply(int(answer["statusCode"]), headers, answer.get("body") or "")

    def case(self, name: str) -> Reply:
        """Send a sample event."""
        return self.send(json.loads((self.events / f"{name}.json").read_text()))

    def ask(  # noqa: PLR0913 - each is a part of a request
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        key: str | None = KEY,
    ) -> Reply:
        """Send a request."""
        event = json.loads(json.dumps(self.template))
        event |= {"rawPath": path, "queryStringParameters": dict(query or {})}
        event["requestContext"]["http"] |= {"method": method, "path": path}
        event["headers"] = {**({"x-api-key": key} if key is not None else {}), **(headers or {})}
        if body is not None:
            event["body"] = body
        return self.send(event)


@pytest.fixture
def client(root: Path) -> Client:
    """Return a client of a shop without products."""
    return client_of(root, MemoryCatalogue())


def client_of(root: Path, catalogue: MemoryCatalogue, *, keys: MemoryKeyRing | None = None) -> Client:
    """Return a client of a shop with this catalogue."""
    shop = Shopfront(
        catalogue=catalogue,
        signer=MemorySigner(),
        uploads_bucket="uploads",
        trends=load_default_report,
        now=StoppedClock(),
    )
    events = root / "events" / "storefront_api"
    template = json.loads((events / "list_products.json").read_text())
    gateway = Gateway(shop, keys=keys or MemoryKeyRing({"shop": KEY}))
    return Client(gateway, template, events, catalogue)


@pytest.fixture
def stocked(root: Path, client: Client) -> Client:
    """Return a client of a shop with one published mug."""
    text = (root / "events" / "publish_images" / "two_scenes.json").read_text()
    request = PublishRequest.model_validate_json(text)
    selection = select(request.candidates, matte=request.matte)
    images = tuple(
        PublishedImage(
            name=f"front-white-{rendition}",
            object=request.matte.cutout.object.model_copy(update={"bucket": "published", "version": "v7"}),
            scene="white",
            rendition=rendition,
            media_type="image/webp",
            width=400,
            height=400,
            bytes=9,
            source_type="http://cv.iptc.org/newscodes/digitalsourcetype/composite",
        )
        for rendition in ("main", "thumbnail")
    )
    named = tuple(image.model_copy(update={"name": f"{image.name}.jpg"}) for image in images)
    client.catalogue.put(record_of(request, selection=selection, images=named, at=StoppedClock()()))
    return client


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


# --- uploads ----------------------------------------------------------------------------------------


def upload(**changes: object) -> str:
    """Return the body of a request for an upload."""
    usual = {"sku": "MUG-1", "file_name": "front.jpg", "media_type": "image/jpeg", "size": 1000}
    return json.dumps({**usual, **changes})


def test_an_upload_gets_a_form(client: Client) -> None:
    """The form carries key, type and description; the answer says what the photo will be called."""
    reply = client.case("begin_upload")
    assert reply.status == 201
    form = reply.json
    assert form["url"] == "https://uploads.invalid/"
    assert form["fields"]["key"] == "uploads/MUG-1/front.jpg"
    assert form["fields"]["Content-Type"] == "image/jpeg"
    assert form["fields"]["x-amz-meta-title"] == "Stoneware mug, speckled"
    assert form["fields"]["x-amz-meta-price"] == "24.5"
    assert form["fields"]["x-largest"] == str(LARGEST_UPLOAD)
    assert (form["sku"], form["name"], form["expires_at"]) == ("MUG-1", "front", "2026-11-20T12:15:00Z")


def test_the_form_and_the_workflow_agree_on_the_largest_photo() -> None:
    """What the form lets through is what AnalyzePhoto opens."""
    assert Limits().heaviest == LARGEST_UPLOAD


def test_no_key_is_too_odd_for_a_form(client: Client) -> None:
    """People's file names are kept as they are."""
    reply = client.ask("POST", "/v1/photos", body=upload(file_name="my photo+1 (ä) 👟.jpg"))
    assert reply.json["fields"]["key"] == "uploads/MUG-1/my photo+1 (ä) 👟.jpg"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"sku": "../etc"}, "body.sku"),
        ({"sku": ""}, "body.sku"),
        ({"file_name": "a/b.jpg"}, "body.file_name"),
        ({"file_name": "${filename}"}, "body.file_name"),
        ({"file_name": "x" * 129}, "body.file_name"),
        ({"media_type": "text/html"}, "body.media_type"),
        ({"media_type": "image/svg+xml"}, "body.media_type"),
        ({"size": 0}, "body.size"),
        ({"size": LARGEST_UPLOAD + 1}, "body.size"),
        ({"size": "many"}, "body.size"),
        ({"price": -1}, "body.price"),
        ({"price": "1e999"}, "body.price"),
        ({"title": "x" * 201}, "body.title"),
        ({"bucket": "mine"}, "body.bucket"),
    ],
)
def test_a_wrong_field_is_named(client: Client, change: dict[str, object], where: str) -> None:
    """422 says which field is wrong, in words."""
    reply = client.ask("POST", "/v1/photos", body=upload(**change))
    assert (reply.status, reply.headers["content-type"]) == (422, PROBLEM)
    assert [fault["where"] for fault in reply.json["faults"]] == [where]
    assert reply.json["faults"][0]["what"]


def test_what_the_workflow_would_reject_is_rejected_here(client: Client) -> None:
    """A hidden file's name is refused before anybody uploads it, with the workflow's own reason."""
    reply = client.ask("POST", "/v1/photos", body=upload(file_name=".hidden.jpg"))
    assert (reply.status, reply.json["code"]) == (422, "unreadable_key")
    assert ".hidden.jpg" in reply.json["detail"]


@pytest.mark.parametrize(
    ("body", "status"), [("{", 400), ("", 422), ("[]", 422), ("null", 422), ('"text"', 422), ("{}", 422)]
)
def test_a_body_of_another_shape_is_a_problem(client: Client, body: str, status: int) -> None:
    """Nothing that is no object of ours gets further."""
    reply = client.ask("POST", "/v1/photos", body=body)
    assert (reply.status, reply.headers["content-type"]) == (status, PROBLEM)


@pytest.mark.parametrize(
    "media_type", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]
)
def test_only_json_is_taken(client: Client, media_type: str) -> None:
    """Forms and files are not read."""
    reply = client.ask("POST", "/v1/photos", body=upload(), headers={"Content-Type": media_type})
    assert (reply.status, reply.headers["content-type"]) == (415, PROBLEM)


def test_json_with_a_charset_is_json(client: Client) -> None:
    """Browsers add a charset."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert client.ask("POST", "/v1/photos", body=upload(), headers=headers).status == 201


# --- trends -----------------------------------------------------------------------------------------


def test_trends_are_shown_with_a_validator(client: Client) -> None:
    """Who has an older report gets the new one and its ETag."""
    reply = client.case("show_trends")
    assert reply.status == 200
    assert reply.headers["etag"].startswith('"')
    report = reply.json
    assert report["version"] == load_default_report().version
    assert all(not item["categories"] or "shoes" in item["categories"] for item in report["items"])


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_trends_that_are_known_are_not_sent_again(client: Client, form: str) -> None:
    """304 has no body and repeats the ETag."""
    etag = client.ask("GET", "/v1/trends").headers["etag"]
    reply = client.ask("GET", "/v1/trends", headers={"If-None-Match": form.format(etag)})
    assert (reply.status, reply.body, reply.headers["etag"]) == (304, "", etag)


def test_each_category_has_its_own_validator(client: Client) -> None:
    """A cache never takes one category's trends for another's."""
    tags = {client.ask("GET", "/v1/trends", query={"category": c}).headers["etag"] for c in ("shoes", "bags")}
    assert len(tags) == 2


def test_an_unknown_category_is_a_problem(client: Client) -> None:
    """The closed list is told."""
    reply = client.ask("GET", "/v1/trends", query={"category": "cars"})
    assert (reply.status, reply.json["faults"][0]["where"]) == (422, "query.category")
    assert "shoes" in reply.json["faults"][0]["what"]


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
        "/v1/photos",
        "/v1/products",
        "/v1/products/{sku}",
        "/v1/products/{sku}/images/{name}",
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
