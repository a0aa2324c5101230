"""Decide which pictures to make of a product."""

from typing import TYPE_CHECKING, cast

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import PlanRequest, ScenePlan
from packshot.scenes.planning import plan
from packshot.settings import PlanScenesSettings
from packshot.trends import load_default_report

if TYPE_CHECKING:
    from packshot.events import Generator, TrendReport
    from packshot.scenes.photography import PhotographySettings


def plan_scenes(
    request: PlanRequest, *, photography: "PhotographySettings", trends: "TrendReport", generator: "Generator"
) -> ScenePlan:
    """Plan all scenes at once, so that they differ, by what shoppers want now."""
    return plan(request, settings=photography, trends=trends, generator=generator)


@entrypoint(PlanRequest)
def handler(request: PlanRequest) -> ScenePlan:
    """Wire it."""
    settings = wiring.settings(PlanScenesSettings)
    generator = cast("Generator", settings.background_generator)
    photography = wiring.photography(settings)
    return plan_scenes(request, photography=photography, trends=load_default_report(), generator=generator)
