"""Truth, ours and their difference side by side, a case a row."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from packshot.imaging.arrays import Bytes

GAIN = 10
"""How much more than it is a difference is shown."""

_CAPTION = 26
_PAPER, _INK = (255, 255, 255), (40, 40, 40)


@dataclass(frozen=True, slots=True)
class Strip:
    """A case's truth and our composite, sRGB (H, W, 3)."""

    caption: str
    truth: Bytes
    ours: Bytes


def draw(strips: Sequence[Strip]) -> Image.Image:
    """Return the sheet; in a difference grey is none, brighter is too bright."""
    rows = [_row(strip) for strip in strips]
    sheet = Image.new("RGB", (max(row.width for row in rows), sum(row.height for row in rows)), _PAPER)
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet


def _row(strip: Strip) -> Image.Image:
    apart = 128 + GAIN * (strip.ours.astype(np.float32) - strip.truth)
    tiles = np.hstack((strip.truth, strip.ours, np.clip(apart, 0, 255).astype(np.uint8)))
    row = Image.new("RGB", (tiles.shape[1], tiles.shape[0] + _CAPTION), _PAPER)
    row.paste(Image.fromarray(tiles), (0, _CAPTION))
    ImageDraw.Draw(row).text((6, 4), strip.caption, fill=_INK, font=ImageFont.load_default(16))
    return row
