"""Every set: photographed, repeatable, at any size, without bands."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packshot.errors import GenerationFailed
from packshot.events import Light, Palette, RenderRequest, Scene
from packshot.imaging.arrays import Bytes
from packshot.imaging.colour import delta_e, lab_from_srgb, srgb_from_hex
from packshot.imaging.studio import SETS, PlateRecipe, Take, render

SAND = Palette(name="Sand", wall="#d8c9b4", floor="#c9b799", accent="#8a7557")
KEY = Light(side="left", softness=0.45, elevation=42)
NAMES = sorted(SETS)
BUILT = sorted(set(SETS) - {"white_cove"})


def plate(name: str, *, light: Light = KEY, side: int = 240, take: int = 1, palette: Palette = SAND) -> Bytes:
    """Render a small plate."""
    return render(SETS[name], palette=palette, light=light, size=(side, side), take=Take(take))


@pytest.fixture(scope="module")
def scene(root: Path) -> Scene:
    """Return the trend scene of the sample event."""
    text = (root / "events" / "render_studio" / "trend.json").read_text()
    return RenderRequest.model_validate_json(text).scene


@pytest.mark.parametrize("name", NAMES)
def test_the_same_take_is_the_same_picture(name: str) -> None:
    """A plate can be made again, byte by byte."""
    assert np.array_equal(plate(name), plate(name))


@pytest.mark.parametrize("name", BUILT)
def test_another_take_differs_a_little(name: str) -> None:
    """Chance moves lamps and texture; the set stays the set."""
    one, other = plate(name, take=1), plate(name, take=2)
    assert not np.array_equal(one, other)
    assert float(delta_e(lab_from_srgb(one), lab_from_srgb(other)).mean()) < 9


@settings(max_examples=12, deadline=None)
@given(name=st.sampled_from(NAMES), width=st.integers(16, 400), height=st.integers(16, 400))
def test_plates_come_in_any_size(name: str, width: int, height: int) -> None:
    """From a stamp to a banner."""
    made = render(SETS[name], palette=SAND, light=KEY, size=(width, height), take=Take(0))
    assert made.shape == (height, width, 3)
    assert made.dtype == np.uint8


def test_the_white_cove_is_pure_white() -> None:
    """255 everywhere, whatever palette and light."""
    assert (plate("white_cove") == 255).all()


@pytest.mark.parametrize("name", BUILT)
def test_the_light_falls_from_its_side(name: str) -> None:
    """The half where the lamp stands is the brighter one, and the lamp may stand on either side."""
    left = plate(name).astype(float)
    right = plate(name, light=Light(side="right", softness=0.45, elevation=42)).astype(float)
    assert left[:, :120].mean() > left[:, 120:].mean()
    assert right[:, 120:].mean() > right[:, :120].mean()


@pytest.mark.parametrize("name", BUILT)
def test_a_wall_shows_the_palettes_colour(name: str) -> None:
    """Lit by the meter, the wall (on a flat lay: the cloth) is near the colour that the palette names."""
    wanted = SAND.floor if SETS[name].build == "surface" else SAND.wall
    seen = np.median(lab_from_srgb(plate(name)[: 240 // 2].reshape(-1, 3)), axis=0)
    assert float(delta_e(seen[None], lab_from_srgb(srgb_from_hex(wanted))[None])[0]) < 12


@pytest.mark.parametrize("name", BUILT)
def test_nothing_is_blown_out_or_black(name: str) -> None:
    """A pale palette keeps its highlights, a dark one its shadows."""
    pale = Palette(name="Pale", wall="#f0ede6", floor="#f0e7d3", accent="#ffffff")
    dark = Palette(name="Dark", wall="#2f3236", floor="#3a3d41", accent="#000000")
    assert (plate(name, palette=pale) == 255).mean() < 0.02
    assert (plate(name, palette=dark) < 3).mean() < 0.01


@pytest.mark.parametrize("name", BUILT)
def test_no_bands(name: str) -> None:
    """In a smooth gradient neighbours differ by noise: nowhere a run of equal pixels as long as a band."""
    row = plate(name, side=800)[100, :, 1].astype(int)
    changes = np.flatnonzero(np.diff(row))
    assert np.diff(changes).max() < 40


@pytest.mark.parametrize("name", [name for name in BUILT if SETS[name].build in {"sweep", "table", "podium"}])
def test_the_floor_is_inside_the_frame(name: str, scene: Scene) -> None:
    """A product has ground under its foot and room above its head."""
    recipe = PlateRecipe.of(scene.model_copy(update={"set": name}), attempt=0)
    assert 0.7 < recipe.floor < 0.93


def test_products_share_plates(scene: Scene) -> None:
    """Two products whose scenes differ in nothing that is seen get one recipe; four takes are kept."""
    digests = {
        PlateRecipe.of(scene.model_copy(update={"seed": seed, "fill": 0.5}), attempt=0).digest
        for seed in range(100)
    }
    assert len(digests) == 4


def test_what_changes_the_picture_changes_the_recipe(scene: Scene) -> None:
    """Set, palette, light, size and attempt each make another plate."""
    others = (
        {"set": "plinth"},
        {"palette": SAND},
        {"light": KEY},
        {"width": 800},
    )
    digests = {PlateRecipe.of(scene.model_copy(update=change), attempt=0).digest for change in ({}, *others)}
    digests |= {PlateRecipe.of(scene, attempt=attempt).digest for attempt in (1, 2)}
    assert len(digests) == len(others) + 3


def test_a_second_attempt_is_lighter_and_a_third_darker(scene: Scene) -> None:
    """What did not stand out gets another chance on either side of the meter's reading."""
    small = scene.model_copy(update={"width": 200, "height": 200})
    first, second, third = (PlateRecipe.of(small, attempt=attempt).render().mean() for attempt in range(3))
    assert second > first + 5
    assert third < first - 5


def test_a_set_that_is_not_there_is_no_defect(scene: Scene) -> None:
    """The workflow can take another way."""
    with pytest.raises(GenerationFailed, match="moon_base"):
        PlateRecipe.of(scene.model_copy(update={"set": "moon_base"}), attempt=0)
