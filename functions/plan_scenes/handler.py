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
    from packshot.scenes.foreseen import Foreseen
    from packshot.scenes.photography import PhotographySettings


def plan_scenes(  # noqa: PLR0913 - what a plan is made of, each its own
    request: PlanRequest,
    *,
    settings: "PhotographySettings",
    latest: "TrendReport | None",
    demand: "Foreseen",
    generator: "Generator",
    now: "Clock",
) -> ScenePlan:
    """Plan all scenes at once, so that they differ, by what shoppers say and what they will likely buy."""
    trends, why = current(latest, now=now())
    return plan(
        request, settings=settings, trends=trends, generator=generator, trends_fallback=why, foreseen=demand
    )


@entrypoint(PlanRequest)
def handler(request: PlanRequest) -> ScenePlan:
    """Wire it."""
    settings = wiring.settings(PlanScenesSettings)
    photography, connected = wiring.photography(settings), wiring.has_generator(settings.generator_secret)
    return plan_scenes(
        request,
        settings=photography,
        latest=wiring.latest_trends(settings.trends_bucket),
        demand=wiring.foreseen(request.photo.product.category, settings, photography),
        generator=cast("Generator", settings.background_generator if connected else "studio"),
        now=wiring.now,
    )
