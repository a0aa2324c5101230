"""How composites whose parts are known are made, and what is measured on them."""

import numpy as np

from packshot.imaging.arrays import Bytes, Floats
from packshot.imaging.colour import linear_from_srgb, srgb8_from_linear
from tests.benchmarks.foregrounds import (
    METHODS,
    Product,
    backdrops,
    blur_fusion,
    measure,
    spread_colours,
    summary,
)


def soft_square() -> tuple[Bytes, Floats]:
    """Draw a yellow square with an edge five pixels wide on blue, and its alpha."""
    ramp = np.clip((30 - np.abs(np.arange(100) - 50)) / 5 + 0.5, 0, 1)
    alpha = np.minimum.outer(ramp, ramp).astype(np.float32)
    cover = alpha[..., None]
    yellow, blue = (
        linear_from_srgb(np.array(each, dtype=np.uint8)) for each in ((230, 200, 40), (20, 40, 200))
    )
    return srgb8_from_linear(yellow * cover + blue * (1 - cover)), alpha


def test_colours_go_on_behind_the_edge() -> None:
    """The inside is kept byte for byte, and nothing of the backdrop is left anywhere."""
    photo, alpha = soft_square()
    assert np.array_equal(np.unique(spread_colours(photo, alpha).reshape(-1, 3), axis=0), [[230, 200, 40]])
    photo[45:55, 45:55] = (250, 250, 250)
    assert np.array_equal(spread_colours(photo, alpha)[alpha == 1], photo[alpha == 1])


def test_without_an_inside_colours_stay() -> None:
    """What is transparent all over has no colour to go on."""
    photo, alpha = soft_square()
    assert np.array_equal(spread_colours(photo, alpha * np.float32(0.5)), photo)


def test_the_peer_takes_out_most_of_a_plain_backdrop() -> None:
    """Blur fusion as published: less than a quarter of what the edge is off stays."""
    photo, alpha = soft_square()
    soft = (alpha > 0.3) & (alpha < 0.98)
    cleaned = blur_fusion(photo, alpha)
    left = np.abs(cleaned[soft].astype(int) - (230, 200, 40)).mean()
    assert left < 0.25 * np.abs(photo[soft].astype(int) - (230, 200, 40)).mean()


def test_every_method_meets_every_backdrop() -> None:
    """Four plain ones and a busy one; untreated is the worst, and the truth itself would be 0."""
    photo, alpha = soft_square()
    product = Product("square", spread_colours(photo, alpha), alpha)
    assert [name for name, _ in backdrops(product, neighbour=product)] == [
        *("white", "grey", "green", "red"),
        "busy",
    ]
    scores = tuple(measure([product]))
    assert len(scores) == 5 * len(METHODS)
    kept = summary(scores)
    figures = {name: each.composite for name, each in kept.items()}
    assert min(figures, key=lambda name: figures[name]) == "ours"
    assert max(figures, key=lambda name: figures[name]) == "untreated"
