"""What all clients of AWS share: how long they wait, how they repeat, and how their errors are told."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as NoConnectionError

from packshot.errors import MissingObject, RetryLater

CONNECT_SECONDS = 3
READ_SECONDS = 20
ATTEMPTS = 4

MISSING = frozenset({"404", "405", "NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
"""S3 says MethodNotAllowed where the version asked for is a delete marker; a HEAD has only numbers."""

BUSY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "SlowDown",
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
SERVER_FAULT = 500


def client_config() -> Config:
    """Return how every client waits and repeats.

    With an endpoint of its own (the local cloud) S3 is asked by path: no name resolves
    `bucket.127.0.0.1`. On AWS the bucket stands in the host's name, with its region, which presigned
    addresses of a new bucket need.
    """
    local = "AWS_ENDPOINT_URL" in os.environ or "AWS_ENDPOINT_URL_S3" in os.environ
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        s3={"addressing_style": "path" if local else "virtual"},
    )


def s3_config() -> Config:
    """Return `client_config` with the signature that S3's presigned addresses need."""
    return client_config().merge(Config(signature_version="s3v4"))


def error_code(error: ClientError) -> str:
    """Return AWS's name of the error."""
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def translated(subject: str) -> Iterator[None]:
    """Raise `MissingObject` and `RetryLater` about `subject`; a defect leaves as it is."""
    try:
        yield
    except ClientError as error:
        code = error_code(error)
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in MISSING:
            raise MissingObject(subject) from error
        if code in BUSY or status >= SERVER_FAULT:
            raise RetryLater(f"{subject}: {code}") from error
        raise
    except (HTTPClientError, IncompleteReadError, NoConnectionError) as error:
        raise RetryLater(f"{subject}: {type(error).__name__}") from error
