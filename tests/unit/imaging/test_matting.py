"""Mattes: from what a segmenter sees to what a shop can use."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from packshot.errors import RejectedPhoto
from packshot.events import Box, ImageRef, ObjectRef
from packshot.imaging.engines import Lite
from packshot.imaging.guided_filter import guide
from packshot.imaging.mattes import (
    box_of,
    cut_edges,
    describe_matte,
    product_colours,
    require_product,
    rim_colours,
)
from packshot.imaging.matting import Estimate, adopt_alpha, in_steps
from packshot.testing.segmenter import ColourSegmenter
from tests.golden import assert_golden
from tests.products import drawn

Picture = NDArray[np.uint8]
Matte = NDArray[np.float32]
SOMEWHERE = ImageRef(object=ObjectRef(bucket="packshot-test-work", key="a.png"), width=1, height=1)


class Doubting:
    """A network that is told what to see in a photo; it is shown the whole and its mirror image in turn."""

    name = "doubting"

    def __init__(self, seen: Matte) -> None:
        """Remember what to see in the whole photo."""
        self.seen, self.views = seen, 0

    def predict(self, pixels: Picture) -> Matte:
        """Return what was told of this view."""
        self.views += 1
        view = self.seen if self.views % 2 else np.ascontiguousarray(self.seen[:, ::-1])
        size = (pixels.shape[1], pixels.shape[0])
        return np.asarray(cv2.resize(view, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def matte_of(photo: Picture, *, by: "Doubting | ColourSegmenter") -> Estimate:
    """Estimate a matte by the engine that shows a network the least."""
    return Lite(by).estimate(photo)


def iou(one: Matte, other: Matte) -> float:
    """Return intersection over union at one half."""
    both, any_ = (one > 0.5) & (other > 0.5), (one > 0.5) | (other > 0.5)
    return float(both.sum() / any_.sum())


def handbag(*, backdrop: int = 235) -> tuple[Picture, Matte]:
    """Return a photo of a bag whose strap encloses backdrop, and its exact matte."""
    finer = np.zeros((2400, 2000), dtype=np.uint8)
    cv2.ellipse(finer, (1000, 1000), (520, 620), 0, 180, 360, 255, 90)
    cv2.rectangle(finer, (380, 1000), (1620, 1900), 255, -1)
    alpha = cv2.resize(finer, (1000, 1200), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    cover = alpha[..., None]
    pixels = np.array([150, 50, 60]) * cover + backdrop * (1 - cover)
    noise = np.random.default_rng(6).normal(0, 1.2, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8), alpha.astype(np.float32)


@pytest.mark.parametrize("shape", ["mug", "stool", "slab"])
def test_plain_products_are_found(shape: str) -> None:
    """A product before a plain backdrop gets its matte within a hundredth, and we know that it is good."""
    product = drawn(shape, width=900, height=1200)  # type: ignore[arg-type]  # a parametrized literal
    estimate = matte_of(product.photo, by=ColourSegmenter())
    assert iou(estimate.alpha, product.alpha.astype(np.float32) / np.float32(255)) > 0.985
    assert estimate.confidence > 0.94
    assert estimate.engine == "lite"
    assert estimate.doubt is None


@pytest.mark.parametrize("doubt", [0.0, 0.45])
def test_a_strap_loop_is_opened(doubt: float) -> None:
    """Backdrop that a strap encloses is no product, even where the network takes it half for one."""
    photo, alpha = handbag()
    hazy = alpha.copy()
    hazy[cv2.floodFill((alpha > 0.5).astype(np.uint8), None, (500, 350), 2)[1] == 2] = doubt
    estimate = matte_of(photo, by=Doubting(hazy))
    assert estimate.alpha[350, 500] == 0
    assert iou(estimate.alpha, alpha) > 0.98


def test_what_the_network_is_sure_of_is_no_hole() -> None:
    """A label in the backdrop's own colour stays product."""
    photo, alpha = handbag()
    photo[600:800, 350:650] = 234
    estimate = matte_of(photo, by=Doubting(alpha))
    assert estimate.alpha[620:780, 380:620].min() > 0.95


def bottle(*, outline: bool) -> tuple[Picture, Matte, Matte]:
    """Return a photo of a bottle with a clear neck, what a network sees of it, and its exact matte."""
    height, width = 1200, 800
    seen = np.zeros((height, width), dtype=np.float32)
    seen[250:380, 320:480], seen[440:1000, 250:550] = 1, 1
    whole = seen.copy()
    whole[380:440, 320:480] = 1
    photo = np.full((height, width, 3), 226, dtype=np.float32)
    photo[seen > 0.5] = (150, 90, 30)
    if outline:
        photo[378:442, 320:328] = photo[378:442, 472:480] = 205
    noise = np.random.default_rng(7).normal(0, 1, photo.shape)
    return np.clip(photo + noise, 0, 255).astype(np.uint8), seen, whole


