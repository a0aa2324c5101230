"""Secrets in Secrets Manager: never in a variable, a log or a record."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

import boto3

from packshot.adapters.aws import client_config, translated

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

Held = TypeVar("Held")

SECONDS = 60
"""How long a warm function may use what was taken away; a call per environment and minute costs nothing."""


class CachedSecret(Generic[Held]):
    """What one secret holds, read at most once a minute.

    `read` makes it of the secret's text and raises where that is broken, without a word of it; `name` is what
    errors call it.
    """

    def __init__(
        self,
        secret: str,
        client: "SecretsManagerClient | None" = None,
        *,
        read: Callable[[str], Held],
        name: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secret = secret
        self._manager = client or boto3.client("secretsmanager", config=client_config())
        self._read = read
        self._name = name
        self._clock = clock
        self._last: tuple[float, Held] | None = None

    def current(self) -> Held:
        """Return what the secret holds, or held less than a minute ago."""
        if self._last is None or self._clock() - self._last[0] >= SECONDS:
            with translated(self._name):
                answer = self._manager.get_secret_value(SecretId=self._secret)
            self._last = (self._clock(), self._read(answer["SecretString"]))
        return self._last[1]
