"""A plan: three scenes, chosen with reasons, the same for the same photo."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.events import Category, KeyLight, PlanRequest, Product, Scene, ScenePlan, TrendReport
from packshot.scenes.harmony import difference, lab
from packshot.scenes.photography import PhotographySettings, load_settings
from packshot.scenes.planning import plan
from packshot.scenes.stages import Stage
from packshot.scenes.surroundings import clearance, load_surroundings
from packshot.trends import load_default_report

HEX = st.integers(0, 2**24 - 1).map(lambda number: f"#{number:06x}")


@pytest.fixture(scope="module")
def mug(root: Path) -> PlanRequest:
    """Return the sample event."""
    return PlanRequest.model_validate_json((root / "events" / "plan_scenes" / "mug.json").read_text())


def planned(
    request: PlanRequest, *, trends: TrendReport | None = None, settings: PhotographySettings | None = None
) -> ScenePlan:
    """Plan with what ships."""
    report = trends or load_default_report()
    return plan(request, settings=settings or load_settings(), trends=report, generator="flux")


def trend(request: PlanRequest, *, trends: TrendReport | None = None) -> Scene:
    """Return the scene that follows the trends."""
    return planned(request, trends=trends).scenes[1]


def alternative(request: PlanRequest) -> Scene:
    """Return the other styled scene."""
    return planned(request).scenes[2]


def stage_of(scene: Scene) -> Stage:
    """Return a scene's set in its colours."""
    return Stage(scene.set, scene.palette)


def kept(scene: Scene, *colours: str) -> float:
    """Return what a product's colours keep from what is seen around it, in ΔE2000."""
    return min(clearance(lab(colour), stage_of(scene).ring) for colour in colours)


def of(request: PlanRequest, *, category: Category = "other", colours: tuple[str, ...] = ()) -> PlanRequest:
    """Return the request for another kind of product, or one of other colours."""
    photo = request.photo.model_copy(update={"product": Product(category=category)})
    painted = {"colours": colours, "rim": colours} if colours else {}
    matte = request.matte.model_copy(update=painted)
    return request.model_copy(update={"photo": photo, "matte": matte})


def test_there_are_three_scenes_and_one_of_them_may_cost(mug: PlanRequest) -> None:
    """The shop's order; only the trend scene is made by the generator that is switched on."""
    made = [(scene.name, scene.generator) for scene in planned(mug).scenes]
    assert made == [("white", "studio"), ("trend", "flux"), ("alternative", "studio")]


def test_the_settings_say_which_scenes_are_made(mug: PlanRequest) -> None:
    """A shop that wants two gets two, in the order that it asked for."""
    fewer = load_settings().model_copy(update={"scenes": ("alternative", "white")})
    kept = planned(mug, settings=fewer).scenes
    assert [scene.name for scene in kept] == ["alternative", "white"]
    assert kept[0] == alternative(mug)


def test_white_keeps_the_marketplaces_rules(mug: PlanRequest) -> None:
    """Pure white, 85 % by the longest side, 1,600 pixels square, and never a paid generator."""
    white = planned(mug).scenes[0]
    assert (white.name, white.set, white.generator) == ("white", "white_cove", "studio")
    assert white.palette.wall == white.palette.floor == "#ffffff"
    assert (white.fill, white.width, white.height) == (0.85, 1600, 1600)


@pytest.mark.parametrize("category", get_args(Category))
def test_every_category_gets_sets_that_hold_it(mug: PlanRequest, category: Category) -> None:
    """Shoes stand, dresses hang, rings lie, each where that is possible."""
    settings = load_settings()
    for scene in planned(of(mug, category=category)).scenes[1:]:
        assert scene.anchor == settings.categories[category].anchor
        assert scene.anchor in settings.sets[scene.set].anchors
        assert scene.camera == str(settings.categories[category].camera)


