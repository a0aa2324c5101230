"""One sentence: what it names, the cues around that, and which cue turns which name.

Scopes are in the manner of NegEx (Chapman et al. 2001): a cue turns the names in its scope, which ends at a
contrast or a new thought. Where no cue stands, the tone of the thought decides.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

from packshot.events import Stance
from packshot.trends.lexicon import Lexicon
from packshot.trends.names import Named, Naming, Term
from packshot.trends.opinions import Opinions
from packshot.trends.phrases import Match
from packshot.trends.tokens import PAUSE

_REACH = 12
"""Words that a cue turns at most."""
_NEAR = 4
"""Words that `not` and `no` turn."""
_COMPARED = 5
_PREFERRED = 6
_SUBJECT = 4
_AFTERTHOUGHT = 3
_SHORT = 7
"""A sentence of so few words, with a no among its first, is about the one before: `Over it.`"""
_NOES = frozenset({"against", "against_after"})
_RATHER = frozenset({"instead", "rather", "other"})
_LAST: tuple[list[str], ...] = ([], [PAUSE])
_ENDS = frozenset({"over", "dead", "done", "finished"})


class Sentence:
    """Reads one sentence; `names` are what it names, from left to right."""

    def __init__(
        self, words: Sequence[str], matches: Sequence[Match[Term]], *, lexicon: Lexicon, opinions: Opinions
    ) -> None:
        self._words = words
        self._lexicon = lexicon
        self._opinions = opinions
        cues = (cue for cue in lexicon.cues.find(words) if not (self._counts(cue) or self._is_denied(cue)))
        self._cues = sorted([*cues, *opinions.verdicts(words)], key=lambda cue: cue.start)
        naming = Naming(words, matches, cues=self._cues, lexicon=lexicon, opinions=opinions)
        self.names = list(naming.names())
        self._tones = list(opinions.tones(self._unnamed()))
        self._starts = sorted(self._starts_of_thoughts())
        self.verdict: Stance | None = None
        """What a sentence that names nothing says of the one before."""
        self._turn()
        self._weigh()
        self._redeem()
        if self.names and self.is_aside:
            self.names = []

    def stances(self) -> dict[str, Stance]:
        """Return each thing as it is spoken of last; a second mention takes nothing back without praise."""
        found: dict[str, Stance] = {}
        for each in self.names:
            if each.stance == "against" or each.praised or each.entry.id not in found:
                found[each.entry.id] = each.stance
        return found

    @property
    def is_afterthought(self) -> bool:
        """Say whether the sentence begins with a no and names nothing: it is about the one before."""
        no = any(
            (cue.meaning in _NOES and cue.start < _AFTERTHOUGHT)
            or (cue.meaning == "dismissals" and cue.start == 0)
            for cue in self._cues
        )
        return no and not self.names and len(self._words) <= _SHORT and self.verdict != "for"

    @property
    def is_refusal(self) -> bool:
        """Say whether it is nothing but a no."""
        return self._lexicon.refusing.at(self._words, 0) == Match(0, len(self._words), meaning=True)

    @property
    def is_aside(self) -> bool:
        """Say whether it is about washing, stock or sizes, and no word in it wishes for anything."""
        tone = self._tone(0, len(self._words))
        if tone > 0:
            return False
        asks = self._lexicon.questions.has_one_in(self._words) or any(
            word in self._lexicon.asking and self._begins_at(at) for at, word in enumerate(self._words)
        )
        if asks and self._lexicon.upkeep.has_one_in(self._words):
            return True
        turned = tone or any(each.decided for each in self.names)
        return not turned and self._lexicon.small_talk.has_one_in(self._words)

    @property
    def is_elsewhere(self) -> bool:
        """Say whether it names only what looks like a name: nothing after it is about the one before."""
        return not self.names and any(cue.meaning == "idiom" for cue in self._cues)

    def _is_denied(self, cue: Match[str]) -> bool:
        """Say whether a none follows: `regrets: none`."""
        return bool({"none", "zero"} & set(self._words[cue.end : cue.end + 2]))

    def _counts(self, cue: Match[str]) -> bool:
        """Say whether `over` only counts: everybody over 60 has had enough of nothing."""
        after = self._words[cue.end : cue.end + 1]
        return self._words[cue.end - 1] == "over" and any(word.isdigit() for word in after)

    # --- cues ---------------------------------------------------------------------------------------

    def _turn(self) -> None:
        for cue in self._cues:
            match cue.meaning:
                case "against" | "exchange" if self._is_object(cue.end):
                    self._turn_what_was_named(cue.start)
                case "against" if self._words[cue.start] in _RATHER:
                    self._prefer_to(cue.end, self._end_of_scope(cue.end))
                case "against":
                    self._turn_between(cue.start + 1, self._end_of_scope(cue.end))
                case "exchange":
                    self._prefer_to(cue.end, self._end_of_scope(cue.end, exchange=True))
                case "against_near" if "without" not in self._words[
                    cue.end : cue.end + _NEAR
                ] and not self._opinions.is_negated(self._words, cue.start, reach=_NEAR):
                    self._turn_between(cue.end, min(cue.end + _NEAR, self._end_of_scope(cue.end)))
                case "against_after" if not self._is_of_a_wish(cue.start):
                    self._turn_before(cue.start)
                case "dismissals" if self._begins_at(cue.start):
                    self._turn_before(cue.start)
                case _:
                    pass
        self._compare()
        self._end()
        self._decline()
        self._sour_since()
        if self._words[0] in {"is", "are"} and self._words[-1] in _ENDS:
            self._turn_between(0, len(self._words))

    def _is_of_a_wish(self, at: int) -> bool:
        """Say whether `it` is the wish itself: `so obsessed with velvet it's embarrassing`."""
        return self._words[at] in self._lexicon.it and self._tone(0, at) > 0

    def _is_object(self, at: int) -> bool:
        """Say whether a pronoun stands for what was named: `swapped it`."""
        if at >= len(self._words) or self._words[at] not in self._lexicon.objects:
            return False
        return not any(at <= each.start <= at + 2 for each in self.names)

    def _turn_what_was_named(self, end: int) -> None:
        if any(each.end <= end for each in self.names):
            self._turn_before(end)
        elif not self.names:
            self.verdict = "against"

    def _end(self) -> None:
        """Turn what is over: `summer's over`."""
        for each in self.names:
            after = self._words[each.end : each.end + 2]
            if after[:1] == ["over"] and after[1:] in _LAST:
                each.turn()

    def _decline(self) -> None:
        """Turn what a lone no follows: `lamps yes, flash no`."""
        for at, word in enumerate(self._words):
            if word == "no" and at and self._words[at - 1] != PAUSE and self._words[at + 1 : at + 2] in _LAST:
                self._turn_before(at)

    def _sour_since(self) -> None:
        """Turn what was liked until something came of it."""
        if "until" in self._words:
            until = self._words.index("until")
            liked = [at for at in range(until) if self._words[at] in self._lexicon.pasts]
            if liked and not self._opinions.is_negated(self._words, liked[0], reach=_NEAR):
                self._turn_between(liked[0], until)

    def _turn_between(self, start: int, end: int) -> bool:
        """Turn what is named there, and say whether anything is."""
        inside = [each for each in self.names if start <= each.start < end]
        for each in inside:
            if not self._is_only_when(each, inside):
                each.turn()
        return bool(inside)

    def _is_only_when(self, name: Named, others: Sequence[Named]) -> bool:
        """Say whether a season only says when another thing was wanted or not: `mustard this autumn`."""
        if name.entry.kind != "season" or all(each.entry.kind == "season" for each in others):
            return False
        return self._words[max(0, name.start - 1)] in self._lexicon.times

    def _turn_before(self, end: int) -> None:
        """Turn what the part of the sentence before a cue names; if that is only `it`, the part before."""
        start = self._start_of_part(end)
        while start > 0 and self._lexicon.pronouns.issuperset(self._words[start:end]):
            start, end = self._start_of_part(start - 1), start
        self._turn_between(start, end)

    def _start_of_part(self, end: int) -> int:
        """Return where the thought that ends here begins: after a pause with a new thought, or a contrast."""
        parts = [cue.end for cue in self._cues if cue.meaning == "contrast" and cue.end <= end]
        return max([*parts, *(start for start in self._starts if start <= end)], default=0)

    def _end_of_scope(self, start: int, *, exchange: bool = False) -> int:
        ends = [start + _REACH, len(self._words)]
        kinds = {"contrast", "praise", *(("exchange_for",) if exchange else ())}
        ends += [cue.start for cue in self._cues if cue.start >= start and cue.meaning in kinds]
        ends += [each - 1 for each in self._starts if each > start]
        return min(ends)

    def _begins_at(self, at: int) -> bool:
        return at == 0 or self._words[at - 1] == PAUSE

    def _starts_of_thoughts(self) -> Iterator[int]:
        """Yield where a new thought begins rather than the next item of a list."""
        for at, word in enumerate(self._words[:-1], 1):
            if word == PAUSE and self._lexicon.restarts.at(self._words, at):
                yield at
        if PAUSE in self._words or "and" in self._words:
            yield from self._own_verbs()

    def _own_verbs(self) -> Iterator[int]:
        """Yield where a name has a verb of its own: `camel forever, grey is for prisons`."""
        verbs = {cue.start for cue in self._cues if cue.meaning == "against_after"}
        for name in self.names:
            after = (name.end, name.end + 1)
            if any(at in verbs or self._opinions.is_verb(self._words, at) for at in after):
                yield from self._start_of_subject(name)

    def _start_of_subject(self, name: Named) -> Iterator[int]:
        for at in range(name.start - 1, max(-1, name.start - 1 - _SUBJECT), -1):
            if self._words[at] == "and":
                if self._words[at + 1] in self._lexicon.articles:
                    yield at + 1
                return
            if self._words[at] == PAUSE:
                yield at + 1
                return

    # --- comparisons --------------------------------------------------------------------------------

    def _compare(self) -> None:
        """Turn the worse of two things: `I'd take camel over black`, `velvet beats satin`."""
        for at in self._comparisons() if self.names else ():
            self._prefer_to(at + 1, at + 1 + _COMPARED)

    def _prefer_to(self, start: int, end: int) -> None:
        """Turn what another thing is preferred to: no praise that follows is for it."""
        self._turn_between(start, end)
        for each in self.names:
            each.worse = each.worse or start <= each.start < end

    def _comparisons(self) -> Iterator[int]:
        """Yield the words between a better thing and a worse."""
        for at, word in enumerate(self._words):
            match word:
                case "over" if self._is_preferred(at):
                    yield at
                case "than" if self._is_better(at):
                    yield at
                case "to" if "prefer" in self._words[max(0, at - _PREFERRED) : at]:
                    yield at
                case _:
                    pass
        for match in self._lexicon.betters.find(self._words):
            if not self._is_beaten_by_nothing(match.start):
                yield match.start

    def _is_preferred(self, at: int) -> bool:
        """Say whether the word before `over` is chosen: after a wish, or of the same kind as what follows."""
        before = [each for each in self.names if each.end <= at <= each.end + 2]
        if not before:
            return False
        if any(earlier in self._lexicon.wishes for earlier in self._words[max(0, at - 8) : at]):
            return True
        after = [each for each in self.names if at < each.start <= at + 2]
        worn = any(word in self._lexicon.layering for word in self._words[:at])
        alike = any(each.entry.kind == before[-1].entry.kind for each in after)
        return not worn and bool(after) and (alike or before[-1].start <= 1)

    def _is_better(self, at: int) -> bool:
        """Say whether a `better` stands between what is named before `than` and `than`."""
        return any(word in self._lexicon.comparatives for word in self._words[max(0, at - _PREFERRED) : at])

    def _is_beaten_by_nothing(self, at: int) -> bool:
        before = self._words[max(0, at - 2) : at]
        return "to" in before or not self._lexicon.negations.isdisjoint(before)

    # --- tone ---------------------------------------------------------------------------------------

    def _thoughts(self) -> Iterator[tuple[int, int]]:
        """Yield the parts between contrasts and pauses with a new thought, as words from and to."""
        contrasts = (cue.start for cue in self._cues if cue.meaning == "contrast")
        yield from itertools.pairwise(sorted({0, *contrasts, *self._starts, len(self._words)}))

    def _tone(self, start: int, end: int) -> int:
        """Return how much of these words praises, less what blames."""
        return sum(each.meaning for each in self._tones if start <= each.start and each.end <= end)

    def _unnamed(self) -> list[str]:
        """Return the words without those that name things: a chore coat is no chore."""
        words = list(self._words)
        for each in self.names:
            words[each.start : each.end] = [PAUSE] * (each.end - each.start)
        return words

    def _tone_of_part(self, start: int, end: int) -> int:
        """Return the tone of a part that names things; a regret that begins it is for the part before."""
        led = (cue.end for cue in self._cues if cue.meaning == "contrast" and cue.start == start)
        begins = next(led, start)
        return max(0, self._tone(start, begins)) + self._tone(begins, end)

    def _weigh(self) -> None:
        """Turn what a thought speaks ill of without a cue, and what the next one takes back."""
        before: Iterable[Named] = ()
        for start, end in self._thoughts():
            words = self._words[start:end]
            named = [each for each in self.names if start <= each.start < end]
            tone = self._tone_of_part(start, end) if named else self._tone(start, end)
            for each in named:
                each.praised = tone > 0
            if named:
                if tone < 0 and not any(each.decided for each in named):
                    for each in named:
                        if not self._is_only_when(each, named):
                            each.stance = "against"
                before = named
                self.verdict = None
            elif tone and self._opinions.is_about_what_was_named(words):
                self._take(tone, words, before)

    def _redeem(self) -> None:
        """Take back what was said ill of before `in a good way`."""
        for saving in self._lexicon.savings.find(self._words):
            self.verdict = None if self.names else "for"
            for each in self.names:
                if each.start < saving.start and not each.worse:
                    each.stance = "for"

    def _take(self, tone: int, words: Sequence[str], before: Iterable[Named]) -> None:
        stance: Stance = "against" if tone < 0 else "for"
        if stance == "for" and not self._opinions.names_it(words):
            return
        if not self.names:
            self.verdict = stance
        for each in before:
            if stance == "against" or not each.worse:
                each.stance = stance
