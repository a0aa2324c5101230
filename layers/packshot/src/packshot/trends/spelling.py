"""Words with one letter wrong, where only one known word is near."""

import functools
from collections.abc import Iterable, Iterator

_LONG = 7
"""Letters from which on one of them may be wrong; shorter words have too many neighbours."""


class Spelling:
    """The long words of a vocabulary, found again with one letter missing, added, wrong or swapped.

    Words are compared by what is left of them without one letter, as in SymSpell (Garbe 2012). The first
    letter has to be right: it seldom is wrong, and `feather` is no `leather`.
    """

    def __init__(self, words: Iterable[str], *, others: Iterable[str]) -> None:
        self._known = frozenset(words)
        self._others = frozenset(others)
        self._near: dict[str, set[str]] = {}
        for word in self._known:
            if len(word) >= _LONG:
                for rest in _rests(word):
                    self._near.setdefault(rest, set()).add(word)
        self.corrected = functools.lru_cache(maxsize=65_536)(self._corrected)

    def _corrected(self, word: str) -> str:
        """Return the one known word that this can only be, or the word itself."""
        if len(word) < _LONG or word in self._known or word in self._others or not word.isalpha():
            return word
        near = {
            known
            for rest in _rests(word)
            for known in self._near.get(rest, ())
            if known[0] == word[0] and _is_one_slip(word, known)
        }
        return near.pop() if len(near) == 1 else word


def _rests(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _is_one_slip(word: str, known: str) -> bool:
    """Say whether one letter is missing, added, wrong, or swapped with its neighbour."""
    if len(word) != len(known):
        longer, shorter = (word, known) if len(word) > len(known) else (known, word)
        return len(longer) - len(shorter) == 1 and shorter in _rests(longer)
    first = next(at for at in range(len(word)) if word[at] != known[at])
    swapped = word[:first] + word[first : first + 2][::-1] + word[first + 2 :]
    return word[first + 1 :] == known[first + 1 :] or swapped == known
