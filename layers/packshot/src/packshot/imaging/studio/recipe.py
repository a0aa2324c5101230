"""What a plate is made from, and the name that follows from it: products with one recipe share a plate."""

import hashlib
from typing import Annotated, Self

from pydantic import Field

from packshot.errors import GenerationFailed
from packshot.events import Event, Light, Palette, Scene
from packshot.imaging.arrays import Bytes
from packshot.imaging.studio.rendering import Take, render
from packshot.imaging.studio.sets import SETS, Set

VERSION = "studio-1"
"""Changes whenever a plate would look different, so that no old plate is taken for a new one."""

_VARIANTS = 4
"""Seeds that plates are made with; more would share fewer plates."""

_EXPOSURES = (1.0, 1.3, 0.75)
"""By attempt: a product that does not stand out gets a lighter set, then a darker one."""


class PlateRecipe(Event):
    """All that decides how a plate looks."""

    studio: str = VERSION
    set: str
    palette: Palette
    light: Light
    width: Annotated[int, Field(ge=16, le=4096)]
    height: Annotated[int, Field(ge=16, le=4096)]
    variant: int
    exposure: float

    @classmethod
    def of(cls, scene: Scene, *, attempt: int) -> Self:
        """Return a scene's recipe; `GenerationFailed` if the studio has no such set."""
        if scene.set not in SETS:
            raise GenerationFailed(f"the studio has no set {scene.set!r}")
        blank = SETS[scene.set].build == "blank"
        return cls(
            set=scene.set,
            palette=scene.palette,
            light=scene.light,
            width=scene.width,
            height=scene.height,
            variant=0 if blank else (scene.seed + attempt) % _VARIANTS,
            exposure=1.0 if blank else _EXPOSURES[attempt % len(_EXPOSURES)],
        )

    @property
    def built(self) -> Set:
        """Return the set's description."""
        return SETS[self.set]

    @property
    def digest(self) -> str:
        """Return the recipe's name: 32 hex digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:32]

    @property
    def floor(self) -> float:
        """Return the share of the height at which a product's lowest point stands."""
        return self.built.camera.floor + self.built.stands_at * self.width / self.height

    def render(self) -> Bytes:
        """Return the plate, sRGB (height, width, 3)."""
        return render(
            self.built,
            palette=self.palette,
            light=self.light,
            size=(self.width, self.height),
            take=Take(seed=self.variant, exposure=self.exposure),
        )
