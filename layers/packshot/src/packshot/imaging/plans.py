"""The ground from above, and how a level camera sees it. Lengths are coarse pixels at the product."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from packshot.imaging.arrays import Floats, floats
from packshot.imaging.bodies import Body

SQUEEZE = 4.0
"""Pixels of depth in a row of a plan: a camera near the ground sees it foreshortened even more."""
_NEAREST_HORIZON = 0.3
"""Share of the eye's height below the horizon from which the ground is out of reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a level camera sees the ground.

    `distance` from the camera to the foot; `horizon` and `foot` are rows, `centre` the column of the lens;
    `far` is the row in which the ground ends, `wall` the one in which an upright plane meets it, if any.
    """

    distance: float
    horizon: float
    foot: float
    centre: float
    far: float
    wall: float | None = None

    @property
    def tilt(self) -> float:
        """Return how much of a length away from the camera is seen as height, at the foot."""
        return (self.foot - self.horizon) / self.distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The ground from above, on a scale at which a body's own columns are the picture's.

    It has `pad` columns more on each side; row 0 is `farthest` behind the body. `level` is how far the eye is
    above the ground, on that scale.
    """

    shape: tuple[int, int]
    picture: tuple[int, int]
    pad: int
    farthest: float
    level: float
    view: View

    @classmethod
    def under(cls, body: Body, *, view: View) -> Self:
        """Return a plan of all ground around a body that the picture shows."""
        height, width = body.alpha.shape
        covered = (body.alpha > 0.5).any(axis=0)
        stands = float(body.axis[covered].mean()) if covered.any() else view.foot
        level = max(stands - view.horizon, 1.0)
        farthest = _towards(max(view.far, view.horizon + _NEAREST_HORIZON * level), view=view, level=level)
        nearest = max(_towards(height, view=view, level=level), 0)
        rows = max(int(np.ceil((nearest - farthest) / SQUEEZE)) + 2, 2)
        pad = int(np.ceil(width / 2 * max(-farthest, 0) / view.distance)) + 2
        return cls(
            shape=(rows, width + 2 * pad),
            picture=(height, width),
            pad=pad,
            farthest=farthest,
            level=level,
            view=view,
        )

    def rows_of(self, rows: Floats) -> Floats:
        """Return the plan's rows for the ground in rows of the picture, (N,)."""
        below = np.maximum(rows - self.view.horizon, _NEAREST_HORIZON * self.level)
        return floats((self.view.distance * (1 - self.level / below) - self.farthest) / SQUEEZE)

    def seen(self, plane: Floats) -> Floats:
        """Return a plane of the plan as the camera sees it, (H, W), nothing above the ground's end."""
        height, width = self.picture
        first = int(np.clip(np.floor(self.view.far), 0, height - 1))
        rows = np.arange(first, height, dtype=np.float32)
        below = np.maximum(rows - self.view.horizon, _NEAREST_HORIZON * self.level)[:, None]
        columns = np.arange(width, dtype=np.float32)[None, :] - self.view.centre
        x = floats(columns * self.level / below + self.view.centre + self.pad)
        y = floats(np.broadcast_to(self.rows_of(rows)[:, None], x.shape))
        picture = np.zeros((height, width), dtype=np.float32)
        picture[first:] = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return picture

    def behind(self, row: float) -> float:
        """Return how far behind the body the ground in a row of the picture is."""
        return -_towards(row, view=self.view, level=self.level)

    def on_wall(self, upright: Floats, *, row: float) -> Floats:
        """Return an upright plane, on the body's scale and `pad` wider, where the ground ends in a row."""
        scale = (row - self.view.horizon) / self.level
        x = self.view.centre - scale * (self.view.centre + self.pad)
        y = self.view.horizon * (1 - scale)
        shrink = np.array([[scale, 0, x], [0, scale, y]], dtype=np.float32)
        return floats(cv2.warpAffine(upright, shrink, self.picture[::-1], flags=cv2.INTER_LINEAR))


def _towards(row: float, *, view: View, level: float) -> float:
    """Return how far towards the camera the ground in a row is, from the body."""
    return view.distance * (1 - level / max(row - view.horizon, 1e-3))
