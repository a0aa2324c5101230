"""What a set is: a frame in metres, a camera, lights, and the builder that puts things into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .stage import Camera

if TYPE_CHECKING:
    from collections.abc import Callable

    from .finish import Finish
    from .mesh import Mesh
    from .stage import Node, Point

FILM = 36.0
"""Millimetres across the film, by which focal lengths are told."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A mesh and what it is made of."""

    mesh: Mesh
    finish: Finish


@dataclass(frozen=True, slots=True)
class Screen:
    """A mesh between a light and the set, out of the picture, that only lights of these names know."""

    mesh: Mesh
    lights: tuple[str, ...]


@dataclass(slots=True)
class Scenery:
    """A set under construction: metres, x right, y away from the camera, z up, the product on the origin."""

    pieces: list[Piece] = field(default_factory=list)
    screens: list[Screen] = field(default_factory=list)
    lamps: list[Node] = field(default_factory=list)
    """What lights the background, whichever the key."""

    def put(self, mesh: Mesh, *, finish: Finish) -> None:
        """Add something."""
        self.pieces.append(Piece(mesh, finish))

    def screen(self, mesh: Mesh, *, lights: tuple[str, ...]) -> None:
        """Add something that only throws a shadow."""
        self.screens.append(Screen(mesh, lights))

    def lamp(self, node: Node) -> None:
        """Add a light for the background."""
        self.lamps.append(node)


@dataclass(frozen=True, slots=True)
class View:
    """A level camera: focal length in mm on 36 mm film, eye's height and foot's row in frame widths.

    `frame` is how many metres are as wide as the picture where the product stands.
    """

    frame: float
    lens: float = 85.0
    height: float = 0.42
    floor: float = 0.80
    f_number: float = 8.0

    @property
    def distance(self) -> float:
        """Return how far the camera is from the product, in frame widths."""
        return self.lens / FILM

    def camera(self) -> Camera:
        """Return it in metres; its lens is focused on the product."""
        eye = (0.0, -self.distance * self.frame, self.height * self.frame)
        return Camera(
            eye=eye,
            target=(0.0, 0.0, eye[2]),
            focus=(0.0, 0.0, eye[2]),
            lens=self.lens,
            aperture=self.lens / self.f_number / 2000,
            horizon=self.floor - self.height,
        )


@dataclass(frozen=True, slots=True)
class Key:
    """A light: where it is, in degrees and frame widths; `size` is its edge over its distance.

    Azimuth is negative on the left, 0 at the camera. `strength` is what it gives a surface that faces it,
    `fill` what comes from all around: only their ratio matters.
    """

    name: str
    azimuth: float
    elevation: float
    size: float
    distance: float = 6.5
    strength: float = 1.0
    fill: float = 0.35

    @property
    def softness(self) -> float:
        """Return 0 for a point, 1 for a light as large as it is far."""
        return float(min(1.0, self.size))

    def direction(self) -> Point:
        """Return the unit vector towards it, in the stage's axes."""
        azimuth, elevation = np.radians(self.azimuth), np.radians(self.elevation)
        level = np.cos(elevation)
        return float(np.sin(azimuth) * level), float(-np.cos(azimuth) * level), float(np.sin(elevation))


@dataclass(frozen=True, slots=True)
class Ground:
    """The level area that a product and its shadow may use, in frame widths: z towards the camera."""

    near: float
    far: float
    left: float
    right: float
    edge_fades: float = 0.1


@dataclass(frozen=True, slots=True)
class Design:
    """A set."""

    name: str
    title: str
    view: View
    ground: Ground
    keys: tuple[Key, ...]
    build: Callable[[Scenery], None]
    anchors: tuple[str, ...] = ("stand",)
    grounds: tuple[str, ...] = ()
    """sRGB of grounds that no palette changes."""
    wall: float | None = None
    """Depth, in frame widths and negative behind the product, of an upright plane that takes long shadows."""
    gloss: float = 0.0
    seamless: float = 0.0
    """Share of the frame over which light may be averaged, in a set that has no edge for it to stop at."""
    samples: int = 8
    """Paths per pixel; the denoiser does the rest, better where there is more relief with more of them."""
    version: str = "1"
    has_upright_ground: bool = False
    """Whether products hang or lie on the surface that faces the camera."""
