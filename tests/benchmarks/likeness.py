"""How like a composite is to the picture that a tracer made of the same product in the same set.

Pictures are sRGB (H, W, 3) of 8 bits; a shadow is what is left of the plate's light, linear (H, W), 1 where
nothing is lost.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Bytes, Flags, Floats, floats
from packshot.imaging.colour import delta_e, lab_from_srgb, linear_from_srgb, srgb_from_linear

SHADED = 0.97
"""Share of the plate's light below which the ground counts as shaded."""
REACH = 2
"""Pixels on both sides of the matte's partial pixels that are edge too."""

_LUMA = np.array([[0.2126, 0.7152, 0.0722]], dtype=np.float32)
_DARKEST = 1e-4
_VIEWED = 256
_WINDOW, _DEVIATION = (11, 11), 1.5
_C1, _C2 = 0.01**2, 0.03**2
_SEEN = 0.5


def edge_of(alpha: Floats) -> Flags:
    """Return the band around a matte's partial pixels, (H, W)."""
    partial = ((alpha > 0) & (alpha < 1)).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * REACH + 1,) * 2)
    return np.asarray(cv2.dilate(partial, kernel) > 0)


def differences(found: Bytes, truth: Bytes, *, where: Flags) -> Floats:
    """Return ΔE2000 of the flagged pixels, (N,)."""
    return delta_e(lab_from_srgb(found[where]), lab_from_srgb(truth[where]))


def light_left(picture: Bytes, *, plate: Bytes) -> Floats:
    """Return the luminance of a picture over that of its plate, linear, (H, W)."""
    one, other = (floats(cv2.transform(linear_from_srgb(each), _LUMA)) for each in (picture, plate))
    return floats(one / np.maximum(other, _DARKEST))


def shadow_likeness(found: Floats, truth: Floats, *, ground: Flags) -> float:
    """Return the mean SSIM of two shadows in the region that either shades; 1 if neither shades anything.

    Wang, Bovik, Sheikh, Simoncelli (2004), with its constants and its window, and reduced before, as their
    note on the viewing distance has it, to about 256 pixels. Shadows are compared as they are seen, encoded
    as sRGB; the product's pixels, which are not `ground`, weigh nothing in any window.
    """
    weight = _reduced(ground.astype(np.float32))
    linear = [
        _reduced(floats(np.where(ground, each, 0))) / np.maximum(weight, _DARKEST) for each in (found, truth)
    ]
    region = (np.minimum(*linear) < SHADED) & (weight >= _SEEN)
    if not region.any():
        return 1.0
    one, other = (srgb_from_linear(floats(np.clip(each, 0, 1))) for each in linear)
    return float(similarity(one, other, weight=weight)[region].mean())


def similarity(one: Floats, other: Floats, *, weight: Floats) -> Floats:
    """Return SSIM around each pixel of two images in [0, 1], windows weighted besides, (H, W)."""
    # Variances are small differences of large means: single precision would be seen in the result.
    x, y, share = (each.astype(np.float64) for each in (one, other, weight))
    total = np.maximum(_windowed(share), _DARKEST)

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return _windowed(values * share) / total

    mean_x, mean_y = mean(x), mean(y)
    vary_x, vary_y = mean(x * x) - mean_x**2, mean(y * y) - mean_y**2
    together = mean(x * y) - mean_x * mean_y
    light = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
    return floats(light * (2 * together + _C2) / (vary_x + vary_y + _C2))


def _windowed(image: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(image, _WINDOW, _DEVIATION, borderType=cv2.BORDER_REFLECT))


def _reduced(image: Floats) -> Floats:
    """Return means of squares of pixels, so many that the shorter side has about 256."""
    step = max(1, round(min(image.shape) / _VIEWED))
    height, width = (max(1, side // step) for side in image.shape)
    return floats(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
