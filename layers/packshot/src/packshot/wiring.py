"""Which adapter stands behind which port; each is built once per process, on first use."""

import functools
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from packshot.settings import Settings

if TYPE_CHECKING:
    from packshot.ports import Catalogue, EventBus, KeyRing, ObjectStore, Segmenter, UrlSigner

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
def segmenter() -> "Segmenter":
    """Return the network whose weights ship in the inference layer."""
    from packshot.adapters.segmenter import OnnxSegmenter

    return OnnxSegmenter.shipped()
