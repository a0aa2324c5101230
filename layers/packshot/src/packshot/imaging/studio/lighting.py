"""The light of a set: a softbox, what the room gives back, and what the set throws onto itself.

Irradiance is relative: 1 is what the ground gets where the product stands. It is smooth, so it is worked
out on a coarse grid and enlarged.
"""

import functools
from dataclasses import dataclass

import cv2
import numpy as np

from packshot.events import Light
from packshot.imaging.arrays import Floats, floats
from packshot.imaging.studio.sets import Gobo

_AIM = np.array([0.0, 0.25, -0.1], dtype=np.float32)
_PANEL = 4
_BEAM = 1.6
"""Width of what the gobo's picture covers, in frame widths."""


@dataclass(frozen=True, slots=True)
class Softbox:
    """A square panel of light as points (S, 3) that face along `axis` (3,)."""

    places: Floats
    axis: Floats


@dataclass(frozen=True, slots=True)
class Drum:
    """A round podium that stands in the light: its top is at y = 0."""

    radius: float
    height: float


def softbox(light: Light, *, azimuth: float, random: np.random.Generator) -> Softbox:
    """Stand the key light up: softness 0 is a bare bulb, 1 a panel as wide as the frame."""
    turn, rise = np.radians(azimuth + random.uniform(-6, 6)), np.radians(light.elevation)
    sign = 1.0 if light.side == "right" else -1.0
    toward = np.array(
        [sign * np.sin(turn) * np.cos(rise), np.sin(rise), np.cos(turn) * np.cos(rise)], dtype=np.float32
    )
    across = np.cross(toward, [0.0, 1.0, 0.0]).astype(np.float32)
    across /= np.linalg.norm(across) + 1e-6
    up = np.cross(across, toward)
    size = 0.12 + 0.95 * light.softness
    steps = ((np.arange(_PANEL) + 0.5) / _PANEL - 0.5) * size
    grid = steps[:, None, None] * across + steps[None, :, None] * up
    return Softbox(places=(_AIM + 2.3 * toward + grid.reshape(-1, 3)).astype(np.float32), axis=-toward)


def direct(places: Floats, facing: Floats, *, box: Softbox, drum: Drum | None = None) -> Floats:
    """Return what the softbox gives, 1 at the product's foot: cosines, inverse square; (rows, columns)."""
    total = np.zeros(places.shape[:2], dtype=np.float32)
    for lamp in box.places:
        ray = lamp - places
        square = np.einsum("...i,...i", ray, ray)
        incoming = np.maximum(np.einsum("...i,...i", ray, facing), 0)
        outgoing = np.maximum(-(ray @ box.axis), 0)
        part = incoming * outgoing / square**2
        total += part if drum is None else part * lit(places, lamp, drum=drum)
    return floats(total / _at_foot(box))


def _at_foot(box: Softbox) -> float:
    """Return the unscaled sum for a surface at the origin that faces half up, half to the camera."""
    facing = np.array([0, 0.8, 0.6], dtype=np.float32)
    square = np.einsum("ij,ij->i", box.places, box.places)
    incoming = np.maximum(box.places @ facing, 0)
    outgoing = np.maximum(-(box.places @ box.axis), 0)
    return float((incoming * outgoing / square**2).sum()) + 1e-6


def lit(places: Floats, lamp: Floats, *, drum: Drum) -> Floats:
    """Return 1 where the way to the lamp is free of the drum, else 0; (rows, columns)."""
    ray = lamp - places
    a = ray[..., 0] ** 2 + ray[..., 2] ** 2
    b = places[..., 0] * ray[..., 0] + places[..., 2] * ray[..., 2]
    c = places[..., 0] ** 2 + places[..., 2] ** 2 - drum.radius**2
    root = b * b - a * c
    half = np.sqrt(np.maximum(root, 0))
    enter, leave = (-b - half) / a, (-b + half) / a
    lower = places[..., 1] + np.maximum(enter, 1e-3) * ray[..., 1]
    return floats((root <= 0) | (leave <= 1e-3) | (lower >= -1e-3))


