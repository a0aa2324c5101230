"""Circuit breakers: what failed again and again is left alone for a while, by all processes alike."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import boto3
from aws_lambda_powertools.utilities.circuit_breaker import CircuitBreakerConfig, circuit_breaker
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence

from packshot.adapters.aws import client_config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Call = TypeVar("Call", bound=Callable[..., object])


def guarded(  # noqa: PLR0913 - what a circuit is
    call: Call,
    *,
    circuit: str,
    table: str,
    client: "DynamoDBClient | None",
    failures: int,
    rest_seconds: int,
    counted: tuple[type[Exception], ...],
) -> Call:
    """Return the call behind a circuit, whose state lies in the table.

    After so many `failures` in a row, of the `counted` kinds, it raises `CircuitBreakerOpenError` for
    `rest_seconds`; then one call is let through, and its success closes the circuit.
    """
    store = CircuitBreakerDynamoDBPersistence(
        table_name=table,
        key_attr="pk",
        sort_key_attr="sk",
        static_pk_value="BREAKER",
        expiry_attr="expires_at",
        boto3_client=client or boto3.client("dynamodb", config=client_config()),
    )
    config = CircuitBreakerConfig(
        failure_threshold=failures,
        recovery_timeout=rest_seconds,
        success_threshold=1,
        handled_exceptions=counted,
    )
    found: Call = circuit_breaker(name=circuit, persistence_store=store, config=config)(call)
    return found
