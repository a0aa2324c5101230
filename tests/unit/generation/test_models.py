"""Models are data: what each is sent, within its ranges, in its own words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.errors import GeneratorUnavailable
from packshot.events import Order
from packshot.generation.models import Inputs, Range, Schema, load_models, model_named, within
from packshot.scenes.photography import load_settings


def order(model: str, *, width: int = 1600, height: int = 1600, seed: int = 3) -> Order:
    """Return an order of this size."""
    return Order(
        model=model,
        strategy=model_named(model).strategy,
        prompt="words",
        prompt_version="p",
        seed=seed,
        width=width,
        height=height,
        settings_version="s",
    )


def test_the_settings_name_models_that_are_there() -> None:
    """What is photographed by default can be asked for, with the strategy that the model has."""
    settings = load_settings()
    own = [each.backgrounds for each in settings.categories.values() if each.backgrounds]
    for chosen in [settings.backgrounds, *own]:
        for name in chosen.models:
            assert model_named(name).strategy == chosen.strategy


def test_an_unknown_model_is_named_with_those_there_are() -> None:
    """A typo in an environment's settings is told, and the studio stands in."""
    with pytest.raises(GeneratorUnavailable, match=r"flux-9.*flux-schnell"):
        model_named("flux-9")


def test_prices_are_whole_millionths() -> None:
    """The books add them up exactly."""
    assert {name: model.price for name, model in load_models().items()} == {
        "flux-2-pro": 30_000,
        "flux-fill-pro": 50_000,
        "flux-schnell": 3_000,
    }


@pytest.mark.parametrize(
    ("width", "height", "ratio"),
    [(1600, 1600, "1:1"), (1200, 1500, "4:5"), (1600, 1065, "3:2"), (900, 1600, "9:16")],
)
def test_a_model_of_ratios_gets_the_nearest(width: int, height: int, ratio: str) -> None:
    """Schnell knows shapes, not sizes."""
    sent = model_named("flux-schnell").inputs_for(
        order("flux-schnell", width=width, height=height), addresses={}
    )
    assert sent["aspect_ratio"] == ratio


@given(width=st.integers(16, 9000), height=st.integers(16, 9000), seed=st.integers(0, 2**32 - 1))
def test_no_number_leaves_its_range(width: int, height: int, seed: int) -> None:
    """Whatever is ordered, sides are multiples of 16 within the model's."""
    sent = model_named("flux-2-pro").inputs_for(
        order("flux-2-pro", width=width, height=height, seed=seed), addresses={}
    )
    for side in (sent["width"], sent["height"]):
        assert isinstance(side, int)
        assert 256 <= side <= 2048
        assert side % 16 == 0
    assert sent["seed"] == seed


def test_a_step_rounds_down() -> None:
    """1600 stays, 1605 does not."""
    sides = Range(least=256, most=2048, step=16)
    assert [sides.clamp(value) for value in (1600, 1605, 10, 5000)] == [1600, 1600, 256, 2048]


def test_a_schema_holds_numbers_and_drops_strangers() -> None:
    """Switches are no numbers, and without a schema everything stays."""
    inputs: Inputs = {"steps": 90, "go_fast": True, "prompt": "x", "lost": 1}
    schema: Schema = {"steps": {"maximum": 50}, "go_fast": {"type": "boolean", "maximum": 0}, "prompt": {}}
    assert within(schema, inputs) == {"steps": 50, "go_fast": True, "prompt": "x"}
    assert within({}, inputs) == inputs


def test_a_recipe_is_what_decides_the_picture() -> None:
    """Every field that is drawn changes the recipe, the version that S3 gave a file does not."""
    from packshot.events import ObjectRef

    one = order("flux-schnell")
    assert one.digest == order("flux-schnell").digest
    changes: list[dict[str, Any]] = [
        {"seed": 4},
        {"prompt": "others"},
        {"model": "flux-2-pro"},
        {"width": 800},
        {"settings_version": "t"},
    ]
    assert len({one.digest, *(one.model_copy(update=change).digest for change in changes)}) == 6
    photos = [
        one.model_copy(update={"image": ObjectRef(bucket="b", key=key, version=version)}).digest
        for key, version in (("a", "1"), ("a", "2"), ("b", "1"))
    ]
    assert photos[0] == photos[1] != photos[2]
