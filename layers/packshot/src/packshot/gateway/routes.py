"""The addresses of the storefront API."""

import hashlib
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import BaseModel

from packshot.events import Category, TrendReport
from packshot.gateway.problems import MEDIA_TYPE
from packshot.storefront.answers import Problem, ProductAnswer, ProductsAnswer, UploadAnswer, UploadRequest
from packshot.storefront.shopfront import Shopfront

JSON = "application/json"
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
        responses=_responses(HTTPStatus.CREATED),
    )
    def begin_upload(request: UploadRequest) -> UploadAnswer:
        return shop.begin_upload(request)


def add_products(app: APIGatewayHttpResolver, shop: Shopfront) -> None:
    """Add what shows products and their images."""

    @app.get(
        "/v1/products",
        summary="List products, the latest change first",
        tags=["products"],
        responses=_responses(HTTPStatus.OK),
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
        responses=_responses(HTTPStatus.OK, HTTPStatus.NOT_FOUND),
    )
    def show_product(sku: Sku) -> ProductAnswer:
        return shop.product(sku)

    @app.get(
        "/v1/products/<sku>/images/<name>",
        summary="Be led to an image",
        tags=["products"],
        responses=_responses(HTTPStatus.FOUND, HTTPStatus.NOT_FOUND),
    )
    def redirect_to_image(sku: Sku, name: ImageName) -> Response[None]:
        # Less than the address is good for, so that no cache hands out one that has ended.
        headers: dict[str, str | list[str]] = {
            "Location": shop.image_address(sku=sku, name=name),
            "Cache-Control": "private, max-age=60",
        }
        return Response(status_code=HTTPStatus.FOUND, headers=headers)


def add_trends(app: APIGatewayHttpResolver, shop: Shopfront) -> None:
    """Add what says what shoppers want now."""

    @app.get(
        "/v1/trends",
        summary="Show what shoppers want now",
        tags=["trends"],
        responses=_responses(HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, model=TrendReport),
    )
    def show_trends(
        category: Annotated[Category | None, Query()] = None,
        if_none_match: Annotated[str, Header(alias="if-none-match")] = "",
    ) -> Response[TrendReport | None]:
        report = shop.trends_for(category)
        etag = etag_of(report)
        headers: dict[str, str | list[str]] = {"ETag": etag, "Cache-Control": "private, max-age=300"}
        if matches(if_none_match, etag=etag):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(status_code=HTTPStatus.OK, content_type=JSON, body=report, headers=headers)


def etag_of(report: TrendReport) -> str:
    """Return a strong validator of the report as it is sent."""
    return f'"{hashlib.sha256(report.model_dump_json().encode()).hexdigest()[:24]}"'


def matches(if_none_match: str, *, etag: str) -> bool:
    """Say whether the client has this already; weak and strong are alike here (RFC 9110, 13.1.2)."""
    known = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in {etag, "*"} for tag in known)


def _responses(good: HTTPStatus, *others: HTTPStatus, model: type[BaseModel] | None = None) -> dict[int, Any]:
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
