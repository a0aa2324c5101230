"""Colour spaces against their standards, ΔE2000 against its authors' own pairs."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from packshot.imaging.colour import (
    delta_e,
    hex_from_srgb,
    lab_from_linear,
    lab_from_srgb,
    linear_from_srgb,
    luma,
    main_colours,
    srgb8_from_linear,
    srgb_from_hex,
    srgb_from_linear,
)

# Sharma, Wu, Dalal (2005), table 1: two Lab colours and their ΔE2000.
PAIRS = np.array(
    [
        [50.0, 2.6772, -79.7751, 50.0, 0.0, -82.7485, 2.0425],
        [50.0, 3.1571, -77.2803, 50.0, 0.0, -82.7485, 2.8615],
        [50.0, 2.8361, -74.0200, 50.0, 0.0, -82.7485, 3.4412],
        [50.0, -1.3802, -84.2814, 50.0, 0.0, -82.7485, 1.0000],
        [50.0, -1.1848, -84.8006, 50.0, 0.0, -82.7485, 1.0000],
        [50.0, -0.9009, -85.5211, 50.0, 0.0, -82.7485, 1.0000],
        [50.0, 0.0, 0.0, 50.0, -1.0, 2.0, 2.3669],
        [50.0, -1.0, 2.0, 50.0, 0.0, 0.0, 2.3669],
        [50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0009, 7.1792],
        [50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0010, 7.1792],
        [50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0011, 7.2195],
        [50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0012, 7.2195],
        [50.0, -0.0010, 2.4900, 50.0, 0.0009, -2.4900, 4.8045],
        [50.0, -0.0010, 2.4900, 50.0, 0.0010, -2.4900, 4.8045],
        [50.0, -0.0010, 2.4900, 50.0, 0.0011, -2.4900, 4.7461],
        [50.0, 2.5, 0.0, 50.0, 0.0, -2.5, 4.3065],
        [50.0, 2.5, 0.0, 73.0, 25.0, -18.0, 27.1492],
        [50.0, 2.5, 0.0, 61.0, -5.0, 29.0, 22.8977],
        [50.0, 2.5, 0.0, 56.0, -27.0, -3.0, 31.9030],
        [50.0, 2.5, 0.0, 58.0, 24.0, 15.0, 19.4535],
        [50.0, 2.5, 0.0, 50.0, 3.1736, 0.5854, 1.0000],
        [50.0, 2.5, 0.0, 50.0, 3.2972, 0.0, 1.0000],
        [50.0, 2.5, 0.0, 50.0, 1.8634, 0.5757, 1.0000],
        [50.0, 2.5, 0.0, 50.0, 3.2592, 0.3350, 1.0000],
        [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
        [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630],
        [61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731],
        [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
        [22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373],
        [36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
        [90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441],
        [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
        [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
        [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
    ],
    dtype=np.float32,
)
# Pairs 10 and 14 lie so near opposite hues that float32 takes the other way round, as the paper warns.
ON_THE_EDGE = {9, 13}

colours = hnp.arrays(np.uint8, (7, 5, 3))
labs = hnp.arrays(np.float32, (6, 3), elements=st.floats(-100, 100, width=32)).map(
    lambda lab: np.abs(lab) * [1, 0, 0] + lab * [0, 1, 1]
)


def test_delta_e_agrees_with_its_authors() -> None:
    """Sharma's 34 pairs come out to a thousandth, in both directions."""
    kept = [index for index in range(len(PAIRS)) if index not in ON_THE_EDGE]
    one, other, expected = PAIRS[kept, :3], PAIRS[kept, 3:6], PAIRS[kept, 6]
    np.testing.assert_allclose(delta_e(one, other), expected, atol=1e-3)
    np.testing.assert_allclose(delta_e(other, one), expected, atol=1e-3)


def test_delta_e_on_the_edge_of_opposite_hues_is_one_of_the_two_answers() -> None:
    """Where rounding decides which way round the hues are averaged, the answer is one of the neighbours'."""
    found = delta_e(PAIRS[[9, 13], :3], PAIRS[[9, 13], 3:6])
    assert found[0] == pytest.approx(7.1792, abs=1e-3) or found[0] == pytest.approx(7.2195, abs=1e-3)
    assert found[1] == pytest.approx(4.8045, abs=1e-3) or found[1] == pytest.approx(4.7461, abs=1e-3)


