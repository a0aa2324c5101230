"""What tables say."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console, RenderableType

from infrastructure.local.follow import Journey
from infrastructure.local.reports import catalogue_table, fault_text, outcome_table, photo_report, steps_table
from infrastructure.local.shop import DroppedPhoto
from infrastructure.local.trace import StateRun, Trace
from packshot.events import ObjectRef, PhotoRecord, ProductPage, ProductSummary

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
MUG = DroppedPhoto("mug", "mug", "uploads/mug/mug.jpg", "v1")


def text(table: RenderableType) -> str:
    """Return what a wide terminal shows."""
    console = Console(width=200, color_system=None)
    with console.capture() as shown:
        console.print(table)
    return shown.get()


def run(name: str, ms: int, *scope: str) -> StateRun:
    """Return a task that took this long."""
    return StateRun(name, "Task", scope, START, 10, START + timedelta(milliseconds=ms), 10, 1)


def rejected() -> PhotoRecord:
    """Return the record of a photo that could not be used."""
    return PhotoRecord(
        sku="mug",
        name="mug",
        status="rejected",
        source=ObjectRef(bucket="uploads", key="uploads/mug/mug.jpg"),
        updated_at=START,
        reason="Save it as JPEG [and] upload that.",
    )


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (
            '{"errorMessage": "no mug", "stackTrace": ["  line 1\\n", "  line 2\\n"]}',
            "KeyError: no mug\n  line 1\n  line 2",
        ),
        ("plain words", "KeyError: plain words"),
        ('{"no": "message"}', 'KeyError: {"no": "message"}'),
        ("[]", "KeyError: []"),
    ],
)
def test_a_defect_is_told_with_its_stack(cause: str, expected: str) -> None:
    """Lambda's cause is unfolded, any other is shown as it is."""
    assert fault_text(Trace(START, START, (), error="KeyError", cause=cause)) == expected


def test_steps_of_both_scenes_share_a_cell() -> None:
    """A line for each photo, a column for each step, whatever order they ran in."""
    other = DroppedPhoto("chair", "side", "uploads/chair/side.jpg", "v1")
    journeys = [
        Journey(MUG, "a", Trace(START, START, (run("MaskProduct", 50), run("ComposeImage", 7, "white")))),
        Journey(
            other, "b", Trace(START, None, (run("ComposeImage", 8, "white"), run("ComposeImage", 9, "trend")))
        ),
    ]
    rows = [line.split() for line in text(steps_table(journeys)).splitlines()]
    assert rows == [["ms", "mask", "compose"], ["mug", "50", "7"], ["chair/side", "8+9"]]


def test_a_rejected_photo_shows_its_reason_word_for_word() -> None:
    """A reason is text, not markup, and there is nothing else to show."""
    shown = text(photo_report(rejected()))
    assert "mug / mug  rejected" in shown
    assert "Save it as JPEG [and] upload that." in shown


def test_a_photo_without_a_record_is_in_the_table_too() -> None:
    """An upload that nobody noticed is not forgotten."""
    shown = text(outcome_table([Journey(MUG, ignored=True)], records=()))
    assert "never started" in shown
    assert "rejected" in text(outcome_table([Journey(MUG)], records=(rejected(),)))


def test_an_empty_catalogue_says_how_to_begin() -> None:
    """A new cloud has no products."""
    assert "packshot add" in text(catalogue_table(ProductPage(products=())))
    summary = ProductSummary(sku="mug", status="needs_review", title="Mug", brand="Kiln", updated_at=START)
    assert "needs review  Kiln Mug" in text(catalogue_table(ProductPage(products=(summary,))))
