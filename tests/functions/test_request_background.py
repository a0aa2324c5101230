"""RequestBackground: it asks and returns, and without a generator it says so at once."""

import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.circuit_breaker import base
from moto import mock_aws

from packshot import wiring
from packshot.errors import BudgetExhausted, GeneratorUnavailable, RetryLater
from packshot.events import BackgroundRequest, ObjectRef
from packshot.generation.connection import NOWHERE
from packshot.imaging.encoding import decode_png
from packshot.testing.clock import StoppedClock
from packshot.testing.replicate import FakeReplicate, Mishap
from tests.backgrounds import WORK, World, plain_picture, request_for
from tests.contracts.tables import make_table
from tests.functions.cases import case_names, read_case
from tests.functions.darkroom import develop
from tests.stages import request as compose_request


@pytest.fixture
def function(load_function: Callable[[str], ModuleType]) -> Any:  # noqa: ANN401 - a module
    """Return the function without its wires."""
    return load_function("request_background")


def ask(function: Any, request: BackgroundRequest, world: World) -> Any:  # noqa: ANN401 - a module
    """Call it in a world."""
    return function.request_background(request, desk=world.desk, objects=world.objects, bucket=WORK)


@pytest.mark.parametrize("case", case_names("request_background"))
def test_each_sample_starts_one_prediction(function: Any, case: str) -> None:  # noqa: ANN401 - a module
    """The answer tells the recipe; the plate comes later, to the token."""
    world, request = World.made(), BackgroundRequest.model_validate(read_case("request_background", case))
    notice = ask(function, request, world)
    assert notice.status == "asked"
    assert len(world.service.created) == 1
    assert ask(function, request, world).status == "joined"
    assert len(world.service.created) == 1


def test_what_a_fill_model_is_shown_is_kept_first(function: Any) -> None:  # noqa: ANN401 - a module
    """Image and mask lie in the bucket under keys of the photo's version; the same photo writes the same."""
    world = World.made()
    composed = develop(compose_request(), objects=world.objects)
    found = request_for(side=400, strategy="fill", models=("flux-fill-pro",), anchor="stand")
    request = found.model_copy(
        update={"working": composed.working, "matte": composed.matte, "photo": composed.photo}
    )
    ask(function, request, world)
    keys = world.objects.keys(WORK)
    image, mask = (next(key for key in keys if key.endswith(f"{name}.png")) for name in ("/image", "/mask"))
    assert image.startswith(f"plates/fill/photos/{composed.photo.sku}/")
    assert mask.rpartition("/")[0] == image.rpartition("/")[0]
    shown = decode_png(world.objects.read(ObjectRef(bucket=WORK, key=image)))
    assert shown.shape == (400, 400, 3), "no alpha is sent"
    assert ask(function, request, world).status == "joined"


@pytest.fixture
def handler(load_function: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - a Lambda handler
    """Return the handler in an account whose generator's secret is empty."""
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        manager = boto3.client("secretsmanager")
        arn = manager.create_secret(Name="generator", SecretString="{}")["ARN"]
        for name, value in {
            "ENVIRONMENT": "test",
            "WORK_BUCKET": WORK,
            "GENERATION_TABLE": "generation",
            "GENERATOR_SECRET": arn,
            "CALLBACKS_URL": "https://callbacks.invalid",
            "DAILY_BUDGET_USD": "5",
            "PRODUCT_BUDGET_USD": "0.5",
            "CALLS_PER_SECOND": "10",
            "PLATE_DAYS": "7",
        }.items():
            monkeypatch.setenv(name, value)
        make_table("generation", index="unsettled", by=("open", "opened_at"))
        _forget()
        yield load_function("request_background").handler
    _forget()


def _forget() -> None:
    """Let nothing stand that a process keeps: clients, settings, the breaker's counts."""
    for kept in (wiring.settings, wiring.generator_secret, wiring.jobs, wiring.generator, wiring.tasks):
        kept.cache_clear()
    for counts in (base._LOCAL_FAILURES, base._LOCAL_SUCCESSES, base._LAST_OBSERVED_STATE):  # noqa: SLF001 - no public way
        counts.clear()


def test_without_a_token_the_studio_is_next(handler: Any) -> None:  # noqa: ANN401 - a Lambda handler
    """The workflow knows the error's name; nothing was asked."""
    with pytest.raises(GeneratorUnavailable, match="No image generator is connected"):
        handler(read_case("request_background", "trend"), None)


@pytest.fixture
def fake(handler: Any) -> Iterator[FakeReplicate]:  # noqa: ANN401, ARG001 - a Lambda handler, whose account has to stand first
    """Connect a fake by what stands in the secret alone."""
    with FakeReplicate(draw=plain_picture) as found:
        connection = found.connection(callbacks=NOWHERE)
        text = connection.model_dump_json()
        boto3.client("secretsmanager").put_secret_value(SecretId="generator", SecretString=text)
        yield found
        wiring.generator(connection, "generation")._generator.close()  # type: ignore[attr-defined]  # noqa: SLF001 - a function never hangs up


def wanted(seed: int) -> dict[str, Any]:
    """Return a request for the sample's plate with another seed."""
    request = read_case("request_background", "trend")
    return request | {"scene": request["scene"] | {"seed": seed}}


def counted(printed: str) -> list[tuple[float, float]]:
    """Return hits and misses as they were written for CloudWatch."""
    lines = [json.loads(line) for line in printed.splitlines() if '"_aws"' in line]
    found = {
        name: [sum(line[name]) for line in lines if name in line] for name in ("PlateHits", "PlateMisses")
    }
    return list(zip(found["PlateHits"], found["PlateMisses"], strict=True))


def test_hits_and_misses_are_counted(
    handler: Any,  # noqa: ANN401 - a Lambda handler
    fake: FakeReplicate,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A plate that is paid for is a miss; one that somebody else has asked for is a hit."""
    assert [handler(wanted(1), None)["status"] for _ in range(2)] == ["asked", "joined"]
    assert counted(capsys.readouterr().out) == [(0, 1), (1, 0)]
    assert len(fake.service.created) == 1


@pytest.mark.parametrize("name", ["DAILY_BUDGET_USD", "PRODUCT_BUDGET_USD"])
def test_the_environment_s_budgets_hold(
    handler: Any,  # noqa: ANN401 - a Lambda handler
    fake: FakeReplicate,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Of money for one picture one is bought."""
    monkeypatch.setenv(name, "0.005")
    handler(wanted(1), None)
    with pytest.raises(BudgetExhausted):
        handler(wanted(2), None)
    assert len(fake.service.created) == 1


def test_no_more_calls_start_in_a_second_than_the_environment_says(
    handler: Any,  # noqa: ANN401 - a Lambda handler
    fake: FakeReplicate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next is told to come again."""
    monkeypatch.setenv("CALLS_PER_SECOND", "1")
    monkeypatch.setattr(wiring, "now", StoppedClock())
    handler(wanted(1), None)
    with pytest.raises(RetryLater):
        handler(wanted(2), None)
    assert len(fake.service.created) == 1


def test_an_account_that_refuses_is_left_alone(handler: Any, fake: FakeReplicate) -> None:  # noqa: ANN401 - a Lambda handler
    """After three refusals the fourth photo does not even ask."""
    fake.service.plan(*[Mishap(create="402")] * 3)
    for seed in range(3):
        with pytest.raises(GeneratorUnavailable, match="no credit"):
            handler(wanted(seed), None)
    with pytest.raises(GeneratorUnavailable, match="left alone"):
        handler(wanted(3), None)
