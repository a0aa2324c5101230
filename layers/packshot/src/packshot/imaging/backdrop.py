"""The backdrop of a packshot: a colour that changes slowly over the frame, or nothing so simple."""

from dataclasses import dataclass

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes, Flags, Floats
from packshot.imaging.colour import delta_e, lab_from_srgb

_WORKING_SIDE = 384
_BORDER = 0.03
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class BackdropModel:
    """A backdrop's Lab colour as a quadratic in x and y, each in [-1, 1].

    `coefficients` is (6, 3); `spread` the median ΔE2000 of the backdrop's pixels to it; `share` how many
    of the pixels it was fitted to follow it.
    """

    coefficients: Floats
    spread: float
    share: float

    def colours(self, *, width: int, height: int) -> Floats:
        """Return the backdrop's Lab colour at each pixel, (H, W, 3)."""
        return _basis(width=width, height=height) @ self.coefficients


def fit_backdrop(lab: Floats, *, where: Flags) -> BackdropModel:
    """Fit the colour of the pixels flagged in `where` (H, W), of which some may be product or shadow.

    Least squares over those that the last round explained, starting with those near the median.
    """
    height, width = where.shape
    points, basis = lab[where], _basis(width=width, height=height)[where]
    expected = np.broadcast_to(np.median(points, axis=0), points.shape)
    coefficients = np.zeros((6, 3), dtype=np.float32)
    for _ in range(_ROUNDS):
        distance = np.linalg.norm(points - expected, axis=1)
        near = distance <= max(3.0, 3 * float(np.median(distance)))
        # A little damping keeps the curve from running away where the product hides the backdrop.
        damped = basis[near].T @ basis[near] + np.diag([0, 1, 1, 3, 3, 3]) * (0.002 * near.sum())
        coefficients = np.linalg.solve(damped, basis[near].T @ points[near]).astype(np.float32)
        expected = basis @ coefficients
    difference = delta_e(points, np.asarray(expected, dtype=np.float32))
    return BackdropModel(
        coefficients=coefficients,
        spread=float(np.median(difference)),
        share=float(np.mean(difference <= max(3.0, 3 * float(np.median(difference))))),
    )


def border(*, width: int, height: int) -> Flags:
    """Return what lies within 3 % of the shorter side of the photo's edge, (H, W)."""
    margin = max(2, round(_BORDER * min(width, height)))
    ring = np.ones((height, width), dtype=bool)
    ring[margin:-margin, margin:-margin] = False
    return ring


def shrink(pixels: Bytes, *, longest: int = _WORKING_SIDE) -> Bytes:
    """Return the image with its longest side at most `longest` pixels."""
    scale = longest / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def model_border(pixels: Bytes) -> BackdropModel:
    """Fit the backdrop to the photo's border, sRGB (H, W, 3)."""
    small = shrink(pixels)
    return fit_backdrop(lab_from_srgb(small), where=border(width=small.shape[1], height=small.shape[0]))


def _basis(*, width: int, height: int) -> Floats:
    """Return 1, x, y, x², xy, y² at each pixel's centre, (H, W, 6)."""
    x, y = np.meshgrid(
        np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    )
    return np.stack((np.ones_like(x), x, y, x * x, x * y, y * y), axis=-1)
