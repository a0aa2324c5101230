"""Find phrases of several words in a text, the longest first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from packshot.trends.tokens import words_of

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Match(Generic[Meaning]):
    """A phrase at words `start` to `end` (exclusive), and what it means."""

    start: int
    end: int
    meaning: Meaning


class Phrases(Generic[Meaning]):
    """Phrases by their first word. A pause in the text parts a phrase; a plural is the same phrase."""

    def __init__(self) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], Meaning]] = {}
        self._lengths: dict[str, set[int]] = {}

    @classmethod
    def of(cls, words: Iterable[str]) -> "Phrases[bool]":
        """Return phrases that are only found or not."""
        phrases: Phrases[bool] = Phrases()
        for word in words:
            phrases.add(word, meaning=True)
        return phrases

    def add(self, phrase: str, *, meaning: Meaning) -> None:
        """Add a phrase; the same one again takes the new meaning."""
        words = words_of(phrase)
        self._by_first.setdefault(words[0], {})[words] = meaning
        self._lengths.setdefault(words[0], set()).add(len(words))

    def at(self, text: Sequence[str], start: int) -> Match[Meaning] | None:
        """Return the longest phrase that begins here, None if none does."""
        first = text[start]
        known = self._by_first.get(first)
        if known is None:
            return None
        for length in sorted(self._lengths[first], reverse=True):
            words = tuple(text[start : start + length])
            if words in known:
                return Match(start, start + length, known[words])
        return None

    def find(self, text: Sequence[str]) -> Iterator[Match[Meaning]]:
        """Yield phrases from left to right, none inside another."""
        at = 0
        while at < len(text):
            match = self.at(text, at)
            if match:
                yield match
            at = match.end if match else at + 1

    def __contains__(self, word: str) -> bool:
        return (word,) in self._by_first.get(word, ())
