"""What is worth reading of a post: plain words, in a language that is read, about things that are sold."""

import math
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from packshot.events import Category, Post, Signal
from packshot.trends.duplicates import Duplicates
from packshot.trends.lexicon import Lexicon
from packshot.trends.phrases import Phrases
from packshot.trends.tokens import OPAQUE, PAUSE, STOP, tokens
from packshot.trends.vocabulary import Vocabulary

Language = Literal["english", "any"]
Fault: TypeAlias = Literal["empty", "bot", "spam", "instructions", "language", "off_topic", "duplicate"]
"""Why a post is not read."""

LARGEST = 4_000
"""Characters that are looked at; whoever writes more says it in these."""
_KEPT = 1_000
_HEAVIEST = 4.0
_COPIES = 2
"""How many posts that say nearly the same are counted."""
_MOST_CATEGORIES = 3
_LINKS = 3
_FEW_WORDS = 3
_REPETITIVE = 0.45
_ENOUGH_WORDS = 10
_SMALL_WORDS = 0.1
_FOREIGN = 0.3

_FENCE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,300}>")
_LINK = re.compile(r"\[([^\[\]]{0,200})\]\([^()\s]{0,500}\)")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<!\w)(?:[@#]|/?[ur]/)(?=\w)[\w-]+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,10});", re.IGNORECASE)
_SYMBOL = re.compile(r"[^\w\s.,!?;:()'\u2018\u2019\u2026\u2013\u2014/\"%&+-]")
_BLANK = re.compile(r"[ \t\r\f\v]+")
_TO_A_MODEL = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|rule|prompt|vocabulary|guideline)"
    r"|\bsystem prompt\b|\byou are (?:now|an? (?:ai|language model|assistant))\b|\bas an ai\b"
    r"|\b(?:system|assistant|user|developer) ?:|\bact as\b|\bjailbreak|\bdeveloper mode\b"
    r"|\boutput\b.{0,30}\b(?:weight|json|only)\b|\breply with\b|\brespond with\b"
    r"|\{\s*\"?\w+\"?\s*:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A post that is not read, and why."""

    fault: Fault


class Cleaner:
    """Cleans a stream of posts; it remembers some of it, so that copies are known."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon, *, language: Language = "english") -> None:
        self._lexicon = lexicon
        self._language = language
        self._seen = Duplicates()
        self._terms = Phrases.of(word for entry in vocabulary.entries for word in entry.words)

    def clean(self, signal: Signal) -> Post | Dropped:
        """Return the post in plain words, or why it is dropped.

        What is said to a model rather than to people is dropped here, but nothing relies on that: only ids
        of the vocabulary leave an interpreter.
        """
        raw = signal.text[:LARGEST]
        text = plain(raw)
        if _TO_A_MODEL.search(raw):
            return Dropped("instructions")
        words = tokens(text)
        spoken = [word for word in words if word not in {STOP, PAUSE}]
        fault = self._fault(raw, words, spoken)
        if fault:
            return Dropped(fault)
        return Post(
            text=text,
            posted_at=signal.posted_at,
            weight=weight_of(signal.engagement),
            categories=self._categories(words),
        )

    def _fault(self, raw: str, words: list[str], spoken: list[str]) -> Fault | None:
        if len(spoken) < _FEW_WORDS:
            return "empty"
        if any(self._lexicon.robots.at(words, at) for at in range(len(words))):
            return "bot"
        if len(_URL.findall(raw)) >= _LINKS or _is_repetitive(spoken):
            return "spam"
        if self._language == "english" and not self._is_english(spoken):
            return "language"
        if not self._is_on_topic(words):
            return "off_topic"
        return "duplicate" if self._seen.count(spoken) >= _COPIES else None

    def _is_english(self, spoken: list[str]) -> bool:
        if spoken.count(OPAQUE) > _FOREIGN * len(spoken):
            return False
        small = sum(word in self._lexicon.small_words for word in spoken)
        places = range(len(spoken))
        known = sum(1 for at in places if self._terms.at(spoken, at) or self._lexicon.things.at(spoken, at))
        return small >= _SMALL_WORDS * len(spoken) or known >= _FEW_WORDS

    def _is_on_topic(self, words: list[str]) -> bool:
        return any(
            self._lexicon.things.at(words, at) or self._terms.at(words, at) for at in range(len(words))
        )

    def _categories(self, words: list[str]) -> tuple[Category, ...]:
        found = (match.meaning for match in self._lexicon.things.find(words))
        return tuple(dict.fromkeys(thing for thing in found if thing != "general"))[:_MOST_CATEGORIES]


def plain(text: str) -> str:
    """Return the text without markup, addresses, names, emoji and control characters, at most 1,000 long."""
    text = _FENCE.sub(" ", text)
    text = _LINK.sub(r"\1", text)
    for pattern in (_TAG, _URL, _HANDLE, _ENTITY):
        text = pattern.sub(" ", text)
    text = _BLANK.sub(" ", _SYMBOL.sub(" ", text)).strip()
    return text if len(text) <= _KEPT else text[:_KEPT].rpartition(" ")[0] or text[:_KEPT]


def weight_of(engagement: int) -> float:
    """Return how much a post counts: 1 alone, 2 with ten votes, never more than 4."""
    return round(min(_HEAVIEST, 1 + math.log10(1 + engagement)), 3)


def _is_repetitive(spoken: list[str]) -> bool:
    return len(spoken) >= _ENOUGH_WORDS and len(set(spoken)) < _REPETITIVE * len(spoken)
