"""Which adapter stands behind which port; each is built once per process, on first use."""

import functools
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from packshot.entrypoint import logger
from packshot.errors import (
    DamagedArtifact,
    GeneratorUnavailable,
    InvalidSettings,
    MissingObject,
    OversizedObject,
    PackshotError,
    RetryLater,
)
from packshot.events import MICROS, Caps, DemandSummary, ObjectRef
from packshot.settings import (
    CollectPostsSettings,
    InterpretTrendsSettings,
    MaskProductSettings,
    PlanScenesSettings,
    ReceiveBackgroundSettings,
    RequestBackgroundSettings,
    Settings,
    SweepBackgroundsSettings,
)

if TYPE_CHECKING:
    from packshot.adapters.jobs import DynamoJobs
    from packshot.adapters.secret import CachedSecret
    from packshot.backgrounds.asking import Desk
    from packshot.backgrounds.receiving import Receiver
    from packshot.backgrounds.sweeping import Sweeper
    from packshot.events import Category, Job, TrendReport
    from packshot.generation.connection import Connection
    from packshot.imaging.engines import Engine
    from packshot.ports import (
        BackgroundGenerator,
        Catalogue,
        Downloads,
        EventBus,
        KeyRing,
        Looks,
        ObjectShelf,
        Segmenter,
        Tasks,
        TrendInterpreter,
        TrendSource,
        UrlSigner,
    )
    from packshot.scenes.foreseen import Foreseen
    from packshot.scenes.photography import PhotographySettings
    from packshot.trends.archive import TrendArchive
    from packshot.trends.cleaning import Cleaner
    from packshot.trends.deadlines import Stint
    from packshot.trends.keys import TrendKeys
    from packshot.trends.refreshing import Interpreters

_REPORT_SECONDS = 60
DEMAND = "demand/latest.json"
_LARGEST_DEMAND = 1_000_000

AnySettings = TypeVar("AnySettings", bound=Settings)


@functools.cache
def settings(model: type[AnySettings]) -> AnySettings:
    """Return the function's environment, parsed."""
    return model.read(os.environ)


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@functools.cache
def objects() -> "ObjectShelf":
    """Return the buckets."""
    from packshot.adapters.objects import S3Objects

    return S3Objects()


@functools.cache
def signer() -> "UrlSigner":
    """Return what signs addresses."""
    from packshot.adapters.objects import S3UrlSigner

    return S3UrlSigner()


@functools.cache
def catalogue(table: str) -> "Catalogue":
    """Return the catalogue in this table."""
    from packshot.adapters.catalogue import DynamoCatalogue

    return DynamoCatalogue(table)


@functools.cache
def looks(table: str) -> "Looks":
    """Return the reference looks in this table."""
    from packshot.adapters.looks import DynamoLooks

    return DynamoLooks(table)


@functools.cache
def event_bus(name: str) -> "EventBus":
    """Return the bus of this name."""
    from packshot.adapters.event_bus import EventBridgeBus

    return EventBridgeBus(name)


@functools.cache
def key_ring(secret: str) -> "KeyRing":
    """Return the API keys in this secret."""
    from packshot.adapters.key_ring import SecretKeyRing

    return SecretKeyRing(secret)


@functools.cache
def photography(chosen: PlanScenesSettings) -> "PhotographySettings":
    """Return how products are photographed here: what ships, with the environment's own merged in."""
    from packshot.scenes.photography import LARGEST_OVERRIDES, load_settings, override_settings

    if not chosen.photography_key:
        return load_settings()
    place = ObjectRef(bucket=chosen.photography_bucket, key=chosen.photography_key)
    text = objects().read(place, largest=LARGEST_OVERRIDES)
    return override_settings(text, source=f"s3://{place.bucket}/{place.key}")


@functools.cache
def engine(chosen: MaskProductSettings) -> "Engine":
    """Return what estimates mattes. What it falls back to stays until the process ends."""
    from packshot.adapters import engines, weights

    cache = weights.WeightsCache.of_this_machine(objects())
    asset = ObjectRef(bucket=chosen.u2net_bucket, key=chosen.u2net_key)

    def open_accurate() -> "Segmenter":
        if chosen.network == engines.ACCURATE:
            return weights.open_stored(engines.ACCURATE, at=asset, cache=cache)
        return weights.open_plugged(chosen.network, bucket=chosen.weights_bucket, cache=cache)

    return engines.open_engine(
        chosen.engine, accurate=open_accurate, light=lambda: weights.open_shelved(engines.LIGHT)
    )


def stint(seconds: float) -> "Stint":
    """Return the time that an invocation has, beginning now."""
    from packshot.trends.deadlines import SteadyDeadline, Stint

    return Stint(now, SteadyDeadline.after(seconds))


