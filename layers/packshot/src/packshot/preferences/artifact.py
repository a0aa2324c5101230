"""The trained predictor as files: `*.ubj`, `networks.npz`, `world.npz`, `heads.npz`, `metadata.json`.

Another version of XGBoost reads a model without an error and answers wrong, so the artifact holds golden
predictions: it is loaded only where it answers them again.
"""

import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import xgboost
from numpy.typing import NDArray

from packshot.errors import DamagedArtifact
from packshot.preferences.bands import BANDS, PriceBands
from packshot.preferences.boosting import VERSION
from packshot.preferences.choosing import Calibration, ChoiceModel, Tried
from packshot.preferences.features import feature_names
from packshot.preferences.foreseeing import EventModel
from packshot.preferences.heads import CLASSES, SOURCES, Crowd, Head, Mixture
from packshot.preferences.network import Network
from packshot.preferences.predictor import Heads, Predictor, moment_of
from packshot.preferences.purchases import Vocabulary
from packshot.preferences.world import World

SCHEMA: Final = 3
GOLDEN: Final = 16
_TOLERANCE: Final = 1e-5
_UNREADABLE: Final = (
    OSError,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    zipfile.BadZipFile,
    xgboost.core.XGBoostError,
)
"""What the readers of the parts say of a file that is not theirs."""
_EVENTS: Final = ("soon", "later")


def save(predictor: Predictor, folder: Path, *, golden: NDArray[np.float32]) -> None:
    """Write the predictor; `golden` (N, K, F) are features whose answers it must give again."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, booster in enumerate(predictor.choice.boosters):
        booster.save_model(folder / f"next-{number}.ubj")
    for name in _EVENTS:
        getattr(predictor, name).booster.save_model(folder / f"{name}.ubj")
    networks = {
        f"{number}.{name}": array
        for number, network in enumerate(predictor.choice.networks)
        for name, array in network.state().items()
    }
    np.savez_compressed(folder / "networks.npz", allow_pickle=False, **networks)
    np.savez_compressed(folder / "heads.npz", allow_pickle=False, **_head_state(predictor.heads))
    np.savez_compressed(folder / "world.npz", allow_pickle=False, **predictor.world.state())
    np.savez_compressed(
        folder / "golden.npz", allow_pickle=False, features=golden, **_golden(predictor, golden)
    )
    metadata = {
        "schema": SCHEMA,
        "version": predictor.version,
        "fitted_until": predictor.fitted_until,
        "xgboost": xgboost.__version__,
        "features": list(feature_names()),
        "vocabulary": asdict(predictor.vocabulary),
        "boosters": len(predictor.choice.boosters),
        "networks": len(predictor.choice.networks),
        "rounds": predictor.choice.rounds,
        "calibration": asdict(predictor.choice.calibration),
        "tried": asdict(predictor.choice.tried) if predictor.choice.tried else None,
        "shifts": {name: getattr(predictor, name).shift for name in _EVENTS},
    }
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> Predictor:
    """Read a predictor; `DamagedArtifact` if it was made for another XGBoost, or answers otherwise here."""
    try:
        predictor, golden = _read(folder)
    except _UNREADABLE as error:
        raise DamagedArtifact(f"the model cannot be read: {error}") from error
    found = _golden(predictor, golden["features"])
    wrong = {n for n, told in found.items() if not np.allclose(told, golden[n], atol=_TOLERANCE)}
    if wrong:
        raise DamagedArtifact(
            f"the model does not give its golden predictions again: {', '.join(sorted(wrong))}"
        )
    return predictor


def _read(folder: Path) -> tuple[Predictor, dict[str, NDArray[Any]]]:
    metadata = json.loads((folder / "metadata.json").read_text("utf-8"))
    _check(metadata)
    vocabulary = Vocabulary(**{name: tuple(words) for name, words in metadata["vocabulary"].items()})
    boosters = tuple(_booster(folder / f"next-{number}.ubj") for number in range(metadata["boosters"]))
    soon, later = (
        EventModel(_booster(folder / f"{name}.ubj"), float(metadata["shifts"][name])) for name in _EVENTS
    )
    trained = _arrays(folder / "networks.npz")
    networks = tuple(Network.of_state(_of_number(trained, number)) for number in range(metadata["networks"]))
    predictor = Predictor(
        vocabulary,
        World.of_state(vocabulary, _arrays(folder / "world.npz")),
        ChoiceModel(
            boosters,
            networks,
            Calibration(**metadata["calibration"]),
            metadata["rounds"],
            Tried(**metadata["tried"]) if metadata["tried"] else None,
        ),
        soon,
        later,
        _heads_of(_arrays(folder / "heads.npz"), vocabulary),
        metadata["version"],
        float(metadata["fitted_until"]),
    )
    return predictor, _arrays(folder / "golden.npz")


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as state:
        return dict(state)


def _of_number(state: dict[str, NDArray[Any]], number: int) -> dict[str, NDArray[Any]]:
    start = f"{number}."
    return {name.removeprefix(start): array for name, array in state.items() if name.startswith(start)}


def _head_state(heads: Heads) -> dict[str, NDArray[np.float64]]:
    found = {"edges": heads.bands.edges}
    for name, head in (("brands", heads.brands), ("styles", heads.styles), ("bands", heads.price_bands)):
        found[f"{name}.popular"] = head.crowd.popular
        found[f"{name}.after"] = head.crowd.after
        found[f"{name}.time"] = np.array(head.crowd.time)
        found[f"{name}.weights"] = head.mixture.weights
    return found


def _heads_of(state: dict[str, NDArray[np.float64]], vocabulary: Vocabulary) -> Heads:
    brands, styles, bands = (
        _head_of(state, name, words)
        for name, words in (("brands", vocabulary.brands), ("styles", vocabulary.styles), ("bands", BANDS))
    )
    edges = _shaped(state["edges"], (len(vocabulary.categories), len(BANDS) - 1))
    return Heads(brands, styles, bands, PriceBands(edges))


def _head_of(state: dict[str, NDArray[np.float64]], name: str, words: tuple[str, ...]) -> Head:
    crowd = Crowd(len(words))
    crowd.popular = _shaped(state[f"{name}.popular"], crowd.popular.shape)
    crowd.after = _shaped(state[f"{name}.after"], crowd.after.shape)
    crowd.time = float(state[f"{name}.time"])
    return Head(words, crowd, Mixture(_shaped(state[f"{name}.weights"], (CLASSES, len(SOURCES)))))


def _shaped(array: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    if array.shape != shape:
        raise DamagedArtifact(f"the heads have an array of {array.shape}, {shape} belongs there")
    return array


def _check(metadata: dict[str, object]) -> None:
    expected = {"schema": SCHEMA, "xgboost": VERSION, "features": list(feature_names())}
    for name, value in expected.items():
        if metadata.get(name) != value:
            raise DamagedArtifact(f"the model's {name} is {metadata.get(name)!r}, this code has {value!r}")
    if xgboost.__version__ != VERSION:
        raise DamagedArtifact(f"XGBoost is {xgboost.__version__} here, models are served by {VERSION}")


def _booster(path: Path) -> xgboost.Booster:
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(path)
    return booster


def _golden(predictor: Predictor, features: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
    told = [predictor.choice.probabilities(moment_of(row[None], now=0.0))[0] for row in features]
    soon, later = predictor.within(features)
    return {"next": np.stack(told), "soon": soon, "later": later}
