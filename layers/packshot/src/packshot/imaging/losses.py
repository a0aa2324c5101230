"""What encoding takes from a product: the decoded file against the picture before, inside the matte."""

from dataclasses import dataclass

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes, Flags
from packshot.imaging.colour import delta_e, lab_from_srgb
from packshot.imaging.compositing import OPAQUE, Fit

_EROSION = 3
_SAMPLES = 8_000
"""Product pixels that are compared, evenly picked; tells the mean to 0.01, the percentile to 0.1 ΔE2000."""


@dataclass(frozen=True, slots=True)
class EncodingLoss:
    """ΔE2000 of the product's pixels: their mean and their 99th percentile."""

    mean: float
    high: float

    def within(self, limit: "EncodingLoss") -> bool:
        """Say whether neither passes its limit."""
        return self.mean <= limit.mean and self.high <= limit.high


def product_core(alpha: Bytes, *, fit: Fit) -> Flags:
    """Return where a photo's opaque product (alpha: (H, W)) lands in the frame, three pixels inside."""
    put, box = fit.placement.box, fit.box
    across, down = put.width / max(box.width, 1), put.height / max(box.height, 1)
    # Pixel centres: those of the box's corner land on those of the place's corner.
    x = put.x - box.x * across + (across - 1) / 2
    y = put.y - box.y * down + (down - 1) / 2
    matrix = np.array([[across, 0, x], [0, down, y]], dtype=np.float32)
    landed = cv2.warpAffine(alpha, matrix, (fit.width, fit.height), flags=cv2.INTER_LINEAR)
    kernel = np.ones((2 * _EROSION + 1,) * 2, np.uint8)
    opaque = (np.asarray(landed) >= OPAQUE).astype(np.uint8)
    return cv2.erode(opaque, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0).astype(bool)


def shrink_core(core: Flags, *, size: tuple[int, int]) -> Flags:
    """Return where all of what became one pixel was set, at this (width, height)."""
    shrunk = cv2.resize(core.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    return np.asarray(np.asarray(shrunk) == 255, dtype=np.bool_)


def encoding_loss(decoded: Bytes, original: Bytes, *, core: Flags) -> EncodingLoss | None:
    """Compare two pictures (H, W, 3) where `core` (H, W) is set; None if that is nowhere."""
    places = np.flatnonzero(core)
    if not len(places):
        return None
    sample = places[:: -(-len(places) // _SAMPLES)]
    one, other = (lab_from_srgb(image.reshape(-1, 3)[sample]) for image in (decoded, original))
    apart = delta_e(one, other)
    return EncodingLoss(mean=float(apart.mean()), high=float(np.percentile(apart, 99)))