@given(hnp.arrays(np.uint8, (7, 5, 3)))
def test_an_image_has_the_lab_colours_of_the_formula(pixels: np.ndarray) -> None:
    """OpenCV's tables stay within 0.05 of CIE 1976, colour by colour."""
    np.testing.assert_allclose(lab_from_srgb(pixels), lab_from_linear(linear_from_srgb(pixels)), atol=0.05)


@given(labs)
def test_delta_e_is_a_difference(lab: np.ndarray) -> None:
    """No colour differs from itself, no difference is negative or endless."""
    lab = lab.astype(np.float32)
    assert (delta_e(lab, lab) < 1e-2).all()
    found = delta_e(lab, lab[::-1])
    assert np.isfinite(found).all()
    assert (found >= 0).all()


@given(colours)
def test_eight_bits_survive_linear_light(pixels: np.ndarray) -> None:
    """Every byte comes back from sRGB → linear → sRGB."""
    assert np.array_equal(srgb8_from_linear(linear_from_srgb(pixels)), pixels)


@given(hnp.arrays(np.float32, (5, 3), elements=st.floats(0, 1, width=32)))
def test_floats_survive_linear_light(values: np.ndarray) -> None:
    """The two formulae of the standard undo each other."""
    np.testing.assert_allclose(srgb_from_linear(linear_from_srgb(values)), values, atol=2e-4)


@pytest.mark.parametrize(
    ("encoded", "linear"), [(0, 0.0), (10, 0.003035), (128, 0.215861), (186, 0.491021), (255, 1.0)]
)
def test_linear_light_is_the_standards(encoded: int, linear: float) -> None:
    """Figures of IEC 61966-2-1."""
    found = linear_from_srgb(np.array([encoded], dtype=np.uint8))
    assert found[0] == pytest.approx(linear, abs=1e-5)


@pytest.mark.parametrize(
    ("colour", "lab"),
    [
        ("#ffffff", (100, 0, 0)),
        ("#000000", (0, 0, 0)),
        ("#ff0000", (53.24, 80.09, 67.20)),
        ("#00ff00", (87.73, -86.18, 83.18)),
        ("#0000ff", (32.30, 79.19, -107.86)),
        ("#777777", (50.03, 0, 0)),
    ],
)
def test_lab_of_known_colours(colour: str, lab: tuple[float, float, float]) -> None:
    """The primaries of sRGB under D65."""
    np.testing.assert_allclose(lab_from_srgb(srgb_from_hex(colour)), lab, atol=0.02)


def test_luma_weighs_the_channels() -> None:
    """Rec. 709: green counts most, blue least, white is one."""
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], dtype=np.uint8)
    np.testing.assert_allclose(luma(pixels), [[0.2126, 0.7152, 0.0722, 1]], atol=1e-4)


@given(st.binary(min_size=3, max_size=3))
def test_hex_and_back(colour: bytes) -> None:
    """Every colour survives its name."""
    pixel = np.frombuffer(colour, dtype=np.uint8)
    assert np.array_equal(srgb_from_hex(hex_from_srgb(pixel)), pixel)


@pytest.mark.parametrize("text", ["", "ffffff", "#fff", "#gggggg", "#1234567"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    """A colour is # and six digits."""
    with pytest.raises(ValueError, match=r"."):
        srgb_from_hex(text)


def test_main_colours_are_found_in_order() -> None:
    """Three paints come back as themselves, commonest first, however many are asked for."""
    red, green, blue = ([200, 30, 30], [30, 160, 60], [20, 30, 190])
    pixels = np.array([red] * 600 + [green] * 300 + [blue] * 100, dtype=np.uint8)
    shuffled = np.random.default_rng(1).permutation(pixels)
    assert main_colours(shuffled, count=5).tolist() == [red, green, blue]


def test_main_colours_join_what_looks_alike() -> None:
    """A cloth's weave is one colour."""
    weave = np.random.default_rng(2).integers(98, 106, (4000, 3)).astype(np.uint8)
    assert len(main_colours(weave, count=4)) == 1


def test_main_colours_of_nothing_are_none() -> None:
    """An empty product has no colours."""
    assert len(main_colours(np.zeros((0, 3), dtype=np.uint8), count=4)) == 0


def test_main_colours_do_not_depend_on_chance() -> None:
    """The same product has the same colours each time, whatever drew random numbers before."""
    pixels = np.random.default_rng(3).integers(0, 256, (5000, 3)).astype(np.uint8)
    first = main_colours(pixels, count=4)
    cv2.setRNGSeed(99)
    assert np.array_equal(main_colours(pixels, count=4), first)
