"""Let a rough mask take its edges from the photo."""

from dataclasses import dataclass

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes, Floats, floats

_ONES = np.ones((1, 3), dtype=np.float32)


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
    return floats(_sum(np.multiply(slopes, photo, dtype=np.float32)) / 255 + offset)


def _coefficients(image: Floats, mask: Floats, *, radius: int, epsilon: float) -> tuple[Floats, Floats]:
    """Return slopes (h, w, 3) and offset (h, w) of the local linear model mask = slopes · colour + offset."""
    red, green, blue = _planes(image)
    means, mean = _mean(image, radius), _mean(mask, radius)
    mean_red, mean_green, mean_blue = _planes(means)

    def covariance(one: Floats, other: Floats, *, means: Floats) -> Floats:
        return _mean(one * other, radius) - means

    spread = _Symmetric(
        rr=covariance(red, red, means=mean_red * mean_red - epsilon),
        rg=covariance(red, green, means=mean_red * mean_green),
        rb=covariance(red, blue, means=mean_red * mean_blue),
        gg=covariance(green, green, means=mean_green * mean_green - epsilon),
        gb=covariance(green, blue, means=mean_green * mean_blue),
        bb=covariance(blue, blue, means=mean_blue * mean_blue - epsilon),
    )
    slopes = spread.solve(_mean(image * mask[..., None], radius) - means * mean[..., None])
    return _mean(slopes, radius), _mean(mean - _sum(slopes * means), radius)


@dataclass(frozen=True, slots=True)
class _Symmetric:
    """A symmetric 3 × 3 matrix at each pixel, entry by entry, each (h, w)."""

    rr: Floats
    rg: Floats
    rb: Floats
    gg: Floats
    gb: Floats
    bb: Floats

    def solve(self, vector: Floats) -> Floats:
        """Return the solutions for (h, w, 3) by the adjugate; float32 will do down to an epsilon of 1e-4."""
        r, g, b = _planes(vector)
        c_rr, c_gg = self.gg * self.bb - self.gb * self.gb, self.rr * self.bb - self.rb * self.rb
        c_bb, c_rg = self.rr * self.gg - self.rg * self.rg, self.gb * self.rb - self.rg * self.bb
        c_rb, c_gb = self.rg * self.gb - self.gg * self.rb, self.rb * self.rg - self.rr * self.gb
        inverse = 1 / (self.rr * c_rr + self.rg * c_rg + self.rb * c_rb)
        return floats(
            cv2.merge(
                (
                    (c_rr * r + c_rg * g + c_rb * b) * inverse,
                    (c_rg * r + c_gg * g + c_gb * b) * inverse,
                    (c_rb * r + c_gb * g + c_bb * b) * inverse,
                )
            )
        )


def _mean(values: Floats, radius: int) -> Floats:
    window = (2 * radius + 1, 2 * radius + 1)
    return floats(cv2.blur(np.ascontiguousarray(values), window, borderType=cv2.BORDER_REFLECT))


def _planes(image: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the three channels, each (h, w) and contiguous."""
    first, second, third = (floats(plane) for plane in cv2.split(image))
    return first, second, third


def _sum(image: Floats) -> Floats:
    """Return the sum of the channels, (h, w)."""
    return floats(cv2.transform(image, _ONES)).reshape(image.shape[:2])
