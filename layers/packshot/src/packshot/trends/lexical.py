"""The embedded interpreter: finds the vocabulary's words in a post and tells wish from weariness.

It needs no network, costs nothing, and is what a language model's answers are held against.
"""

import functools
from collections.abc import Iterable, Iterator, Sequence

from packshot.events import InterpreterName, Mention, Post, Stance
from packshot.ports import Deadline, Reading
from packshot.trends.lexicon import Lexicon, load_lexicon
from packshot.trends.names import Named, Term
from packshot.trends.opinions import Opinions
from packshot.trends.phrases import Phrases
from packshot.trends.sentences import Sentence
from packshot.trends.spelling import Spelling
from packshot.trends.tokens import STOP, tokens, words_of
from packshot.trends.vocabulary import Vocabulary, load_vocabulary


class LexicalInterpreter:
    """Reads posts by vocabulary and lexicon alone; the same post is always read alike."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._opinions = Opinions(lexicon)
        names = {words_of(phrase) for entry in vocabulary.entries for phrase in (*entry.words, *entry.loose)}
        self._spelling = Spelling(
            (words[0] for words in names if len(words) == 1),
            others=lexicon.spoken | {word for words in names for word in words},
        )
        self._terms: Phrases[Term] = Phrases()
        for entry in vocabulary.entries:
            for word in entry.loose:
                self._terms.add(word, meaning=Term(entry, loose=True))
        for entry in vocabulary.entries:
            for word in entry.words:
                self._terms.add(word, meaning=Term(entry, loose=False))

    name: InterpreterName = "embedded"

    def read(self, posts: Sequence[Post], *, deadline: Deadline) -> Reading:  # noqa: ARG002 - it takes no time
        """Return what each post speaks of."""
        return Reading(mentions=tuple(self.mentions(post.text) for post in posts))

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return what a post speaks of, each thing once and as it was spoken of last."""
        found: dict[str, Stance] = {}
        before: list[Named] = []
        just_named = False
        for words in _sentences([self._spelling.corrected(word) for word in tokens(text)]):
            matches = list(self._terms.find(words))
            if not (matches or before):
                continue
            sentence = Sentence(words, matches, lexicon=self._lexicon, opinions=self._opinions)
            no = sentence.is_afterthought or (just_named and sentence.is_refusal)
            verdict: Stance | None = "against" if no else sentence.verdict
            if verdict:
                found |= {each.entry.id: verdict for each in before}
            found |= sentence.stances()
            just_named = bool(sentence.names)
            before = sentence.names or ([] if sentence.is_elsewhere else before)
        return tuple(Mention(id=name, stance=stance) for name, stance in found.items())


def _sentences(words: Iterable[str]) -> Iterator[list[str]]:
    """Yield what stands between full stops; `Stop. Buying. Beige.` is one sentence."""
    run: list[str] = []
    for sentence in _parted(words):
        if len(sentence) == 1:
            run += sentence
            continue
        if run:
            yield run
            run = []
        yield sentence
    if run:
        yield run


def _parted(words: Iterable[str]) -> Iterator[list[str]]:
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
