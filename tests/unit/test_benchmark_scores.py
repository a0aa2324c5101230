"""How good a matte is: figures that can be worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.scores import (
    Figures,
    Graded,
    Matte,
    band_error,
    boundary_f,
    boundary_iou,
    gate,
    intersection_over_union,
    paired_difference,
    reliability,
    share_below,
)


def square(*, left: int = 100, side: int = 200, alpha: float = 1) -> Matte:
    """Draw a square 100 px from the top of a picture of 400 × 300, whose diagonal is 500."""
    matte = np.zeros((300, 400), dtype=np.float32)
    matte[50 : 50 + side, left : left + side] = alpha
    return matte


def test_a_matte_is_perfect_against_itself() -> None:
    """Every figure is at its best."""
    assert Figures.of(square(), square()) == Figures(1, 1, 0, 1, 1, 0)


def test_half_a_step_to_the_side_is_a_third() -> None:
    """Two squares that share half of each have an IoU of 1/3; a third of the picture is wrong."""
    figures = Figures.of(square(left=200), square(left=100))
    assert figures.iou == pytest.approx(1 / 3)
    assert figures.accuracy == pytest.approx(1 - 2 * 100 * 200 / (300 * 400))
    assert figures.mae == pytest.approx(2 * 100 * 200 / (300 * 400))


def test_boundary_iou_compares_frames_alone() -> None:
    """Of a diagonal of 500 px 2 % are 10: a frame of 200² − 180² px, against one that lacks its inside."""
    truth, hollow = square() > 0.5, square() > 0.5
    hollow[80:220, 130:270] = False
    frame = 200**2 - 180**2
    inner = 160**2 - 140**2
    assert boundary_iou(truth, hollow) == pytest.approx(frame / (frame + inner))
    assert intersection_over_union(truth, hollow) == pytest.approx(1 - 140**2 / 200**2)


def test_the_pictures_edge_is_a_boundary() -> None:
    """What fills the picture has a frame too, so losing it costs."""
    whole, smaller = np.ones((300, 400), dtype=np.bool_), np.zeros((300, 400), dtype=np.bool_)
    smaller[20:280, 20:380] = True
    assert boundary_iou(whole, whole) == 1
    assert boundary_iou(smaller, whole) == 0


def test_contours_may_be_a_little_off() -> None:
    """0.75 % of 500 px are 4: three beside is right, thirty are wrong on three of four sides."""
    truth = square() > 0.5
    assert boundary_f(square(left=103) > 0.5, truth) == pytest.approx(1)
    assert 0.3 < boundary_f(square(left=130) > 0.5, truth) < 0.9
    assert boundary_f(np.zeros_like(truth), truth) == 0
    assert boundary_f(np.zeros_like(truth), np.zeros_like(truth)) == 1


def test_band_error_is_alphas_error_along_the_contour() -> None:
    """A matte of one half everywhere is off by one half in the band, wherever the band lies."""
    truth, counted = square(), np.ones((300, 400), dtype=np.bool_)
    half = np.full_like(truth, 0.5)
    assert band_error(half, truth, counted=counted) == pytest.approx(0.5)
    # 1 % of 500 px are 5 to either side: errors farther in are none of the band's.
    far = square()
    far[100:200, 150:250] = 0
    assert band_error(far, truth, counted=counted) == 0


def test_without_a_contour_there_is_no_band() -> None:
    """It is not a number, and the mean over images leaves it out."""
    empty = np.zeros((30, 40), dtype=np.float32)
    alone = Figures.of(empty, empty)
    assert math.isnan(alone.band_error)
    assert Figures.mean([alone, Figures.of(square(), square())]).band_error == 0


def test_ignored_pixels_count_for_nothing() -> None:
    """What differs only where nobody knows is perfect."""
    wrong, ignored = square(), np.zeros((300, 400), dtype=np.bool_)
    wrong[200:250, 100:300] = 0
    ignored[190:260, 90:310] = True
    figures = Figures.of(wrong, square(), ignored=ignored)
    assert (figures.iou, figures.accuracy, figures.mae, figures.band_error) == (1, 1, 0, 0)


def test_what_cannot_be_compared_is_refused() -> None:
    """Sizes that differ, or nothing to count, are errors with a sentence."""
    with pytest.raises(ValueError, match="cannot be compared"):
        Figures.of(square(), square()[:100])
    with pytest.raises(ValueError, match="ignored"):
        Figures.of(square(), square(), ignored=np.ones((300, 400), dtype=np.bool_))


@given(st.integers(0, 199), st.integers(1, 200), st.integers(0, 199), st.integers(1, 200))
def test_figures_stay_within_their_range(left: int, side: int, other: int, other_side: int) -> None:
    """All figures are shares, and IoU does not mind which of the two is the truth."""
    one, two = square(left=left, side=side), square(left=other, side=other_side)
    figures = Figures.of(one, two)
    assert all(
        0 <= each <= 1
        for each in (figures.iou, figures.accuracy, figures.mae, figures.boundary_iou, figures.boundary_f)
    )
    assert figures.iou == pytest.approx(Figures.of(two, one).iou)
    assert figures.boundary_iou == pytest.approx(Figures.of(two, one).boundary_iou)


SHELF = (
    Graded(iou=0.99, confidence=0.98, approved=True),
    Graded(iou=0.85, confidence=0.95, approved=False),
    Graded(iou=0.97, confidence=0.95, approved=True),
    Graded(iou=0.40, confidence=0.30, approved=False),
)


def test_a_gate_lets_the_confident_pass() -> None:
    """Share, mean IoU and bad ones at a threshold; without one, what the product decided."""
    by_confidence, by_product = gate(SHELF, threshold=0.95), gate(SHELF)
    assert by_confidence.approved == 0.75
    assert by_confidence.bad == 1
    assert by_confidence.iou == pytest.approx((0.99 + 0.85 + 0.97) / 3)
    assert (by_product.approved, by_product.bad, by_product.threshold) == (0.5, 0, None)
    assert math.isnan(gate(SHELF, threshold=0.99).iou)


def test_bad_ones_are_below_nine_tenths() -> None:
    """Two of four."""
    assert share_below(SHELF) == 0.5


def test_reliability_sorts_every_image_into_one_bin() -> None:
    """Bins hold their lower end, the last one its upper end too."""
    bins = reliability((*SHELF, Graded(iou=1, confidence=1, approved=True)))
    assert sum(each.count for each in bins) == 5
    assert [(each.low, each.count, each.good) for each in bins] == [(0, 1, 0), (0.94, 2, 0.5), (0.98, 2, 1)]


def test_paired_differences_know_what_is_chance() -> None:
    """Where every image gains the interval is above 0, where gains and losses alternate it holds 0."""
    base = np.linspace(0.5, 0.9, 40)
    gain = paired_difference(list(base + 0.05), list(base))
    chance = paired_difference(list(base + np.resize([0.05, -0.05], 40)), list(base))
    assert (gain.low, gain.mean, gain.high) == pytest.approx((0.05, 0.05, 0.05))
    assert chance.low < 0 < chance.high
    assert paired_difference([0.5, math.nan], [0.25, 1.0]).mean == 0.25
