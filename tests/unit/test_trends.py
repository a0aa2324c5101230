"""The report that ships: a designer's choice that planning can rely on."""

import itertools
from typing import get_args

import numpy as np
import pytest

from packshot.events import Category, TrendItem
from packshot.imaging.colour import delta_e, lab_from_srgb
from packshot.trends import load_default_report

REPORT = load_default_report()


def lab(colour: str) -> np.ndarray:
    """Return a hex colour's Lab."""
    return lab_from_srgb(np.frombuffer(bytes.fromhex(colour[1:]), dtype=np.uint8).reshape(1, 3))


def difference(one: str, other: str) -> float:
    """Return ΔE2000 of two hex colours."""
    return float(delta_e(lab(one), lab(other))[0])


def wanted(category: Category) -> list[TrendItem]:
    """Return the items of a category."""
    return [item for item in REPORT.items if not item.categories or category in item.categories]


def test_the_report_says_what_it_is() -> None:
    """A person sees that these are the editors' trends, and of when."""
    assert REPORT.source == "default"
    assert REPORT.version == f"default-{REPORT.made_at:%Y.%m}"


@pytest.mark.parametrize("category", get_args(Category))
def test_every_category_has_something_of_everything(category: Category) -> None:
    """Whatever the product: colours, styles, materials, light, moods and the season."""
    kinds = {item.kind for item in wanted(category)}
    assert kinds >= {"colour", "style", "material", "lighting", "mood", "season"}
    assert sum(item.kind == "colour" for item in wanted(category)) >= 3


def test_names_are_unique_words_of_a_closed_vocabulary() -> None:
    """An id is a slug that stands for one thing, and a palette's name for one palette."""
    ids = [item.id for item in REPORT.items]
    assert len(ids) == len(set(ids))
    assert all(id_.replace("-", "").isalpha() and id_ == id_.lower() for id_ in ids)
    names = [palette.name for palette in REPORT.palettes]
    assert len(names) == len(set(names)) >= 8


def test_colours_have_a_colour_and_nothing_else_has() -> None:
    """An item of kind colour can be painted with."""
    assert all((item.colour is not None) == (item.kind == "colour") for item in REPORT.items)


def test_a_wall_and_its_floor_belong_together_and_are_told_apart() -> None:
    """Near in hue, apart in light: a set, not two papers."""
    for palette in REPORT.palettes:
        assert 3 <= difference(palette.wall, palette.floor) <= 20, palette.name


def test_an_accent_can_be_seen_on_its_wall() -> None:
    """Props and gradients in the accent stand out."""
    for palette in REPORT.palettes:
        assert difference(palette.wall, palette.accent) >= 15, palette.name


def test_walls_are_a_choice() -> None:
    """No two palettes look the same, and light, middle and dark are all there."""
    walls = [palette.wall for palette in REPORT.palettes]
    assert min(difference(*pair) for pair in itertools.combinations(walls, 2)) >= 5
    lightness = sorted(float(lab(wall)[0, 0]) for wall in walls)
    assert lightness[0] < 35
    assert lightness[-1] > 88
    assert max(b - a for a, b in itertools.pairwise(lightness)) < 30


@pytest.mark.parametrize(
    "colour", ["#000000", "#ffffff", "#8b1e2d", "#f2e2a4", "#2c55a5", "#808080", "#66724d"]
)
def test_every_product_finds_a_wall_it_stands_out_from(colour: str) -> None:
    """For any main colour there are at least five walls with ΔE2000 of 20 or more."""
    assert sum(difference(palette.wall, colour) >= 20 for palette in REPORT.palettes) >= 5
