"""Who draws the trend scenes on this machine: the studio, Replicate, or the fake of it that ships."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from infrastructure.functions import CALLBACKS_PATH
from infrastructure.local.cloud import Cloud
from infrastructure.local.places import Refused
from packshot.adapters.jobs import DynamoJobs
from packshot.adapters.objects import S3UrlSigner
from packshot.adapters.replicate import ReplicateGenerator
from packshot.errors import PackshotError, RetryLater
from packshot.events import PhotoRecord
from packshot.generation.books import day_of, in_dollars
from packshot.generation.connection import NOWHERE, Connection, read_connection
from packshot.testing.replicate import FakeReplicate, Pace
from packshot.testing.replicate.service import Draw

Flux = Literal["fake"]

HOW_TO_CONNECT = (
    "Backgrounds by Flux: packshot secret set replicate (a token of replicate.com), or FLUX=fake to see how."
)


def callbacks_of(cloud: Cloud) -> str:
    """Return where a generator on this machine calls this cloud back."""
    return f"{cloud.endpoint}{_door(cloud)}"


def _door(cloud: Cloud) -> str:
    """Return the path of the API for callbacks below the cloud's own address."""
    return f"/_aws/execute-api/{cloud.outputs['CallbacksApiId']}/$default{CALLBACKS_PATH}"


def connected(cloud: Cloud) -> Connection | None:
    """Return what stands in the cloud's secret."""
    manager = cloud.client("secretsmanager")
    found = manager.get_secret_value(SecretId=cloud.outputs["GeneratorSecretArn"])
    return read_connection(found["SecretString"])


def connect(cloud: Cloud, connection: Connection | None) -> None:
    """Put a connection into the cloud's secret, or take it out; warm functions notice within a minute."""
    text = connection.model_dump_json() if connection else "{}"
    manager = cloud.client("secretsmanager")
    manager.put_secret_value(SecretId=cloud.outputs["GeneratorSecretArn"], SecretString=text)


@contextmanager
def fake_generator(
    cloud: Cloud, *, pace: Pace | None = None, draw: Draw | None = None
) -> Iterator[FakeReplicate]:
    """Let the fake draw for this cloud as long as the block runs."""
    before = connected(cloud)
    with FakeReplicate(pace=pace or Pace(), draw=draw) as fake:
        connect(cloud, fake.connection(callbacks=callbacks_of(cloud)))
        try:
            yield fake
        finally:
            connect(cloud, before)


def make_connection(token: str, *, callbacks: str, api: str = "") -> Connection:
    """Return the connection of an account of Replicate; `Refused` if its token opens nothing."""
    generator = ReplicateGenerator(token, signer=S3UrlSigner(), base_url=api)
    try:
        secret = generator.webhook_secret()
    except RetryLater as error:
        raise Refused(f"Replicate cannot be asked just now ({error}). Try again in a moment.") from error
    except PackshotError as error:
        raise Refused(f"Replicate does not take this token: {error}") from error
    finally:
        generator.close()
    return Connection(token=token, webhook_secret=secret, api=api, callbacks=callbacks)


def read_token(prompt: str) -> str:
    """Return a token from the terminal without showing it, or from standard input."""
    import getpass
    import sys

    token = (getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()).strip()
    if not token:
        raise Refused("No token was given.")
    return token


def where_called_back(given: str | None, *, cloud: Cloud | None) -> str:
    """Return what stands for callbacks: nobody outside reaches this machine, and AWS needs no word.

    A tunnel leads to the local cloud's own address, so the way to its door is added; a path of its own stays.
    """
    if not given:
        return NOWHERE if cloud else ""
    parts = urlsplit(given)
    if parts.scheme != "https" or not parts.hostname:
        raise Refused(f"Replicate calls back over https alone: {given} is no such address.")
    is_bare = parts.path in {"", "/"}
    return given.rstrip("/") + (_door(cloud) if cloud and is_bare else "")


def say_who(
    records: Sequence[PhotoRecord], *, cloud: Cloud, fake: FakeReplicate | None, connection: Connection | None
) -> str:
    """Return who made the backgrounds, what that cost, and how to have it otherwise."""
    if fake is not None:
        today = DynamoJobs(cloud.outputs["GenerationTable"], cloud.client("dynamodb")).entries(
            day_of(datetime.now(UTC))
        )
        drawn = set(fake.service.created)
        spent = in_dollars(sum(entry.spent for entry in today if entry.prediction in drawn))
        return (
            f"Backgrounds: a FAKE Replicate on this machine drew {len(fake.service.created)}; nothing was "
            f"paid. Its invoice: ${fake.service.invoice():.4f}; our ledger: ${spent:.4f}; "
            f"in the records: ${sum(record.price_usd for record in records):.4f}."
        )
    if connection is None:
        return f"Backgrounds: the studio. {HOW_TO_CONNECT}"
    who = "the fake of another demonstration" if connection.fake else "Flux at Replicate"
    return f"Backgrounds: {who}, and the studio."


def put_on_aws(connection: Connection, *, arn: str) -> None:
    """Put a connection into the secret of a deployment, with the shell's own credentials."""
    import boto3

    region = os.environ.get("AWS_REGION") or arn.split(":")[3]
    manager = boto3.client("secretsmanager", region_name=region)
    manager.put_secret_value(SecretId=arn, SecretString=connection.model_dump_json())
