"""Files that anybody may have made: what is right comes out right, all else is refused with a reason."""

import contextlib
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from packshot.errors import RejectedPhoto
from packshot.imaging.decoding import Limits
from tests.unit.imaging.photo_files import (
    ADOBE_RGB,
    Options,
    difference,
    matrix_profile,
    read,
    refused,
    saved,
    scene,
)

FORMATS: dict[str, tuple[str, Options, float]] = {
    "JPEG": ("JPEG", {"quality": 95, "subsampling": 0}, 1.0),
    "progressive JPEG": ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}, 1.0),
    "PNG": ("PNG", {}, 0),
    "WebP": ("WEBP", {"lossless": True}, 0),
    "TIFF": ("TIFF", {}, 0),
    "TIFF, LZW": ("TIFF", {"compression": "tiff_lzw"}, 0),
    "AVIF": ("AVIF", {"quality": 95}, 1.0),
    "BMP": ("BMP", {}, 0),
    "GIF": ("GIF", {}, 8.0),
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name: str) -> None:
    """Every format that shops send is read, its colours as good as the format keeps them."""
    form, options, allowed = FORMATS[name]
    photo = read(saved(Image.fromarray(scene()), form, **options))
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.shape == (120, 180, 3)
    assert (photo.width, photo.height, photo.alpha) == (180, 120, None)
    assert difference(photo.pixels, scene()) <= allowed


