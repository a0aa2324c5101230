"""Ask for a plate, once for each recipe, and return: the answer goes to the task token."""

from typing import TYPE_CHECKING

from packshot import wiring
from packshot.backgrounds.ordering import order_for
from packshot.counting import count
from packshot.entrypoint import entrypoint
from packshot.events import BackgroundNotice, BackgroundRequest
from packshot.ports import ObjectStore
from packshot.settings import RequestBackgroundSettings

if TYPE_CHECKING:
    from packshot.backgrounds.asking import Desk


def request_background(
    request: BackgroundRequest, *, desk: "Desk", objects: ObjectStore, bucket: str
) -> BackgroundNotice:
    """Find the plate, join who waits for it, or pay for it."""
    return desk.ask(request, order_for(request, objects=objects, bucket=bucket))


@entrypoint(BackgroundRequest)
def handler(request: BackgroundRequest) -> BackgroundNotice:
    """Wire it."""
    settings = wiring.settings(RequestBackgroundSettings)
    desk, objects = wiring.desk(settings), wiring.objects()
    notice = request_background(request, desk=desk, objects=objects, bucket=settings.work_bucket)
    hit = 0 if notice.status == "asked" else 1
    count("PlateHits", hit, environment=settings.environment)
    count("PlateMisses", 1 - hit, environment=settings.environment)
    return notice
