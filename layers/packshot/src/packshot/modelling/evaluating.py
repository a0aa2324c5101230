"""Judge a candidate: may it serve? The report is kept; only what may serve lies under `models/`."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from packshot.errors import DamagedArtifact, MissingObject, OversizedObject
from packshot.events import Champions, EvaluatedModel, EvaluationRequest, ModelVersion, ObjectRef
from packshot.model_ports import ModelRegistry
from packshot.modelling import samples
from packshot.modelling.archives import LARGEST, open_archive
from packshot.modelling.posing import pose
from packshot.ports import ObjectStore
from packshot.preferences.evaluation import evaluate
from packshot.preferences.ledger import Columns
from packshot.preferences.predictor import Predictor

JSON: Final = "application/json"
_GZIP: Final = "application/gzip"
_LARGEST_SAMPLE: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Bench:
    """Where models and samples lie, and who is champion."""

    objects: ObjectStore
    bucket: str
    registry: ModelRegistry

    def read(self, key: str, *, largest: int) -> bytes:
        """Return an object of the bucket."""
        return self.objects.read(ObjectRef(bucket=self.bucket, key=key), largest=largest)

    def write(self, body: bytes, *, key: str, media_type: str = JSON) -> str:
        """Store an object, and return its key."""
        return self.objects.write(body, bucket=self.bucket, key=key, media_type=media_type).key

    def sample(self, place: ObjectRef) -> Columns:
        """Return the purchases of some customers."""
        return samples.load(self.objects.read(place, largest=_LARGEST_SAMPLE))

    def champions(self) -> Champions:
        """Return who serves, and who did before."""
        return self.registry.standing().champions

    def predictor(self, version: ModelVersion) -> Predictor | None:
        """Return a champion's predictor; None for the seed, or where its archive cannot be used any more.

        A model that no longer loads here must not keep every better one out.
        """
        if not version.archive:
            return None
        try:
            return open_archive(self.read(version.archive, largest=LARGEST))
        except (DamagedArtifact, MissingObject, OversizedObject):
            return None


def judge(request: EvaluationRequest, *, bench: Bench, now: datetime) -> EvaluatedModel:
    """Say whether the candidate may serve; one whose archive cannot be used may not."""
    champion = bench.champions().champion
    report = f"evaluations/{request.version}.json"
    try:
        archive = bench.read(request.archive, largest=LARGEST)
        candidate = open_archive(archive)
    except (DamagedArtifact, MissingObject, OversizedObject) as error:
        reasons = (f"{type(error).__name__}: {error}",)
        told = {"candidate": request.version, "reasons": reasons, "promote": False}
        return EvaluatedModel(
            version=request.version,
            promote=False,
            reasons=reasons,
            archive=request.archive,
            report=bench.write(json.dumps(told, indent=2).encode(), key=report),
            champion=champion,
        )
    verdict = evaluate(candidate, bench.predictor(champion), bench.sample(request.sample))
    bench.write(verdict.to_json().encode(), key=report)
    kept = _keep(archive, candidate, bench=bench, now=now, request=request) if verdict.promote else _Kept()
    return EvaluatedModel(
        version=request.version,
        promote=verdict.promote,
        reasons=verdict.reasons,
        archive=kept.archive or request.archive,
        golden=kept.golden,
        report=report,
        champion=champion,
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    archive: str = ""
    golden: str = ""


def _keep(
    archive: bytes, candidate: Predictor, *, bench: Bench, now: datetime, request: EvaluationRequest
) -> _Kept:
    golden = pose(candidate, version=candidate.version, now=now.timestamp())
    folder = f"models/{request.version}"
    return _Kept(
        bench.write(archive, key=f"{folder}/model.tar.gz", media_type=_GZIP),
        bench.write(golden.model_dump_json().encode(), key=f"{folder}/golden.json"),
    )
