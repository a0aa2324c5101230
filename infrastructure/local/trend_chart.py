"""A chart of how much shoppers wanted what, as SVG: one line for each of the strongest items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from packshot.events import Category, TrendItem, TrendReport

WIDTH, HEIGHT = 960, 480
LEFT, RIGHT, TOP, BOTTOM = 48, 190, 40, 44
LINES = 8
"""Items of now that are drawn."""
GONE = 3
"""Items that were wanted most of those that are wanted no more, drawn too."""
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
_PAST = "#9a948a"
_TYPE = 'font-family="system-ui, sans-serif" font-size="12" fill="#333"'
_PALE = 165
_BLACKENED = 0.66


@dataclass(frozen=True, slots=True)
class _Point:
    """A weight and its interval at a moment."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Line:
    """How one item went, in pixels: `runs` are reports on end that had it."""

    item: TrendItem
    ink: str
    runs: tuple[tuple[_Point, ...], ...]

    @property
    def end(self) -> "_Point":
        """Return where it is now."""
        return self.runs[-1][-1]


def draw(history: Sequence[TrendReport], *, category: Category | None) -> str:
    """Return an SVG of the newest report's strongest items through all reports, oldest first."""
    shown = _strongest(_items(history[-1], category), most=LINES)
    gone = _strongest(_gone(history, category), most=GONE)
    lines = [_line(item, history, category, hue=_HUES[at]) for at, item in enumerate(shown)]
    past = [_line(item, history, category, hue=_PAST) for item in gone]
    title = f"What shoppers want{f' of {category}' if category else ''}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" {_TYPE}>',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fdfcfa"/>',
        f'<text x="{LEFT}" y="22" font-size="15" font-weight="600">{escape(title)}</text>',
        *_grid(history),
        *(_band(line) for line in lines),
        *(_stroke(line) for line in (*past, *lines)),
        *_names(lines),
        *_names_of_past(past),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _items(report: TrendReport, category: Category | None) -> Sequence[TrendItem]:
    own = report.by_category.get(category) if category else None
    return own.items if own else report.items


def _strongest(items: Iterable[TrendItem], *, most: int) -> list[TrendItem]:
    return sorted(items, key=lambda item: -item.weight)[:most]


def _gone(history: Sequence[TrendReport], category: Category | None) -> list[TrendItem]:
    """Return what was wanted once and is in no report of now, each as it was when it was wanted most."""
    present = {item.id for item in _items(history[-1], category)}
    best: dict[str, TrendItem] = {}
    for item in (each for report in history for each in _items(report, category)):
        if item.id not in present and item.weight > (best[item.id].weight if item.id in best else 0):
            best[item.id] = item
    return list(best.values())


def _line(item: TrendItem, history: Sequence[TrendReport], category: Category | None, *, hue: str) -> _Line:
    runs: list[list[_Point]] = [[]]
    for report in history:
        found = next((each for each in _items(report, category) if each.id == item.id), None)
        if found:
            x = _x(report.made_at, history)
            runs[-1].append(_Point(x, _y(found.weight), _y(found.low), _y(found.high)))
        elif runs[-1]:
            runs.append([])
    return _Line(item, _ink(item.colour) if item.colour else hue, tuple(tuple(run) for run in runs if run))


def _x(moment: datetime, history: Sequence[TrendReport]) -> float:
    whole = (history[-1].made_at - history[0].made_at).total_seconds()
    share = (moment - history[0].made_at).total_seconds() / whole if whole else 1.0
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(weight: float) -> float:
    return TOP + (1 - weight) * (HEIGHT - TOP - BOTTOM)


def _ink(colour: str) -> str:
    """Return a colour that can be seen on paper: a pale one is darkened."""
    channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    red, green, blue = channels
    if 0.299 * red + 0.587 * green + 0.114 * blue < _PALE:
        return colour
    return "#" + "".join(f"{int(channel * _BLACKENED):02x}" for channel in channels)


def _grid(history: Sequence[TrendReport]) -> list[str]:
    right = WIDTH - RIGHT
    lines = []
    for tenths in range(0, 11, 2):
        y = _y(tenths / 10)
        lines.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#e4dfd6"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tenths / 10:.1f}</text>')
    return lines + [_tick(moment, history) for moment in _moments(history)]


def _moments(history: Sequence[TrendReport]) -> list[datetime]:
    """Return where the axis is marked: the months' first days, or both ends of a shorter time."""
    first, last = history[0].made_at, history[-1].made_at
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)
    starts = [datetime(month // 12, month % 12 + 1, 1, tzinfo=first.tzinfo) for month in months]
    return starts if len(starts) > 1 else sorted({first, last})


def _tick(moment: datetime, history: Sequence[TrendReport]) -> str:
    x, is_start = _x(moment, history), (moment.day, moment.hour, moment.minute) == (1, 0, 0)
    words = f"{moment:%b %Y}" if is_start else f"{moment:%Y-%m-%d %H:%M}"
    anchor = "middle" if is_start else ("start" if moment < history[-1].made_at else "end")
    mark = f'<path d="M{x:.1f} {HEIGHT - BOTTOM}v5" stroke="#b9b2a6"/>'
    return f'{mark}<text x="{x:.1f}" y="{HEIGHT - 18}" text-anchor="{anchor}">{words}</text>'


def _band(line: _Line) -> str:
    return "".join(
        f'<polygon points="{_pairs([(p.x, p.high) for p in run] + [(p.x, p.low) for p in reversed(run)])}" '
        f'fill="{line.ink}" opacity=".07"/>'
        for run in line.runs
    )


def _stroke(line: _Line) -> str:
    drawn = "".join(
        f'<polyline points="{_pairs([(p.x, p.y) for p in run])}" fill="none" stroke="{line.ink}" '
        'stroke-width="2"/>'
        for run in line.runs
    )
    return f'{drawn}<circle cx="{line.end.x:.1f}" cy="{line.end.y:.1f}" r="3" fill="{line.ink}"/>'


def _pairs(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _names_of_past(lines: Sequence[_Line]) -> list[str]:
    """Return the names at the ends of lines that have ended, apart where two would meet."""
    names, lowest = [], float("-inf")
    for line in sorted(lines, key=lambda line: line.end.y):
        y = max(line.end.y + 4, lowest + _APART)
        lowest = y
        place = f'x="{line.end.x + 7:.1f}" y="{y:.1f}"'
        names.append(f'<text {place} fill="{line.ink}">{escape(line.item.id)}</text>')
    return names


def _names(lines: Sequence[_Line]) -> list[str]:
    """Return the names beside the ends of their lines, moved apart where they would meet."""
    names, lowest = [], float("-inf")
    for line in sorted(lines, key=lambda line: line.end.y):
        y = max(line.end.y + 4, lowest + _APART)
        lowest = y
        sign = {"rising": "↗", "steady": "→", "fading": "↘"}[line.item.direction]
        text = f"{line.item.id} {sign} {line.item.weight:.2f}"
        names.append(f'<text x="{WIDTH - RIGHT + 12}" y="{y:.1f}" fill="{line.ink}">{escape(text)}</text>')
    return names
