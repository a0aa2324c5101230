"""How each kind of product is photographed: the settings in `photography.json`, checked.

An environment may override any of them; what it gives is merged into what ships, and the version says so.
"""

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, JsonValue, ValidationError, model_validator

from packshot.errors import DamagedArtifact, InvalidSettings, UnknownPalette, UnknownSet
from packshot.events import Category, Event, Hex, Palette, PriceBand, SceneName, Shadow, Share, Strategy
from packshot.scenes.harmony import Harmony
from packshot.scenes.surroundings import load_surroundings

Anchor = Literal["stand", "hang", "lie"]
Degrees = Annotated[float, Field(ge=0, le=90)]
Name = Annotated[str, Field(min_length=1, max_length=60)]
Keys: TypeAlias = dict[str, JsonValue]

LARGEST_OVERRIDES = 256_000
"""Bytes."""


class Camera(Event):
    """Words for the photographer and for prompts; `above` is how many degrees the camera looks down.

    `lens_mm` is for 36 mm of film.
    """

    angle: str
    height: str
    above: Degrees
    lens_mm: Annotated[int, Field(ge=14, le=300)]
    aperture: Annotated[str, Field(pattern=r"^f/\d+(\.\d)?$")]

    def __str__(self) -> str:
        return f"{self.angle}; {self.height}; {self.lens_mm} mm at {self.aperture}"


class LightSettings(Event):
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
    """ΔE2000 that what is seen around a product keeps from its colours.

    `main` and `rest` are wished for, of its largest colour and of the others; below `least` another set or
    palette is taken.
    """

    main: Annotated[float, Field(ge=0)]
    rest: Annotated[float, Field(ge=0)]
    least: Annotated[float, Field(ge=0)]
    source: str


class Alternative(Event):
    """How far the second styled scene keeps from the first: ΔE2000 between the two walls."""

    apart: Annotated[float, Field(ge=0)]
    source: str


class DemandSettings(Event):
    """What expected purchases of a kind of product change.

    A kind is in demand where they are `high_lift` times the usual; then it shares as many times the plates of
    a generator, at most `most_times`, which bounds what they cost. A summary older than `oldest_days` plans
    nothing. `styles` are words of sets and lights by how a shop's words for styles begin, `price_bands` by
    band; a word that purchases surely ask for weighs `heaviest`.
    """

    high_lift: Annotated[float, Field(ge=1, le=100)]
    most_times: Annotated[float, Field(ge=1, le=4)]
    oldest_days: Annotated[int, Field(ge=1, le=366)]
    heaviest: Share
    styles: dict[Annotated[str, Field(pattern="^[a-z]{1,60}$")], tuple[Name, ...]]
    price_bands: dict[PriceBand, tuple[Name, ...]]
    source: str


class BackgroundSettings(Event):
    """Who draws a trend scene's plate where a generator is connected.

    `plate` is an empty scene, shared by products; `fill` is drawn around the product's own photo. `models`
    are asked in this order; each is a file in `packshot/generation/models`. Products share at most
    `variants` plates of one set, palette and light.
    """

    strategy: Strategy
    models: Annotated[tuple[Name, ...], Field(min_length=1, max_length=4)]
    variants: Annotated[int, Field(ge=1, le=1000)]


class SetSettings(Event):
    """What a set is for: how products are held in it, and the trends' words that ask for it."""

    anchors: Annotated[tuple[Anchor, ...], Field(min_length=1)]
    lit_by: str
    words: tuple[str, ...]


class CategorySettings(Event):
    """How one kind of product is photographed; `sets` are in order of preference.

    `light` is that of the trend scene, `other_light` another mood that suits the product as well; with
    `backgrounds` its plates are drawn otherwise than those of other products.
    """

    camera: Camera
    light: LightSettings
    other_light: LightSettings
    sets: Annotated[tuple[str, ...], Field(min_length=1)]
    anchor: Anchor
    fill: Share
    shadow: Shadow
    harmony: Harmony
    backgrounds: BackgroundSettings | None = None
    sources: Annotated[tuple[str, ...], Field(min_length=1)]


class Paints(Event):
    """The colours of a palette, which stands under its name."""

    wall: Hex
    floor: Hex
    accent: Hex


class Look(Event):
    """What a brand or a range pins of its styled scenes; what it leaves out is chosen as for anybody.

    `brand` is compared without case; `range` with the product's range, and as a pattern (`RUN-*`; without a
    wildcard: a prefix) with its SKU. Where both stand, both have to match. With `seed` "range" all products
    of the look share their seeds, so that also what a generator makes is the same.
    """

    name: Name
    brand: str = ""
    range: str = ""
    sets: tuple[str, ...] = ()
    palettes: tuple[str, ...] = ()
    light: LightSettings | None = None
    fill: Share | None = None
    harmony: Harmony | None = None
    seed: Literal["photo", "range"] = "photo"

    @model_validator(mode="after")
    def _is_for_somebody(self) -> Self:
        if not (self.brand or self.range):
            raise ValueError("names neither a brand nor a range, so it is nobody's")
        return self


