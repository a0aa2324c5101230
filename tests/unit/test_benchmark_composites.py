"""How like a composite is to the traced picture: shadows and edges whose likeness is known."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from packshot.imaging.arrays import Bytes, Flags, Floats
from packshot.imaging.colour import srgb8_from_linear, srgb_from_linear
from packshot.imaging.studio import shipped
from tests.benchmarks import truths
from tests.benchmarks.likeness import (
    SHADED,
    differences,
    edge_of,
    light_left,
    shadow_likeness,
    similarity,
)

SIDE = 512
ALL: Flags = np.ones((SIDE, SIDE), dtype=np.bool_)


def shadow(*, x: float = 0.5, depth: float = 0.6, width: float = 0.1) -> Floats:
    """Draw a round soft shadow that takes `depth` of the light, its centre at `x` of the frame."""
    down, across = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j]
    away = ((across - x) ** 2 + (down - 0.5) ** 2) / (2 * width**2)
    return np.asarray(1 - depth * np.exp(-away), dtype=np.float32)


def disc(radius: float) -> Floats:
    """Draw a matte whose edge is a pixel wide."""
    down, across = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    return np.asarray(np.clip(radius + 0.5 - np.hypot(down, across), 0, 1), dtype=np.float32)


def picture(light: Floats) -> Bytes:
    """Return a grey plate that gets this light."""
    return srgb8_from_linear(np.repeat(0.5 * light[..., None], 3, axis=-1))


def test_a_shadow_is_like_itself() -> None:
    """Identity is 1, with a product before it too."""
    assert shadow_likeness(shadow(), shadow(), ground=ALL) == pytest.approx(1, abs=1e-5)
    assert shadow_likeness(shadow(), shadow(), ground=disc(60) == 0) == pytest.approx(1, abs=1e-5)


def test_where_nobody_throws_a_shadow_nothing_is_wrong() -> None:
    """An empty region counts as alike, whatever brightens the ground."""
    bright = np.full((SIDE, SIDE), 1.1, dtype=np.float32)
    assert shadow_likeness(bright, np.ones_like(bright), ground=ALL) == 1


def test_an_even_difference_gives_the_known_ssim() -> None:
    """Of two even shadows only the means differ: (2ab + C1) / (a² + b² + C1)."""
    one, other = (np.full((SIDE, SIDE), left, dtype=np.float32) for left in (0.5, 0.25))
    a, b = (float(srgb_from_linear(np.array([left], dtype=np.float32))[0]) for left in (0.5, 0.25))
    known = (2 * a * b + 1e-4) / (a * a + b * b + 1e-4)
    assert shadow_likeness(one, other, ground=ALL) == pytest.approx(known, abs=1e-4)


def test_similarity_is_the_papers() -> None:
    """On whole images it is the formula, written out for the window around one pixel."""
    random = np.random.default_rng(3)
    one, other = (random.random((40, 40), dtype=np.float32) for _ in range(2))
    line = cv2.getGaussianKernel(11, 1.5)
    window, here = line @ line.T, (slice(15, 26), slice(15, 26))
    x, y = one[here], other[here]
    mean_x, mean_y = float((window * x).sum()), float((window * y).sum())
    vary_x, vary_y = (window * (x - mean_x) ** 2).sum(), (window * (y - mean_y) ** 2).sum()
    together = (window * (x - mean_x) * (y - mean_y)).sum()
    known = (2 * mean_x * mean_y + 1e-4) * (2 * together + 9e-4)
    known /= (mean_x**2 + mean_y**2 + 1e-4) * (vary_x + vary_y + 9e-4)
    found = similarity(one, other, weight=np.ones_like(one))[20, 20]
    assert found == pytest.approx(float(known), abs=1e-4)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (shadow(x=0.52), shadow(x=0.60)),
        (shadow(depth=0.5), shadow(depth=0.2)),
        (shadow(width=0.09), shadow(width=0.04)),
        (shadow(x=0.52), np.ones((SIDE, SIDE), dtype=np.float32)),
    ],
)
def test_a_shadow_farther_off_is_less_alike(better: Floats, worse: Floats) -> None:
    """Displaced, paler, harder or missing: each is seen, and more of it more."""
    near, far = (shadow_likeness(each, shadow(), ground=ALL) for each in (better, worse))
    assert far < near < 1


def test_what_the_product_hides_does_not_count() -> None:
    """Whatever stands in the product's pixels, the likeness of the ground is the same."""
    ground = disc(80) == 0
    other = shadow(x=0.56)
    filled = np.where(ground, other, np.float32(0.1)).astype(np.float32)
    kept = shadow_likeness(other, shadow(), ground=ground)
    assert shadow_likeness(filled, shadow(), ground=ground) == pytest.approx(kept, abs=1e-5)


