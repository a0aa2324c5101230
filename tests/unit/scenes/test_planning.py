"""A plan: two scenes, chosen with reasons, the same for the same photo."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.events import Category, PlanRequest, Product, Scene, ScenePlan, TrendReport
from packshot.scenes.harmony import difference, lab
from packshot.scenes.photography import load_settings
from packshot.scenes.planning import plan
from packshot.trends import load_default_report

HEX = st.integers(0, 2**24 - 1).map(lambda number: f"#{number:06x}")


@pytest.fixture(scope="module")
def mug(root: Path) -> PlanRequest:
    """Return the sample event."""
    return PlanRequest.model_validate_json((root / "events" / "plan_scenes" / "mug.json").read_text())


def planned(request: PlanRequest, *, trends: TrendReport | None = None) -> ScenePlan:
    """Plan with what ships."""
    report = trends or load_default_report()
    return plan(request, settings=load_settings(), trends=report, generator="flux")


def trend(request: PlanRequest, *, trends: TrendReport | None = None) -> Scene:
    """Return the scene that follows the trends."""
    return planned(request, trends=trends).scenes[1]


def of(request: PlanRequest, *, category: Category = "other", colours: tuple[str, ...] = ()) -> PlanRequest:
    """Return the request for another kind of product, or one of other colours."""
    photo = request.photo.model_copy(update={"product": Product(category=category)})
    matte = request.matte.model_copy(update={"colours": colours or request.matte.colours})
    return request.model_copy(update={"photo": photo, "matte": matte})


def test_white_keeps_the_marketplaces_rules(mug: PlanRequest) -> None:
    """Pure white, 85 % by the longest side, 1,600 pixels square, and never a paid generator."""
    white = planned(mug).scenes[0]
    assert (white.name, white.set, white.generator) == ("white", "white_cove", "studio")
    assert white.palette.wall == white.palette.floor == "#ffffff"
    assert (white.fill, white.width, white.height) == (0.85, 1600, 1600)


@pytest.mark.parametrize("category", get_args(Category))
def test_every_category_gets_a_set_that_holds_it(mug: PlanRequest, category: Category) -> None:
    """Shoes stand, dresses hang, rings lie, each where that is possible."""
    settings = load_settings()
    scene = trend(of(mug, category=category))
    assert scene.anchor == settings.categories[category].anchor
    assert scene.anchor in settings.sets[scene.set].anchors
    assert scene.camera == str(settings.categories[category].camera)
    assert scene.generator == "flux"


@given(colours=st.lists(HEX, min_size=1, max_size=1).map(tuple))
def test_a_product_of_one_colour_always_stands_out(mug: PlanRequest, colours: tuple[str, ...]) -> None:
    """Whatever the colour, wall and floor keep their distance from it."""
    palette = trend(of(mug, colours=colours)).palette
    apart = min(difference(lab(colours[0]), lab(around)) for around in (palette.wall, palette.floor))
    assert apart >= load_settings().standout.main


def test_a_product_of_every_colour_gets_the_farthest_palette(mug: PlanRequest) -> None:
    """With colours near every palette there is still a plan."""
    colours = tuple(palette.wall for palette in load_default_report().palettes)
    assert trend(of(mug, colours=colours)).palette.name


def test_a_matte_without_colours_is_planned(mug: PlanRequest) -> None:
    """A product that is all edge has no main colour; it is taken for grey."""
    matte = mug.matte.model_copy(update={"colours": ()})
    assert trend(mug.model_copy(update={"matte": matte})).palette.name


def test_the_light_comes_from_the_photos_side(mug: PlanRequest) -> None:
    """A product that is lit from the right is not set into light from the left."""
    turned = mug.model_copy(update={"analysis": mug.analysis.model_copy(update={"light_side": "right"})})
    assert {scene.light.side for scene in planned(turned).scenes} == {"right"}


def test_the_same_photo_gets_the_same_plan_and_a_new_version_new_seeds(mug: PlanRequest) -> None:
    """A plan can be made again; a photo uploaded anew is not the old one."""
    assert planned(mug) == planned(mug)
    source = mug.photo.source.model_copy(update={"version": "another"})
    newer = mug.model_copy(update={"photo": mug.photo.model_copy(update={"source": source})})
    assert trend(newer).seed != trend(mug).seed


def test_the_scenes_of_a_photo_have_seeds_of_their_own(mug: PlanRequest) -> None:
    """Two scenes never share a composite's key."""
    assert len({scene.seed for scene in planned(mug).scenes}) == 2


def test_what_stands_cannot_stand_where_the_photo_cut_its_foot(mug: PlanRequest) -> None:
    """A product without a foot is set before a wall instead of on a ground."""
    cut = mug.model_copy(update={"matte": mug.matte.model_copy(update={"cut_edges": ("bottom",)})})
    scene = trend(cut)
    assert scene.anchor == "hang"
    assert "hang" in load_settings().sets[scene.set].anchors
    assert planned(cut).scenes[0].shadow.contact == 0


def test_trends_move_the_choice(mug: PlanRequest) -> None:
    """When shoppers ask for limewash alone, the mug leaves the oak table; the record says why."""
    report = load_default_report()
    only = tuple(
        item.model_copy(update={"weight": 1.0, "categories": ()})
        for item in report.items
        if item.id in {"sculptural", "limewash-plaster"}
    )
    scene = trend(mug, trends=report.model_copy(update={"items": only}))
    assert scene.set == "plinth"
    assert set(scene.trend_items) == {"sculptural", "limewash-plaster"}


def test_a_report_without_items_or_palettes_still_makes_a_plan(mug: PlanRequest) -> None:
    """With no trends at all the shipped neutrals and the category's first set are there."""
    empty = load_default_report().model_copy(update={"items": (), "palettes": ()})
    scene = trend(of(mug, colours=("#2c55a5",)), trends=empty)
    assert scene.set == load_settings().categories["other"].sets[0]
    assert scene.palette in load_settings().neutrals
    assert scene.trend_items == ()


def test_a_product_is_not_set_on_a_table_of_its_own_colour(mug: PlanRequest) -> None:
    """Whatever the trends say, an oak bowl does not go on the oak table, and an oat mug neither."""
    for ground in load_settings().sets["oak_table"].grounds:
        assert trend(of(mug, colours=(ground,))).set != "oak_table"


def test_items_of_other_categories_do_not_count(mug: PlanRequest) -> None:
    """What moves dresses does not move mugs."""
    ids = {item.id for item in load_default_report().items if item.categories == ("dresses",)}
    assert not ids & set(trend(mug).trend_items)


def test_reasons_are_sentences(mug: PlanRequest) -> None:
    """A person can read why the picture looks as it does."""
    for scene in planned(mug).scenes:
        assert scene.reasons
        assert all(reason.endswith(".") and "_" not in reason for reason in scene.reasons)
