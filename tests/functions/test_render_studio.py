"""RenderStudio: a plate is made once, whoever needs it."""

from collections.abc import Callable
from types import ModuleType

import pytest

from packshot.errors import GenerationFailed
from packshot.events import Plate, RenderRequest
from packshot.imaging.encoding import decode_rgb
from packshot.testing.objects import MemoryObjects
from tests.functions.cases import case_names, read_case

WORK = "packshot-test-work"


class Darkroom:
    """The function and its bucket."""

    def __init__(self, function: ModuleType) -> None:
        """Start without plates."""
        self.function, self.objects = function, MemoryObjects()

    def render(self, request: RenderRequest) -> Plate:
        """Ask for a plate."""
        plate: Plate = self.function.render_studio(request, objects=self.objects, bucket=WORK)
        return plate


@pytest.fixture
def darkroom(load_function: Callable[[str], ModuleType]) -> Darkroom:
    """Return a darkroom without plates."""
    return Darkroom(load_function("render_studio"))


def request_of(case: str, *, side: int = 160) -> RenderRequest:
    """Return a sample event at a size that tests can afford."""
    request = RenderRequest.model_validate(read_case("render_studio", case))
    scene = request.scene.model_copy(update={"width": side, "height": side})
    return request.model_copy(update={"scene": scene})


@pytest.mark.parametrize("case", case_names("render_studio"))
def test_each_sample_makes_a_plate_of_its_size(darkroom: Darkroom, case: str) -> None:
    """The stored plate is what the answer says: size, floor, no price."""
    plate = darkroom.render(request_of(case))
    assert decode_rgb(darkroom.objects.read(plate.image.object)).shape == (160, 160, 3)
    assert (plate.image.width, plate.image.height, plate.generator, plate.price_usd) == (
        160,
        160,
        "studio",
        0,
    )
    assert plate.image.object.key == f"plates/{plate.recipe}.png"
    assert 0.5 < plate.floor < 1


def test_a_plate_is_made_once(darkroom: Darkroom) -> None:
    """A second product of the same recipe finds the first one's plate; nothing is written again."""
    first = darkroom.render(request_of("trend"))
    stored = darkroom.objects.stored(first.image.object)
    request = request_of("trend")
    other = request.scene.model_copy(update={"seed": request.scene.seed + 4, "fill": 0.5})
    second = darkroom.render(request.model_copy(update={"scene": other}))
    assert second.recipe == first.recipe
    assert darkroom.objects.stored(second.image.object) == stored
    assert len(darkroom.objects.keys(WORK)) == 1


def test_a_new_attempt_is_a_new_plate(darkroom: Darkroom) -> None:
    """The judge's wish for another seed does not find the old picture."""
    assert darkroom.render(request_of("trend")).recipe != darkroom.render(request_of("second_attempt")).recipe


def test_a_fallback_says_why_it_is_one(darkroom: Darkroom) -> None:
    """A studio plate in another generator's place carries the reason into the record."""
    request = request_of("trend").model_copy(update={"fallback": "The generator is away."})
    assert darkroom.render(request).fallback == "The generator is away."


def test_a_set_that_nobody_built_is_told(darkroom: Darkroom) -> None:
    """The workflow knows the error's name."""
    request = request_of("trend")
    scene = request.scene.model_copy(update={"set": "moon_base"})
    with pytest.raises(GenerationFailed, match=r"oak_table.*plinth_arch"):
        darkroom.render(request.model_copy(update={"scene": scene}))
