"""Who tells what comes next: an endpoint of SageMaker, behind a circuit breaker."""

import functools
import json
from collections.abc import Sequence
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

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from packshot.ports import Predictor

CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 4
"""An endpoint that has to start takes longer: purchases are counted meanwhile, the next call finds it."""
MOST_LINES: Final = 2_000
"""The newest lines that the model is shown: it looks at 200 days of buying."""
FAILURES: Final = 3
REST_SECONDS: Final = 30
CIRCUIT: Final = "preferences"
_JSON = "application/json"


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
        try:
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._endpoint,
                ContentType=_JSON,
                Accept=_JSON,
                Body=_question(history[-MOST_LINES:], now=now),
            )
            told = Preferences.model_validate_json(answer["Body"].read())
        except ClientError as error:
            if error.response.get("OriginalStatusCode") == HTTPStatus.UNPROCESSABLE_ENTITY:
                raise UntakenHistory(f"{self._endpoint} does not take this history") from error
            raise PredictorUnavailable(f"{self._endpoint}: {error_code(error)}") from error
        except (BotoCoreError, OSError, ValidationError) as error:
            raise PredictorUnavailable(f"{self._endpoint}: {type(error).__name__}") from error
        return _with_left_out(told, max(0, len(history) - MOST_LINES))


def _config() -> Config:
    return client_config().merge(
        Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 1},
        )
    )


def _question(history: Sequence[PurchaseLine], *, now: datetime) -> bytes:
    lines = [
        {
            "time": line.time.timestamp(),
            "category": line.category,
            "price": line.price,
            "brand": line.brand,
            "style": line.style,
            "item": line.item,
            "order": line.order,
            "discount": line.discount,
        }
        for line in history
    ]
    return json.dumps({"now": now.timestamp(), "purchases": lines}, allow_nan=False).encode()


def _with_left_out(told: Preferences, count: int) -> Preferences:
    if not count:
        return told
    left_out = told.basis.oldest_purchases_left_out + count
    basis = told.basis.model_copy(update={"oldest_purchases_left_out": left_out})
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
        from packshot.adapters.circuit import guarded

        self._guarded = guarded(
            functools.partial(_ask, predictor),
            circuit=CIRCUIT,
            table=table,
            client=client,
            failures=failures,
            rest_seconds=rest_seconds,
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