def test_a_neck_of_glass_is_product() -> None:
    """Cap and bottle are joined along the outline of the clear glass between them."""
    photo, seen, whole = bottle(outline=True)
    alpha = matte_of(photo, by=Doubting(seen)).alpha
    assert alpha[385:435, 340:460].min() > 0.95
    assert iou(alpha, whole) > 0.985


def test_two_products_apart_are_not_joined() -> None:
    """Where nothing shows between them, a lid held over a jar stays apart."""
    photo, seen, _ = bottle(outline=False)
    alpha = matte_of(photo, by=Doubting(seen)).alpha
    assert alpha[395:425].max() < 0.05


def test_a_stripe_in_the_backdrops_colour_stays(root: Path) -> None:
    """What is surely inside the product is opaque, even if the backdrop looks the same."""
    photo, alpha = handbag()
    photo[910:926, 300:700] = 234
    estimate = matte_of(photo, by=Doubting(alpha))
    assert estimate.alpha[900:930, 300:700].min() == 1
    shown = np.rint(photo * estimate.alpha[..., None] + 128 * (1 - estimate.alpha[..., None]))
    small = cv2.resize(shown.astype(np.uint8), (250, 300), interpolation=cv2.INTER_AREA)
    golden = root / "tests" / "unit" / "imaging" / "golden" / "handbag-matte.png"
    assert_golden(np.asarray(small, dtype=np.uint8), golden)


def test_the_edge_is_the_photos() -> None:
    """A mask at 320 pixels gets the photo's edge: nine in ten of its errors vanish."""
    photo, alpha = handbag()
    blurred = cv2.resize(cv2.resize(alpha, (266, 320), interpolation=cv2.INTER_AREA), (1000, 1200))
    estimate = matte_of(photo, by=Doubting(np.asarray(blurred, dtype=np.float32)))
    before, after = np.abs(blurred - alpha).mean(), np.abs(estimate.alpha - alpha).mean()
    assert after < 0.35 * before


def test_islands_are_dropped() -> None:
    """Specks that the network saw far from the product are gone."""
    photo, alpha = handbag()
    speckled = alpha.copy()
    speckled[20:40, 20:40] = 1
    assert matte_of(photo, by=Doubting(speckled)).alpha[:60, :60].max() == 0


def test_nothing_is_nothing() -> None:
    """A segmenter that sees nothing makes an empty matte, and that is refused with advice."""
    photo, alpha = handbag()
    estimate = matte_of(photo, by=Doubting(np.zeros_like(alpha)))
    assert estimate.alpha.max() == 0
    with pytest.raises(RejectedPhoto) as refusal:
        require_product(estimate)
    assert refusal.value.code == "no_product"
    assert "backdrop" in refusal.value.reason


def test_views_that_disagree_lower_confidence() -> None:
    """Half of the product seen in one view alone is not sure."""
    photo, alpha = handbag()

    class Wavering(Doubting):
        def predict(self, pixels: Picture) -> Matte:
            seen = super().predict(pixels)
            seen[:, : seen.shape[1] // 2] *= 0.3
            return seen

    assert matte_of(photo, by=Wavering(alpha)).confidence < 0.8


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 90), st.integers(2, 90), st.integers(0, 255))
def test_any_photo_gets_some_matte(width: int, height: int, grey: int) -> None:
    """Whatever the size and content, alpha has the photo's shape, lies in [0, 1] and is stored exactly."""
    pixels = np.random.default_rng(grey).integers(0, grey + 1, (height, width, 3)).astype(np.uint8)
    estimate = matte_of(pixels, by=ColourSegmenter())
    assert estimate.alpha.shape == (height, width)
    assert np.array_equal(in_steps(estimate.alpha), estimate.alpha)
    assert 0 <= estimate.confidence <= 1


@given(hnp.arrays(np.float32, (24, 30), elements=st.floats(0, 1, width=32)))
def test_a_flat_photo_only_blurs(mask: np.ndarray) -> None:
    """Where the photo has no edges the guided filter is two box filters: the range is kept."""
    pixels = np.full((24, 30, 3), 77, dtype=np.uint8)
    guided = guide(mask, pixels=pixels, photo=pixels, radius=3, epsilon=1e-4)
    box = cv2.blur(cv2.blur(mask, (7, 7), borderType=2), (7, 7), borderType=2)
    np.testing.assert_allclose(guided, box, atol=1e-3)


def test_the_uploads_own_alpha_is_the_matte() -> None:
    """A matte that somebody made is taken as it is."""
    product = drawn("mug")
    estimate = adopt_alpha(product.alpha)
    assert np.array_equal(np.rint(estimate.alpha * 255), product.alpha)
    assert (estimate.confidence, estimate.engine) == (1.0, "upload")


def test_an_alpha_that_is_half_everywhere_is_doubted() -> None:
    """A picture that is half transparent all over is no cutout."""
    assert adopt_alpha(np.full((50, 50), 128, dtype=np.uint8)).confidence < 0.94


