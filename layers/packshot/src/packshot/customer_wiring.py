"""Which adapter stands behind which port where customers are known; the rest is `packshot.wiring`'s."""

import functools
from typing import TYPE_CHECKING

from packshot.entrypoint import logger
from packshot.settings import RecordPurchasesSettings, StorefrontApiSettings
from packshot.wiring import latest_demand, now, objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packshot.adapters.purchases import DynamoPurchases
    from packshot.customers.arriving import Registry
    from packshot.customers.desk import CustomerDesk
    from packshot.customers.telling import SteadyPredictor


@functools.cache
def purchases(table: str, bucket: str) -> "DynamoPurchases":
    """Return what customers bought, by customer."""
    from packshot.adapters.purchases import DynamoPurchases

    return DynamoPurchases(table, objects(), bucket=bucket)


@functools.cache
def predictor(endpoint: str, *, table: str, bucket: str) -> "SteadyPredictor":
    """Return who tells what comes next: the endpoint behind its breaker, or counting."""
    from packshot.adapters.predictor import GuardedPredictor, SageMakerPredictor
    from packshot.customers.telling import SteadyPredictor

    guarded = GuardedPredictor(SageMakerPredictor(endpoint), table=table)
    return SteadyPredictor(guarded, popularity=lambda: popularity(bucket), tell=_tell)


def _tell(event: str, detail: str) -> None:
    logger().warning(event, detail=detail)


def popularity(bucket: str) -> "Mapping[str, float]":
    """Return each category's share of what is wanted, empty where nobody knows; looked up every minute."""
    summary = latest_demand(bucket)
    return {each.category: each.share for each in summary.categories} if summary else {}


@functools.cache
def registry(chosen: RecordPurchasesSettings) -> "Registry":
    """Return what writes purchases down; each run's time begins with it."""
    from packshot.adapters.objects import S3Objects
    from packshot.customers.arriving import Registry
    from packshot.trends.deadlines import SteadyDeadline

    return Registry(
        objects=S3Objects(),
        histories=purchases(chosen.histories_table, chosen.purchases_bucket),
        bucket=chosen.purchases_bucket,
        now=now,
        deadline=lambda: SteadyDeadline.after(chosen.time_limit_seconds),
        tell=lambda event, detail: logger().info(event, detail=detail),
    )


def desk(chosen: StorefrontApiSettings) -> "CustomerDesk":
    """Return where a shop tells of customers and asks about them."""
    from packshot.customers.desk import CustomerDesk

    table, bucket = chosen.histories_table, chosen.purchases_bucket
    return CustomerDesk(
        purchases=purchases(table, bucket),
        predictor=predictor(chosen.preferences_endpoint, table=table, bucket=bucket),
        now=now,
        tell=_tell,
    )
