"""A segmenter without a network: the product is what differs from the border's colour."""

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.colour import delta_e, lab_from_srgb

_SIDE = 320


class ColourSegmenter:
    """Sees like the shipped network does, at 320 pixels, but products before plain backdrops alone."""

    name = "colour"

    def predict(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probability of product, (H, W): 0 at the border's median colour, 1 from 12 ΔE on."""
        small = np.asarray(cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)
        border = np.concatenate((small[0], small[-1], small[:, 0], small[:, -1]))
        backdrop = lab_from_srgb(np.median(border, axis=0).astype(np.uint8))
        seen = np.clip((delta_e(lab_from_srgb(small), backdrop) - 4) / 8, 0, 1)
        size = (pixels.shape[1], pixels.shape[0])
        return np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
