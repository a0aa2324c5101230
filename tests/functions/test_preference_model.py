"""The predictor as SageMaker runs it: the container's folders, environment and functions."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from packshot.preferences.artifact import Predictor
from packshot.preferences.simulator import CATEGORIES, simulate

SOURCE = Path(__file__).resolve().parents[2] / "functions" / "preference_model"
NOW = 1_640_000_000.0
WEEK = 7 * 86_400


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what a training job leaves behind."""
    opt = tmp_path_factory.mktemp("ml")
    channel, model = opt / "input" / "data" / "train", opt / "model"
    channel.mkdir(parents=True)
    columns = simulate(customers=80, days=600, seed=41).columns
    names = ("customer", "time", "order", "item", "category", "price", "brand", "style")
    pq.write_table(pa.table({n: getattr(columns, n).tolist() for n in names}), channel / "part-0.parquet")
    environment = {**os.environ, "SM_CHANNEL_TRAIN": str(channel), "SM_MODEL_DIR": str(model)}
    subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(SOURCE / "train.py"), "--threads", "1", "--version", "1"],
        env=environment,
        check=True,
        capture_output=True,
    )
    return model


@pytest.fixture(scope="module")
def inference() -> ModuleType:
    """Return the serving module."""
    spec = importlib.util.spec_from_file_location("preference_inference", SOURCE / "inference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def model(inference: ModuleType, model_folder: Path) -> Predictor:
    """Return the model, loaded for serving."""
    return inference.model_fn(str(model_folder))  # type: ignore[no-any-return] # a module without a name of its own


def ask(inference: ModuleType, model: Predictor, **body: object) -> dict[str, object]:
    """Send a request through all four functions."""
    question = inference.input_fn(json.dumps({"now": NOW, **body}), "application/json")
    text, media_type = inference.output_fn(inference.predict_fn(question, model), "application/json")
    assert media_type == "application/json"
    return json.loads(text)  # type: ignore[no-any-return] # whatever JSON it is


def bought(category: str, weeks_ago: float) -> dict[str, object]:
    """Return a purchase."""
    return {"time": NOW - weeks_ago * WEEK, "category": category, "price": 60.0, "brand": "alder"}


def test_a_history_is_answered_by_three_categories(inference: ModuleType, model: Predictor) -> None:
    """Three known categories, the likeliest first, with both probabilities and the model's version."""
    answer = ask(inference, model, purchases=[bought("shoes", 9), bought("jeans", 2)])
    told = answer["next"]
    assert isinstance(told, list)
    assert len(told) == 3
    assert {entry["category"] for entry in told} <= set(CATEGORIES)
    assert told[0]["probability"] >= told[1]["probability"] >= told[2]["probability"] > 0
    assert all(0 < entry["within_30_days"] < 1 for entry in told)
    assert answer["model"] == "1"


def test_no_history_is_popularity_and_says_so(inference: ModuleType, model: Predictor) -> None:
    """Nobody's history is no error, and it is labelled."""
    answer = ask(inference, model, purchases=[])
    assert answer["basis"]["kind"] == "popularity"  # type: ignore[index] # JSON


def test_the_future_is_left_out_and_counted(inference: ModuleType, model: Predictor) -> None:
    """A purchase at or after now changes no probability."""
    past = [bought("shoes", 9)]
    one, other = (ask(inference, model, purchases=[*past, *more]) for more in ([], [bought("belt", 0)]))
    assert one["next"] == other["next"]
    assert other["basis"]["future_purchases_left_out"] == 1  # type: ignore[index] # JSON


def test_the_order_of_purchases_means_nothing(inference: ModuleType, model: Predictor) -> None:
    """A history may come in any order."""
    history = [bought("shoes", 9), bought("jeans", 2), bought("belt", 30)]
    assert ask(inference, model, purchases=history) == ask(inference, model, purchases=history[::-1])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"purchases": 3}', "purchases"),
        ("[]", "purchases"),
        ("{", "body"),
        ('{"now": NaN, "purchases": []}', "now"),
        ('{"now": true, "purchases": []}', "now"),
        ('{"now": 1e300, "purchases": []}', "now"),
        ('{"purchases": [7]}', "purchases.0"),
        ('{"purchases": [{"time": 1, "category": "shoes", "price": -5}]}', "purchases.0.price"),
        ('{"purchases": [{"time": 1, "category": "shoes", "price": Infinity}]}', "purchases.0.price"),
        ('{"purchases": [{"time": "1", "category": "shoes"}]}', "purchases.0.time"),
        ('{"purchases": [{"category": "shoes"}]}', "purchases.0.time"),
        ('{"purchases": [{"time": 1}]}', "purchases.0.category"),
        ('{"purchases": [{"time": 1, "category": 3}]}', "purchases.0.category"),
    ],
)
def test_a_bad_request_names_its_field(inference: ModuleType, body: str, field: str) -> None:
    """What cannot be answered is refused with the field at fault."""
    with pytest.raises(inference.InvalidRequest, match=rf"^{re.escape(field)}:"):
        inference.input_fn(body, "application/json")


def test_a_very_long_history_is_answered(inference: ModuleType, model: Predictor) -> None:
    """100,000 purchases are capped at the last days and answered; one more is refused."""
    row = bought("shoes", 3)
    many = [{**row, "time": NOW - 60.0 * (n + 1)} for n in range(100_000)]
    answer = ask(inference, model, purchases=many)
    assert answer["basis"]["visits"] <= 200  # type: ignore[index] # JSON
    with pytest.raises(inference.InvalidRequest, match=r"^purchases:"):
        inference.input_fn(json.dumps({"purchases": [*many, row]}), "application/json")


def test_the_archive_serves_by_itself(model_folder: Path) -> None:
    """The model's own `code/` answers in a fresh interpreter that does not know this repository."""
    script = (
        "import inference, packshot, sys, json;"
        f"m = inference.model_fn({str(model_folder)!r});"
        "q = inference.input_fn(json.dumps({'now': 1.64e9, 'purchases': []}), 'application/json');"
        "print(packshot.__file__); print(inference.output_fn(inference.predict_fn(q, m), '')[0])"
    )
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(model_folder / "code"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        cwd=model_folder / "code",
    )
    place, answer = done.stdout.splitlines()
    assert place.startswith(str(model_folder))
    assert len(json.loads(answer)["next"]) == 3
