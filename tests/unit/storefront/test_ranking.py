"""Scenes are ranked by what they were judged by, and the record says why."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.events import Candidate, PublishRequest, QualityReport, Score
from packshot.storefront.ranking import WEIGHTS, margin_of, mean_margin, rank

SCORES = st.builds(
    Score,
    name=st.sampled_from(["fidelity", "stand_out", "sharpness", "edge_halo", "unheard_of"]),
    value=st.floats(0, 1e6),
    threshold=st.floats(0, 1e3),
    rule=st.sampled_from(["min", "max", "info"]),
    passed=st.booleans(),
)


@pytest.fixture(scope="module")
def pair(root: Path) -> tuple[Candidate, Candidate]:
    """Return a white and a trend candidate."""
    text = (root / "events" / "publish_images" / "two_scenes.json").read_text()
    white, trend = PublishRequest.model_validate(json.loads(text)).candidates
    return white, trend


def judged(candidate: Candidate, *scores: Score) -> Candidate:
    """Return the candidate with these scores."""
    passed = all(score.passed for score in scores)
    report = QualityReport(
        passed=passed, verdict="pass", attempt=0, scores=scores, reason="" if passed else "why"
    )
    return candidate.model_copy(update={"quality": report})


def least(name: str, value: float, limit: float) -> Score:
    """Return a score that must not be below its limit."""
    return Score(name=name, value=value, threshold=limit, rule="min", passed=value >= limit, unit="ΔE2000")


def most(name: str, value: float, limit: float) -> Score:
    """Return a score that must not be above its limit."""
    return Score(name=name, value=value, threshold=limit, rule="max", passed=value <= limit)


@pytest.mark.parametrize(
    ("score", "margin"),
    [
        (least("a", 16, 8), 0.5),
        (least("a", 8, 8), 0),
        (least("a", 4, 8), -1),
        (least("a", 0, 8), -1),
        (most("a", 1, 4), 0.75),
        (most("a", 0, 4), 1),
        (most("a", 100, 4), -1),
        (most("a", 0, 0), 0),
        (most("a", 3, 0), -1),
    ],
)
def test_a_margin_is_what_is_left_of_the_limit(score: Score, margin: float) -> None:
    """Twice what is needed and half of what is allowed are worth the same; nothing is worse than -1."""
    assert margin_of(score) == pytest.approx(margin)


def test_what_passed_stands_before_what_did_not(pair: tuple[Candidate, Candidate]) -> None:
    """A picture that missed one limit by a hair is behind one that met all, however brilliant otherwise."""
    plain = judged(pair[0], least("stand_out", 8.1, 8), least("sharpness", 0.81, 0.8))
    brilliant = judged(pair[1], least("stand_out", 80, 8), least("sharpness", 0.79, 0.8))
    assert [each.rank for each in rank((brilliant, plain))] == [2, 1]


def test_a_changed_product_is_last(pair: tuple[Candidate, Candidate]) -> None:
    """A picture whose product is not the photo's is behind all that failed otherwise."""
    touched = judged(pair[0], most("fidelity", 1, 0), least("stand_out", 80, 8))
    weak = judged(pair[1], most("fidelity", 0, 0), least("stand_out", 1, 8), most("edge_halo", 9, 2))
    assert [each.rank for each in rank((touched, weak))] == [2, 1]


def test_what_a_shopper_sees_first_counts_most(pair: tuple[Candidate, Candidate]) -> None:
    """Of two equal sums of margins the one with the better stand-out wins."""
    seen = judged(pair[0], least("stand_out", 16, 8), most("clipping", 0.03, 0.03))
    sure = judged(pair[1], least("stand_out", 8, 8), most("clipping", 0.015, 0.03))
    assert [each.rank for each in rank((sure, seen))] == [2, 1]
    assert mean_margin(seen) == pytest.approx(0.5 * 3 / 4)


def test_limits_that_can_only_be_met_do_not_count(pair: tuple[Candidate, Candidate]) -> None:
    """White is not ranked down for a border that cannot be whiter than white."""
    scored = judged(pair[0], least("white_border", 1, 1), least("stand_out", 16, 8))
    assert mean_margin(scored) == 0.5
    assert all(WEIGHTS[name] == 0 for name in ("fidelity", "fill", "white_border", "doubt"))


def test_the_sentence_says_place_best_and_least(pair: tuple[Candidate, Candidate]) -> None:
    """A person reads why, with the values and limits behind it."""
    white, trend = rank(
        (
            judged(pair[0], least("sharpness", 0.85, 0.8)),
            judged(pair[1], least("stand_out", 21.25, 8), least("sharpness", 0.85, 0.8)),
        )
    )
    assert trend.standing == (
        "First of 2: it passed with 48% of its limits to spare; most in stand out (21.2 ΔE2000, at least 8), "
        "least in sharpness (0.85 ΔE2000, at least 0.8)."
    )
    assert white.standing.startswith("Second of 2: ")
    assert white.standing.endswith("It is the marketplaces' main image at any rank.")


def test_the_sentence_of_a_failure_is_the_reports_own(pair: tuple[Candidate, Candidate]) -> None:
    """What did not pass says what was wrong with it."""
    (only,) = rank((judged(pair[1], least("stand_out", 2, 8)),))
    assert only.standing == "First of 1: it did not pass, because why."


@given(scores=st.lists(st.lists(SCORES, max_size=5), max_size=6))
def test_any_scores_are_ranked(pair: tuple[Candidate, Candidate], scores: list[list[Score]]) -> None:
    """Whatever was measured: each place is taken once, the order stays, ranking again is the same."""
    given_ = tuple(judged(pair[index % 2], *each) for index, each in enumerate(scores))
    ranked = rank(given_)
    assert sorted(each.rank for each in ranked) == list(range(1, len(given_) + 1))
    assert [each.quality for each in ranked] == [each.quality for each in given_]
    assert all(-1 <= mean_margin(each) <= 1 for each in ranked)
    assert rank(ranked) == ranked
    assert all(each.standing.endswith(".") for each in ranked)
