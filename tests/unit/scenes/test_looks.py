"""Looks and ranges: what belongs together is photographed alike, what does not is not."""

from collections import defaultdict
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from packshot.events import Category, Photo, PlanRequest, Product, Scene
from packshot.scenes.looks import chance, draw, look_of, range_of
from packshot.scenes.photography import Look, PhotographySettings, load_settings, override_settings
from packshot.scenes.planning import plan
from packshot.trends import load_default_report

BRANDS = ("Ostvey", "Atelier Nord", "Kalmar & Sons", "Fjord", "Lumen", "Casa Verde")
COLOURS = (
    "#a08b71",
    "#2c55a5",
    "#7c3a20",
    "#e9e6df",
    "#26282b",
    "#3f6b4a",
    "#c03a34",
    "#8f8f92",
    "#d9b45b",
    "#6d4a7f",
)


@pytest.fixture(scope="module")
def mug(root: Path) -> PlanRequest:
    """Return the sample event."""
    return PlanRequest.model_validate_json((root / "events" / "plan_scenes" / "mug.json").read_text())


def product_of(  # noqa: PLR0913 - a product has so many sides
    request: PlanRequest,
    *,
    sku: str,
    brand: str = "",
    named: str = "",
    category: Category = "bags",
    colour: str = "#2c55a5",
) -> PlanRequest:
    """Return the request for another product."""
    product = Product(category=category, brand=brand, range=named)
    photo = request.photo.model_copy(update={"sku": sku, "name": sku.lower(), "product": product})
    return request.model_copy(
        update={
            "photo": photo,
            "matte": request.matte.model_copy(update={"colours": (colour,), "rim": (colour,)}),
        }
    )


def styled(request: PlanRequest, *, settings: PhotographySettings | None = None) -> tuple[Scene, Scene]:
    """Return trend and alternative."""
    made = plan(
        request, settings=settings or load_settings(), trends=load_default_report(), generator="studio"
    )
    return made.scenes[1], made.scenes[2]


def with_looks(*looks: dict[str, Any]) -> PhotographySettings:
    """Return what ships, with these looks."""
    import json

    return override_settings(json.dumps({"looks": looks}).encode(), source="test.json")


