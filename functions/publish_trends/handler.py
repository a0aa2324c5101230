"""Make a report of what was counted, and tell others of it."""

from typing import TYPE_CHECKING

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import PublishedTrends, PublishTrendsRequest
from packshot.settings import PublishTrendsSettings
from packshot.trends.refreshing import publish
from packshot.trends.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from packshot.ports import Clock, EventBus
    from packshot.trends.archive import TrendArchive


def publish_trends(
    request: PublishTrendsRequest, *, archive: "TrendArchive", bus: "EventBus", now: "Clock"
) -> PublishedTrends:
    """Publish a report, or say why the last one stays."""
    published = publish(request, archive=archive, vocabulary=load_vocabulary(), now=now)
    if not published.kept:
        bus.publish("TrendsPublished", published.model_dump(mode="json"))
    return published


@entrypoint(PublishTrendsRequest)
def handler(request: PublishTrendsRequest) -> PublishedTrends:
    """Wire it."""
    settings = wiring.settings(PublishTrendsSettings)
    archive, bus = wiring.trend_archive(settings.trends_bucket), wiring.event_bus(settings.event_bus)
    return publish_trends(request, archive=archive, bus=bus, now=wiring.now)
