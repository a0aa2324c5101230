"""A product on a set looks as it looked: light, placement, shadow and mirror image, all at once."""

from pathlib import Path

import pytest

from packshot.imaging.studio import Library
from tests.golden import assert_golden
from tests.products import Shape, drawn
from tests.stages import scene_of, shoot

GOLDEN = Path(__file__).parent / "golden"
SIDE = 128

CASES: dict[str, tuple[Shape, str, str, str]] = {
    "soft-light-from-the-left": ("mug", "corner", "stand", "soft_left"),
    "sun-through-a-stool": ("stool", "board", "stand", "sun"),
    "polished-counter": ("mug", "counter", "stand", "soft_right"),
    "hung-on-a-wall": ("slab", "plaster", "hang", "soft_left"),
    "laid-out-flat": ("mug", "plaster", "lie", "sun"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_set_with_a_product_looks_as_it_looked(case: str, studio: Library) -> None:
    """One picture for each way in which light falls on a ground."""
    shape, name, anchor, light = CASES[case]
    scene = scene_of(name, side=SIDE, anchor=anchor)
    shot = shoot(drawn(shape, width=300, height=400), scene=scene, library=studio, light=light)
    assert_golden(shot.staged.pixels, GOLDEN / f"scene-{case}.png")


def test_a_white_scene_looks_as_it_looked(studio: Library) -> None:
    """White to the border, and a shadow that says that the product stands."""
    scene = scene_of(side=SIDE, case="white")
    shot = shoot(drawn("mug", width=300, height=400), scene=scene, library=studio)
    assert_golden(shot.staged.pixels, GOLDEN / "scene-white.png")
