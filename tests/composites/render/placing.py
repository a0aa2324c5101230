"""Stand a product on the origin so that the studio would have placed it on the same pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from layers.sets.render.design import View
    from layers.sets.render.mesh import Floats
    from tests.photos.render.ware import Ware

_ROUNDS = 24


@dataclass(frozen=True, slots=True)
class Outline:
    """Where a product is seen, as shares of the square frame."""

    left: float
    top: float
    right: float
    bottom: float


def placed(ware: Ware, *, view: View, fill: float, turn: float = 0.0) -> Ware:
    """Turn a product, scale it to `fill` and move it until it is seen centred, its foot on the floor's row.

    It only moves on the ground: what stands nearer is seen lower.
    """
    meshes = [piece.mesh.turned(turn) for piece in ware]
    corners = np.concatenate([mesh.vertices for mesh in meshes])
    low, high = corners.min(axis=0), corners.max(axis=0)
    foot = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]], np.float32)
    scale, place = 1.0, np.zeros(3, np.float32)
    for _ in range(_ROUNDS):
        seen = outline((corners - foot) * np.float32(scale) + place, view=view)
        scale *= fill / max(seen.right - seen.left, seen.bottom - seen.top)
        place[0] += (0.5 - (seen.left + seen.right) / 2) * view.frame
        place[1] += (seen.bottom - view.floor) * view.frame * view.distance / view.height
    stood = (replace(mesh, vertices=(mesh.vertices - foot) * np.float32(scale) + place) for mesh in meshes)
    return tuple(replace(piece, mesh=mesh) for piece, mesh in zip(ware, stood, strict=True))


def outline(points: Floats, *, view: View) -> Outline:
    """Return where a level, shifted lens shows points N×3 in metres (y away from the camera, z up)."""
    across, away, up = points.T
    size = view.distance / (view.distance * view.frame + away)
    columns = 0.5 + across * size
    rows = view.floor - view.height + (view.height * view.frame - up) * size
    return Outline(float(columns.min()), float(rows.min()), float(columns.max()), float(rows.max()))
