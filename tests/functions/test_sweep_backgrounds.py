"""SweepBackgrounds: one round over what is open, and nothing at all without a token."""

import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from packshot import wiring
from packshot.events import SweepReport, SweepRequest
from packshot.generation.connection import Connection
from packshot.testing.replicate import Mishap
from tests.backgrounds import WORK, World, request_for
from tests.functions.cases import case_names, read_case


def test_a_round_settles_what_nobody_told(load_function: Callable[[str], ModuleType]) -> None:
    """The report says what there was."""
    world = World.made(mishaps=[Mishap(webhook="lost")])
    world.ask(request_for())
    world.clock.advance(300)
    report = load_function("sweep_backgrounds").sweep_backgrounds(sweeper=world.sweeper)
    assert report == SweepReport(open=1, settled=1)


@pytest.fixture
def handler(load_function: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return the handler in an account whose generator's secret is empty."""
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
        yield load_function("sweep_backgrounds").handler
    wiring.settings.cache_clear()
    wiring.generator_secret.cache_clear()


@pytest.mark.parametrize("case", case_names("sweep_backgrounds"))
def test_without_a_token_there_is_nothing_to_do(handler: Any, case: str) -> None:  # noqa: ANN401 - a Lambda handler
    """From JSON to JSON: the schedule goes on, and costs one look at a secret."""
    SweepRequest.model_validate(read_case("sweep_backgrounds", case))
    assert SweepReport.model_validate(handler(read_case("sweep_backgrounds", case), None)) == SweepReport()


def test_jobs_that_are_too_old_are_counted_for_the_alarm(
    handler: Any,  # noqa: ANN401 - a Lambda handler
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`BackgroundsStale` rings by this number, which is written every round."""
    world = World.made(mishaps=[Mishap(outcome="endless")])
    world.ask(request_for())
    text = Connection(token="t", webhook_secret="whsec_dA==").model_dump_json()  # noqa: S106 - they open nothing
    boto3.client("secretsmanager").put_secret_value(SecretId="generator", SecretString=text)
    monkeypatch.setattr(wiring, "sweeper", lambda _: world.sweeper)
    for seconds in (300, 1800):
        world.clock.advance(seconds)
        handler({}, None)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [line["StaleJobs"] for line in lines] == [[0], [1]]
    assert {line["environment"] for line in lines} == {"test"}
