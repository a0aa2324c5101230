"""What `packshot trends` prints and draws."""

import xml.etree.ElementTree as ET

from rich.console import Console

from infrastructure.local.trend_chart import LINES, draw
from infrastructure.local.trends import heading, items_table
from packshot.trends import load_default_report
from tests.posts import report_of

DAYS = ("2026-09-15", "2026-10-01", "2026-10-20", "2026-11-20")


def test_the_chart_draws_the_strongest_items_through_all_reports() -> None:
    """It is well-formed SVG with a line, a band and a name for each of at most ten items."""
    history = [report_of(day) for day in DAYS]
    root = ET.fromstring(draw(history, category=None))  # noqa: S314 - our own words
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == LINES
    assert all(len(line.attrib["points"].split()) == len(DAYS) for line in lines)
    assert len(root.findall("{http://www.w3.org/2000/svg}polygon")) == LINES
    assert "cherry-red" in "".join(root.itertext())


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