# How a camera that is held wrongly stores an upright scene, by EXIF orientation (CIPA DC-008, tag 274).
STORED = {
    1: lambda p: p,
    2: np.fliplr,
    3: lambda p: np.rot90(p, 2),
    4: np.flipud,
    5: lambda p: p.swapaxes(0, 1),
    6: lambda p: np.rot90(p, 1),
    7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
    8: lambda p: np.rot90(p, 3),
}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_orientations(form: str, orientation: int) -> None:
    """All eight EXIF orientations come out upright, in every format that can say so."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](scene())))
    options: Options = {"lossless": True} if form == "WEBP" else {"quality": 95}
    photo = read(saved(stored, form, exif=exif, **options))
    assert (photo.width, photo.height) == (180, 120)
    assert photo.pixels.shape == (120, 180, 3)
    assert difference(photo.pixels, scene()) < 2


def test_an_unknown_orientation_is_upright() -> None:
    """Only 1 to 8 mean anything."""
    exif = Image.Exif()
    exif[0x0112] = 42
    assert difference(read(saved(Image.fromarray(scene()), "PNG", exif=exif)).pixels, scene()) == 0


def test_nothing_but_pixels_survives() -> None:
    """Owner, place and serial number end at this border: the result is plain arrays."""
    exif = Image.Exif()
    exif[0x013B] = "somebody"
    photo = read(saved(Image.fromarray(scene()), "JPEG", exif=exif))
    assert "somebody" not in repr(photo)


MODES = {
    "CMYK JPEG": lambda: saved(Image.fromarray(scene()).convert("CMYK"), "JPEG", quality=97, subsampling=0),
    "palette PNG": lambda: saved(Image.fromarray(scene()).quantize(256), "PNG"),
    "RGBA, opaque": lambda: saved(Image.fromarray(scene()).convert("RGBA"), "PNG"),
    "CIELAB TIFF": lambda: saved(in_lab(scene()), "TIFF"),
}


def in_lab(pixels: NDArray[np.uint8]) -> Image.Image:
    """Return the image in Pillow's 8-bit LAB."""
    lab = ImageCms.profileToProfile(
        Image.fromarray(pixels),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    assert lab is not None
    return lab


@pytest.mark.parametrize("name", MODES)
def test_colour_modes(name: str) -> None:
    """Inks, palettes, alpha that hides nothing and Lab all become the same sRGB."""
    photo = read(MODES[name]())
    assert photo.alpha is None
    assert difference(photo.pixels, scene()) < 6


def grey_ramp() -> NDArray[np.uint16]:
    """Return all of 16 bits, left to right."""
    return np.repeat(np.linspace(0, 65535, 256, dtype=np.uint16)[None], 128, axis=0)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bit_grey(form: str) -> None:
    """Sixteen bits become eight by scaling, not by cutting off: black, white and all between."""
    photo = read(saved(Image.fromarray(grey_ramp()), form))
    expected = np.rint(grey_ramp() / 257)
    assert np.abs(photo.pixels.astype(int) - expected[..., None]).max() <= 1
    assert (photo.pixels.min(), photo.pixels.max()) == (0, 255)


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *, depth: int, kind: int, rows: bytes) -> bytes:
    """Return a PNG made by hand."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_sixteen_bit_colour() -> None:
    """A 16-bit RGB PNG keeps its colours."""
    deep = scene().astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    photo = read(png(180, 120, depth=16, kind=2, rows=rows))
    assert np.abs(photo.pixels.astype(int) - scene()).max() <= 1


def test_one_bit() -> None:
    """Line art is black and white, not black and almost black."""
    dots = Image.fromarray(scene()).convert("1")
    photo = read(saved(dots, "PNG"))
    assert set(np.unique(photo.pixels)) == {0, 255}
    assert np.array_equal(photo.pixels[..., 0] > 0, np.array(dots))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "palette"])
def test_an_alpha_of_its_own_is_kept(mode: str) -> None:
    """Somebody made a matte: it comes along, upright and at the size of the pixels."""
    alpha = np.zeros((120, 180), dtype=np.uint8)
    alpha[20:100, 30:90] = 255
    image = Image.fromarray(np.dstack((scene(), alpha)))
    if mode == "palette":
        image = image.quantize(64)
    exif = Image.Exif()
    exif[0x0112] = 3
    turned = (image.convert("LA") if mode == "LA" else image).transpose(Image.Transpose.ROTATE_180)
    photo = read(saved(turned, "PNG", exif=exif))
    assert photo.alpha is not None
    assert np.array_equal(photo.alpha > 128, alpha > 128)
    assert photo.with_alpha().shape == (120, 180, 4)


def test_the_largest_side_is_worked_on() -> None:
    """A large photo comes out at the working size, with the size that it had."""
    photo = read(saved(Image.fromarray(scene(5000, 3000)), "JPEG", quality=95))
    assert photo.pixels.shape == (1229, 2048, 3)
    assert (photo.width, photo.height) == (5000, 3000)
    small = np.array(Image.fromarray(scene(5000, 3000)).resize((2048, 1229), Image.Resampling.BOX))
    assert difference(photo.pixels, small) < 1


def test_shrinking_mixes_no_hidden_colour_in() -> None:
    """What lies under alpha 0 does not bleed into the product when the photo is scaled."""
    pixels = np.zeros((1000, 3000, 4), dtype=np.uint8)
    pixels[:, :1501] = [250, 250, 250, 255]
    photo = read(saved(Image.fromarray(pixels), "PNG"))
    assert photo.alpha is not None
    assert photo.pixels[photo.alpha > 0].min() >= 245


BROKEN = {
    "empty": (b"", "truncated"),
    "one byte": (b"x", "not_an_image"),
    "web page": (b"<!DOCTYPE html><html>404</html>", "not_an_image"),
    "drawing": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
    "document": (b"%PDF-1.7 ...", "not_an_image"),
    "archive": (b"PK\x03\x04" + b"\0" * 60, "not_an_image"),
    "HEIC": (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + b"\0" * 64, "not_an_image"),
    "magic alone": (b"\x89PNG\r\n\x1a\n", "truncated"),
    "no width": (png(0, 50, depth=8, kind=2, rows=b""), "truncated"),
    "one pixel": (png(1, 1, depth=8, kind=2, rows=b"\0abc"), "too_small"),
    "a strip": (png(4000, 2, depth=8, kind=0, rows=(b"\0" + b"a" * 4000) * 2), "too_small"),
    "grey bomb": (png(30000, 30000, depth=1, kind=0, rows=b"\0" * 100), "too_many_pixels"),
    "endless": (png(2**31 - 1, 2**31 - 1, depth=8, kind=2, rows=b""), "too_many_pixels"),
    "long side": (png(20_001, 200, depth=1, kind=0, rows=b""), "too_many_pixels"),
    "float TIFF": (saved(Image.fromarray(np.ones((120, 120), np.float32)), "TIFF"), "unsupported"),
    "32-bit TIFF": (saved(Image.fromarray(np.full((120, 120), 99999, np.int32)), "TIFF"), "unsupported"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_refusals(name: str) -> None:
    """What cannot be used is refused by a code that programs know, with a reason for people."""
    data, code = BROKEN[name]
    assert refused(data).code == code


def test_the_reason_names_the_kind_of_file() -> None:
    """Who uploads an iPhone's HEIC or a PDF is told so."""
    assert "HEIC" in refused(BROKEN["HEIC"][0]).reason
    assert "PDF" in refused(BROKEN["document"][0]).reason


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_animations_are_refused(form: str) -> None:
    """One photo, one picture."""
    frames = [Image.fromarray(np.roll(scene(), shift, axis=1)) for shift in (0, 20, 40)]
    assert refused(saved(frames[0], form, save_all=True, append_images=frames[1:])).code == "animated"


