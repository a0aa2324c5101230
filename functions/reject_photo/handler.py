"""The one way out for a photo that cannot be used: record, reason, event."""

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import RejectionNotice, RejectRequest
from packshot.ports import Catalogue, Clock, EventBus
from packshot.settings import RejectPhotoSettings
from packshot.storefront.rejections import notice_of, rejected


def reject_photo(
    request: RejectRequest, *, catalogue: Catalogue, bus: EventBus, now: Clock
) -> RejectionNotice:
    """Record and tell it, unless a newer upload has taken the photo's place; the upload stays."""
    record = rejected(request, at=now())
    notice = notice_of(record)
    if catalogue.put(record):
        bus.publish("PhotoRejected", notice.model_dump(mode="json"))
    return notice


@entrypoint(RejectRequest)
def handler(request: RejectRequest) -> RejectionNotice:
    """Wire it."""
    settings = wiring.settings(RejectPhotoSettings)
    catalogue, bus = wiring.catalogue(settings.catalogue_table), wiring.event_bus(settings.event_bus)
    return reject_photo(request, catalogue=catalogue, bus=bus, now=wiring.now)
