"""Which adapter stands behind which port; each is built once per process, on first use."""

import functools
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from packshot.errors import DamagedArtifact, InvalidSettings
from packshot.events import ObjectRef
from packshot.settings import (
    CollectPostsSettings,
    InterpretTrendsSettings,
    MaskProductSettings,
    PlanScenesSettings,
    Settings,
)

if TYPE_CHECKING:
    from packshot.events import TrendReport
    from packshot.imaging.engines import Engine
    from packshot.ports import (
        Catalogue,
        EventBus,
        KeyRing,
        Looks,
        ObjectShelf,
        Segmenter,
        TrendInterpreter,
        TrendSource,
        UrlSigner,
    )
    from packshot.scenes.photography import PhotographySettings
    from packshot.trends.archive import TrendArchive
    from packshot.trends.cleaning import Cleaner
    from packshot.trends.deadlines import Stint
    from packshot.trends.refreshing import Interpreters

_REPORT_SECONDS = 60

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

        return FeedSource(_listed(chosen.feeds))
    if name == "reddit":
        return _reddit(chosen)
    raise InvalidSettings(f"there is no source {name!r}; there are sample, drops, feeds, reddit")


def _reddit(chosen: CollectPostsSettings) -> "TrendSource":
    from packshot.adapters.reddit import RedditKeys, RedditSource
    from packshot.adapters.trend_keys import read_trend_keys

    keys = read_trend_keys(chosen.trend_keys_secret).reddit
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


@functools.cache
def _groq(chosen: InterpretTrendsSettings, source: str) -> "TrendInterpreter | None":
    """Return Groq's interpreter, one for the life of the process; None where it is off or has no key."""
    if chosen.interpreter != "groq":
        return None
    from packshot.adapters.trend_keys import read_trend_keys

    key = read_trend_keys(chosen.trend_keys_secret).groq.api_key
    if not key:
        return None
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
