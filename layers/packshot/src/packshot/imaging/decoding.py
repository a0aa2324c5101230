"""The border where strangers' files become arrays: hostile bytes in, upright 8-bit sRGB out.

Limits are held before anything is decoded, decoders run behind one place that translates whatever
they raise, and nothing of the file survives but its pixels.
"""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageCms

from packshot.errors import RejectedPhoto
from packshot.imaging.arrays import Bytes

Tell = Callable[[str], None]
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "GIF", "BMP")

_ASK_FOR = "Save it as JPEG, PNG, WebP or TIFF and upload that."
_DAMAGED = "The picture ends early or is damaged. Export it once more and upload the whole file."
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"GIF8", b"BM", b"RIFF")
_OTHER_KINDS = (
    (b"%pdf", "a PDF document"),
    (b"pk\x03\x04", "a ZIP archive"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML document"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"%!ps", "a PostScript document"),
    (b"8bps", "a Photoshop document"),
)
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
# Measured at 50 MP: WebP 17, RGBA PNG 14, TIFF and 16-bit grey 12, AVIF 12, PNG 10, progressive JPEG 7.
_BYTES_PER_PIXEL = 20
_RUNTIME_BYTES = 320 * 2**20
# Some editors write 254 all over; that is no matte.
_OPAQUE = 250
_PLAIN_MODES = {
    "1": "L",
    "PA": "RGBA",
    "La": "LA",
    "RGBa": "RGBA",
    "RGBX": "RGB",
    "YCbCr": "RGB",
    "HSV": "RGB",
}
_PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a photo may be. `heaviest` and `memory` are bytes, sides are pixels.

    `shortest_side` is the smallest image that any marketplace takes; `working_side` the longest side of
    the pixels that come out; `memory` what the whole process may use.
    """

    heaviest: int = 40_000_000
    most_pixels: int = 50_000_000
    longest_side: int = 20_000
    shortest_side: int = 100
    working_side: int = 2048
    memory: int = 2048 * 2**20


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """Upright sRGB `pixels` (H, W, 3) and the upload's own `alpha` (H, W), None if nothing is hidden.

    `width` and `height` are the upload's, upright; `notes` are sentences about what had to be assumed.
    """

    pixels: Bytes
    alpha: Bytes | None
    width: int
    height: int
    format: str
    notes: tuple[str, ...] = ()

    def with_alpha(self) -> Bytes:
        """Return RGBA where the upload has an alpha of its own, else RGB."""
        return self.pixels if self.alpha is None else np.dstack((self.pixels, self.alpha))


def read_photo(data: bytes, *, limits: Limits) -> DecodedPhoto:
    """Decode a file that anybody may have made; `RejectedPhoto` is the only error it raises."""
    refuse_by_weight(len(data), limits=limits)
    notes: list[str] = []
    with _guarding_pillow(limits):
        with _rejecting(code=_code_of(data), reason=_reason_of(data)):
            image: Image.Image = _open(data)
        with _rejecting(code="truncated", reason=_DAMAGED):
            _refuse_by_header(image, size=len(data), limits=limits)
            developed = _develop(image, limits=limits, tell=notes.append)
    return replace(developed, notes=tuple(notes))


def refuse_by_weight(size: int, *, limits: Limits) -> None:
    """Raise `RejectedPhoto` for a file of this many bytes that nobody should even fetch."""
    if size > limits.heaviest:
        raise RejectedPhoto(
            f"The file has {size / 1e6:.0f} MB and {limits.heaviest / 1e6:.0f} MB are allowed. "
            "Save it as a JPEG of quality 90 and upload that.",
            code="too_heavy",
        )


def _open(data: bytes) -> Image.Image:
    # Naming the plug-ins keeps Pillow from importing all forty of them for the sake of two.
    from PIL import AvifImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401 - they register themselves

    return Image.open(io.BytesIO(data), formats=FORMATS)


def _refuse_by_header(image: Image.Image, *, size: int, limits: Limits) -> None:
    """Hold the limits against what the file says of itself, before a pixel is decoded."""
    width, height = image.size
    if width * height > limits.most_pixels or max(width, height) > limits.longest_side:
        raise _too_many_pixels(limits, found=f"{width} × {height} pixels")
    if image.format not in {"MPO", "TIFF"} and getattr(image, "is_animated", False):
        raise RejectedPhoto(
            "The file is an animation. Upload one still picture of the product.", code="animated"
        )
    if min(width, height) < limits.shortest_side:
        raise RejectedPhoto(
            f"The picture has {width} × {height} pixels and at least {limits.shortest_side} on each side are "
            "needed, better 1,600. Upload the camera's original instead of a preview.",
            code="too_small",
        )
    needed = _RUNTIME_BYTES + size + width * height * _BYTES_PER_PIXEL
    if needed > limits.memory:
        raise RejectedPhoto(
            f"The picture has {width * height / 1e6:.0f} million pixels, more than there is memory for here. "
            f"Make its longest side at most {limits.working_side * 2} pixels and upload it again.",
            code="too_large_for_memory",
        )


def _develop(image: Image.Image, *, limits: Limits, tell: Tell) -> DecodedPhoto:
    """Decode, shrink, bring to sRGB and turn upright, in the order that touches the fewest pixels."""
    name, size = str(image.format), image.size
    if name in {"JPEG", "MPO"}:
        # libjpeg skips the frequencies that the smaller picture cannot hold.
        image.draft(None, _fitted(size, limits.working_side))
    image.load()
    orientation = _orientation(image, tell=tell)
    profile = image.info.get("icc_profile")
    image = _to_plain_mode(image)
    if max(image.size) > limits.working_side:
        image = image.resize(_fitted(image.size, limits.working_side), Image.Resampling.HAMMING)
    alpha = image.getchannel("A") if "A" in image.getbands() and image.mode != "LAB" else None
    colours = _turn(_to_srgb(image, profile=profile, tell=tell), orientation)
    width, height = size if orientation < 5 else size[::-1]
    return DecodedPhoto(
        pixels=np.array(colours),
        alpha=None if alpha is None else _seen_through(np.array(_turn(alpha, orientation))),
        width=width,
        height=height,
        format=name,
    )


def _fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    scale = min(1, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _orientation(image: Image.Image, *, tell: Tell) -> int:
    """Return the EXIF orientation, 1 (upright) to 8; what cannot be read is taken for upright."""
    try:
        value = image.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001 - EXIF parsers raise anything, and a photo without EXIF is a photo
        tell("The photo's EXIF data is damaged; it is taken to be upright.")
        return 1
    return value if value in _TURNS else 1


_TURNS: dict[int, Image.Transpose | None] = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _turn(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS[orientation]
    return image if turn is None else image.transpose(turn)


def _to_plain_mode(image: Image.Image) -> Image.Image:
    """Return the image as L, LA, RGB, RGBA, CMYK or LAB, 8 bits a channel."""
    if image.mode.startswith("I"):
        return _to_8_bits(image)
    if image.mode == "F":
        raise RejectedPhoto(
            f"The picture has floating-point pixels, which shops do not show. {_ASK_FOR}", code="unsupported"
        )
    if image.mode == "P" or "transparency" in image.info:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image.convert(_PLAIN_MODES.get(image.mode, image.mode))


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Return 16-bit (TIFF: also 12-bit) grey as 8 bits."""
    deep = np.asarray(image)
    bits = getattr(image, "tag_v2", {}).get(258, (16,))
    full = 2 ** max(bits if isinstance(bits, tuple) else (bits,)) - 1
    if full > 65535 or deep.min() < 0 or deep.max() > full:
        raise RejectedPhoto(
            f"The picture has 32 bits a pixel, which shops do not show. {_ASK_FOR}", code="unsupported"
        )
    return Image.fromarray(np.rint(deep * np.float32(255 / full)).astype(np.uint8))


def _to_srgb(image: Image.Image, *, profile: bytes | None, tell: Tell) -> Image.Image:
    """Return the colours as sRGB; a profile that is broken or of another kind is taken for none."""
    if profile:
        try:
            return _apply_profile(image, profile)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            tell("The photo's colour profile cannot be used; its colours are taken to be sRGB.")
    if image.mode == "LAB":
        return _transform(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    if image.mode == "CMYK":
        tell("The photo is CMYK without a profile; its colours are approximate.")
    return image.convert("RGB")


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    mode = _PROFILE_MODES.get(opened.profile.xcolor_space.strip(), "")
    if image.mode.startswith("L") and mode == "RGB":
        image = image.convert("RGB")
    # Lcms reads straight past an alpha channel; it is taken off so that the modes agree.
    colours = image.convert(mode) if image.mode in {"LA", "RGBA"} and mode in {"L", "RGB"} else image
    if colours.mode != mode:
        raise ValueError(f"a profile for {mode or 'nothing known'} on a picture in {colours.mode}")
    return _transform(colours, opened)


def _transform(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image,
        profile,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if converted is None:
        raise ValueError("the colours were not converted")
    return converted


def _seen_through(alpha: Bytes) -> Bytes | None:
    return None if alpha.min() >= _OPAQUE else alpha


@contextmanager
def _guarding_pillow(limits: Limits) -> Iterator[None]:
    """Hold Pillow's own limits to ours, and make its bomb warning an error, while a file is read."""
    allowed = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = limits.most_pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(limits, found="more pixels") from error
    finally:
        Image.MAX_IMAGE_PIXELS = allowed


@contextmanager
def _rejecting(*, code: str, reason: str) -> Iterator[None]:
    """Translate whatever a decoder raises: broken files make them raise anything at all."""
    try:
        yield
    except (RejectedPhoto, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise
    except MemoryError as error:
        raise RejectedPhoto(
            "The picture needs more memory than there is. Make it smaller and upload it again.",
            code="too_large_for_memory",
        ) from error
    except Exception as error:
        raise RejectedPhoto(reason, code=code) from error


def _too_many_pixels(limits: Limits, *, found: str) -> RejectedPhoto:
    return RejectedPhoto(
        f"The picture has {found} than we take: {limits.most_pixels / 1e6:.0f} million in all and "
        f"{limits.longest_side:,} on a side are allowed. Make its longest side 4,000 pixels.",
        code="too_many_pixels",
    )


def _starts_like_a_picture(data: bytes) -> bool:
    return data.startswith(_SIGNATURES) or data[4:12] in {b"ftypavif", b"ftypavis"}


def _code_of(data: bytes) -> str:
    """Return the code for a file that no decoder opens."""
    return "truncated" if not data or _starts_like_a_picture(data) else "not_an_image"


def _reason_of(data: bytes) -> str:
    """Return what to do about a file that no decoder opens."""
    if not data:
        return "The file is empty: the upload broke off. Upload it again."
    if _starts_like_a_picture(data):
        return _DAMAGED
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return f"This is a HEIC photo, as iPhones keep them, and we cannot read those. {_ASK_FOR}"
    start = data[:256].lstrip().lower()
    kind = next((kind for mark, kind in _OTHER_KINDS if start.startswith(mark)), "no picture that we know")
    return f"This is {kind}. {_ASK_FOR}"
