"""Prompts for an outside generator: a versioned template, filled with words that stand in `prompts.json`.

A prompt names the scene alone: whoever names a product, or says that there shall be none, gets one.
Nothing of an upload, a post or a palette's name reaches it; colours are told by the nearest of a closed list.
"""

import functools
import re
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from pydantic import ValidationError

from packshot.errors import DamagedArtifact, GenerationFailed
from packshot.events import Event, Hex, Light, Scene, View
from packshot.scenes.harmony import difference, lab

Anchor = Literal["stand", "hang", "lie"]

_HARD, _FIRM = 0.2, 0.4
"""Softness below which light is a sun's, and a small lamp's."""
_LOW, _HIGH = 32.0, 58.0
"""Degrees of elevation below and above which a light is low and high."""


class Words(Event):
    """The closed vocabulary of prompts, and the view that each way of holding a product asks for."""

    version: str
    template: str
    sets: dict[str, str]
    light: str
    keys: dict[Literal["hard", "firm", "soft"], str]
    heights: dict[Literal["low", "middle", "high"], str]
    cameras: dict[Anchor, str]
    moods: dict[str, str]
    colours: dict[str, Hex]
    views: dict[Anchor, View]

    @property
    def vocabulary(self) -> frozenset[str]:
        """Return every word that a prompt can hold, in lower case."""
        tables = (self.sets, self.keys, self.heights, self.cameras, self.moods)
        phrases = [self.template, self.light, *(phrase for table in tables for phrase in table.values())]
        text = re.sub(r"\{\w+\}", " ", " ".join([*phrases, *self.colours]))
        return frozenset(re.findall(r"[a-z]+", text.lower())) | {"left", "right", "and"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text and the version of the words that it was made of."""

    text: str
    version: str


@functools.cache
def load_words() -> Words:
    """Return the words that ship; `DamagedArtifact` if the file is not what it was."""
    text = resources.files("packshot.scenes").joinpath("prompts.json").read_text(encoding="utf-8")
    try:
        return Words.model_validate_json(text)
    except ValidationError as error:
        raise DamagedArtifact(f"prompts.json: {error}") from error


def view_for(anchor: Anchor) -> View:
    """Return what a plate for a product that is held like this is asked to show."""
    return load_words().views[anchor]


def prompt_for(scene: Scene) -> Prompt:
    """Return the words for a scene's plate; `GenerationFailed` for a set that has none."""
    words = load_words()
    if scene.set not in words.sets:
        raise GenerationFailed(f"prompts have no words for the set {scene.set!r}")
    paints = {slot: colour_word(getattr(scene.palette, slot)) for slot in ("wall", "floor", "accent")}
    moods = [words.moods[item] for item in scene.trend_items if item in words.moods]
    text = words.template.format(
        set=words.sets[scene.set].format(**paints),
        light=_light(scene.light, words),
        camera=words.cameras[scene.anchor],
        mood=f"{' and '.join(moods).capitalize()}. " if moods else "",
        colours=" and ".join(dict.fromkeys(paints.values())),
    )
    return Prompt(text, words.version)


@functools.lru_cache(maxsize=512)
def colour_word(colour: Hex) -> str:
    """Return the word of the closed list that is nearest to an sRGB `#rrggbb` in ΔE2000."""
    wanted, named = lab(colour), load_words().colours
    return min(named, key=lambda word: difference(lab(named[word]), wanted))


def _light(light: Light, words: Words) -> str:
    key = words.keys["hard" if light.softness < _HARD else "firm" if light.softness < _FIRM else "soft"]
    height = words.heights[
        "low" if light.elevation < _LOW else "middle" if light.elevation < _HIGH else "high"
    ]
    return words.light.format(key=key, side=light.side, height=height)
