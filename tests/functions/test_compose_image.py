"""ComposeImage: stored files in, one stored composite out."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

from packshot.errors import MissingObject
from packshot.events import ComposeRequest, Composite
from packshot.imaging.encoding import decode_rgb
from packshot.testing.objects import MemoryObjects
from tests.functions.cases import case_names, read_case
from tests.functions.darkroom import WORK, develop


class Table:
    """The function and its bucket."""

    def __init__(self, function: ModuleType) -> None:
        """Start with an empty bucket."""
        self.function, self.objects = function, MemoryObjects()

    def compose(self, request: ComposeRequest) -> Composite:
        """Ask for a composite."""
        composite: Composite = self.function.compose_image(request, objects=self.objects, bucket=WORK)
        return composite

    def sample(self, case: str) -> ComposeRequest:
        """Return a sample event whose files are stored."""
        request = ComposeRequest.model_validate(read_case("compose_image", case))
        return develop(request, objects=self.objects)


@pytest.fixture
def table(load_function: Callable[[str], ModuleType]) -> Table:
    """Return an empty table."""
    return Table(load_function("compose_image"))


@pytest.mark.parametrize("case", case_names("compose_image"))
def test_each_sample_is_stored_where_its_scene_says(table: Table, case: str) -> None:
    """One lossless composite of the scene's size, under photo, version, scene and seed."""
    request = table.sample(case)
    composite = table.compose(request)
    pixels = decode_rgb(table.objects.read(composite.image.object))
    assert pixels.shape == (500, 500, 3)
    assert (composite.image.width, composite.image.height) == (500, 500)
    folder, name = composite.image.object.key.rsplit("/", 1)
    assert folder.startswith("composites/mug/mug/")
    assert name == f"{request.scene.name}-{request.scene.seed}.png"


@pytest.mark.parametrize("case", case_names("compose_image"))
def test_the_product_is_where_the_answer_says(table: Table, case: str) -> None:
    """Around the placed box the picture is the plate's or its shadow; inside, the mug's terracotta."""
    request = table.sample(case)
    composite = table.compose(request)
    pixels = decode_rgb(table.objects.read(composite.image.object)).astype(int)
    put = composite.placement.box
    middle = pixels[put.y + put.height // 2, put.x + put.width // 4]
    assert middle[0] - middle[2] > 60
    plate = decode_rgb(table.objects.read(request.plate.image.object)).astype(int)
    assert np.array_equal(pixels[: put.y - 10], plate[: put.y - 10])


def test_the_plate_travels_on(table: Table) -> None:
    """What the plate cost and why it is a fallback reaches the record."""
    request = table.sample("trend")
    priced = request.plate.model_copy(update={"price_usd": 0.003, "fallback": "The generator is away."})
    assert table.compose(request.model_copy(update={"plate": priced})).plate == priced


def test_the_same_question_has_the_same_answer(table: Table) -> None:
    """A retried step makes the same bytes."""
    request = table.sample("trend")
    first, second = (table.objects.read(table.compose(request).image.object) for _ in range(2))
    assert first == second


def test_a_file_that_is_gone_is_told(table: Table) -> None:
    """A working file past its lifecycle is a missing object, not a crash in a decoder."""
    request = table.sample("trend")
    table.objects.delete(bucket=WORK, key="cutout.png")
    newest = request.matte.cutout.object.model_copy(update={"version": ""})
    cutout = request.matte.cutout.model_copy(update={"object": newest})
    with pytest.raises(MissingObject):
        table.compose(
            request.model_copy(update={"matte": request.matte.model_copy(update={"cutout": cutout})})
        )
