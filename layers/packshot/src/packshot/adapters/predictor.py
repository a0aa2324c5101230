"""Who tells what comes next: an endpoint of SageMaker, behind a circuit breaker."""

import functools
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from packshot.adapters.aws import client_config, error_code
from packshot.errors import PredictorUnavailable
from packshot.events import Preferences, PurchaseLine
from packshot.purchases.moments import microseconds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from packshot.ports import Predictor

CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 4
"""An endpoint that has to start takes longer: purchases are counted meanwhile, the next call finds it."""
MOST_LINES: Final = 2_000
"""The newest lines that the model is shown: it looks at 200 days of buying."""
LARGEST_QUESTION: Final = 3_500_000
"""Bytes; a serverless endpoint takes 4 MiB, and would fail, for everybody's circuit, at more."""
FAILURES: Final = 3
REST_SECONDS: Final = 30
CIRCUIT: Final = "preferences"
_JSON = "application/json"
_UNTAKEN = frozenset({HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.REQUEST_ENTITY_TOO_LARGE})


class UntakenHistory(PredictorUnavailable):
    """The endpoint is well and does not take this history: no circuit counts that."""


class SageMakerPredictor:
    """Asks the endpoint once: an answer that is late is worth nothing."""

    def __init__(self, endpoint: str, client: Any = None) -> None:  # noqa: ANN401 - no stubs for this service
        self._endpoint = endpoint
        self._given = client

    @functools.cached_property
    def _runtime(self) -> Any:  # noqa: ANN401 - no stubs for this service
        return self._given or boto3.client("sagemaker-runtime", config=_config())

    def preferences(self, history: Sequence[PurchaseLine], *, now: datetime) -> Preferences:
        """Return the endpoint's answer; `PredictorUnavailable` if there is none that can be used."""
        past = [line for line in history if microseconds(line.time) < microseconds(now)]
        shown = _shown(past)
        try:
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._endpoint,
                ContentType=_JSON,
                Accept=_JSON,
                Body=b'{"now":%b,"purchases":[%b]}' % (_json(_seconds(now)), b",".join(shown)),
            )
            told = Preferences.model_validate_json(answer["Body"].read())
        except ClientError as error:
            if error.response.get("OriginalStatusCode") in _UNTAKEN:
                raise UntakenHistory(f"{self._endpoint} does not take this history") from error
            raise PredictorUnavailable(f"{self._endpoint}: {error_code(error)}") from error
        except (BotoCoreError, OSError, ValidationError) as error:
            raise PredictorUnavailable(f"{self._endpoint}: {type(error).__name__}") from error
        return _with_left_out(told, older=len(past) - len(shown), later=len(history) - len(past))


def _config() -> Config:
    return client_config().merge(
        Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 1},
        )
    )


def _shown(past: Sequence[PurchaseLine]) -> list[bytes]:
    """Return the newest of these lines (oldest first) as the endpoint reads them, so many as it takes."""
    shown: list[bytes] = []
    left = LARGEST_QUESTION
    for line in reversed(past[-MOST_LINES:]):
        text = _json(
            {
                "time": _seconds(line.time),
                "category": line.category,
                "price": line.price,
                "brand": line.brand,
                "style": line.style,
                "item": line.item,
                "order": line.order,
                "discount": line.discount,
            }
        )
        left -= len(text) + 1
        if left < 0:
            break
        shown.append(text)
    return shown[::-1]


def _json(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def _seconds(moment: datetime) -> float:
    """Return seconds since 1970; a moment without a zone is in UTC, whatever the machine's is."""
    return microseconds(moment) / 1e6


def _with_left_out(told: Preferences, *, older: int, later: int) -> Preferences:
    """Return the answer with the lines that the endpoint was not shown."""
    basis = told.basis.model_copy(
        update={
            "oldest_purchases_left_out": told.basis.oldest_purchases_left_out + older,
            "future_purchases_left_out": told.basis.future_purchases_left_out + later,
        }
    )
    return told.model_copy(update={"basis": basis})


class GuardedPredictor:
    """A predictor that is not asked while the circuit is open: its callers wait for nobody then."""

    def __init__(
        self,
        predictor: "Predictor",
        *,
        table: str,
        client: "DynamoDBClient | None" = None,
        failures: int = FAILURES,
        rest_seconds: int = REST_SECONDS,
    ) -> None:
        self._predictor = predictor
        self._table = table
        self._given = client
        self._failures = failures
        self._rest_seconds = rest_seconds

    @functools.cached_property
    def _guarded(self) -> "Callable[..., Preferences | UntakenHistory]":
        """A circuit takes 50 ms to make, and most requests of a shop are about no customer."""
        from packshot.adapters.circuit import guarded

        return guarded(
            functools.partial(_ask, self._predictor),
            circuit=CIRCUIT,
            table=self._table,
            client=self._given,
            failures=self._failures,
            rest_seconds=self._rest_seconds,
            counted=(PredictorUnavailable,),
        )

    def preferences(self, history: Sequence[PurchaseLine], *, now: datetime) -> Preferences:
        """Return the answer; `PredictorUnavailable` at once while the circuit is open."""
        from aws_lambda_powertools.utilities.circuit_breaker.exceptions import CircuitBreakerError

        try:
            told = self._guarded(history, now=now)
        except (CircuitBreakerError, ClientError, BotoCoreError) as error:
            raise PredictorUnavailable(f"the circuit is open: {type(error).__name__}") from error
        if isinstance(told, UntakenHistory):
            raise told
        return told


def _ask(
    predictor: "Predictor", history: Sequence[PurchaseLine], *, now: datetime
) -> Preferences | UntakenHistory:
    try:
        return predictor.preferences(history, now=now)
    except UntakenHistory as error:
        return error
