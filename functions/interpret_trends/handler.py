"""Read a batch of posts in words of the closed vocabulary, count them, and forget the posts."""

from typing import TYPE_CHECKING

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import InterpretedTrends, InterpretRequest
from packshot.settings import InterpretTrendsSettings
from packshot.trends.archive import source_of
from packshot.trends.refreshing import Interpreters, interpret

if TYPE_CHECKING:
    from packshot.trends.archive import TrendArchive
    from packshot.trends.deadlines import Stint


def interpret_trends(
    request: InterpretRequest,
    *,
    archive: "TrendArchive",
    interpreters: Interpreters,
    stint: "Stint",
) -> InterpretedTrends:
    """Write a tally; nothing of a post's words is in it."""
    return interpret(request, archive=archive, interpreters=interpreters, stint=stint)


@entrypoint(InterpretRequest)
def handler(request: InterpretRequest) -> InterpretedTrends:
    """Wire it."""
    settings = wiring.settings(InterpretTrendsSettings)
    return interpret_trends(
        request,
        archive=wiring.trend_archive(settings.trends_bucket),
        interpreters=wiring.interpreters(settings, source=source_of(request.batch)),
        stint=wiring.stint(settings.time_limit_seconds),
    )
