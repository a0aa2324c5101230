"""The photography settings: complete, checked, sourced."""

import json
from importlib import resources
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from packshot.events import Category
from packshot.imaging.studio import SETS
from packshot.scenes.photography import PhotographySettings, load_settings


def shipped() -> dict[str, object]:
    """Return the shipped file, as JSON."""
    text = resources.files("packshot.scenes").joinpath("photography.json").read_text(encoding="utf-8")
    settings: dict[str, object] = json.loads(text)
    return settings


def test_every_category_has_settings_with_a_source() -> None:
    """Each category of the closed set is described, and says where its numbers come from."""
    settings = load_settings()
    assert set(settings.categories) == set(get_args(Category))
    assert all(category.sources for category in settings.categories.values())


def test_every_set_that_is_described_can_be_built() -> None:
    """The studio has each set that a plan may name, and the white cove."""
    assert {*load_settings().sets, "white_cove"} == set(SETS)


@pytest.mark.parametrize(
    ("category", "field", "value", "complaint"),
    [
        ("shoes", "sets", ["moon_base"], "not described"),
        ("shoes", "sets", ["linen_flat_lay"], "cannot stand"),
        ("shoes", "fill", 1.4, "less than or equal to 1"),
        ("shoes", "sources", [], "at least 1"),
        ("shoes", "lens", 85, "Extra inputs"),
    ],
)
def test_a_slip_in_the_settings_is_named(category: str, field: str, value: object, complaint: str) -> None:
    """A set that is not there or cannot hold it, a share over 1, no source, a typo: all are refused."""
    settings = shipped()
    settings["categories"][category][field] = value  # type: ignore[index]  # plain JSON
    with pytest.raises(ValidationError, match=complaint):
        PhotographySettings.model_validate(settings)


def test_a_missing_category_is_named() -> None:
    """Nobody finds out at the first pair of jeans that jeans were forgotten."""
    settings = shipped()
    del settings["categories"]["jeans"]  # type: ignore[attr-defined]  # plain JSON
    with pytest.raises(ValidationError, match="jeans"):
        PhotographySettings.model_validate(settings)


def test_the_readme_shows_the_settings_that_ship(root: Path) -> None:
    """The table that a photographer reads says what the machine does."""
    readme = (root / "layers/packshot/src/packshot/scenes/README.md").read_text(encoding="utf-8")
    for name, category in load_settings().categories.items():
        camera, light = category.camera, category.light
        row = (
            f"| {name} | {category.anchor} | {camera.lens_mm} mm | {camera.aperture} "
            f"| {light.softness:g}, {light.elevation:g}° | {category.fill:g} "
            f"| {category.harmony} | {', '.join(category.sets)} |"
        )
        assert row in readme
