"""Join what glass keeps apart: a cap and its bottle, whose neck shows the backdrop through itself."""

from dataclasses import dataclass

import cv2
import numpy as np

from packshot.imaging.arrays import Floats

_LEAST_PART = 0.04
_WIDEST_GAP = 0.15
_FACING = 0.05
_OUTLINED = 0.8
_SMOOTHING = 7
_COMMON = 0.7


@dataclass(frozen=True, slots=True)
class _Part:
    """A connected part of the product: rows `top` to `bottom`, and its facing edges' columns."""

    top: int
    bottom: int
    seen: Floats

    def columns(self, *, rows: slice) -> tuple[int, int]:
        """Return the first and the last column that the part has in these rows."""
        columns = np.flatnonzero(self.seen[rows].any(0))
        return int(columns[0]), int(columns[-1])


def join_parts(seen: Floats, *, distance: Floats) -> Floats:
    """Return the mask (h, w) with the gap between two parts, one above or beside the other, filled.

    It is filled where the photo shows an outline from one part to the other: `distance` (h, w) is the
    ΔE76 to a flat backdrop, small in clear glass but not at its sides. Two products apart have none, or
    do not stand over one another, as a cap stands over its bottle: two cups on a table are two cups.
    """
    upright = _join_stacked(seen, distance)
    return np.ascontiguousarray(_join_stacked(upright.T, distance.T).T)


def _join_stacked(seen: Floats, distance: Floats) -> Floats:
    parts = _two_parts(np.ascontiguousarray(seen))
    if parts is None:
        return seen
    upper, lower = parts
    height = lower.bottom - upper.top
    if not 0 < lower.top - upper.bottom <= _WIDEST_GAP * height:
        return seen
    reach = max(2, round(_FACING * height))
    above = upper.columns(rows=slice(upper.bottom - 3, upper.bottom + 1))
    below = lower.columns(rows=slice(lower.top, lower.top + reach))
    if not _face(above, below):
        return seen
    rows = slice(upper.bottom - 2, lower.top + 3)
    columns = slice(min(above[0], below[0]), max(above[1], below[1]) + 1)
    filled = _between_outlines(
        distance[rows, columns], narrowest=min(np.diff(above)[0], np.diff(below)[0]) / 2
    )
    joined = np.array(seen)
    joined[rows, columns] = np.maximum(joined[rows, columns], filled)
    return joined


def _face(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Say whether most of the narrower span of columns lies within the other."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    return common >= _COMMON * min(one[1] - one[0], other[1] - other[0])


def _two_parts(seen: Floats) -> "tuple[_Part, _Part] | None":
    """Return the two large parts, the upper one first; None unless there are exactly two."""
    flags = (seen > 0.5).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(flags, connectivity=8)
    areas = np.asarray(statistics)[1:, cv2.CC_STAT_AREA]
    large = np.flatnonzero(areas >= _LEAST_PART * areas.max(initial=0)) + 1
    if count < 3 or len(large) != 2:
        return None
    parts = []
    for label in large:
        top, height = statistics[label, cv2.CC_STAT_TOP], statistics[label, cv2.CC_STAT_HEIGHT]
        own = (np.asarray(labels) == label).astype(np.float32)
        parts.append(_Part(top=int(top), bottom=int(top + height) - 1, seen=own))
    first, second = sorted(parts, key=lambda part: part.top)
    return first, second


def _between_outlines(distance: Floats, *, narrowest: float) -> Floats:
    """Return 1 between the outermost traces of each row, 0 beside; 0 all over if too few rows have any."""
    traces = cv2.GaussianBlur(np.ascontiguousarray(distance), (0, 0), 1) > 2
    width = traces.shape[1]
    left = np.argmax(traces, axis=1)
    right = width - 1 - np.argmax(traces[:, ::-1], axis=1)
    outlined = traces.any(1) & (right - left >= narrowest)
    if outlined.mean() < _OUTLINED:
        return np.zeros_like(distance)
    rows = np.arange(len(left))
    left, right = (_smooth(np.interp(rows, rows[outlined], side[outlined])) for side in (left, right))
    columns = np.arange(width)
    inside = (columns >= left[:, None]) & (columns <= right[:, None])
    return inside.astype(np.float32)


def _smooth(positions: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> Floats:
    """Return the running median, which a single trace of noise does not move."""
    padded = np.pad(positions, _SMOOTHING // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _SMOOTHING)
    return np.median(windows, axis=1).astype(np.float32)
