"""Every set that ships: repeatable, lit from its side, in the palette's colours, without noise and bands."""

import functools
from pathlib import Path

import numpy as np
import pytest

from packshot.errors import GenerationFailed
from packshot.events import Light, Palette, RenderRequest, Scene
from packshot.imaging.arrays import Bytes, Flags
from packshot.imaging.colour import delta_e, lab_from_srgb, srgb_from_hex
from packshot.imaging.studio import BLANK, PlateRecipe, Take, choose, render, shipped
from packshot.imaging.studio.library import Bake
from packshot.imaging.studio.rendering import photograph

SAND = Palette(name="Sand", wall="#d8c9b4", floor="#c9b799", accent="#8a7557")
PALE = Palette(name="Pale", wall="#f0ede6", floor="#f0e7d3", accent="#ffffff")
DARK = Palette(name="Dark", wall="#2f3236", floor="#3a3d41", accent="#000000")
KEY = Light(side="left", softness=0.45, elevation=42)
LIBRARY = shipped()
BUILT = LIBRARY.names()
NAMES = (*BUILT, BLANK)
STANDING = [name for name in BUILT if "stand" in LIBRARY.describe(name).anchors]
LIT = [(name, light) for name in BUILT for light in LIBRARY.describe(name).lights]


@functools.lru_cache(maxsize=3)
def bake(name: str, light: str) -> Bake:
    """Return a set under one of its lights."""
    return LIBRARY.load(name, light=light)


def plate(name: str, light: str, *, palette: Palette = SAND, side: int = 240, take: int = 1) -> Bytes:
    """Photograph a set, small."""
    return render(bake(name, light), palette=palette, size=(side, side), take=Take(seed=take))


