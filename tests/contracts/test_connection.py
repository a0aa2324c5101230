"""The generator's secret: read seldom, absent at first, and never in an error's words."""

import json
import time
from collections.abc import Callable

import boto3
import pytest

from packshot.adapters.secret import SECONDS, CachedSecret
from packshot.errors import DamagedArtifact
from packshot.generation.connection import Connection, read_connection

WHOLE = {"token": "r8_secret_words", "webhook_secret": "whsec_c2VjcmV0"}


def secret_at(arn: str, *, clock: Callable[[], float] = time.monotonic) -> CachedSecret[Connection | None]:
    """Return what reads the secret as the functions do."""
    return CachedSecret(arn, read=read_connection, name="the generator's secret", clock=clock)


def store(text: str) -> str:
    """Put a secret and return its ARN."""
    return boto3.client("secretsmanager").create_secret(Name="generator", SecretString=text)["ARN"]


def test_an_empty_secret_connects_nothing(aws: None) -> None:  # noqa: ARG001 - the account has to stand first
    """So it is after the deployment: the studio makes everything."""
    assert secret_at(store("{}")).current() is None


def test_a_connection_is_read_once_a_minute(aws: None) -> None:  # noqa: ARG001 - the account has to stand first
    """A token that was put in, or taken away, is noticed within it."""
    arn, now = store("{}"), [0.0]
    secret = secret_at(arn, clock=lambda: now[0])
    assert secret.current() is None
    boto3.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=json.dumps(WHOLE))
    now[0] = SECONDS - 1
    assert secret.current() is None
    now[0] = SECONDS
    assert secret.current() == Connection.model_validate(WHOLE)


@pytest.mark.parametrize(
    "text",
    [
        "r8_secret_words",
        '{"token": "r8_secret_words"}',
        '{"token": "r8_secret_words", "webhook_secret": "", "other": 1}',
    ],
)
def test_a_broken_secret_is_told_without_its_words(text: str) -> None:
    """Neither the message nor what caused it repeats a token."""
    with pytest.raises(DamagedArtifact) as told:
        read_connection(text)
    chain = f"{told.value!r} {told.value.__cause__!r} {told.value.__suppress_context__}"
    assert "r8_" not in chain
    assert told.value.__suppress_context__


def test_a_connection_does_not_show_its_secrets() -> None:
    """Whoever logs it logs nothing."""
    shown = repr(Connection.model_validate(WHOLE))
    assert "r8_" not in shown
    assert "whsec" not in shown


@pytest.mark.parametrize(
    ("callbacks", "expected"),
    [("", "https://usual/v1"), ("http://here/v1/", "http://here/v1"), ("nowhere", "")],
)
def test_where_to_be_called_back(callbacks: str, expected: str) -> None:
    """Usually the stack's own door, elsewhere where the secret says so, nowhere where nobody can come."""
    connection = Connection.model_validate(WHOLE | {"callbacks": callbacks})
    assert connection.webhook_at("https://usual/v1/") == expected
