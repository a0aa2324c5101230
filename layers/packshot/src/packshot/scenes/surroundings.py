"""What is seen around a product in each set: which surfaces, painted with what, in how much light.

`surroundings.json` is measured on the baked sets by `python -m layers.sets.surroundings`, so that a plan can
foresee, without arrays, what a plate will show.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from packshot.errors import DamagedArtifact
from packshot.events import Event, Hex, Palette, Share
from packshot.scenes.harmony import Lab, difference, shown

Slot = Literal["wall", "floor", "accent"]
Lit = Annotated[float, Field(ge=0, le=8)]

_MAY_VANISH = 0.2
"""Share of an outline that may lie nearer than its clearance: a patch of light, a board's knot."""


class Surface(Event):
    """One surface: the palette's `slot` that paints it, or its own colour; its share of what is around.

    Between `dimmest` and `brightest` is the light on most of it, under whichever of the set's lights; 1 shows
    a paint as it is.
    """

    slot: Slot | None = None
    colour: Hex | None = None
    share: Share
    dimmest: Lit
    brightest: Lit

    @model_validator(mode="after")
    def _has_one_colour(self) -> Self:
        if (self.slot is None) == (self.colour is None):
            raise ValueError("a surface has either a slot or a colour of its own")
        return self

    def paint(self, palette: Palette) -> Hex:
        """Return what it is painted with."""
        return self.colour or getattr(palette, self.slot or "wall")

    def seen(self, palette: Palette) -> tuple[Lab, ...]:
        """Return how it looks in its dimmest light, in its brightest and half way between."""
        lights = (self.dimmest, (self.dimmest + self.brightest) / 2, self.brightest)
        return tuple(shown(self.paint(palette), light=light) for light in lights)


@dataclass(frozen=True, slots=True)
class Around:
    """A colour that a product's outline meets on this share of its length."""

    colour: Lab
    share: float


class Surroundings(Event):
    """All surfaces around a product in one set, largest first."""

    surfaces: Annotated[tuple[Surface, ...], Field(min_length=1)]

    def ring(self, palette: Palette) -> tuple[Around, ...]:
        """Return the colours that a product's outline meets."""
        whole = sum(surface.share for surface in self.surfaces)
        return tuple(
            Around(colour, surface.share / len(seen) / whole)
            for surface in self.surfaces
            for seen in [surface.seen(palette)]
            for colour in seen
        )

    @property
    def is_painted(self) -> bool:
        """Say whether the palette decides what most of the picture looks like."""
        return max(self.surfaces, key=lambda surface: surface.share).slot is not None

    def backdrop(self, palette: Palette) -> Lab:
        """Return the colour of the picture: that of its largest surface, in the middle of its light."""
        largest = max(self.surfaces, key=lambda surface: surface.share)
        return largest.seen(palette)[1]


def clearance(colour: Lab, ring: Sequence[Around]) -> float:
    """Return the ΔE2000 that a colour keeps from what is around it, on all but a fifth of the outline."""
    left = _MAY_VANISH
    nearest = sorted((difference(colour, around.colour), around.share) for around in ring)
    for apart, share in nearest:
        left -= share
        if left < 0:
            return apart
    return nearest[-1][0]


_FILE = TypeAdapter(dict[str, Surroundings])


@functools.cache
def load_surroundings() -> dict[str, Surroundings]:
    """Return the surroundings in every set; `DamagedArtifact` if the file does not keep the schema."""
    text = resources.files("packshot.scenes").joinpath("surroundings.json").read_text(encoding="utf-8")
    try:
        return _FILE.validate_json(text)
    except ValidationError as error:
        raise DamagedArtifact(f"surroundings.json: {error}") from error
