"""Specks that a network saw apart from the product."""

import cv2
import numpy as np

from packshot.imaging.arrays import Floats

_SMALLEST = 0.01
_BRIDGE = 9


def drop_islands(seen: Floats) -> Floats:
    """Return `seen` without what lies apart from the product and is less than 1 % of it."""
    land = cv2.dilate((seen > 0.1).astype(np.uint8), np.ones((_BRIDGE,) * 2, dtype=np.uint8))
    count, labels, _, _ = cv2.connectedComponentsWithStats(land, connectivity=8)
    mass = np.bincount(labels.ravel(), weights=seen.ravel(), minlength=count)
    mass[0] = 0
    return np.where((mass >= _SMALLEST * mass.max())[labels], seen, 0).astype(np.float32)
