"""What a network saw apart from the product: specks, and its neighbours."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Bytes, Flags, Floats, floats
from packshot.imaging.colour import colour_overlap
from packshot.imaging.views import View

_SMALLEST = 0.01
_BRIDGE = 9
_PART = 0.3
_RIM = 5
_OVERLOOKED = 0.3
_FOREIGN = 0.3


def drop_islands(seen: Floats) -> Floats:
    """Return `seen` without what lies apart from the product and is less than 1 % of it."""
    labels, mass = _measure(seen > 0.1, seen=seen, bridge=_BRIDGE)
    return np.where((mass >= _SMALLEST * mass.max())[labels], seen, 0).astype(np.float32)


def drop_neighbours(seen: Floats, *, small: Bytes, views: Sequence[View]) -> Floats:
    """Return `seen` (h, w) without parts apart that a view overlooked and that do not seem to belong.

    Those have hardly a colour of the largest part, or most views overlooked them at the photo's edge. The
    second shoe of a pair stays, even where only one view saw it.
    """
    labels, mass = _measure(seen > _PART, seen=seen, bridge=_RIM)
    main, kept = int(mass.argmax()), seen
    for label in np.flatnonzero(mass >= _SMALLEST * mass.max()):
        part = (labels == label) & (seen > _PART)
        if label != main and _is_neighbour(
            part, main=(labels == main) & (seen > _PART), small=small, views=views
        ):
            around = cv2.dilate(part.astype(np.uint8), np.ones((2 * _RIM + 1,) * 2, dtype=np.uint8)) > 0
            kept = np.where(around & ((labels == label) | (labels == 0)), 0, kept)
    return floats(kept)


def _is_neighbour(part: Flags, *, main: Flags, small: Bytes, views: Sequence[View]) -> bool:
    noticed = [float(view.seen[part].mean()) for view in views]
    if min(noticed) >= _OVERLOOKED:
        return False
    if _meets_edge(part) and float(np.median(noticed)) < _OVERLOOKED:
        return True
    return colour_overlap(small, one=part, other=main) < _FOREIGN


def _meets_edge(part: Flags) -> bool:
    return bool(part[0].any() or part[-1].any() or part[:, 0].any() or part[:, -1].any())


def _measure(land: Flags, *, seen: Floats, bridge: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return each pixel's part (0: none), parts less than `bridge` pixels apart being one, and their mass."""
    joined = cv2.dilate(land.astype(np.uint8), np.ones((bridge, bridge), dtype=np.uint8))
    count, labels, _, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    mass = np.bincount(labels.ravel(), weights=seen.ravel(), minlength=count)
    mass[0] = 0
    return np.asarray(labels, dtype=np.int32), mass.astype(np.float64)
