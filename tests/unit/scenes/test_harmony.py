"""Colour in plain Python agrees with colour on arrays, and harmony ranks as a stylist would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.imaging.colour import delta_e, lab_from_srgb, linear_from_srgb, srgb_from_hex
from packshot.imaging.studio.film import expose
from packshot.imaging.studio.rendering import ALBEDO
from packshot.scenes.harmony import agreement, difference, lab, shown

HEX = st.integers(0, 2**24 - 1).map(lambda number: f"#{number:06x}")


@given(HEX)
def test_lab_is_that_of_the_arrays(colour: str) -> None:
    """The plan and the judge see one colour in the same place."""
    expected = lab_from_srgb(srgb_from_hex(colour))
    found = lab(colour)
    assert np.allclose((found.lightness, found.a, found.b), expected, atol=0.02)


@given(HEX, HEX)
def test_difference_is_that_of_the_arrays(one: str, other: str) -> None:
    """A set that the plan finds 14 ΔE away is 14 ΔE away for the judge."""
    expected = float(delta_e(lab_from_srgb(srgb_from_hex(one)), lab_from_srgb(srgb_from_hex(other))))
    assert difference(lab(one), lab(other)) == pytest.approx(expected, abs=0.05)


@given(HEX, st.floats(0.2, 1.3))
def test_a_lit_paint_is_shown_as_the_studios_film_shows_it(paint: str, light: float) -> None:
    """The plan foresees the studio's colours: its limits of paint, its shoulder, its sRGB."""
    albedo = np.clip(linear_from_srgb(srgb_from_hex(paint)), *ALBEDO)
    planes = [np.full((1, 1), channel * light, dtype=np.float32) for channel in albedo]
    expected = lab_from_srgb((expose(planes) / 257).round().astype(np.uint8))[0, 0]
    found = shown(paint, light=light)
    assert np.allclose((found.lightness, found.a, found.b), expected, atol=1.6)


def test_complementary_prefers_the_opposite_hue() -> None:
    """Blue shoes go before terracotta rather than before another blue."""
    shoe = lab("#2c55a5")
    assert agreement(shoe, lab("#d6a085"), rule="complementary") > agreement(
        shoe, lab("#8fa8d0"), rule="complementary"
    )


def test_contrast_prefers_light_for_dark() -> None:
    """A black costume hangs before chalk rather than before aubergine; a white one the other way round."""
    black, white = lab("#1c1c20"), lab("#f2efe8")
    light, dark = lab("#ebe9e4"), lab("#674858")
    assert agreement(black, light, rule="contrast") > agreement(black, dark, rule="contrast")
    assert agreement(white, dark, rule="contrast") > agreement(white, light, rule="contrast")


def test_tonal_prefers_the_same_hue() -> None:
    """A green chair stands before sage rather than before rose."""
    chair = lab("#3f6b4a")
    assert agreement(chair, lab("#b7c0a6"), rule="tonal") > agreement(chair, lab("#e4c7c3"), rule="tonal")


def test_analogous_prefers_the_neighbouring_hue() -> None:
    """A terracotta bottle goes before sand rather than before teal."""
    bottle = lab("#a4492b")
    near, far = lab("#efdfb2"), lab("#7d9f9e")
    assert agreement(bottle, near, rule="analogous") > agreement(bottle, far, rule="analogous")


def test_neutral_prefers_the_calmer_wall() -> None:
    """Silver lies on grey rather than on cherry."""
    silver = lab("#b9b9bb")
    calm, loud = lab("#a9a8a5"), lab("#79303a")
    assert agreement(silver, calm, rule="neutral") > agreement(silver, loud, rule="neutral")


@given(HEX, HEX, st.sampled_from(["complementary", "analogous", "tonal", "neutral", "contrast"]))
def test_agreement_is_a_share(product: str, wall: str, rule: str) -> None:
    """Whatever meets whatever, agreement stays in [0, 1]."""
    assert 0 <= agreement(lab(product), lab(wall), rule=rule) <= 1  # type: ignore[arg-type]  # sampled
