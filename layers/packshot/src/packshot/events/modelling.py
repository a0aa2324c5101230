"""The predictor's life: from a snapshot of purchases to a model that serves, and back."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from packshot.events.base import Event, ObjectRef, Share

ModelName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")]
"""One name for a training job, its model and its configuration: what SageMaker allows for all three."""
Count = Annotated[int, Field(ge=0)]


class SnapshotRequest(Event):
    """A run of the machine, and when it began."""

    run: Annotated[str, Field(min_length=1, max_length=80)]
    started: AwareDatetime


class Snapshot(Event):
    """Purchases as of a moment, those left out who were forgotten: `train` is a prefix of Parquet files.

    `sample` has all lines of some customers, to judge and to foresee by; `share` is how many of all they are.
    `enough` says whether a model could be judged at all, `why` what is missing.
    """

    version: ModelName
    bucket: str
    train: str
    sample: ObjectRef
    lines: Count
    customers: Count
    share: Share
    enough: bool
    why: str = ""


class ModelVersion(Event):
    """A model that serves or served. The seed, which only counts, has no archive."""

    version: str
    archive: str = ""
    endpoint_config: str
    since: AwareDatetime
    evaluation: str = ""


class Champions(Event):
    """Who serves, and who would again if it had to leave; `retired` is who had to, newest last, and why."""

    champion: ModelVersion
    before: ModelVersion | None = None
    retired: tuple[str, ...] = ()

    @property
    def configurations(self) -> tuple[str, ...]:
        """Return by which configurations the endpoint serves, or would again."""
        return tuple(each.endpoint_config for each in (self.champion, self.before) if each)

    def with_seed(self, seed: ModelVersion) -> "Champions":
        """Return the same with the seed of now: a deployment replaces its configuration by another."""
        now = {
            name: each.model_copy(update={"endpoint_config": seed.endpoint_config})
            for name, each in (("champion", self.champion), ("before", self.before))
            if each and each.version == seed.version
        }
        return self.model_copy(update=now)


class EvaluationRequest(Event):
    """A candidate's archive (a key of the snapshot's bucket), and what to judge it by."""

    version: ModelName
    archive: str
    sample: ObjectRef


class EvaluatedModel(Event):
    """Whether a candidate may serve, and why. `champion` is who serves meanwhile.

    `archive`, `golden` and `report` are keys: what may be served, what to ask it, and all figures.
    """

    version: str
    promote: bool
    reasons: tuple[str, ...]
    archive: str
    golden: str = ""
    report: str
    champion: ModelVersion


class PromotionRequest(Event):
    """A candidate that the endpoint serves now: `golden` is what it has to answer."""

    version: ModelName
    archive: str
    golden: str
    report: str
    endpoint_config: str


class PromotedModel(Event):
    """Whether the candidate is the champion now; `why` if it is not. `champion` is who is."""

    promoted: bool
    why: str = ""
    champion: ModelVersion


class RetirementRequest(Event):
    """Why the champion should leave; or `candidate`, that is none, instead of it.

    `serving` is the configuration by which the endpoint fails; empty if that is not known.
    """

    reason: Annotated[str, Field(min_length=1, max_length=2_000)]
    candidate: Annotated[str, Field(max_length=63)] = ""
    serving: Annotated[str, Field(max_length=63)] = ""


class RetiredModel(Event):
    """Whether the champion had to leave; `champion` is who it is now."""

    retired: bool
    why: str
    champion: ModelVersion


class DemandRequest(Event):
    """What to foresee demand from."""

    sample: ObjectRef
    share: Share
    customers: Count


class SummarizedDemand(Event):
    """Where the summary lies, empty if there is no model to make one; `champion` is who serves.

    `kept` are the endpoint's configurations that are needed: the champion's, and of who served before.
    """

    summary: str
    categories: Count
    champion: ModelVersion
    kept: tuple[str, ...]
