"""What a product encloses, what stands beside it, and what is too dark to see."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from packshot.imaging.engines import Lite
from packshot.imaging.exposure import brighten_if_dark
from packshot.imaging.gaps import liken_to_backdrop, open_gaps
from packshot.imaging.glass import join_parts
from packshot.imaging.islands import drop_neighbours
from packshot.imaging.views import View

Picture = NDArray[np.uint8]
Mask = NDArray[np.float32]

SIZE = 240
RED, BLUE = (190, 40, 35), (40, 60, 170)


def disc(radius: int, *, at: tuple[int, int] = (120, 120)) -> Mask:
    """Return 1 within a radius of (x, y), 0 elsewhere."""
    drawing = cv2.circle(np.zeros((SIZE, SIZE), dtype=np.float32), at, radius, 1, -1)
    return np.asarray(drawing, dtype=np.float32)


def books() -> Picture:
    """Return a backdrop of upright stripes, no two alike."""
    generator = np.random.default_rng(3)
    stripes = np.repeat(generator.integers((20, 60, 20), (90, 220, 120), (24, 3)), SIZE // 24, axis=0)
    noise = generator.normal(0, 4, (SIZE, SIZE, 3))
    return np.clip(np.broadcast_to(stripes, (SIZE, SIZE, 3)) + noise, 0, 255).astype(np.uint8)


def painted(backdrop: Picture, mask: Mask, *, colour: tuple[int, int, int]) -> Picture:
    """Return the backdrop with a colour where the mask is."""
    return np.where(mask[..., None] > 0.5, np.array(colour, dtype=np.uint8), backdrop)


WHOLE, HOLE = disc(80), disc(45)
RING = WHOLE - HOLE
BRACELET = painted(books(), RING, colour=RED)
FUSED = np.asarray(WHOLE * np.sqrt(0.75) * (HOLE > 0) + RING, dtype=np.float32)


def test_a_gap_that_one_view_doubts_is_opened_before_a_busy_backdrop() -> None:
    """Before books of twenty colours the inside of a bracelet goes, the bracelet stays."""
    opened = open_gaps(FUSED, small=BRACELET, views=[View(WHOLE, weight=3), View(RING)])

    assert opened[disc(40) > 0].mean() < 0.02
    assert opened[RING > 0].mean() > 0.98


def test_what_all_views_are_sure_of_is_no_gap() -> None:
    """A picture of the backdrop on the product is the product's."""
    opened = open_gaps(WHOLE, small=BRACELET, views=[View(WHOLE), View(WHOLE)])

    assert np.array_equal(opened, WHOLE)


def test_a_label_is_no_gap() -> None:
    """What a view doubts stays if its colour is nowhere around."""
    labelled = painted(BRACELET, HOLE, colour=BLUE)

    opened = open_gaps(FUSED, small=labelled, views=[View(WHOLE), View(RING)])

    assert np.array_equal(opened, FUSED)


def test_a_product_like_its_backdrop_is_left_alone() -> None:
    """Colour that cannot tell the two apart opens nothing."""
    opened = open_gaps(FUSED, small=books(), views=[View(WHOLE), View(RING)])

    assert np.array_equal(opened, FUSED)


def test_a_bite_out_of_the_outline_is_no_gap() -> None:
    """What is open to the outside is the views' business: there is no telling a foot from the floor."""
    bite = cv2.rectangle(np.zeros_like(WHOLE), (120, 100), (239, 140), 1, -1)
    photo = painted(books(), WHOLE * (1 - bite), colour=RED)

    opened = open_gaps(WHOLE, small=photo, views=[View(WHOLE), View(WHOLE * (1 - bite))])

    assert np.array_equal(opened, WHOLE)


