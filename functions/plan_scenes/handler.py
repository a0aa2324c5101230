"""Decide which pictures to make of a product."""

from typing import TYPE_CHECKING, cast

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import PlanRequest, ScenePlan
from packshot.scenes.photography import PhotographySettings, load_settings
from packshot.scenes.planning import plan
from packshot.settings import PlanScenesSettings
from packshot.trends import load_default_report

if TYPE_CHECKING:
    from packshot.events import Generator, TrendReport


def plan_scenes(
    request: PlanRequest, *, photography: PhotographySettings, trends: "TrendReport", generator: "Generator"
) -> ScenePlan:
    """Plan all scenes at once, by what shoppers want now."""
    return plan(request, settings=photography, trends=trends, generator=generator)


@entrypoint(PlanRequest)
def handler(request: PlanRequest) -> ScenePlan:
    """Wire it."""
    generator = cast("Generator", wiring.settings(PlanScenesSettings).background_generator)
    return plan_scenes(
        request, photography=load_settings(), trends=load_default_report(), generator=generator
    )
