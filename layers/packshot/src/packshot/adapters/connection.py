"""The generator's token: a secret in Secrets Manager, never in a variable, a log or a record."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3

from packshot.adapters.aws import client_config, translated
from packshot.generation.connection import Connection, read_connection

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECONDS = 60
"""How long a token that was taken away may still be used by a warm function."""


class SecretConnection:
    """What one secret holds, read at most once a minute."""

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
        self._found: Connection | None = None

    def current(self) -> Connection | None:
        """Return the connection, None while there is no token; `DamagedArtifact` if the secret is broken."""
        if self._clock() - self._read_at >= SECONDS:
            with translated("the generator's secret"):
                answer = self._manager.get_secret_value(SecretId=self._secret)
            self._found = read_connection(answer["SecretString"])
            self._read_at = self._clock()
        return self._found
