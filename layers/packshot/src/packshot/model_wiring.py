"""Which adapter stands behind which port of the predictor's life."""

import functools
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from packshot import wiring

if TYPE_CHECKING:
    from packshot.customers.shelves import Shelves
    from packshot.model_ports import ModelEndpoint, ModelRegistry


def model_registry(bucket: str, *, seed_endpoint_config: str) -> "ModelRegistry":
    """Return which model is the champion; the seed, which only counts, until there is one."""
    from packshot.adapters.model_registry import S3ModelRegistry
    from packshot.events import ModelVersion

    seed = ModelVersion(version="seed", endpoint_config=seed_endpoint_config, since=_BEGINNING)
    return S3ModelRegistry(bucket, seed=seed)


_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""Since when the seed serves: it is never new, so no alarm takes it for the cause."""


def shelves(bucket: str) -> "Shelves":
    """Return what was bought, a part of the customers at a time."""
    from packshot.customers.shelves import Shelves

    return Shelves(wiring.objects(), bucket=bucket)


@functools.cache
def model_endpoint(name: str) -> "ModelEndpoint":
    """Return the endpoint as a model's keeper asks it."""
    from packshot.adapters.model_endpoint import SageMakerEndpoint

    return SageMakerEndpoint(name)
