"""A generator's picture is a stranger's file until it has been looked at."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from packshot.errors import GenerationFailed
from packshot.imaging.arrays import Bytes
from packshot.imaging.arrivals import fitted, open_picture, require_empty, require_shape, standing_share
from packshot.imaging.encoding import encode_png
from tests.backgrounds import EmptyRoom

MEMORY = 2**31


def room(width: int = 300, height: int = 300) -> Bytes:
    """Return a wall that falls off to one side."""
    light = np.linspace(90, 220, width)[None, :, None]
    return np.broadcast_to(light, (height, width, 3)).astype(np.uint8)


def encoded(picture: Image.Image, kind: str) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_comes_through(kind: str) -> None:
    """In any of the formats that models write."""
    file = encoded(Image.fromarray(room()), kind)
    assert open_picture(file, shortest_side=300, memory=MEMORY).shape == (300, 300, 3)


@given(file=st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_refused(file: bytes) -> None:
    """Nothing else is raised, whatever comes."""
    with pytest.raises(GenerationFailed):
        open_picture(file, shortest_side=100, memory=MEMORY)


@pytest.mark.parametrize("colour", [0, 12, 128, 255])
def test_one_colour_is_no_scene(colour: int) -> None:
    """Black is what moderation sends; grey and white are what fails in silence."""
    file = encode_png(np.full((200, 200, 3), colour, dtype=np.uint8))
    with pytest.raises(GenerationFailed):
        open_picture(file, shortest_side=100, memory=MEMORY)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (encode_png(room(200, 200)), "200 pixels where 300"),
        (encode_png(np.dstack((room(), np.full((300, 300), 90, np.uint8)))), "holes"),
        (encode_png(room())[:900], "truncated"),
        (b"<html>Sign in</html>", "not_an_image"),
    ],
    ids=["too small", "with holes", "half of it", "a web page"],
)
def test_what_else_came_is_said(file: bytes, said: str) -> None:
    """The reason goes into the record."""
    with pytest.raises(GenerationFailed, match=said):
        open_picture(file, shortest_side=300, memory=MEMORY)


def test_a_bomb_is_not_decoded() -> None:
    """A small file of very many pixels is refused by its header."""
    file = encoded(Image.new("L", (12_000, 12_000)), "PNG")
    with pytest.raises(GenerationFailed, match="too_many_pixels"):
        open_picture(file, shortest_side=100, memory=MEMORY)


def test_another_shape_is_not_what_was_ordered() -> None:
    """A few per cent are cropped, half as much again is not."""
    require_shape(room(1024, 1000), width=1600, height=1600)
    with pytest.raises(GenerationFailed, match=r"1\.50 times"):
        require_shape(room(450, 300), width=1600, height=1600)


def test_a_thing_in_the_scene_is_found() -> None:
    """An empty room passes, the same with something in it does not."""
    require_empty(room(), segmenter=EmptyRoom())
    with pytest.raises(GenerationFailed, match="Something stands"):
        require_empty(room(), segmenter=EmptyRoom(thing=True))


@pytest.mark.parametrize(
    ("rows", "columns", "stands"),
    [
        ((40, 80), (40, 60), True),
        ((40, 80), (0, 30), False),
        ((0, 60), (40, 60), False),
        ((40, 45), (40, 45), False),
        ((30, 100), (20, 80), False),
        ((60, 100), (40, 60), True),
    ],
    ids=[
        "in the middle",
        "reaching the side",
        "hanging from the top",
        "a speck",
        "an arch",
        "at the lower edge",
    ],
)
def test_things_stand_free(rows: tuple[int, int], columns: tuple[int, int], stands: bool) -> None:  # noqa: FBT001 - a table
    """What reaches the sides or the top belongs to the room, and so does what is very large."""
    seen = np.zeros((100, 100), dtype=np.float32)
    seen[slice(*rows), slice(*columns)] = 1
    assert bool(standing_share(seen)) == stands


@pytest.mark.parametrize("sure", [0.6, 0.79, 0.85])
def test_a_network_that_is_unsure_saw_a_fold(sure: float) -> None:
    """Cloth and patches of light are seen, but faintly."""
    seen = np.zeros((100, 100), dtype=np.float32)
    seen[40:80, 40:60] = sure
    assert bool(standing_share(seen)) == (sure >= 0.8)


def test_a_thing_beside_the_product_s_place_is_let_pass() -> None:
    """A vase on a shelf up there is part of the scene."""
    seen = np.zeros((100, 100), dtype=np.float32)
    seen[5:25, 40:60] = 1
    assert standing_share(seen) == 0


@given(width=st.integers(100, 400), height=st.integers(100, 400))
def test_a_plate_has_the_frame_s_size(width: int, height: int) -> None:
    """Enlarged or reduced, its middle kept."""
    assert fitted(room(), width=width, height=height).shape == (height, width, 3)


def test_a_plate_of_the_right_size_is_left_alone() -> None:
    """Not a pixel changes."""
    assert np.array_equal(fitted(room(), width=300, height=300), room())
