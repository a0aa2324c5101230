"""Colour in plain Python agrees with colour on arrays, and harmony ranks as a stylist would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.imaging.colour import delta_e, lab_from_srgb, srgb_from_hex
from packshot.scenes.harmony import agreement, difference, lab

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


def test_contrast_prefers_the_opposite_hue() -> None:
    """Blue shoes go before terracotta rather than before another blue."""
    shoe = lab("#2c55a5")
    assert agreement(shoe, lab("#d6a085"), rule="contrast") > agreement(shoe, lab("#8fa8d0"), rule="contrast")


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


@given(HEX, HEX, st.sampled_from(["contrast", "analogous", "tonal", "neutral"]))
def test_agreement_is_a_share(product: str, wall: str, rule: str) -> None:
    """Whatever meets whatever, agreement stays in [0, 1]."""
    assert 0 <= agreement(lab(product), lab(wall), rule=rule) <= 1  # type: ignore[arg-type]  # sampled
