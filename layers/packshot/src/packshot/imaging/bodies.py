"""The body behind a matte, as a pile of thin slices: what throws a shadow.

From one picture its depth is a guess: across, it is as deep as it is wide, but nowhere deeper than the
largest circle in its outline (after Igarashi et al. 1999, "Teddy"). Lengths are pixels at its distance.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Bytes, Flags, Floats, floats

_STEEPEST = 0.42
"""Slope, in the photo, up to which a lower contour is taken to stand on the ground (a box seen over its
corner); steeper ones (the side of a bowl) hang over it."""
_HIGHEST_FOOT = 0.3
"""Share of the height up to which a contour can be the foot of a leg that stands further back."""
_NARROW, _LONG = 0.16, 0.1
"""Of the height: a leg is at most so wide, and sticks out at least so far."""
_BESIDE, _TURN = 4, 0.5
"""Columns between feet from which on these stand apart, and the share of that gap in which depth changes."""
_TOUCHING = 1.5
"""Pixels between contour and foot line up to which a column stands on the ground."""
_JUST_ABOVE = 0.06
"""Share of the height over the contour at which a foot's width is taken: at the contour it is rounded off."""
_THINNEST = 0.6
"""Half depth, in rows of a plan, of what is thinner: a wire throws a shadow too."""
_ANGULAR = 0.004
"""What is left of two straight lines through a foot's contour, of its length, up to which it is a box's:
0.001 to 0.003 for boxes and bags, 0.008 to 0.012 for what is round and for soles."""
_FEWEST, _SHORTEST = 24, 8
"""Columns of a foot, and of one side of it, from which on a line means something."""
_RELIEF_SLICES = 14

Columns = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Slice:
    """What a body covers, 0 to 255 (h, w), at a `height` over what it stands on or lies before."""

    height: float
    cover: Bytes
    top: int
    left: int


@dataclass(frozen=True, slots=True)
class Body:
    """A standing body: its alpha (H, W), half of how deep it is (H, W), and where its columns stand.

    `axis` (W,) is the row of the ground right under the middle of each column's depth.
    """

    alpha: Floats
    depth: Floats
    axis: Floats

    @property
    def height(self) -> float:
        """Return how far the highest part is over the ground, at least 2."""
        return max(float(self.axis.max()) - _top(np.asarray(self.alpha > 0.5)), 2.0)


def foot_line(alpha: Floats) -> Floats:
    """Return the row on which each column meets the ground, (W,); rows grow downwards.

    It is the lowest line over the matte's lower contour that nowhere falls or rises too steeply; each leg
    that stands further back has a piece of its own.
    """
    solid = alpha > 0.5
    lowest = _lowest(alpha)
    if not np.isfinite(lowest).any():
        return np.full(alpha.shape[1], alpha.shape[0] - 1, dtype=np.float32)
    line = _envelope(lowest)
    deepest, top = float(line.max()), _top(solid)
    highest = deepest - _HIGHEST_FOOT * (deepest - top)
    for leg in _legs(lowest, top=top, deepest=deepest):
        if lowest[leg].max() > highest:
            line[leg] = _envelope(lowest[leg])
    return floats(np.maximum(line, highest))


def _envelope(lowest: Floats) -> Floats:
    """Return the lowest line over a contour (W,) that is nowhere too steep to stand on the ground."""
    slope = _STEEPEST * np.arange(len(lowest), dtype=np.float32)
    from_left = np.maximum.accumulate(lowest + slope) - slope
    from_right = (np.maximum.accumulate((lowest + slope[::-1])[::-1]) - slope)[::-1]
    return floats(np.maximum(from_left, from_right))


def _legs(lowest: Floats, *, top: int, deepest: float) -> list[Columns]:
    """Return the columns of what sticks out of a contour (W,) downwards, narrow and long."""
    tall = deepest - top
    contour = np.where(np.isfinite(lowest), lowest, top).astype(np.float32)
    widest = 2 * int(_NARROW * tall / 2) + 1
    without = cv2.morphologyEx(contour[None], cv2.MORPH_OPEN, np.ones((1, widest), np.uint8))
    return _runs(np.flatnonzero(contour - floats(without)[0] > _LONG * tall))


def contact_line(alpha: Floats) -> Floats:
    """Return the foot line (W,) where a product really touches it, and between and beside its feet theirs."""
    line = foot_line(alpha)
    touching = np.flatnonzero(_lowest(alpha) >= line - _TOUCHING)
    every = np.arange(len(line), dtype=np.float32)
    return floats(np.interp(every, touching, line[touching])) if len(touching) else line


