"""Whether words speak well or ill of something where no cue says so outright: `it crumples`, `a dream`."""

from collections.abc import Iterator, Sequence

from packshot.trends.lexicon import Lexicon
from packshot.trends.phrases import Match
from packshot.trends.tokens import PAUSE

_REACH = 3
"""Words that a negation turns."""
_BRIEF = 4
_DEGREES = 4
"""Words between a verb and what it says: `looks a bit like a dentist`."""
_LIKE = frozenset({"as", "like"})


class Opinions:
    """Reads the tone of a few words from the lexicon's `sweet` and `sour`, in the manner of VADER."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def tones(self, words: Sequence[str]) -> Iterator[Match[int]]:
        """Yield what praises, 1, and what blames, -1; a negation before it turns it, a none after it too."""
        for match in self._lexicon.tones.find(words):
            denied = self._is_negated(words, match.start) or "none" in words[match.end : match.end + 2]
            yield Match(match.start, match.end, -match.meaning) if denied else match

    def verdicts(self, words: Sequence[str]) -> Iterator[Match[str]]:
        """Yield what says that something is bad: `is so tacky`, `look a bit like a dentist`."""
        for verb in self._lexicon.verdict_words.every(words):
            end = self._end_of_verdict(words, verb) if verb.meaning == "verdicts" else None
            if end:
                yield Match(verb.start, end, "against_after")

    def is_verb(self, words: Sequence[str], at: int) -> bool:
        """Say whether a verb stands there with which verdicts are given."""
        return at < len(words) and self._verb(words, at) is not None

    def is_about_what_was_named(self, words: Sequence[str]) -> bool:
        """Say whether a thought that names nothing speaks of what was named: `it pills`, `looks awful`."""
        if self.names_it(words) or self.is_verb(words, 0) or self.is_verb(words, 1):
            return True
        return len(words) <= _BRIEF and any(match.start <= 1 for match in self._lexicon.tones.find(words))

    def names_it(self, words: Sequence[str]) -> bool:
        """Say whether a pronoun stands for what was named."""
        return not self._lexicon.it.isdisjoint(words)

    def is_negated(self, words: Sequence[str], at: int, *, reach: int) -> bool:
        """Say whether a negation stands in so many words before, in the same thought."""
        for before in range(at - 1, max(-1, at - 1 - reach), -1):
            if words[before] == PAUSE:
                return False
            if words[before] in self._lexicon.negations:
                return True
        return False

    def _is_negated(self, words: Sequence[str], at: int) -> bool:
        return self.is_negated(words, at, reach=_REACH)

    def _verb(self, words: Sequence[str], at: int) -> Match[str] | None:
        verb = self._lexicon.verdict_words.at(words, at)
        return verb if verb and verb.meaning == "verdicts" else None

    def _end_of_verdict(self, words: Sequence[str], verb: Match[str]) -> int | None:
        """Return where what is bad ends after the verb, None if nothing is."""
        at, likened = verb.end, not _LIKE.isdisjoint(words[verb.start : verb.end])
        while at < len(words) and at - verb.end < _DEGREES:
            part = self._lexicon.verdict_words.at(words, at)
            meaning = part.meaning if part else None
            if part and (meaning == "bad" or (meaning == "dreary" and likened)):
                return part.end
            if words[at] == "too" and self._is_too_much(words, at + 1):
                return at + 2
            likened = likened or words[at] in _LIKE
            if meaning != "degrees" and not likened:
                return None
            at = part.end if part and meaning == "degrees" else at + 1
        return None

    def _is_too_much(self, words: Sequence[str], at: int) -> bool:
        """Say whether `too` stands before anything but praise: `too stark`, not `too pretty`."""
        if at >= len(words) or words[at] in self._lexicon.plain_colours:
            return False
        return self._lexicon.tones.at(words, at) is None
