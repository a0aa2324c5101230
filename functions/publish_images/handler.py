"""Publish what passed: renditions, record, event."""

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import PublishedPhoto, PublishRequest
from packshot.ports import Catalogue, Clock, EventBus
from packshot.publishing import Publisher
from packshot.settings import PublishImagesSettings
from packshot.storefront.publication import published, record_of, select, superseded
from packshot.storefront.uploads import claim_of


def publish_images(
    request: PublishRequest, *, publisher: Publisher, catalogue: Catalogue, bus: EventBus, now: Clock
) -> PublishedPhoto:
    """Publish nothing over a newer upload: asked before the work, and again as the record is written."""
    if not catalogue.claim(claim_of(request.photo, execution=request.execution, at=now())):
        return superseded(request.photo)
    selection = select(request.candidates, matte=request.matte)
    images = publisher.publish(selection.candidates, matte=request.matte)
    record = record_of(request, selection=selection, images=images, at=now())
    if not catalogue.put(record):
        return superseded(request.photo)
    answer = published(record)
    bus.publish("ImagesPublished", answer.model_dump(mode="json"))
    return answer


@entrypoint(PublishRequest)
def handler(request: PublishRequest) -> PublishedPhoto:
    """Wire it."""
    settings = wiring.settings(PublishImagesSettings)
    publisher = Publisher(request.photo, objects=wiring.objects(), bucket=settings.published_bucket)
    catalogue, bus = wiring.catalogue(settings.catalogue_table), wiring.event_bus(settings.event_bus)
    return publish_images(request, publisher=publisher, catalogue=catalogue, bus=bus, now=wiring.now)
