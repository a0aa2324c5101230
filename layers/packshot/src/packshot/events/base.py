"""The words that all events share."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[int, Field(ge=0)]
Hex = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Edge = Literal["top", "right", "bottom", "left"]
Side = Literal["left", "right"]
Generator = Literal["studio", "flux"]
Strategy = Literal["plate", "fill"]
SceneName = Literal["white", "trend", "alternative", "another"]
Category = Literal[
    "shoes",
    "jeans",
    "dresses",
    "costumes",
    "bags",
    "jewelry",
    "bottles",
    "furniture",
    "electronics",
    "other",
]


class Event(BaseModel):
    """Base of everything that crosses a border."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ObjectRef(Event):
    """One version of one object in a bucket; an empty version is the newest."""

    bucket: str
    key: str
    version: str = ""


class ImageRef(Event):
    """A stored image and its size."""

    object: ObjectRef
    width: Pixels
    height: Pixels
