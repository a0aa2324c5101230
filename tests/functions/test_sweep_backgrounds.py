"""SweepBackgrounds: one round over what is open, and nothing at all without a token."""

from collections.abc import Callable
from types import ModuleType

import boto3
import pytest
from moto import mock_aws

from packshot import wiring
from packshot.events import SweepReport, SweepRequest
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


@pytest.mark.parametrize("case", case_names("sweep_backgrounds"))
def test_without_a_token_there_is_nothing_to_do(
    load_function: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """From JSON to JSON: the schedule goes on, and costs one look at a secret."""
    SweepRequest.model_validate(read_case("sweep_backgrounds", case))
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        manager = boto3.client("secretsmanager")
        arn = manager.create_secret(Name="generator", SecretString="{}")["ARN"]
        monkeypatch.setenv("ENVIRONMENT", "test")
        monkeypatch.setenv("WORK_BUCKET", WORK)
        monkeypatch.setenv("GENERATION_TABLE", "generation")
        monkeypatch.setenv("GENERATOR_SECRET", arn)
        wiring.settings.cache_clear()
        wiring.generator_secret.cache_clear()
        handler = load_function("sweep_backgrounds").handler
        assert (
            SweepReport.model_validate(handler(read_case("sweep_backgrounds", case), None)) == SweepReport()
        )
    wiring.settings.cache_clear()
    wiring.generator_secret.cache_clear()
