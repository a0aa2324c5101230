"""Let a rough mask take its edges from the photo."""

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes, Floats


def guide(mask: Floats, *, pixels: Bytes, photo: Bytes, radius: int, epsilon: float) -> Floats:
    """Return `mask` (h, w) at the photo's size (H, W), following the photo's edges; a little outside [0, 1].

    Colour guided filter: He, Sun, Tang (2013), in the fast form of He and Sun (2015), arXiv 1505.00996:
    the coefficients come from `pixels`, the photo at the mask's size, and are applied at full size.
    `radius` is in pixels of the mask, `epsilon` the variance of colour (in [0, 1]) that counts as flat.
    """
    small = np.divide(pixels, 255, dtype=np.float32)
    coefficients = _coefficients(small, mask, radius=radius, epsilon=epsilon)
    size = (photo.shape[1], photo.shape[0])
    slopes, offset = (cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in coefficients)
    weighted = np.einsum("hwc,hwc->hw", slopes, np.divide(photo, 255, dtype=np.float32))
    followed: Floats = weighted + offset
    return followed


def _coefficients(image: Floats, mask: Floats, *, radius: int, epsilon: float) -> tuple[Floats, Floats]:
    """Return slopes (h, w, 3) and offset (h, w) of the local linear model mask = slopes · colour + offset."""
    mean_image, mean_mask = _mean(image, radius), _mean(mask, radius)
    covariance = _mean(image * mask[..., None], radius) - mean_image * mean_mask[..., None]
    slopes = _solve(_spread(image, mean_image, radius=radius, epsilon=epsilon), covariance)
    offset = mean_mask - np.einsum("hwc,hwc->hw", slopes, mean_image)
    return _mean(slopes, radius), _mean(offset, radius)


def _spread(image: Floats, mean: Floats, *, radius: int, epsilon: float) -> Floats:
    """Return the six different entries rr, rg, rb, gg, gb, bb of the colours' covariance, (h, w, 6)."""
    first, second = (0, 0, 0, 1, 1, 2), (0, 1, 2, 1, 2, 2)
    products = _mean(image[..., first] * image[..., second], radius)
    diagonal = np.array([1, 0, 0, 1, 0, 1], dtype=np.float32) * np.float32(epsilon)
    spread: Floats = products - mean[..., first] * mean[..., second] + diagonal
    return spread


def _solve(matrix: Floats, vector: Floats) -> Floats:
    """Return the solutions of symmetric 3 × 3 systems, (h, w, 3), by the adjugate."""
    # In float32 the determinant of a flat patch, near epsilon cubed, drowns in rounding.
    rr, rg, rb, gg, gb, bb = np.moveaxis(matrix.astype(np.float64), -1, 0)
    r, g, b = np.moveaxis(vector, -1, 0)
    c_rr, c_rg, c_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c_gg, c_gb, c_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    determinant = rr * c_rr + rg * c_rg + rb * c_rb
    solved = (
        c_rr * r + c_rg * g + c_rb * b,
        c_rg * r + c_gg * g + c_gb * b,
        c_rb * r + c_gb * g + c_bb * b,
    )
    solution: Floats = (np.stack(solved, axis=-1) / determinant[..., None]).astype(np.float32)
    return solution


def _mean(values: Floats, radius: int) -> Floats:
    window = (2 * radius + 1, 2 * radius + 1)
    mean = cv2.blur(np.ascontiguousarray(values), window, borderType=cv2.BORDER_REFLECT)
    return np.asarray(mean, dtype=np.float32)
