"""Renditions: the sizes and formats that shops and marketplaces ask for, read back from the files."""

import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from packshot.imaging.arrays import Bytes
from packshot.imaging.colour import linear_from_srgb
from packshot.imaging.provenance import CUTOUT, NEWSCODES, SCENES, xmp_packet
from packshot.imaging.renditions import (
    Picture,
    Rendition,
    encode_main,
    render_cutout,
    render_scene,
    srgb_profile,
    white_blocks,
)

STUDIO = SCENES["studio"]


def product_on_white(*, side: int = 1600, seed: int = 1) -> Bytes:
    """Return a colourful, noisy disc with a hard edge on pure white: the worst case for JPEG."""
    rows, columns = np.mgrid[:side, :side]
    disc = np.hypot(rows - side / 2, columns - side / 2) < side * 0.4
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return np.where(disc[..., None], noise // 2, np.uint8(255))


def cutout(*, height: int = 900, width: int = 600) -> Bytes:
    """Return a straight-alpha product in the middle, with the photo's backdrop left under alpha 0."""
    pixels = np.full((height, width, 4), (10, 200, 10, 0), dtype=np.uint8)
    pixels[300:600, 200:400] = (180, 40, 60, 255)
    pixels[300:600, 199] = (180, 40, 60, 128)
    return pixels


def opened(rendition: Rendition) -> Image.Image:
    """Return the file as any program would open it."""
    picture = Image.open(io.BytesIO(rendition.file))
    picture.load()
    return picture


def xmp_of(picture: Image.Image) -> str:
    """Return the XMP packet, wherever the format keeps it."""
    packet = picture.info.get("xmp") or picture.info["XML:com.adobe.xmp"]
    return packet.decode() if isinstance(packet, bytes) else str(packet)


@pytest.fixture(scope="module")
def renditions() -> tuple[Rendition, ...]:
    """Return every rendition of one photo."""
    return (*render_scene(product_on_white(), source_type=STUDIO), render_cutout(cutout()))


def test_each_rendition_has_its_size_and_format(renditions: tuple[Rendition, ...]) -> None:
    """A main image for marketplaces, one for the shop's pages, one for its lists."""
    seen = [(r.name, r.media_type, r.extension, (r.width, r.height)) for r in renditions]
    assert seen == [
        ("main", "image/jpeg", "jpg", (1600, 1600)),
        ("web", "image/webp", "webp", (1080, 1080)),
        ("thumbnail", "image/webp", "webp", (400, 400)),
        ("cutout", "image/png", "png", (213, 312)),
    ]
    for rendition in renditions:
        picture = opened(rendition)
        assert picture.size == (rendition.width, rendition.height)
        assert Image.MIME[picture.format or ""] == rendition.media_type


def test_each_file_says_srgb_and_where_it_comes_from(renditions: tuple[Rendition, ...]) -> None:
    """Profile and IPTC's DigitalSourceType are in the file itself; EXIF is not."""
    for rendition in renditions:
        picture = opened(rendition)
        profile = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
        assert "sRGB" in ImageCms.getProfileDescription(profile)
        assert f'DigitalSourceType="{rendition.source_type}"' in xmp_of(picture)
        assert not picture.getexif()
        assert rendition.source_type.startswith(NEWSCODES)


def test_the_profile_is_valid_and_always_the_same() -> None:
    """Equal images are equal files, so the profile has no date of its making."""
    profile = srgb_profile()
    assert len(profile) == int.from_bytes(profile[:4], "big")
    assert profile[36:40] == b"acsp"
    assert profile[24:36] == bytes([7, 234, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])
    srgb_profile.cache_clear()
    assert srgb_profile() == profile


def test_the_main_image_keeps_all_its_colour(renditions: tuple[Rendition, ...]) -> None:
    """4:4:4: subsampled colour smears the product's edge into the white."""
    layers = vars(opened(renditions[0]))["layer"]
    assert {(horizontal, vertical) for _, horizontal, vertical, _ in layers} == {(1, 1)}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_white_stays_white_in_the_main_image(seed: int) -> None:
    """Every block of pure white is pure white in the file, whatever the product is."""
    pixels = product_on_white(side=400, seed=seed)
    decoded = np.asarray(Image.open(io.BytesIO(encode_main(Picture(pixels), source_type=STUDIO).file)))
    border = np.concatenate([decoded[:8], decoded[-8:], decoded[:, :8].swapaxes(0, 1)], axis=0)
    assert border.min() == 255
    assert (white_blocks(decoded) >= white_blocks(pixels)).all()


def test_white_stays_white_in_every_size(renditions: tuple[Rendition, ...]) -> None:
    """Shrinking mixes no grey into the border, and the web's formats keep it nearly white."""
    for rendition in renditions[1:3]:
        border = np.asarray(opened(rendition).convert("RGB"))[:16]
        assert border.min() >= 254


def test_shrinking_keeps_the_light_of_fine_texture() -> None:
    """Black and white threads average to their mean light, not to a darker grey."""
    threads = np.zeros((1600, 1600, 3), dtype=np.uint8)
    threads[:, ::2] = 255
    _, _, thumbnail = render_scene(threads, source_type=STUDIO)
    shrunk = np.asarray(opened(thumbnail).convert("RGB"))
    assert linear_from_srgb(shrunk).mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("shape", [(1600, 800), (320, 1600), (64, 64), (1, 1), (3000, 17)])
def test_nothing_is_enlarged_and_nothing_is_distorted(shape: tuple[int, int]) -> None:
    """Any shape keeps its proportions, and a small image stays as small as it is."""
    pixels = np.full((*shape, 3), 90, dtype=np.uint8)
    for rendition, side in zip(render_scene(pixels, source_type=STUDIO), (1600, 1080, 400), strict=True):
        scale = min(1, side / max(shape))
        assert rendition.height == max(1, round(shape[0] * scale))
        assert rendition.width == max(1, round(shape[1] * scale))


def test_the_cutout_is_the_product_and_a_margin() -> None:
    """The product's box with 2 % of air; its own colours, where alpha is 1, to the byte."""
    pixels = np.asarray(opened(render_cutout(cutout())))
    assert pixels.shape == (312, 213, 4)
    assert (pixels[6:306, 7:207] == (180, 40, 60, 255)).all()
    assert (pixels[6:306, 6] == (180, 40, 60, 128)).all()


def test_the_cutout_hides_nothing_of_the_photo() -> None:
    """What is transparent has no colour that a program could bring back."""
    pixels = np.asarray(opened(render_cutout(cutout())))
    assert (pixels[pixels[..., 3] == 0] == 0).all()


def test_a_product_cut_by_the_photo_gets_no_margin_there() -> None:
    """A cut edge stays at the image's edge, where it does not show."""
    pixels = cutout()
    pixels[600:, 200:400] = (180, 40, 60, 255)
    shown = np.asarray(opened(render_cutout(pixels)))
    assert shown[-1, 100, 3] == 255
    assert shown[0, 100, 3] == 0


def test_a_large_cutout_is_shrunk_without_a_dark_edge() -> None:
    """Colours are mixed by their light and alpha: the rim has the product's colour."""
    pixels = np.zeros((2400, 2400, 4), dtype=np.uint8)
    rows, columns = np.mgrid[:2400, :2400]
    pixels[np.hypot(rows - 1200, columns - 1200) < 1150] = (250, 240, 230, 255)
    rendition = render_cutout(pixels)
    shown = np.asarray(opened(rendition))
    assert max(rendition.width, rendition.height) == 1600
    rim = shown[(shown[..., 3] > 0) & (shown[..., 3] < 255)]
    assert len(rim) > 1000
    assert np.abs(rim[:, :3].astype(int) - (250, 240, 230)).max() <= 1


def test_an_empty_cutout_is_still_an_image() -> None:
    """A matte without anything, which should not come this far, breaks nothing."""
    rendition = render_cutout(np.zeros((40, 30, 4), dtype=np.uint8))
    assert (rendition.width, rendition.height) == (30, 40)


def test_files_are_the_same_each_time() -> None:
    """A retry writes the same bytes."""
    pixels = product_on_white(side=200)
    assert render_scene(pixels, source_type=STUDIO) == render_scene(pixels, source_type=STUDIO)
    assert render_cutout(cutout()) == render_cutout(cutout())


@pytest.mark.parametrize("source_type", [*SCENES.values(), CUTOUT])
def test_the_packet_is_xmp(source_type: str) -> None:
    """A packet is well-formed XML between its two processing instructions."""
    from xml.etree import ElementTree as ET

    packet = xmp_packet(source_type)
    assert packet.startswith('<?xpacket begin="\ufeff"')
    assert packet.endswith('<?xpacket end="r"?>')
    body = re.sub(r"<\?xpacket.*?\?>", "", packet)
    description = ET.fromstring(body).find(".//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")  # noqa: S314 - our own text
    assert description is not None
    name = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
    assert description.attrib[name] == source_type
