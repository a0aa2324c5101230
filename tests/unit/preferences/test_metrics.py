"""Measures say what their names say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.preferences.metrics import (
    area,
    average_precision,
    calibration_error,
    interval,
    score,
    stability_index,
)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_area_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[int, bool]]) -> None:
    """The area is the chance that what happened is scored above what did not; ties count half."""
    scores, happened = np.array([s for s, _ in pairs], float), np.array([h for _, h in pairs])
    wins = [(a > b) + (a == b) / 2 for a in scores[happened] for b in scores[~happened]]
    if wins:
        assert area(scores, happened) == pytest.approx(float(np.mean(wins)))
    else:
        assert np.isnan(area(scores, happened))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 4)), min_size=1, max_size=30))
def test_a_weight_is_how_often_something_counts(rows: list[tuple[int, bool, int]]) -> None:
    """Areas and precisions of weighed rows are those of rows that are there as many times."""
    rows = list({row[0]: row for row in rows}.values())
    scores, happened = np.array([s for s, _, _ in rows], float), np.array([h for _, h, _ in rows])
    weight = np.array([w for _, _, w in rows])
    many = np.repeat(np.arange(len(rows)), weight)
    found = area(scores, happened, weight=weight.astype(float))
    assert found == pytest.approx(area(scores[many], happened[many]), nan_ok=True)
    if happened.any() and (weight == weight[0]).all():
        precision = average_precision(scores, happened, weight=weight.astype(float))
        assert precision == pytest.approx(average_precision(scores, happened))


def test_what_was_drawn_from_many_lowers_the_precision() -> None:
    """A false alarm that stands for three counts as three."""
    told, came = np.array([0.9, 0.8]), np.array([False, True])
    assert average_precision(told, came, weight=np.array([3.0, 1.0])) == 1 / 4


def test_scores_of_a_table_by_hand() -> None:
    """Two moments, three categories, all worked out by hand."""
    told = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3]])
    bought = np.array([[True, False, False], [False, True, True]])
    found = score(told, top=np.array([0, 2]), bought=bought)
    assert (found.acc1, found.acc3, found.hit1) == (0.5, 1.0, 1.0)
    assert found.log_loss == pytest.approx(-(np.log(0.6) + np.log(0.3)) / 2)
    assert found.ece == pytest.approx((0.4 + 0.5) / 2)


def test_the_first_three_count_and_every_category_alike() -> None:
    """Two moments, four categories: one is told third, one last; of two that occur one is ranked rightly."""
    told = np.array([[0.4, 0.3, 0.2, 0.1], [0.1, 0.35, 0.15, 0.4]])
    bought = np.array([[False, False, True, False], [True, False, False, True]])
    found = score(told, top=np.array([2, 0]), bought=bought)
    assert (found.acc1, found.acc3, found.hit1, found.hit3) == (0.0, 0.5, 0.5, 1.0)
    assert found.auc == 0.5


def test_average_precision_of_a_perfect_ranking_is_one() -> None:
    """What happened first, then what did not."""
    assert average_precision(np.array([3.0, 2.0, 1.0]), np.array([True, True, False])) == 1.0


def test_what_is_as_sure_as_it_is_right_is_calibrated() -> None:
    """Right in 70 of 100 at 0.7 has no error; at 0.9 it is 0.2."""
    right = np.arange(100) < 70
    assert calibration_error(np.full(100, 0.7), right) == pytest.approx(0, abs=1e-12)
    assert calibration_error(np.full(100, 0.9), right) == pytest.approx(0.2)


def test_intervals_draw_customers_and_not_rows() -> None:
    """A hundred rows of two customers are as uncertain as two."""
    values = np.repeat([0.0, 1.0], 50)
    low, high = interval(lambda rows: float(values[rows].mean()), np.repeat([0, 1], 50), seed=1)
    assert (low, high) == (0.0, 1.0)


def test_a_shift_is_seen() -> None:
    """The same shares have no index, turned ones a large one."""
    shares = np.array([0.7, 0.2, 0.1])
    assert stability_index(shares, shares * 10) == pytest.approx(0)
    assert stability_index(shares, shares[::-1]) > 0.25
