"""What a flat backdrop's colour tells of a product before it: holes, gaps, and what the views half saw."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Bytes, Flags, Floats
from packshot.imaging.backdrop import fit_backdrop
from packshot.imaging.colour import lab_from_srgb
from packshot.imaging.glass import join_parts
from packshot.imaging.islands import drop_islands
from packshot.imaging.views import View

Labels = NDArray[np.int32]

_ROWS = 120
_SMALLEST_HOLE = 1e-4
_NARROW_ENDS = 12
_LARGEST_GAP = 1e-3


def compare_with_backdrop(seen: Floats, *, small: Bytes, views: Sequence[View]) -> Floats:
    """Open what has the backdrop's colour and close what has not, where the views are not sure.

    Where all views are sure, colour says nothing: a white label is no hole, a shadow no product.
    """
    lab = lab_from_srgb(small)
    # A colour that changes slowly needs no more than a few rows and columns.
    few = slice(None, None, max(1, max(seen.shape) // _ROWS))
    model = fit_backdrop(lab[few, few], where=_surely_backdrop(seen)[few, few])
    difference = lab - model.colours(width=seen.shape[1], height=seen.shape[0])
    distance = np.linalg.norm(difference, axis=-1)
    is_backdrop = distance < max(2.0, 4 * model.spread)
    least = np.min([view.seen for view in views], axis=0)
    opened = _open_holes(seen, is_backdrop=is_backdrop, least=least)
    closed = _close_gaps(_recover_colours(opened, difference=difference), is_backdrop=is_backdrop)
    return join_parts(drop_islands(closed), distance=distance)


def _surely_backdrop(seen: Floats) -> Flags:
    backdrop = cv2.dilate(seen, np.ones((13, 13), dtype=np.uint8)) < 0.05
    # Of a product that fills the frame nothing is left: then the border has to do.
    return backdrop if backdrop.mean() > 0.01 else seen <= np.quantile(seen, 0.02)


def _open_holes(seen: Floats, *, is_backdrop: Flags, least: Floats) -> Floats:
    """Return `seen` lowered in those patches of backdrop that at least one view did not take for product.

    An enclosed patch goes as a whole once a view is sure of it. Around the product only haze goes: what
    has the backdrop's colour there may be glass.
    """
    patches = cv2.morphologyEx(is_backdrop.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), dtype=np.uint8))
    count, labels, statistics = _patches(patches > 0)
    doubt = 1 - _mean_by(labels, least, count)
    large = statistics[:, cv2.CC_STAT_AREA] >= _SMALLEST_HOLE * seen.size
    enclosed = _are_enclosed(statistics, shape=seen.shape) & large
    enclosed[0] = False
    gone = enclosed & (doubt > 0.7)
    thinned = enclosed & ((doubt > 0.5) | (_mean_by(labels, seen, count) < 0.75))
    hazy = np.clip((seen - 0.3) / 0.2, 0, 1) * seen
    lowered = np.where(thinned[labels], seen * np.clip((least - 0.5) / 0.3, 0, 1), seen)
    lowered = np.where((labels > 0) & ~enclosed[labels], hazy, lowered)
    return np.where(_grow(gone[labels], inside=is_backdrop), 0, lowered).astype(np.float32)


def _grow(patch: Flags, *, inside: Flags) -> Flags:
    """Return the patch and what of `inside` adjoins it: the narrow ends that the opening took."""
    grown = patch
    for _ in range(_NARROW_ENDS):
        grown = (cv2.dilate(grown.astype(np.uint8), np.ones((3, 3), dtype=np.uint8)) > 0) & inside
    return grown | patch


def _are_enclosed(statistics: Labels, *, shape: tuple[int, ...]) -> Flags:
    """Say of each patch whether it keeps off the photo's edge, from OpenCV's statistics."""
    left, top = statistics[:, cv2.CC_STAT_LEFT], statistics[:, cv2.CC_STAT_TOP]
    right = left + statistics[:, cv2.CC_STAT_WIDTH]
    bottom = top + statistics[:, cv2.CC_STAT_HEIGHT]
    enclosed: Flags = (left > 0) & (top > 0) & (right < shape[1]) & (bottom < shape[0])
    return enclosed


def _recover_colours(seen: Floats, *, difference: Floats) -> Floats:
    """Return `seen` raised where the colour, or more light, cannot be the backdrop's in shadow."""
    chroma = np.hypot(difference[..., 1], difference[..., 2])
    foreign = np.maximum(chroma, 1.5 * np.maximum(difference[..., 0], 0))
    raised = np.clip((foreign - 10) / 10, 0, 1) * np.clip((seen - 0.15) / 0.1, 0, 1)
    return np.asarray(seen + (1 - seen) * raised, dtype=np.float32)


def _close_gaps(seen: Floats, *, is_backdrop: Flags) -> Floats:
    """Return `seen` with those enclosed gaps filled that do not show the backdrop."""
    count, labels, statistics = _patches(seen < 0.5)
    small = statistics[:, cv2.CC_STAT_AREA] <= _LARGEST_GAP * seen.size
    chosen = (
        _are_enclosed(statistics, shape=seen.shape)
        & small
        & (_mean_by(labels, is_backdrop.astype(np.float32), count) < 0.3)
    )
    chosen[0] = False
    return np.where(chosen[labels], 1, seen).astype(np.float32)


def _patches(flags: Flags) -> tuple[int, Labels, Labels]:
    """Return the number of connected patches, each pixel's (0: none), and OpenCV's statistics of each."""
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(flags.view(np.uint8), connectivity=4)
    return count, np.asarray(labels, dtype=np.int32), np.asarray(statistics, dtype=np.int32)


def _mean_by(labels: Labels, values: Floats, count: int) -> NDArray[np.float64]:
    """Return the mean of the values under each label."""
    total = np.bincount(labels.ravel(), weights=values.ravel(), minlength=count)
    return total / np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
