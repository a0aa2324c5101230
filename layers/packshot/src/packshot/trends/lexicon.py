"""How people say that they want something or have had enough of it, and what is no trend at all."""

import functools
from collections.abc import Iterable
from importlib import resources
from typing import Literal, TypeAlias, TypeVar

from pydantic import ValidationError

from packshot.errors import DamagedArtifact
from packshot.events import Category, Event
from packshot.trends.phrases import Phrases
from packshot.trends.tokens import words_of

Words = tuple[str, ...]
Thing: TypeAlias = Category | Literal["general"]
Meaning = TypeVar("Meaning")


class Lexicon(Event):
    """Phrases by what they do; they are compared in the form of `tokens`.

    `idioms` hold words of the vocabulary and mean something else. `against` turns what follows,
    `against_near` only the next few words, `against_after` what went before; phrases of `praise` look like
    one of them and are not, nor are `plain` ones, which praise nothing. After `contrast` a new thought
    begins, after a pause one that begins with a word of `restart`. What stands behind `exchange` goes, what
    stands behind its `exchange_for` comes. Of `verdicts`, `degrees` and `bad` sentences are made such as
    `looks a bit dated`; `dreary` is what nobody wants to be like. `dismissals` are such only where a thought
    begins. `sweet` and `sour` set the tone of a thought that has no cue, and `negations` turn them;
    `redeeming` takes back what was said ill of; `refusals` alone are a no. What follows `likened` only says
    what something looked like. `asides` are about stock and sizes, `inquiries` after `care` about washing.
    `better` and `comparative` words compare, unless `layers` are worn. `lookalikes` are no slips of the pen
    for a word of the vocabulary.

    From `it` on, single words: pronouns for what was named, as `objects` they follow a verb, with `pronouns`
    a thought is about the one before; `asking` begins a question; `times` stand before a season that only
    says when; `shading` before a colour that only says which; `plain_colours` are named with few words about.
    """

    version: str
    idioms: Words
    against: Words
    against_near: Words
    against_after: Words
    praise: Words
    plain: Words
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
    sweet: Words
    sour: Words
    negations: frozenset[str]
    likened: Words
    asides: Words
    inquiries: Words
    care: Words
    redeeming: Words
    refusals: Words
    season_cues: Words
    better: Words
    comparative: Words
    layers: Words
    lookalikes: Words
    general: Words
    categories: dict[Category, Words]
    bots: Words
    english: Words
    it: frozenset[str]
    objects: frozenset[str]
    pronouns: frozenset[str]
    asking: frozenset[str]
    pasts: frozenset[str]
    times: frozenset[str]
    articles: frozenset[str]
    shading: frozenset[str]
    plain_colours: frozenset[str]

    @functools.cached_property
    def cues(self) -> Phrases[str]:
        """Return the phrases that say something about others, each with what it does."""
        cues: Phrases[str] = Phrases()
        # Later ones win where two are the same: `instead of` parts nothing.
        for kind in ("dismissals", "likened", "contrast", "exchange_for", "against_near", "against_after"):
            _add_all(cues, getattr(self, kind), kind)
        _add_all(cues, self.against, "against")
        _add_all(cues, (*self.praise, *self.plain), "praise")
        _add_all(cues, self.idioms, "idiom")
        _add_all(cues, self.exchange, "exchange")
        return cues

    @functools.cached_property
    def verdict_words(self) -> Phrases[str]:
        """Return the parts of `looks a bit dated` and `feels like a dentist`, each with what part it is."""
        parts: Phrases[str] = Phrases()
        for kind in ("verdicts", "degrees", "dreary", "sour", "bad"):
            _add_all(parts, getattr(self, kind), "bad" if kind == "sour" else kind)
        return parts

    @functools.cached_property
    def tones(self) -> Phrases[int]:
        """Return what praises, 1, and what blames, -1; 0 for what only looks like one of them."""
        tones: Phrases[int] = Phrases()
        for words, tone in ((self.praise, 1), (self.plain, 0), (self.sour, -1), (self.sweet, 1)):
            for word in words:
                tones.add(word, meaning=tone)
        return tones

    @functools.cached_property
    def small_talk(self) -> Phrases[bool]:
        """Return what is said about washing, stock and sizes."""
        return Phrases.of(self.asides)

    @functools.cached_property
    def questions(self) -> Phrases[bool]:
        """Return how a question begins that is none of taste."""
        return Phrases.of(self.inquiries)

    @functools.cached_property
    def upkeep(self) -> Phrases[bool]:
        """Return what such a question is about."""
        return Phrases.of(self.care)

    @functools.cached_property
    def savings(self) -> Phrases[bool]:
        """Return what takes back what was said ill of."""
        return Phrases.of(self.redeeming)

    @functools.cached_property
    def refusing(self) -> Phrases[bool]:
        """Return what is a no and nothing else."""
        return Phrases.of(self.refusals)

    @functools.cached_property
    def seasons(self) -> Phrases[bool]:
        """Return the words that show that another one is a season."""
        return Phrases.of(self.season_cues)

    @functools.cached_property
    def betters(self) -> Phrases[bool]:
        """Return the words between a better thing and a worse: `beats`."""
        return Phrases.of(self.better)

    @functools.cached_property
    def comparatives(self) -> Phrases[bool]:
        """Return the words before `than` that say that the first is the better."""
        return Phrases.of(self.comparative)

    @functools.cached_property
    def layering(self) -> Phrases[bool]:
        """Return the words after which `this over that` is worn at once."""
        return Phrases.of(self.layers)

    @functools.cached_property
    def spoken(self) -> frozenset[str]:
        """Return words that are spelt rightly."""
        every = (value for value in self.model_dump().values() if isinstance(value, tuple))
        named = (words for words in self.categories.values())
        return frozenset(word for words in (*every, *named) for phrase in words for word in words_of(phrase))

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