class PhotographySettings(Event):
    """All settings under one version. `size` is the side of a picture in pixels.

    `neutrals` are palettes for anybody, `palettes` those that only looks ask for; the first of `looks` that
    matches a product is its own.
    """

    version: str
    size: Annotated[int, Field(ge=500, le=4000)]
    scenes: Annotated[tuple[SceneName, ...], Field(min_length=1)]
    white: WhiteScene
    standout: StandOut
    alternative: Alternative
    demand: DemandSettings
    backgrounds: BackgroundSettings
    neutrals: Annotated[tuple[Palette, ...], Field(min_length=1)]
    palettes: dict[Name, Paints]
    sets: dict[str, SetSettings]
    lighting: dict[str, LightSettings]
    categories: dict[Category, CategorySettings]
    looks: tuple[Look, ...]

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Hold categories and looks to sets and palettes that exist and can hold their products."""
        if missing := set(Category.__args__) - set(self.categories):  # type: ignore[attr-defined]  # Literal
            raise ValueError(f"no settings for {sorted(missing)}")
        if len(set(self.scenes)) < len(self.scenes):
            raise ValueError("scenes: each scene can be made once")
        require_sets(self)
        require_palettes(self)
        for name, category in self.categories.items():
            for chosen in category.sets:
                if category.anchor not in self.sets[chosen].anchors:
                    raise ValueError(f"categories.{name}.sets: nothing can {category.anchor} in {chosen}")
        return self

    def palette(self, name: str) -> Palette:
        """Return a palette by name; `UnknownPalette` lists those there are."""
        own = {name: Palette(name=name, **paints.model_dump()) for name, paints in self.palettes.items()}
        found = {each.name: each for each in self.neutrals} | own
        if name not in found:
            raise UnknownPalette(f"there is no palette {name!r}; there are {', '.join(sorted(found))}")
        return found[name]


def require_sets(settings: PhotographySettings) -> None:
    """Raise `UnknownSet` for the first set that is named and not described, or described and not built."""
    built = sorted(load_surroundings())
    for name in settings.sets:
        if name not in built:
            raise UnknownSet(f"sets.{name}: nobody built this set; there are {', '.join(built)}")
    for where, name in _named_sets(settings):
        if name not in settings.sets:
            there = ", ".join(sorted(settings.sets))
            raise UnknownSet(f"{where}: there is no set {name!r}; there are {there}")


def require_palettes(settings: PhotographySettings) -> None:
    """Raise `UnknownPalette` for the first palette that a look names and that is not there."""
    for index, look in enumerate(settings.looks):
        for name in look.palettes:
            try:
                settings.palette(name)
            except UnknownPalette as error:
                raise UnknownPalette(f"looks.{index}.palettes: {error}") from error


@functools.cache
def load_settings() -> PhotographySettings:
    """Return the settings that ship; `DamagedArtifact` if they do not keep the schema."""
    try:
        return PhotographySettings.model_validate(_shipped())
    except ValidationError as error:
        raise DamagedArtifact(f"photography.json: {error}") from error


def override_settings(text: bytes, *, source: str) -> PhotographySettings:
    """Return the settings that ship with an environment's own merged in; `text` is JSON, keys left out stay.

    Tables are merged key by key, lists and values replaced. The version tells who changed what: the shipped
    one, and a hash of what was given. `InvalidSettings` names the path of every wrong key or value,
    `UnknownSet` and `UnknownPalette` what exists instead.
    """
    given = _parse(text, source=source)
    if not given:
        return load_settings()
    shipped = _shipped()
    merged = _merge(shipped, given)
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:8]
    merged["version"] = f"{shipped['version']}+{digest}"
    try:
        return PhotographySettings.model_validate(merged)
    except ValidationError as error:
        raise InvalidSettings(f"{source}: {'; '.join(_faults(error, known=shipped))}") from error
    except (UnknownSet, UnknownPalette) as error:
        raise type(error)(f"{source}: {error}") from error


def _shipped() -> Keys:
    text = resources.files("packshot.scenes").joinpath("photography.json").read_text(encoding="utf-8")
    shipped: Keys = json.loads(text)
    return shipped


def _parse(text: bytes, *, source: str) -> Keys:
    try:
        given = json.loads(text.decode("utf-8-sig"), object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:
        raise InvalidSettings(f"{source}: this is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise InvalidSettings(f"{source}: this is no table of settings")
    if "version" in given:
        raise InvalidSettings(f"{source}: version: follows from what is overridden; leave it out")
    return given


def _without_twins(pairs: list[tuple[str, JsonValue]]) -> Keys:
    """Refuse what JSON allows and nobody means: of two keys of one name the first would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twin = next(name for name, _ in pairs if [key for key, _ in pairs].count(name) > 1)
        raise ValueError(f"{twin!r} stands there twice")
    return found


def _merge(base: Mapping[str, JsonValue], given: Mapping[str, JsonValue]) -> Keys:
    merged = dict(base)
    for name, value in given.items():
        under = merged.get(name)
        both = isinstance(under, dict) and isinstance(value, dict)
        merged[name] = _merge(under, value) if both else value  # type: ignore[arg-type]  # both are tables
    return merged


def _faults(error: ValidationError, *, known: Keys) -> Iterator[str]:
    """Yield a sentence for each fault: its path, and what to write there."""
    for fault in error.errors():
        path = [str(step) for step in fault["loc"] if step != "[key]"]
        where = ".".join(path) or "settings"
        if fault["type"] == "extra_forbidden":
            siblings = ", ".join(sorted(_table_at(known, path[:-1])))
            yield f"{where}: there is no such setting" + (f"; there are {siblings}" if siblings else "")
        else:
            yield f"{where}: {fault['msg']}"


def _table_at(keys: Keys, path: list[str]) -> Keys:
    table: JsonValue = keys
    for step in path:
        table = table.get(step) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _named_sets(settings: PhotographySettings) -> Iterator[tuple[str, str]]:
    """Yield where a set is named, and the set."""
    for kind, category in settings.categories.items():
        yield from ((f"categories.{kind}.sets", name) for name in category.sets)
    for index, look in enumerate(settings.looks):
        yield from ((f"looks.{index}.sets", name) for name in look.sets)
