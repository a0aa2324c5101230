"""What shoppers want now."""

from typing import Literal

from pydantic import AwareDatetime, Field

from packshot.events.base import Category, Event, Hex, Share
from packshot.events.scenes import Palette


class TrendItem(Event):
    """One thing that shoppers want now: a word of the closed vocabulary, its kind and its weight."""

    id: str
    kind: Literal["colour", "style", "material", "pattern", "lighting", "mood", "season", "occasion"]
    weight: Share
    direction: Literal["rising", "steady", "fading"] = "steady"
    colour: Hex | None = None
    categories: tuple[Category, ...] = Field(default=(), description="empty: all")


class TrendReport(Event):
    """What shoppers want now. `source` is `default` for the report that ships."""

    version: str
    made_at: AwareDatetime
    source: str
    palettes: tuple[Palette, ...]
    items: tuple[TrendItem, ...]
