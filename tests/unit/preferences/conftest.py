"""One small shop and the predictor that was trained on it, for all tests here."""

import pytest

from packshot.preferences.boosting import Fitting
from packshot.preferences.ledger import Ledger, ledger_of
from packshot.preferences.predictor import Predictor
from packshot.preferences.simulator import Simulation, simulate
from packshot.preferences.training import Training, train


@pytest.fixture(scope="session")
def simulation() -> Simulation:
    """Return twenty months of a small shop."""
    return simulate(customers=120, days=600, seed=31)


@pytest.fixture(scope="session")
def training(simulation: Simulation) -> Training:
    """Return what was learned of it, the last 30 days apart."""
    return train(
        simulation.columns, version="1", fitting=Fitting(threads=1, most=80), seeds=(0, 1), rounds=80
    )


@pytest.fixture(scope="session")
def predictor(training: Training) -> Predictor:
    """Return its predictor."""
    return training.predictor


@pytest.fixture(scope="session")
def known(simulation: Simulation, predictor: Predictor) -> Ledger:
    """Return the shop's purchases in the predictor's words."""
    return ledger_of(simulation.columns, vocabulary=predictor.vocabulary)
