"""How each kind of product is photographed: the settings in `photography.json`, checked."""

import functools
from importlib import resources
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from packshot.errors import DamagedArtifact
from packshot.events import Category, Event, Hex, Palette, Shadow, Share

Anchor = Literal["stand", "hang", "lie"]
Harmony = Literal["contrast", "analogous", "tonal", "neutral"]
Degrees = Annotated[float, Field(ge=0, le=90)]


class Camera(Event):
    """Words for the photographer and for prompts; `lens_mm` is for 36 mm of film."""

    angle: str
    height: str
    lens_mm: Annotated[int, Field(ge=14, le=300)]
    aperture: Annotated[str, Field(pattern=r"^f/\d+(\.\d)?$")]

    def __str__(self) -> str:
        return f"{self.angle}; {self.height}; {self.lens_mm} mm at {self.aperture}"


class KeyLight(Event):
    """The main light without its side, which follows the photo's own."""

    softness: Share
    elevation: Degrees


class WhiteScene(Event):
    """The marketplaces' main image, and where its numbers come from."""

    fill: Share
    source: str
    shadow: Shadow
    shadow_source: str


class StandOut(Event):
    """ΔE2000 that a set keeps from a product's largest colour, and from the rest of its main colours."""

    main: Annotated[float, Field(ge=0)]
    rest: Annotated[float, Field(ge=0)]
    source: str


class SetSettings(Event):
    """What a set is for: how products are held in it, and the trends' words that ask for it.

    `grounds` are the colours of its own that no palette changes.
    """

    anchors: tuple[Anchor, ...]
    grounds: tuple[Hex, ...] = ()
    lit_by: str
    words: tuple[str, ...]


class CategorySettings(Event):
    """How one kind of product is photographed; `sets` are in order of preference."""

    camera: Camera
    light: KeyLight
    sets: Annotated[tuple[str, ...], Field(min_length=1)]
    anchor: Anchor
    fill: Share
    shadow: Shadow
    harmony: Harmony
    sources: Annotated[tuple[str, ...], Field(min_length=1)]


class PhotographySettings(Event):
    """All settings under one version. `size` is the side of a picture in pixels."""

    version: str
    size: Annotated[int, Field(ge=500, le=4000)]
    white: WhiteScene
    standout: StandOut
    neutrals: Annotated[tuple[Palette, ...], Field(min_length=1)]
    sets: dict[str, SetSettings]
    lighting: dict[str, KeyLight]
    categories: dict[Category, CategorySettings]

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        """Hold every category to sets that exist and can hold it."""
        if missing := set(Category.__args__) - set(self.categories):  # type: ignore[attr-defined]  # Literal
            raise ValueError(f"no settings for {sorted(missing)}")
        for name, category in self.categories.items():
            for chosen in category.sets:
                if chosen not in self.sets:
                    raise ValueError(f"{name} wants the set {chosen}, which is not described")
                if category.anchor not in self.sets[chosen].anchors:
                    raise ValueError(f"{name} cannot {category.anchor} in {chosen}")
        return self


@functools.cache
def load_settings() -> PhotographySettings:
    """Return the settings that ship; `DamagedArtifact` if they do not keep the schema."""
    text = resources.files("packshot.scenes").joinpath("photography.json").read_text(encoding="utf-8")
    try:
        return PhotographySettings.model_validate_json(text)
    except ValidationError as error:
        raise DamagedArtifact(f"photography.json: {error}") from error