def painted(made: Bake, slot: str, *, side: int) -> Flags:
    """Return where nothing but this paint is seen, in the light, (side, side)."""
    step = made.irradiance.shape[0] // side
    share = sum(
        each.share[step // 2 :: step, step // 2 :: step] for each in made.coverage if each.slot == slot
    )
    light = made.irradiance[step // 2 :: step, step // 2 :: step]
    plain: Flags = (np.asarray(share) > 0.9) & (light > 0.75)
    return plain


@pytest.fixture(scope="module")
def scene(root: Path) -> Scene:
    """Return the trend scene of the sample event."""
    text = (root / "events" / "render_studio" / "trend.json").read_text()
    return RenderRequest.model_validate_json(text).scene


@pytest.mark.parametrize("name", NAMES)
def test_the_same_recipe_is_the_same_picture(name: str, scene: Scene) -> None:
    """A plate can be made again, byte by byte, and it has the size that was asked for."""
    recipe = PlateRecipe.of(scene.model_copy(update={"set": name, "width": 240, "height": 200}), attempt=0)
    made = recipe.render()
    assert made.shape == (200, 240, 3)
    assert np.array_equal(made, recipe.render())


def test_the_white_cove_is_pure_white(scene: Scene) -> None:
    """255 everywhere, whatever palette, light and attempt."""
    blank = scene.model_copy(update={"set": BLANK, "width": 64, "height": 64})
    for palette, light, attempt in ((SAND, KEY, 0), (DARK, KEY, 2)):
        changed = blank.model_copy(update={"palette": palette, "light": light})
        assert (PlateRecipe.of(changed, attempt=attempt).render() == 255).all()


@pytest.mark.parametrize("name", BUILT)
def test_the_light_falls_from_its_side(name: str, scene: Scene) -> None:
    """Whatever side and softness a scene asks for, the plate's key stands on that side."""
    description = LIBRARY.describe(name)
    for side in ("left", "right"):
        for softness in (0.05, 0.45, 0.9):
            light = Light(side=side, softness=softness, elevation=42)
            lighting = choose(description, light=light)
            assert (lighting.azimuth > 0) == (side == "right")
            recipe = PlateRecipe.of(scene.model_copy(update={"set": name, "light": light}), attempt=0)
            assert (recipe.light, recipe.mirrored) == (lighting.name, lighting.mirrored)


@pytest.mark.parametrize(("name", "light"), LIT)
def test_paint_shows_the_palettes_colour(name: str, light: str) -> None:
    """Where it is lit, what is painted is near the colour that the palette names."""
    made, seen = bake(name, light), lab_from_srgb(plate(name, light, side=200))
    for slot in made.description.slots:
        where = painted(made, slot, side=200)
        if where.sum() > 200:
            wanted = lab_from_srgb(srgb_from_hex(getattr(SAND, slot)))
            mean = seen[where].mean(axis=0)
            assert float(delta_e(mean[None], wanted[None])[0]) < 12, slot


@pytest.mark.parametrize(("name", "light"), LIT)
def test_nothing_is_blown_out_or_black(name: str, light: str) -> None:
    """A pale palette keeps its highlights, a dark one its shadows."""
    assert (plate(name, light, palette=PALE) == 255).mean() < 0.02
    assert (plate(name, light, palette=DARK) < 3).mean() < 0.01


@pytest.mark.parametrize(("name", "light"), LIT)
def test_it_is_metered_where_the_product_is(name: str, light: str) -> None:
    """The light is 1 where the product stands or lies, so a product's exposure and the set's agree."""
    made = bake(name, light)
    side = made.irradiance.shape[0]
    row = round(made.description.metered * side)
    around = made.irradiance[row - 20 : row + 20, side // 2 - 40 : side // 2 + 40]
    assert float(np.median(around)) == pytest.approx(1, abs=0.12)


@pytest.mark.parametrize(("name", "light"), LIT)
def test_no_bands(name: str, light: str) -> None:
    """No smooth part of a plate shows a plateau of equal pixels as long as a band."""
    made = plate(name, light, side=1600)
    for row in (60, 400, 700):
        changes = np.flatnonzero(np.diff(made[row, :, 1].astype(int)))
        assert np.diff(changes).max() < 48


@pytest.mark.parametrize(("name", "light"), [each for each in LIT if each[0] in STANDING])
def test_light_is_clean_of_noise(name: str, light: str) -> None:
    """The film before its noise has no grain: neighbours in a smooth part differ by less than half a step.

    Cloth and stucco, which fill the frame where things lie and hang, have no smooth part.
    """
    exposed = photograph(bake(name, light), palette=SAND)[..., 1].astype(np.float32) / 256
    around = exposed[2:, 1:-1] + exposed[:-2, 1:-1] + exposed[1:-1, 2:] + exposed[1:-1, :-2]
    rough = np.abs(exposed[1:-1, 1:-1] - around / 4)
    assert float(np.percentile(rough, 25)) < 0.5


@pytest.mark.parametrize("name", STANDING)
def test_the_floor_is_inside_the_frame(name: str, scene: Scene) -> None:
    """A product has ground under its foot and room above its head, in any format."""
    for width, height in ((1600, 1600), (1600, 1000), (1000, 1600)):
        change = {"set": name, "width": width, "height": height}
        recipe = PlateRecipe.of(scene.model_copy(update=change), attempt=0)
        assert 0.7 < recipe.floor < 0.93


def test_products_share_plates(scene: Scene) -> None:
    """Products whose scenes differ in nothing that is seen get one recipe."""
    digests = {
        PlateRecipe.of(scene.model_copy(update={"seed": seed, "fill": 0.5}), attempt=0).digest
        for seed in range(20)
    }
    assert len(digests) == 1


def test_what_changes_the_picture_changes_the_recipe(scene: Scene) -> None:
    """Set, palette, light, side, size and attempt each make another plate."""
    others = (
        {"set": "oak_table"},
        {"palette": SAND},
        {"light": Light(side="right", softness=0.6, elevation=42)},
        {"light": Light(side="left", softness=0, elevation=30)},
        {"light": Light(side="right", softness=0, elevation=30)},
        {"width": 800},
    )
    digests = {PlateRecipe.of(scene.model_copy(update=change), attempt=0).digest for change in ({}, *others)}
    digests |= {PlateRecipe.of(scene, attempt=attempt).digest for attempt in (1, 2)}
    assert len(digests) == len(others) + 3


def test_another_version_of_a_set_makes_another_recipe(scene: Scene) -> None:
    """No old plate is found for a set that was built anew."""
    recipe = PlateRecipe.of(scene, attempt=0)
    assert recipe.model_copy(update={"version": "next"}).digest != recipe.digest


def test_a_second_attempt_is_lighter_and_a_third_darker(scene: Scene) -> None:
    """What did not stand out gets another chance on either side of the meter's reading."""
    small = scene.model_copy(update={"width": 200, "height": 200})
    first, second, third = (PlateRecipe.of(small, attempt=attempt).render().mean() for attempt in range(3))
    assert second > first + 5
    assert third < first - 5


def test_a_set_that_is_not_there_is_no_defect(scene: Scene) -> None:
    """The workflow can take another way; the message says what there is."""
    with pytest.raises(GenerationFailed, match=r"moon_base.*oak_table"):
        PlateRecipe.of(scene.model_copy(update={"set": "moon_base"}), attempt=0)
