"""Photos made in the test: a lacquered vase on a seamless backdrop, lit from one side."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

HEIGHTS = (0.14, 0.2, 0.3, 0.44, 0.62, 0.8, 0.9, 0.94)
RADII = (0.34, 0.4, 0.36, 0.2, 0.17, 0.32, 0.36, 0.3)
"""The vase's outline, from the bottom up, as shares of its height."""


def vase(seed: int = 0, *, size: int = 1000) -> NDArray[np.uint8]:
    """Return a photo (size, size, 3) in sRGB; another seed is another colour and light."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32) / size
    glaze = np.array([rng.uniform(0.05, 0.5), rng.uniform(0.1, 0.4), rng.uniform(0.15, 0.55)], np.float32)
    backdrop = np.clip(0.86 - 0.25 * np.hypot(columns - 0.4, rows - 0.35), 0, 1)[..., None] * np.array(
        [1, 0.99, 0.97]
    )
    height, bottom = 0.72, 0.88
    up = (bottom - rows) / height
    radius = 0.5 * height * np.interp(up, HEIGHTS, RADII)
    across = (columns - 0.5) / np.maximum(radius, 1e-6)
    inside = (np.abs(across) < 1) & (up > 0.0) & (up < 0.96)
    normal = np.sqrt(np.clip(1 - across**2, 0, 1))
    light = np.clip(0.35 + 0.75 * (0.8 * normal - 0.5 * across), 0, 1.2)
    gloss = 0.55 * np.exp(-((across + 0.45) ** 2) / 0.006)
    product = np.clip(light[..., None] * glaze + gloss[..., None], 0, 1)
    foot = np.exp(-((columns - 0.55) ** 2 / 0.05 + (rows - bottom) ** 2 / 0.0011))
    shaded = backdrop * (1 - 0.45 * foot[..., None])
    alpha = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), size / 1400)[..., None]
    picture = shaded * (1 - alpha) + product * alpha
    noise = rng.normal(0, 0.006, picture.shape)
    photo: NDArray[np.uint8] = np.round(np.clip(picture + noise, 0, 1) * 255).astype(np.uint8)
    return photo


def jpeg(pixels: NDArray[np.uint8], *, quality: int = 92) -> bytes:
    """Return the pixels as a JPEG file."""
    return encoded(pixels, "JPEG", quality=quality)


def encoded(pixels: NDArray[np.uint8], kind: str, *, quality: int = 92) -> bytes:
    """Return the pixels as a file of this kind; `quality` is heeded by lossy ones."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, quality=quality)
    return file.getvalue()
