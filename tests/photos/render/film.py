"""What a camera makes of the light: lens, sensor, tone curve, file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from layers.sets.render.mesh import Floats


@dataclass(frozen=True, slots=True)
class Development:
    """How a camera developed the picture.

    exposure in stops; white_balance are gains of red, green and blue that the camera got wrong; contrast is
    the slope at middle grey; noise is the deviation at middle grey in sRGB; vignette the loss in the corners.
    """

    exposure: float = 0.0
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.12
    saturation: float = 1.05
    noise: float = 0.008
    vignette: float = 0.10
    bloom: float = 0.02
    seed: int = 1


LENS_BLUR = 0.55
"""Deviation of the lens's point spread in pixels; picture and matte share it."""


def blurred(pixels: Floats, *, deviation: float) -> Floats:
    """Return H×W[×C] convolved with a Gaussian of `deviation` pixels."""
    from scipy.ndimage import gaussian_filter

    sigma = (deviation, deviation, 0)[: pixels.ndim]
    return np.asarray(gaussian_filter(pixels, sigma, mode="nearest", truncate=3.0), np.float32)


def develop(radiance: Floats, *, development: Development) -> Floats:
    """Turn linear radiance H×W×3 into sRGB [0, 1] as a small camera would."""
    scene = _fringed(blurred(np.maximum(radiance, 0), deviation=LENS_BLUR))
    scale = max(scene.shape) / 1600
    veil = blurred(np.minimum(scene, 8.0), deviation=24 * scale)
    scene = (1 - development.bloom) * scene + development.bloom * veil
    scene = scene * 2**development.exposure * np.array(development.white_balance, np.float32)
    scene = scene * _vignette(scene.shape[:2], loss=development.vignette)[..., None]
    scene = _noisy(scene, deviation=development.noise, seed=development.seed)
    picture = _saturated(_tone(scene, contrast=development.contrast), amount=development.saturation)
    # The halo that every phone's sharpening leaves.
    picture = picture + 0.35 * (picture - blurred(picture, deviation=1.0))
    return np.asarray(np.clip(picture, 0, 1), np.float32)


def metered(radiance: Floats, *, white: float) -> float:
    """Return the exposure, in stops, that brings the brightest twentieth of the picture to `white`."""
    luminance = radiance @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return float(np.log2(white / max(float(np.percentile(luminance, 95)), 1e-6)))


def jpeg(picture: Floats, *, limit: int = 300_000) -> bytes:
    """Encode at the best quality up to 92 that stays within `limit` bytes, at 62 if none does."""
    pixels = Image.fromarray((picture * 255 + 0.5).astype(np.uint8))
    for quality in range(92, 60, -2):
        buffer = io.BytesIO()
        pixels.save(buffer, "JPEG", quality=quality, subsampling="4:2:0", optimize=True, progressive=True)
        if buffer.tell() <= limit:
            break
    return buffer.getvalue()


def matte_png(coverage: Floats) -> bytes:
    """Encode coverage H×W, seen through the same lens as the picture, as an 8-bit grey PNG."""
    seen = blurred(coverage, deviation=LENS_BLUR)
    buffer = io.BytesIO()
    Image.fromarray((np.clip(seen, 0, 1) * 255 + 0.5).astype(np.uint8)).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _tone(linear: Floats, *, contrast: float) -> Floats:
    """Encode as sRGB, with contrast pivoted at middle grey and a shoulder instead of clipping."""
    pivot = 0.18
    steep = pivot * (np.maximum(linear, 1e-6) / pivot) ** contrast
    knee = 0.62
    over = np.maximum(steep - knee, 0)
    soft = np.where(steep > knee, knee + (1 - knee) * (1 - np.exp(-over / (1 - knee) * 0.92)), steep)
    encoded = np.where(soft <= 0.0031308, 12.92 * soft, 1.055 * np.maximum(soft, 1e-9) ** (1 / 2.4) - 0.055)
    return np.asarray(encoded, np.float32)


def _saturated(picture: Floats, *, amount: float) -> Floats:
    grey = picture @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return np.asarray(grey[..., None] + amount * (picture - grey[..., None]), np.float32)


def _noisy(linear: Floats, *, deviation: float, seed: int) -> Floats:
    """Shot noise grows with the root of light; the camera's own noise reduction has smeared it a little."""
    rng = np.random.default_rng(seed)
    luma = blurred(rng.standard_normal(linear.shape[:2]).astype(np.float32), deviation=0.6)
    chroma = blurred(rng.standard_normal(linear.shape).astype(np.float32), deviation=1.2)
    grain = luma[..., None] / luma.std() + 0.6 * chroma / chroma.std()
    # d(sRGB)/d(linear) at middle grey is about 1.1, which makes `deviation` one of sRGB.
    amount = deviation / 1.1 * np.sqrt(np.maximum(linear, 0) / 0.18 + 0.05)
    return np.asarray(np.maximum(linear + amount * grain, 0), np.float32)


def _vignette(shape: tuple[int, int], *, loss: float) -> Floats:
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    aspect = np.array(shape) / max(shape)
    radius = ((x * aspect[1]) ** 2 + (y * aspect[0]) ** 2) / (aspect**2).sum()
    return np.asarray(1 - loss * radius**1.3, np.float32)


def _fringed(linear: Floats, *, amount: float = 0.00035) -> Floats:
    """Shift red outwards and blue inwards, as cheap glass does."""
    height, width = linear.shape[:2]
    pixels = [_scaled(linear[..., 0], 1 + amount), linear[..., 1], _scaled(linear[..., 2], 1 - amount)]
    return np.stack(pixels, axis=-1).reshape(height, width, 3)


def _scaled(channel: Floats, factor: float) -> Floats:
    from scipy.ndimage import affine_transform

    centre = (np.array(channel.shape) - 1) / 2
    return np.asarray(
        affine_transform(
            channel, [1 / factor] * 2, offset=centre * (1 - 1 / factor), order=1, mode="nearest"
        ),
        np.float32,
    )
