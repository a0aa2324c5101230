"""How crisp a photo's edges are, and capture sharpening."""

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import luma

_AGAIN = 1.0
_STRONGEST = 0.8
_FEWEST = 48
# Variance of the blur that is in the Sobel kernel itself.
_SOBEL = 0.56
_FAINTEST = 0.02


def measure_blur(photo: Bytes, *, inside: Bytes) -> float:
    """Return the deviation in pixels of the blur of the strongest edges; 0 if there are no edges.

    Zhuo and Sim 2011 (Pattern Recognition 44(9)): blurred once more by a known amount, an edge's gradient
    falls by a ratio that its first blur decides.
    """
    grey = luma(photo)
    before, after = _gradient(grey), _gradient(floats(cv2.GaussianBlur(grey, (0, 0), _AGAIN)))
    where = inside > 0
    if not where.any():
        return 0.0
    # The middle of an edge alone: its flanks lose less.
    ridge = (
        where & (before >= np.asarray(cv2.dilate(before, np.ones((3, 3), np.uint8)))) & (before > _FAINTEST)
    )
    if ridge.sum() < _FEWEST:
        return 0.0
    strong = ridge & (before >= float(np.quantile(before[ridge], _STRONGEST)))
    ratio = float(np.median(before[strong] / np.maximum(after[strong], 1e-6)))
    whole = _AGAIN**2 / max(ratio * ratio - 1, 0.04)
    return float(np.sqrt(max(whole - _SOBEL, 0.0)))


def sharpen(photo: Bytes, *, deviation: float, amount: float) -> Bytes:
    """Add what a blur of this deviation would take away, to all channels by the luma's share alone.

    Colours keep their hue, and halos are held to what the neighbourhood already shows.
    """
    if amount <= 0:
        return photo
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    change = amount * (grey - cv2.GaussianBlur(grey, (0, 0), deviation))
    around = np.ones((5, 5), np.uint8)
    low, high = cv2.erode(grey, around) - grey, cv2.dilate(grey, around) - grey
    held = np.clip(change, low - 2, high + 2)
    return np.asarray(cv2.add(photo, cv2.merge([held] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


def _gradient(grey: Floats) -> Floats:
    across, down = (
        cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125),
        cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125),
    )
    return floats(cv2.magnitude(across, down))