# --- ranges -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", [0, 1])
@pytest.mark.parametrize("category", get_args(Category))
def test_a_range_is_consistent(mug: PlanRequest, category: Category, scene: int) -> None:
    """60 products of 6 brands: a brand has one light and at most 2 sets in each scene.

    Of the alternative, whose choice is smaller by the trend's set, what would melt there too is not counted.
    """
    sets, lights = defaultdict(set), defaultdict(set)
    for number in range(60):
        brand, colour = BRANDS[number % 6], COLOURS[number // 6]
        request = product_of(mug, sku=f"P-{number}", brand=brand, category=category, colour=colour)
        made = styled(request)[scene]
        if scene == 0 or "would" not in made.reasons[0]:
            sets[brand].add(made.set)
        lights[brand].add((made.light.softness, made.light.elevation))
    assert max(map(len, sets.values())) <= 2
    assert {len(each) for each in lights.values()} == {1}


def test_a_catalogue_is_not_monotonous(mug: PlanRequest) -> None:
    """60 products of 6 brands in all categories: 8 sets and more, in trend and alternative alike."""
    trend_sets, other_sets = set(), set()
    for number in range(60):
        brand, category = BRANDS[number % 6], get_args(Category)[number // 6]
        colour = COLOURS[(number * 7) % 10]
        request = product_of(mug, sku=f"P-{number}", brand=brand, category=category, colour=colour)
        trend, other = styled(request)
        trend_sets.add(trend.set)
        other_sets.add(other.set)
    assert min(len(trend_sets), len(other_sets)) >= 8


def test_six_brands_of_one_kind_differ_too(mug: PlanRequest) -> None:
    """Within one category too: six brands together show three of its four or five sets, or more."""
    for category in ("bags", "bottles", "shoes", "other"):
        shown = {
            scene.set
            for brand in BRANDS
            for scene in styled(product_of(mug, sku="P", brand=brand, category=category))
        }
        assert len(shown) >= 3, category


def test_all_photos_of_a_product_without_a_brand_agree(mug: PlanRequest) -> None:
    """Front and back of one product stand in one set, also if the shop says nothing of it."""
    front = product_of(mug, sku="LONE-1")
    back = front.model_copy(update={"photo": front.photo.model_copy(update={"name": "back"})})
    assert [scene.set for scene in styled(front)] == [scene.set for scene in styled(back)]


def test_a_product_that_would_melt_leaves_its_range(mug: PlanRequest) -> None:
    """The one product that has the colour of the range's table goes elsewhere, and the record says so."""
    brand = next(
        brand
        for brand in (f"Brand {n}" for n in range(50))
        if styled(product_of(mug, sku="P", brand=brand, category="other"))[0].set == "oak_table"
    )
    oak = styled(product_of(mug, sku="P", brand=brand, category="other", colour="#ab8c6a"))[0]
    assert oak.set != "oak_table"
    assert "would melt" in oak.reasons[0]


def test_a_range_is_told_from_another_of_the_same_brand(mug: PlanRequest) -> None:
    """The shop's own word for a range is finer than the brand."""
    photo = product_of(mug, sku="P", brand="Ostvey", named="Winter").photo
    plain = product_of(mug, sku="P", brand="Ostvey").photo
    assert range_of(photo, look=None) != range_of(plain, look=None)


def test_the_draw_takes_each_set_as_often_as_its_score_says() -> None:
    """A set that is one temperature better is drawn e times as often, whatever the third does."""
    ahead = sum(draw(str(n), "one") + 1 > draw(str(n), "other") for n in range(4000))
    assert ahead / 4000 == pytest.approx(2.71828 / 3.71828, abs=0.025)
    assert all(0 < chance(str(n), "one") < 1 for n in range(100))


# --- looks ------------------------------------------------------------------------------------------

CALM = {
    "name": "Calm",
    "brand": "Ostvey",
    "sets": ["concrete"],
    "palettes": ["Bone"],
    "light": {"softness": 0.9, "elevation": 50},
    "fill": 0.5,
}


def test_a_look_pins_what_it_names_and_says_so(mug: PlanRequest) -> None:
    """Set, palette, light and fill are the look's, in both styled scenes where it leaves no choice."""
    trend, other = styled(product_of(mug, sku="P", brand="ostvey "), settings=with_looks(CALM))
    for scene in (trend, other):
        assert (scene.look, scene.set, scene.palette.name, scene.fill) == ("Calm", "concrete", "Bone", 0.5)
        assert (scene.light.softness, scene.light.elevation) == (0.9, 50)
        assert all(
            "the look 'Calm'" in reason for reason in (scene.reasons[0], scene.reasons[1], scene.reasons[-1])
        )


def test_a_look_leaves_white_to_the_marketplaces(mug: PlanRequest) -> None:
    """No look changes what marketplaces ask for."""
    request, settings = product_of(mug, sku="P", brand="Ostvey"), with_looks(CALM)
    made = plan(request, settings=settings, trends=load_default_report(), generator="studio").scenes[0]
    assert (made.set, made.fill, made.look) == ("white_cove", 0.85, "")


def test_others_are_not_touched_by_a_look(mug: PlanRequest) -> None:
    """A brand without a look is photographed as if there were none."""
    request = product_of(mug, sku="P", brand="Fjord")
    plain, looked = styled(request)[0], styled(request, settings=with_looks(CALM))[0]
    assert looked.model_copy(update={"settings_version": plain.settings_version}) == plain


def test_a_look_with_two_sets_and_palettes_keeps_the_scenes_apart(mug: PlanRequest) -> None:
    """Within what a look allows, the alternative is still another picture."""
    wide = CALM | {"sets": ["concrete", "window_wall"], "palettes": ["Bone", "Ink"]}
    trend, other = styled(
        product_of(mug, sku="P", brand="Ostvey", colour="#c03a34"), settings=with_looks(wide)
    )
    assert {trend.set, other.set} == {"concrete", "window_wall"}
    assert {trend.palette.name, other.palette.name} == {"Bone", "Ink"}


def test_a_looks_sets_that_cannot_hold_a_product_are_passed_over(mug: PlanRequest) -> None:
    """A brand of shoes that also sells jeans: they hang on the rail, and the record says why."""
    trend, _ = styled(product_of(mug, sku="P", brand="Ostvey", category="jeans"), settings=with_looks(CALM))
    assert trend.anchor == "hang"
    assert "hang" in load_settings().sets[trend.set].anchors
    assert trend.reasons[0].endswith("cannot hang a product.")


def test_the_first_look_that_matches_wins() -> None:
    """A look for one range stands before the brand's."""
    looks = (Look(name="range", brand="Ostvey", range="RUN-*"), Look(name="brand", brand="Ostvey"))
    runner = Photo(sku="run-7", name="a", source={"bucket": "b", "key": "k"}, product=Product(brand="Ostvey"))
    other = runner.model_copy(update={"sku": "walk-7"})
    assert [look.name for look in (look_of(runner, looks=looks), look_of(other, looks=looks)) if look] == [
        "range",
        "brand",
    ]


@pytest.mark.parametrize(
    ("pattern", "sku", "named", "matches"),
    [
        ("RUN-*", "RUN-7", "", True),
        ("RUN-", "run-7", "", True),
        ("RUN-?", "RUN-77", "", False),
        ("RUN-", "X-RUN-7", "", False),
        ("winter *", "X", "Winter  2026", True),
        ("Winter", "X", "winter", True),
        ("Winter", "X", "Winter 2026", False),
        ("[", "X", "", False),
    ],
)
def test_a_range_is_a_word_of_the_shops_or_a_pattern_of_skus(
    pattern: str,
    sku: str,
    named: str,
    matches: bool,  # noqa: FBT001 - a table's last column
) -> None:
    """Case and blanks do not count; a pattern without a wildcard is a SKU's beginning, or a range's name."""
    photo = Photo(sku=sku, name="a", source={"bucket": "b", "key": "k"}, product=Product(range=named))
    assert (look_of(photo, looks=(Look(name="it", range=pattern),)) is not None) == matches


def test_a_look_may_give_a_whole_range_its_seeds(mug: PlanRequest) -> None:
    """With seeds by range a generator makes one plate for all; by photo, each photo has its own."""
    one, two = (product_of(mug, sku=sku, brand="Ostvey") for sku in ("A", "B"))
    shared = with_looks(CALM | {"seed": "range"})
    assert styled(one, settings=shared)[0].seed == styled(two, settings=shared)[0].seed
    assert styled(one, settings=with_looks(CALM))[0].seed != styled(two, settings=with_looks(CALM))[0].seed


def test_a_look_for_nobody_is_refused() -> None:
    """A look without a brand or a range would be everybody's by accident."""
    with pytest.raises(ValidationError, match="nobody's"):
        Look(name="all")
