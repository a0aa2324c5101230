"""MaskProduct: a working image in, matte and cutout out."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from packshot.errors import MissingObject, RejectedPhoto
from packshot.events import MaskRequest, Matte
from packshot.imaging.encoding import MEDIA_TYPE, decode_matte, decode_png, encode_png
from packshot.imaging.engines import Engine, Lite, Substitute
from packshot.testing.objects import MemoryObjects
from packshot.testing.segmenter import ColourSegmenter
from tests.functions.cases import read_case
from tests.products import drawn

WORK = "packshot-test-work"


class Bench:
    """The function, its bucket and an engine without weights."""

    engine: Engine = Lite(ColourSegmenter())

    def __init__(self, function: ModuleType) -> None:
        """Start with an empty bucket."""
        self.function, self.objects = function, MemoryObjects()

    def request(self, working: NDArray[np.uint8]) -> MaskRequest:
        """Return the sample request, its working image stored."""
        sample = MaskRequest.model_validate(read_case("mask_product", "mug"))
        ref = self.objects.write(encode_png(working), bucket=WORK, key="working.png", media_type=MEDIA_TYPE)
        height, width = working.shape[:2]
        image = sample.working.model_copy(update={"object": ref, "width": width, "height": height})
        return sample.model_copy(update={"working": image})

    def mask(self, working: NDArray[np.uint8]) -> Matte:
        """Ask for a matte."""
        return self.answer(self.request(working))

    def answer(self, request: MaskRequest) -> Matte:
        """Ask this very question."""
        matte: Matte = self.function.mask_product(
            request, objects=self.objects, engine=self.engine, bucket=WORK
        )
        return matte


@pytest.fixture
def bench(load_function: Callable[[str], ModuleType]) -> Bench:
    """Return an empty bench."""
    return Bench(load_function("mask_product"))


def test_matte_and_cutout_are_kept_beside_the_photo(bench: Bench) -> None:
    """Both are as large as the working image and lie in the folder of the photo's version."""
    product = drawn("mug", width=600, height=800)
    matte = bench.mask(product.photo)
    assert matte.image.object.key == "photos/MUG-1/front/43205b644bf1/matte.png"
    assert matte.cutout.object.key == "photos/MUG-1/front/43205b644bf1/cutout.png"
    alpha = decode_matte(bench.objects.read(matte.image.object))
    cutout = decode_png(bench.objects.read(matte.cutout.object))
    assert (matte.image.width, matte.image.height) == (600, 800)
    assert alpha.shape == (800, 600)
    assert cutout.shape == (800, 600, 4)
    assert np.array_equal(cutout[..., 3], np.rint(alpha * 255))


def test_opaque_pixels_are_the_photos_own(bench: Bench) -> None:
    """Where the matte is full, the cutout holds the working image's bytes."""
    product = drawn("mug", width=600, height=800)
    cutout = decode_png(bench.objects.read(bench.mask(product.photo).cutout.object))
    opaque = cutout[..., 3] == 255
    assert opaque.mean() > 0.1
    assert np.array_equal(cutout[opaque][:, :3], product.photo[opaque])


def test_the_answer_describes_the_product(bench: Bench) -> None:
    """Box, area, colours and confidence are those of what was cut out."""
    product = drawn("mug", width=600, height=800)
    matte = bench.mask(product.photo)
    assert matte.area == pytest.approx(product.matte.area, rel=0.02)
    for side in ("x", "y", "width", "height"):
        assert getattr(matte.box, side) == pytest.approx(getattr(product.matte.box, side), abs=4)
    assert matte.engine == "lite"
    assert matte.notes == ()
    assert matte.doubt is None
    assert matte.confidence > 0.9
    assert matte.colours
    assert not matte.needs_review


def test_an_engine_that_stands_in_says_so(bench: Bench) -> None:
    """Which engine worked, and why not the one that was asked for, stands in the record."""
    bench.engine = Substitute(bench.engine, note="The standard engine's weights are not there.")
    matte = bench.mask(drawn("mug", width=300, height=400).photo)
    assert (matte.engine, matte.notes) == ("lite", ("The standard engine's weights are not there.",))


def test_the_shops_own_alpha_is_used(bench: Bench) -> None:
    """A cut out upload is not cut out again."""
    product = drawn("stool", width=600, height=800)
    matte = bench.mask(product.cutout)
    assert (matte.engine, matte.confidence) == ("upload", 1.0)
    assert np.array_equal(decode_png(bench.objects.read(matte.image.object)), product.alpha)


def test_a_product_that_the_frame_cuts_is_known(bench: Bench) -> None:
    """The edge is named, for whoever places the product."""
    product = drawn("mug", width=600, height=800, cut_edges=("bottom",))
    assert bench.mask(product.cutout).cut_edges == ("bottom",)


def test_a_photo_without_a_product_is_refused(bench: Bench) -> None:
    """An empty backdrop ends the photo, before anything is kept."""
    empty = np.full((400, 400, 3), 200, dtype=np.uint8)
    empty[:8] = 190
    with pytest.raises(RejectedPhoto) as refusal:
        bench.mask(empty)
    assert refusal.value.code == "no_product"
    assert bench.objects.keys(WORK) == ("working.png",)


def test_the_same_question_has_the_same_answer(bench: Bench) -> None:
    """A retried step makes the same bytes."""
    request = bench.request(drawn("mug", width=300, height=400).photo)
    first, second = bench.answer(request), bench.answer(request)
    for one, other in ((first.image, second.image), (first.cutout, second.cutout)):
        assert one.object.key == other.object.key
        assert bench.objects.read(one.object) == bench.objects.read(other.object)


def test_a_working_image_that_is_gone_is_told(bench: Bench) -> None:
    """Past its lifecycle it is a missing object, not a crash in a decoder."""
    sample = MaskRequest.model_validate(read_case("mask_product", "mug"))
    with pytest.raises(MissingObject):
        bench.answer(sample)
