"""Light times surfaces: a baked set, painted with a palette and photographed."""

from dataclasses import dataclass

import cv2
import numpy as np

from packshot.events import Palette
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import linear_from_srgb, srgb_from_hex
from packshot.imaging.studio.description import SetDescription, Slot
from packshot.imaging.studio.film import Exposed, dithered, expose
from packshot.imaging.studio.library import Bake

ALBEDO = (0.03, 0.9)
"""What paint can be: black paint still reflects, and white paint does not glow."""

_BAKED_WITH = 0.6
"""Albedo of the paint under which the light was baked."""
_BLEEDING = (0.3, 1.5)
"""By how much bounced light may lose or gain for each bounce off paint of another colour."""
_SPARSE = 16
"""Of so many rows and columns one is looked at for the colour of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """What differs between two pictures of one set under one light with one palette.

    With an `exposure` of 1 the ground at the product's foot has its paint's colour; `seed` decides the
    film's noise alone.
    """

    seed: int = 0
    exposure: float = 1.0
    mirrored: bool = False


def render(bake: Bake, *, palette: Palette, size: tuple[int, int], take: Take) -> Bytes:
    """Return the plate of a set, sRGB (height, width, 3), the same for the same arguments.

    `size` is (width, height); another shape than the set's is cut out of it and keeps the product's row.
    """
    exposed = photograph(bake, palette=palette, exposure=take.exposure)
    turned = cv2.flip(exposed, 1) if take.mirrored else exposed
    framed = _framed(np.asarray(turned), description=bake.description, size=size)
    return dithered(framed, seed=take.seed)


def paint(palette: Palette, *, slot: Slot) -> Floats:
    """Return the albedo of a palette's colour as paint, linear (3,)."""
    colour: Floats = linear_from_srgb(srgb_from_hex(getattr(palette, slot)))
    return np.clip(colour, *ALBEDO)


def photograph(bake: Bake, *, palette: Palette, exposure: float = 1.0) -> Exposed:
    """Return the set as film sees it at its own size, (H, W, 3)."""
    surface = _mean_albedo(bake, palette=palette)
    channels = []
    for channel in range(3):
        albedo = _albedo(bake, palette=palette, channel=channel)
        light = _light(bake, off=float(surface[channel]))
        channels.append(floats(cv2.multiply(albedo, light, scale=exposure)))
    return expose(channels)


def _albedo(bake: Bake, *, palette: Palette, channel: int) -> Floats:
    """Return what the surfaces reflect of one channel, (H, W)."""
    total = np.zeros_like(bake.irradiance) if bake.fixed is None else bake.fixed[channel]
    for painted in bake.coverage:
        colour = float(paint(palette, slot=painted.slot)[channel])
        total = floats(cv2.scaleAdd(painted.share, colour, total))
    return total


def _light(bake: Bake, *, off: float) -> Floats:
    """Return the light of one channel, (H, W), its bounced share tinted by surfaces of the albedo `off`.

    The camera's white balance is set where the product stands, so there nothing changes.
    """
    if bake.bounce is None:
        return bake.irradiance
    tint = 1 + bake.bounce * (np.clip(off / _BAKED_WITH, *_BLEEDING) - 1)
    height, width = bake.irradiance.shape
    full = cv2.resize(floats(tint / _metered(tint, bake)), (width, height), interpolation=cv2.INTER_LINEAR)
    return floats(cv2.multiply(bake.irradiance, full, dst=full))


def _metered(plane: Floats, bake: Bake) -> float:
    row = round(bake.description.metered * plane.shape[0] - 0.5)
    return float(plane[min(max(row, 0), plane.shape[0] - 1), plane.shape[1] // 2])


def _mean_albedo(bake: Bake, *, palette: Palette) -> Floats:
    """Return the mean albedo of all that is lit, weighted by its light, (3,)."""
    seen = slice(_SPARSE // 2, None, _SPARSE)
    light = bake.irradiance[seen, seen]
    total = np.zeros(3) if bake.fixed is None else (bake.fixed[:, seen, seen] * light).sum(axis=(1, 2))
    for painted in bake.coverage:
        total = total + paint(palette, slot=painted.slot) * (painted.share[seen, seen] * light).sum()
    return floats(total / light.sum())


def _framed(exposed: Exposed, *, description: SetDescription, size: tuple[int, int]) -> Exposed:
    """Cut the largest part of the wanted shape out of the set's square, and bring it to size."""
    width, height = size
    side, longest = exposed.shape[0], max(size)
    if (width, height) == (side, side):
        return exposed
    across, down = (max(round(side * length / longest), 1) for length in size)
    x, y = (side - across) // 2, round((side - down) * description.keeps)
    part = exposed[y : y + down, x : x + across]
    method = cv2.INTER_AREA if longest <= side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (width, height), interpolation=method), dtype=np.uint16)
