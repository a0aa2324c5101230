"""The trained predictor as files: `model/*.ubj`, `world.npz`, `metadata.json`.

Another version of XGBoost reads a model without an error and answers wrong, so the artifact holds golden
predictions: it is loaded only where it answers them again.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import xgboost
from numpy.typing import NDArray

from packshot.errors import DamagedArtifact
from packshot.preferences.boosting import VERSION
from packshot.preferences.choosing import Calibration, ChoiceModel
from packshot.preferences.features import LONGEST_HISTORY, candidate_features, feature_names
from packshot.preferences.foreseeing import EventModel
from packshot.preferences.memory import Memory
from packshot.preferences.purchases import Lines, Vocabulary, visits
from packshot.preferences.tables import Moments
from packshot.preferences.world import World

SCHEMA: Final = 1
GOLDEN: Final = 16
_TOLERANCE: Final = 1e-5


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told of a customer: the next category (K,), and each category within 30 days (K,).

    `visits` is how many days of buying stood behind it; with none it is what newcomers want.
    """

    next: NDArray[np.float64]
    soon: NDArray[np.float64]
    visits: int


@dataclass(frozen=True, slots=True)
class Predictor:
    """Everything that is needed to answer for a raw history."""

    vocabulary: Vocabulary
    world: World
    choice: ChoiceModel
    soon: EventModel
    version: str

    def answer(self, history: Lines, *, now: float) -> Answer:
        """Return what is told of one customer's lines before `now`; the last visits count, in any order."""
        memory = Memory(self.world.categories)
        for visit in list(visits(history, before=now))[-LONGEST_HISTORY:]:
            memory.observe(visit)
        if not memory.visits:
            popular = self.world.popularity(now=now)[1]
            return Answer(popular, np.full(len(popular), np.nan), 0)
        features = candidate_features(memory, self.world, now=now)[None]
        return Answer(
            self.choice.probabilities(moment_of(features, now=now))[0],
            self.soon.probabilities(features)[0],
            memory.visits,
        )


def moment_of(features: NDArray[np.float32], *, now: float) -> Moments:
    """Return features (1, K, F) as a moment of which nobody knows yet what comes."""
    none = np.zeros(1, dtype=np.intp)
    return Moments(features, none, np.zeros(features.shape[:2], bool), np.array([now]), none, none)


def save(predictor: Predictor, folder: Path, *, golden: NDArray[np.float32]) -> None:
    """Write the predictor; `golden` (N, K, F) are features whose answers it must give again."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, booster in enumerate(predictor.choice.boosters):
        booster.save_model(folder / f"next-{number}.ubj")
    predictor.soon.booster.save_model(folder / "soon.ubj")
    np.savez_compressed(folder / "world.npz", allow_pickle=False, **predictor.world.state())
    np.savez_compressed(
        folder / "golden.npz", allow_pickle=False, features=golden, **_golden(predictor, golden)
    )
    metadata = {
        "schema": SCHEMA,
        "version": predictor.version,
        "xgboost": xgboost.__version__,
        "features": list(feature_names()),
        "vocabulary": asdict(predictor.vocabulary),
        "boosters": len(predictor.choice.boosters),
        "rounds": predictor.choice.rounds,
        "calibration": asdict(predictor.choice.calibration),
    }
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> Predictor:
    """Read a predictor; `DamagedArtifact` if it was made for another XGBoost, or answers otherwise here."""
    metadata = json.loads((folder / "metadata.json").read_text("utf-8"))
    _check(metadata)
    vocabulary = Vocabulary(**{name: tuple(words) for name, words in metadata["vocabulary"].items()})
    with np.load(folder / "world.npz") as state:
        world = World.of_state(vocabulary, dict(state))
    boosters = tuple(_booster(folder / f"next-{number}.ubj") for number in range(metadata["boosters"]))
    choice = ChoiceModel(boosters, Calibration(**metadata["calibration"]), metadata["rounds"])
    predictor = Predictor(
        vocabulary, world, choice, EventModel(_booster(folder / "soon.ubj")), metadata["version"]
    )
    with np.load(folder / "golden.npz") as kept:
        found = _golden(predictor, kept["features"])
        wrong = {n for n, told in found.items() if not np.allclose(told, kept[n], atol=_TOLERANCE)}
    if wrong:
        raise DamagedArtifact(
            f"the model does not give its golden predictions again: {', '.join(sorted(wrong))}"
        )
    return predictor


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
    return {"next": np.stack(told), "soon": predictor.soon.probabilities(features)}
