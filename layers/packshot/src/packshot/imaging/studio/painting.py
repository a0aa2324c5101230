"""Colours and textures on the surfaces of a set."""

import cv2
import numpy as np

from packshot.events import Palette
from packshot.imaging.arrays import Floats, floats
from packshot.imaging.colour import linear_from_srgb, srgb_from_hex
from packshot.imaging.studio import materials
from packshot.imaging.studio.geometry import Profile, View
from packshot.imaging.studio.sets import Material, Set

_OAK = np.array([[0.52, 0.36, 0.215], [0.36, 0.21, 0.105], [0.13, 0.07, 0.038]], dtype=np.float32)
"""Reflectance of oiled pale oak, oak and smoked oak: the palette's floor picks by lightness."""
_STONE = np.array([[0.66, 0.62, 0.56], [0.36, 0.34, 0.32], [0.085, 0.086, 0.088]], dtype=np.float32)
"""Reflectance of pale travertine, grey limestone and slate."""
_BORROWED = 0.2
"""Share of a stone's hue that it takes from the palette, as a slab is picked that goes with the wall."""
_DEEPENING = (0.85, 1.0, 1.2)
"""Exponents by which a texture darkens red, green and blue: dark grain is more saturated."""


def ground_colour(built: Set, palette: Palette) -> Floats:
    """Return the ground's reflectance, linear (3,): wood and stone keep their own, others the palette's."""
    floor = colour(palette.floor)
    if built.ground == "oak":
        return _as_light_as(floor, _OAK)
    if built.ground == "stone":
        stone = _as_light_as(floor, _STONE)
        return floats((1 - _BORROWED) * stone + _BORROWED * floor * stone.mean() / (floor.mean() + 1e-3))
    return floor


def _as_light_as(floor: Floats, choices: Floats) -> Floats:
    """Return the choice (3,) whose lightness, to the eye, is nearest to the floor's."""
    return floats(choices[np.argmin(np.abs(np.cbrt(choices.mean(axis=1)) - np.cbrt(floor.mean())))])


def colour(text: str) -> Floats:
    """Return `#rrggbb` as linear light (3,)."""
    return linear_from_srgb(srgb_from_hex(text))


def tinted(reflectance: Floats, texture: Floats) -> Floats:
    """Return reflectance (3,) times texture (rows, columns), deeper where it is darker."""
    planes = [reflectance[c] * cv2.pow(texture, power) for c, power in enumerate(_DEEPENING)]
    return floats(np.stack(planes, axis=-1))


def laid(material: Material, profile: Profile, *, view: View, seed: int) -> Floats:
    """Return a texture along a profile as the camera sees it, (rows, width), mean about 1."""
    steps = np.hypot(np.diff(profile.y), np.diff(profile.z))
    along = np.concatenate((np.zeros(1, dtype=np.float32), np.cumsum(steps)))
    scale = materials.TILE / materials.SPAN
    at = np.random.default_rng(seed + 5).uniform(0, materials.TILE, 2)
    u = profile.depth[:, None] * view.columns()[None, :] * np.float32(scale) + np.float32(at[0])
    v = np.repeat((along * scale + at[1]).astype(np.float32)[:, None], view.width, axis=1)
    tile = materials.tile(material)
    return floats(cv2.remap(tile, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))


def facing(material: Material, *, view: View, seed: int) -> Floats:
    """Return a texture that fills a frame seen straight on, (height, width); the seed turns it."""
    turned = materials.tile(material)[:: (-1) ** (seed % 2), :: (-1) ** (seed // 2 % 2)]
    side = max(view.width, view.height)
    whole = cv2.resize(turned, (side, side), interpolation=cv2.INTER_CUBIC)
    return floats(whole[: view.height, : view.width])


def enlarged(light: Floats, *, rows: int, columns: int) -> Floats:
    """Return a coarse grid of light at full size."""
    return floats(cv2.resize(light, (columns, rows), interpolation=cv2.INTER_CUBIC))
