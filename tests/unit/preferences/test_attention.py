"""The network over candidates: right slopes, and what it learns and survives."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from packshot.preferences.attention import backward, first_weights, forward
from packshot.preferences.boosting import softmax
from packshot.preferences.features import feature_names
from packshot.preferences.network import Network, fit_network

FEATURES = len(feature_names())
CATEGORIES = 4
SMALL = 1e-3


def drawn(moments: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Return features (N, K, F) of nobody, with holes in the first column."""
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(moments, CATEGORIES, FEATURES)).astype(np.float32)
    found[::3, :, 0] = np.nan
    return found


def simple(moments: int) -> NDArray[np.float64]:
    """Return even odds (N, K) in the log."""
    return np.full((moments, CATEGORIES), -np.log(CATEGORIES))


def chosen_by_rank(features: NDArray[np.float32]) -> NDArray[np.intp]:
    """Choose the category whose second feature is the second highest: a matter of all candidates."""
    return np.argsort(features[..., 1], axis=1)[:, -2]


@pytest.fixture(scope="module")
def network() -> Network:
    """Return a network that has learned to choose the second best."""
    features = drawn(4000)
    return fit_network(features, chosen_by_rank(features), simple=simple(4000))


def test_slopes_are_those_of_the_loss() -> None:
    """Each weight's slope is what the log-loss changes by when the weight is moved a little."""
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(6, CATEGORIES, 5)).astype(np.float32)
    usual, top = (
        simple(6).astype(np.float32) + rng.normal(size=(6, CATEGORIES)).astype(np.float32),
        np.arange(6) % 4,
    )
    weights = {
        name: array + rng.normal(scale=0.3, size=array.shape).astype(np.float32)
        for name, array in first_weights(5, categories=CATEGORIES, rng=rng).items()
    }
    # Doubles, so that differences are exact.
    exact: dict[str, Any] = {name: array.astype(np.float64) for name, array in weights.items()}

    def loss() -> float:
        told = softmax(forward(exact, inputs, usual).scores)
        return float(-np.log(told[np.arange(6), top]).mean())

    slopes = backward(weights, forward(weights, inputs, usual), top)
    assert slopes.keys() == weights.keys()
    for name, slope in slopes.items():
        for place in rng.choice(slope.size, size=min(5, slope.size), replace=False):
            flat = exact[name].reshape(-1)
            before = flat[place]
            flat[place] = before + SMALL
            above = loss()
            flat[place] = before - SMALL
            below = loss()
            flat[place] = before
            measured = (above - below) / (2 * SMALL)
            assert slope.reshape(-1)[place] == pytest.approx(measured, abs=2e-4), name


def test_it_learns_what_depends_on_the_other_candidates(network: Network) -> None:
    """The second best is chosen far more often than by chance, which no score of one candidate alone can."""
    later = drawn(500, seed=9)
    right = network.scores(later, simple=simple(500)).argmax(1) == chosen_by_rank(later)
    assert right.mean() > 0.6


def test_the_same_seed_learns_the_same() -> None:
    """Training is repeatable, and another seed is another network."""
    features = drawn(300)
    top = chosen_by_rank(features)
    one, two, other = (
        fit_network(features, top, simple=simple(300), seed=seed).state() for seed in (1, 1, 2)
    )
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert not np.array_equal(one["inward"], other["inward"])


def test_a_state_is_the_whole_network(network: Network) -> None:
    """What is written down answers the same; a state with a part missing is refused."""
    features = drawn(20, seed=5)
    again = Network.of_state(network.state())
    np.testing.assert_array_equal(
        again.scores(features, simple=simple(20)), network.scores(features, simple=simple(20))
    )
    torn = {name: array for name, array in network.state().items() if name != "scaling.spread"}
    with pytest.raises(KeyError, match="spread"):
        Network.of_state(torn)


@given(st.lists(st.floats(width=32), min_size=FEATURES, max_size=FEATURES))
def test_no_feature_makes_it_lose_its_head(network: Network, row: list[float]) -> None:
    """Whatever stands in the features, infinite or not a number, scores are finite."""
    features = drawn(1)
    features[0, 0] = row
    assert np.isfinite(network.scores(features, simple=simple(1))).all()


def test_a_shop_with_one_moment_and_constant_features_is_learned_from() -> None:
    """No spread, one customer, one category: scores are finite."""
    features = np.ones((1, 1, FEATURES), np.float32)
    found = fit_network(features, np.zeros(1, np.intp), simple=np.zeros((1, 1)))
    assert np.isfinite(found.scores(features, simple=np.zeros((1, 1)))).all()
