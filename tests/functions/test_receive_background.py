"""ReceiveBackground: API Gateway's event in, a status out, and the plate where it belongs."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from packshot import wiring
from packshot.errors import RetryLater
from packshot.generation.signatures import TOLERANCE
from packshot.testing.replicate import Mishap
from packshot.testing.replicate.service import WEBHOOK_SECRET
from tests.backgrounds import WORK, World
from tests.functions.cases import case_names, read_case
from tests.unit.backgrounds.test_callbacks import due, event_of


@pytest.fixture
def receive(load_function: Callable[[str], ModuleType]) -> Callable[[World, dict[str, Any]], int]:
    """Return what hands an event to the function and returns the status."""
    function = load_function("receive_background")

    def call(world: World, event: dict[str, Any]) -> int:
        answer = function.receive_background(
            event, receiver=world.receiver, inbox=world.jobs, secret=WEBHOOK_SECRET, now=world.clock
        )
        assert answer["body"] == ""
        return int(answer["statusCode"])

    return call


Receive = Callable[[World, dict[str, Any]], int]


def test_a_callback_is_taken_and_repeated_ones_too(receive: Receive) -> None:
    """200 for both: the sender need not come again."""
    world = World.made(mishaps=[Mishap(webhook="duplicated")])
    events = [event_of(delivery) for delivery in due(world)]
    assert [receive(world, event) for event in events] == [200, 200]
    assert world.tasks.answer_to("t-1").output


@pytest.mark.parametrize("case", case_names("receive_background"))
def test_a_recorded_callback_is_too_old(receive: Receive, case: str) -> None:
    """It is genuine, and whoever kept it and sends it again gets 401; when it was new it was taken."""
    world, event = World.made(), read_case("receive_background", case)
    assert receive(world, event) == 401
    from datetime import UTC, datetime

    sent = datetime.fromtimestamp(int(event["headers"]["webhook-timestamp"]), UTC)
    world.clock.advance((sent - world.clock() + TOLERANCE / 2).total_seconds())
    assert receive(world, event) == 200, "of a job that nobody here has asked for: nothing to do"


def test_a_forgery_is_told_nothing(receive: Receive) -> None:
    """401, an empty body, and nothing is done."""
    world = World.made(mishaps=[Mishap(webhook="forged")])
    (delivery,) = due(world)
    assert receive(world, event_of(delivery)) == 401
    assert world.tasks.answer_to("t-1") is None


def test_trouble_of_ours_lets_the_sender_come_again(receive: Receive) -> None:
    """503 while the file host is away."""
    world = World.made()
    (delivery,) = due(world)

    def busy(_address: str) -> bytes:
        raise RetryLater("not now")

    world.receiver.downloads.fetch = busy  # type: ignore[method-assign, assignment]  # the fault of one moment
    assert receive(world, event_of(delivery)) == 503


def test_while_nothing_is_connected_nobody_calls_back(
    load_function: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """404: without a secret nothing could be told from a forgery."""
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        arn = boto3.client("secretsmanager").create_secret(Name="generator", SecretString="{}")["ARN"]
        for name, value in {
            "ENVIRONMENT": "test",
            "WORK_BUCKET": WORK,
            "GENERATION_TABLE": "generation",
            "GENERATOR_SECRET": arn,
        }.items():
            monkeypatch.setenv(name, value)
        wiring.settings.cache_clear()
        wiring.generator_secret.cache_clear()
        (delivery,) = due(World.made())
        answer = load_function("receive_background").handler(event_of(delivery), None)
    wiring.settings.cache_clear()
    wiring.generator_secret.cache_clear()
    assert answer == {"statusCode": 404, "body": ""}


def test_a_stranger_s_request_is_refused(receive: Receive) -> None:
    """400 for what is no callback at all."""
    assert receive(World.made(), {"pathParameters": {"recipe": "x"}, "body": json.dumps({})}) == 400
