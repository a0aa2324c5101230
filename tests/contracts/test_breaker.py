"""The circuit breaker before paid calls, with Powertools' own store in DynamoDB."""

import uuid
from collections.abc import Iterator
from datetime import datetime

import boto3
import pytest
from aws_lambda_powertools.utilities.circuit_breaker import base

from packshot.adapters.breaker import GuardedGenerator
from packshot.errors import GenerationFailed, GeneratorUnavailable, PackshotError, RetryLater, UncertainCall
from packshot.events import Order, Prediction
from tests.contracts.test_generator import HOOK, order


class Scripted:
    """A generator whose calls end as they are told."""

    def __init__(self) -> None:
        """Succeed until told otherwise."""
        self.trouble: PackshotError | None = None
        self.calls = 0

    def create(self, _order: Order, *, webhook: str) -> Prediction:  # noqa: ARG002 - the port's word
        """Fail as told."""
        self.calls += 1
        if self.trouble:
            raise self.trouble
        return Prediction(id="p", status="starting")

    def find(self, prediction: str) -> Prediction:
        """Return it."""
        return Prediction(id=prediction, status="processing")

    def search(self, _order: Order, *, since: datetime) -> None:  # noqa: ARG002 - the port's word
        """Find nothing."""
        return

    def cancel(self, prediction: str) -> None:
        """Do nothing."""


@pytest.fixture
def table(aws: None) -> str:  # noqa: ARG001 - the account has to stand first
    """Make a table as the stack does."""
    boto3.client("dynamodb").create_table(
        TableName="generation",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    return "generation"


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Let no count of another test stand: Powertools keeps them in the process."""
    yield
    for kept in (base._LOCAL_FAILURES, base._LOCAL_SUCCESSES, base._LAST_OBSERVED_STATE):  # noqa: SLF001 - no public way
        kept.clear()


@pytest.fixture
def script() -> Scripted:
    """Return a generator to spoil."""
    return Scripted()


def guarded(script: Scripted, table: str, *, rest_seconds: int = 3600) -> GuardedGenerator:
    """Return it behind a breaker."""
    return GuardedGenerator(script, table=table, failures=3, rest_seconds=rest_seconds)


def fail(generator: GuardedGenerator, *, times: int) -> None:
    """Call in vain."""
    for _ in range(times):
        with pytest.raises(PackshotError):
            generator.create(order(), webhook=HOOK)


@pytest.mark.parametrize(
    "trouble",
    [UncertainCall("lost"), GeneratorUnavailable("no credit"), RetryLater("nobody there")],
    ids=["lost answers", "a refused account", "an unreachable host"],
)
def test_after_repeated_failures_nobody_is_asked(
    script: Scripted, table: str, trouble: PackshotError
) -> None:
    """The fourth call fails at once and reaches nobody, also from another process."""
    script.trouble = trouble
    fail(guarded(script, table), times=3)
    script.trouble = None
    with pytest.raises(GeneratorUnavailable, match="left alone"):
        guarded(script, table).create(order(), webhook=HOOK)
    assert script.calls == 3


@pytest.mark.parametrize("trouble", [GenerationFailed("422"), RetryLater("throttled", seconds=2)])
def test_a_refused_order_or_a_throttle_is_no_failure(
    script: Scripted, table: str, trouble: PackshotError
) -> None:
    """They say that the generator is well."""
    script.trouble = trouble
    fail(guarded(script, table), times=6)
    assert script.calls == 6


def test_the_error_s_own_name_comes_through(script: Scripted, table: str) -> None:
    """The workflow matches names, so none of the breaker's own gets out."""
    script.trouble = RetryLater("nobody there")
    with pytest.raises(RetryLater) as told:
        guarded(script, table).create(order(), webhook=HOOK)
    assert type(told.value) is RetryLater


def test_after_its_rest_one_call_tries_and_closes_the_circuit(script: Scripted, table: str) -> None:
    """When the generator is well again, so is everything."""
    script.trouble = UncertainCall("lost")
    generator = guarded(script, table, rest_seconds=1)
    fail(generator, times=3)
    boto3.client("dynamodb").update_item(
        TableName=table,
        Key={"pk": {"S": "BREAKER"}, "sk": {"S": "replicate"}},
        UpdateExpression="SET opened_at = :then",
        ExpressionAttributeValues={":then": {"N": "0"}},
    )
    script.trouble = None
    fresh = guarded(script, table, rest_seconds=1)
    assert fresh.create(order(), webhook=HOOK).id == "p"
    assert guarded(script, table).create(order(), webhook=HOOK).id == "p"


def test_free_calls_pass_an_open_circuit(script: Scripted, table: str) -> None:
    """What was paid for is still looked after."""
    script.trouble = UncertainCall("lost")
    generator = guarded(script, table)
    fail(generator, times=3)
    name = uuid.uuid4().hex
    assert generator.find(name).id == name
    assert generator.search(order(), since=datetime.now().astimezone()) is None
    generator.cancel(name)
