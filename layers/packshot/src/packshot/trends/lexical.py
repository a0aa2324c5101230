"""The embedded interpreter: finds the vocabulary's words in a post and tells wish from weariness.

Lexical sentiment with scopes in the manner of NegEx (Chapman et al. 2001): a cue turns the mentions in its
scope, which ends at a full stop, a contrast or a new thought. It needs no network, costs nothing, and is what
a language model's answers are held against.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packshot.events import InterpreterName, Mention, Post, Stance
from packshot.ports import Deadline, Reading
from packshot.trends.lexicon import Lexicon, load_lexicon
from packshot.trends.phrases import Match, Phrases
from packshot.trends.tokens import PAUSE, STOP, tokens
from packshot.trends.vocabulary import Entry, Vocabulary, load_vocabulary

_REACH = 12
"""Words that a cue turns at most."""
_DEGREES = 4
_NEAR = 4
"""Words that `not` and `no` turn."""
_BESIDE = 4
"""Words between a loose word and what shows its sense."""
_AFTERTHOUGHT = 3
_SHORT = 7
"""A sentence of so few words, with a no among its first, is about the one before: `Over it.`"""
_NOES = frozenset({"against", "against_after"})
_PRONOUNS = frozenset(
    [
        "it",
        "its",
        "they",
        "theyre",
        "this",
        "that",
        "these",
        "those",
        "im",
        "i",
        "ive",
        "we",
        "and",
        "so",
        "just",
        "already",
        "now",
        "really",
        "all",
        "honestly",
        "tbh",
        "thing",
        "look",
        "trend",
        "whole",
        "is",
        "are",
    ]
) | {PAUSE}
_THINGS = frozenset({"material", "silhouette", "pattern"})
_ENDS = frozenset({"over", "dead", "done", "finished"})


@dataclass(frozen=True, slots=True)
class _Term:
    """A phrase of the vocabulary; a loose one has to be confirmed by its neighbours."""

    entry: Entry
    loose: bool


class LexicalInterpreter:
    """Reads posts by vocabulary and lexicon alone; the same post is always read alike."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon) -> None:
        self._vocabulary = vocabulary
        self._lexicon = lexicon
        self._terms: Phrases[_Term] = Phrases()
        for entry in vocabulary.entries:
            for word in entry.loose:
                self._terms.add(word, meaning=_Term(entry, loose=True))
        for entry in vocabulary.entries:
            for word in entry.words:
                self._terms.add(word, meaning=_Term(entry, loose=False))

    name: InterpreterName = "embedded"

    def read(self, posts: Sequence[Post], *, deadline: Deadline) -> Reading:  # noqa: ARG002 - it takes no time
        """Return what each post speaks of."""
        return Reading(mentions=tuple(self.mentions(post.text) for post in posts))

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return what a post speaks of, each thing once and as it was spoken of last."""
        found: dict[str, Stance] = {}
        before: list[_Found] = []
        for sentence in _sentences(tokens(text)):
            read = _Sentence(sentence, lexicon=self._lexicon, terms=self._terms)
            if read.is_afterthought:
                found |= {each.entry.id: "against" for each in before}
            for each in read.found():
                found[each.entry.id] = each.stance
            before = read.found() or before
        return tuple(Mention(id=name, stance=stance) for name, stance in found.items())


@dataclass(slots=True)
class _Found:
    """A term in a sentence."""

    start: int
    end: int
    entry: Entry
    stance: Stance = "for"


class _Sentence:
    """One sentence: its terms, the cues around them, and which cue turns which term."""

    def __init__(self, words: Sequence[str], *, lexicon: Lexicon, terms: Phrases[_Term]) -> None:
        self._words = words
        self._lexicon = lexicon
        self._cues = sorted([*lexicon.cues.find(words), *self._verdicts()], key=lambda cue: cue.start)
        self._found = list(self._confirmed(terms))
        self._turn()

    @property
    def is_afterthought(self) -> bool:
        """Say whether the sentence begins with a no and names nothing: it is about the one before."""
        no = any(
            (cue.meaning in _NOES and cue.start < _AFTERTHOUGHT)
            or (cue.meaning == "dismissals" and cue.start == 0)
            for cue in self._cues
        )
        return no and not self._found and len(self._words) <= _SHORT

    def found(self) -> list[_Found]:
        """Return the terms with their stances, from left to right."""
        return self._found

    def _verdicts(self) -> Iterator[Match[str]]:
        """Yield what says that something is bad: `is so tacky`, `look a bit like a dentist`."""
        parts = self._lexicon.verdict_words
        for at in range(len(self._words)):
            verb = parts.at(self._words, at)
            if verb is None or verb.meaning != "verdicts":
                continue
            end = verb.end
            while end < len(self._words) and end - verb.end < _DEGREES:
                part = parts.at(self._words, end)
                if part and part.meaning in {"bad", "dreary"} and (part.meaning == "bad" or end > verb.end):
                    yield Match(at, part.end, "against_after")
                    break
                if not (part and part.meaning == "degrees") and self._words[end] not in {"like", "a", "an"}:
                    break
                end = part.end if part else end + 1

    # --- terms --------------------------------------------------------------------------------------

    def _confirmed(self, terms: Phrases[_Term]) -> Iterator[_Found]:
        idioms = [cue for cue in self._cues if cue.meaning == "idiom"]
        matches = list(terms.find(self._words))
        for match in matches:
            covered = any(each.start < match.end and match.start < each.end for each in idioms)
            if covered or self._is_left_behind(match):
                continue
            if not match.meaning.loose or _qualifies(match, matches) or self._is_meant(match):
                yield _Found(match.start, match.end, match.meaning.entry)

    def _is_left_behind(self, match: Match[_Term]) -> bool:
        """Say whether it is only where something came from: `went from grey to sage`."""
        coming = self._words[max(0, match.start - 1) : match.start] == ["from"]
        return coming and "to" in self._words[match.end : match.end + 3]

    def _is_meant(self, match: Match[_Term]) -> bool:
        """Say whether a loose word stands beside a product or, for a colour, a word of colour."""
        kind = match.meaning.entry.kind
        if kind == "lighting":
            return any(word in self._lexicon.photography for word in self._words)
        if any(word in self._lexicon.things for word in self._beside(match, reach=_BESIDE)):
            return True
        return kind == "colour" and any(word in self._lexicon.hues for word in self._beside(match, reach=2))

    def _beside(self, match: Match[_Term], *, reach: int) -> Iterator[str]:
        yield from self._words[max(0, match.start - reach) : match.start]
        yield from self._words[match.end : match.end + reach]

    # --- stances ------------------------------------------------------------------------------------

    def _turn(self) -> None:
        for cue in self._cues:
            match cue.meaning:
                case "against":
                    self._turn_between(cue.start + 1, self._end_of_scope(cue.end))
                case "exchange":
                    self._turn_between(cue.end, self._end_of_scope(cue.end, exchange=True))
                case "against_near":
                    self._turn_between(cue.end, min(cue.end + _NEAR, self._end_of_scope(cue.end)))
                case "against_after":
                    self._turn_before(cue.start)
                case "dismissals" if self._begins_at(cue.start):
                    self._turn_before(cue.start)
                case _:
                    pass
        self._compare()
        if self._words[0] in {"is", "are"} and self._words[-1] in _ENDS:
            self._turn_between(0, len(self._words))

    def _turn_between(self, start: int, end: int) -> None:
        for each in self._found:
            if start <= each.start < end:
                each.stance = "against"

    def _turn_before(self, end: int) -> None:
        """Turn what the part of the sentence before a cue names; if that is only `it`, the part before."""
        start = self._start_of_part(end)
        while start > 0 and all(word in _PRONOUNS for word in self._words[start:end]):
            start, end = self._start_of_part(start - 1), start
        self._turn_between(start, end)

    def _start_of_part(self, end: int) -> int:
        """Return where the thought that ends here begins: after a pause with a new thought, or a contrast."""
        parts = {cue.end for cue in self._cues if cue.meaning == "contrast" and cue.end <= end}
        pauses = {at + 1 for at in range(end) if self._words[at] == PAUSE and self._restarts(at + 1)}
        return max(parts | pauses, default=0)

    def _end_of_scope(self, start: int, *, exchange: bool = False) -> int:
        ends = [start + _REACH, len(self._words)]
        kinds = {"contrast", "praise", *(("exchange_for",) if exchange else ())}
        ends += [cue.start for cue in self._cues if cue.start >= start and cue.meaning in kinds]
        ends += [
            at for at in range(start, len(self._words)) if self._words[at] == PAUSE and self._restarts(at + 1)
        ]
        return min(ends)

    def _begins_at(self, at: int) -> bool:
        return at == 0 or self._words[at - 1] == PAUSE

    def _restarts(self, at: int) -> bool:
        """Say whether a new thought begins here, rather than the next item of a list."""
        return at < len(self._words) and self._lexicon.restarts.at(self._words, at) is not None

    def _compare(self) -> None:
        """Turn the second of two things where the first is preferred: `I'd take camel over black`."""
        for at, word in enumerate(self._words):
            if word != "over":
                continue
            preferred = any(each.end <= at <= each.end + 2 for each in self._found) and any(
                earlier in self._lexicon.wishes for earlier in self._words[max(0, at - 8) : at]
            )
            if preferred:
                self._turn_between(at + 1, at + 4)


def _qualifies(match: Match[_Term], others: Sequence[Match[_Term]]) -> bool:
    """Say whether a word stands right before a fabric or a form: `brown suede`, `white wide legs`."""
    next_ones = (each.meaning for each in others if each.start == match.end)
    return any(not term.loose and term.entry.kind in _THINGS for term in next_ones)


def _sentences(words: Sequence[str]) -> Iterator[list[str]]:
    sentence: list[str] = []
    for word in words:
        if word != STOP:
            sentence.append(word)
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


@functools.cache
def load_interpreter() -> LexicalInterpreter:
    """Return the interpreter over what ships."""
    return LexicalInterpreter(load_vocabulary(), load_lexicon())
