"""CorrectPhoto: a masked photo in; the corrected one and what was done out."""

import zlib
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

from packshot.events import CorrectedPhoto, Correction, CorrectRequest
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import linear_from_srgb, srgb8_from_linear
from packshot.imaging.correction import apply
from packshot.imaging.encoding import MEDIA_TYPE, decode_png, encode_png
from packshot.testing.looks import MemoryLooks
from packshot.testing.objects import MemoryObjects
from tests.functions.cases import read_case
from tests.products import DrawnProduct, drawn

WORK = "packshot-test-work"


class Bench:
    """The function and its bucket."""

    def __init__(self, function: ModuleType) -> None:
        """Start with an empty bucket, and no look that stands."""
        self.function, self.objects, self.looks = function, MemoryObjects(), MemoryLooks()

    def request(self, product: DrawnProduct, *, photo: Bytes, **said: object) -> CorrectRequest:
        """Return the sample request with its images stored; `said` is what the shop says of the product."""
        sample = CorrectRequest.model_validate(read_case("correct_photo", "mug"))
        size = {"width": photo.shape[1], "height": photo.shape[0]}
        working, matte = (
            sample.working.model_copy(
                update=size
                | {
                    "object": self.objects.write(
                        encode_png(image),
                        bucket=WORK,
                        key=f"{name}-{zlib.crc32(image.tobytes()):x}.png",
                        media_type=MEDIA_TYPE,
                    )
                }
            )
            for name, image in (("working", photo), ("matte", product.alpha))
        )
        described = sample.photo.product.model_copy(update=said)
        return sample.model_copy(
            update={
                "photo": sample.photo.model_copy(update={"product": described}),
                "working": working,
                "matte": product.matte.model_copy(update={"image": matte}),
            }
        )

    def answer(self, request: CorrectRequest, *, faithful: bool = False) -> CorrectedPhoto:
        """Ask this very question."""
        answer: CorrectedPhoto = self.function.correct_photo(
            request, objects=self.objects, looks=self.looks, bucket=WORK, faithful=faithful
        )
        return answer


@pytest.fixture
def bench(load_function: Callable[[str], ModuleType]) -> Bench:
    """Return an empty bench."""
    return Bench(load_function("correct_photo"))


@pytest.fixture
def product() -> DrawnProduct:
    """Return a mug before grey paper."""
    return drawn("mug", width=420, height=560)


def darkened(photo: Bytes) -> Bytes:
    """Return a photo a stop and a half darker."""
    return srgb8_from_linear(linear_from_srgb(photo) * np.float32(2**-1.5))


def test_a_dark_photo_is_corrected_as_recorded(bench: Bench, product: DrawnProduct) -> None:
    """What is stored is what the record makes of the photo, and lies beside it."""
    dark = darkened(product.photo)
    answer = bench.answer(bench.request(product, photo=dark))
    stored = decode_png(bench.objects.read(answer.working.object))
    assert answer.correction.tone.exposure > 0.5
    assert answer.correction.strength > 1
    assert np.array_equal(stored, apply(dark, answer.correction))
    assert answer.working.object.key.endswith("/corrected.png")


def test_the_cutout_has_the_corrected_colours(bench: Bench, product: DrawnProduct) -> None:
    """Where the matte is full, the cutout holds the corrected photo's bytes; the matte is the same."""
    request = bench.request(product, photo=darkened(product.photo))
    answer = bench.answer(request)
    cutout = decode_png(bench.objects.read(answer.matte.cutout.object))
    stored = decode_png(bench.objects.read(answer.working.object))
    opaque = cutout[..., 3] == 255
    assert np.array_equal(cutout[opaque][:, :3], stored[opaque])
    assert answer.matte.image == request.matte.image
    assert answer.matte.colours != request.matte.colours


def test_a_good_photo_passes_through(bench: Bench, product: DrawnProduct) -> None:
    """Nothing is written for a photo that needs nothing; the reasons say so."""
    request = bench.request(product, photo=product.photo)
    answer = bench.answer(request)
    assert (answer.working, answer.matte) == (request.working, request.matte)
    assert answer.correction.strength == 0
    assert answer.correction.reasons


def test_the_shop_can_switch_it_off(bench: Bench, product: DrawnProduct) -> None:
    """An environment that is faithful, or a product that wants no correction, keeps every byte."""
    dark = darkened(product.photo)
    for request, faithful in (
        (bench.request(product, photo=dark), True),
        (bench.request(product, photo=dark, correction="none"), False),
    ):
        answer = bench.answer(request, faithful=faithful)
        assert answer.correction.changes_nothing
        assert answer.working == request.working
        assert "shop wishes" in answer.correction.reasons[0]


def test_the_uploads_own_alpha_is_kept(bench: Bench, product: DrawnProduct) -> None:
    """A cut out upload stays cut out, and what lies under its transparency decides nothing."""
    dark = np.dstack((darkened(product.photo), product.alpha))
    dark[dark[..., 3] == 0, :3] = (255, 180, 90)
    answer = bench.answer(bench.request(product, photo=dark))
    stored = decode_png(bench.objects.read(answer.working.object))
    assert np.array_equal(stored[..., 3], product.alpha)
    assert answer.correction.gains.red == 1


