"""API keys: a secret in Secrets Manager."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import boto3

from packshot.adapters.aws import client_config, translated
from packshot.storefront.keys import read_keys

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECONDS = 60
"""How long a revoked key may still open a warm function; one call an environment and minute costs nothing."""


class SecretKeyRing:
    """The hashes in one secret, read at most once a minute."""

    def __init__(
        self,
        secret: str,
        client: "SecretsManagerClient | None" = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secret = secret
        self._manager = client or boto3.client("secretsmanager", config=client_config())
        self._clock = clock
        self._read_at = float("-inf")
        self._hashes: Mapping[str, str] = {}

    def hashes(self) -> Mapping[str, str]:
        """Return SHA-256 (hex) → name; `DamagedArtifact` if the secret does not parse."""
        if self._clock() - self._read_at >= SECONDS:
            with translated("API keys"):
                answer = self._manager.get_secret_value(SecretId=self._secret)
            self._hashes = read_keys(answer["SecretString"])
            self._read_at = self._clock()
        return self._hashes
