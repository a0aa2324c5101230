"""Photos so dark that a network overlooks what is in them."""

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes
from packshot.imaging.backdrop import shrink
from packshot.imaging.colour import luma

_DARK = 0.33
_LIFT = 0.5


def brighten_if_dark(photo: Bytes) -> Bytes:
    """Return an sRGB photo (H, W, 3) as a network should see it: a dark one with its shadows lifted.

    Dark is one of which nine tenths lie below a luma of 0.33, L* 35 or so: a black product before black. One
    highlight keeps a network's own scaling from brightening it. It is for looking at, never for a cutout.
    """
    if float(np.percentile(luma(shrink(photo)), 90)) >= _DARK:
        return photo
    lifted = np.rint(255 * np.linspace(0, 1, 256) ** _LIFT).astype(np.uint8)
    return np.asarray(cv2.LUT(photo, lifted), dtype=np.uint8)
