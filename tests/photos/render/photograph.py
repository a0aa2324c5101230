"""A sample photo: what is on stage, how it was taken, what the shop says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layers.sets.render.stage import Camera, Stage

    from .film import Development


@dataclass(frozen=True, slots=True)
class Listing:
    """What the shop knows of the product; price in USD."""

    category: str
    brand: str
    title: str
    price: float


@dataclass(frozen=True, slots=True)
class Photograph:
    """A stage, the camera before it and the picture's size (width, height); samples are rays per pixel.

    `white` meters the light: the linear value that the brightest twentieth of the picture is exposed to,
    instead of the development's exposure.
    """

    stage: Stage
    camera: Camera
    size: tuple[int, int]
    development: Development
    listing: Listing | None
    samples: int = 64
    matte_samples: int = 64
    depth: int = 12
    white: float | None = None
