"""The addresses of the storefront API."""

import hashlib
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from packshot.events import Category, TrendReport
from packshot.gateway.problems import MEDIA_TYPE
from packshot.storefront.answers import Problem, ProductAnswer, ProductsAnswer, UploadAnswer, UploadRequest
from packshot.storefront.shopfront import Shopfront

JSON = "application/json"
Sku = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ImageName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9.-]{0,127}$")]


def add_photos(app: APIGatewayHttpResolver, shop: Shopfront) -> None:
    """Add what takes photos in."""

    @app.post(
        "/v1/photos",
        status_code=HTTPStatus.CREATED,
        summary="Ask for a form to upload a photo with",
        tags=["photos"],
        responses=_responses(HTTPStatus.CREATED, 401, 422),
    )
    def begin_upload(request: UploadRequest) -> UploadAnswer:
        return shop.begin_upload(request)


def add_products(app: APIGatewayHttpResolver, shop: Shopfront) -> None:
    """Add what shows products and their images."""

    @app.get(
        "/v1/products",
        summary="List products, the latest change first",
        tags=["products"],
        responses=_responses(HTTPStatus.OK, 401, 422),
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
        responses=_responses(HTTPStatus.OK, 401, 404, 422),
    )
    def show_product(sku: Sku) -> ProductAnswer:
        return shop.product(sku)

    @app.get(
        "/v1/products/<sku>/images/<name>",
        summary="Be led to an image",
        tags=["products"],
        responses=_responses(HTTPStatus.FOUND, 401, 404, 422),
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
        responses=_responses(HTTPStatus.OK, 304, 401, 422),
    )
    def show_trends(
        category: Annotated[Category | None, Query()] = None,
        if_none_match: Annotated[str, Header(alias="if-none-match")] = "",
    ) -> Response[TrendReport]:
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


def _responses(good: HTTPStatus, *others: int) -> dict[int, Any]:
    """Return the API's description of its answers; Powertools adds the model of the good one."""
    told = {"content": {MEDIA_TYPE: {"model": Problem}}}
    described: dict[int, Any] = {
        status: {
            "description": HTTPStatus(status).phrase,
            **(told if status >= HTTPStatus.BAD_REQUEST else {}),
        }
        for status in others
    }
    return {int(good): {"description": good.phrase}, **described}
