"""How people say that they want something or have had enough of it, and what is no trend at all."""

import functools
from collections.abc import Iterable
from importlib import resources
from typing import Literal, TypeAlias, TypeVar

from pydantic import ValidationError

from packshot.errors import DamagedArtifact
from packshot.events import Category, Event
from packshot.trends.phrases import Phrases

Words = tuple[str, ...]
Thing: TypeAlias = Category | Literal["general"]
Meaning = TypeVar("Meaning")


class Lexicon(Event):
    """Phrases by what they do; they are compared in the form of `tokens`.

    `idioms` hold words of the vocabulary and mean something else. `against` turns what follows,
    `against_near` only the next few words, `against_after` what went before; phrases of `praise` look like
    one of them and are not. After `contrast` a new thought begins, after a pause one that begins with a word
    of `restart`. What stands behind `exchange` goes, what stands behind its `exchange_for` comes. Of
    `verdicts`, `degrees` and `bad` sentences are made such as `looks a bit dated`; `dreary` is what nobody
    wants to be like. `dismissals` are such only where a thought begins.
    """

    version: str
    idioms: Words
    against: Words
    against_near: Words
    against_after: Words
    praise: Words
    contrast: Words
    exchange: Words
    exchange_for: Words
    preference: Words
    restart: Words
    verdicts: Words
    degrees: Words
    bad: Words
    dreary: Words
    colour_cues: Words
    photo_cues: Words
    dismissals: Words
    general: Words
    categories: dict[Category, Words]
    bots: Words
    english: Words

    @functools.cached_property
    def cues(self) -> Phrases[str]:
        """Return the phrases that say something about others, each with what it does."""
        cues: Phrases[str] = Phrases()
        # Later ones win where two are the same: `instead of` parts nothing.
        for kind in ("dismissals", "contrast", "exchange_for", "against_near", "against_after"):
            _add_all(cues, getattr(self, kind), kind)
        for kind in ("against", "praise"):
            _add_all(cues, getattr(self, kind), kind)
        _add_all(cues, self.idioms, "idiom")
        _add_all(cues, self.exchange, "exchange")
        return cues

    @functools.cached_property
    def verdict_words(self) -> Phrases[str]:
        """Return the parts of `looks a bit dated` and `feels like a dentist`, each with what part it is."""
        parts: Phrases[str] = Phrases()
        for kind in ("verdicts", "degrees", "dreary", "bad"):
            _add_all(parts, getattr(self, kind), kind)
        return parts

    @functools.cached_property
    def photography(self) -> Phrases[bool]:
        """Return the words that show that another one is a light to take pictures in."""
        return Phrases.of(self.photo_cues)

    @functools.cached_property
    def things(self) -> Phrases[Thing]:
        """Return the words for products, each with its category; `general` for what is of none."""
        things: Phrases[Thing] = Phrases()
        for word in self.general:
            things.add(word, meaning="general")
        for category, words in self.categories.items():
            for word in words:
                things.add(word, meaning=category)
        return things

    @functools.cached_property
    def restarts(self) -> Phrases[bool]:
        """Return the words that begin a new thought after a pause."""
        return Phrases.of(self.restart)

    @functools.cached_property
    def hues(self) -> Phrases[bool]:
        """Return the words that show that another one is a colour."""
        return Phrases.of(self.colour_cues)

    @functools.cached_property
    def wishes(self) -> Phrases[bool]:
        """Return the words after which `this over that` compares."""
        return Phrases.of(self.preference)

    @functools.cached_property
    def robots(self) -> Phrases[bool]:
        """Return what only machines say."""
        return Phrases.of(self.bots)

    @functools.cached_property
    def small_words(self) -> frozenset[str]:
        """Return English words that no text goes without."""
        return frozenset(self.english)


def _add_all(phrases: Phrases[Meaning], words: Iterable[str], meaning: Meaning) -> None:
    for word in words:
        phrases.add(word, meaning=meaning)


@functools.cache
def load_lexicon() -> Lexicon:
    """Return the lexicon that ships; `DamagedArtifact` if the file does not keep the schema."""
    text = resources.files("packshot.trends").joinpath("lexicon.json").read_text(encoding="utf-8")
    try:
        return Lexicon.model_validate_json(text)
    except ValidationError as error:
        raise DamagedArtifact(f"lexicon.json: {error}") from error