def test_a_shadow_is_read_from_a_picture_and_its_plate() -> None:
    """The light that was taken comes back within what 8 bits hold, whatever pattern the plate has."""
    pattern = np.asarray(0.8 + 0.2 * np.sin(np.arange(SIDE) / 5), dtype=np.float32)[None, :]
    found = light_left(
        picture(shadow() * pattern), plate=picture(np.ones((SIDE, SIDE), np.float32) * pattern)
    )
    assert np.abs(found - shadow()).max() < 0.02


def test_an_edge_is_the_band_around_partial_pixels() -> None:
    """Its width is the soft edge's and two pixels on both sides; a hard cut-out has none."""
    band = edge_of(disc(100))
    from_centre = np.hypot(*(np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2))
    assert from_centre[band].min() > 100 - 4.5
    assert from_centre[band].max() < 100 + 4.5
    assert band[np.abs(from_centre - 100) < 2].all()
    assert not edge_of(np.round(disc(100))).any()


def test_equal_pictures_do_not_differ() -> None:
    """ΔE2000 is 0 in every flagged pixel, and more than a step where one was changed."""
    one = picture(shadow())
    other = np.clip(one.astype(np.int16) + 12, 0, 255).astype(np.uint8)
    where = edge_of(disc(100))
    assert differences(one, one, where=where).max() == 0
    assert differences(one, other, where=where).min() > 1


NAMES = truths.names()


def test_truths_cover_the_lights() -> None:
    """Two to six cases, under soft light from either side and the sun."""
    lights = {json.loads((truths.HOME / f"{name}.json").read_text())["light"] for name in NAMES}
    assert lights == {"soft_left", "soft_right", "sun"}
    assert 2 <= len(NAMES) <= 6


@pytest.mark.parametrize("name", NAMES)
def test_a_truth_fits_the_shipped_set(name: str) -> None:
    """Its set, version and light are what the studio ships, so that its plate can be compared."""
    case = truths.read(name).case
    description = shipped().describe(case.set)
    assert case.version == description.version
    assert case.light in description.lights


@pytest.mark.parametrize("name", NAMES)
def test_a_truth_agrees_with_itself(name: str) -> None:
    """Inside the matte photo and truth show one product; outside they do not; the product throws a shadow."""
    truth = truths.read(name)
    inside = cv2.erode((truth.alpha == 1).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    outside = truth.alpha == 0
    assert differences(truth.photo, truth.picture, where=inside).mean() < 1
    assert differences(truth.photo, truth.picture, where=outside).mean() > 4
    assert (truth.shadow[outside] < SHADED).mean() > 0.01


def test_a_damaged_truth_is_named(tmp_path: Path) -> None:
    """A file that is missing is told by name."""
    source = truths.HOME / f"{NAMES[0]}.json"
    (tmp_path / source.name).write_bytes(source.read_bytes())
    with pytest.raises(truths.UnreadableTruth, match=r"truth\.webp"):
        truths.read(NAMES[0], folder=tmp_path)
