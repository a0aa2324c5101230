"""Placement: on the floor, inside the frame, cut edges on the frame's edges."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.events import Box, Edge, Matte
from packshot.imaging.placement import LARGEST_SCALE, Anchor, Frame, place
from tests.products import drawn

ANCHORS = st.sampled_from(get_args(Anchor))
SIDES = st.integers(64, 3000)
FRAMES = st.builds(Frame, width=SIDES, height=SIDES, floor=st.floats(0.5, 0.95))


def matte(width: int, height: int, *, box: Box, cut: tuple[Edge, ...] = ()) -> Matte:
    """Return a matte of a photo of this size."""
    base = drawn().matte
    image = base.image.model_copy(update={"width": width, "height": height})
    return base.model_copy(update={"image": image, "box": box, "cut_edges": cut})


@st.composite
def boxes(draw: st.DrawFn) -> Matte:
    """Return mattes of any shape from a hair to a wall, cut by no edge."""
    width, height = draw(SIDES), draw(SIDES)
    box_width, box_height = draw(st.integers(1, width)), draw(st.integers(1, height))
    x, y = draw(st.integers(0, width - box_width)), draw(st.integers(0, height - box_height))
    return matte(width, height, box=Box(x=x, y=y, width=box_width, height=box_height))


@given(boxes(), ANCHORS, st.floats(0.3, 0.9), FRAMES)
def test_an_uncut_product_stays_inside_the_frame(
    subject: Matte, anchor: Anchor, fill: float, frame: Frame
) -> None:
    """Whatever its shape and the frame's: nothing of it is outside, and it is centred sideways."""
    put = place(subject, anchor=anchor, fill=fill, frame=frame).box
    assert put.x >= 0
    assert put.y >= 0
    assert put.x + put.width <= frame.width
    assert put.y + put.height <= frame.height
    assert abs(2 * put.x + put.width - frame.width) <= 1


@given(boxes(), st.floats(0.3, 0.9), SIDES, st.floats(0.5, 0.95))
def test_what_stands_touches_the_floor(subject: Matte, fill: float, side: int, floor: float) -> None:
    """The lowest row of a standing product is the floor's: it neither floats nor sinks."""
    put = place(subject, anchor="stand", fill=fill, frame=Frame(width=side, height=side, floor=floor)).box
    assert put.y + put.height == round(floor * side)


@given(boxes(), st.floats(0.3, 0.9), st.floats(0.1, 1.5))
def test_what_stands_keeps_to_its_ground(subject: Matte, fill: float, ground: float) -> None:
    """On a plinth nothing reaches the rim, whatever fill was asked for; and it still stands on its floor."""
    frame = Frame(width=1600, height=1600, floor=0.78, ground=ground)
    put = place(subject, anchor="stand", fill=fill, frame=frame).box
    assert put.width <= max(round(0.8 * ground * 1600), 1)
    assert put.y + put.height == round(0.78 * 1600)


@given(boxes(), st.floats(0.3, 0.9))
def test_the_longest_side_takes_the_fill(subject: Matte, fill: float) -> None:
    """Fill is judged by the longest side, unless the photo is too small or the room too low."""
    placed = place(subject, anchor="lie", fill=fill, frame=Frame(width=1600, height=1600))
    longest = max(subject.box.width, subject.box.height) * placed.scale / 1600
    assert longest == pytest.approx(fill) or placed.scale == LARGEST_SCALE


@pytest.mark.parametrize("edge", get_args(Edge))
def test_a_cut_edge_lies_on_the_frames_edge(edge: Edge) -> None:
    """Where the photo cut the product, the frame cuts it, to the pixel."""
    subject = drawn(cut_edges=(edge,)).matte
    placed = place(subject, anchor="lie", fill=0.6, frame=Frame(width=900, height=700))
    put, box, scale = placed.box, subject.box, placed.scale
    photo_edge = {
        "left": put.x - round(box.x * scale),
        "top": put.y - round(box.y * scale),
        "right": put.x + round((subject.image.width - box.x) * scale) - 900,
        "bottom": put.y + round((subject.image.height - box.y) * scale) - 700,
    }
    assert photo_edge[edge] == 0


def test_a_product_cut_on_both_sides_spans_the_frame() -> None:
    """A table top that runs out of the photo left and right runs out of the frame left and right."""
    subject = matte(1000, 800, box=Box(x=0, y=300, width=1000, height=200), cut=("left", "right"))
    put = place(subject, anchor="stand", fill=0.6, frame=Frame(width=1600, height=1600, floor=0.8)).box
    assert (put.x, put.width) == (0, 1600)


@pytest.mark.parametrize(("width", "height"), [(20, 400), (400, 20), (1, 1), (2048, 100)])
def test_extreme_shapes_are_placed(width: int, height: int) -> None:
    """A ruler, a needle, a single pixel."""
    subject = matte(2048, 2048, box=Box(x=0, y=0, width=width, height=height))
    put = place(subject, anchor="stand", fill=0.85, frame=Frame(width=1600, height=1600, floor=0.9)).box
    assert put.width >= 1
    assert put.height >= 1
    assert put.width <= width * LARGEST_SCALE
