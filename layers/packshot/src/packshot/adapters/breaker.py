"""A circuit breaker before paid calls: after repeated failures the generator is left alone for a while."""

from datetime import datetime
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.circuit_breaker import CircuitBreakerOpenError

from packshot.adapters.circuit import guarded
from packshot.errors import GeneratorUnavailable, RetryLater, UncertainCall
from packshot.events import Order, Prediction

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from packshot.ports import BackgroundGenerator

FAILURES = 3
REST_SECONDS = 60
CIRCUIT = "replicate"


class _Unreachable(Exception):
    """The generator could not be reached; a throttle, which it raises by the same name, is no failure."""


class GuardedGenerator:
    """A generator that is not asked while the circuit is open; everything but the paid call passes."""

    def __init__(
        self,
        generator: "BackgroundGenerator",
        *,
        table: str,
        client: "DynamoDBClient | None" = None,
        failures: int = FAILURES,
        rest_seconds: int = REST_SECONDS,
    ) -> None:
        self._generator = generator
        self._guarded = guarded(
            self._create,
            circuit=CIRCUIT,
            table=table,
            client=client,
            failures=failures,
            rest_seconds=rest_seconds,
            counted=(UncertainCall, GeneratorUnavailable, _Unreachable),
        )

    def create(self, order: Order, *, webhook: str) -> Prediction:
        """Start a paid job; `GeneratorUnavailable` at once while the circuit is open."""
        try:
            started: Prediction = self._guarded(order, webhook=webhook)
        except CircuitBreakerOpenError as error:
            raise GeneratorUnavailable("The generator failed again and again and is left alone.") from error
        except _Unreachable as error:
            raise RetryLater(str(error)) from error
        return started

    def find(self, prediction: str) -> Prediction:
        """Return how far a job is."""
        return self._generator.find(prediction)

    def search(self, order: Order, *, since: datetime) -> Prediction | None:
        """Return the job that was started for this order."""
        return self._generator.search(order, since=since)

    def cancel(self, prediction: str) -> None:
        """Ask a job to stop."""
        self._generator.cancel(prediction)

    def _create(self, order: Order, *, webhook: str) -> Prediction:
        try:
            return self._generator.create(order, webhook=webhook)
        except RetryLater as error:
            if error.seconds is None:
                raise _Unreachable(str(error)) from error
            raise
