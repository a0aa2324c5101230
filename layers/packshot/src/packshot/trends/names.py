"""What a sentence names: phrases of the vocabulary where they mean what the vocabulary means."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packshot.events import Stance
from packshot.trends.lexicon import Lexicon
from packshot.trends.opinions import Opinions
from packshot.trends.phrases import Match
from packshot.trends.vocabulary import Entry

_BESIDE = 6
"""Words between a colour's plain name and what shows that it is a colour."""
_CLOSE = 4
"""The same for a loose word that mostly is a food, a stone or a state of things."""
_HUES_BESIDE = 4
_AMONG = 8
_LIKENED = 2
"""Words after `mistaken for` that only say what something looked like."""
_DOUBTED = 7
_THINGS = frozenset({"material", "silhouette", "pattern"})


@dataclass(frozen=True, slots=True)
class Term:
    """A phrase of the vocabulary; a loose one has to be confirmed by its neighbours."""

    entry: Entry
    loose: bool


@dataclass(slots=True)
class Named:
    """A thing that a sentence names, at words `start` to `end` (exclusive)."""

    start: int
    end: int
    entry: Entry
    stance: Stance = "for"
    decided: bool = False
    """Whether a cue has turned it, so that no tone does."""
    praised: bool = False
    """Whether its thought speaks well of something, so that it takes back what was said before."""
    worse: bool = False
    """Whether another one is preferred: no praise that follows is for it."""

    def turn(self) -> None:
        """Take it for something that nobody wants."""
        self.stance = "against"
        self.decided = True


class Naming:
    """Confirms the matches of one sentence."""

    def __init__(
        self,
        words: Sequence[str],
        matches: Sequence[Match[Term]],
        *,
        cues: Sequence[Match[str]],
        lexicon: Lexicon,
        opinions: Opinions,
    ) -> None:
        self._words = words
        self._matches = matches
        self._cues = cues
        self._lexicon = lexicon
        self._opinions = opinions

    def names(self) -> Iterator[Named]:
        """Yield what is named, from left to right."""
        hidden = list(self._hidden())
        for match in self._matches:
            if (
                any(_covers(idiom, match) for idiom in hidden)
                or self._is_left_behind(match)
                or self._is_of_a_light(match)
            ):
                continue
            if not match.meaning.loose or self._qualifies(match) or self._is_meant(match):
                yield Named(match.start, match.end, match.meaning.entry)

    def _hidden(self) -> Iterator[tuple[int, int]]:
        """Yield idioms, and what a likeness covers: `couldn't tell if` covers both colours after it."""
        for cue in self._cues:
            if cue.meaning == "idiom":
                yield cue.start, cue.end
            if cue.meaning == "likened":
                doubted = self._words[cue.end - 1] in {"if", "whether"}
                yield cue.start, cue.end + (_DOUBTED if doubted else _LIKENED)

    def _is_left_behind(self, match: Match[Term]) -> bool:
        """Say whether it is only where something came from, `went from grey to sage`, or near, `too pink`."""
        before = self._words[match.start - 1] if match.start else ""
        if self._words[match.end : match.end + 1] == ["ish"]:
            return True
        if match.meaning.loose and before in self._lexicon.shading:
            return True
        given_up = any(cue.meaning == "exchange" and cue.end == match.start for cue in self._cues)
        return before == "from" and not given_up and "to" in self._words[match.end : match.end + 3]

    def _is_meant(self, match: Match[Term]) -> bool:
        """Say whether a loose word stands beside a product, or what else shows that its kind is meant."""
        kind = match.meaning.entry.kind
        if kind == "lighting":
            return any(word in self._lexicon.photography for word in self._words)
        if kind == "season":
            return any(word in self._lexicon.seasons for word in self._beside(match, reach=1))
        plain = self._words[match.start] in self._lexicon.plain_colours
        if any(
            word in self._lexicon.things for word in self._beside(match, reach=_BESIDE if plain else _CLOSE)
        ):
            return True
        return kind == "colour" and (
            (plain and self._opinions.is_verb(self._words, match.end))
            or any(word in self._lexicon.hues for word in self._beside(match, reach=_HUES_BESIDE))
            or self._is_among_colours(match)
        )

    def _beside(self, match: Match[Term], *, reach: int) -> Iterator[str]:
        yield from self._words[max(0, match.start - reach) : match.start]
        yield from self._words[match.end : match.end + reach]

    def _qualifies(self, match: Match[Term]) -> bool:
        """Say whether a word stands right before a fabric or a form: `brown suede`, `white wide legs`."""
        next_ones = (each.meaning for each in self._matches if each.start == match.end)
        return any(not term.loose and term.entry.kind in _THINGS for term in next_ones)

    def _is_among_colours(self, match: Match[Term]) -> bool:
        """Say whether another colour is named close by: `cream and black`."""
        return any(
            each is not match
            and each.meaning.entry.kind == "colour"
            and min(abs(each.start - match.end), abs(match.start - each.end)) <= _AMONG
            for each in self._matches
        )

    def _is_of_a_light(self, match: Match[Term]) -> bool:
        """Say whether a colour only stands before a light: `pink LED glow`."""
        if match.meaning.entry.kind != "colour" or not match.meaning.loose:
            return False
        lights = (each for each in self._matches if each.meaning.entry.kind == "lighting")
        return any(not each.meaning.loose and 0 <= each.start - match.end <= 1 for each in lights)


def _covers(idiom: tuple[int, int], match: Match[Term]) -> bool:
    """Say whether an idiom hides a name: a coffee table does, unless the name is all of it and more."""
    start, end = idiom
    whole = match.start <= start and end <= match.end and match.end - match.start > end - start
    return start < match.end and match.start < end and not whole
