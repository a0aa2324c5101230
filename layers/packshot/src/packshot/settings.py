"""The environment of each function, as a validated model.

`tests/infrastructure` holds every function's environment in the template against its model here.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from packshot.errors import InvalidSettings

Bucket = Annotated[str, Field(min_length=3, max_length=63)]
Name = Annotated[str, Field(min_length=1)]
EngineName = Literal["standard", "lite", "classic"]


class Settings(BaseModel):
    """Base: fields are environment variables of the same name in upper case; others are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=str.upper)
    function: ClassVar[str]

    environment: Name

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Parse an environment; `InvalidSettings` names each variable that is missing or wrong."""
        try:
            return cls.model_validate(dict(environment))
        except ValidationError as error:
            faults = ", ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise InvalidSettings(f"{cls.__name__}: {faults}") from error


class AnalyzePhotoSettings(Settings):
    """`aws_lambda_function_memory_size` (MiB) is set by Lambda itself: it bounds what may be decoded."""

    function = "analyze_photo"
    work_bucket: Bucket
    catalogue_table: Name
    aws_lambda_function_memory_size: Annotated[int, Field(ge=128)] = 2048


class MaskProductSettings(Settings):
    """Where cutouts go, which engine makes them, and where its weights lie.

    `network` is what the standard engine looks with: u2net, the deployment's asset at `u2net_bucket` and
    `u2net_key`, or one that an operator put into `weights_bucket` (`adapters.weights.PLUGGED`).
    """

    function = "mask_product"
    work_bucket: Bucket
    engine: EngineName = "standard"
    network: Annotated[str, Field(pattern="^[A-Za-z0-9._-]+$")] = "u2net"
    u2net_bucket: Name
    u2net_key: Name
    weights_bucket: Bucket


class CorrectPhotoSettings(Settings):
    """Where corrected photos go, and where looks stand; `faithful` leaves every photo as it is."""

    function = "correct_photo"
    work_bucket: Bucket
    catalogue_table: Name
    faithful: bool = False


class PlanScenesSettings(Settings):
    """`background_generator` is what a trend scene asks for; Flux only where `generator_secret` has a token.

    Where an environment overrides the photography settings, its file lies at `photography_bucket` and
    `photography_key`; both are empty where it does not.
    """

    function = "plan_scenes"
    photography_bucket: str = ""
    photography_key: str = ""
    background_generator: Annotated[str, Field(pattern="^(studio|flux)$")] = "studio"
    trends_bucket: Bucket
    purchases_bucket: Bucket
    generator_secret: str = ""


SourceKind = Literal["sample", "drops", "feeds", "reddit"]
Words = Annotated[str, Field(max_length=4_000)]
"""Words with a comma between them; none where it is empty."""


TimeLimit = Annotated[float, Field(gt=0, le=900)]
"""Seconds that an invocation may take; it stops before, with what it has."""


class CollectPostsSettings(Settings):
    """Which posts are read: `reddit_approved` is the operator's word that Reddit allows this use.

    The two addresses are other servers than Reddit's own, for tests; empty: Reddit's.
    """

    function = "collect_posts"
    trends_bucket: Bucket
    trend_keys_secret: Name
    time_limit_seconds: TimeLimit
    language: Literal["english", "any"] = "english"
    feeds: Words = ""
    subreddits: Annotated[str, Field(pattern=r"^$|^[A-Za-z0-9_]+(,[A-Za-z0-9_]+)*$")] = ""
    reddit_approved: bool = False
    reddit_oauth_url: str = ""
    reddit_url: str = ""


class InterpretTrendsSettings(Settings):
    """Who reads posts; `groq` without a key in the secret is the embedded interpreter."""

    function = "interpret_trends"
    trends_bucket: Bucket
    trend_keys_secret: Name
    time_limit_seconds: TimeLimit
    interpreter: Literal["embedded", "groq"] = "embedded"
    groq_models: Words = ""
    groq_url: str = ""


class PublishTrendsSettings(Settings):
    """Where tallies and reports lie, and who is told of a new one."""

    function = "publish_trends"
    trends_bucket: Bucket
    event_bus: Name


class PurgeSourceSettings(Settings):
    """Where all that came from a source lies."""

    function = "purge_source"
    trends_bucket: Bucket


Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class RequestBackgroundSettings(Settings):
    """What may be spent on backgrounds in US dollars (a day; a product in a month), and where answers come.

    `generator_secret` is the ARN of the secret with the generator's token, `callbacks_url` where it calls
    back; a plate is shared for `plate_days`.
    """

    function = "request_background"
    work_bucket: Bucket
    generation_table: Name
    generator_secret: Name
    callbacks_url: Name
    daily_budget_usd: Dollars
    product_budget_usd: Dollars
    calls_per_second: Annotated[int, Field(ge=1, le=100)]
    plate_days: Annotated[int, Field(ge=1, le=30)]


class ReceiveBackgroundSettings(Settings):
    """Where plates go and jobs stand; the memory (MiB), set by Lambda, bounds what may be decoded."""

    function = "receive_background"
    work_bucket: Bucket
    generation_table: Name
    generator_secret: Name
    aws_lambda_function_memory_size: Annotated[int, Field(ge=128)] = 2048


class SweepBackgroundsSettings(ReceiveBackgroundSettings):
    """The same as for callbacks: what a sweep finds ended, it settles."""

    function = "sweep_backgrounds"


class RenderStudioSettings(Settings):
    """Where plates go."""

    function = "render_studio"
    work_bucket: Bucket


class ComposeImageSettings(Settings):
    """Where composites go."""

    function = "compose_image"
    work_bucket: Bucket


class AssessQualitySettings(Settings):
    """`attempts_allowed` is how many seeds a scene gets; `generation_table` is where bought plates stand."""

    function = "assess_quality"
    generation_table: Name
    attempts_allowed: Annotated[int, Field(ge=1, le=5)] = 3


class PublishImagesSettings(Settings):
    """Where renditions, records and events go."""

    function = "publish_images"
    published_bucket: Bucket
    catalogue_table: Name
    event_bus: Name


class RejectPhotoSettings(Settings):
    """Where rejections are recorded and told."""

    function = "reject_photo"
    catalogue_table: Name
    event_bus: Name


class RecordPurchasesSettings(Settings):
    """Where files of purchases come from and lines go, and where histories stand."""

    function = "record_purchases"
    purchases_bucket: Bucket
    histories_table: Name
    time_limit_seconds: TimeLimit


class SnapshotPurchasesSettings(Settings):
    """Where lines lie, and where snapshots go."""

    function = "snapshot_purchases"
    purchases_bucket: Bucket


class EvaluateModelSettings(Settings):
    """Where candidates lie; `seed_endpoint_config` is what the endpoint serves by until there is a model."""

    function = "evaluate_model"
    purchases_bucket: Bucket
    seed_endpoint_config: Name


class PromoteModelSettings(Settings):
    """Where the registry lies, and which endpoint is asked."""

    function = "promote_model"
    purchases_bucket: Bucket
    seed_endpoint_config: Name
    preferences_endpoint: Name


class RetireModelSettings(Settings):
    """Where the registry lies."""

    function = "retire_model"
    purchases_bucket: Bucket
    seed_endpoint_config: Name


class SummarizeDemandSettings(Settings):
    """Where the champion lies, and where what it foresees goes."""

    function = "summarize_demand"
    purchases_bucket: Bucket
    seed_endpoint_config: Name


class AuthorizeRequestSettings(Settings):
    """`api_keys_secret` is the ARN of the secret that holds the hashes of the API keys."""

    function = "authorize_request"
    api_keys_secret: Name


class StorefrontApiSettings(Settings):
    """`api_keys_secret` too: the function checks what the authorizer let through."""

    function = "storefront_api"
    uploads_bucket: Bucket
    published_bucket: Bucket
    catalogue_table: Name
    api_keys_secret: Name
    trends_bucket: Bucket
    purchases_bucket: Bucket
    histories_table: Name
    preferences_endpoint: Name
