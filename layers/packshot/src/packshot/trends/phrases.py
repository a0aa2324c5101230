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


class _Node(Generic[Meaning]):
    """Where the phrases with one beginning part ways."""

    __slots__ = ("ends", "meaning", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node[Meaning]] = {}
        self.ends = False
        self.meaning: Meaning


class Phrases(Generic[Meaning]):
    """Phrases as a tree of words. A pause in the text parts a phrase; a plural is the same phrase."""

    def __init__(self) -> None:
        self._first: dict[str, _Node[Meaning]] = {}

    @classmethod
    def of(cls, words: Iterable[str]) -> "Phrases[bool]":
        """Return phrases that are only found or not."""
        phrases: Phrases[bool] = Phrases()
        for word in words:
            phrases.add(word, meaning=True)
        return phrases

    def add(self, phrase: str, *, meaning: Meaning) -> None:
        """Add a phrase; the same one again takes the new meaning."""
        first, *others = words_of(phrase)
        node = self._first.setdefault(first, _Node())
        for word in others:
            node = node.next.setdefault(word, _Node())
        node.ends, node.meaning = True, meaning

    def at(self, text: Sequence[str], start: int) -> Match[Meaning] | None:
        """Return the longest phrase that begins here, None if none does."""
        node = self._first.get(text[start])
        longest, at = None, start + 1
        while node is not None:
            if node.ends:
                longest, end = node, at
            node = node.next.get(text[at]) if at < len(text) else None
            at += 1
        return Match(start, end, longest.meaning) if longest else None

    def find(self, text: Sequence[str]) -> Iterator[Match[Meaning]]:
        """Yield phrases from left to right, none inside another."""
        if self._first.keys().isdisjoint(text):
            return
        past = 0
        for at, word in enumerate(text):
            if at >= past and word in self._first:
                match = self.at(text, at)
                if match:
                    past = match.end
                    yield match

    def every(self, text: Sequence[str]) -> Iterator[Match[Meaning]]:
        """Yield the longest phrase at each word that begins one, also inside another."""
        if self._first.keys().isdisjoint(text):
            return
        for at, word in enumerate(text):
            if word in self._first:
                match = self.at(text, at)
                if match:
                    yield match

    def has_one_in(self, text: Sequence[str]) -> bool:
        """Say whether the text has any of the phrases."""
        return next(self.every(text), None) is not None

    def __contains__(self, word: str) -> bool:
        node = self._first.get(word)
        return node is not None and node.ends
