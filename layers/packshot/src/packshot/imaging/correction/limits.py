"""How far a correction may go, for each kind of product: the bounds in `limits.json`, checked."""

import functools
from importlib import resources
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from packshot.errors import DamagedArtifact
from packshot.events import Category, Event


class CategoryLimits(Event):
    """Bounds for one kind of product.

    `brighter` and `darker` in stops; `warmer` and `cooler` in mired by which the picture may be made so;
    `tint` off the Planckian locus in log units; `surroundings` how far a room or a table is believed on
    the light (gold on wood tells nothing of it); `contrast` the share of the encoded range that may be
    stretched away; `delta_e` the product's largest mean ΔE2000.
    """

    brighter: Annotated[float, Field(ge=0, le=2)]
    darker: Annotated[float, Field(ge=0, le=2)]
    warmer: Annotated[float, Field(ge=0, le=110)]
    cooler: Annotated[float, Field(ge=0, le=200)]
    tint: Annotated[float, Field(ge=0, le=0.2)]
    surroundings: Annotated[float, Field(ge=0, le=1)]
    contrast: Annotated[float, Field(ge=0, le=0.5)]
    delta_e: Annotated[float, Field(gt=0, le=30)]


class CorrectionLimits(Event):
    """All bounds under one version."""

    version: str
    source: str
    categories: dict[Category, CategoryLimits]

    @model_validator(mode="after")
    def _all_are_there(self) -> Self:
        """Hold the file to the closed list of categories."""
        if missing := set(Category.__args__) - set(self.categories):  # type: ignore[attr-defined]  # Literal
            raise ValueError(f"no limits for {sorted(missing)}")
        return self


@functools.cache
def load_limits() -> CorrectionLimits:
    """Return the limits that ship; `DamagedArtifact` if they do not keep the schema."""
    text = resources.files("packshot.imaging.correction").joinpath("limits.json").read_text(encoding="utf-8")
    try:
        return CorrectionLimits.model_validate_json(text)
    except ValidationError as error:
        raise DamagedArtifact(f"limits.json: {error}") from error
