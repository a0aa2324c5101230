"""RequestBackground: it asks and returns, and without a generator it says so at once."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from packshot import wiring
from packshot.errors import GeneratorUnavailable
from packshot.events import BackgroundRequest, ObjectRef
from packshot.imaging.encoding import decode_png
from tests.backgrounds import WORK, World, request_for
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
        wiring.settings.cache_clear()
        wiring.generator_secret.cache_clear()
        yield load_function("request_background").handler
    wiring.settings.cache_clear()
    wiring.generator_secret.cache_clear()


def test_without_a_token_the_studio_is_next(handler: Any) -> None:  # noqa: ANN401 - a Lambda handler
    """The workflow knows the error's name; nothing was asked."""
    with pytest.raises(GeneratorUnavailable, match="No image generator is connected"):
        handler(read_case("request_background", "trend"), None)
