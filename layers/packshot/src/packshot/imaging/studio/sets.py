"""The sets of the studio, as descriptions: what is built, of what, seen by which camera.

A description is all that a renderer needs beside palette, light, size and seed, so another renderer
(or a library of baked plates) can stand in for this one. Lengths are frame widths at the product's distance.
"""

from dataclasses import dataclass
from typing import Literal

Material = Literal["paper", "plaster", "oak", "stone", "linen", "concrete"]
Build = Literal["blank", "sweep", "table", "podium", "surface", "wall"]
DRUM_RADIUS = 0.47
DRUM_HEIGHT = 0.085
"""Of the podium, in frame widths."""

Gobo = Literal["none", "window", "leaves"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A view camera with its back upright, so that verticals stay vertical.

    `floor` is the row, as a share of the frame's height, at which the product touches the ground;
    `height` is above the ground, `distance` to the product (2.4 is an 85 mm lens on 36 mm of film).
    """

    floor: float
    height: float
    distance: float = 2.4

    @property
    def tilt(self) -> float:
        """Return how much of a length on the ground, away from the camera, is seen as height."""
        return self.height / self.distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """A set. `wall` stands that far behind the product; `radius` is of the sweep's curve.

    The lowest point of a product stands `foot` in front of the camera's aim.
    `gloss` is the share of the product's light that the ground mirrors; `azimuth` the key light's
    degrees off the camera's axis; `spot` the strength of a light on the wall behind the product.
    """

    build: Build
    camera: Camera
    ground: Material = "paper"
    backdrop: Material = "paper"
    wall: float = 1.0
    radius: float = 0.5
    foot: float = 0.0
    gloss: float = 0.0
    azimuth: float = 68.0
    spot: float = 0.0
    gobo: Gobo = "none"

    @property
    def ground_ends(self) -> float:
        """Return how far behind the product the level ground ends, frame widths."""
        if self.build in {"table", "podium"}:
            return self.radius if self.build == "table" else DRUM_RADIUS
        return self.wall - 0.5 * self.radius

    @property
    def end_fades(self) -> float:
        """Return over which share of the height shadows end there: a table has an edge, a sweep bends up."""
        return 0.012 if self.build in {"table", "podium"} else 0.12

    @property
    def stands_at(self) -> float:
        """Return how far below the camera's aim the product's foot is seen, frame widths."""
        return self.camera.height * self.foot / (self.camera.distance - self.foot)


SETS: dict[str, Set] = {
    "white_cove": Set(build="blank", camera=Camera(floor=0.925, height=0.36)),
    "paper_sweep": Set(
        build="sweep", camera=Camera(floor=0.83, height=0.62), wall=1.0, radius=0.55, spot=0.3
    ),
    "microcement": Set(
        build="sweep",
        camera=Camera(floor=0.84, height=0.66),
        ground="concrete",
        backdrop="concrete",
        wall=0.8,
        radius=0.1,
        gobo="window",
    ),
    "oak_table": Set(
        build="table",
        camera=Camera(floor=0.85, height=0.78),
        ground="oak",
        backdrop="plaster",
        wall=1.6,
        radius=0.55,
        gloss=0.045,
        gobo="window",
    ),
    "stone_table": Set(
        build="table",
        camera=Camera(floor=0.85, height=0.74),
        ground="stone",
        backdrop="plaster",
        wall=1.3,
        radius=0.55,
        gloss=0.22,
        spot=0.35,
    ),
    "plinth": Set(
        build="podium",
        camera=Camera(floor=0.735, height=0.78),
        ground="plaster",
        backdrop="plaster",
        wall=0.95,
        radius=0.08,
        foot=0.2,
        spot=0.15,
    ),
    "linen_flat_lay": Set(build="surface", camera=Camera(floor=0.5, height=2.4), ground="linen", azimuth=45),
    "plaster_wall": Set(
        build="wall", camera=Camera(floor=0.5, height=0), backdrop="plaster", gobo="leaves", azimuth=42
    ),
}