@dataclass(frozen=True, slots=True)
class Patches:
    """Matt patches: their places and normals (P, 3) and the light that each sends out (P, 3 channels)."""

    places: Floats
    facing: Floats
    power: Floats


def bounced(places: Floats, facing: Floats, *, patches: Patches) -> Floats:
    """Return what matt patches throw on places that face some way; (rows, columns, 3).

    One bounce of radiosity (Goral et al. 1984) without occlusion, which a concave set hardly has.
    """
    total = np.zeros((*places.shape[:2], 3), dtype=np.float32)
    for place, normal, light in zip(patches.places, patches.facing, patches.power, strict=True):
        ray = place - places
        # The patch has a size: right next to it the light does not grow without end.
        square = np.einsum("...i,...i", ray, ray) + 0.02
        form = np.maximum(np.einsum("...i,...i", ray, facing), 0) * np.maximum(-(ray @ normal), 0)
        total += (form / (np.pi * square**2))[..., None] * light
    return total


def beam(places: Floats, *, box: Softbox, gobo: Gobo, random: np.random.Generator) -> Floats:
    """Return how much of the key light passes the gobo, in [0, 1]; (rows, columns)."""
    toward = -box.axis
    across = np.cross([0.0, 1.0, 0.0], toward)
    across = (across / (np.linalg.norm(across) + 1e-6)).astype(np.float32)
    up = np.cross(toward, across).astype(np.float32)
    picture = _gobo(gobo)
    size = picture.shape[0]
    shift = random.uniform(-0.08, 0.08, 2).astype(np.float32)
    u = ((places @ across + shift[0]) / _BEAM + 0.5) * size
    v = (0.62 - (places @ up + shift[1]) / _BEAM) * size
    at = u.astype(np.float32), v.astype(np.float32)
    passed = cv2.remap(picture, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return floats(passed)


@functools.cache
def _gobo(gobo: Gobo) -> Floats:
    """Return the gobo's picture, blurred as a window two metres away blurs it; (256, 256)."""
    return _window() if gobo == "window" else _leaves()


def _window() -> Floats:
    """Draw a window of two by three panes."""
    picture = np.zeros((256, 256), dtype=np.float32)
    for column in range(2):
        for row in range(3):
            left, top = 62 + column * 69, 30 + row * 69
            picture[top : top + 62, left : left + 62] = 1
    return floats(cv2.GaussianBlur(picture, (0, 0), 5))


def _leaves() -> Floats:
    """Draw two palm fronds that hang into the light."""
    picture = np.ones((256, 256), dtype=np.float32)
    for root, lean, length in (((210, -20), 2.2, 210), ((262, 70), 2.75, 180)):
        _draw_frond(picture, root=root, lean=lean, length=length)
    return floats(cv2.GaussianBlur(picture, (0, 0), 3.5))


def _draw_frond(picture: Floats, *, root: tuple[int, int], lean: float, length: int) -> None:
    """Draw leaflets in pairs along a stem that bends under its weight."""
    for step in np.linspace(0.1, 1, 22):
        bend = lean - 0.5 * step**2
        stem = np.array(root) + length * step * np.array([np.cos(bend), np.sin(bend)])
        reach = 0.42 * length * np.sin(np.pi * min(step * 0.8 + 0.2, 1.0)) + 8
        for side in (-1, 1):
            angle = bend + side * (1.05 - 0.45 * step)
            tip = stem + reach * np.array([np.cos(angle), np.sin(angle)])
            middle = (stem + tip) / 2
            axes = (max(int(reach / 2), 1), max(int(reach / 18), 1))
            cv2.ellipse(
                picture,
                (int(middle[0]), int(middle[1])),
                axes,
                np.degrees(angle),
                0,
                360,
                0.0,
                -1,
                cv2.LINE_AA,
            )
