"""What encoding takes from a product, measured where the product is."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from packshot.events import Box, Placement
from packshot.imaging.arrays import Bytes
from packshot.imaging.compositing import OPAQUE, Fit, scaled_cutout
from packshot.imaging.losses import EncodingLoss, encoding_loss, product_core, shrink_core
from packshot.imaging.provenance import SCENES
from packshot.imaging.renditions import (
    MAIN_LOSS,
    WEB_BYTES,
    WEB_LOSS,
    Picture,
    encode_main,
    encode_web,
    render_scene,
)

STUDIO = SCENES["studio"]


def woven(*, side: int = 480, strength: int = 40) -> Bytes:
    """Return coloured cloth: noise that the eye sees and a codec would rather not keep."""
    noise = np.random.default_rng(4).normal(0, strength, (side, side, 3)).astype(np.float32)
    cloth = np.array([150, 70, 60], dtype=np.float32) + cv2.GaussianBlur(noise, (0, 0), 0.8)
    return np.asarray(np.clip(cloth, 0, 255), dtype=np.uint8)


def everywhere(pixels: Bytes) -> np.ndarray:
    """Return a core that covers all."""
    return np.ones(pixels.shape[:2], dtype=bool)


def test_the_same_picture_lost_nothing() -> None:
    """Lossless is 0, on average and at the worst."""
    pixels = woven()
    assert encoding_loss(pixels, pixels, core=everywhere(pixels)) == EncodingLoss(0, 0)


def test_loss_is_told_in_delta_e() -> None:
    """Half of the pixels one L darker by a known step: mean and percentile follow."""
    grey = np.full((100, 100, 3), 119, dtype=np.uint8)
    other = grey.copy()
    other[:50] = 122
    loss = encoding_loss(other, grey, core=everywhere(grey))
    assert loss is not None
    assert loss.high == pytest.approx(1.17, abs=0.05)
    assert loss.mean == pytest.approx(loss.high / 2, rel=0.05)


def test_what_is_not_product_does_not_count() -> None:
    """A background may lose what it likes."""
    pixels = woven()
    core = everywhere(pixels)
    core[:200] = False
    spoiled = pixels.copy()
    spoiled[:200] = 0
    assert encoding_loss(spoiled, pixels, core=core) == EncodingLoss(0, 0)
    assert encoding_loss(spoiled, pixels, core=~everywhere(pixels)) is None


@given(scale=st.floats(0.2, 2.4), x=st.integers(-60, 200), y=st.integers(-60, 200), side=st.integers(60, 300))
def test_the_core_is_where_the_composer_puts_the_product(scale: float, x: int, y: int, side: int) -> None:
    """Pixels of the core are opaque in the composite, at any scale and place, also half out of the frame."""
    alpha = np.zeros((300, 300), dtype=np.uint8)
    cv2.circle(alpha, (150, 150), 90, 255, -1)
    box = Box(x=60, y=60, width=181, height=181)
    put = Box(x=x, y=y, width=round(181 * scale), height=round(181 * scale))
    fit = Fit(box=box, placement=Placement(box=put, scale=scale), width=side, height=side)
    core = product_core(alpha, fit=fit)
    assert core.shape == (side, side)
    if not core.any():
        return
    cutout = np.dstack((np.zeros((300, 300, 3), dtype=np.uint8), alpha))
    shown = scaled_cutout(cutout, photo=cutout[..., :3].copy(), fit=fit)
    landed = np.zeros((side, side), dtype=np.uint8)
    landed[shown.window.slices] = shown.alpha
    assert (landed[core] >= OPAQUE).all()


def test_shrinking_keeps_to_what_was_all_product() -> None:
    """A pixel of a smaller picture is product if all of its pixels were."""
    core = np.zeros((40, 40), dtype=bool)
    core[10:31, 10:31] = True
    assert shrink_core(core, size=(20, 20)).sum() == 100


def test_a_product_that_would_lose_too_much_is_encoded_better() -> None:
    """Fine coloured cloth passes at a higher quality than plain paper needs, and keeps its allowance."""
    cloth, paper = woven(strength=18), woven(strength=0)
    better, plain = (
        encode_main(Picture(each, everywhere(each)), source_type=STUDIO) for each in (cloth, paper)
    )
    first = Image.open(io.BytesIO(plain.file))
    second = Image.open(io.BytesIO(better.file))
    assert second.quantization[0][0] < first.quantization[0][0]  # type: ignore[attr-defined]
    assert better.is_allowed
    assert better.loss is not None
    assert better.loss.within(MAIN_LOSS)


def test_a_web_image_is_not_encoded_beyond_its_bytes() -> None:
    """Where no quality keeps the colours, the best that a page can carry is taken, and its loss is told."""
    noise = np.random.default_rng(0).integers(0, 256, (1080, 1080, 3), dtype=np.uint8)
    encoded = encode_web(Picture(noise, everywhere(noise)), source_type=STUDIO)
    assert not encoded.is_allowed
    assert encoded.loss is not None
    assert not encoded.loss.within(WEB_LOSS)
    calm = woven(side=1080, strength=6)
    assert len(encode_web(Picture(calm, everywhere(calm)), source_type=STUDIO).file) <= WEB_BYTES


def test_renditions_tell_what_they_lost() -> None:
    """Main and web are measured against the picture before; a list's thumbnail is not."""
    pixels = woven(side=1200, strength=8)
    main, web, thumbnail = render_scene(pixels, source_type=STUDIO, core=everywhere(pixels))
    decoded = np.asarray(Image.open(io.BytesIO(main.file)).convert("RGB"))
    assert main.loss == encoding_loss(decoded, pixels, core=everywhere(pixels))
    assert web.loss is not None
    assert web.loss.within(WEB_LOSS)
    assert thumbnail.loss is None


def test_without_a_product_nothing_is_measured() -> None:
    """A core of nothing is no reason to fail."""
    pixels = woven(side=100)
    for rendition in render_scene(pixels, source_type=STUDIO, core=np.zeros((100, 100), dtype=bool)):
        assert rendition.loss is None
