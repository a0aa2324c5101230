"""What figures do not say: the worst mattes beside the photo and the truth, and confidence against IoU."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from packshot.imaging.arrays import Bytes
from tests.benchmarks.scores import BAD, Graded, Matte

_TILE = 320
_MARGIN = 8
_CAPTION = 22
_PAPER = (255, 255, 255)
_INK = (40, 40, 40)
_MISSING = (220, 40, 40)
_EXTRA = (40, 90, 220)
_PLOT = 480
_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """One photo with its true matte and those of the engines, (H, W) each, and what to write above."""

    caption: str
    photo: Path
    truth: Matte
    mattes: tuple[Matte, ...]


def draw_sheet(rows: Sequence[Row]) -> Image.Image:
    """Return photo, truth, and per engine its cutout and its errors: red is missing, blue is too much."""
    strips = [_strip(row) for row in rows]
    width = max(strip.width for strip in strips)
    sheet = Image.new("RGB", (width, sum(strip.height for strip in strips)), _PAPER)
    top = 0
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height
    return sheet


def draw_reliability(graded: Sequence[Graded]) -> Image.Image:
    """Return a plot of every image, confidence to the right and IoU upwards, both from one half to one."""
    side = _PLOT + 2 * _MARGIN
    plot = Image.new("RGB", (side, side), _PAPER)
    pen = ImageDraw.Draw(plot)
    for step in range(6):
        share = _FROM + step * (1 - _FROM) / 5
        place = _place(share)
        pen.line([(place, _MARGIN), (place, _MARGIN + _PLOT)], fill=(225, 225, 225))
        pen.line([(_MARGIN, side - place), (_MARGIN + _PLOT, side - place)], fill=(225, 225, 225))
        pen.text((place + 2, side - 20), f"{share:.1f}", fill=_INK)
        pen.text((_MARGIN + 2, side - place + 2), f"{share:.1f}", fill=_INK)
    pen.line([(_MARGIN, _MARGIN + _PLOT), (_MARGIN + _PLOT, _MARGIN)], fill=(160, 160, 160))
    for each in graded:
        x, y = _place(each.confidence), side - _place(each.iou)
        ink = _MISSING if each.iou < BAD else _INK
        pen.ellipse([x - 3, y - 3, x + 3, y + 3], fill=ink if each.approved else None, outline=ink)
    return plot


def _place(share: float) -> float:
    return _MARGIN + _PLOT * (min(max(share, _FROM), 1) - _FROM) / (1 - _FROM)


def _strip(row: Row) -> Image.Image:
    with Image.open(row.photo) as file:
        photo = ImageOps.exif_transpose(file).convert("RGB")
    photo.thumbnail((_TILE, _TILE))
    pixels = np.asarray(photo, dtype=np.uint8)
    truth = _fit(row.truth, pixels)
    tiles = [pixels, _on_green(pixels, truth)]
    for matte in row.mattes:
        small = _fit(matte, pixels)
        tiles += [_on_green(pixels, small), _errors(small, truth)]
    strip = Image.new(
        "RGB", (len(tiles) * (_TILE + _MARGIN) + _MARGIN, photo.height + _CAPTION + _MARGIN), _PAPER
    )
    ImageDraw.Draw(strip).text((_MARGIN, 4), row.caption, fill=_INK, font=ImageFont.load_default(14))
    for number, tile in enumerate(tiles):
        strip.paste(Image.fromarray(tile), (_MARGIN + number * (_TILE + _MARGIN), _CAPTION))
    return strip


def _fit(matte: Matte, pixels: Bytes) -> Matte:
    size = pixels.shape[1], pixels.shape[0]
    return np.asarray(cv2.resize(matte, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _on_green(pixels: Bytes, matte: Matte) -> Bytes:
    """Return the cutout over a green that no product has, so that what shines through is seen."""
    paper = np.array((90, 200, 110), dtype=np.float32)
    mixed = pixels * matte[..., None] + paper * (1 - matte[..., None])
    return mixed.astype(np.uint8)


def _errors(matte: Matte, truth: Matte) -> Bytes:
    """Return grey where both agree, red where product is missing, blue where backdrop was taken."""
    base = np.repeat((200 - 80 * truth)[..., None], 3, axis=-1)
    missing = np.clip(truth - matte, 0, 1)[..., None]
    extra = np.clip(matte - truth, 0, 1)[..., None]
    shown = base * (1 - missing - extra) + missing * np.array(_MISSING) + extra * np.array(_EXTRA)
    return np.asarray(shown, dtype=np.uint8)
