"""What correction does, and above all what it leaves alone."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packshot.errors import DamagedArtifact
from packshot.events import Correction, Detail, Gains, Tone
from packshot.imaging.arrays import Bytes
from packshot.imaging.colour import delta_e, lab_from_srgb, linear_from_srgb, srgb8_from_linear
from packshot.imaging.correction import Wish, apply, correct, curves
from packshot.imaging.correction.crispness import measure_blur
from packshot.imaging.correction.grain import measure_grain
from packshot.imaging.correction.illuminants import LightColour, gains_against, light_of, white_under
from packshot.imaging.correction.limits import CorrectionLimits, load_limits

PHOTOS = Path(__file__).resolve().parents[2] / "photos"
NAMES = ("boot", "bottle", "chair", "handbag", "mug")
NOTICED = 1.0
"""Mean ΔE2000 that nobody sees without both pictures side by side."""


def read(name: str, *, longest: int = 640) -> tuple[Bytes, Bytes]:
    """Return a sample photo and its matte, small."""
    photo = cv2.imread(str(PHOTOS / f"{name}.jpg"), cv2.IMREAD_COLOR_RGB)
    matte = cv2.imread(str(PHOTOS / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    assert photo is not None
    assert matte is not None
    scale = longest / max(matte.shape)
    size = round(matte.shape[1] * scale), round(matte.shape[0] * scale)
    small = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (photo, matte))
    first, second = (np.asarray(each, dtype=np.uint8) for each in small)
    return first, second


def difference(one: Bytes, other: Bytes, *, matte: Bytes) -> float:
    """Return the product's mean ΔE2000."""
    where = matte >= 250
    return float(delta_e(lab_from_srgb(one)[where], lab_from_srgb(other)[where]).mean())


def lit(photo: Bytes, *, mired: float = 0.0, stops: float = 0.0) -> Bytes:
    """Return a photo under another light."""
    return srgb8_from_linear(linear_from_srgb(photo) * white_under(LightColour(mired)) * np.float32(2**stops))


