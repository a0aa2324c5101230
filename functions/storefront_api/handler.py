"""Answer the shop: uploads, products, images, trends, customers."""

import functools
from typing import TYPE_CHECKING, Any

from packshot import customer_wiring, wiring
from packshot.gateway import Gateway
from packshot.settings import StorefrontApiSettings
from packshot.storefront.shopfront import Shopfront
from packshot.trends import current

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@functools.cache
def gateway() -> Gateway:
    """Wire it, once per process."""
    settings = wiring.settings(StorefrontApiSettings)
    shop = Shopfront(
        catalogue=wiring.catalogue(settings.catalogue_table),
        signer=wiring.signer(),
        uploads_bucket=settings.uploads_bucket,
        trends=lambda: current(wiring.latest_trends(settings.trends_bucket), now=wiring.now())[0],
        now=wiring.now,
    )
    keys = wiring.key_ring(settings.api_keys_secret)
    return Gateway(shop, customers=customer_wiring.desk(settings), keys=keys)


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer one request of the HTTP API."""
    return gateway()(event, context)