def standing(alpha: Floats, *, tilt: float) -> Body:
    """Return the body of a matte (H, W) that touches the ground with its foot line.

    `tilt` is how much of a length away from the camera is seen as height.
    """
    depth = half_depth(alpha)
    return Body(alpha, depth, _axis(alpha, depth=depth, tilt=tilt))


def half_depth(alpha: Floats) -> Floats:
    """Return half of the body's depth at each pixel (H, W): half an ellipse over each run of a row.

    A handle or a strap that a row joins to a body is no deeper than it is high.
    """
    solid = alpha > 0.5
    before, after = _to_ends(solid)
    above, below = (each.T for each in _to_ends(np.ascontiguousarray(solid.T)))
    half_width = (before + after) / 2
    roundest = np.minimum(np.minimum(half_width, above + below), _largest_circle(solid))
    return floats(roundest / np.maximum(half_width, 1) * np.sqrt(before * after))


def _to_ends(solid: Flags) -> tuple[Floats, Floats]:
    """Return how far each flagged pixel is from its run's ends to the left and right, 0 elsewhere."""
    columns = np.arange(solid.shape[1], dtype=np.float32)[None, :]
    before = columns - np.maximum.accumulate(np.where(solid, -1.0, columns), axis=1)
    ends = np.where(solid, float(solid.shape[1]), columns)
    after = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1] - columns
    return floats(before), floats(after)


def plan_slices(
    body: Body, *, place: Callable[[Floats], Floats], count: int, squeeze: float
) -> Iterator[Slice]:
    """Yield a standing body's slices from the ground up as a plan shows them, further away higher up.

    `place` tells the plan's rows of ground in rows of the picture; a row of the plan holds `squeeze` pixels.
    """
    columns = np.arange(body.alpha.shape[1], dtype=np.float32)
    places, lowest = place(body.axis), _lowest(body.alpha)
    # A body that runs away from the camera has no gaps between its columns.
    half_way = floats((places[1:] + places[:-1]) / 2)
    back, front = _spanned(places, half_way)
    for height in body.height * (np.arange(count, dtype=np.float32) + 0.5) / count:
        there = floats(cv2.remap(body.alpha, columns, body.axis - height, cv2.INTER_LINEAR)).ravel()
        seen = np.flatnonzero(there > 0.02)
        if len(seen) == 0:
            continue
        part = slice(int(seen[0]), int(seen[-1]) + 1)
        deep = cv2.remap(body.depth, columns[part], body.axis[part] - height, cv2.INTER_LINEAR)
        half = np.maximum(floats(deep).ravel() / squeeze, _THINNEST)
        first = np.minimum(places[part] - half, back[part])
        # Nothing of a body is nearer than where the picture would show it below the contour.
        nearest = place(lowest[part] + height)
        last = np.minimum(np.maximum(places[part] + half, front[part]), nearest)
        top, bottom = int(np.floor(first[there[part] > 0.02].min())) - 1, int(np.ceil(last.max())) + 2
        rows = np.arange(top, bottom, dtype=np.float32)[:, None]
        inside = np.clip(np.minimum(rows - first, last - rows) + 0.5, 0, 1) * there[part]
        yield Slice(float(height), (255 * inside).astype(np.uint8), top, part.start)


def _spanned(places: Floats, half_way: Floats) -> tuple[Floats, Floats]:
    """Return the first and the last row of each column (W,) that reaches half way to its neighbours."""
    before = np.concatenate((places[:1], half_way))
    after = np.concatenate((half_way, places[-1:]))
    return floats(np.minimum(before, after)), floats(np.maximum(before, after))


def relief_slices(alpha: Floats, *, gap: float, deepest: float) -> Iterator[Slice]:
    """Yield the slices of a body that lies on a surface or hangs `gap` before it, from the back to the front.

    The body is round towards its outline and at most `deepest` thick.
    """
    thickness = _thickness(alpha)
    thickness *= min(1.0, deepest / max(float(thickness.max()), 1.0))
    front = float(thickness.max())
    for share in (np.arange(_RELIEF_SLICES) + 0.5) / _RELIEF_SLICES:
        inside = alpha * np.clip(thickness - share * front + 1, 0, 1)
        yield Slice(gap + float(share) * front, (255 * inside).astype(np.uint8), 0, 0)


def flat_slice(alpha: Floats, *, away: float) -> Slice:
    """Return a body that is thin against its distance from an upright plane behind it."""
    return Slice(away, (255 * alpha).astype(np.uint8), 0, 0)