def draw(
    product: tuple[int, int, int], backdrop: tuple[int, int, int], *, side: int = 320
) -> tuple[Bytes, Bytes]:
    """Draw a shaded ball before a backdrop of one colour, and its matte."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    inside = x * x + y * y < 0.4
    shade = np.clip(1 - 0.6 * (x + y), 0.1, 1.2)[..., None]
    ball = np.clip(np.array(product) * shade, 0, 255)
    grain = np.random.default_rng(3).normal(0, 1.0, (side, side, 1))
    photo = np.where(inside[..., None], ball, np.array(backdrop)) + grain
    return np.clip(np.rint(photo), 0, 255).astype(np.uint8), (inside * 255).astype(np.uint8)


@pytest.mark.parametrize("name", NAMES)
def test_a_good_photo_is_left_alone(name: str) -> None:
    """A sample photo changes by less than anybody sees, and the record says why."""
    photo, matte = read(name)
    correction = correct(photo, matte=matte)
    assert difference(apply(photo, correction), photo, matte=matte) <= NOTICED
    assert correction.reasons


@pytest.mark.parametrize("name", NAMES)
def test_an_underexposed_photo_is_brightened(name: str) -> None:
    """A stop and a half too dark, most of the difference goes."""
    photo, matte = read(name)
    dark = lit(photo, stops=-1.5)
    after = apply(dark, correct(dark, matte=matte))
    assert difference(after, photo, matte=matte) < 0.4 * difference(dark, photo, matte=matte)


@pytest.mark.parametrize("mired", [-43, 60, 96])
def test_a_cast_is_taken_out_by_the_paper(mired: int) -> None:
    """Before white paper, light between 4,000 K and 9,000 K loses more than half of its cast."""
    photo, matte = read("bottle")
    cast = lit(photo, mired=mired)
    after = apply(cast, correct(cast, matte=matte))
    assert difference(after, photo, matte=matte) < 0.5 * difference(cast, photo, matte=matte)


@settings(max_examples=40, deadline=None)
@given(
    tone=st.builds(
        Tone,
        exposure=st.floats(-3, 3),
        knee=st.floats(0.5, 1),
        black=st.floats(-0.2, 0.3),
        white=st.floats(0.7, 1.3),
        clipped_to=st.floats(0, 1),
    ),
    gain=st.floats(0.3, 3),
)
def test_curves_never_fall(tone: Tone, gain: float) -> None:
    """Whatever is recorded, a brighter step stays at least as bright."""
    correction = Correction(gains=Gains(red=gain, blue=1 / gain), tone=tone)
    assert (np.diff(curves(correction).astype(int), axis=0) >= 0).all()


@settings(max_examples=25, deadline=None)
@given(
    colour=st.tuples(*[st.integers(0, 255)] * 3),
    backdrop=st.tuples(*[st.integers(0, 255)] * 3),
    mired=st.floats(-100, 300),
    stops=st.floats(-3, 2),
)
def test_a_correction_is_bounded(
    colour: tuple[int, int, int], backdrop: tuple[int, int, int], mired: float, stops: float
) -> None:
    """Of any ball before anything in any light: within the limits, and no new clipping above 0.5 %."""
    photo, matte = draw(colour, backdrop, side=160)
    photo = lit(photo, mired=mired, stops=stops)
    correction = correct(photo, matte=matte)
    after, where = apply(photo, correction.model_copy(update={"detail": Detail()})), matte >= 250
    bounds = load_limits().categories["other"]
    assert correction.strength <= bounds.delta_e
    assert -bounds.darker <= correction.tone.exposure <= bounds.brighter
    lost = (after.max(-1) >= 253) & (photo.max(-1) < 253) | (after.max(-1) <= 2) & (photo.max(-1) > 2)
    assert lost[where].mean() <= 0.005 + 8 / where.sum()


@pytest.mark.parametrize("crop", [0, 60, 110])
def test_the_backdrops_share_of_the_frame_counts_for_nothing(crop: int) -> None:
    """Framed closer, the same photo gets the same correction."""
    photo, matte = read("boot")
    dark = lit(photo, mired=50, stops=-1)
    framed = cv2.copyMakeBorder(dark, 110, 110, 110, 110, cv2.BORDER_REPLICATE)
    alpha = cv2.copyMakeBorder(matte, 110, 110, 110, 110, cv2.BORDER_CONSTANT, value=0)
    part = slice(crop, -crop or None)
    shown, shown_matte = (np.ascontiguousarray(each[part, part], dtype=np.uint8) for each in (framed, alpha))
    wide, close = correct(dark, matte=matte), correct(shown, matte=shown_matte)
    assert close.tone.exposure == pytest.approx(wide.tone.exposure, abs=0.1)
    assert close.gains.red == pytest.approx(wide.gains.red, abs=0.03)
    assert close.gains.blue == pytest.approx(wide.gains.blue, abs=0.05)


def test_the_same_pixels_every_time() -> None:
    """What is recorded, read back from JSON, makes the same pixels again."""
    photo, matte = read("mug")
    dark = lit(photo, mired=60, stops=-1.4)
    correction = correct(dark, matte=matte)
    again = Correction.model_validate_json(correction.model_dump_json())
    assert not correction.changes_nothing
    assert np.array_equal(apply(dark, correction), apply(dark, again))


def test_nothing_means_byte_for_byte() -> None:
    """A correction that changes nothing returns the photo."""
    photo, _ = read("mug")
    assert Correction().changes_nothing
    assert apply(photo, Correction()) is photo


@pytest.mark.parametrize(
    ("product", "backdrop"),
    [
        ((28, 28, 30), (22, 22, 24)),
        ((235, 235, 233), (244, 244, 243)),
        ((200, 30, 40), (240, 240, 240)),
        ((205, 160, 60), (120, 80, 50)),
        ((120, 90, 40), (226, 170, 150)),
    ],
    ids=["black on black", "white on white", "red on white", "gold on wood", "brown on rose"],
)
def test_a_product_of_one_colour_keeps_it(
    product: tuple[int, int, int], backdrop: tuple[int, int, int]
) -> None:
    """Black stays black, white white and gold gold: nothing is balanced to grey."""
    photo, matte = draw(product, backdrop)
    after = apply(photo, correct(photo, matte=matte, wish=Wish(category="jewelry")))
    assert difference(after, photo, matte=matte) <= NOTICED


def test_clipped_highlights_are_left() -> None:
    """A product that is mostly lost to white cannot be brought back, and the reason says what to do."""
    photo, matte = draw((255, 255, 255), (255, 255, 255))
    blown = np.full_like(photo, 255)
    correction = correct(blown, matte=matte)
    assert correction.changes_nothing
    assert any("darker" in reason or "clipped" in reason for reason in correction.reasons)


@pytest.mark.parametrize(
    "gains", [(0.25, 0.1, 1.0), (1.0, 0.25, 0.03), (0.1, 1.0, 0.1)], ids=["uv", "candle", "green"]
)
def test_coloured_light_does_not_turn_into_another_colour(gains: tuple[float, float, float]) -> None:
    """Under ultraviolet, a candle or green light no more is taken out than the warmest light allowed."""
    photo, matte = draw((150, 140, 130), (235, 235, 235))
    strange = srgb8_from_linear(linear_from_srgb(photo) * np.array(gains, dtype=np.float32))
    correction = correct(strange, matte=matte)
    bounds = load_limits().categories["other"]
    assert correction.gains.blue <= gains_against(LightColour(bounds.cooler, 0.1))[2] + 0.2
    assert correction.strength <= bounds.delta_e
    assert correction.reasons


def test_a_clipped_green_wall_is_no_white_paper() -> None:
    """An overexposed photo before a green wall keeps its hue: no light on white paper clips green first."""
    photo, matte = read("handbag")
    bright = lit(photo, stops=1.5)
    assert correct(bright, matte=matte).gains == Gains()


def test_extreme_noise_is_calmed_and_no_more() -> None:
    """Grain of 40 steps is reduced, and the colour stays."""
    photo, matte = read("boot")
    grain = np.random.default_rng(1).normal(0, 40, photo.shape)
    wild = np.clip(np.rint(photo + grain), 0, 255).astype(np.uint8)
    correction = correct(wild, matte=matte)
    after = apply(wild, correction)
    where = matte >= 250
    assert correction.detail.noise > 0
    assert difference(after, photo, matte=matte) < difference(wild, photo, matte=matte)
    assert np.abs(after[where].mean(0) - wild[where].mean(0)).max() < 8


@pytest.mark.parametrize("side", [1, 3, 64])
def test_a_tiny_photo_is_left(side: int) -> None:
    """Too few pixels to judge by: the identity, with its reason."""
    photo, matte = draw((150, 60, 50), (180, 160, 120), side=max(side, 2))
    correction = correct(photo[:side, :side], matte=matte[:side, :side])
    assert correction.changes_nothing
    assert "too small" in correction.reasons[0]


def test_an_empty_matte_leaves_the_photo() -> None:
    """Without a product there is nothing to judge."""
    photo, matte = draw((150, 60, 50), (180, 160, 120))
    correction = correct(photo, matte=np.zeros_like(matte))
    assert correction.changes_nothing
    assert "no product" in correction.reasons[0]


def test_a_transparent_backdrop_says_nothing_of_the_light() -> None:
    """What lies under a shop's own transparency is not a backdrop."""
    photo, matte = draw((150, 140, 130), (255, 200, 120))
    assert correct(photo, matte=matte, backdrop_is_real=False).gains == Gains()


