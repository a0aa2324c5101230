"""A predictor that was saved answers as before, or not at all."""

import json
from pathlib import Path

import numpy as np
import pytest

from packshot.errors import DamagedArtifact
from packshot.preferences.artifact import Predictor, load, save
from packshot.preferences.boosting import Fitting
from packshot.preferences.choosing import fit_model
from packshot.preferences.features import samples
from packshot.preferences.foreseeing import fit_events
from packshot.preferences.ledger import Ledger, ledger_of, occasions, vocabulary_of
from packshot.preferences.purchases import DAY, Purchase, encode
from packshot.preferences.simulator import simulate
from packshot.preferences.tables import moments_of, outlooks
from packshot.preferences.world import World


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """Return a small shop."""
    columns = simulate(customers=80, days=500, seed=31).columns
    return ledger_of(columns, vocabulary=vocabulary_of(columns))


@pytest.fixture(scope="module")
def folder(ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a predictor of it was saved."""
    found, world = list(occasions(ledger)), World(ledger.vocabulary)
    moments = moments_of(samples(found, world=world))
    last = found[-1].time
    choice = fit_model(moments, origins=[last - 90 * DAY], fitting=Fitting(threads=1), seeds=(0, 1))
    days = [last - 90 * DAY, last - 40 * DAY]
    soon = fit_events(
        outlooks(found, world=World(ledger.vocabulary), days=days, within=30),
        fitting=Fitting(rounds=30, threads=1),
    )
    place = tmp_path_factory.mktemp("model")
    save(Predictor(ledger.vocabulary, world, choice, soon, "1"), place, golden=moments.features[:16])
    return place


def test_a_history_is_answered_by_distributions(folder: Path, ledger: Ledger) -> None:
    """The next category adds up to one, what is bought soon lies between 0 and 1."""
    answer = load(folder).answer(ledger.of(0), now=float(ledger.lines.time.max()) + DAY)
    assert answer.next.sum() == pytest.approx(1)
    assert ((answer.soon > 0) & (answer.soon < 1)).all()


def test_purchases_from_now_on_change_nothing(folder: Path, ledger: Ledger) -> None:
    """Future dates in a history are not looked at."""
    predictor, lines = load(folder), ledger.of(1)
    now = float(np.median(lines.time))
    past = lines.take(np.flatnonzero(lines.time < now))
    np.testing.assert_array_equal(predictor.answer(lines, now=now).next, predictor.answer(past, now=now).next)


def test_who_never_bought_gets_what_is_popular(folder: Path) -> None:
    """An empty history, or one of unknown categories, is answered, with no visit behind it."""
    predictor = load(folder)
    strange = encode([Purchase(time=1.6e9, category="hovercraft")], tables=predictor.vocabulary.tables())
    for history in (encode([], tables=predictor.vocabulary.tables()), strange):
        answer = predictor.answer(history, now=1.7e9)
        assert answer.visits == 0
        assert answer.next.sum() == pytest.approx(1)


@pytest.mark.parametrize(("name", "value"), [("xgboost", "3.2.0"), ("schema", 0), ("features", ["price"])])
def test_what_was_made_for_something_else_is_refused(
    folder: Path, tmp_path: Path, name: str, value: object
) -> None:
    """Another XGBoost, schema or set of features serves nothing, and the message names it."""
    copy = _copied(folder, tmp_path)
    metadata = json.loads((copy / "metadata.json").read_text())
    (copy / "metadata.json").write_text(json.dumps({**metadata, name: value}))
    with pytest.raises(DamagedArtifact, match=name):
        load(copy)


def test_a_model_that_answers_otherwise_is_refused(folder: Path, tmp_path: Path) -> None:
    """Trees that were swapped do not give the golden predictions again."""
    copy = _copied(folder, tmp_path)
    (copy / "soon.ubj").write_bytes((copy / "next-0.ubj").read_bytes())
    with pytest.raises(DamagedArtifact, match="golden"):
        load(copy)


def _copied(folder: Path, place: Path) -> Path:
    for path in folder.iterdir():
        (place / path.name).write_bytes(path.read_bytes())
    return place
