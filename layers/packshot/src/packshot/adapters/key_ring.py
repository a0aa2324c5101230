"""API keys: a secret in Secrets Manager."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from packshot.adapters.secret import CachedSecret
from packshot.storefront.keys import read_keys

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretKeyRing:
    """The hashes in one secret; a revoked key opens a warm function for a minute at most."""

    def __init__(
        self,
        secret: str,
        client: "SecretsManagerClient | None" = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._held = CachedSecret(secret, client, read=read_keys, name="API keys", clock=clock)

    def hashes(self) -> Mapping[str, str]:
        """Return SHA-256 (hex) → name; `DamagedArtifact` if the secret does not parse."""
        return self._held.current()