def test_a_brands_colours_are_anchors() -> None:
    """A product in its brand's red is brought back to that red where no backdrop could say so."""
    photo, matte = draw((170, 40, 50), (60, 120, 60))
    warm = lit(photo, mired=70)
    left = correct(warm, matte=matte)
    anchored = correct(warm, matte=matte, wish=Wish(colours=("#aa2832",)))
    before, after = (difference(apply(warm, each), photo, matte=matte) for each in (left, anchored))
    assert after < 0.6 * before
    assert correct(photo, matte=matte, wish=Wish(colours=("#aa2832",))).gains == Gains()


@pytest.mark.parametrize("mired", range(-100, 320, 30))
def test_the_locus_is_its_own_inverse(mired: int) -> None:
    """The light in which white has a colour is the light that gave it that colour."""
    light = light_of(white_under(LightColour(mired)))
    assert light.mired == pytest.approx(mired, abs=1)
    assert abs(light.tint) < 0.01


def test_lights_grow_redder_along_the_locus() -> None:
    """Warmer light has more red and less blue, step by step."""
    whites = [white_under(LightColour(mired)) for mired in range(-100, 320, 10)]
    assert all(two[0] > one[0] and two[2] < one[2] for one, two in pairwise(whites))


@pytest.mark.parametrize("steps", [4, 8, 12])
def test_grain_is_measured(steps: int) -> None:
    """White noise on a plane is found to a fifth."""
    noise = np.random.default_rng(2).normal(0, steps, (256, 256, 1)) + np.full((256, 256, 3), 128.0)
    photo = np.rint(noise).astype(np.uint8)
    assert 255 * measure_grain(photo, inside=np.full((256, 256), 255, np.uint8)) == pytest.approx(
        steps, rel=0.2
    )


@pytest.mark.parametrize("deviation", [1.0, 1.5, 2.0, 2.5])
def test_blur_is_measured(deviation: float) -> None:
    """A step's blur is found to 15 %."""
    photo = np.full((128, 128, 3), 40, dtype=np.uint8)
    photo[:, 64:] = 210
    blurred = np.asarray(cv2.GaussianBlur(photo, (0, 0), deviation), dtype=np.uint8)
    assert measure_blur(blurred, inside=np.full((128, 128), 255, np.uint8)) == pytest.approx(
        deviation, rel=0.15
    )


def test_limits_name_every_category() -> None:
    """The file that ships keeps its schema, and one without a category does not."""
    shipped = load_limits()
    fewer = shipped.model_dump()
    fewer["categories"].pop("jewelry")
    with pytest.raises(ValueError, match="jewelry"):
        CorrectionLimits.model_validate(fewer)


def test_damaged_limits_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that breaks its schema is named."""
    (tmp_path / "limits.json").write_text("{}")
    monkeypatch.setattr("packshot.imaging.correction.limits.resources.files", lambda _: tmp_path)
    load_limits.cache_clear()
    try:
        with pytest.raises(DamagedArtifact, match=r"limits\.json"):
            load_limits()
    finally:
        load_limits.cache_clear()
