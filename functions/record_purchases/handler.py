"""Write down what customers bought: files, batches of the API, and who is to be forgotten."""

from typing import TYPE_CHECKING

from packshot import customer_wiring, wiring
from packshot.entrypoint import entrypoint
from packshot.events import Arrival, RecordedPurchases
from packshot.settings import RecordPurchasesSettings

if TYPE_CHECKING:
    from packshot.customers.arriving import Registry


def record_purchases(arrival: Arrival, *, registry: "Registry") -> RecordedPurchases:
    """Keep the lines of what was put into the bucket, or forget whom it names."""
    return registry.take(arrival)


@entrypoint(Arrival)
def handler(arrival: Arrival) -> RecordedPurchases:
    """Wire it; the time that a run has begins now."""
    settings = wiring.settings(RecordPurchasesSettings)
    return record_purchases(arrival, registry=customer_wiring.registry(settings))
