"""The sizes and formats in which images are published: 8-bit sRGB with its profile, XMP, and no EXIF.

Sizes shrink in linear light by area: the mean brightness of denim or knit stays what it was (shrunk in
gamma-encoded sRGB it darkens), white stays white, and no edge gets a halo. Nothing is ever enlarged.
"""

import functools
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from packshot.imaging.arrays import Bytes, Flags, Floats
from packshot.imaging.colour import linear_from_srgb, srgb8_from_linear
from packshot.imaging.losses import EncodingLoss, encoding_loss, shrink_core
from packshot.imaging.provenance import CUTOUT, xmp_packet

MAIN_SIDE = 1600
"""Amazon's advice for zoom (Seller Central, product image requirements, read 2026-11); 1000 is the least."""
WEB_SIDE = 1080
THUMBNAIL_SIDE = 400
CUTOUT_SIDE = 1600
CUTOUT_MARGIN = 0.02
"""Share of the product's longest side that stays free around a cutout."""

MAIN_QUALITIES = (92, 95, 98, 100)
"""Tried in turn until white is white and the product keeps its colours; in practice the first is taken."""
WEB_QUALITIES = (85, 90, 95, 100)
MAIN_LOSS = EncodingLoss(mean=1.0, high=3.0)
"""What encoding may take from the product: nothing that is noticed (2.3 ΔE2000 is, Mahy et al. 1994)."""
WEB_LOSS = EncodingLoss(mean=1.5, high=4.5)
"""WebP halves the colour's resolution, so even quality 100 loses 0.5 to 1.3, and 4 at single pixels."""
MAIN_BYTES = 5_000_000
"""Walmart's limit, the lowest of the marketplaces' (read 2026-11)."""
WEB_BYTES = 400_000
"""A page's largest image is to be there within 2.5 s on a telephone (web.dev, Largest Contentful Paint)."""
JPEG_BLOCK = 8
WHITE = (255, 255, 255)
PNG_XMP = "XML:com.adobe.xmp"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One encoded image, its size in pixels, where its pixels come from, and what its product lost."""

    name: Literal["main", "web", "thumbnail", "cutout"]
    file: bytes
    extension: Literal["jpg", "webp", "png"]
    media_type: str
    width: int
    height: int
    source_type: str
    loss: EncodingLoss | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a file may cost: its product's colours, its bytes, and what else its decoded pixels must keep."""

    loss: EncodingLoss
    size: int
    keeps: Callable[[Bytes], bool] = lambda _: True

    def covers(self, loss: EncodingLoss | None) -> bool:
        """Say whether a product may lose this; where there is none, nothing is lost."""
        return loss is None or loss.within(self.loss)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file, what its product lost (None where there is none to compare), and whether that is allowed."""

    file: bytes
    loss: EncodingLoss | None = None
    is_allowed: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to encode, sRGB (H, W, 3), and where its product is, (H, W)."""

    pixels: Bytes
    core: Flags = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))

    def compare(self, decoded: Bytes) -> EncodingLoss | None:
        """Return what a file of it lost."""
        return encoding_loss(decoded, self.pixels, core=self.core) if self.core.any() else None


def render_scene(
    pixels: Bytes, *, source_type: str, core: Flags | None = None
) -> tuple[Rendition, Rendition, Rendition]:
    """Return main, web and thumbnail of a composite (H, W, 3).

    `core` (H, W) is where the product's own pixels are: there main and web are held to what they may lose.
    """
    linear = linear_from_srgb(pixels)
    main = _picture(pixels, linear, core=core, side=MAIN_SIDE)
    web = _picture(pixels, linear, core=core, side=WEB_SIDE)
    thumbnail = _shrunk(pixels, linear, side=THUMBNAIL_SIDE)
    return (
        _rendition("main", encode_main(main, source_type=source_type), main.pixels, source_type),
        _rendition("web", encode_web(web, source_type=source_type), web.pixels, source_type),
        _rendition(
            "thumbnail", Encoded(_webp(thumbnail, 80, 4, source_type=source_type)), thumbnail, source_type
        ),
    )


def render_cutout(pixels: Bytes) -> Rendition:
    """Return the product alone, trimmed, from a cutout with straight alpha (H, W, 4).

    What alpha hides is gone: a transparent pixel keeps nothing of the photo's backdrop.
    """
    product = _shrunk_cutout(_trimmed(pixels))
    info = PngInfo()
    info.add_itxt(PNG_XMP, xmp_packet(CUTOUT))
    file = _saved(product, "PNG", pnginfo=info, icc_profile=srgb_profile(), compress_level=1)
    return _rendition("cutout", Encoded(file), product, CUTOUT)


def encode_main(picture: Picture, *, source_type: str) -> Encoded:
    """Encode as JPEG 4:4:4 of the least quality that keeps the product's colours and a white background.

    Subsampled colour smears a product's edge up to 19 px into the white, which marketplaces measure.
    """
    white = white_blocks(picture.pixels)

    def encode(quality: int) -> bytes:
        return _saved(
            picture.pixels,
            "JPEG",
            quality=quality,
            subsampling="4:4:4",
            optimize=True,
            icc_profile=srgb_profile(),
            xmp=xmp_packet(source_type).encode(),
        )

    def is_white(decoded: Bytes) -> bool:
        return not white.any() or bool((white_blocks(decoded) >= white).all())

    allowance = Allowance(MAIN_LOSS, MAIN_BYTES, is_white)
    return _least(picture, MAIN_QUALITIES, encode=encode, allowance=allowance)


