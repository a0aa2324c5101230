"""The contact sheet: one page of what went in, what came out, and how good it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Literal
from urllib.parse import quote

TEMPLATES = Path(__file__).parents[1] / "web" / "contact_sheet"
LABELS_TURN_AT = 0.72
"""Where on the timeline a label no longer fits behind its bar."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One score under a frame; `passed` is None where nothing is judged."""

    name: str
    value: str
    passed: bool | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture; `image` and `full` are paths relative to the sheet."""

    caption: str
    kind: Literal["before", "matte", "cutout", "result"]
    image: str
    full: str
    note: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One step on the timeline; start and width are shares of the whole."""

    label: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Note:
    """Why a scene looks as it does; swatches are `#rrggbb`."""

    heading: str
    swatches: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One photo on the sheet. `reason` tells a person what to do when it was not simply published."""

    title: str
    subtitle: str
    status: str
    reason: str = ""
    frames: tuple[Frame, ...] = ()
    figures: tuple[Mark, ...] = ()
    bars: tuple[Bar, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page."""

    made_at: datetime
    summary: tuple[Mark, ...]
    entries: tuple[Entry, ...]


def render(sheet: Sheet) -> str:
    """Return the page as HTML that needs nothing but the images it names."""
    return _template("sheet.html").substitute(
        css=(TEMPLATES / "sheet.css").read_text(encoding="utf-8"),
        summary=_definitions(sheet.summary),
        entries="\n".join(_entry(entry, number) for number, entry in enumerate(sheet.entries, 1)),
        made_at=f"{sheet.made_at:%Y-%m-%d %H:%M} UTC",
    )


@cache
def _template(name: str) -> Template:
    return Template((TEMPLATES / name).read_text(encoding="utf-8"))


def _entry(entry: Entry, number: int) -> str:
    sources = [frame for frame in entry.frames if frame.kind != "result"]
    results = [frame for frame in entry.frames if frame.kind == "result"]
    return _template("entry.html").substitute(
        number=f"{number:02}",
        title=escape(entry.title),
        subtitle=escape(entry.subtitle),
        status=escape(entry.status.replace("_", " ")),
        status_class=escape(entry.status.replace("_", "-")),
        reason=f'<p class="reason">{escape(entry.reason)}</p>' if entry.reason else "",
        sources=_frames(sources, entry.title),
        results=_frames(results, entry.title),
        count=max(len(results), 1),
        figures=_definitions(entry.figures),
        timeline=_timeline(entry.bars),
        notes=_notes(entry.notes),
    )


def _frames(frames: Sequence[Frame], title: str) -> str:
    return "\n".join(
        _template("frame.html").substitute(
            kind=frame.kind,
            image=quote(frame.image),
            full=quote(frame.full),
            alt=escape(f"{title}: {frame.caption}"),
            caption=escape(frame.caption),
            note=escape(frame.note),
            marks=_marks(frame.marks),
        )
        for frame in frames
    )


def _marks(marks: Iterable[Mark]) -> str:
    items = "".join(
        f'<li class="{_verdict(mark)}">{escape(mark.name)} <b>{escape(mark.value)}</b></li>' for mark in marks
    )
    return f'<ul class="marks">{items}</ul>' if items else ""


def _verdict(mark: Mark) -> str:
    return {True: "passed", False: "missed", None: ""}[mark.passed]


def _definitions(marks: Iterable[Mark]) -> str:
    return "".join(f"<div><dt>{escape(mark.name)}</dt><dd>{escape(mark.value)}</dd></div>" for mark in marks)


def _timeline(bars: Sequence[Bar]) -> str:
    rows = "".join(_bar(bar) for bar in bars)
    return f'<section class="timeline" aria-label="Timeline">{rows}</section>' if rows else ""


def _bar(bar: Bar) -> str:
    """Put a label behind its bar, or before it where it would leave the page."""
    end = bar.start + bar.width
    late = end > LABELS_TURN_AT
    place = f'class="late" style="left:{bar.start:.2%}"' if late else f'style="left:{end:.2%}"'
    return (
        f'<div><i style="left:{bar.start:.2%};width:{bar.width:.2%}"></i>'
        f"<span {place}>{escape(bar.label)}</span></div>"
    )


def _notes(notes: Sequence[Note]) -> str:
    text = "".join(
        f"<p>{_swatches(note.swatches)}<strong>{escape(note.heading)}</strong> "
        f"{escape(' '.join(note.sentences))}</p>"
        for note in notes
    )
    return f"<details><summary>Why these scenes</summary>{text}</details>" if text else ""


def _swatches(colours: Sequence[str]) -> str:
    chips = "".join(f'<i style="background:{escape(colour)}"></i>' for colour in colours)
    return f'<span class="swatches">{chips}</span>' if chips else ""
