"""The rule of the house: the product's own pixels, and the plate's, stay as they are."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packshot.events import Box, Edge, Placement
from packshot.imaging.arrays import Bytes
from packshot.imaging.colour import linear_from_srgb
from packshot.imaging.compositing import OPAQUE, Fit, Mirrored, ScaledCutout, Shade, Window, compose
from packshot.imaging.compositing import scaled_cutout as scale_cutout
from packshot.imaging.compositing import scaled_photo as scale_photo
from packshot.imaging.placement import Frame, place
from tests.products import DrawnProduct, Shape, drawn

SHAPES = st.sampled_from(get_args(Shape))
SIDES = st.integers(64, 1200)


def fit(product: DrawnProduct, *, width: int, height: int, fill: float = 0.7) -> Fit:
    """Return how a drawn product lies in a frame."""
    placement = place(product.matte, anchor="lie", fill=fill, frame=Frame(width=width, height=height))
    return Fit(box=product.matte.box, placement=placement, width=width, height=height)


def noise(width: int, height: int) -> Bytes:
    """Return a plate in which no two pixels are alike for long."""
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)


def in_frame(product: ScaledCutout, plate: Bytes) -> np.ndarray:
    """Return the product's alpha in the whole frame."""
    alpha = np.zeros(plate.shape[:2], dtype=np.uint8)
    alpha[product.window.slices] = product.alpha
    return alpha


@settings(max_examples=40, deadline=None)
@given(shape=SHAPES, width=SIDES, height=SIDES, fill=st.floats(0.2, 0.95), photo=st.integers(64, 700))
def test_opaque_pixels_are_the_scaled_photos_and_clear_ones_the_plates(
    shape: Shape, width: int, height: int, fill: float, photo: int
) -> None:
    """At any size: where the matte is opaque the photo's bytes, where it is clear the plate's."""
    product = drawn(shape, width=photo, height=photo + 40)
    how, plate = fit(product, width=width, height=height, fill=fill), noise(width, height)
    scaled = scale_cutout(product.cutout, photo=product.photo, fit=how)
    composite = compose(plate, scaled, shade=None, mirrored=None, seed=1)
    shown, expected = composite[scaled.window.slices], scale_photo(product.photo, how)
    assert np.array_equal(shown[scaled.alpha == 255], expected[scaled.alpha == 255])
    clear = in_frame(scaled, plate) == 0
    assert np.array_equal(composite[clear], plate[clear])


@pytest.mark.parametrize(("width", "height"), [(3000, 64), (64, 3000), (3000, 2400)])
def test_the_rule_holds_for_the_largest_and_the_narrowest_frames(width: int, height: int) -> None:
    """A banner, a bookmark, a poster."""
    product = drawn("mug", width=500, height=700)
    how, plate = fit(product, width=width, height=height), noise(width, height)
    scaled = scale_cutout(product.cutout, photo=product.photo, fit=how)
    composite = compose(plate, scaled, shade=None, mirrored=None, seed=1)
    opaque = scaled.alpha == 255
    expected = scale_photo(product.photo, how)
    assert np.array_equal(composite[scaled.window.slices][opaque], expected[opaque])


def test_doubt_inside_a_product_does_not_let_the_plate_through() -> None:
    """A network's 251 of 255 in the middle of a mug is mug."""
    product = drawn("slab")
    cutout = product.cutout.copy()
    cutout[..., 3][cutout[..., 3] == 255] = OPAQUE + 1
    how, plate = fit(product, width=400, height=400), noise(400, 400)
    scaled = scale_cutout(cutout, photo=product.photo, fit=how)
    composite = compose(plate, scaled, shade=None, mirrored=None, seed=1)
    centre = composite[200, 200]
    rows, columns = how.placement.box.y, how.placement.box.x
    assert np.array_equal(
        centre, scale_photo(product.photo, how)[200 - scaled.window.y, 200 - scaled.window.x]
    )
    assert rows > 0
    assert columns > 0


def test_shadows_darken_the_plate_and_never_the_product() -> None:
    """Half the light on the plate is half the light in linear terms; the product keeps every byte."""
    product = drawn("slab")
    how = fit(product, width=320, height=320, fill=0.5)
    plate = np.full((320, 320, 3), 200, dtype=np.uint8)
    scaled = scale_cutout(product.cutout, photo=product.photo, fit=how)
    shade = Shade(Window(0, 0, 320, 320), np.full((320, 320, 3), 0.5, dtype=np.float32))
    composite = compose(plate, scaled, shade=shade, mirrored=None, seed=1)
    corner = linear_from_srgb(composite[:20, :20]).mean()
    assert corner == pytest.approx(0.5 * linear_from_srgb(plate[:1, :1]).mean(), rel=0.02)
    opaque = scaled.alpha == 255
    assert np.array_equal(composite[scaled.window.slices][opaque], scaled.colours[opaque])


