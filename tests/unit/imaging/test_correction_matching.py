"""Photos of one product get one look."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from packshot.imaging.arrays import Bytes
from packshot.imaging.colour import delta_e, lab_from_srgb, linear_from_srgb, srgb8_from_linear
from packshot.imaging.correction import Look, apply, look_of, match
from packshot.imaging.correction.illuminants import LightColour, white_under

PHOTOS = Path(__file__).resolve().parents[2] / "photos"


def read(name: str) -> tuple[Bytes, Bytes]:
    """Return a sample photo and its matte at a third of their size."""
    photo = cv2.imread(str(PHOTOS / f"{name}.jpg"), cv2.IMREAD_COLOR_RGB)
    matte = cv2.imread(str(PHOTOS / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    assert photo is not None
    assert matte is not None
    small = (
        cv2.resize(each, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA) for each in (photo, matte)
    )
    first, second = (np.asarray(each, dtype=np.uint8) for each in small)
    return first, second


def look(photo: Bytes, *, matte: Bytes) -> Look:
    """Return the look of a photo that has one."""
    found = look_of(photo, matte=matte, name="front")
    assert found is not None
    return found


def difference(one: Bytes, other: Bytes, *, matte: Bytes) -> float:
    """Return the product's mean ΔE2000."""
    where = matte >= 250
    return float(delta_e(lab_from_srgb(one)[where], lab_from_srgb(other)[where]).mean())


@pytest.mark.parametrize("name", ["boot", "handbag", "mug"])
@pytest.mark.parametrize(("mired", "stops"), [(70, -0.8), (-35, 0.3), (0, -1.2)])
def test_a_photo_gets_the_look_of_its_reference(name: str, mired: int, stops: float) -> None:
    """Whatever light it was taken in, most of the difference to the reference goes."""
    photo, matte = read(name)
    gains = white_under(LightColour(mired)) * np.float32(2**stops)
    other = srgb8_from_linear(linear_from_srgb(photo) * gains)
    correction = match(other, matte=matte, reference=look(photo, matte=matte))
    left = difference(apply(other, correction), photo, matte=matte)
    assert left < 0.3 * difference(other, photo, matte=matte)
    assert correction.reference == "front"


def test_the_reference_matches_itself() -> None:
    """The photo that others are matched to is left as it is."""
    photo, matte = read("boot")
    assert match(photo, matte=matte, reference=look(photo, matte=matte)).changes_nothing


def test_matching_again_changes_nothing() -> None:
    """A matched photo is left alone when the step runs once more."""
    photo, matte = read("boot")
    other = srgb8_from_linear(linear_from_srgb(photo) * white_under(LightColour(60)) * np.float32(0.6))
    reference = look(photo, matte=matte)
    once = apply(other, match(other, matte=matte, reference=reference))
    assert match(once, matte=matte, reference=reference).changes_nothing


def test_other_colours_are_not_matched_by_the_product() -> None:
    """A green product is not painted red to look like the reference."""
    photo, matte = read("boot")
    reference = look(photo, matte=matte)
    green = np.ascontiguousarray(photo[..., [1, 0, 2]] // np.array([3, 1, 1], dtype=np.uint8))
    correction = match(green, matte=matte, reference=reference)
    assert correction.changes_nothing
    assert "another colour" in correction.reasons[0]


def test_a_range_is_matched_by_its_backdrop() -> None:
    """Products of two colours before one paper get one light."""
    boot, boot_matte = read("boot")
    bottle, bottle_matte = read("bottle")
    warm = srgb8_from_linear(linear_from_srgb(bottle) * white_under(LightColour(60)) * np.float32(0.7))
    correction = match(warm, matte=bottle_matte, reference=look(boot, matte=boot_matte), by="backdrop")
    left = difference(apply(warm, correction), bottle, matte=bottle_matte)
    assert left < 0.4 * difference(warm, bottle, matte=bottle_matte)


def test_clipped_photos_have_no_look() -> None:
    """What is lost to white can be compared with nothing."""
    white = np.full((200, 200, 3), 255, dtype=np.uint8)
    matte = np.zeros((200, 200), dtype=np.uint8)
    matte[50:150, 50:150] = 255
    assert look_of(white, matte=matte) is None
    photo, boot = read("boot")
    assert match(white, matte=matte, reference=look(photo, matte=boot)).changes_nothing
