"""Working files come back as they went in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from packshot.errors import DamagedArtifact
from packshot.imaging.encoding import decode_matte, decode_png, decode_rgb, encode_matte, encode_png

sides = st.integers(1, 40)
shapes = st.one_of(
    st.tuples(sides, sides), st.tuples(sides, sides, st.just(3)), st.tuples(sides, sides, st.just(4))
)


@settings(max_examples=60)
@given(hnp.arrays(np.uint8, shapes))
def test_every_array_survives(pixels: np.ndarray) -> None:
    """Grey, RGB and RGBA of any size, byte for byte; colour under alpha 0 too."""
    assert np.array_equal(decode_png(encode_png(pixels)), pixels)


@given(hnp.arrays(np.float32, st.tuples(sides, sides), elements=st.floats(-0.5, 1.5, width=32)))
def test_a_matte_keeps_eight_bits(alpha: np.ndarray) -> None:
    """Alpha comes back within half a step, clipped to what alpha can be."""
    back = decode_matte(encode_matte(alpha))
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, np.clip(alpha, 0, 1), atol=0.5 / 255 + 1e-6)


def test_colours_come_without_alpha() -> None:
    """Who asks for colours gets three channels, whatever is stored."""
    pixels = np.random.default_rng(0).integers(0, 256, (5, 6, 4)).astype(np.uint8)
    assert np.array_equal(decode_rgb(encode_png(pixels)), pixels[..., :3])


@pytest.mark.parametrize("file", [b"", b"no picture", encode_png(np.zeros((9, 9), np.uint8))[:40]])
def test_damaged_files_are_told(file: bytes) -> None:
    """A working file that is none is a defect with a name."""
    with pytest.raises(DamagedArtifact):
        decode_png(file)


def test_grey_is_no_colour_and_colour_no_matte() -> None:
    """Files that were mixed up do not pass."""
    with pytest.raises(DamagedArtifact):
        decode_rgb(encode_png(np.zeros((3, 3), np.uint8)))
    with pytest.raises(DamagedArtifact):
        decode_matte(encode_png(np.zeros((3, 3, 3), np.uint8)))
