"""Read a source of posts since the last time, and keep what is worth reading."""

from typing import TYPE_CHECKING

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import CollectedPosts, CollectRequest
from packshot.settings import CollectPostsSettings
from packshot.trends.refreshing import collect

if TYPE_CHECKING:
    from packshot.ports import TrendSource
    from packshot.trends.archive import TrendArchive
    from packshot.trends.cleaning import Cleaner
    from packshot.trends.deadlines import Stint


def collect_posts(
    request: CollectRequest,
    *,
    source: "TrendSource",
    archive: "TrendArchive",
    cleaner: "Cleaner",
    stint: "Stint",
) -> CollectedPosts:
    """Write batches of clean posts, and how far the source was read."""
    return collect(request, source=source, archive=archive, cleaner=cleaner, stint=stint)


@entrypoint(CollectRequest)
def handler(request: CollectRequest) -> CollectedPosts:
    """Wire it; the cleaner knows copies within one run."""
    settings = wiring.settings(CollectPostsSettings)
    return collect_posts(
        request,
        source=wiring.trend_source(request.source, settings),
        archive=wiring.trend_archive(settings.trends_bucket),
        cleaner=wiring.cleaner(settings),
        stint=wiring.stint(settings.time_limit_seconds),
    )