def _axis(alpha: Floats, *, depth: Floats, tilt: float) -> Floats:
    """Return the row under the middle of each column: half a foot's depth behind the foot line.

    What hangs over the ground between two feet stands between theirs, what sticks out beside them on a level.
    """
    line, lowest = foot_line(alpha), _lowest(alpha)
    tall = max(float(line.max()) - _top(alpha > 0.5), 2.0)
    known, rows = [], []
    for foot in _runs(np.flatnonzero(lowest >= line - _TOUCHING)):
        above = np.clip(np.rint(line[foot] - _JUST_ABOVE * tall), 0, len(alpha) - 1).astype(np.intp)
        behind = tilt * depth[above, foot]
        known.append(foot)
        if _is_angular(foot, lowest[foot]):
            rows.append(line[foot] - behind)
        else:
            lean = _lean(foot, line[foot]) * (foot - foot[np.argmax(line[foot])])
            rows.append(line[foot].max() - behind.max(initial=0) + lean)
    return _between(np.concatenate(known), np.concatenate(rows), count=len(line)) if known else line


def _between(columns: Columns, rows: Floats, *, count: int) -> Floats:
    """Return rows for all columns (count,) from those of feet: near a foot its own, then the next one's.

    Legs lean, so what is beside a foot is most often the same leg, further up.
    """
    every = np.arange(count, dtype=np.float32)
    after = np.clip(np.searchsorted(columns, every), 1, max(len(columns) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(columns) - 1)
    gap = np.maximum(columns[after] - columns[before], 1)
    share = np.clip((every - columns[before]) / gap, 0, 1)
    turned = np.where(gap > _BESIDE, np.clip((share - 0.5) / _TURN + 0.5, 0, 1), share)
    return floats(rows[before] + turned * (rows[after] - rows[before]))


def _lean(foot: Columns, rows: Floats) -> float:
    """Return how steeply a foot's line runs to one side, 0 for what is round or seen from its front."""
    if len(foot) < 8:
        return 0.0
    return float(np.polyfit(foot - foot.mean(), rows, 1)[0])


def _is_angular(foot: Columns, rows: Floats) -> bool:
    """Return whether a foot's contour, (N,), is one straight line or two, as of a box over its corner."""
    if len(foot) < _FEWEST:
        return False
    ends = (
        _left_over(foot, rows)[_SHORTEST:-_SHORTEST]
        + _left_over(foot, rows, backwards=True)[_SHORTEST:-_SHORTEST]
    )
    return bool(np.sqrt(max(float(ends.min()), 0) / len(foot)) < _ANGULAR * len(foot))


def _left_over(foot: Columns, rows: Floats, *, backwards: bool = False) -> Floats:
    """Return what a straight line leaves of the contour up to each column, squares summed, (N,)."""
    x, y = foot - foot.mean(), rows - rows.mean()
    order = slice(None, None, -1 if backwards else 1)
    moments = np.cumsum(np.stack((np.ones_like(x), x, y, x * x, x * y, y * y))[:, order], axis=1)
    n, sum_x, sum_y, xx, xy, yy = moments[:, order] if backwards else moments
    slant = (xy - sum_x * sum_y / n) ** 2 / np.maximum(xx - sum_x**2 / n, 1e-9)
    return floats(yy - sum_y**2 / n - slant)


def _runs(columns: Columns) -> list[Columns]:
    """Return columns in groups that follow one another, single gaps bridged."""
    return [run for run in np.split(columns, np.flatnonzero(np.diff(columns) > 2) + 1) if run.size]


def _lowest(alpha: Floats) -> Floats:
    """Return the row of each column's lowest pixel (W,), to parts of a pixel; -inf for none."""
    rows = np.arange(len(alpha), dtype=np.float32)[:, None]
    lowest = np.where(alpha > 0.5, rows, -np.inf).max(axis=0)
    at, columns = np.maximum(lowest, 0).astype(np.intp), np.arange(alpha.shape[1])
    below = np.where(at + 1 < len(alpha), alpha[np.minimum(at + 1, len(alpha) - 1), columns], 0)
    return floats(lowest - (1 - alpha[at, columns]) + below)


def _top(solid: Flags) -> int:
    covered = np.flatnonzero(solid.any(axis=1))
    return int(covered[0]) if len(covered) else len(solid)


def _largest_circle(solid: Flags) -> float:
    padded = np.pad(solid.view(np.uint8), 1)
    return max(float(cv2.distanceTransform(padded, cv2.DIST_L2, 3).max()), 1.0)


def _thickness(alpha: Floats) -> Floats:
    """Return how thick a body is at each pixel (H, W): round across, never thicker than wide or tall."""
    padded = np.pad((alpha > 0.5).astype(np.uint8), 1)
    edge = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    radius = max(float(edge.max()), 1.0)
    return floats(2 * np.sqrt(np.maximum(edge * (2 * radius - edge), 0)))
