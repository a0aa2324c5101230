"""Trees are fitted to the softmax of candidates, stop in time, and can be read by another XGBoost."""

import json

import numpy as np
import pytest
import xgboost

from packshot.preferences.boosting import (
    Fitting,
    fit_choice,
    fit_event,
    importance,
    scores,
    softmax,
    try_choice,
)

ROWS, CATEGORIES, FEATURES = 400, 3, 4


def table(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features (N, K, F) and the category that their first makes likeliest, by chance."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(ROWS, CATEGORIES, FEATURES)).astype(np.float32)
    noise = rng.gumbel(size=(ROWS, CATEGORIES))
    return features, (2 * features[..., 0] + noise).argmax(1)


def base_scores(booster: xgboost.Booster) -> object:
    """Return what the trees add to, as it is stored."""
    return json.loads(booster.save_raw("json"))["learner"]["learner_model_param"]["base_score"]


def test_the_softmax_of_the_scores_is_what_comes() -> None:
    """On other rows of the same kind the log-loss is well below that of guessing."""
    features, top = table(0)
    later, later_top = table(1)
    told = softmax(scores([fit_choice(features, top, fitting=Fitting(rounds=150, threads=1))], later))
    loss = -np.log(told[np.arange(ROWS), later_top]).mean()
    assert loss < 0.85 * np.log(CATEGORIES)


def test_a_trial_stops_where_it_gets_worse() -> None:
    """Of what turns out otherwise few trees are kept; of what stays, many; never more than allowed."""
    features, top = table(0)
    later, later_top = table(1)
    fitting = Fitting(threads=1, most=120)
    learned, mistaken = (
        try_choice(features, known, later=later, later_top=later_top, fitting=fitting)
        for known in (top, features[..., 0].argmin(1))
    )
    assert mistaken.rounds < 5
    assert 40 < learned.rounds <= 120
    assert learned.scores.shape == (ROWS, CATEGORIES)


def test_a_seed_makes_its_own_trees() -> None:
    """The same seed the same ones, another seed others: an ensemble of one tree repeated is none."""
    features, top = table(0)
    first, again, other = (
        fit_choice(features, top, fitting=Fitting(rounds=5, seed=seed, threads=1)).save_raw("ubj")
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_the_base_score_is_given_and_not_learned(share: float) -> None:
    """It is one number, whatever the labels: an older XGBoost reads a learned one wrong without an error."""
    features, top = table(0)
    happened = np.random.default_rng(3).random((ROWS, CATEGORIES)) < share
    choice = fit_choice(features, top, fitting=Fitting(rounds=2, threads=1))
    event = fit_event(features, happened, weight=np.ones(ROWS), fitting=Fitting(rounds=2, threads=1))
    assert [float(str(base_scores(booster)).strip("[]")) for booster in (choice, event)] == [0.0, 0.5]
    assert xgboost.__version__ == "3.0.5"


def test_events_are_weighed_by_customers() -> None:
    """A customer who counts for ten moves the odds as ten do."""
    features = np.zeros((2, 1, 1), dtype=np.float32)
    happened = np.array([[True], [False]])
    fitting = Fitting(rounds=300, threads=1)
    booster = fit_event(features, happened, weight=np.array([300.0, 100.0]), fitting=fitting)
    told = 1 / (1 + np.exp(-scores([booster], features)))
    np.testing.assert_allclose(told, 0.75, atol=0.03)


def test_what_decides_is_important() -> None:
    """The one feature that makes a category likely has most of the gain; shares add up to one."""
    features, top = table(0)
    names = ("decides", *(f"says nothing {number}" for number in range(FEATURES - 1)))
    booster = fit_choice(features, top, fitting=Fitting(rounds=50, threads=1))
    shares = importance([booster, booster], names=names)
    assert next(iter(shares)) == "decides"
    assert shares["decides"] > 0.6
    assert sum(shares.values()) == pytest.approx(1)
    assert set(shares) == set(names)
    dull = fit_choice(np.zeros_like(features), top, fitting=Fitting(rounds=2, threads=1))
    assert set(importance([dull], names=names).values()) == {0.0}
