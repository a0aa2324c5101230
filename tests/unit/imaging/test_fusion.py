"""Views, their fusion, and the engines that are made of them."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from packshot.events import Box
from packshot.imaging.engines import Classic, Engine, Lite, Standard, Substitute
from packshot.imaging.fusion import agreement, find_doubt, fuse, heed, lowest_agreement, soft_iou, spread
from packshot.imaging.graph_cut import separability, settle_doubt
from packshot.imaging.matting import in_steps
from packshot.imaging.views import View, find_window, see_close, see_mirrored, see_whole, see_wide
from packshot.testing.segmenter import ColourSegmenter
from tests.products import Shape, drawn

Picture = NDArray[np.uint8]
Mask = NDArray[np.float32]
masks = hnp.arrays(np.float32, (12, 17), elements=st.floats(0, 1, width=32))
ENGINES = [Standard(ColourSegmenter(), ColourSegmenter()), Lite(ColourSegmenter()), Classic()]


class Bright:
    """A network that sees what is light, and remembers the sizes of what it was shown."""

    name = "bright"

    def __init__(self) -> None:
        """Start with nothing shown."""
        self.shown: list[tuple[int, ...]] = []

    def predict(self, pixels: Picture) -> Mask:
        """Return 1 where the picture is light."""
        self.shown.append(pixels.shape[:2])
        return np.asarray(pixels.min(axis=-1) > 127, dtype=np.float32)


def rectangle(top: int, bottom: int, left: int, right: int, *, shape: tuple[int, int] = (100, 200)) -> Mask:
    """Return a mask with a rectangle of product."""
    mask = np.zeros(shape, dtype=np.float32)
    mask[top:bottom, left:right] = 1
    return mask


def photo_of(mask: Mask) -> Picture:
    """Return a photo that is white where the mask is."""
    return np.repeat((mask * 255).astype(np.uint8)[..., None], 3, axis=2)


def iou(one: Mask, other: Mask) -> float:
    """Return intersection over union at one half."""
    return float(((one > 0.5) & (other > 0.5)).sum() / ((one > 0.5) | (other > 0.5)).sum())


# --- views ------------------------------------------------------------------------------------------


def test_every_view_shows_the_product_where_it_is() -> None:
    """Mirrored, from further away or close up: what comes back lies where the photo has it."""
    mask = rectangle(20, 60, 30, 90)
    photo, network = photo_of(mask), Bright()
    whole = see_whole(photo, by=network)
    assert np.array_equal(whole.seen, mask)
    assert np.array_equal(see_mirrored(photo, by=network).seen, mask)
    assert np.array_equal(see_wide(photo, by=network).seen, mask)
    assert np.array_equal(see_close(photo, around=whole, by=network).seen, mask)


def test_the_close_view_has_the_photos_own_pixels() -> None:
    """The network is shown the product's window at the photo's resolution, not at the working one."""
    mask = rectangle(20, 60, 30, 90)
    network = Bright()
    photo = photo_of(np.kron(mask, np.ones((5, 5), dtype=np.float32)))
    view = see_close(photo, around=View(mask), by=network)
    window = find_window(mask)
    assert (window.rows, window.columns) == (slice(15, 65), slice(23, 97))
    assert network.shown == [(250, 370)]
    assert iou(view.seen, mask) == 1


def test_a_window_of_nothing_is_everything() -> None:
    """Where nothing was seen the close view is the whole photo."""
    window = find_window(np.zeros((30, 40), dtype=np.float32))
    assert (window.rows, window.columns) == (slice(0, 30), slice(0, 40))


@given(st.integers(0, 39), st.integers(0, 59), st.integers(1, 2000), st.integers(1, 2000), st.integers(1, 30))
def test_a_window_never_leaves_the_photo(top: int, left: int, height: int, width: int, size: int) -> None:
    """At any size of the photo it holds a pixel at least, and no pixel that is not there."""
    mask = np.zeros((40, 60), dtype=np.float32)
    mask[top : top + size, left : left + size] = 1
    window = find_window(mask).scaled(to=(height, width), of=mask.shape)
    assert 0 <= window.rows.start < window.rows.stop
    assert 0 <= window.columns.start < window.columns.stop
    assert window.rows.start < height
    assert window.columns.start < width


# --- fusion -----------------------------------------------------------------------------------------


@given(masks, masks)
def test_soft_iou_is_a_similarity(one: Mask, other: Mask) -> None:
    """It is symmetric, lies in [0, 1], and a mask is like nothing more than itself."""
    assert soft_iou(one, other) == soft_iou(other, one)
    assert 0 <= soft_iou(one, other) <= 1 + 1e-6
    assert soft_iou(one, one) == pytest.approx(1)


@given(st.lists(masks, min_size=1, max_size=4))
def test_a_fusion_lies_between_its_views(seen: list[Mask]) -> None:
    """No pixel is surer or less sure than all views are."""
    fused = fuse([View(each, weight=1 + index) for index, each in enumerate(seen)])
    assert (fused <= np.max(seen, axis=0) + 1e-5).all()
    assert (fused >= np.min(seen, axis=0) - 1e-5).all()


def test_what_one_view_is_sure_of_is_not_outvoted() -> None:
    """Half of the say, all of the certainty: above one half, where a plain mean is not."""
    ones, none = np.ones((2, 2), dtype=np.float32), np.zeros((2, 2), dtype=np.float32)
    assert fuse([View(ones), View(none)]).min() > 0.7


def test_a_view_that_saw_something_else_is_not_heard() -> None:
    """Another object has no say in the mask, but lowers the confidence."""
    views = [
        View(rectangle(20, 60, 30, 90)),
        View(rectangle(20, 60, 32, 90)),
        View(rectangle(5, 30, 150, 190)),
    ]
    heard = heed(views)
    assert heard == tuple(views[:2])
    assert lowest_agreement(views) == 0
    settled = fuse(heard)
    assert agreement(heard, settled=settled) > 0.95
    assert agreement(views, settled=settled) < 0.1


def test_the_region_in_doubt_is_the_largest_that_is_disputed() -> None:
    """It is a box in the photo's pixels; seams along an edge are none."""
    one = rectangle(20, 80, 30, 90)
    handle = one + rectangle(30, 60, 90, 120)
    doubt = find_doubt(spread([View(one), View(handle)]), shape=(1000, 2000))
    assert doubt == Box(x=900, y=300, width=300, height=300)
    assert find_doubt(spread([View(one), View(rectangle(20, 80, 30, 91))]), shape=(1000, 2000)) is None
    assert find_doubt(spread([View(one)]), shape=(1000, 2000)) is None


