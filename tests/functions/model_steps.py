"""A small shop, a model of it, and the ports that the functions of the predictor's life are wired to."""

import functools
import io
import json
import tarfile
import tempfile
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from packshot.errors import PredictorUnavailable
from packshot.events import ModelVersion, ObjectRef
from packshot.modelling import samples
from packshot.modelling.evaluating import Bench
from packshot.preferences.artifact import save
from packshot.preferences.boosting import Fitting
from packshot.preferences.ledger import Columns
from packshot.preferences.simulator import simulate
from packshot.preferences.training import train
from packshot.testing.model_registry import MemoryModelRegistry
from packshot.testing.objects import MemoryObjects

BUCKET = "purchases"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
VERSION = "packshot-sandbox-20261120T154103-5f2c1a"
SEED = ModelVersion(version="seed", endpoint_config="seed-config", since=datetime(2026, 1, 1, tzinfo=UTC))


@functools.cache
def shop() -> Columns:
    """Return what a small shop sold."""
    return simulate(customers=250, days=400, seed=5).columns


@functools.cache
def archive(*, version: str = VERSION, is_shuffled: bool = False) -> bytes:
    """Return a model's archive; a shuffled one has learned what nobody did."""
    columns = shop()
    if is_shuffled:
        rng = np.random.default_rng(0)
        columns = replace(columns, category=rng.permutation(columns.category))
    fitting = Fitting(threads=1, most=60)
    trained = train(columns, version=version, fitting=fitting, seeds=(0,), rounds=10)
    with tempfile.TemporaryDirectory() as name:
        save(trained.predictor, Path(name), golden=trained.golden)
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w:gz") as packed:
            packed.add(name, arcname=".")
        return file.getvalue()


@dataclass(frozen=True, slots=True)
class Shelves:
    """What was bought, in two parts."""

    columns: Columns
    gone: frozenset[str] = frozenset()

    def names(self) -> tuple[str, ...]:
        """Return the parts' names; the last is empty."""
        return ("00", "01", "02")

    def forgotten(self) -> frozenset[str]:
        """Return who was forgotten."""
        return self.gone

    def lines(self, shelf: str, *, forgotten: frozenset[str]) -> pa.Table:
        """Return a part."""
        here = np.array([int(each[-1]) % 2 == int(shelf) for each in self.columns.customer], dtype=bool)
        here &= ~np.isin(self.columns.customer.astype(str), sorted(forgotten))
        return pa.table({each.name: getattr(self.columns, each.name)[here] for each in fields(Columns)})


@dataclass
class ScriptedEndpoint:
    """Says what it was told to say; None: it is not there."""

    answers: list[bytes | None] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)

    def ask(self, body: bytes) -> bytes:
        """Give the next answer."""
        self.asked.append(body)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if answer is None:
            raise PredictorUnavailable("the endpoint: ModelError")
        return answer


def bench(columns: Columns | None = None) -> Bench:
    """Return a bucket with a sample and an empty registry."""
    objects = MemoryObjects()
    objects.write(
        samples.dump(shop() if columns is None else columns),
        bucket=BUCKET,
        key=f"snapshots/{VERSION}/sample.npz",
        media_type="",
    )
    return Bench(objects, BUCKET, MemoryModelRegistry(seed=SEED))


def put(on: Bench, body: bytes) -> str:
    """Put a candidate where training leaves it."""
    return on.write(body, key=f"candidates/{VERSION}/output/model.tar.gz")


def told(probability: float, *, model: str = VERSION, category: str = "shoes") -> bytes:
    """Return an answer of an endpoint."""
    likely = {"category": category, "probability": probability, "because": "often bought"}
    return json.dumps({"next": [likely], "basis": {"kind": "history", "visits": 1}, "model": model}).encode()


def stored(on: Bench, key: str) -> bytes:
    """Return an object."""
    return on.objects.read(ObjectRef(bucket=BUCKET, key=key))
