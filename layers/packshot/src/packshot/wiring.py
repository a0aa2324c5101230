"""Which adapter stands behind which port; each is built once per process, on first use."""

import functools
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from packshot.events import ObjectRef
from packshot.settings import MaskProductSettings, PlanScenesSettings, Settings

if TYPE_CHECKING:
    from packshot.imaging.engines import Engine
    from packshot.ports import Catalogue, EventBus, KeyRing, Looks, ObjectStore, Segmenter, UrlSigner
    from packshot.scenes.photography import PhotographySettings

AnySettings = TypeVar("AnySettings", bound=Settings)


@functools.cache
def settings(model: type[AnySettings]) -> AnySettings:
    """Return the function's environment, parsed."""
    return model.read(os.environ)


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@functools.cache
def objects() -> "ObjectStore":
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