# --- colour -----------------------------------------------------------------------------------------


def coloured(mask: Mask, *, product: tuple[int, int, int], backdrop: tuple[int, int, int]) -> Picture:
    """Return a photo of two colours with grain."""
    colours = np.where(mask[..., None] > 0.5, product, backdrop).astype(np.float32)
    grain = np.random.default_rng(8).normal(0, 4, colours.shape)
    return np.clip(colours + grain, 0, 255).astype(np.uint8)


def test_colour_decides_what_views_dispute() -> None:
    """A part that one view in three overlooks joins the product whose colour it has."""
    whole = rectangle(40, 160, 60, 200, shape=(200, 300))
    partial = whole.copy()
    partial[40:160, 160:200] = 0
    photo = coloured(whole, product=(180, 40, 40), backdrop=(40, 90, 180))
    views = [View(whole), View(partial), View(partial)]
    fused = fuse(views)
    settled = settle_doubt(fused, small=photo, views=views)
    disputed = (slice(60, 140), slice(170, 190))
    assert settled[disputed].mean() > fused[disputed].mean() + 0.1
    assert np.array_equal(settled[:20], fused[:20])


def test_colour_is_silent_where_it_cannot_tell() -> None:
    """A product in its backdrop's colour is left to the views."""
    whole = rectangle(40, 160, 60, 200, shape=(200, 300))
    partial = whole.copy()
    partial[40:160, 160:200] = 0
    photo = coloured(whole, product=(120, 110, 100), backdrop=(120, 110, 100))
    assert separability(photo, product=whole > 0.5, backdrop=whole < 0.5) == 0
    views = [View(whole), View(partial)]
    fused = fuse(views)
    assert np.array_equal(settle_doubt(fused, small=photo, views=views), fused)


