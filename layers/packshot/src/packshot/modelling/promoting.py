"""Who serves: a candidate that answers as it should becomes the champion, one that fails leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from packshot.errors import RetryLater
from packshot.events import (
    Champions,
    ModelVersion,
    ObjectRef,
    PromotedModel,
    PromotionRequest,
    RetiredModel,
    RetirementRequest,
)
from packshot.model_ports import ModelEndpoint, ModelRegistry
from packshot.modelling.golden import fault_of, read_golden
from packshot.ports import ObjectStore

ON_TRIAL: Final = timedelta(days=7)
"""How long an alarm about the endpoint is held against the model: later it is something else's fault."""
_KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class Stage:
    """Who is champion, what is asked, and where golden questions lie."""

    registry: ModelRegistry
    endpoint: ModelEndpoint
    objects: ObjectStore
    bucket: str


def promote(request: PromotionRequest, *, stage: Stage, now: datetime) -> PromotedModel:
    """Ask what the endpoint serves now; only one that answers right is written down as champion.

    Written once, however often this is called. `RetryLater` if somebody else wrote meanwhile.
    """
    standing = stage.registry.standing()
    before = standing.champions.champion
    if before.version == request.version:
        return PromotedModel(promoted=True, champion=before)
    golden = read_golden(stage.objects.read(ObjectRef(bucket=stage.bucket, key=request.golden)))
    fault = fault_of(stage.endpoint, golden)
    if fault:
        return PromotedModel(promoted=False, why=fault, champion=before)
    champion = ModelVersion(
        version=request.version,
        archive=request.archive,
        endpoint_config=request.endpoint_config,
        since=now,
        evaluation=request.report,
    )
    after = standing.champions.model_copy(update={"champion": champion, "before": before})
    if not stage.registry.replace(after, mark=standing.mark):
        raise RetryLater("The registry of models was written by somebody else.")
    return PromotedModel(promoted=True, champion=champion)


def retire(request: RetirementRequest, *, registry: ModelRegistry, now: datetime) -> RetiredModel:
    """Let the champion before serve again, if this one is new enough to be at fault.

    A candidate that was ill before it was champion takes nobody with it: who is champion by now is told.
    `RetryLater` if somebody else wrote meanwhile.
    """
    standing = registry.standing()
    champion, before = standing.champions.champion, standing.champions.before
    if request.candidate:
        return RetiredModel(retired=False, why=request.reason, champion=champion)
    if request.serving and request.serving != champion.endpoint_config:
        why = f"The endpoint serves by {request.serving}, which is not the champion's; it is put back."
        return RetiredModel(retired=False, why=why, champion=champion)
    if before is None:
        return RetiredModel(retired=False, why="There was no other model before.", champion=champion)
    if now - champion.since > ON_TRIAL:
        why = f"{champion.version} has served for more than {ON_TRIAL.days} days; look elsewhere."
        return RetiredModel(retired=False, why=why, champion=champion)
    retired = (*standing.champions.retired, f"{champion.version}: {request.reason}")[-_KEPT:]
    # Nobody before the one before: a second alarm finds nothing to go back to, instead of going to and fro.
    after = Champions(champion=before.model_copy(update={"since": now}), before=None, retired=retired)
    if not registry.replace(after, mark=standing.mark):
        raise RetryLater("The registry of models was written by somebody else.")
    return RetiredModel(retired=True, why=request.reason, champion=after.champion)
