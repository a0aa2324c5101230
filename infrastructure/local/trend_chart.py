"""A chart of how much shoppers wanted what, as SVG: one line for each of the strongest items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from packshot.events import Category, TrendItem, TrendReport

WIDTH, HEIGHT = 960, 480
LEFT, RIGHT, TOP, BOTTOM = 48, 190, 40, 44
LINES = 10
_APART = 15
"""Pixels between two names."""
_HUES = (
    "#3b6ea5",
    "#c8553d",
    "#588157",
    "#8a5a9e",
    "#b08900",
    "#2a9d8f",
    "#7f5539",
    "#d1495b",
    "#4a4e69",
    "#6a994e",
)
_TYPE = 'font-family="system-ui, sans-serif" font-size="12" fill="#333"'
_PALE = 200
_BLACKENED = 0.72


@dataclass(frozen=True, slots=True)
class _Line:
    """How one item went; `points` are pixels, `band` its interval."""

    item: TrendItem
    ink: str
    points: tuple[tuple[float, float], ...]
    band: tuple[tuple[float, float], ...]


def draw(history: Sequence[TrendReport], *, category: Category | None) -> str:
    """Return an SVG of the newest report's strongest items through all reports, oldest first."""
    shown = sorted(_items(history[-1], category), key=lambda item: -item.weight)[:LINES]
    lines = [_line(item, history, category, hue=_HUES[at]) for at, item in enumerate(shown)]
    title = f"What shoppers want{f' of {category}' if category else ''}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" {_TYPE}>',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fdfcfa"/>',
        f'<text x="{LEFT}" y="22" font-size="15" font-weight="600">{escape(title)}</text>',
        *_grid(history),
        *(_band(line) for line in lines),
        *(_stroke(line) for line in lines),
        *_names(lines),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _items(report: TrendReport, category: Category | None) -> Sequence[TrendItem]:
    own = report.by_category.get(category) if category else None
    return own.items if own else report.items


def _line(item: TrendItem, history: Sequence[TrendReport], category: Category | None, *, hue: str) -> _Line:
    points, low, high = [], [], []
    for report in history:
        found = next((each for each in _items(report, category) if each.id == item.id), None)
        x = _x(report.made_at, history)
        points.append((x, _y(found.weight if found else 0)))
        low.append((x, _y(found.low if found else 0)))
        high.append((x, _y(found.high if found else 0)))
    return _Line(item, _ink(item.colour) if item.colour else hue, tuple(points), (*high, *reversed(low)))


def _x(moment: datetime, history: Sequence[TrendReport]) -> float:
    whole = (history[-1].made_at - history[0].made_at).total_seconds()
    share = (moment - history[0].made_at).total_seconds() / whole if whole else 1.0
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(weight: float) -> float:
    return TOP + (1 - weight) * (HEIGHT - TOP - BOTTOM)


def _ink(colour: str) -> str:
    """Return a colour that can be seen on paper: a pale one is darkened."""
    channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    if min(channels) < _PALE:
        return colour
    return "#" + "".join(f"{int(channel * _BLACKENED):02x}" for channel in channels)


def _grid(history: Sequence[TrendReport]) -> list[str]:
    right = WIDTH - RIGHT
    lines = []
    for tenths in range(0, 11, 2):
        y = _y(tenths / 10)
        lines.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#e4dfd6"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tenths / 10:.1f}</text>')
    first, last = history[0].made_at, history[-1].made_at
    lines.append(f'<text x="{LEFT}" y="{HEIGHT - 18}">{first:%Y-%m-%d %H:%M}</text>')
    lines.append(f'<text x="{right}" y="{HEIGHT - 18}" text-anchor="end">{last:%Y-%m-%d %H:%M}</text>')
    return lines


def _band(line: _Line) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.band)
    return f'<polygon points="{points}" fill="{line.ink}" opacity=".07"/>'


def _stroke(line: _Line) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.points)
    x, y = line.points[-1]
    return (
        f'<polyline points="{points}" fill="none" stroke="{line.ink}" stroke-width="2"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.ink}"/>'
    )


def _names(lines: Sequence[_Line]) -> list[str]:
    """Return the names beside the ends of their lines, moved apart where they would meet."""
    names, lowest = [], float("-inf")
    for line in sorted(lines, key=lambda line: line.points[-1][1]):
        y = max(line.points[-1][1] + 4, lowest + _APART)
        lowest = y
        sign = {"rising": "↗", "steady": "→", "fading": "↘"}[line.item.direction]
        text = f"{line.item.id} {sign} {line.item.weight:.2f}"
        names.append(f'<text x="{WIDTH - RIGHT + 12}" y="{y:.1f}" fill="{line.ink}">{escape(text)}</text>')
    return names
