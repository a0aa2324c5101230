"""A predictor that was saved answers as before, or not at all."""

import json
from pathlib import Path

import numpy as np
import pytest
import xgboost

from packshot.errors import DamagedArtifact
from packshot.preferences.artifact import load, save
from packshot.preferences.ledger import Ledger
from packshot.preferences.predictor import Predictor
from packshot.preferences.purchases import DAY, Lines
from packshot.preferences.training import Training


@pytest.fixture(scope="module")
def folder(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the predictor was saved."""
    place = tmp_path_factory.mktemp("model")
    save(training.predictor, place, golden=training.golden)
    return place


def test_what_was_saved_answers_as_before(folder: Path, predictor: Predictor, known: Ledger) -> None:
    """A loaded predictor gives every answer of the one that was saved, words and reasons included."""
    loaded, now = load(folder), float(known.lines.time.max()) + DAY
    nothing = known.lines.take(slice(0, 0))
    for history in (*(known.of(customer) for customer in range(8)), nothing):
        one, other = (model.answer(history, now=now) for model in (predictor, loaded))
        assert [entry.because for entry in one.next] == [entry.because for entry in other.next]
        np.testing.assert_allclose(_numbers(one), _numbers(other), atol=1e-6)
    assert loaded.fitted_until == predictor.fitted_until


def _numbers(answer: object) -> list[float]:
    told = json.loads(json.dumps(answer, default=lambda part: [getattr(part, n) for n in part.__slots__]))
    return [n for n in _flat(told) if isinstance(n, float)]


def _flat(value: object) -> list[object]:
    return [leaf for part in value for leaf in _flat(part)] if isinstance(value, list) else [value]


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


def test_another_xgboost_serves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library itself is another, nothing is loaded, whatever the metadata says."""
    monkeypatch.setattr(xgboost, "__version__", "3.2.0")
    with pytest.raises(DamagedArtifact, match=r"XGBoost is 3\.2\.0 here"):
        load(folder)


@pytest.mark.parametrize("name", ["soon.ubj", "later.ubj"])
def test_a_model_that_answers_otherwise_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    """Trees that were swapped do not give the golden predictions again."""
    copy = _copied(folder, tmp_path)
    (copy / name).write_bytes((copy / "next-0.ubj").read_bytes())
    with pytest.raises(DamagedArtifact, match="golden"):
        load(copy)


@pytest.mark.parametrize("name", ["world.npz", "heads.npz", "golden.npz", "next-1.ubj", "metadata.json"])
@pytest.mark.parametrize("content", [b"", b"no model"])
def test_a_damaged_file_is_refused(folder: Path, tmp_path: Path, name: str, content: bytes) -> None:
    """A file that is empty or something else is a damaged artifact, whatever its reader says."""
    copy = _copied(folder, tmp_path)
    (copy / name).write_bytes(content)
    with pytest.raises(DamagedArtifact):
        load(copy)


def test_a_missing_file_is_refused(folder: Path, tmp_path: Path) -> None:
    """So is one that is not there."""
    copy = _copied(folder, tmp_path)
    (copy / "heads.npz").unlink()
    with pytest.raises(DamagedArtifact, match=r"heads\.npz"):
        load(copy)


def test_heads_of_another_shape_are_refused(folder: Path, tmp_path: Path) -> None:
    """Arrays that do not belong to the words are noticed."""
    copy = _copied(folder, tmp_path)
    with np.load(copy / "heads.npz") as state:
        arrays = {**state, "brands.popular": np.ones(99)}
    np.savez(copy / "heads.npz", allow_pickle=False, **arrays)
    with pytest.raises(DamagedArtifact, match="belongs there"):
        load(copy)


def test_a_history_is_a_copy(predictor: Predictor, known: Ledger) -> None:
    """Answering changes neither the history nor the world: the same question has the same answer."""
    history: Lines = known.of(3)
    one, other = (predictor.answer(history, now=1.7e9) for _ in range(2))
    assert one == other


def _copied(folder: Path, place: Path) -> Path:
    for path in folder.iterdir():
        (place / path.name).write_bytes(path.read_bytes())
    return place
