"""The contact sheet as a page."""

from datetime import UTC, datetime
from html.parser import HTMLParser

from infrastructure.local.sheet import Bar, Entry, Frame, Mark, Note, Sheet, render

VOID = {"meta", "img", "link", "br"}
HOSTILE = '<script>alert("x")</script> & $css ${title}'


class Page(HTMLParser):
    """Reads a page: its tags, its images and links, and whether what opens also closes."""

    def __init__(self, text: str) -> None:
        """Read all of it."""
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.images: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        found = dict(attrs)
        if tag == "img":
            self.images.append(found.get("src") or "")
        if tag == "a":
            self.links.append(found.get("href") or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self.open.pop() == tag


def sheet(entry: Entry) -> Sheet:
    """Return a sheet with one entry."""
    return Sheet(datetime(2026, 11, 1, tzinfo=UTC), (Mark("photos", "1"),), (entry,))


def test_a_page_names_its_pictures_and_closes_what_it_opens() -> None:
    """Frames show the small image and link to the large one, by relative, quoted paths."""
    frames = (
        Frame("before", "before", "a b/before.jpg", "a b/before.jpg"),
        Frame("white", "result", "mug/w.webp", "mug/w.jpg", marks=(Mark("edge", "1.2 ΔE", passed=True),)),
    )
    page = Page(render(sheet(Entry("Mug", "Kiln", "published", frames=frames))))
    assert page.images == ["a%20b/before.jpg", "mug/w.webp"]
    assert page.links == ["a%20b/before.jpg", "mug/w.jpg"]
    assert page.open == []


def test_what_a_shop_writes_is_shown_and_not_run() -> None:
    """Titles, reasons and file names come from strangers."""
    text = render(
        sheet(
            Entry(
                HOSTILE,
                HOSTILE,
                "rejected",
                reason=HOSTILE,
                frames=(Frame(HOSTILE, "result", HOSTILE, HOSTILE, HOSTILE, (Mark(HOSTILE, HOSTILE),)),),
                figures=(Mark(HOSTILE, HOSTILE),),
                bars=(Bar(HOSTILE, 0.1, 0.2),),
                notes=(Note(HOSTILE, ('"><script>',), (HOSTILE,)),),
            )
        )
    )
    page = Page(text)
    assert "script" not in page.tags
    assert "${title}" in text
    assert page.open == []


def test_a_late_label_stands_before_its_bar() -> None:
    """The last step's name stays on the page."""
    bars = (Bar("first", 0.0, 0.2), Bar("last", 0.8, 0.2))
    text = render(sheet(Entry("Mug", "", "published", bars=bars)))
    assert '<span style="left:20.00%">first</span>' in text
    assert '<span class="late" style="left:80.00%">last</span>' in text
