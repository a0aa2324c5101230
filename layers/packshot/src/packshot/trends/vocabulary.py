"""The closed vocabulary: the only words that get from a post into a report, a prompt or an answer."""

import functools
import math
from importlib import resources
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from packshot.errors import DamagedArtifact
from packshot.events import Category, Event, Hex, TrendKind

Words = tuple[Annotated[str, Field(min_length=2, max_length=60)], ...]
_USUAL = 8.0
_LINEAR_BELOW = 0.04045


class Entry(Event):
    """One thing that can be a trend.

    `words` are what people call it; `loose` ones count only beside a product or a word for colour, for they
    mean other things as well. `usual` is how many of 1,000 posts speak of it at any time. `categories` are
    the kinds of product that it is about, empty for all.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    kind: TrendKind
    words: Annotated[Words, Field(min_length=1)]
    loose: Words = ()
    colour: Hex | None = None
    categories: tuple[Category, ...] = ()
    usual: Annotated[float, Field(gt=0, le=200)] = _USUAL

    @model_validator(mode="after")
    def _colours_have_a_colour(self) -> Self:
        if (self.kind == "colour") != (self.colour is not None):
            raise ValueError(f"{self.id}: a colour has a hex value, and nothing else has")
        return self

    @property
    def name(self) -> str:
        """Return the id as people say it: `Butter yellow`."""
        return self.id.replace("-", " ").capitalize()

    @property
    def background(self) -> float:
        """Return the share of posts that speak of it at any time."""
        return self.usual / 1000

    @property
    def lab(self) -> tuple[float, float, float] | None:
        """Return a colour's CIELAB value (D65), None for what is no colour."""
        return lab_of(self.colour) if self.colour else None


class Vocabulary(Event):
    """All entries under one version."""

    version: str
    entries: tuple[Entry, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for what, all_of_it in (
            ("id", [each.id for each in self.entries]),
            ("word", [word for each in self.entries for word in (*each.words, *each.loose)]),
        ):
            twice = {each for each in all_of_it if all_of_it.count(each) > 1}
            if twice:
                raise ValueError(f"this {what} stands there twice: {sorted(twice)}")
        return self

    @functools.cached_property
    def by_id(self) -> dict[str, Entry]:
        """Return the entries by id."""
        return {entry.id: entry for entry in self.entries}

    def __contains__(self, name: object) -> bool:
        return name in self.by_id


@functools.cache
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary that ships; `DamagedArtifact` if the file does not keep the schema."""
    text = resources.files("packshot.trends").joinpath("vocabulary.json").read_text(encoding="utf-8")
    try:
        return Vocabulary.model_validate_json(text)
    except ValidationError as error:
        raise DamagedArtifact(f"vocabulary.json: {error}") from error


def lab_of(colour: str) -> tuple[float, float, float]:
    """Return lightness and the opponent axes of an sRGB `#rrggbb` (CIE 1976, D65)."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    x = _root((0.4123908 * red + 0.3575843 * green + 0.1804808 * blue) / 0.9504559)
    y = _root(0.2126390 * red + 0.7151687 * green + 0.0721923 * blue)
    z = _root((0.0193308 * red + 0.1191948 * green + 0.9505322 * blue) / 1.0890578)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _linear(share: float) -> float:
    return share / 12.92 if share <= _LINEAR_BELOW else float(((share + 0.055) / 1.055) ** 2.4)


def _root(share: float) -> float:
    return math.cbrt(share) if share > 216 / 24389 else (24389 / 27 * share + 16) / 116