def test_a_colour_means_what_it_means_nearby() -> None:
    """Grey is product on the left, where the backdrop is red, and backdrop on the right, where it is grey."""
    upper, left = np.zeros((2, SIZE, SIZE), dtype=np.bool_)
    upper[: SIZE // 2], left[:, : SIZE // 2] = True, True
    grey = np.full((SIZE, SIZE, 3), 128, dtype=np.uint8)
    photo = painted(grey, (upper ^ left).astype(np.float32), colour=RED)

    likeness = liken_to_backdrop(photo, product=upper, backdrop=~upper)

    grey_left, grey_right = likeness[80:115, :60], likeness[125:160, 180:]
    assert grey_left.max() < 0.25
    assert grey_right.min() > 0.75


@given(
    seen=hnp.arrays(np.float32, (3, 20, 24), elements=st.floats(0, 1, width=32)),
    photo=hnp.arrays(np.uint8, (20, 24, 3)),
)
def test_gaps_are_only_ever_opened(seen: NDArray[np.float32], photo: Picture) -> None:
    """Whatever the views saw, nothing is added, nothing leaves [0, 1], and twice gives the same."""
    views = [View(seen[1]), View(seen[2])]

    opened = open_gaps(seen[0], small=photo, views=views)

    assert (opened <= seen[0]).all()
    assert (opened >= 0).all()
    assert np.array_equal(opened, open_gaps(seen[0], small=photo, views=views))


MAIN, OTHER = disc(50, at=(80, 120)), disc(30, at=(190, 120))


@pytest.mark.parametrize(
    ("colour", "noticed", "stays"),
    [
        (BLUE, (1, 0.1), False),
        (RED, (1, 0.1), True),
        (BLUE, (1, 0.9), True),
    ],
    ids=["a stranger that a view overlooked", "its twin", "a stranger that all views saw"],
)
def test_neighbours_are_dropped(
    colour: tuple[int, int, int], noticed: tuple[float, float], *, stays: bool
) -> None:
    """A part apart goes if a view overlooked it and it has none of the product's colours."""
    photo = painted(painted(books(), MAIN, colour=RED), OTHER, colour=colour)
    views = [View(np.asarray(MAIN + share * OTHER, dtype=np.float32)) for share in noticed]

    kept = drop_neighbours(MAIN + OTHER, small=photo, views=views)

    assert kept[OTHER > 0].mean() == pytest.approx(float(stays))
    assert np.array_equal(kept[MAIN > 0], MAIN[MAIN > 0])


def test_what_most_views_overlook_at_the_photos_edge_is_a_neighbour() -> None:
    """Even a twin goes if the photo's edge cuts it and one view in three saw it."""
    cut = disc(30, at=(230, 120))
    photo = painted(books(), MAIN + cut, colour=RED)

    kept = drop_neighbours(MAIN + cut, small=photo, views=[View(MAIN), View(MAIN + cut), View(MAIN)])

    assert np.array_equal(kept, MAIN)


@pytest.mark.parametrize(("left", "joined"), [(100, 1), (135, 0)], ids=["over the body", "half beside it"])
def test_parts_are_joined_only_over_one_another(left: int, joined: int) -> None:
    """The same outline is a neck of glass between cap and bottle, and chance between things side by side."""
    cap, body = np.zeros((2, SIZE, SIZE), dtype=np.float32)
    cap[40:91, left : left + 41], body[110:221, 80:161] = 1, 1
    distance = 30 * (cap + body)
    distance[88:112, [left, left + 1, left + 39, left + 40]] = 20

    found = join_parts(cap + body, distance=distance)

    assert found[95:106, left + 5 : left + 36].mean() == joined


class Photographer:
    """A network that keeps what it is shown."""

    name = "photographer"

    def __init__(self) -> None:
        """Start with nothing."""
        self.shown: list[Picture] = []

    def predict(self, pixels: Picture) -> Mask:
        """Keep the photo, and see nothing in it."""
        self.shown.append(pixels)
        return np.zeros(pixels.shape[:2], dtype=np.float32)


def test_a_dark_photo_is_shown_brighter() -> None:
    """Black before black with one highlight: the network is shown four times the light, in order."""
    dark = np.full((100, 100, 3), 16, dtype=np.uint8)
    dark[40:60, 40:60], dark[50, 50] = 8, 250
    network = Photographer()

    Lite(network).estimate(dark)

    assert network.shown[0][0, 0].tolist() == [64] * 3
    assert network.shown[0][45, 45].tolist() == [45] * 3


@given(hnp.arrays(np.uint8, (8, 8, 3)))
def test_only_dark_photos_are_brightened(photo: Picture) -> None:
    """A photo with some light in it is shown as it is, and no pixel ever darker."""
    shown = brighten_if_dark(photo)

    assert (shown >= photo).all()
    assert np.array_equal(brighten_if_dark(np.maximum(photo, 120)), np.maximum(photo, 120))
