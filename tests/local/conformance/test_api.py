"""The HTTP API: routes, authorizer, CORS, errors."""

import uuid

import httpx

from tests.local.conformance.stand import Conformance


def call(conformance: Conformance, path: str, *, key: str = "", method: str = "GET") -> httpx.Response:
    """Send a request to the API, with a key if there is one."""
    headers = {"x-api-key": key} if key else {}
    return httpx.request(method, conformance.cloud.api_url + path, headers=headers, timeout=20)


def test_an_open_route_needs_no_key(conformance: Conformance) -> None:
    """The description of the API is for everybody."""
    answer = call(conformance, "/openapi.json?page=2&name=a%20b")

    assert answer.status_code == 201
    assert answer.json()["rawPath"] == "/openapi.json"
    assert answer.json()["queryStringParameters"] == {"page": "2", "name": "a b"}


def test_a_request_without_a_key_is_refused_before_any_function(conformance: Conformance) -> None:
    """The identity source is missing: 401."""
    assert call(conformance, "/v1/products").status_code == 401


def test_a_wrong_key_is_refused(conformance: Conformance) -> None:
    """The authorizer said no: 403."""
    assert call(conformance, "/v1/products", key="sesame").status_code == 403


def test_a_right_key_passes_with_what_the_authorizer_knows(conformance: Conformance) -> None:
    """The authorizer's context reaches the function, and so do method, path and parameters."""
    answer = call(conformance, "/v1/products/A-1", key="open sesame", method="POST")
    request = answer.json()["requestContext"]

    assert answer.status_code == 201
    assert request["authorizer"]["lambda"] == {"name": "ali baba"}
    assert request["http"]["method"] == "POST"
    assert answer.json()["pathParameters"] == {"proxy": "products/A-1"}


def test_the_authorizers_answer_is_kept(conformance: Conformance) -> None:
    """Three requests with one key ask the authorizer once."""
    key = f"open sesame {uuid.uuid4()}"
    for _ in range(3):
        assert call(conformance, "/v1/products", key=key).status_code == 201

    item = conformance.cloud.client("dynamodb").get_item(
        TableName=conformance.cloud.outputs["CatalogueTable"],
        Key={"pk": {"S": "AUTHORIZER"}, "sk": {"S": key}},
    )["Item"]
    assert item["calls"] == {"N": "1"}


def test_an_unknown_route_is_not_found(conformance: Conformance) -> None:
    """The API answers by itself."""
    assert call(conformance, "/nowhere").status_code == 404


def test_an_error_in_the_function_is_a_server_error(conformance: Conformance) -> None:
    """A defect never looks like a success, and tells nothing of the code."""
    answer = call(conformance, "/v1/fail", key="open sesame")

    assert answer.status_code == 500
    assert answer.json() == {"message": "Internal Server Error"}


def test_an_answer_without_a_body_arrives(conformance: Conformance) -> None:
    """A redirect has nothing to say but where to go."""
    answer = call(conformance, "/v1/redirect", key="open sesame")

    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["location"] == "https://example.com/"


def test_a_preflight_answers_with_the_templates_settings(conformance: Conformance) -> None:
    """A browser of the allowed shop may send its key along."""
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
    answer = httpx.options(conformance.cloud.api_url + "/v1/products", headers=headers, timeout=20)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "x-api-key" in answer.headers["access-control-allow-headers"]
    assert "GET" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-max-age"] == "600"


def test_another_origin_gets_no_permission(conformance: Conformance) -> None:
    """Neither the preflight nor the answer itself names a foreign origin."""
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    preflight = httpx.options(conformance.cloud.api_url + "/v1/products", headers=headers, timeout=20)
    answer = httpx.get(conformance.cloud.api_url + "/openapi.json", headers=headers, timeout=20)

    assert "access-control-allow-origin" not in preflight.headers
    assert "access-control-allow-origin" not in answer.headers
