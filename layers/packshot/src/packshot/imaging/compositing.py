"""Lay a product over a plate in linear light, with its shadows, and with its own pixels untouched.

The rule: wherever the scaled matte is opaque, the composite holds the bytes of the scaled photo.
"""

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np

from packshot.events import Box, Placement
from packshot.imaging.arrays import Bytes, Flags, Floats, floats
from packshot.imaging.colour import linear_from_srgb, srgb_from_linear

OPAQUE = 250
"""Of 255: from here on a pixel of the matte is product alone. What a matting network leaves below 255 inside
a product is doubt, not glass, and must not let the plate through."""

_MARGIN = 6
"""Pixels around the box that are scaled with it, so that the resampling sees past the edge."""

_WRAP = 0.1
"""Share of the light that bends around an edge pixel at half cover."""

_UNSHADED = 1 - 1 / 512
"""From here on a plate pixel keeps its bytes: the difference is less than half a step."""

Image = TypeVar("Image", Bytes, Floats)


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of pixels, from its top left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Return rows and columns, to index an array."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a photo's `box` is put into a frame of `width` and `height` pixels."""

    box: Box
    placement: Placement
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ScaledCutout:
    """A product at the size at which it is shown, in its window of the frame.

    `colours` (H, W, 3) are sRGB; where `alpha` (H, W) is 255 they are the scaled photo's own bytes.
    """

    window: Window
    colours: Bytes
    alpha: Bytes


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A product's image in the ground: sRGB (H, W, 3), and the share of light that is its own (H, W)."""

    window: Window
    colours: Bytes
    share: Floats


def scaled_photo(photo: Bytes, fit: Fit) -> Bytes:
    """Return the part of a photo (H, W[, C]) around the box as it lands in the frame.

    Every image of one photo goes through here, so pixels of one correspond to pixels of the other.
    """
    crop, target = _crop(photo.shape, fit)
    return _land(photo[crop.slices], target=target, fit=fit)


def scaled_cutout(cutout: Bytes, *, photo: Bytes, fit: Fit) -> ScaledCutout:
    """Scale a cutout (H, W, 4, straight alpha) of a photo (H, W, 3) into the frame.

    At the edge colours are averaged weighted by alpha, so that what the matte leaves out cannot leak in.
    """
    crop, target = _crop(cutout.shape, fit)
    source = cutout[crop.slices]
    # Scaled in 8 bits, as the judge scales the matte: both must agree on what is opaque.
    alpha = _land(np.ascontiguousarray(source[..., 3]), target=target, fit=fit)
    colours = _land(photo[crop.slices], target=target, fit=fit)
    opaque = alpha >= OPAQUE
    edge = (alpha > 0) & ~opaque
    colours[edge] = _weighted(source, alpha, where=edge, target=target, fit=fit)
    return ScaledCutout(
        window=_visible(target, fit),
        colours=colours,
        alpha=np.where(opaque, np.uint8(255), alpha),
    )


def compose(
    plate: Bytes, product: ScaledCutout, *, shade: Floats, mirrored: Mirrored | None, seed: int
) -> Bytes:
    """Return the product over the shaded plate, sRGB (H, W, 3).

    `shade` (H, W) is what is left of the plate's light. Where it is 1 and neither the product nor its mirror
    image is, the plate's own bytes stay; where the product is opaque, its own. Only the rest is computed,
    in linear light.
    """
    frame = plate.copy()
    if mirrored is not None:
        _reflect(frame, mirrored)
    alpha = np.zeros(plate.shape[:2], dtype=np.uint8)
    alpha[product.window.slices] = product.alpha
    _darken(frame, shade=shade, where=(shade < _UNSHADED) & (alpha < 255), seed=seed)
    part = frame[product.window.slices]
    opaque = product.alpha == 255
    np.copyto(part, product.colours, where=opaque[..., None])
    edge = (product.alpha > 0) & ~opaque
    part[edge] = _over(product.colours[edge], product.alpha[edge], plate=part[edge])
    return frame


