"""Judge a candidate against the champion and the simple answers."""

from typing import TYPE_CHECKING

from packshot import model_wiring, wiring
from packshot.entrypoint import entrypoint
from packshot.events import EvaluatedModel, EvaluationRequest
from packshot.modelling.evaluating import Bench, judge
from packshot.settings import EvaluateModelSettings

if TYPE_CHECKING:
    from packshot.model_ports import ModelRegistry
    from packshot.ports import Clock, ObjectStore


def evaluate_model(
    request: EvaluationRequest,
    *,
    objects: "ObjectStore",
    bucket: str,
    registry: "ModelRegistry",
    now: "Clock",
) -> EvaluatedModel:
    """Say whether it may serve, and keep why."""
    return judge(request, bench=Bench(objects, bucket, registry), now=now())


@entrypoint(EvaluationRequest)
def handler(request: EvaluationRequest) -> EvaluatedModel:
    """Wire it."""
    settings = wiring.settings(EvaluateModelSettings)
    bucket = settings.purchases_bucket
    registry = model_wiring.model_registry(bucket, seed_endpoint_config=settings.seed_endpoint_config)
    return evaluate_model(request, objects=wiring.objects(), bucket=bucket, registry=registry, now=wiring.now)
