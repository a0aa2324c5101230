"""What a camera makes of light: shoulder, vignette, sRGB, and grain instead of bands."""

import functools

import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import srgb_from_linear

_WHITEST = 2.0
"""Light at which the exposure curve ends."""
_STEPS = 2**16 - 1
_KNEE = 0.72
"""Light from which on highlights are rolled off."""
_VIGNETTE = 0.045
_GRAIN = 256
"""Side of the tile of grain."""


def expose(frame: Floats, *, seed: int) -> Bytes:
    """Return linear light (H, W, 3) as sRGB, dithered with triangular noise of one step; `frame` is spent."""
    height, width = frame.shape[:2]
    frame *= _vignette(height, width)[..., None]
    frame *= np.float32(_STEPS / _WHITEST)
    steps = np.clip(frame, 0, _STEPS, out=frame).astype(np.uint16)
    encoded = _curve()[steps].astype(np.int32)
    encoded += _grain(height, width, seed=seed)[..., None]
    encoded >>= 8
    return np.clip(encoded, 0, 255).astype(np.uint8)


@functools.cache
def _curve() -> NDArray[np.uint16]:
    """Return light in [0, _WHITEST] as sRGB in 1/256 steps; straight up to the knee, then a soft shoulder."""
    light = np.linspace(0, _WHITEST, _STEPS + 1, dtype=np.float32)
    soft = _KNEE + (1 - _KNEE) * np.tanh((light - _KNEE) / (1 - _KNEE))
    curve = np.where(light < _KNEE, light, soft).astype(np.float32)
    return np.rint(srgb_from_linear(curve) * 255 * 256).astype(np.uint16)


def _grain(height: int, width: int, *, seed: int) -> NDArray[np.int32]:
    """Return triangular noise in 1/256 steps around half a step, (H, W)."""
    random = np.random.default_rng(seed + 29)
    noise = random.integers(0, 256, (2, _GRAIN, _GRAIN), dtype=np.int32).sum(axis=0) - 127
    return np.tile(noise, (-(-height // _GRAIN), -(-width // _GRAIN)))[:height, :width].astype(np.int32)


def _vignette(height: int, width: int) -> Floats:
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * (height / max(height, width))
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * (width / max(height, width))
    return floats(1 - _VIGNETTE * (x * x + y * y) ** 1.5)