def encode_web(picture: Picture, *, source_type: str) -> Encoded:
    """Encode as WebP of the least quality that keeps the product's colours."""

    def encode(quality: int) -> bytes:
        return _webp(picture.pixels, quality=quality, effort=1, source_type=source_type)

    return _least(picture, WEB_QUALITIES, encode=encode, allowance=Allowance(WEB_LOSS, WEB_BYTES))


def _least(
    picture: Picture, qualities: Sequence[int], *, encode: Callable[[int], bytes], allowance: Allowance
) -> Encoded:
    """Return the file of the least quality that keeps its allowance, else the best that has the bytes."""
    least, *better = qualities
    best = _tried(picture, encode(least), allowance=allowance)
    for quality in better:
        if best.is_allowed:
            break
        file = encode(quality)
        if len(file) > allowance.size:
            break
        best = _tried(picture, file, allowance=allowance)
    return best


def _tried(picture: Picture, file: bytes, *, allowance: Allowance) -> Encoded:
    decoded = _decoded(file)
    loss = picture.compare(decoded)
    return Encoded(file, loss, is_allowed=allowance.covers(loss) and allowance.keeps(decoded))


def white_blocks(pixels: Bytes) -> Flags:
    """Return which of JPEG's whole blocks of 8 × 8 pixels are pure white, (H // 8, W // 8)."""
    white = np.asarray(cv2.inRange(pixels, WHITE, WHITE)) > 0
    rows, columns = pixels.shape[0] // JPEG_BLOCK, pixels.shape[1] // JPEG_BLOCK
    whole = white[: rows * JPEG_BLOCK, : columns * JPEG_BLOCK]
    blocks = whole.reshape(rows, JPEG_BLOCK, columns, JPEG_BLOCK)
    return np.asarray(blocks.all(axis=(1, 3)), dtype=np.bool_)


@functools.cache
def srgb_profile() -> bytes:
    """Return the ICC profile of sRGB with a fixed date, so that equal images are equal files."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    year, month, day = 2026, 1, 1
    date = [year, month, day, 0, 0, 0]
    profile[24:36] = b"".join(part.to_bytes(2, "big") for part in date)
    profile[84:100] = bytes(16)  # the profile's ID is a hash that covers the date; zero says not computed
    return bytes(profile)


def _decoded(file: bytes) -> Bytes:
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


def _picture(pixels: Bytes, linear: Floats, *, core: Flags | None, side: int) -> Picture:
    shrunk = _shrunk(pixels, linear, side=side)
    if core is None:
        return Picture(shrunk)
    height, width = shrunk.shape[:2]
    return Picture(shrunk, core if core.shape == (height, width) else shrink_core(core, size=(width, height)))


def _shrunk(pixels: Bytes, linear: Floats, *, side: int) -> Bytes:
    if max(pixels.shape[:2]) <= side:
        return pixels
    return srgb8_from_linear(_fitted(linear, side=side))


def _fitted(linear: Floats, *, side: int) -> Floats:
    height, width = linear.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(linear, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _trimmed(pixels: Bytes) -> Bytes:
    """Return what alpha covers and a margin; where the photo cut the product there is none."""
    x, y, width, height = cv2.boundingRect((pixels[..., 3] > 0).astype(np.uint8))
    if not width:
        return pixels
    margin = round(CUTOUT_MARGIN * max(width, height))
    return pixels[max(0, y - margin) : y + height + margin, max(0, x - margin) : x + width + margin]


def _shrunk_cutout(pixels: Bytes) -> Bytes:
    alpha = pixels[..., 3:]
    if max(pixels.shape[:2]) > CUTOUT_SIDE:
        share = np.divide(alpha, 255, dtype=np.float32)
        light = _fitted(np.dstack((linear_from_srgb(pixels[..., :3]) * share, share)), side=CUTOUT_SIDE)
        straight = np.divide(light[..., :3], np.maximum(light[..., 3:], 1e-6), dtype=np.float32)
        alpha = np.rint(light[..., 3:] * 255).astype(np.uint8)
        pixels = np.dstack((srgb8_from_linear(straight), alpha))
    return np.where(alpha > 0, pixels, np.uint8(0))


def _webp(pixels: Bytes, quality: int, effort: int, *, source_type: str) -> bytes:
    return _saved(
        pixels,
        "WEBP",
        quality=quality,
        method=effort,
        icc_profile=srgb_profile(),
        xmp=xmp_packet(source_type).encode(),
    )


def _saved(pixels: Bytes, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, format=form, **options)
    return buffer.getvalue()


_EXTENSIONS: dict[str, Literal["jpg", "webp", "png"]] = {"main": "jpg", "cutout": "png"}
_MEDIA_TYPES = {"jpg": "image/jpeg", "webp": "image/webp", "png": "image/png"}


def _rendition(
    name: Literal["main", "web", "thumbnail", "cutout"], encoded: Encoded, pixels: Bytes, source_type: str
) -> Rendition:
    extension = _EXTENSIONS.get(name, "webp")
    height, width = pixels.shape[:2]
    return Rendition(
        name=name,
        file=encoded.file,
        extension=extension,
        media_type=_MEDIA_TYPES[extension],
        width=width,
        height=height,
        source_type=source_type,
        loss=encoded.loss,
    )
