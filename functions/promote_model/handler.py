"""Make a candidate that answers as it should the champion."""

from typing import TYPE_CHECKING

from packshot import model_wiring, wiring
from packshot.entrypoint import entrypoint
from packshot.events import PromotedModel, PromotionRequest
from packshot.modelling.promoting import Stage, promote
from packshot.settings import PromoteModelSettings

if TYPE_CHECKING:
    from packshot.ports import Clock


def promote_model(request: PromotionRequest, *, stage: Stage, now: "Clock") -> PromotedModel:
    """Ask what the endpoint serves now, and write it down as champion if it is right."""
    return promote(request, stage=stage, now=now())


@entrypoint(PromotionRequest)
def handler(request: PromotionRequest) -> PromotedModel:
    """Wire it."""
    settings = wiring.settings(PromoteModelSettings)
    bucket = settings.purchases_bucket
    stage = Stage(
        registry=model_wiring.model_registry(bucket, seed_endpoint_config=settings.seed_endpoint_config),
        endpoint=model_wiring.model_endpoint(settings.preferences_endpoint),
        objects=wiring.objects(),
        bucket=bucket,
    )
    return promote_model(request, stage=stage, now=wiring.now)
