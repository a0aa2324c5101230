"""All the light on a surface of a set: key, gobo, background spot, sky and the glow of the ground."""

from dataclasses import dataclass

import numpy as np

from packshot.events import Light
from packshot.imaging.arrays import Floats, floats
from packshot.imaging.studio import geometry, lighting
from packshot.imaging.studio.geometry import Profile, View
from packshot.imaging.studio.lighting import Drum, Softbox
from packshot.imaging.studio.sets import Set

GRID = 56
"""Rows and columns on which light is worked out."""
SKY = 0.34
"""Share of the light that comes from everywhere, with a bare key."""

_GOBO_DEPTH = 0.55
_GLOW = 0.35


@dataclass(frozen=True, slots=True)
class Studio:
    """A set under its light, seen by its camera; colours are linear (3,)."""

    built: Set
    view: View
    light: Light
    box: Softbox
    ground: Floats
    wall: Floats
    seed: int


def illuminate(studio: Studio, profile: Profile, *, level: float = 1.0, drum: Drum | None = None) -> Floats:
    """Return the light on a coarse grid of a profile, (rows, columns, 3).

    It is scaled until its brighter part is at `level`, as a photographer sets each lamp by the meter.
    A `drum` in the light throws its shadow, on a finer grid.
    """
    built = studio.built
    columns = studio.view.columns(count=2 * GRID if drum else GRID)
    places, facing = geometry.points(profile, columns), geometry.normals(profile)
    if drum is not None:
        places = _beside(places, drum=drum)
    white = _white(studio, places, facing, drum=drum)
    light = np.repeat(white[..., None], 3, axis=-1)
    if built.build not in {"surface", "wall"}:
        light = light + _GLOW * _glow(studio, places, facing)
    brighter = 80 if built.gobo != "none" else 75
    return floats(light * (level / np.percentile(light[..., 1], brighter)))


def _white(studio: Studio, places: Floats, facing: Floats, *, drum: Drum | None) -> Floats:
    built = studio.built
    key = lighting.direct(places, facing, box=studio.box, drum=drum)
    if built.gobo != "none":
        random = np.random.default_rng(studio.seed + 17)
        passed = lighting.beam(places, box=studio.box, gobo=built.gobo, random=random)
        key = key * (1 - _GOBO_DEPTH + _GOBO_DEPTH * passed)
    share = SKY + 0.16 * studio.light.softness
    sky = 0.62 + 0.38 * facing[..., 1]
    spot = built.spot * np.exp(-((places[..., 0] / 0.5) ** 2 + ((places[..., 1] - 0.35) / 0.42) ** 2))
    return floats((1 - share) * key + share * sky + spot * facing[..., 2])


def _beside(places: Floats, *, drum: Drum) -> Floats:
    """Return the places, those under the drum moved to its foot, so that no edge crosses the grid there."""
    away = np.hypot(places[..., 0], places[..., 2])
    push = np.maximum(drum.radius * 1.03 / np.maximum(away, 1e-3), 1)
    moved = places.copy()
    moved[..., 0] *= push
    moved[..., 2] *= push
    return moved


def _glow(studio: Studio, places: Floats, facing: Floats) -> Floats:
    """Return what the lit ground in front throws back onto the set, coloured; (rows, columns, 3)."""
    x, z = np.meshgrid(np.linspace(-0.9, 0.9, 6), np.linspace(-0.5, 1.1, 5))
    patches = np.stack((x.ravel(), np.zeros(x.size), z.ravel()), axis=-1).astype(np.float32)
    up = np.tile(np.array([0, 1, 0], dtype=np.float32), (len(patches), 1))
    key = lighting.direct(patches[None], up[None], box=studio.box)[0]
    area = (x[0, 1] - x[0, 0]) * (z[1, 0] - z[0, 0])
    power = (key[:, None] * studio.ground[None] * area).astype(np.float32)
    return lighting.bounced(places, facing, patches=lighting.Patches(patches, up, power))
