"""The keys of what posts are read from and by: one secret, empty until an operator fills it."""

import functools
from typing import TYPE_CHECKING

import boto3
from pydantic import BaseModel, ConfigDict, ValidationError

from packshot.adapters.aws import client_config, translated
from packshot.errors import InvalidSettings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class GroqKey(_Keys):
    """Empty: Groq is not asked."""

    api_key: str = ""


class RedditKey(_Keys):
    """An application of the kind `script` or `web`; empty: Reddit is not asked."""

    client_id: str = ""
    client_secret: str = ""

    @property
    def is_there(self) -> bool:
        """Say whether both halves are filled in."""
        return bool(self.client_id and self.client_secret)


class TrendKeys(_Keys):
    """The secret: `{"groq": {"api_key": "…"}, "reddit": {"client_id": "…", "client_secret": "…"}}`."""

    groq: GroqKey = GroqKey()
    reddit: RedditKey = RedditKey()


class SecretTrendKeys:
    """The keys in one secret of Secrets Manager."""

    def __init__(self, secret: str, client: "SecretsManagerClient | None" = None) -> None:
        self._secret = secret
        self._manager = client or boto3.client("secretsmanager", config=client_config())

    def read(self) -> TrendKeys:
        """Return the keys; `InvalidSettings`, without a word of them, for a secret that is no such table."""
        with translated("the keys of trends"):
            text = self._manager.get_secret_value(SecretId=self._secret)["SecretString"]
        try:
            return TrendKeys.model_validate_json(text)
        except ValidationError as error:
            raise InvalidSettings(f"the secret of trends has {error.error_count()} faults") from None


@functools.cache
def read_trend_keys(secret: str) -> TrendKeys:
    """Return the keys, read once in a process."""
    return SecretTrendKeys(secret).read()
