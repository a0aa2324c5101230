"""Which of a photo's scenes is the best, and why: by the scores that they were judged by."""

from collections.abc import Iterable, Mapping

from packshot.events import Candidate, Score

FIDELITY = "fidelity"
"""The score that no image is published without: the product's pixels are the photo's."""

WEIGHTS: Mapping[str, float] = {
    # What a shopper sees first.
    "stand_out": 3,
    "outline_lost": 2,
    "edge_halo": 2,
    # Composition within its limits is a matter of taste.
    "margin": 0.5,
    "centring": 0.5,
    # Met or not: to be further inside the limit makes no better picture.
    FIDELITY: 0,
    "fill": 0,
    "fill_area": 0,
    "scene_area": 0,
    "white_border": 0,
    # The photo's and the matte's own, the same in every scene.
    "doubt": 0,
    "enlargement": 0,
}
"""How much a score's margin counts; 1 where nothing is said."""

MARKETPLACE = "white"
"""The scene that marketplaces take for their main image."""

_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth")


def rank(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return the candidates in the order given, each with its place among them and the reason for it.

    First those whose product is the photo's own, of these first those that passed; then by the weighted mean
    of their margins (`margin_of`, `WEIGHTS`); equals keep their order.
    """
    given = tuple(candidates)
    best_first = sorted(range(len(given)), key=lambda index: _merit(given[index]), reverse=True)
    places = {index: place for place, index in enumerate(best_first, 1)}
    return tuple(
        each.model_copy(
            update={"rank": places[index], "standing": _standing(each, place=places[index], of=len(given))}
        )
        for index, each in enumerate(given)
    )


def margin_of(score: Score) -> float:
    """Return how far inside its limit a score is: 1 without any fault, 0 at the limit, -1 at the worst.

    1 − value / threshold for what must not be more, 1 − threshold / value for what must not be less; neither
    knows a unit, so unlike scores can be averaged. A limit of 0 is met or missed.
    """
    if score.threshold == 0:
        return 0.0 if score.passed else -1.0
    if score.rule == "max":
        return max(-1.0, 1 - score.value / score.threshold)
    return max(-1.0, 1 - score.threshold / score.value) if score.value > 0 else -1.0


def mean_margin(candidate: Candidate) -> float:
    """Return the weighted mean of a candidate's margins, 0 if nothing of it has one that counts."""
    counted = [(margin_of(score), weight) for score, weight in _weighed(candidate)]
    total = sum(weight for _, weight in counted)
    return sum(margin * weight for margin, weight in counted) / total if total else 0.0


def is_faithful(candidate: Candidate) -> bool:
    """Say whether the product's pixels are the photo's."""
    return all(score.passed for score in candidate.quality.scores if score.name == FIDELITY)


def _merit(candidate: Candidate) -> tuple[bool, bool, float]:
    return is_faithful(candidate), candidate.quality.passed, mean_margin(candidate)


def _weighed(candidate: Candidate) -> list[tuple[Score, float]]:
    """Return the scores that count, with their weights; without those that only tell."""
    judged = (score for score in candidate.quality.scores if score.rule != "info")
    return [(score, WEIGHTS.get(score.name, 1)) for score in judged if WEIGHTS.get(score.name, 1) > 0]


def _standing(candidate: Candidate, *, place: int, of: int) -> str:
    ordinal = _ORDINALS[place - 1] if place <= len(_ORDINALS) else f"Number {place}"
    sentences = [f"{ordinal} of {of}: {_why(candidate)}."]
    if candidate.scene.name == MARKETPLACE:
        sentences.append("It is the marketplaces' main image at any rank.")
    return " ".join(sentences)


def _why(candidate: Candidate) -> str:
    if not candidate.quality.passed:
        return f"it did not pass, because {candidate.quality.reason or 'a score missed its limit'}"
    scores = sorted((score for score, _ in _weighed(candidate)), key=margin_of)
    if not scores:
        return "it passed"
    best, least = scores[-1], scores[0]
    spare = f"it passed with {mean_margin(candidate):.0%} of its limits to spare"
    return f"{spare}; most in {_words(best)}, least in {_words(least)}"


def _words(score: Score) -> str:
    limit = "at least" if score.rule == "min" else "at most"
    value = f"{score.value:.3g} {score.unit}".rstrip()
    return f"{score.name.replace('_', ' ')} ({value}, {limit} {score.threshold:g})"
