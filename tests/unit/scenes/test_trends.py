"""Scenes follow the report of now, for the product's kind, and say so."""

import pytest

from packshot.events import Category, Generator, PlanRequest, Scene, TrendReport
from packshot.scenes.demand import items_for, mood_in, palettes_for
from packshot.scenes.photography import load_settings
from packshot.scenes.planning import plan
from packshot.trends import load_default_report
from tests.functions.cases import read_case
from tests.posts import report_of


def trend_scene(
    report: TrendReport, *, category: str = "other", fallback: str = "", generator: Generator = "studio"
) -> Scene:
    """Return the mug's trend scene, as if it were of another kind."""
    request = PlanRequest.model_validate(read_case("plan_scenes", "mug"))
    product = request.photo.product.model_copy(update={"category": category})
    photo = request.photo.model_copy(update={"product": product})
    planned = plan(
        request.model_copy(update={"photo": photo}),
        settings=load_settings(),
        trends=report,
        generator=generator,
        trends_fallback=fallback,
    )
    return next(scene for scene in planned.scenes if scene.name == "trend")


@pytest.mark.parametrize("category", ["shoes", "furniture", "other"])
def test_a_scene_says_which_trends_shaped_it(category: Category) -> None:
    """Items and version are the report's own, and the light leans to the one that shoppers like."""
    report = report_of("2026-11-20")
    scene = trend_scene(report, category=category)
    assert scene.trends_version == report.version
    assert "candle-glow" in scene.trend_items
    assert set(scene.trend_items) <= {item.id for item in items_for(category, report=report).values()}
    assert "candle glow" in " ".join(scene.reasons)
    assert scene.trends_fallback == ""


def test_seasons_differ() -> None:
    """In July the same mug stands in other colours or in another light than in November."""
    july, november = (trend_scene(report_of(day)) for day in ("2026-07-31", "2026-11-20"))
    assert (july.palette, july.light, july.set) != (november.palette, november.light, november.set)


def test_the_mood_is_the_report_s() -> None:
    """The strongest mood stands in the scene, as an id of the vocabulary."""
    report = report_of("2026-11-20")
    scene = trend_scene(report)
    assert scene.mood == mood_in(items_for("other", report=report)) == "cosy"
    assert scene.mood in scene.trend_items


def test_a_bought_plate_lives_as_long_as_its_report() -> None:
    """What is drawn by a report of now is forgotten with it; the report that ships binds nothing."""
    report = report_of("2026-11-20")
    assert trend_scene(report, generator="flux").plate_until == report.holds_until
    assert trend_scene(report).plate_until is None
    assert trend_scene(load_default_report(), generator="flux", fallback="none yet").plate_until is None


def test_a_default_is_labelled() -> None:
    """What ships stands in with the reason, in the scene and in words."""
    scene = trend_scene(load_default_report(), fallback="the last report is 9 days old")
    assert scene.trends_version == load_default_report().version
    assert scene.trends_fallback == "the last report is 9 days old"
    assert "The trends are those that ship: the last report is 9 days old." in scene.reasons


def test_a_kind_s_palettes_come_first() -> None:
    """Shoes are painted in what shoppers want for shoes, then in what all want, none twice."""
    report = report_of("2026-11-20")
    palettes = palettes_for("shoes", report=report)
    own = report.by_category["shoes"].palettes
    assert palettes[: len(own)] == own
    assert len({palette.name for palette in palettes}) == len(palettes)
