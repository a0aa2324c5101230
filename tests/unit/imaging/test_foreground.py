"""The product's own colours, measured against composites whose parts are known."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from packshot.imaging.colour import delta_e, lab_from_linear, linear_from_srgb, srgb8_from_linear
from packshot.imaging.foreground import cut_out, decontaminate, estimate_layers
from tests.products import DrawnProduct, drawn

BACKDROPS = {"white": (255, 255, 255), "black": (0, 0, 0), "green": (30, 160, 70), "red": (200, 30, 40)}


def matte(product: DrawnProduct) -> NDArray[np.float32]:
    """Return the exact matte, softened as a lens would."""
    alpha = cv2.GaussianBlur(product.alpha.astype(np.float32) / 255, (0, 0), 2)
    return (np.rint(alpha * 255) / 255).astype(np.float32)


def photographed(
    colours: NDArray[np.uint8], alpha: NDArray[np.float32], *, before: tuple[int, ...]
) -> NDArray[np.uint8]:
    """Return what a camera sees of a product before a backdrop: light mixes linearly."""
    cover = alpha[..., None]
    paper = linear_from_srgb(np.array(before, dtype=np.uint8))
    return srgb8_from_linear((linear_from_srgb(colours) * cover + paper * (1 - cover)).astype(np.float32))


def edge_difference(
    own: NDArray[np.uint8], truth: NDArray[np.uint8], alpha: NDArray[np.float32], onto: tuple[int, ...]
) -> float:
    """Return the mean ΔE2000 in the soft edge when both are set before another colour."""
    cover = alpha[..., None]
    paper = linear_from_srgb(np.array(onto, dtype=np.uint8))
    pictures = [(cover * linear_from_srgb(each) + (1 - cover) * paper) for each in (own, truth)]
    soft = (alpha > 0.02) & (alpha < 0.98)
    one, other = (lab_from_linear(picture[soft].astype(np.float32)) for picture in pictures)
    return float(delta_e(one, other).mean())


@pytest.mark.parametrize("shape", ["mug", "stool"])
@pytest.mark.parametrize("backdrop", BACKDROPS)
def test_the_backdrops_colour_leaves_the_edge(shape: str, backdrop: str) -> None:
    """Before any other backdrop the edge is within 1.5 ΔE of the truth; left alone it is five times worse."""
    product = drawn("mug" if shape == "mug" else "stool", width=450, height=600)
    truth, alpha = product.cutout[..., :3], matte(product)
    taken = photographed(truth, alpha, before=BACKDROPS[backdrop])
    onto = BACKDROPS["black" if backdrop == "white" else "white"]
    cleaned = edge_difference(decontaminate(taken, alpha=alpha), truth, alpha, onto)
    assert cleaned < 1.5
    assert edge_difference(taken, truth, alpha, onto) > 5 * cleaned


@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(np.uint8, (33, 47, 3)),
    hnp.arrays(np.float32, (33, 47), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])),
)
def test_opaque_pixels_are_the_photos(pixels: np.ndarray, alpha: np.ndarray) -> None:
    """Where alpha is 1, every byte is the photo's."""
    cutout = cut_out(pixels, alpha=alpha)
    opaque = alpha == 1
    assert np.array_equal(cutout[opaque][:, :3], pixels[opaque])
    assert np.array_equal(cutout[..., 3], np.rint(alpha * 255))


def test_layers_explain_the_photo() -> None:
    """In the soft edge, foreground and backdrop mixed by alpha give the photo back."""
    product = drawn("stool", width=300, height=400)
    alpha = matte(product)
    cover = alpha[..., None]
    taken = photographed(product.cutout[..., :3], alpha, before=(220, 220, 220))
    layers = estimate_layers(taken, alpha=alpha)
    mixed = cover * layers.foreground + (1 - cover) * layers.backdrop
    soft = (alpha > 0.05) & (alpha < 0.95)
    assert np.abs(mixed[soft] - linear_from_srgb(taken[soft])).mean() < 0.02


def test_nothing_of_the_backdrop_is_left_to_find() -> None:
    """Far from the product the transparent pixels are black."""
    product = drawn("mug", width=300, height=400)
    cutout = cut_out(product.photo, alpha=matte(product))
    assert cutout[:5].max() == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (31, 33), (200, 64)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    """Even a line or a dot."""
    height, width = size
    pixels = np.full((height, width, 3), 90, dtype=np.uint8)
    alpha = np.full((height, width), 0.5, dtype=np.float32)
    assert np.abs(decontaminate(pixels, alpha=alpha).astype(int) - 90).max() <= 1
