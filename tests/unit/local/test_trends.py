"""What `packshot trends` prints and draws."""

import xml.etree.ElementTree as ET
from datetime import timedelta

from rich.console import Console

from infrastructure.local.trend_chart import GONE, LINES, draw
from infrastructure.local.trends import before, heading, items_table
from packshot.testing.objects import MemoryObjects
from packshot.trends import load_default_report
from packshot.trends.archive import TrendArchive
from tests.posts import market, report_of

SVG = "{http://www.w3.org/2000/svg}"
DAYS = ("2026-09-15", "2026-10-01", "2026-10-20", "2026-11-20")


def test_the_chart_draws_the_strongest_items_through_all_reports() -> None:
    """It is well-formed SVG: the strongest of now with their intervals, and what is wanted no more."""
    history = [report_of(day) for day in DAYS]
    root = ET.fromstring(draw(history, category=None))  # noqa: S314 - our own words
    strokes, words = list(root.iter(f"{SVG}polyline")), [each.text for each in root.iter(f"{SVG}text")]
    assert len(strokes) >= LINES + GONE
    assert max(len(line.attrib["points"].split()) for line in strokes) == len(DAYS)
    strongest = max(history[-1].items, key=lambda item: item.weight)
    assert any(str(word).startswith(strongest.id) for word in words)
    present = {item.id for item in history[-1].items}
    past = {item.id for report in history for item in report.items} - present
    assert len(past & set(words)) == GONE
    assert {"Oct 2026", "Nov 2026"} <= set(words)


def test_a_line_has_gaps_where_nobody_spoke_of_it() -> None:
    """An item that one report did not have is drawn in two pieces, not through zero."""
    with_it, without = report_of("2026-11-20"), report_of("2026-11-20").model_copy(update={"items": ()})
    moments = [with_it.made_at + timedelta(days=day) for day in range(3)]
    history = [
        report.model_copy(update={"made_at": at})
        for report, at in zip((with_it, without, with_it), moments, strict=True)
    ]
    root = ET.fromstring(draw(history, category=None))  # noqa: S314 - our own words
    strokes = [line.attrib["points"].split() for line in root.iter(f"{SVG}polyline")]
    assert len(strokes) == 2 * LINES
    assert {len(points) for points in strokes} == {1}


def test_a_fresh_installation_has_a_history() -> None:
    """What was counted of days past makes the reports of the weeks before the first."""
    objects, report = MemoryObjects(), report_of("2026-11-20")
    archive = TrendArchive(objects, bucket="trends")
    archive.file([market()], day="2026-11-20", merge=lambda some: some[0])
    earlier = before(report, archive)
    assert len(earlier) > 10
    assert [each.made_at for each in earlier] == sorted(each.made_at for each in earlier)
    assert all(each.made_at < report.made_at for each in earlier)


def test_a_chart_of_one_report_and_of_one_kind_is_drawn() -> None:
    """A fresh installation has one point, and shoes have a chart of their own."""
    ET.fromstring(draw([report_of("2026-11-20")], category="shoes"))  # noqa: S314 - our own words


def test_the_table_shows_five_of_each_kind() -> None:
    """Weights, intervals and directions stand beside the ids."""
    console = Console(width=120, record=True, file=None, quiet=True)
    table = items_table(report_of("2026-11-20").items)
    console.print(table)
    assert table.row_count <= 5 * 10
    assert table.row_count >= 10


def test_the_heading_says_whose_report_it_is() -> None:
    """Version, posts and sources of one of now; the reason for the one that ships."""
    assert "posts from sample, read by embedded" in heading(report_of("2026-11-20"), category=None, why="")
    default = heading(load_default_report(), category="shoes", why="no report has been made yet")
    assert default == "The report that ships (default-2026.11) for shoes: no report has been made yet."
