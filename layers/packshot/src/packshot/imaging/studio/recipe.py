"""What a plate is made from, and the name that follows from it: products with one recipe share a plate."""

import hashlib
from typing import Annotated, Self

import numpy as np
from pydantic import Field

from packshot.events import Event, Palette, Scene, Share
from packshot.imaging.arrays import Bytes
from packshot.imaging.studio.library import Library, shipped
from packshot.imaging.studio.lights import choose
from packshot.imaging.studio.rendering import Take, render

VERSION = "studio-2"
"""Changes whenever a plate would look different, so that no old plate is taken for a new one."""

BLANK = "white_cove"
"""The set that is nothing but white."""
_BLANK_FLOOR = 0.925

_EXPOSURES = (1.0, 1.3, 0.75)
"""By attempt: a product that does not stand out gets a lighter set, then a darker one."""


class PlateRecipe(Event):
    """All that decides how a plate looks, and `floor`, the row of a product's foot, which follows from it.

    `light` is the name of one of the set's lights, empty for the blank one.
    """

    studio: str = VERSION
    set: str
    version: str
    palette: Palette
    light: str
    mirrored: bool
    width: Annotated[int, Field(ge=16, le=6000)]
    height: Annotated[int, Field(ge=16, le=6000)]
    exposure: float
    floor: Share

    @classmethod
    def of(cls, scene: Scene, *, attempt: int, library: Library | None = None) -> Self:
        """Return a scene's recipe; `GenerationFailed` if the studio has no such set."""
        wanted = {"set": scene.set, "palette": scene.palette, "width": scene.width, "height": scene.height}
        if scene.set == BLANK:
            return cls(**wanted, version="1", light="", mirrored=False, exposure=1, floor=_BLANK_FLOOR)
        description = (library or shipped()).describe(scene.set)
        lighting = choose(description, light=scene.light)
        return cls(
            **wanted,
            version=description.version,
            light=lighting.name,
            mirrored=lighting.mirrored,
            exposure=_EXPOSURES[attempt % len(_EXPOSURES)],
            floor=description.floor,
        )

    @property
    def digest(self) -> str:
        """Return the recipe's name: 32 hex digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:32]

    def render(self, *, library: Library | None = None) -> Bytes:
        """Return the plate, sRGB (height, width, 3); `DamagedArtifact` if the set's files are not sound."""
        if self.set == BLANK:
            return np.full((self.height, self.width, 3), 255, dtype=np.uint8)
        bake = (library or shipped()).load(self.set, light=self.light)
        take = Take(seed=int(self.digest[:8], 16), exposure=self.exposure, mirrored=self.mirrored)
        return render(bake, palette=self.palette, size=(self.width, self.height), take=take)