# --- engines: one contract for all ------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize("shape", ["mug", "slab"])
def test_an_engine_finds_a_plain_product(engine: Engine, shape: Shape) -> None:
    """Before a plain backdrop each is within two hundredths, sure of it, and signs with its name."""
    product = drawn(shape, width=600, height=800)
    estimate = engine.estimate(product.photo)
    assert iou(estimate.alpha, product.alpha.astype(np.float32) / np.float32(255)) > 0.98
    assert estimate.confidence > 0.9
    assert (estimate.engine, estimate.notes) == (engine.name, ())


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize("size", [(1, 1), (2, 90), (37, 5), (300, 200)])
def test_an_engine_answers_for_any_photo(engine: Engine, size: tuple[int, int]) -> None:
    """Of whatever size and content: alpha has the photo's shape and eight bits, confidence is a share."""
    pixels = np.random.default_rng(3).integers(0, 256, (*size, 3)).astype(np.uint8)
    estimate = engine.estimate(pixels)
    assert estimate.alpha.shape == size
    assert np.array_equal(in_steps(estimate.alpha), estimate.alpha)
    assert 0 <= estimate.confidence <= 1


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_an_engine_finds_nothing_in_nothing(engine: Engine) -> None:
    """An empty backdrop with some grain has no product."""
    grain = np.random.default_rng(4).normal(200, 1.5, (240, 320, 1))
    pixels = np.repeat(np.clip(grain, 0, 255), 3, axis=2).astype(np.uint8)
    assert (engine.estimate(pixels).alpha > 0.5).mean() < 0.01


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_an_engine_repeats_itself(engine: Engine) -> None:
    """A retried step makes the same matte, though colour models start from chance."""
    photo = drawn("stool", width=300, height=400).photo
    assert np.array_equal(engine.estimate(photo).alpha, engine.estimate(photo).alpha)


def test_the_standard_engine_looks_again_only_where_it_must() -> None:
    """Three looks where views agree, a fourth from further away where they do not."""
    mask = rectangle(20, 80, 60, 140)
    agreeing, light = Bright(), Bright()
    Standard(agreeing, light).estimate(photo_of(mask))
    assert (len(agreeing.shown), len(light.shown)) == (2, 1)
    doubting = Bright()
    Standard(doubting, ColourSegmenter()).estimate(np.full((100, 200, 3), 255, dtype=np.uint8))
    assert len(doubting.shown) == 3
    assert doubting.shown[-1] == (140, 280)


def test_a_busy_photo_is_no_business_of_the_classic_engine() -> None:
    """Before a patchwork its views disagree, and it says so."""
    patches = np.random.default_rng(5).integers(0, 256, (30, 40, 3)).astype(np.uint8)
    photo = cv2.resize(patches, (640, 480), interpolation=cv2.INTER_NEAREST)
    assert Classic().estimate(np.asarray(photo, dtype=np.uint8)).confidence < 0.9


def test_a_substitute_signs_with_its_own_name() -> None:
    """The note goes into each matte; the name is that of the engine that worked."""
    engine = Substitute(Classic(), note="No network is here.")
    estimate = engine.estimate(drawn("mug").photo)
    assert engine.name == estimate.engine == "classic"
    assert estimate.notes == ("No network is here.",)
