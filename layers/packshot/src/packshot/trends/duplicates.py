"""Know a post again that was seen before, word for word or nearly, in memory that does not grow."""

import zlib
from array import array
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

_BINS = 8
_ROWS = 2
_ALIKE = 0.5
"""Share of common words (Jaccard) from which two posts say the same."""
_REMEMBERED = 20_000

Words = frozenset[int]


@dataclass(slots=True)
class _Saying:
    """What was said first, as four bytes for a word, and how often it came since."""

    words: "array[int]"
    times: int = 0


class Duplicates:
    """Near-duplicates by one-permutation MinHash (Li, Owen, Zhang 2012) in bands, each candidate compared.

    The last 20,000 different posts are remembered: about 30 MB, whatever comes.
    """

    def __init__(self, *, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._by_band: OrderedDict[tuple[int, ...], _Saying] = OrderedDict()

    def count(self, words: Iterable[str]) -> int:
        """Return how many posts like this one came before, and remember it."""
        hashed = frozenset(zlib.crc32(word.encode()) for word in words)
        bands = _bands(hashed)
        for band in bands:
            known = self._by_band.get(band)
            if known and _likeness(frozenset(known.words), hashed) >= _ALIKE:
                known.times += 1
                self._remember(known, bands)
                return known.times
        self._remember(_Saying(array("I", hashed)), bands)
        return 0

    def _remember(self, saying: _Saying, bands: list[tuple[int, ...]]) -> None:
        for band in bands:
            self._by_band[band] = saying
            self._by_band.move_to_end(band)
        while len(self._by_band) > self._remembered * (_BINS // _ROWS):
            self._by_band.popitem(last=False)


def _bands(hashed: Words) -> list[tuple[int, ...]]:
    least = [1 << 32] * _BINS
    for value in hashed:
        place, rest = value % _BINS, value // _BINS
        least[place] = min(least[place], rest)
    # An empty bin borrows from its neighbour, so that short posts fall into bands too (Shrivastava 2017).
    full = [value for value in least if value != 1 << 32] or [0]
    filled = [value if value != 1 << 32 else full[at % len(full)] for at, value in enumerate(least)]
    return [(at, *filled[at : at + _ROWS]) for at in range(0, _BINS, _ROWS)]


def _likeness(one: Words, other: Words) -> float:
    return len(one & other) / (len(one | other) or 1)
