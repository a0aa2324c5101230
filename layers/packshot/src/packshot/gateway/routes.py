"""The addresses of the storefront API."""

import hashlib
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import BaseModel

from packshot.events import Category, TrendReport
from packshot.gateway.problems import MEDIA_TYPE
from packshot.storefront.answers import Problem, ProductAnswer, ProductsAnswer, UploadAnswer, UploadRequest
from packshot.storefront.shopfront import Shopfront

JSON = "application/json"
Body = TypeVar("Body", bound=BaseModel)
ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""Problems that any address may answer with."""
Sku = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ImageName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9.-]{0,127}$")]


def add_photos(app: APIGatewayHttpResolver, shop: Shopfront) -> None:
    """Add what takes photos in."""

    @app.post(
        "/v1/photos",
        status_code=HTTPStatus.CREATED,
        summary="Ask for a form to upload a photo with",
        tags=["photos"],
        responses=responses(HTTPStatus.CREATED),
    )
    def begin_upload(request: UploadRequest) -> UploadAnswer:
        return shop.begin_upload(request)


def add_products(app: APIGatewayHttpResolver, shop: Shopfront) -> None:
    """Add what shows products."""

    @app.get(
        "/v1/products",
        summary="List products, the latest change first",
        tags=["products"],
        responses=responses(HTTPStatus.OK),
    )
    def list_products(
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Annotated[str, Query(max_length=1000)] = "",
    ) -> ProductsAnswer:
        return shop.products(limit=limit, cursor=cursor)

    @app.get(
        "/v1/products/<sku>",
        summary="Show a product: its photos, images, scores and price",
        tags=["products"],
        responses=responses(HTTPStatus.OK, HTTPStatus.NOT_FOUND),
    )
    def show_product(sku: Sku) -> ProductAnswer:
        return shop.product(sku)


def add_trends(app: APIGatewayHttpResolver, shop: Shopfront) -> None:
    """Add what says what shoppers want now."""

    @app.get(
        "/v1/trends",
        summary="Show what shoppers want now",
        tags=["trends"],
        responses=responses(HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, model=TrendReport),
    )
    def show_trends(
        category: Annotated[Category | None, Query()] = None,
        if_none_match: Annotated[str, Header(alias="if-none-match")] = "",
    ) -> Response[TrendReport | None]:
        report = shop.trends_for(category)
        return as_known(report, if_none_match=if_none_match, seconds=300)


def as_known(answer: Body, *, if_none_match: str, seconds: int) -> Response[Body | None]:
    """Return an answer that may be kept for a while, or word that the client has it already."""
    etag = etag_of(answer.model_dump_json())
    headers: dict[str, str | list[str]] = {"ETag": etag, "Cache-Control": f"private, max-age={seconds}"}
    if matches(if_none_match, etag=etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(status_code=HTTPStatus.OK, content_type=JSON, body=answer, headers=headers)


def etag_of(text: str) -> str:
    """Return a strong validator of an answer as it is sent."""
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def matches(if_none_match: str, *, etag: str) -> bool:
    """Say whether the client has this already; weak and strong are alike here (RFC 9110, 13.1.2)."""
    known = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in {etag, "*"} for tag in known)


def responses(good: HTTPStatus, *others: HTTPStatus, model: type[BaseModel] | None = None) -> dict[int, Any]:
    """Return the API's description of its answers; without `model` Powertools takes the route's own type."""
    described: dict[int, Any] = {
        status: {"description": status.phrase, "content": {MEDIA_TYPE: {"model": Problem}}}
        if status >= HTTPStatus.BAD_REQUEST
        else {"description": status.phrase}
        for status in (good, *others, *ALWAYS)
    }
    if model:
        described[good]["content"] = {JSON: {"model": model}}
    return {int(status): description for status, description in described.items()}
