"""The addresses that know customers: purchases in, preferences out, the image that suits."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import BeforeValidator

from packshot.customers.desk import CustomerDesk
from packshot.events import Preferences, RecordedPurchases
from packshot.gateway.routes import ImageName, Sku, as_known, etag_of, matches, responses
from packshot.storefront.authorization import KEY_HEADER
from packshot.storefront.customers import ForgottenCustomer, PreferencesRequest, PurchasesRequest
from packshot.storefront.shopfront import Shopfront
from packshot.storefront.tastes import CHANNELS, Choice

REASON_HEADER = "x-packshot-reason"
CustomerId = Annotated[
    str,
    BeforeValidator(unquote),
    Path(min_length=1, max_length=200, description="the shop's own id, percent-encoded"),
]
IfNoneMatch = Annotated[str, Header(alias="if-none-match")]
_SECONDS = 60
"""For how long a client may keep what depends on a customer."""
_SIGNED_ALIKE = 120


def add_purchases(app: APIGatewayHttpResolver, customers: CustomerDesk) -> None:
    """Add what takes purchases in, and forgets."""

    @app.post(
        "/v1/purchases",
        summary="Tell what customers bought: a batch, any number of times",
        tags=["customers"],
        responses=responses(HTTPStatus.OK, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    )
    def record_purchases(request: PurchasesRequest) -> RecordedPurchases:
        return customers.record(request.purchases)

    @app.delete(
        "/v1/customers/<customer>",
        summary="Forget a customer: the history now, all that is learned from soon after",
        tags=["customers"],
        responses=responses(HTTPStatus.OK),
    )
    def forget_customer(customer: CustomerId) -> ForgottenCustomer:
        return customers.forget(customer)

    @app.delete(
        "/v1/customers",
        summary="Forget a customer of any id: one with / ? # or quotes stands in no path",
        tags=["customers"],
        responses=responses(HTTPStatus.OK),
    )
    def forget_customer_of_any_id(
        customer: Annotated[str, Query(min_length=1, max_length=200)],
    ) -> ForgottenCustomer:
        return customers.forget(customer)


def add_preferences(app: APIGatewayHttpResolver, customers: CustomerDesk) -> None:
    """Add what says what comes next."""

    @app.get(
        "/v1/customers/<customer>/preferences",
        summary="Show what a customer is likely to buy next",
        tags=["customers"],
        responses=responses(HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, model=Preferences),
    )
    def show_preferences(
        customer: CustomerId, if_none_match: IfNoneMatch = ""
    ) -> Response[Preferences | None]:
        return as_known(customers.preferences(customer), if_none_match=if_none_match, seconds=_SECONDS)

    @app.post(
        "/v1/preferences",
        summary="Show what somebody with this history is likely to buy next; nothing of it is kept",
        tags=["customers"],
        responses=responses(HTTPStatus.OK, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, model=Preferences),
    )
    def tell_preferences(request: PreferencesRequest) -> Response[Preferences | None]:
        # A POST is never 304 (RFC 9110, 13.1.2); its ETag tells two answers apart.
        return as_known(customers.preferences_of(request), if_none_match="", seconds=_SECONDS)


def add_images(app: APIGatewayHttpResolver, shop: Shopfront, customers: CustomerDesk) -> None:
    """Add what leads to images: one by its name, or of a channel the one that suits a customer."""

    @app.get(
        "/v1/products/<sku>/images/<name>",
        summary="Be led to an image, by its name or by a channel: main, web, thumbnail, cutout",
        tags=["products"],
        responses=responses(HTTPStatus.FOUND, HTTPStatus.NOT_MODIFIED, HTTPStatus.NOT_FOUND),
    )
    def redirect_to_image(
        sku: Sku,
        name: ImageName,
        customer: Annotated[
            str, Query(max_length=200, description="of a channel: whose taste chooses among the scenes")
        ] = "",
        if_none_match: IfNoneMatch = "",
    ) -> Response[None]:
        if name not in CHANNELS:
            # Less than the address is good for, so that no cache hands out one that has ended.
            headers: dict[str, str | list[str]] = {
                "Location": shop.image_address(sku=sku, name=name),
                "Cache-Control": f"private, max-age={_SECONDS}",
            }
            return Response(status_code=HTTPStatus.FOUND, headers=headers)
        choice = shop.image_for(
            sku, channel=name, taste=lambda: customers.taste(customer) if customer else None
        )
        return _led_to(choice, shop, if_none_match)


def _led_to(choice: Choice, shop: Shopfront, if_none_match: str) -> Response[None]:
    # Whoever has it already follows an address that was signed in the same two minutes, so it is still good.
    moment = int(shop.now().timestamp() // _SIGNED_ALIKE)
    etag = etag_of(f"{choice.image.object.model_dump_json()} {choice.reason} {moment}")
    headers: dict[str, str | list[str]] = {
        "ETag": etag,
        "Cache-Control": f"private, max-age={_SECONDS}",
        REASON_HEADER: choice.reason,
        "Vary": KEY_HEADER,
    }
    if matches(if_none_match, etag=etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["Location"] = shop.address_of(choice.image)
    return Response(status_code=HTTPStatus.FOUND, headers=headers)