@given(colour=HEX, category=st.sampled_from(get_args(Category)))
def test_the_alternative_is_another_picture(mug: PlanRequest, colour: str, category: Category) -> None:
    """Whatever the product: another set, walls 15 ΔE apart, another mood of light.

    So are the whole pictures, but for a set that is not painted and differs by what it is: there 8 do.
    """
    _, first, other = planned(of(mug, category=category, colours=(colour,))).scenes
    apart = load_settings().alternative.apart
    assert other.set != first.set
    assert difference(lab(other.palette.wall), lab(first.palette.wall)) >= apart
    painted = all(load_surroundings()[scene.set].is_painted for scene in (first, other))
    assert difference(stage_of(other).backdrop, stage_of(first).backdrop) >= (apart if painted else 8)
    assert abs(other.light.softness - first.light.softness) >= 0.2


@given(colour=HEX, category=st.sampled_from(get_args(Category)))
def test_a_product_of_one_colour_always_stands_out(mug: PlanRequest, colour: str, category: Category) -> None:
    """Whatever the colour, all that is seen around it keeps what the assessment will ask for."""
    for scene in planned(of(mug, category=category, colours=(colour,))).scenes[1:]:
        assert kept(scene, colour) >= load_settings().standout.least


def test_a_product_of_every_colour_gets_the_farthest_palette(mug: PlanRequest) -> None:
    """With colours near every palette there is still a plan, and none is farther in that set."""
    every = (*load_default_report().palettes, *load_settings().neutrals)
    colours = tuple(colour for palette in every for colour in (palette.wall, palette.floor))
    scene = trend(of(mug, colours=colours))
    others = [scene.model_copy(update={"palette": palette}) for palette in every]
    assert kept(scene, *colours) == max(kept(other, *colours) for other in others)


def test_a_matte_without_colours_is_planned(mug: PlanRequest) -> None:
    """A product that is all edge has no main colour; it is taken for grey."""
    matte = mug.matte.model_copy(update={"colours": (), "rim": ()})
    assert kept(trend(mug.model_copy(update={"matte": matte})), "#808080") >= 8


def test_the_light_comes_from_the_photos_side(mug: PlanRequest) -> None:
    """A product that is lit from the right is not set into light from the left."""
    analysis = mug.analysis.model_copy(update={"light_side": "right"})
    flat = mug.matte.model_copy(update={"lighting": None})
    turned = mug.model_copy(update={"analysis": analysis, "matte": flat})
    assert {scene.light.side for scene in planned(turned).scenes} == {"right"}


def test_the_products_own_shading_tells_more_than_the_photo(mug: PlanRequest) -> None:
    """A product lit from the right before a backdrop that is brighter on the left is lit from the right."""
    lit = mug.matte.model_copy(update={"lighting": KeyLight(side="right", strength=0.4)})
    request = mug.model_copy(update={"matte": lit})
    assert request.analysis.light_side == "left"
    assert {scene.light.side for scene in planned(request).scenes} == {"right"}


def test_the_same_photo_gets_the_same_plan_and_a_new_version_new_seeds(mug: PlanRequest) -> None:
    """A plan can be made again; a photo uploaded anew is not the old one."""
    assert planned(mug) == planned(mug)
    source = mug.photo.source.model_copy(update={"version": "another"})
    newer = mug.model_copy(update={"photo": mug.photo.model_copy(update={"source": source})})
    assert trend(newer).seed != trend(mug).seed


def test_the_scenes_of_a_photo_have_seeds_of_their_own(mug: PlanRequest) -> None:
    """No two scenes share a composite's key."""
    assert len({scene.seed for scene in planned(mug).scenes}) == 3


def test_what_stands_cannot_stand_where_the_photo_cut_its_foot(mug: PlanRequest) -> None:
    """A product without a foot is set before a wall instead of on a ground."""
    cut = mug.model_copy(update={"matte": mug.matte.model_copy(update={"cut_edges": ("bottom",)})})
    white, *styled = planned(cut).scenes
    assert white.shadow.contact == 0
    for scene in styled:
        assert scene.anchor == "hang"
        assert "hang" in load_settings().sets[scene.set].anchors


