"""Lay a product over a plate in linear light, with its shadows, and with its own pixels untouched.

The rule: wherever the scaled matte is opaque, the composite holds the bytes of the scaled photo.
"""

from dataclasses import dataclass
from typing import Self, TypeVar

import cv2
import numpy as np

from packshot.events import Box, Placement
from packshot.imaging.arrays import Bytes, Flags, Floats, floats
from packshot.imaging.colour import linear_from_srgb, srgb8_from_linear
from packshot.imaging.studio.film import printed

OPAQUE = 250
"""Of 255: from here on a pixel of the matte is product alone. What a matting network leaves below 255 inside
a product is doubt, not glass, and must not let the plate through."""

_MARGIN = 6
"""Pixels around the box that are scaled with it, so that the resampling sees past the edge."""

_WRAP = 0.1
"""Share of the light that bends around an edge pixel at half cover."""

_UNCHANGED = 1 / 512
"""Change of light up to which a plate pixel keeps its bytes: less than half a step."""

_UNSEEN = 1 / 512

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
    """A product's image in the ground: linear light (H, W, 3), and the share of it that is seen (H, W)."""

    window: Window
    light: Floats
    share: Floats


@dataclass(frozen=True, slots=True)
class Shade:
    """What is left of a plate's light in a window, by channel (H, W, 3) from 0; elsewhere all is.

    Above 1 where a product sends light to the ground.
    """

    window: Window
    left: Floats

    @classmethod
    def enlarged(cls, coarse: Floats, *, shape: tuple[int, ...]) -> Self | None:
        """Return a coarse shade (h, w, 3) of the whole frame at its size, None if all light is left."""
        changed = np.abs(coarse - 1).max(axis=2) > _UNCHANGED
        if not changed.any():
            return None
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        height, width = coarse.shape[:2]
        top, bottom = max(rows[0] - 3, 0), min(rows[-1] + 4, height)
        left, right = max(columns[0] - 3, 0), min(columns[-1] + 4, width)
        y, x = round(top * shape[0] / height), round(left * shape[1] / width)
        window = Window(
            min(x, shape[1] - 1),
            min(y, shape[0] - 1),
            max(round(right * shape[1] / width) - x, 1),
            max(round(bottom * shape[0] / height) - y, 1),
        )
        part = np.ascontiguousarray(coarse[top:bottom, left:right])
        size = (window.width, window.height)
        most = max(float(part.max()), 1.0)
        return cls(window, floats(np.clip(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC), 0, most)))


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
    plate: Bytes, product: ScaledCutout, *, shade: Shade | None, mirrored: Mirrored | None, seed: int
) -> Bytes:
    """Return the product over the shaded plate, sRGB (H, W, 3).

    Where all light is left and neither the product nor its mirror image is, the plate's own bytes stay; where
    the product is opaque, its own. Only the rest is computed, in linear light.
    """
    frame = plate.copy()
    if mirrored is not None:
        _reflect(frame, mirrored)
    if shade is not None:
        _relight(frame[shade.window.slices], left=shade.left, seed=seed)
    part = frame[product.window.slices]
    opaque = product.alpha == 255
    cv2.copyTo(product.colours, opaque.view(np.uint8), part)
    edge = (product.alpha > 0) & ~opaque
    part[edge] = _over(product.colours[edge], product.alpha[edge], plate=part[edge])
    return frame


def _over(colours: Bytes, alpha: Bytes, *, plate: Bytes) -> Bytes:
    """Return colours over plate, (N, 3): Porter and Duff's *over* in linear light, a little wrapped."""
    cover = (alpha.astype(np.float32) / 255)[:, None]
    cover -= _WRAP * cover * (1 - cover)
    linear = cover * linear_from_srgb(colours) + (1 - cover) * linear_from_srgb(plate)
    return srgb8_from_linear(floats(linear))


def _reflect(frame: Bytes, mirrored: Mirrored) -> None:
    part = frame[mirrored.window.slices]
    seen = mirrored.share > _UNSEEN
    share = mirrored.share[seen][:, None]
    linear = (1 - share) * linear_from_srgb(part[seen]) + share * mirrored.light[seen]
    part[seen] = srgb8_from_linear(floats(linear))


def _relight(part: Bytes, *, left: Floats, seed: int) -> None:
    """Multiply the light of pixels (H, W, 3), in place, with noise of one step so that no shadow bands."""
    light = cv2.multiply(_light(part), left)
    relit = printed(floats(light), seed=seed)
    red, green, blue = cv2.split(left)
    least, most = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    changed = (np.asarray(least) < 1 - _UNCHANGED) | (np.asarray(most) > 1 + _UNCHANGED)
    cv2.copyTo(relit, changed.view(np.uint8), part)


def _light(pixels: Bytes) -> Floats:
    """Return linear light of sRGB (H, W, 3); OpenCV looks tables up faster than numpy."""
    table = linear_from_srgb(np.arange(256, dtype=np.uint8))
    return floats(cv2.LUT(np.ascontiguousarray(pixels), table))


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
