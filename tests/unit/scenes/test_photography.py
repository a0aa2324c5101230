"""The photography settings: complete, checked, sourced, and an environment's own to change."""

import json
import math
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from layers import photography as schema_file
from packshot.errors import InvalidSettings, UnknownPalette, UnknownSet
from packshot.events import Category
from packshot.imaging.studio import BLANK, shipped
from packshot.scenes.photography import PhotographySettings, load_settings, override_settings

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


def as_json() -> dict[str, Any]:
    """Return the shipped file, as JSON."""
    text = resources.files("packshot.scenes").joinpath("photography.json").read_text(encoding="utf-8")
    settings: dict[str, Any] = json.loads(text)
    return settings


def override(given: object) -> PhotographySettings:
    """Return what ships with this merged in."""
    return override_settings(json.dumps(given).encode(), source="sandbox.json")


def test_every_category_has_settings_with_a_source() -> None:
    """Each category of the closed set is described, and says where its numbers come from."""
    settings = load_settings()
    assert set(settings.categories) == set(get_args(Category))
    assert all(category.sources for category in settings.categories.values())
    assert all(len(category.sets) >= 2 for category in settings.categories.values())


def test_every_set_that_is_described_can_be_built() -> None:
    """The studio has each set that a plan may name, holding what it holds, and no set is forgotten."""
    described = load_settings().sets
    assert set(described) == set(shipped().names())
    assert BLANK not in described
    for name, settings in described.items():
        assert settings.anchors == shipped().describe(name).anchors, name


def test_preferred_sets_were_photographed_from_the_categorys_height() -> None:
    """What stands is seen from about as high as its category wants; another perspective looks pasted."""
    for name, category in load_settings().categories.items():
        for chosen in category.sets if category.anchor == "stand" else ():
            camera = shipped().describe(chosen).camera
            above = math.degrees(math.atan2(camera.height, camera.distance))
            assert abs(above - category.camera.above) <= 8, (name, chosen)


@pytest.mark.parametrize(
    ("category", "field", "value", "complaint"),
    [
        ("shoes", "sets", ["linen_flat_lay"], "nothing can stand in linen_flat_lay"),
        ("shoes", "fill", 1.4, "less than or equal to 1"),
        ("shoes", "sources", [], "at least 1"),
        ("shoes", "lens", 85, "Extra inputs"),
    ],
)
def test_a_slip_in_the_settings_is_named(category: str, field: str, value: object, complaint: str) -> None:
    """A set that cannot hold it, a share over 1, no source, a typo: all are refused."""
    settings = as_json()
    settings["categories"][category][field] = value
    with pytest.raises(ValidationError, match=complaint):
        PhotographySettings.model_validate(settings)


def test_a_missing_category_is_named() -> None:
    """Nobody finds out at the first pair of jeans that jeans were forgotten."""
    settings = as_json()
    del settings["categories"]["jeans"]
    with pytest.raises(ValidationError, match="jeans"):
        PhotographySettings.model_validate(settings)


# --- overrides --------------------------------------------------------------------------------------


def test_an_override_changes_what_it_names_and_the_version() -> None:
    """One number of one category differs, all else is as shipped, and every record will tell."""
    shipped_, own = load_settings(), override({"categories": {"shoes": {"fill": 0.7}}})
    assert own.categories["shoes"].fill == 0.7
    assert own.categories["shoes"].camera == shipped_.categories["shoes"].camera
    assert own.categories["bags"] == shipped_.categories["bags"]
    base, _, digest = own.version.partition("+")
    assert base == shipped_.version
    assert len(digest) == 8


def test_the_version_follows_from_what_is_given() -> None:
    """The same change has the same name however it is written; another change has another."""
    one = override_settings(b'{"size": 1200, "looks": []}', source="a.json")
    same = override_settings(b'\n{"looks": [],  "size": 1200}', source="b.json")
    assert one.version == same.version != override({"size": 1201, "looks": []}).version