def test_the_same_photo_gives_the_same_answer(bench: Bench, product: DrawnProduct) -> None:
    """A repeated step writes the same bytes under the same keys."""
    request = bench.request(product, photo=darkened(product.photo))
    first, second = bench.answer(request), bench.answer(request)
    assert first.correction == second.correction
    one, other = (bench.objects.read(each.working.object) for each in (first, second))
    assert one == other


def taken(request: CorrectRequest, name: str, *, sequencer: str = "0B", sku: str = "MUG-1") -> CorrectRequest:
    """Return the request for another photo."""
    photo = request.photo.model_copy(update={"name": name, "sequencer": sequencer, "sku": sku})
    return request.model_copy(update={"photo": photo})


def mean_of(bench: Bench, answer: CorrectedPhoto, product: DrawnProduct) -> Floats:
    """Return the mean colour of the product in the corrected photo."""
    pixels = decode_png(bench.objects.read(answer.working.object))[..., :3]
    return floats(linear_from_srgb(pixels)[product.alpha == 255].mean(axis=0))


def warmed(photo: Bytes) -> Bytes:
    """Return a photo in warmer light and half a stop darker."""
    return srgb8_from_linear(linear_from_srgb(photo) * np.array([0.8, 0.7, 0.55], dtype=np.float32))


def test_photos_of_one_product_get_one_look(bench: Bench, product: DrawnProduct) -> None:
    """The second photo is matched to the first, by the product, and the record names it."""
    first = bench.answer(taken(bench.request(product, photo=product.photo), "front", sequencer="0A"))
    second = bench.answer(taken(bench.request(product, photo=warmed(product.photo)), "back"))
    assert first.correction.reference == ""
    assert second.correction.reference == "MUG-1/front"
    assert "Matched to MUG-1/front by the product." in second.correction.reasons
    wanted, got = mean_of(bench, first, product), mean_of(bench, second, product)
    assert np.abs(np.log2(got / wanted)).max() < 0.1


def test_a_photo_that_comes_again_changes_nothing(bench: Bench, product: DrawnProduct) -> None:
    """Whatever is sent again, and in whatever order, each photo ends up with the pixels it had."""
    front = taken(bench.request(product, photo=product.photo), "front", sequencer="0A")
    back = taken(bench.request(product, photo=warmed(product.photo)), "back")

    def made(request: CorrectRequest) -> tuple[Correction, tuple[str, ...], bytes]:
        answer = bench.answer(request)
        return answer.correction, answer.matte.colours, bench.objects.read(answer.working.object)

    before = made(front), made(back)
    assert (made(back), made(front), made(back)) == (before[1], *before)


def test_the_shop_chooses_the_reference(bench: Bench, product: DrawnProduct) -> None:
    """A photo that the shop names stands from then on, and what comes after is matched to it."""
    bench.answer(taken(bench.request(product, photo=product.photo), "front", sequencer="0A"))
    chosen = bench.request(product, photo=warmed(product.photo), reference=True)
    assert bench.answer(taken(chosen, "hero")).correction.reference == ""
    third = bench.answer(taken(bench.request(product, photo=product.photo), "side", sequencer="0C"))
    assert third.correction.reference == "MUG-1/hero"


def test_another_side_in_other_colours_keeps_its_own(bench: Bench, product: DrawnProduct) -> None:
    """The inside of a bag is not made to look like its outside; the reasons say so."""
    bench.answer(taken(bench.request(product, photo=product.photo), "front", sequencer="0A"))
    inside = product.photo.copy()
    height = inside.shape[0] // 2
    inside[:height][product.alpha[:height] == 255] = (30, 60, 150)
    inside[height:][product.alpha[height:] == 255] = (230, 220, 60)
    answer = bench.answer(taken(bench.request(product, photo=inside), "inside"))
    assert answer.correction.reference == ""
    assert "Not matched to MUG-1/front: it shows other colours." in answer.correction.reasons


def test_products_of_a_range_share_their_backdrop(bench: Bench, product: DrawnProduct) -> None:
    """Another product of a range is matched by the paper behind it, for it has colours of its own."""
    said = {"range": "Dawn", "brand": "Ostvey"}
    bench.answer(taken(bench.request(product, photo=product.photo, **said), "front", sequencer="0A"))
    other = product.photo.copy()
    other[product.alpha == 255] = other[product.alpha == 255][:, ::-1]
    answer = bench.answer(taken(bench.request(product, photo=warmed(other), **said), "front", sku="MUG-2"))
    assert answer.correction.reference == "MUG-1/front"
    assert "Matched to MUG-1/front by the backdrop." in answer.correction.reasons
    paper = product.alpha == 0
    pixels = decode_png(bench.objects.read(answer.working.object))[..., :3]
    got, wanted = (linear_from_srgb(each)[paper].mean(axis=0) for each in (pixels, product.photo))
    assert np.abs(np.log2(got / wanted)).max() < 0.15


def test_what_is_left_as_it_is_stands_for_nothing(bench: Bench, product: DrawnProduct) -> None:
    """A photo that the shop wants untouched is no reference and is matched to none."""
    bench.answer(taken(bench.request(product, photo=product.photo, correction="none"), "art", sequencer="0A"))
    answer = bench.answer(taken(bench.request(product, photo=warmed(product.photo)), "back"))
    assert answer.correction.reference == ""
