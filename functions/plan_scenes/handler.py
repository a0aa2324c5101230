"""Decide which pictures to make of a product."""

from typing import TYPE_CHECKING, cast

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import PlanRequest, ScenePlan
from packshot.scenes.planning import plan
from packshot.settings import PlanScenesSettings
from packshot.trends import current

if TYPE_CHECKING:
    from packshot.events import Generator, TrendReport
    from packshot.ports import Clock
    from packshot.scenes.photography import PhotographySettings


def plan_scenes(
    request: PlanRequest,
    *,
    photography: "PhotographySettings",
    latest: "TrendReport | None",
    generator: "Generator",
    now: "Clock",
) -> ScenePlan:
    """Plan all scenes at once, so that they differ, by what shoppers want now."""
    trends, why = current(latest, now=now())
    return plan(request, settings=photography, trends=trends, generator=generator, trends_fallback=why)


@entrypoint(PlanRequest)
def handler(request: PlanRequest) -> ScenePlan:
    """Wire it."""
    settings = wiring.settings(PlanScenesSettings)
    is_connected = wiring.has_generator(settings.generator_secret)
    return plan_scenes(
        request,
        photography=wiring.photography(settings),
        latest=wiring.latest_trends(settings.trends_bucket),
        generator=cast("Generator", settings.background_generator if is_connected else "studio"),
        now=wiring.now,
    )
