"""Models as data: each is a JSON file in `models/`, and adding one is adding a file.

`inputs` are the model's own names; a value in braces is filled from the order. Numbers are clamped to
`ranges`, and once more to the model's own schema where the adapter could read it.
"""

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Any, TypeAlias

from pydantic import Field, ValidationError

from packshot.errors import DamagedArtifact, GeneratorUnavailable
from packshot.events import MICROS, Event, Order, Pixels, Strategy

Value: TypeAlias = str | int | float | bool
Inputs: TypeAlias = dict[str, Value]
Schema: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Properties of a model's input, as its OpenAPI schema has them."""


class Range(Event):
    """What a number may be; with a `step` it is a multiple of that."""

    least: float
    most: float
    step: Annotated[int, Field(ge=1)] = 1

    def clamp(self, value: float) -> float:
        """Return the nearest number that may be."""
        held = min(max(value, self.least), self.most)
        return held - held % self.step if self.step > 1 else held


class Model(Event):
    """A model of a generator: how it is asked, what it costs, how long it may take (seconds).

    A picture whose sides are shorter than `shortest_side` is not what was ordered.
    """

    name: str
    version: str
    owner: str
    model: str
    strategy: Strategy
    inputs: Inputs
    ranges: dict[str, Range] = Field(default_factory=dict)
    ratios: tuple[str, ...] = ()
    usd_per_image: Annotated[float, Field(gt=0)]
    deadline_seconds: Annotated[int, Field(ge=5, le=600)]
    shortest_side: Pixels
    source: str

    @property
    def price(self) -> int:
        """Return the price of one picture in millionths of a US dollar."""
        return round(self.usd_per_image * MICROS)

    def inputs_for(self, order: Order, *, addresses: Mapping[str, str]) -> Inputs:
        """Return what the model is sent; `addresses` are those of the order's image and mask."""
        words: dict[str, Value] = {
            "prompt": order.prompt,
            "seed": order.seed,
            "width": order.width,
            "height": order.height,
            "ratio": self._ratio(order),
            **addresses,
        }
        filled = {name: _filled(value, words) for name, value in self.inputs.items()}
        return {name: self._clamped(name, value) for name, value in filled.items()}

    def _clamped(self, name: str, value: Value) -> Value:
        if name not in self.ranges or not isinstance(value, int | float):
            return value
        return type(value)(self.ranges[name].clamp(value))

    def _ratio(self, order: Order) -> str:
        """Return the model's aspect ratio that is nearest to the order's."""
        wanted = order.width / order.height
        return min(self.ratios, key=lambda ratio: abs(_share(ratio) / wanted - 1), default="")


def within(schema: Schema, inputs: Inputs) -> Inputs:
    """Return inputs as a model's own schema takes them: unknown names left out, numbers clamped."""
    if not schema:
        return inputs
    return {name: _held(value, schema[name]) for name, value in inputs.items() if name in schema}


@functools.cache
def load_models() -> Mapping[str, Model]:
    """Return every model that ships by its name; `DamagedArtifact` for a file that does not parse."""
    folder = resources.files("packshot.generation").joinpath("models")
    found = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".json"):
            try:
                model = Model.model_validate_json(file.read_text(encoding="utf-8"))
            except ValidationError as error:
                raise DamagedArtifact(f"{file.name}: {error}") from error
            found[model.name] = model
    return found


def model_named(name: str) -> Model:
    """Return a model; `GeneratorUnavailable` lists those there are."""
    models = load_models()
    if name not in models:
        raise GeneratorUnavailable(f"there is no model {name!r}; there are {', '.join(models)}")
    return models[name]


def _filled(value: Value, words: Mapping[str, Value]) -> Value:
    is_slot = isinstance(value, str) and value.startswith("{") and value.endswith("}")
    return words[value[1:-1]] if is_slot and isinstance(value, str) else value


def _held(value: Value, rule: Mapping[str, Any]) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    least, most = (_number(rule.get(side), usual=value) for side in ("minimum", "maximum"))
    return type(value)(min(max(value, least), most))


def _number(found: object, *, usual: float) -> float:
    return found if isinstance(found, int | float) else usual


def _share(ratio: str) -> float:
    across, _, down = ratio.partition(":")
    return int(across) / int(down)
