"""One call of API Gateway (HTTP API, payload 2.0), from the key to the answer."""

import base64
import functools
import json
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from packshot import __version__
from packshot.customers.desk import CustomerDesk
from packshot.entrypoint import logger
from packshot.gateway.customer_ids import hidden, sheltered
from packshot.gateway.customer_routes import add_images, add_preferences, add_purchases
from packshot.gateway.problems import (
    as_answer,
    as_response,
    not_json,
    problem_of,
    too_large,
    too_many_fields,
    unauthorized,
    unsupported_media_type,
    wrong_address,
)
from packshot.gateway.routes import JSON, add_photos, add_products, add_trends
from packshot.ports import KeyRing
from packshot.storefront.answers import Problem
from packshot.storefront.authorization import KEY_HEADER
from packshot.storefront.keys import owner_of
from packshot.storefront.shopfront import Shopfront

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

OPENAPI_PATH = "/openapi.json"
LARGEST_BODY = 6_000_000
"""Characters; an invocation of Lambda takes little more."""
MOST_FIELDS = 100
"""Fields of one object: no request has as many, and each that is wrong would be told, in memory first."""


class Gateway:
    """Answers requests; nothing but the API's own description goes without a key.

    The key is checked here too, before anything of the request is read: the authorizer before the function
    is a matter of the template, and its answer is cached.
    """

    def __init__(self, shop: Shopfront, *, customers: CustomerDesk, keys: KeyRing) -> None:
        self._keys = keys
        self._app = _resolver(shop, customers)

    def __call__(self, event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
        """Return API Gateway's answer; no error leaves."""
        started = time.perf_counter()
        client = ""
        try:
            client = self._owner(event)
            refused = _refusal(event, client=client)
            answer = as_answer(refused) if refused else self._app.resolve(_sheltered(event), context)
        except Exception as error:  # noqa: BLE001 - the border: a stack trace must not get outside
            answer = as_answer(problem_of(error))
        logger().info(
            "answered",
            method=_method(event),
            path=hidden(str(event.get("rawPath", ""))),
            status=int(answer["statusCode"]),
            client=client,
            ms=round((time.perf_counter() - started) * 1e3),
        )
        return answer

    def _owner(self, event: Mapping[str, Any]) -> str:
        """Return whose key the request shows, "" if nobody's."""
        if event.get("rawPath") == OPENAPI_PATH:
            return "anybody"
        return owner_of(_header(event, KEY_HEADER), hashes=self._keys.hashes()) or ""


def _refusal(event: Mapping[str, Any], *, client: str) -> Problem | None:
    """Return why a request goes no further: Powertools would read forms too, and trip over broken ones."""
    if not client:
        return unauthorized()
    body = event.get("body") or ""
    if len(body) > LARGEST_BODY:
        return too_large(LARGEST_BODY)
    media_type = _header(event, "content-type").partition(";")[0].strip().lower()
    if event.get("body") and media_type not in {"", JSON}:
        return unsupported_media_type()
    return _unreadable(event) if body else None


def _unreadable(event: Mapping[str, Any]) -> Problem | None:
    """Return why the body cannot be read: Powertools trips over the odder kinds of broken JSON."""
    try:
        body = event["body"]
        _READ(base64.b64decode(body).decode() if event.get("isBase64Encoded") else body)
    except _TooManyFields:
        return too_many_fields(MOST_FIELDS)
    except (ValueError, RecursionError):
        return not_json()
    return None


class _TooManyFields(Exception):
    """An object of the body has more fields than any request."""


def _few(fields: Sequence[tuple[str, Any]]) -> None:
    if len(fields) > MOST_FIELDS:
        raise _TooManyFields


_READ = json.JSONDecoder(object_pairs_hook=_few).decode


def _header(event: Mapping[str, Any], name: str) -> str:
    headers: Mapping[str, str] = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _sheltered(event: Mapping[str, Any]) -> dict[str, Any]:
    return {**event, "rawPath": sheltered(str(event.get("rawPath", "")))}


def _method(event: Mapping[str, Any]) -> str:
    return str(event.get("requestContext", {}).get("http", {}).get("method", ""))


def _resolver(shop: Shopfront, customers: CustomerDesk) -> APIGatewayHttpResolver:
    # An answer that does not fit its own model is our fault, which 422 would put on the client.
    app = APIGatewayHttpResolver(
        enable_validation=True,
        debug=False,
        response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    for add in (add_photos, add_products, add_trends):
        add(app, shop)
    add_images(app, shop, customers)
    for add_more in (add_purchases, add_preferences):
        add_more(app, customers)

    @app.get(OPENAPI_PATH, include_in_schema=False)
    def describe() -> Response[str]:
        return Response(HTTPStatus.OK, content_type=JSON, body=_description(app))

    app.exception_handler([Exception, RequestValidationError])(tell)

    @app.not_found
    def tell_wrong_address(_error: NotFoundError) -> Response[str]:
        allowed = _methods_of(app, app.current_event.path)
        headers: dict[str, str | list[str]] = {"Allow": ", ".join(allowed)} if allowed else {}
        return as_response(wrong_address(allowed=allowed), headers=headers)

    return app


def tell(error: Exception) -> Response[str]:
    """Answer an error that left a route."""
    return as_response(problem_of(error))


def _methods_of(app: APIGatewayHttpResolver, path: str) -> tuple[str, ...]:
    """Return the methods that a path takes; Powertools itself says 404 for a wrong method."""
    routes = (*app._static_routes, *app._dynamic_routes)  # noqa: SLF001 - it shows its routes nowhere else
    return tuple(sorted({route.method for route in routes if route.rule.match(path)}))


@functools.cache
def _description(app: APIGatewayHttpResolver) -> str:
    """Return the API's OpenAPI document; it takes longer to make than any answer, so only when asked."""
    from aws_lambda_powertools.event_handler.openapi.models import APIKey, APIKeyIn, Server

    return app.get_openapi_json_schema(
        title="Packshot storefront",
        version=__version__,
        description="Upload product photos, and fetch the images that were made of them.",
        servers=[Server(url=".")],
        security_schemes={"key": APIKey(name=KEY_HEADER, **{"in": APIKeyIn.header})},
        security=[{"key": []}],
    )
