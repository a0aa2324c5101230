"""What a correction is judged by: the photo small and in linear light, its product, its backdrop."""

from dataclasses import dataclass

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes, Flags, Floats
from packshot.imaging.backdrop import fit_backdrop, shrink
from packshot.imaging.colour import lab_from_srgb, linear_from_srgb

_SIDE = 400
_PRODUCT, _BACKDROP = 250, 5
_FEWEST = 64
_CLIPPED = 252
_DARKEST = 12
_PLAIN_SPREAD = 2.0
_PLAIN_SHARE = 0.55
_WHITE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Sight:
    """A photo at 400 px at most.

    `linear` is (h, w, 3); `product` and `backdrop` are what is surely one or the other, `usable` what is
    neither clipped nor lost in the dark, `half_clipped` what has one channel clipped and two that are not,
    all (h, w). `plain` says that the backdrop is one surface whose
    colour changes slowly.
    """

    pixels: Bytes
    linear: Floats
    product: Flags
    backdrop: Flags
    usable: Flags
    half_clipped: Flags
    plain: bool

    @property
    def has_product(self) -> bool:
        """There is enough product to judge by."""
        return int(self.product.sum()) >= _FEWEST

    @property
    def has_backdrop(self) -> bool:
        """There is enough backdrop to judge by."""
        return int(self.backdrop.sum()) >= _FEWEST

    @property
    def regions(self) -> tuple[Flags, ...]:
        """Product and backdrop apart, so that the share of each in the frame counts for nothing."""
        return (self.product, self.backdrop) if self.has_backdrop else (self.product,)

    def seen_through(self, gains: Floats) -> Floats:
        """Return the linear light after these gains (3,), unclipped."""
        return np.asarray(self.linear * gains, dtype=np.float32)


def look(photo: Bytes, *, matte: Bytes, backdrop_is_real: bool = True) -> Sight:
    """Look at a photo (H, W, 3) in sRGB with its matte (H, W); a transparent backdrop is not real."""
    pixels = shrink(photo, longest=_SIDE)
    alpha = cv2.resize(matte, (pixels.shape[1], pixels.shape[0]), interpolation=cv2.INTER_AREA)
    inside = cv2.erode((alpha >= _PRODUCT).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    outside = cv2.erode((alpha <= _BACKDROP).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    outside &= backdrop_is_real
    lowest, second, highest = np.sort(pixels, axis=-1).transpose(2, 0, 1)
    near_clipped = cv2.dilate((highest >= _CLIPPED).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return Sight(
        pixels=pixels,
        linear=linear_from_srgb(pixels),
        product=np.asarray(inside),
        backdrop=np.asarray(outside),
        usable=np.asarray(~near_clipped & (highest > _DARKEST)),
        half_clipped=np.asarray((highest >= _CLIPPED) & (second < _CLIPPED - 8) & (lowest > _DARKEST)),
        plain=_is_plain(pixels, where=np.asarray(outside)),
    )


def luminance(linear: Floats) -> Floats:
    """Return the luminance (…) of linear light (…, 3)."""
    return np.asarray(linear @ _WHITE, dtype=np.float32)


def _is_plain(pixels: Bytes, *, where: Flags) -> bool:
    if int(where[::3, ::3].sum()) < _FEWEST:
        return False
    # Grain is no pattern: a dark paper's would pass for one.
    smooth = np.ascontiguousarray(np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.2), dtype=np.uint8)[::3, ::3])
    model = fit_backdrop(lab_from_srgb(smooth), where=np.ascontiguousarray(where[::3, ::3]))
    return model.spread <= _PLAIN_SPREAD and model.share >= _PLAIN_SHARE
