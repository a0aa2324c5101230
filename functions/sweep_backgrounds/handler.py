"""Look after jobs whose callback never came, every five minutes."""

from packshot import wiring
from packshot.backgrounds.sweeping import Sweeper
from packshot.counting import count
from packshot.entrypoint import entrypoint
from packshot.events import SweepReport, SweepRequest
from packshot.settings import SweepBackgroundsSettings


def sweep_backgrounds(*, sweeper: Sweeper) -> SweepReport:
    """Bring every open job a step further."""
    return sweeper.sweep()


@entrypoint(SweepRequest)
def handler(_request: SweepRequest) -> SweepReport:
    """Wire it; without a token there is nothing to look after."""
    settings = wiring.settings(SweepBackgroundsSettings)
    if not wiring.has_generator(settings.generator_secret):
        return SweepReport()
    report = sweep_backgrounds(sweeper=wiring.sweeper(settings))
    count("StaleJobs", report.stale, environment=settings.environment)
    return report
