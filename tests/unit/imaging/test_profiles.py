"""Photos in other colour spaces look the same here."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from tests.unit.imaging.photo_files import (
    ADOBE_RGB,
    DISPLAY_P3,
    Options,
    difference,
    matrix_profile,
    read,
    saved,
    scene,
)


def encoded_in(pixels: NDArray[np.uint8], profile: bytes) -> Image.Image:
    """Return sRGB pixels as another space stores them."""
    target = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    converted = ImageCms.profileToProfile(
        Image.fromarray(pixels), ImageCms.createProfile("sRGB"), target, outputMode="RGB"
    )
    assert converted is not None
    return converted


@pytest.mark.parametrize("primaries", [DISPLAY_P3, ADOBE_RGB], ids=["P3", "AdobeRGB"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_profiles_become_srgb(primaries: tuple[tuple[float, float], ...], form: str) -> None:
    """A photo in a wide space looks the same in sRGB; ignoring its profile would not do."""
    profile = matrix_profile(primaries, 2.2)
    stored = encoded_in(scene(), profile)
    options: Options = {"lossless": True} if form == "WEBP" else {"quality": 97}
    photo = read(saved(stored, form, icc_profile=profile, **options))
    assert difference(photo.pixels, scene()) < 1.0
    assert difference(np.array(stored), scene()) > 2.0
    assert photo.notes == ()


def test_a_grey_photo_with_a_colour_profile_is_grey() -> None:
    """Editors write sRGB's profile into grey files."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    grey = scene().mean(-1).astype(np.uint8)
    photo = read(saved(Image.fromarray(grey), "PNG", icc_profile=profile))
    assert np.abs(photo.pixels.astype(int) - grey[..., None]).max() <= 1


@pytest.mark.parametrize("profile", [b"garbage" * 40, b"", matrix_profile(DISPLAY_P3, 2.2)[:200]])
def test_a_broken_profile_is_taken_for_srgb(profile: bytes) -> None:
    """A photo is not lost for its profile; the record says what was assumed."""
    photo = read(saved(Image.fromarray(scene()), "PNG", icc_profile=profile))
    assert np.array_equal(photo.pixels, scene())
    assert bool(photo.notes) == bool(profile)


def test_a_profile_of_another_kind_is_taken_for_srgb() -> None:
    """A colour profile on CMYK says nothing about inks."""
    cmyk = Image.fromarray(scene()).convert("CMYK")
    photo = read(saved(cmyk, "TIFF", icc_profile=matrix_profile(DISPLAY_P3, 2.2)))
    assert len(photo.notes) == 2
    assert difference(photo.pixels, scene()) < 6
