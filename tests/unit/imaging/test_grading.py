"""A plate is fitted to its product, within limits; a product that says nothing changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packshot.events import Grade
from packshot.imaging.arrays import Bytes
from packshot.imaging.colour import linear_from_srgb, srgb8_from_linear
from packshot.imaging.compositing import ScaledCutout, Window
from packshot.imaging.grading import UNGRADED, fit_grade, graded


def product_of(colours: Bytes, *, alpha: int = 255) -> ScaledCutout:
    """Return a product that fills its window with these colours (H, W, 3)."""
    height, width = colours.shape[:2]
    return ScaledCutout(Window(0, 0, width, height), colours, np.full((height, width), alpha, dtype=np.uint8))


def greys(tint: tuple[float, float, float], *, brightest: float = 0.8) -> Bytes:
    """Return greys from dark to bright under light of a tint."""
    ramp = np.linspace(0.1 * brightest, brightest, 4096, dtype=np.float32).reshape(64, 64, 1)
    return srgb8_from_linear((ramp * tint).astype(np.float32))


def test_neutral_greys_of_usual_brightness_change_nothing() -> None:
    """And the very plate comes back, not a copy."""
    plate = np.full((8, 8, 3), 120, dtype=np.uint8)
    grade = fit_grade(product_of(greys((1, 1, 1))))
    assert grade == UNGRADED
    assert graded(plate, grade, seed=0) is plate


@pytest.mark.parametrize(("tint", "sign"), [((1.05, 1, 0.93), -1), ((0.95, 1, 1.06), 1)])
def test_a_plate_takes_the_warmth_of_its_product(tint: tuple[float, float, float], sign: int) -> None:
    """Greys that are yellow or blue tell of the light, and the plate follows in that direction."""
    grade = fit_grade(product_of(greys(tint)))
    assert 50 <= sign * grade.kelvin <= 600
    plate = np.full((64, 64, 3), 150, dtype=np.uint8)
    red, green, blue = linear_from_srgb(graded(plate, grade, seed=0)).reshape(-1, 3).mean(axis=0)
    assert sign * (blue - red) > 0
    assert green == pytest.approx(float(linear_from_srgb(plate)[0, 0, 1]), rel=0.05)


@pytest.mark.parametrize("paint", [(0.1, 0.4, 0.3), (0.9, 0.75, 0.5)], ids=["green", "cream"])
def test_the_pale_end_of_a_paint_tells_nothing_of_the_light(paint: tuple[float, float, float]) -> None:
    """A glaze runs from grey gloss to full colour; its greyest part is not a grey under coloured light."""
    share = np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64, 1)
    glaze = srgb8_from_linear((share * paint + (1 - share) * 0.4).astype(np.float32))
    assert fit_grade(product_of(glaze)).kelvin == 0


def test_a_product_without_highlights_darkens_its_plate_a_little() -> None:
    """By less than what its highlights lack, and never by more than half a stop."""
    grades = [fit_grade(product_of(greys((1, 1, 1), brightest=each))) for each in (0.8, 0.1, 0.02)]
    assert grades[0].exposure == 0
    assert -0.5 < grades[1].exposure < 0
    assert grades[2].exposure == -0.5
    assert grades[0].exposure > grades[1].exposure


@settings(max_examples=30, deadline=None)
@given(st.floats(-0.5, 0.5), st.floats(-600, 600), st.integers(0, 255))
def test_a_grade_changes_light_by_what_it_says(exposure: float, kelvin: float, level: int) -> None:
    """Luminance by the stops, wherever the highlights do not bend; black and shape stay."""
    plate = np.full((64, 64, 3), level, dtype=np.uint8)
    result = graded(plate, Grade(exposure=exposure, kelvin=kelvin), seed=1)
    assert result.shape == plate.shape
    before = float(linear_from_srgb(plate)[0, 0, 0])
    after = float((linear_from_srgb(result) @ np.array([0.2126, 0.7152, 0.0722])).mean())
    if before * 2**exposure < 0.7:
        assert after == pytest.approx(before * 2**exposure, rel=0.03, abs=0.003)
    assert after <= 1


@pytest.mark.parametrize("level", [0, 255])
def test_pure_black_and_white_say_nothing_of_warmth(level: int) -> None:
    """There is no grey in them."""
    assert fit_grade(product_of(np.full((32, 32, 3), level, dtype=np.uint8))).kelvin == 0


def test_a_product_that_is_nowhere_opaque_changes_nothing() -> None:
    """Glass alone tells of what is behind it."""
    assert fit_grade(product_of(greys((1.1, 1, 0.8)), alpha=100)) == UNGRADED