def test_a_phones_two_pictures_are_one_photo() -> None:
    """Phones keep a depth or HDR map as the second picture of an MPO; the first is the photo."""
    second = Image.fromarray(scene()[::-1].copy())
    data = saved(Image.fromarray(scene()), "MPO", save_all=True, append_images=[second], quality=95)
    assert difference(read(data).pixels, scene()) < 2


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "GIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_files_are_refused(form: str, share: float) -> None:
    """No grey lower half is ever published."""
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    data = saved(Image.fromarray(noise), form)
    assert refused(data[: int(len(data) * share)]).code in {"truncated", "not_an_image"}


def test_too_heavy_files_are_not_even_opened() -> None:
    """The weight is checked first."""
    assert refused(b"\xff\xd8\xff" + b"\0" * 100, Limits(heaviest=50)).code == "too_heavy"


def test_a_text_bomb_is_refused() -> None:
    """A few kilobytes that would unpack to many megabytes of comment do not."""
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * 50_000_000, 9))
    data = png(200, 200, depth=8, kind=0, rows=(b"\0" + b"a" * 200) * 200)
    assert refused(data[:33] + bomb + data[33:]).code == "truncated"


def test_photos_larger_than_the_functions_memory_are_refused() -> None:
    """Lambda would kill the process without a word; the estimate speaks first."""
    data = saved(Image.fromarray(scene(4000, 3000)), "PNG")
    assert refused(data, Limits(memory=512 * 2**20)).code == "too_large_for_memory"
    assert read(data, Limits(memory=1024 * 2**20)).width == 4000


def test_pillows_own_settings_are_left_alone() -> None:
    """The limits hold while a photo is read, and for nobody else."""
    before = Image.MAX_IMAGE_PIXELS
    filters = list(warnings.filters)
    read(saved(Image.fromarray(scene()), "PNG"))
    refused(BROKEN["grey bomb"][0])
    assert before == Image.MAX_IMAGE_PIXELS
    assert list(warnings.filters) == filters


def seeds() -> list[bytes]:
    """Return small valid files of every kind, to be damaged."""
    picture = Image.fromarray(scene(110, 104))
    files = [saved(picture, form) for form in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "GIF", "BMP")]
    files.append(saved(picture, "PNG", icc_profile=matrix_profile(ADOBE_RGB, 2.2)))
    files.append(saved(picture.convert("CMYK"), "TIFF", compression="tiff_lzw"))
    return files


SEEDS = seeds()


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12))
def test_no_damage_gets_past_the_border(file: bytes, hits: list[tuple[float, int]]) -> None:
    """Whatever bytes change, a photo comes out or `RejectedPhoto`: no other exception, ever."""
    damaged = bytearray(file)
    for place, value in hits:
        damaged[int(place * (len(damaged) - 1))] = value
    with contextlib.suppress(RejectedPhoto):
        assert read(bytes(damaged)).pixels.ndim == 3


@settings(max_examples=100)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"GIF89a"]),
)
def test_noise_is_refused(noise: bytes, magic: bytes) -> None:
    """Random bytes are no photo, whatever they start with."""
    refused(magic + noise)


def test_the_sample_photo_is_read(root: Path) -> None:
    """The mug that this repository carries is a photo without remarks."""
    photo = read((root / "tests" / "photos" / "mug.jpg").read_bytes())
    assert photo.notes == ()
    assert photo.alpha is None
    assert max(photo.pixels.shape) <= 2048
