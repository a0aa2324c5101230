"""Render a set into a plate: trace, light, paint, expose."""

from dataclasses import dataclass
from typing import assert_never

import cv2
import numpy as np

from packshot.events import Light, Palette
from packshot.imaging.arrays import Bytes, Floats
from packshot.imaging.studio import geometry, lighting, painting, podium
from packshot.imaging.studio.film import expose
from packshot.imaging.studio.geometry import View
from packshot.imaging.studio.illumination import GRID, Studio, illuminate
from packshot.imaging.studio.lighting import Drum
from packshot.imaging.studio.sets import DRUM_HEIGHT, DRUM_RADIUS, Material, Set

_FAR_BLUR = 2.0
"""Blur of the light on a wall far behind the focus, in cells of the grid."""


@dataclass(frozen=True, slots=True)
class Take:
    """What differs between two pictures of one set: chance, and the light's strength (1 is metered)."""

    seed: int
    exposure: float = 1.0


def render(built: Set, *, palette: Palette, light: Light, size: tuple[int, int], take: Take) -> Bytes:
    """Return the plate of a set, sRGB (height, width, 3), the same for the same arguments.

    `size` is (width, height).
    """
    width, height = size
    studio = Studio(
        built=built,
        view=View(built.camera, width, height),
        light=light,
        box=lighting.softbox(light, azimuth=built.azimuth, random=np.random.default_rng(take.seed)),
        ground=painting.ground_colour(built, palette),
        wall=painting.colour(palette.wall),
        seed=take.seed,
    )
    match built.build:
        case "blank":
            return np.full((height, width, 3), 255, dtype=np.uint8)
        case "sweep":
            frame = _sweep(studio)
        case "table":
            frame = _table(studio)
        case "podium":
            frame = _podium(studio)
        case "surface":
            frame = _straight_on(studio, material=built.ground, colour=studio.ground)
        case "wall":
            frame = _straight_on(studio, material=built.backdrop, colour=studio.wall)
        case _:
            assert_never(built.build)
    return expose(frame * np.float32(take.exposure), seed=take.seed)


def _sweep(studio: Studio, *, level: float = 0.0, drum: Drum | None = None) -> Floats:
    """Render ground and wall of one material, `level` above the product's foot."""
    view, built = studio.view, studio.built
    count = 2 * GRID if drum else GRID
    rows = view.rows(0, view.height, count=count)
    coarse = geometry.trace_sweep(rows, camera=view.camera, built=built, level=level)
    fine = geometry.trace_sweep(view.rows(0, view.height), camera=view.camera, built=built, level=level)
    texture = painting.laid(built.ground, fine, view=view, seed=studio.seed)
    if drum is not None:
        texture *= podium.openness(fine, view=view, drum=drum)
    light = illuminate(studio, coarse, drum=drum)
    return _painted(light, studio.wall, texture)


def _table(studio: Studio) -> Floats:
    """Render a table top that ends behind the product, and a wall far out of focus behind it."""
    view, built = studio.view, studio.built
    edge = min(max(round(view.row_of(y=0, z=-built.radius)), 1), view.height - 1)
    back = geometry.trace_wall(view.rows(0, edge, count=GRID), camera=view.camera, wall=built.wall)
    glow = cv2.GaussianBlur(illuminate(studio, back, level=0.9), (0, 0), _FAR_BLUR)
    wall = painting.enlarged(np.asarray(glow, np.float32), rows=edge, columns=view.width) * studio.wall
    coarse = geometry.trace_ground(view.rows(edge, view.height, count=GRID), camera=view.camera)
    fine = geometry.trace_ground(view.rows(edge, view.height), camera=view.camera)
    texture = painting.laid(built.ground, fine, view=view, seed=studio.seed)
    light = painting.enlarged(illuminate(studio, coarse), rows=view.height - edge, columns=view.width)
    frame = np.concatenate((wall, light * painting.tinted(studio.ground, texture)))
    return _soften_row(frame, row=edge, radius=max(view.width // 320, 1))


def _podium(studio: Studio) -> Floats:
    """Render a round podium of the floor's colour in front of a wall."""
    drum = Drum(radius=DRUM_RADIUS, height=DRUM_HEIGHT)
    return podium.stand(studio, _sweep(studio, level=-drum.height, drum=drum), drum=drum)


def _straight_on(studio: Studio, *, material: Material, colour: Floats) -> Floats:
    """Render a plane that fills the frame: a wall, or a table from straight above."""
    view = studio.view
    coarse = geometry.trace_wall(view.rows(0, view.height, count=GRID), camera=view.camera, wall=0.0)
    texture = painting.facing(material, view=view, seed=studio.seed)
    return _painted(illuminate(studio, coarse, level=1.05), colour, texture)


def _painted(light: Floats, colour: Floats, texture: Floats) -> Floats:
    full = painting.enlarged(light, rows=texture.shape[0], columns=texture.shape[1])
    full *= colour
    full *= texture[..., None]
    return full


def _soften_row(frame: Floats, *, row: int, radius: int) -> Floats:
    """Blur an edge that lies behind the focus, in place."""
    top, bottom = max(row - 6 * radius, 0), min(row + 6 * radius, len(frame))
    soft = cv2.GaussianBlur(frame[top:bottom], (1, 6 * radius + 1), sigmaX=0.01, sigmaY=radius)
    first, last = max(row - 3 * radius, top), min(row + 3 * radius, bottom)
    frame[first:last] = soft[first - top : last - top]
    return frame