@functools.cache
def trend_archive(bucket: str) -> "TrendArchive":
    """Return where posts, tallies and reports lie."""
    from packshot.trends.archive import TrendArchive

    return TrendArchive(objects(), bucket=bucket)


def latest_trends(bucket: str) -> "TrendReport | None":
    """Return the last report, None if there is none that can be read; looked up once a minute."""
    return _latest_trends(bucket, int(now().timestamp() // _REPORT_SECONDS))


@functools.lru_cache(maxsize=1)
def _latest_trends(bucket: str, _minute: int) -> "TrendReport | None":
    try:
        return trend_archive(bucket).latest()
    except DamagedArtifact:
        # A photo is worth more than its season: the report that ships will do.
        return None


def latest_demand(bucket: str) -> "DemandSummary | None":
    """Return what customers are expected to buy, None if nobody can tell; looked up once a minute."""
    return _latest_demand(bucket, int(now().timestamp() // _REPORT_SECONDS))


@functools.lru_cache(maxsize=1)
def _latest_demand(bucket: str, _minute: int) -> "DemandSummary | None":
    place = ObjectRef(bucket=bucket, key=DEMAND)
    try:
        return DemandSummary.model_validate_json(objects().read(place, largest=_LARGEST_DEMAND))
    except MissingObject:
        return None
    except (OversizedObject, RetryLater, ValidationError) as error:
        # It is a hint: a photo is worth more, and so is an answer; both are made without.
        logger().warning("demand not read", error=type(error).__name__, key=DEMAND)
        return None


def foreseen(kind: "Category", chosen: PlanScenesSettings, photography: "PhotographySettings") -> "Foreseen":
    """Return what customers are expected to buy of a kind of product, in words of the settings."""
    from packshot.scenes.foreseen import foreseen_of

    summary = latest_demand(chosen.purchases_bucket)
    return foreseen_of(kind, summary=summary, now=now(), settings=photography)


def cleaner(chosen: CollectPostsSettings) -> "Cleaner":
    """Return a cleaner that has seen nothing yet."""
    from packshot.trends.cleaning import Cleaner
    from packshot.trends.lexicon import load_lexicon
    from packshot.trends.vocabulary import load_vocabulary

    return Cleaner(load_vocabulary(), load_lexicon(), language=chosen.language)


def trend_source(name: str, chosen: CollectPostsSettings) -> "TrendSource":
    """Return a source of posts by its name; `InvalidSettings` for one that nobody knows."""
    if name == "sample":
        from packshot.trends.sample import SampleSource

        return SampleSource(now)
    if name == "drops":
        from packshot.adapters.drops import DropSource

        return DropSource(objects(), bucket=chosen.trends_bucket, now=now)
    if name == "feeds":
        from packshot.adapters.feeds import FeedSource

        return FeedSource(_listed(chosen.feeds), now=now)
    if name == "reddit":
        return _reddit(chosen)
    raise InvalidSettings(f"there is no source {name!r}; there are sample, drops, feeds, reddit")


@functools.cache
def trend_keys(secret: str) -> "CachedSecret[TrendKeys]":
    """Return what reads the keys of what posts are read from and by."""
    from packshot.adapters.secret import CachedSecret
    from packshot.trends.keys import read_trend_keys

    return CachedSecret(secret, read=read_trend_keys, name="the keys of trends")


def _reddit(chosen: CollectPostsSettings) -> "TrendSource":
    from packshot.adapters.reddit import RedditKeys, RedditSource

    keys = trend_keys(chosen.trend_keys_secret).current().reddit
    servers = {"oauth_url": chosen.reddit_oauth_url, "reddit_url": chosen.reddit_url}
    return RedditSource(
        RedditKeys(keys.client_id, keys.client_secret, **{name: url for name, url in servers.items() if url}),
        subreddits=_listed(chosen.subreddits),
        approved=chosen.reddit_approved and keys.is_there and bool(chosen.subreddits),
    )


def interpreters(chosen: InterpretTrendsSettings, *, source: str) -> "Interpreters":
    """Return who reads a source's posts."""
    from packshot.trends.lexical import load_interpreter
    from packshot.trends.refreshing import Interpreters
    from packshot.trends.vocabulary import load_vocabulary

    embedded = load_interpreter()
    reader: TrendInterpreter = _groq(chosen, source) or embedded
    return Interpreters(chosen=reader, embedded=embedded, vocabulary=load_vocabulary())


def _groq(chosen: InterpretTrendsSettings, source: str) -> "TrendInterpreter | None":
    """Return Groq's interpreter; None where it is off or has no key."""
    if chosen.interpreter != "groq":
        return None
    key = trend_keys(chosen.trend_keys_secret).current().groq.api_key
    return _groq_with(key, chosen, source) if key else None


@functools.cache
def _groq_with(key: str, chosen: InterpretTrendsSettings, source: str) -> "TrendInterpreter":
    """Return Groq's interpreter, one for the life of the process or of the key."""
    from packshot.adapters.groq import MODELS, GroqInterpreter, connect
    from packshot.trends.archive import ArchivedAnswers
    from packshot.trends.vocabulary import load_vocabulary

    return GroqInterpreter(
        load_vocabulary(),
        client=connect(key, url=chosen.groq_url),
        answers=ArchivedAnswers(trend_archive(chosen.trends_bucket), source=source),
        models=_listed(chosen.groq_models) or MODELS,
    )


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


# --- bought backgrounds -----------------------------------------------------------------------------


@functools.cache
def generator_secret(secret: str) -> "CachedSecret[Connection | None]":
    """Return what reads the generator's secret."""
    from packshot.adapters.secret import CachedSecret
    from packshot.generation.connection import read_connection

    return CachedSecret(secret, read=read_connection, name="the generator's secret")


def connection(secret: str) -> "Connection":
    """Return the connection to the generator; `GeneratorUnavailable` while there is no token."""
    found = generator_secret(secret).current()
    if found is None:
        raise GeneratorUnavailable("No image generator is connected.")
    return found


def has_generator(secret: str) -> bool:
    """Say whether a token stands in the secret; a photo waits for no secret that cannot be read."""
    try:
        return bool(secret) and generator_secret(secret).current() is not None
    except (DamagedArtifact, RetryLater) as error:
        logger().warning("generator unknown", error=type(error).__name__, detail=str(error))
        return False


@functools.cache
def jobs(table: str) -> "DynamoJobs":
    """Return the book of jobs, the books of money and the inbox."""
    from packshot.adapters.jobs import DynamoJobs

    return DynamoJobs(table)


@functools.cache
def tasks() -> "Tasks":
    """Return the states that wait."""
    from packshot.adapters.tasks import StepFunctionsTasks

    return StepFunctionsTasks()


@functools.cache
def generator(found: "Connection", table: str) -> "BackgroundGenerator":
    """Return the generator behind its circuit breaker."""
    from packshot.adapters.breaker import GuardedGenerator
    from packshot.adapters.replicate import ReplicateGenerator

    inner = ReplicateGenerator(found.token, signer=signer(), base_url=found.api)
    return GuardedGenerator(inner, table=table)


def desk(chosen: RequestBackgroundSettings) -> "Desk":
    """Return where plates are asked for; `GeneratorUnavailable` while there is no token."""
    from packshot.backgrounds.answering import Answers
    from packshot.backgrounds.asking import Desk

    found, book = connection(chosen.generator_secret), jobs(chosen.generation_table)
    caps = Caps(
        daily=round(chosen.daily_budget_usd * MICROS),
        product=round(chosen.product_budget_usd * MICROS),
        calls_per_second=chosen.calls_per_second,
    )
    return Desk(
        generator=generator(found, chosen.generation_table),
        jobs=book,
        answers=Answers(jobs=book, tasks=tasks()),
        caps=caps,
        kept=timedelta(days=chosen.plate_days),
        webhook=found.webhook_at(chosen.callbacks_url),
        now=now,
    )


def receiver(chosen: ReceiveBackgroundSettings | SweepBackgroundsSettings, found: "Connection") -> "Receiver":
    """Return what settles jobs."""
    from packshot.backgrounds.answering import Answers
    from packshot.backgrounds.receiving import Receiver

    book = jobs(chosen.generation_table)
    return Receiver(
        jobs=book,
        answers=Answers(jobs=book, tasks=tasks()),
        downloads=_downloads(found.files),
        objects=objects(),
        segmenter=_watchman(),
        bucket=chosen.work_bucket,
        memory=chosen.aws_lambda_function_memory_size * 2**20,
        now=now,
    )


def sweeper(chosen: SweepBackgroundsSettings) -> "Sweeper":
    """Return what looks after open jobs; `GeneratorUnavailable` while there is no token."""
    from packshot.backgrounds.answering import Answers
    from packshot.backgrounds.sweeping import Sweeper

    found, book = connection(chosen.generator_secret), jobs(chosen.generation_table)

    def tell(job: "Job", error: PackshotError) -> None:
        logger().warning("not swept", recipe=job.recipe, error=type(error).__name__, detail=str(error))

    return Sweeper(
        generator=generator(found, chosen.generation_table),
        jobs=book,
        tasks=tasks(),
        answers=Answers(jobs=book, tasks=tasks()),
        receiver=receiver(chosen, found),
        now=now,
        tell=tell,
    )


@functools.cache
def _watchman() -> "Segmenter":
    """Return the small network that looks whether a plate is empty."""
    from packshot.adapters.engines import LIGHT
    from packshot.adapters.weights import open_shelved

    return open_shelved(LIGHT)


@functools.cache
def _downloads(origin: str) -> "Downloads":
    from packshot.adapters.downloads import AllowedDownloads

    return AllowedDownloads(origin=origin)
