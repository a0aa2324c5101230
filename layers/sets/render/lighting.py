"""Keys and fills, as neutral emitters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .design import Key
from .stage import softbox, surroundings

if TYPE_CHECKING:
    from .design import View
    from .mesh import Floats
    from .stage import Node, Point

SOFT_LEFT = Key("soft_left", azimuth=-44, elevation=38, size=0.75)
SOFT_RIGHT = Key("soft_right", azimuth=50, elevation=33, size=0.55, fill=0.40)
SUN = Key("sun", azimuth=-48, elevation=34, size=0.022, distance=14, fill=0.28)
KEYS = (SOFT_LEFT, SOFT_RIGHT, SUN)


def emitters(key: Key, *, view: View, aim: Point) -> list[Node]:
    """Return the key and the fill around it."""
    return [box(key, view=view, aim=aim), surroundings(fill(key.fill))]


def box(key: Key, *, view: View, aim: Point) -> Node:
    """Return a square light that faces `aim`, of the radiance that gives it the key's strength there."""
    away = key.distance * view.frame
    edge = key.size * away
    falloff = 0.35 if key.size > 0.1 else 0.0
    radiance = key.strength * away**2 / (edge**2 * (1 - 0.4 * falloff))
    centre = tuple(a + away * d for a, d in zip(aim, key.direction(), strict=True))
    return softbox(
        centre=(centre[0], centre[1], centre[2]),
        towards=aim,
        width=edge,
        height=edge,
        colour=(radiance,) * 3,
        falloff=falloff,
    )


def fill(level: float) -> Floats:
    """Return a studio's bright ceiling and dimmer walls by latitude and longitude; `level`: irradiance."""
    elevation = np.linspace(90, -90, 64)[:, None]
    azimuth = np.linspace(-180, 180, 128)[None]
    tone = 0.55 + 0.45 * np.tanh((elevation - 12) / 22) + 0.05 * np.cos(np.radians(azimuth))
    up = np.clip(np.sin(np.radians(elevation)), 0, 1) * np.cos(np.radians(elevation))
    given = float((tone * up).mean() / up.mean())
    return np.repeat((tone * level / np.pi / given)[..., None], 3, axis=-1).astype(np.float32)