@given(st.integers(1, 90), st.integers(1, 90), st.integers(8, 60), st.integers(8, 60))
def test_a_shade_covers_all_that_is_dark_and_no_more(
    height: int, width: int, rows: int, columns: int
) -> None:
    """A coarse shade comes out at the frame's size; where no light is lost there is none at all."""
    coarse = np.ones((rows, columns, 3), dtype=np.float32)
    assert Shade.enlarged(coarse, shape=(height * 8, width * 8, 3)) is None
    coarse[rows // 2, columns // 2] = 0.5
    shade = Shade.enlarged(coarse, shape=(height * 8, width * 8, 3))
    assert shade is not None
    assert shade.left.shape == (shade.window.height, shade.window.width, 3)
    assert shade.window.x + shade.window.width <= width * 8
    assert shade.window.y + shade.window.height <= height * 8
    assert shade.left.min() >= 0
    assert shade.left.max() <= 1


def test_edges_mix_in_linear_light() -> None:
    """A half-covered pixel of white over black is as bright as half the light, not as 128."""
    product = ScaledCutout(
        window=Window(0, 0, 1, 1),
        colours=np.full((1, 1, 3), 255, dtype=np.uint8),
        alpha=np.full((1, 1), 128, dtype=np.uint8),
    )
    plate = np.zeros((1, 1, 3), dtype=np.uint8)
    pixel = compose(plate, product, shade=None, mirrored=None, seed=0)[0, 0]
    assert pixel.min() > 170


def test_backdrop_does_not_leak_through_the_scaling() -> None:
    """With a clean cutout, no edge pixel takes colour from what the matte left out."""
    product = drawn("slab", width=900, height=900)
    cutout = product.cutout.copy()
    cutout[..., :3] = np.where(cutout[..., 3:] > 0, (200, 30, 30), (0, 255, 0))
    photo = np.ascontiguousarray(cutout[..., :3])
    scaled = scale_cutout(cutout, photo=photo, fit=fit(product, width=200, height=200))
    seen = scaled.colours[(scaled.alpha > 0)]
    assert seen[:, 1].max() <= 40


@pytest.mark.parametrize("edge", get_args(Edge))
def test_a_cut_product_reaches_the_frames_last_pixel(edge: Edge) -> None:
    """No line of plate shows between a cut product and the edge of the frame."""
    product = drawn("slab", width=611, height=507, cut_edges=(edge,))
    how, plate = fit(product, width=403, height=397), np.zeros((397, 403, 3), dtype=np.uint8)
    scaled = scale_cutout(product.cutout, photo=product.photo, fit=how)
    alpha = in_frame(scaled, plate)
    border = {"top": alpha[0], "bottom": alpha[-1], "left": alpha[:, 0], "right": alpha[:, -1]}[edge]
    assert (border == 255).any()


def test_a_mirror_image_is_added_below_the_product() -> None:
    """Where the ground mirrors, the plate gives way to the product's colour by that share of light."""
    plate = np.zeros((4, 4, 3), dtype=np.uint8)
    nothing = ScaledCutout(
        Window(0, 0, 1, 1), np.zeros((1, 1, 3), dtype=np.uint8), np.zeros((1, 1), dtype=np.uint8)
    )
    mirrored = Mirrored(
        window=Window(1, 2, 2, 2),
        light=np.ones((2, 2, 3), dtype=np.float32),
        share=np.full((2, 2), 0.25, dtype=np.float32),
    )
    composite = compose(plate, nothing, shade=None, mirrored=mirrored, seed=0)
    assert linear_from_srgb(composite[2:, 1:3]).mean() == pytest.approx(0.25, abs=0.01)
    assert not composite[:2].any()


def test_the_same_input_makes_the_same_bytes() -> None:
    """A composite can be made again."""
    product = drawn("stool")
    how, plate = fit(product, width=300, height=300), noise(300, 300)
    scaled = scale_cutout(product.cutout, photo=product.photo, fit=how)
    shade = Shade.enlarged(
        np.linspace(0.3, 1, 75, dtype=np.float32)[:, None, None].repeat(75, axis=1).repeat(3, axis=2),
        shape=plate.shape,
    )
    first, second = (compose(plate, scaled, shade=shade, mirrored=None, seed=9) for _ in range(2))
    assert np.array_equal(first, second)


def test_a_product_of_one_pixel_is_composed() -> None:
    """The smallest thing that a matte can hold."""
    product = drawn("slab", width=64, height=64)
    box = Box(x=10, y=10, width=1, height=1)
    how = Fit(
        box=box, placement=Placement(box=Box(x=5, y=5, width=3, height=3), scale=3.0), width=64, height=64
    )
    scaled = scale_cutout(product.cutout, photo=product.photo, fit=how)
    assert compose(noise(64, 64), scaled, shade=None, mirrored=None, seed=0).shape == (
        64,
        64,
        3,
    )
