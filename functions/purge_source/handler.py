"""Remove all that came from a source of posts, from the reports too."""

from typing import TYPE_CHECKING

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import PurgedSource, PurgeRequest
from packshot.settings import PurgeSourceSettings
from packshot.trends.refreshing import purge

if TYPE_CHECKING:
    from packshot.trends.archive import TrendArchive


def purge_source(request: PurgeRequest, *, archive: "TrendArchive") -> PurgedSource:
    """Remove it, and make anew what it had a part in."""
    return purge(request, archive=archive)


@entrypoint(PurgeRequest)
def handler(request: PurgeRequest) -> PurgedSource:
    """Wire it."""
    settings = wiring.settings(PurgeSourceSettings)
    return purge_source(request, archive=wiring.trend_archive(settings.trends_bucket))
