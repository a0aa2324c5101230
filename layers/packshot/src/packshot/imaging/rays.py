"""Where light comes from, as a bundle of rays: enough of them make a soft shadow out of hard ones.

Unit vectors point to the light: x to the right, y up, z to the camera.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]

_FAR = 1e9
_PANEL_AWAY, _SUN_AWAY = 4.0, 14.0
"""Frame widths from the foot to a set's lights."""
_HARD = 0.1
"""Softness below which a light is a sun."""
_VIGNETTE = 0.35
"""A softbox is darker at its rim by this share."""
_ACROSS, _ACROSS_WINDOW, _ACROSS_SUN = 7, 5, 3
"""Rays over a light's width; their number grows with its square."""
_SMALL = 0.04
"""Softness below which a light is the sun itself, and not the sky in a window."""
_RISES, _TURNS = 6, 9
"""Rays of the sky: rings above one another, and rays in each."""


@dataclass(frozen=True, slots=True)
class Rays:
    """Directions to the light, (N, 3), and how far away it is in frame widths."""

    directions: Vectors
    strengths: Vectors
    away: float = _FAR

    @property
    def is_hard(self) -> bool:
        """Say whether these are a sun's, whose shadows have edges."""
        return self.away == _SUN_AWAY


def towards(*, azimuth: float, elevation: float) -> Vectors:
    """Return a direction from degrees to the right of the camera's axis and above the ground, (3,)."""
    turn, rise = np.radians(azimuth), np.radians(elevation)
    return np.array([np.sin(turn) * np.cos(rise), np.sin(rise), np.cos(turn) * np.cos(rise)])


def key_rays(*, azimuth: float, elevation: float, softness: float) -> Rays:
    """Return the rays of a square light that faces the foot; its edge is `softness` times its distance."""
    to_light = towards(azimuth=azimuth, elevation=elevation)
    across = np.cross([0.0, 1.0, 0.0], to_light)
    across /= max(float(np.linalg.norm(across)), 1e-6)
    up = np.cross(to_light, across)
    is_hard = softness < _HARD
    count = _ACROSS_SUN if softness < _SMALL else _ACROSS_WINDOW if is_hard else _ACROSS
    steps = (np.arange(count) + 0.5) / count * 2 - 1
    right, high = (grid.ravel() for grid in np.meshgrid(steps, steps))
    spread = softness / 2
    directions = to_light + spread * (right[:, None] * across + high[:, None] * up)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    face = 1.0 - (0 if is_hard else _VIGNETTE) * np.clip(right**2 + high**2, 0, 1.6) / 1.6
    return Rays(directions, face, _SUN_AWAY if is_hard else _PANEL_AWAY)


@functools.cache
def sky_rays() -> Rays:
    """Return rays from all of a studio: a bright ceiling, dimmer walls; each is as much of the sky."""
    # Equal steps of the sine: equal solid angles; each ring is turned, so that no two rays fall in line.
    rises = (np.arange(_RISES) + 0.5) / _RISES
    directions, strengths = [], []
    for ring, rise in enumerate(rises):
        level = np.sqrt(1 - rise**2)
        tone = 0.55 + 0.45 * np.tanh((np.degrees(np.arcsin(rise)) - 12) / 22)
        for turn in (np.arange(_TURNS) + (ring * 0.382) % 1) / _TURNS * 2 * np.pi:
            directions.append((level * np.sin(turn), rise, level * np.cos(turn)))
            strengths.append(tone)
    return Rays(np.array(directions), np.array(strengths))
