"""Where a product goes in the frame: its size, its foot on the ground, the edges that the photo had cut."""

from dataclasses import dataclass
from typing import Literal

from packshot.events import Box, Edge, Matte, Placement

LARGEST_SCALE = 3.0
"""Frame pixels for each photo pixel; beyond it a product looks soft, so it stays smaller than asked for."""

MARGIN = 0.04
"""Share of the frame that stays free around a product that no edge cuts."""

_ROOM_ABOVE = 0.42
"""Share of the free height that is above a hanging product."""

_FOOTHOLD = 0.8
"""Share of a ground's width that a product takes at most: most are round, and nothing stands on the rim."""

Anchor = Literal["stand", "hang", "lie"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The picture to fill. `floor` is the share of the height where products stand, None without a ground.

    `ground` is how wide the place is on which they stand, in frame widths, None if it is as wide as need be.
    """

    width: int
    height: int
    floor: float | None = None
    ground: float | None = None


def place(matte: Matte, *, anchor: Anchor, fill: float, frame: Frame) -> Placement:
    """Place the matte's box so that its longest side takes `fill` of the frame's side that it runs along.

    An edge of the photo that cut the product becomes the same edge of the frame, so no straight cut shows;
    a product cut on opposite edges spans the frame.
    """
    box, cut = matte.box, matte.cut_edges
    scale = _scale(box, cut=cut, anchor=anchor, fill=fill, frame=frame)
    width, height = max(1, round(box.width * scale)), max(1, round(box.height * scale))
    x = _snap(
        (frame.width - width) // 2,
        near=-round(box.x * scale) if "left" in cut else None,
        far=frame.width - round((matte.image.width - box.x) * scale) if "right" in cut else None,
    )
    y = _snap(
        _top(height, anchor=anchor, frame=frame),
        near=-round(box.y * scale) if "top" in cut else None,
        far=frame.height - round((matte.image.height - box.y) * scale) if "bottom" in cut else None,
    )
    return Placement(box=Box(x=x, y=y, width=width, height=height), scale=scale)


def _scale(box: Box, *, cut: tuple[Edge, ...], anchor: Anchor, fill: float, frame: Frame) -> float:
    width, height = max(box.width, 1), max(box.height, 1)
    if spans := _spans(width, height, cut=cut, frame=frame):
        return max(spans)
    room = frame.height * (1 - 2 * MARGIN)
    across = float(frame.width)
    if anchor == "stand" and frame.floor is not None and "bottom" not in cut:
        room = frame.height * (frame.floor - MARGIN)
        if frame.ground is not None:
            across = min(across, _FOOTHOLD * frame.ground * max(frame.width, frame.height))
    return min(
        fill * frame.width / width,
        fill * frame.height / height,
        room / height,
        across / width,
        LARGEST_SCALE,
    )


def _spans(width: int, height: int, *, cut: tuple[Edge, ...], frame: Frame) -> list[float]:
    """Return the scales at which a product that is cut on opposite edges reaches both."""
    across = [frame.width / width] if {"left", "right"} <= set(cut) else []
    return across + ([frame.height / height] if {"top", "bottom"} <= set(cut) else [])


def _top(height: int, *, anchor: Anchor, frame: Frame) -> int:
    free = frame.height - height
    if anchor == "stand" and frame.floor is not None:
        return round(frame.floor * frame.height) - height
    if anchor == "hang":
        return round(free * _ROOM_ABOVE)
    return free // 2


def _snap(free: int, *, near: int | None, far: int | None) -> int:
    if near is not None:
        return near
    return free if far is None else far
