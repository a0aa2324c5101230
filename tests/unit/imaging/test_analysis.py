"""What is said of a photo before anything is done to it."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from packshot.errors import RejectedPhoto
from packshot.events import Analysis
from packshot.imaging.analysis import analyze
from packshot.imaging.decoding import DecodedPhoto
from tests.products import drawn

Picture = NDArray[np.uint8]


def photo(pixels: Picture, *, alpha: Picture | None = None, notes: tuple[str, ...] = ()) -> DecodedPhoto:
    """Return pixels as the decoder hands them on."""
    height, width = pixels.shape[:2]
    return DecodedPhoto(pixels=pixels, alpha=alpha, width=width, height=height, format="JPEG", notes=notes)


def measured(pixels: Picture) -> Analysis:
    """Analyze plain pixels."""
    return analyze(photo(pixels))


def packshot() -> Picture:
    """Return a sharp photo of a mug before a seamless backdrop, 1,200 px high."""
    return drawn("mug", width=1000, height=1200).photo


def test_a_packshot_has_a_flat_backdrop_and_no_warnings() -> None:
    """A good photo passes without remarks."""
    analysis = measured(packshot())
    assert analysis.backdrop.kind == "flat"
    assert analysis.backdrop.colour == "#d6d4d0"
    assert analysis.backdrop.spread < 0.5
    assert analysis.warnings == ()
    assert (analysis.width, analysis.height) == (1000, 1200)


def test_a_backdrop_may_fall_off() -> None:
    """A studio's gradient is as flat as a sheet of paper."""
    fall = np.linspace(1, 0.6, 1200)[:, None, None] * np.linspace(1, 0.9, 1000)[None, :, None]
    assert measured((packshot() * fall).astype(np.uint8)).backdrop.kind == "flat"


@pytest.mark.parametrize("scale", [4, 40, 200])
def test_a_room_is_busy(scale: int) -> None:
    """Wood, leaves or furniture behind the product are no seamless backdrop."""
    noise = np.random.default_rng(4).integers(0, 256, (1200 // scale, 1000 // scale, 3)).astype(np.uint8)
    room = cv2.resize(noise, (1000, 1200), interpolation=cv2.INTER_CUBIC)
    assert measured(np.asarray(room, dtype=np.uint8)).backdrop.kind == "busy"


def test_blur_lowers_sharpness_and_is_told() -> None:
    """The figure falls with each blur; from 2 px at 1,000 px on the photographer hears of it."""
    softer = [measured(np.asarray(cv2.GaussianBlur(packshot(), (0, 0), sigma))) for sigma in (1, 2, 4)]
    figures = [measured(packshot()).sharpness, *(analysis.sharpness for analysis in softer)]
    assert figures == sorted(figures, reverse=True)
    assert "focus" in softer[-1].warnings[0]


@pytest.mark.parametrize(("grey", "exposure"), [(0, 0.0), (128, 0.502), (255, 1.0)])
def test_exposure_is_the_mean(grey: int, exposure: float) -> None:
    """A frame of one grey but for its product's dot has that grey's luma."""
    pixels = np.full((400, 400, 3), grey, dtype=np.uint8)
    pixels[200:204, 200:204] = 60
    assert measured(pixels).exposure == pytest.approx(exposure, abs=0.001)


def test_clipped_counts_white_and_black() -> None:
    """A quarter of white and a quarter of black are a half."""
    pixels = np.full((400, 400, 3), 128, dtype=np.uint8)
    pixels[:200, :200], pixels[200:, 200:] = 255, 0
    assert measured(pixels).clipped == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_brighter_side_is_the_lights(side: str) -> None:
    """Light from the left makes the left half brighter."""
    fall = np.linspace(1.0, 0.5, 1000) if side == "left" else np.linspace(0.5, 1.0, 1000)
    assert measured((packshot() * fall[None, :, None]).astype(np.uint8)).light_side == side


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (190, 40, 60)])
def test_blank_pictures_are_refused(colour: tuple[int, int, int]) -> None:
    """One colour all over, even with a sensor's noise, holds no product."""
    noise = np.random.default_rng(5).normal(0, 3, (600, 600, 3))
    pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
    with pytest.raises(RejectedPhoto) as refusal:
        measured(pixels)
    assert refusal.value.code == "blank"


def test_a_white_product_before_white_is_not_blank() -> None:
    """Faint shadows are enough."""
    pixels = np.full((600, 600, 3), 250, dtype=np.uint8)
    pixels[200:400, 200:400] = 240
    assert measured(pixels).exposure > 0.9


def test_transparent_pictures_are_refused() -> None:
    """Nothing left to see."""
    with pytest.raises(RejectedPhoto) as refusal:
        analyze(photo(packshot(), alpha=np.zeros((1200, 1000), dtype=np.uint8)))
    assert refusal.value.code == "transparent"


def test_a_cut_out_upload_has_a_transparent_backdrop() -> None:
    """Somebody made the matte already, and what is hidden by it does not count."""
    product = drawn("mug", width=1000, height=1200)
    analysis = analyze(photo(product.photo, alpha=product.alpha))
    assert analysis.backdrop.kind == "transparent"


def test_small_photos_are_told() -> None:
    """Whoever uploads a preview learns what would be better."""
    analysis = measured(drawn("mug", width=300, height=400).photo)
    assert "300 × 400" in analysis.warnings[0]


def test_others_remarks_come_first() -> None:
    """What the metadata and the decoder had to say is kept, in order."""
    remarked = analyze(photo(packshot(), notes=("second",)), remarks=("first",))
    assert remarked.warnings == ("first", "second")
