"""What a camera makes of light: a shoulder, sRGB, and noise of one step instead of bands."""

import functools
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import srgb_from_linear

Exposed = NDArray[np.uint16]
"""sRGB in steps of 1/256 of an 8-bit step."""

_WHITEST = 4.0
"""Light of the strongest channel at which the film ends."""
_STEPS = 2**16 - 1
_KNEE = 0.74
"""Light up to which a colour comes out as it is; from here on highlights are rolled off."""
_NOISE = 256
"""Side of the tile of noise."""


def expose(light: Sequence[Floats]) -> Exposed:
    """Return what film sees of linear light, three channels (H, W), as (H, W, 3).

    Highlights are rolled off by their strongest channel, so that a bright wall keeps its hue.
    """
    red, green, blue = light
    strongest = cv2.max(cv2.max(red, green), blue)
    # A weighted sum with nothing: OpenCV's quickest way to scaled, saturated whole numbers.
    steps = cv2.addWeighted(strongest, _STEPS / _WHITEST, strongest, 0, 0, dtype=cv2.CV_16U)
    passed = cv2.LUT(np.asarray(steps), _shoulder())
    channels = [cv2.multiply(each, passed, scale=_STEPS, dtype=cv2.CV_16U) for each in light]
    return np.asarray(cv2.LUT(cv2.merge(channels), _curve()), dtype=np.uint16)


def printed(light: Floats, *, seed: int) -> Bytes:
    """Return linear light (H, W, 3) in [0, 1] as 8-bit sRGB, without a shoulder, rounded at random."""
    steps = cv2.addWeighted(light, _STEPS, light, 0, 0, dtype=cv2.CV_16U)
    return dithered(np.asarray(cv2.LUT(np.asarray(steps), _curve()), dtype=np.uint16), seed=seed)


def dithered(exposed: Exposed, *, seed: int) -> Bytes:
    """Return (H, W, 3) in 8 bits, rounded at random: triangular noise of one step, alike in all channels."""
    height, width = exposed.shape[:2]
    noise = np.tile(_noise(seed), (-(-height // _NOISE), -(-width // _NOISE)))[:height, :width]
    noisy = cv2.add(exposed, cv2.merge([noise] * 3))
    # The curve ends half a noise below: so the sum's high byte is the rounded value. Black and white stay.
    return np.ascontiguousarray(np.asarray(noisy, dtype="<u2").view(np.uint8)[..., 1::2])


@functools.cache
def _shoulder() -> Floats:
    """Return the share of light that film keeps, for steps of light from 0 to _WHITEST."""
    light = np.linspace(0, _WHITEST, _STEPS + 1, dtype=np.float32)
    over = np.maximum(light - _KNEE, 0) / (1 - _KNEE)
    kept = _KNEE + (1 - _KNEE) * over / (1 + over)
    return floats(np.where(light <= _KNEE, 1, kept / np.maximum(light, _KNEE)))


@functools.cache
def _curve() -> Exposed:
    """Return sRGB for steps of light from 0 to 1."""
    encoded = srgb_from_linear(np.linspace(0, 1, _STEPS + 1, dtype=np.float32))
    return np.rint(np.maximum(encoded * 255 * 256 - 127, 0)).astype(np.uint16)


@functools.lru_cache(maxsize=8)
def _noise(seed: int) -> Exposed:
    """Return a tile of triangular noise over two steps, (N, N)."""
    random = np.random.default_rng(seed)
    one, other = random.integers(0, 256, (2, _NOISE, _NOISE), dtype=np.uint16)
    noise: Exposed = one + other
    return noise
