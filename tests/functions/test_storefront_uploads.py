"""StorefrontApi: forms for photos, and the trend report."""

import json

import pytest

from packshot.imaging.decoding import Limits
from packshot.storefront.answers import LARGEST_UPLOAD
from packshot.trends import load_default_report
from tests.functions.storefront import PROBLEM, Client

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