def _over(colours: Bytes, alpha: Bytes, *, plate: Bytes) -> Bytes:
    """Return colours over plate, (N, 3): Porter and Duff's *over* in linear light, a little wrapped."""
    cover = (alpha.astype(np.float32) / 255)[:, None]
    cover -= _WRAP * cover * (1 - cover)
    linear = cover * linear_from_srgb(colours) + (1 - cover) * linear_from_srgb(plate)
    return np.rint(srgb_from_linear(floats(linear)) * 255).astype(np.uint8)


def _reflect(frame: Bytes, mirrored: Mirrored) -> None:
    part = frame[mirrored.window.slices]
    seen = mirrored.share > 1 / 512
    share = mirrored.share[seen][:, None]
    linear = (1 - share) * linear_from_srgb(part[seen]) + share * linear_from_srgb(mirrored.colours[seen])
    part[seen] = np.rint(srgb_from_linear(floats(linear)) * 255).astype(np.uint8)


def _darken(frame: Bytes, *, shade: Floats, where: Flags, seed: int) -> None:
    """Multiply the light of some pixels, in place, with noise of one step so that no shadow bands."""
    places = np.flatnonzero(where)
    pixels = frame.reshape(-1, 3)
    linear = linear_from_srgb(pixels[places]) * shade.reshape(-1)[places][:, None]
    random = np.random.default_rng(seed)
    noise = random.random(len(places), dtype=np.float32) + random.random(len(places), dtype=np.float32) - 1
    steps = srgb_from_linear(linear) * 255 + 0.5 * noise[:, None]
    pixels[places] = np.clip(np.rint(steps), 0, 255).astype(np.uint8)


# --- where the photo lands --------------------------------------------------------------------------


def _land(source: Image, *, target: Window, fit: Fit) -> Image:
    """Resize to the target, and keep what the frame shows of it."""
    smaller = target.width <= source.shape[1] and target.height <= source.shape[0]
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    resized = cv2.resize(source, (target.width, target.height), interpolation=method)
    seen = _visible(target, fit)
    rows = slice(seen.y - target.y, seen.y - target.y + seen.height)
    columns = slice(seen.x - target.x, seen.x - target.x + seen.width)
    return np.ascontiguousarray(resized[rows, columns])


def _weighted(source: Bytes, alpha: Bytes, *, where: Flags, target: Window, fit: Fit) -> Bytes:
    """Return the cutout's scaled colours (N, 3), averaged by alpha."""
    weight = cv2.merge([source[..., 3]] * 3)
    premultiplied = cv2.multiply(source[..., :3], weight, scale=1 / 255, dtype=cv2.CV_32F)
    scaled = _land(premultiplied.astype(np.float32, copy=False), target=target, fit=fit)[where]
    straight = scaled * (255 / alpha[where].astype(np.float32)[:, None])
    return np.clip(np.rint(straight), 0, 255).astype(np.uint8)


def _crop(shape: tuple[int, ...], fit: Fit) -> tuple[Window, Window]:
    """Return the photo's part around the box, and where it lands in the frame (it may reach beyond)."""
    box, put, scale = fit.box, fit.placement.box, fit.placement.scale
    margin = max(_MARGIN, round(_MARGIN / scale))
    left, top = max(0, box.x - margin), max(0, box.y - margin)
    right = min(shape[1], box.x + box.width + margin)
    bottom = min(shape[0], box.y + box.height + margin)
    # Each side is counted from the box's own edge, so that an edge that the photo cut ends on the frame's.
    x0, y0 = put.x - round((box.x - left) * scale), put.y - round((box.y - top) * scale)
    x1 = put.x + put.width + round((right - box.x - box.width) * scale)
    y1 = put.y + put.height + round((bottom - box.y - box.height) * scale)
    return Window(left, top, right - left, bottom - top), Window(x0, y0, max(1, x1 - x0), max(1, y1 - y0))


def _visible(target: Window, fit: Fit) -> Window:
    x, y = max(target.x, 0), max(target.y, 0)
    right, bottom = min(target.x + target.width, fit.width), min(target.y + target.height, fit.height)
    return Window(x, y, max(right - x, 0), max(bottom - y, 0))