def test_an_empty_override_is_none() -> None:
    """A file that changes nothing leaves the version alone."""
    assert override({}) == load_settings()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (
            {"categories": {"shoes": {"fil": 0.7}}},
            r"categories\.shoes\.fil: there is no such setting; there are",
        ),
        ({"categories": {"shoes": {"fill": "much"}}}, r"categories\.shoes\.fill: .*valid number"),
        ({"categories": {"boots": {"fill": 0.7}}}, r"categories\.boots"),
        ({"categories": {"shoes": {"camera": {"lens_mm": 8}}}}, r"categories\.shoes\.camera\.lens_mm"),
        ({"colour": 1}, r"colour: there is no such setting; there are alternative, backgrounds, categories"),
        ({"scenes": ["white", "white"]}, "scenes"),
        ({"scenes": ["beach"]}, r"scenes\.0"),
        ({"looks": [{"name": "All"}]}, r"looks\.0: .*nobody's"),
        ({"looks": [{"name": "A", "brand": "B", "set": []}]}, r"looks\.0\.set: there is no such setting"),
        ({"version": "mine"}, "version: follows from"),
        ([], "no table"),
    ],
)
def test_a_wrong_override_is_named_by_its_path(given: object, complaint: str) -> None:
    """Who mistypes a key reads which file, which path, and what there is instead."""
    with pytest.raises(InvalidSettings, match=f"sandbox.json: .*{complaint}"):
        override(given)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b'{"size": 1200, "size": 1300}', b"[" * 100_000])
def test_a_file_that_is_no_json_is_refused(text: bytes) -> None:
    """Cut off, not UTF-8, a key twice, nested without end: the file is named."""
    with pytest.raises(InvalidSettings, match=r"sandbox\.json: this is not JSON"):
        override_settings(text, source="sandbox.json")


@given(given=st.dictionaries(st.sampled_from([*as_json(), "other"]), JSON, max_size=3))
def test_no_override_breaks_anything(given: dict[str, object]) -> None:
    """Whatever stands in the file, there are settings or an error that names the file."""
    try:
        assert override(given).categories
    except (InvalidSettings, UnknownSet, UnknownPalette) as error:
        assert str(error).startswith("sandbox.json: ")  # noqa: PT017 - either is fine


# --- names ------------------------------------------------------------------------------------------

LOOK = {"name": "Calm", "brand": "Ostvey"}


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"categories": {"shoes": {"sets": ["moon_base"]}}}, r"categories\.shoes\.sets"),
        ({"looks": [LOOK, LOOK | {"sets": ["concrete", "moon_base"]}]}, r"looks\.1\.sets"),
        ({"sets": {"moon_base": {"anchors": ["stand"], "lit_by": "earth", "words": []}}}, r"sets\.moon_base"),
    ],
)
def test_an_unknown_set_is_answered_with_those_there_are(given: object, where: str) -> None:
    """The error says which file, where in it, and every set that could be meant."""
    with pytest.raises(UnknownSet, match=f"sandbox.json: {where}.*") as caught:
        override(given)
    assert all(name in str(caught.value) for name in shipped().names())


def test_an_unknown_palette_is_answered_with_those_there_are() -> None:
    """The error lists the neutrals and the palettes that looks may pin."""
    with pytest.raises(UnknownPalette, match=r"sandbox.json: looks\.0\.palettes: .*'Mauve'.*Bone.*Slate"):
        override({"looks": [LOOK | {"palettes": ["Chalk", "Mauve"]}]})


def test_a_look_may_pin_a_palette_of_the_environments_own() -> None:
    """A brand's colours are given in the same file."""
    mauve = {"wall": "#b784a7", "floor": "#c9a0bd", "accent": "#5e3a55"}
    own = override({"palettes": {"Mauve": mauve}, "looks": [LOOK | {"palettes": ["Mauve"]}]})
    assert own.palette("Mauve").wall == "#b784a7"
    assert own.palette("Bone") == load_settings().palette("Bone")


# --- what is written of them ------------------------------------------------------------------------


def test_the_schema_is_that_of_the_model() -> None:
    """Editors check the file by the same rules; `python -m layers.photography` writes the schema anew."""
    assert schema_file.WRITTEN.read_text(encoding="utf-8") == schema_file.schema()


def test_the_schema_knows_every_key() -> None:
    """The schema is a real one: it names all settings and closes every table."""
    schema = json.loads(schema_file.schema())
    assert set(schema["properties"]) == set(as_json())
    tables = [each for each in schema["$defs"].values() if each["type"] == "object"]
    assert tables
    assert all(each["additionalProperties"] is False for each in (schema, *tables))


def test_the_readme_shows_the_settings_that_ship(root: Path) -> None:
    """The table that a photographer reads says what the machine does."""
    readme = (root / "layers/packshot/src/packshot/scenes/README.md").read_text(encoding="utf-8")
    for name, category in load_settings().categories.items():
        camera, light, other = category.camera, category.light, category.other_light
        row = (
            f"| {name} | {category.anchor} | {camera.above:g}°, {camera.lens_mm} mm, {camera.aperture} "
            f"| {light.softness:g}, {light.elevation:g}° / {other.softness:g}, {other.elevation:g}° "
            f"| {category.fill:g} | {category.harmony} | {', '.join(category.sets)} |"
        )
        assert row in readme, row
