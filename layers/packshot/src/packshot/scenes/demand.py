"""What shoppers want of one kind of product: the trend report's items that concern it."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from packshot.events import Category, Palette, TrendItem, TrendReport
from packshot.scenes.harmony import difference, lab

Demand: TypeAlias = Mapping[str, TrendItem]
"""The items that concern one kind of product, by id."""

_WEIGHT_OF_DIRECTION = {"rising": 1.15, "steady": 1.0, "fading": 0.7}
_KIN = 18.0
"""ΔE2000 up to which a palette's colour is taken for a trend's colour."""


def demand_for(kind: Category, *, items: Iterable[TrendItem]) -> Demand:
    """Return the items that concern this kind of product."""
    return {item.id: item for item in items if not item.categories or kind in item.categories}


def items_for(kind: Category, *, report: TrendReport) -> Demand:
    """Return what shoppers want of this kind of product: its own items, or those of all where it has none."""
    own = report.by_category.get(kind)
    return demand_for(kind, items=own.items if own else report.items)


def palettes_for(kind: Category, *, report: TrendReport) -> tuple[Palette, ...]:
    """Return the season's palettes for this kind of product, then those for all."""
    own = report.by_category.get(kind)
    first = own.palettes if own else ()
    names = {palette.name for palette in first}
    return (*first, *(palette for palette in report.palettes if palette.name not in names))


def mood_in(demand: Demand) -> str:
    """Return the strongest mood, empty if nobody wants any."""
    moods = (item for item in demand.values() if item.kind == "mood")
    strongest = max(moods, key=pull, default=None)
    return strongest.id if strongest else ""


def pull(item: TrendItem) -> float:
    """Return how much an item counts: its weight, more while it rises and less while it fades."""
    return item.weight * _WEIGHT_OF_DIRECTION[item.direction]


def asked(words: Iterable[str], *, demand: Demand) -> tuple[TrendItem, ...]:
    """Return the items among these words, strongest first."""
    return tuple(sorted((demand[word] for word in words if word in demand), key=pull, reverse=True))


def kin(palette: Palette, *, demand: Demand) -> tuple[TrendItem, ...]:
    """Return the trends' colours that this palette holds, strongest first."""
    own = [lab(colour) for colour in (palette.wall, palette.floor, palette.accent)]
    near = (
        item
        for item in demand.values()
        if item.colour and min(difference(lab(item.colour), colour) for colour in own) <= _KIN
    )
    return tuple(sorted(near, key=pull, reverse=True))