def test_trends_move_the_choice(mug: PlanRequest) -> None:
    """When shoppers ask for limewash, more mugs stand before the arch; their records say why."""
    report = load_default_report()
    only = tuple(
        item.model_copy(update={"weight": 1.0, "categories": ()})
        for item in report.items
        if item.id in {"sculptural", "limewash-plaster"}
    )
    asking = report.model_copy(update={"items": only})
    silent = report.model_copy(update={"items": ()})
    shops = [
        of(mug).model_copy(update={"photo": mug.photo.model_copy(update={"sku": f"MUG-{n}"})})
        for n in range(40)
    ]
    unbranded = [
        shop.model_copy(update={"photo": shop.photo.model_copy(update={"product": Product()})})
        for shop in shops
    ]
    wanted = [trend(each, trends=asking) for each in unbranded]
    before = [trend(each, trends=silent) for each in unbranded]
    arches = [scene for scene in wanted if scene.set == "plinth_arch"]
    assert len(arches) > 2 * sum(scene.set == "plinth_arch" for scene in before)
    assert {"sculptural", "limewash-plaster"} <= set(arches[0].trend_items)
    assert "shoppers ask for" in arches[0].reasons[0]


def test_a_report_without_items_or_palettes_still_makes_a_plan(mug: PlanRequest) -> None:
    """With no trends at all the shipped neutrals and the category's sets are there."""
    empty = load_default_report().model_copy(update={"items": (), "palettes": ()})
    scene = trend(of(mug, colours=("#2c55a5",)), trends=empty)
    assert scene.set in load_settings().categories["other"].sets
    assert scene.palette in load_settings().neutrals
    assert scene.trend_items == ()


def test_a_product_is_not_set_on_a_table_of_its_own_colour(mug: PlanRequest) -> None:
    """Whatever the trends say, an oak bowl does not go on the oak table, and the record says why."""
    oak = "#ad8f6c"
    for number in range(20):
        photo = mug.photo.model_copy(update={"sku": f"BOWL-{number}", "product": Product()})
        request = of(mug.model_copy(update={"photo": photo}), colours=(oak,))
        for scene in planned(request).scenes[1:]:
            assert scene.set != "oak_table"
            if "oak table" in scene.reasons[0]:
                assert "would melt" in scene.reasons[0]


def test_items_of_other_categories_do_not_count(mug: PlanRequest) -> None:
    """What moves dresses does not move mugs."""
    ids = {item.id for item in load_default_report().items if item.categories == ("dresses",)}
    assert not ids & set(trend(mug).trend_items)


@pytest.mark.parametrize("category", get_args(Category))
def test_reasons_are_sentences(mug: PlanRequest, category: Category) -> None:
    """A person can read why the picture looks as it does."""
    for scene in planned(of(mug, category=category)).scenes:
        assert scene.reasons
        assert all(reason.endswith(".") and "_" not in reason for reason in scene.reasons)


def test_what_is_inside_the_outline_rules_nothing_out(mug: PlanRequest) -> None:
    """A bottle with a white label may stand before white: only its rim meets the wall."""
    labelled = of(mug, category="bottles", colours=("#f4f2ec", "#33241a"))
    rimmed = labelled.model_copy(update={"matte": labelled.matte.model_copy(update={"rim": ("#33241a",)})})
    walls = {
        trend(
            each.model_copy(update={"photo": each.photo.model_copy(update={"sku": f"B-{number}"})})
        ).palette.name
        for number in range(12)
        for each in (rimmed,)
    }
    light = {"Morning plaster", "Butter and oat", "Chalk"}
    assert walls & light
    assert kept(trend(rimmed), "#33241a") >= load_settings().standout.main
