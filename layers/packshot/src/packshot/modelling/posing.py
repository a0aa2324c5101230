"""Make up the questions that a model has to answer on its endpoint as it answers here."""

from collections.abc import Sequence
from typing import Final

from packshot.modelling.golden import GoldenLine, GoldenQuestion, GoldenQuestions
from packshot.preferences.predictor import Candidate, Predictor
from packshot.preferences.purchases import DAY, Purchase, encode

QUESTIONS: Final = 6
_GAP_DAYS: Final = 23


def pose(predictor: Predictor, *, version: str, now: float) -> GoldenQuestions:
    """Make up histories from nobody at all to a regular customer, and note what the predictor tells."""
    categories = predictor.vocabulary.categories
    asked = []
    for number in range(QUESTIONS):
        lines = tuple(
            GoldenLine(
                time=now - (step + 1) * _GAP_DAYS * DAY,
                category=categories[(number * step) % len(categories)],
            )
            for step in range(number)
        )
        first = _first(predictor, lines, now=now)
        asked.append(
            GoldenQuestion(now=now, purchases=lines, category=first.category, probability=first.probability)
        )
    return GoldenQuestions(version=version, questions=tuple(asked))


def _first(predictor: Predictor, lines: Sequence[GoldenLine], *, now: float) -> Candidate:
    bought = [Purchase(time=line.time, category=line.category) for line in lines]
    answer = predictor.answer(encode(bought, tables=predictor.vocabulary.tables()), now=now)
    return answer.next[0]
