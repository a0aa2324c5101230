"""Palettes to paint a set with, made of the season's colours."""

import colorsys
import math
from collections.abc import Sequence

from packshot.events import Hex, NamedColour, Palette, TrendItem
from packshot.trends.vocabulary import Vocabulary, lab_of

MOST = 14
FEWEST = 8
_CALM = 0.42
"""Saturation (HSV) that a wall has at most: a set is looked at past its product."""
_LIGHT = 0.94
_KIN = 16.0
"""Distance in CIELAB within which a palette that an editor made stands for a colour."""


def named_colours(items: Sequence[TrendItem], *, vocabulary: Vocabulary) -> tuple[NamedColour, ...]:
    """Return the colours among the items under their names, strongest first."""
    return tuple(
        NamedColour(id=item.id, name=vocabulary.by_id[item.id].name, colour=item.colour, weight=item.weight)
        for item in items
        if item.kind == "colour" and item.colour and item.id in vocabulary
    )


def palettes_of(colours: Sequence[NamedColour], *, edited: Sequence[Palette]) -> tuple[Palette, ...]:
    """Return a palette for each colour, strongest first: an editor's where one is built on it, else our own.

    Of few colours no product could be sure to find one that it stands out from, so editors' palettes follow.
    """
    made: dict[str, Palette] = {}
    for colour in colours[:MOST]:
        palette = _edited(colour, edited) or _made(colour, others=colours)
        made.setdefault(palette.name, palette)
    for palette in edited[: max(FEWEST - len(made), 0)] if made else ():
        made.setdefault(palette.name, palette)
    return tuple(made.values())


def _edited(colour: NamedColour, edited: Sequence[Palette]) -> Palette | None:
    near = min(edited, key=lambda palette: _closest(colour, palette), default=None)
    return near if near and _closest(colour, near) <= _KIN else None


def _closest(colour: NamedColour, palette: Palette) -> float:
    return min(_distance(colour.colour, each) for each in (palette.wall, palette.accent))


def _made(colour: NamedColour, *, others: Sequence[NamedColour]) -> Palette:
    """Return the colour as paint: calmed for the wall, lighter for the floor, and another to set it off."""
    wall = _toned(colour.colour, calm=_CALM)
    apart = max(others, key=lambda each: (each.weight * _distance(each.colour, wall), each.id))
    accent = apart.colour if apart.id != colour.id else _toned(colour.colour, calm=1, value=0.35)
    return Palette(name=colour.name, wall=wall, floor=_lighter(wall), accent=accent)


def _toned(colour: Hex, *, calm: float, value: float = _LIGHT) -> Hex:
    hue, saturation, brightness = colorsys.rgb_to_hsv(*_shares(colour))
    return _hex(colorsys.hsv_to_rgb(hue, min(saturation, calm), min(max(brightness, 0.2), value)))


def _lighter(colour: Hex) -> Hex:
    hue, saturation, brightness = colorsys.rgb_to_hsv(*_shares(colour))
    return _hex(colorsys.hsv_to_rgb(hue, saturation * 0.7, min(brightness * 1.12 + 0.02, 0.96)))


def _shares(colour: Hex) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(shares: tuple[float, float, float]) -> Hex:
    return "#" + "".join(f"{round(share * 255):02x}" for share in shares)


def _distance(one: Hex, other: Hex) -> float:
    return math.dist(lab_of(one), lab_of(other))
