"""The sizes and formats in which images are published: 8-bit sRGB with its profile, XMP, and no EXIF.

Sizes shrink in linear light by area: the mean brightness of denim or knit stays what it was (shrunk in
gamma-encoded sRGB it darkens), white stays white, and no edge gets a halo. Nothing is ever enlarged.
"""

import functools
import io
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from packshot.imaging.arrays import Bytes, Flags, Floats
from packshot.imaging.colour import linear_from_srgb, srgb8_from_linear
from packshot.imaging.provenance import CUTOUT, xmp_packet

MAIN_SIDE = 1600
"""Amazon's advice for zoom (Seller Central, product image requirements, read 2026-11); 1000 is the least."""
WEB_SIDE = 1080
THUMBNAIL_SIDE = 400
CUTOUT_SIDE = 1600
CUTOUT_MARGIN = 0.02
"""Share of the product's longest side that stays free around a cutout."""

MAIN_QUALITIES = (92, 95, 98, 100)
"""Tried in turn until white is white; in practice the first is taken."""
JPEG_BLOCK = 8
WHITE = (255, 255, 255)
PNG_XMP = "XML:com.adobe.xmp"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One encoded image, its size in pixels and where its pixels come from."""

    name: Literal["main", "web", "thumbnail", "cutout"]
    file: bytes
    extension: Literal["jpg", "webp", "png"]
    media_type: str
    width: int
    height: int
    source_type: str


def render_scene(pixels: Bytes, *, source_type: str) -> tuple[Rendition, Rendition, Rendition]:
    """Return main, web and thumbnail of a composite (H, W, 3)."""
    linear = linear_from_srgb(pixels)
    main = _shrunk(pixels, linear, side=MAIN_SIDE)
    web = _shrunk(pixels, linear, side=WEB_SIDE)
    thumbnail = _shrunk(pixels, linear, side=THUMBNAIL_SIDE)
    return (
        _rendition("main", encode_main(main, source_type=source_type), main, source_type),
        _rendition("web", _webp(web, quality=85, effort=2, source_type=source_type), web, source_type),
        _rendition("thumbnail", _webp(thumbnail, 80, 4, source_type=source_type), thumbnail, source_type),
    )


def render_cutout(pixels: Bytes) -> Rendition:
    """Return the product alone, trimmed, from a cutout with straight alpha (H, W, 4).

    What alpha hides is gone: a transparent pixel keeps nothing of the photo's backdrop.
    """
    product = _shrunk_cutout(_trimmed(pixels))
    info = PngInfo()
    info.add_itxt(PNG_XMP, xmp_packet(CUTOUT))
    file = _saved(product, "PNG", pnginfo=info, icc_profile=srgb_profile(), compress_level=3)
    return _rendition("cutout", file, product, CUTOUT)


def encode_main(pixels: Bytes, *, source_type: str) -> bytes:
    """Encode as JPEG 4:4:4 of the least quality at which a white background is still white.

    Subsampled colour smears a product's edge up to 19 px into the white, which marketplaces measure.
    """
    white = white_blocks(pixels)
    for quality in MAIN_QUALITIES:
        file = _saved(
            pixels,
            "JPEG",
            quality=quality,
            subsampling="4:4:4",
            optimize=True,
            icc_profile=srgb_profile(),
            xmp=xmp_packet(source_type).encode(),
        )
        if not white.any() or (white_blocks(_decoded(file)) >= white).all():
            break
    return file


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
    name: Literal["main", "web", "thumbnail", "cutout"], file: bytes, pixels: Bytes, source_type: str
) -> Rendition:
    extension = _EXTENSIONS.get(name, "webp")
    height, width = pixels.shape[:2]
    return Rendition(
        name=name,
        file=file,
        extension=extension,
        media_type=_MEDIA_TYPES[extension],
        width=width,
        height=height,
        source_type=source_type,
    )