def described(alpha: Matte, *, confidence: float = 0.99) -> tuple[bool, str]:
    """Return whether a person should look, and why."""
    pixels = np.full((*alpha.shape, 3), 120, dtype=np.uint8)
    estimate = Estimate(alpha=alpha, confidence=confidence, engine="told")
    matte = describe_matte(estimate, pixels=pixels, image=SOMEWHERE, cutout=SOMEWHERE)
    return matte.needs_review, matte.review_reason


def rectangle(top: int, bottom: int, left: int, right: int) -> Matte:
    """Return a matte of 200 × 100 pixels with a rectangle of product."""
    alpha = np.zeros((100, 200), dtype=np.float32)
    alpha[top:bottom, left:right] = 1
    return alpha


def test_a_good_matte_needs_nobody() -> None:
    """One product, apart from the edges, surely seen."""
    assert described(rectangle(20, 80, 50, 150)) == (False, "")


@pytest.mark.parametrize(
    ("alpha", "confidence", "word"),
    [
        (rectangle(1, 99, 1, 199), 0.99, "fill"),
        (rectangle(0, 60, 0, 200), 0.99, "edge"),
        (
            rectangle(20, 80, 10, 50) + rectangle(20, 80, 80, 120) + rectangle(20, 80, 150, 190),
            0.99,
            "Several",
        ),
        (rectangle(20, 80, 50, 150), 0.7, "70%"),
    ],
)
def test_doubtful_mattes_are_looked_at(alpha: Matte, confidence: float, word: str) -> None:
    """A matte that fills the photo, hugs its edge, falls apart or wavers goes to a person."""
    needs_review, reason = described(alpha, confidence=confidence)
    assert needs_review
    assert word in reason


@pytest.mark.parametrize(
    ("box", "words"),
    [
        (Box(x=0, y=0, width=40, height=20), "at the top left."),
        (Box(x=80, y=40, width=40, height=20), "at the middle."),
        (Box(x=160, y=80, width=40, height=20), "at the bottom right."),
        (Box(x=0, y=0, width=200, height=100), "at the middle."),
    ],
)
def test_doubt_has_a_place(box: Box, words: str) -> None:
    """Whoever has to look is told where, in words and as a box; nobody is, if nobody has to."""
    estimate = Estimate(alpha=rectangle(20, 80, 50, 150), confidence=0.8, engine="told", doubt=box)
    pixels = np.full((100, 200, 3), 120, dtype=np.uint8)
    matte = describe_matte(estimate, pixels=pixels, image=SOMEWHERE, cutout=SOMEWHERE)
    assert matte.review_reason.endswith(words)
    assert matte.doubt == box
    sure = dataclasses.replace(estimate, confidence=0.99)
    assert describe_matte(sure, pixels=pixels, image=SOMEWHERE, cutout=SOMEWHERE).doubt is None


def test_a_pair_is_one_product() -> None:
    """Two shoes are no reason to look."""
    assert described(rectangle(20, 80, 20, 90) + rectangle(20, 80, 110, 180)) == (False, "")


def test_the_box_is_exact() -> None:
    """The box is what alpha over one half covers."""
    assert box_of(rectangle(20, 80, 50, 150) > 0.5) == Box(x=50, y=20, width=100, height=60)


@pytest.mark.parametrize(
    ("alpha", "edges"),
    [
        (rectangle(20, 80, 50, 150), ()),
        (rectangle(0, 80, 50, 150), ("top",)),
        (rectangle(20, 100, 50, 200), ("right", "bottom")),
        (rectangle(20, 80, 0, 150), ("left",)),
        (rectangle(0, 50, 50, 55), ()),
    ],
)
def test_cut_edges(alpha: Matte, edges: tuple[str, ...]) -> None:
    """Edges that cut the product are named; a strap of five pixels that leaves the photo does not count."""
    assert cut_edges(alpha > 0.5) == edges


def test_the_products_colours_are_not_the_backdrops() -> None:
    """Only what is opaque has a say, the commonest first."""
    product = drawn("mug", width=600, height=800)
    colours = product_colours(product.photo, alpha=product.alpha.astype(np.float32) / np.float32(255))
    assert 1 <= len(colours) <= 5
    assert "#d6d4d0" not in colours


def test_the_rim_is_what_a_background_meets() -> None:
    """A white label in the middle of a dark bottle is no part of its outline; its black cap is."""
    pixels = np.full((200, 100, 3), 255, dtype=np.uint8)
    pixels[20:180, 25:75] = (120, 70, 20)
    pixels[20:60, 25:75] = (20, 20, 20)
    pixels[90:150, 35:65] = (245, 244, 240)
    alpha = np.zeros((200, 100), dtype=np.float32)
    alpha[20:180, 25:75] = 1
    assert rim_colours(pixels, alpha=alpha) == ("#784614", "#141414")
    assert "#f5f4f0" in product_colours(pixels, alpha=alpha)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_any_matte_has_a_rim_or_none(alpha: float) -> None:
    """Nothing certain has no rim; what fills the photo meets no background."""
    pixels = np.full((40, 30, 3), 90, dtype=np.uint8)
    assert rim_colours(pixels, alpha=np.full((40, 30), alpha, dtype=np.float32)) == ()
