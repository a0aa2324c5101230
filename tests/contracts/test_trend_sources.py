"""What every source of posts promises; real clients against servers on sockets."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest

from packshot.adapters.clients import Patience, duration, retry_after
from packshot.adapters.drops import DropSource
from packshot.adapters.feeds import FeedSource
from packshot.adapters.reddit import RedditKeys, RedditSource
from packshot.errors import RetryLater, SourceFailed
from packshot.events import Signal
from packshot.ports import TrendSource
from packshot.testing.clock import StoppedClock
from packshot.testing.objects import MemoryObjects
from packshot.testing.reddit import CLIENT_ID, CLIENT_SECRET, Budget, PlayedComment, PlayedPost, PlayedReddit
from packshot.testing.server import Answered, Asked, PlayedServer
from packshot.trends.deadlines import SteadyDeadline

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TIMEOUT_S = 0.4


def read(
    source: TrendSource,
    *,
    since: datetime | None = None,
    seconds: float = 30,
    reminder: dict[str, str] | None = None,
) -> list[Signal]:
    """Return all that a source gives."""
    return list(source.signals(since=since, reminder=reminder or {}, deadline=SteadyDeadline.after(seconds)))


# --- Reddit -----------------------------------------------------------------------------------------


def reddit_source(
    server: PlayedReddit, *, slept: list[float] | None = None, approved: bool = True
) -> RedditSource:
    """Return PRAW pointed at the played Reddit; what it would sleep is noted."""
    keys = RedditKeys(CLIENT_ID, CLIENT_SECRET, server.url, server.url)
    patience = Patience(sleep=(slept if slept is not None else []).append)
    return RedditSource(
        keys, subreddits=["fashion", "malefashion"], approved=approved, timeout=TIMEOUT_S, patience=patience
    )


def played_posts(number: int, *, comments: int = 0) -> list[PlayedPost]:
    """Return posts a minute apart, the newest of noon."""
    said = [
        PlayedComment(f"suede boots, comment {index}", NOON.timestamp(), score=index)
        for index in range(comments)
    ]
    return [
        PlayedPost(
            f"p{index}", f"cherry red bag {index}", NOON.timestamp() - 60 * index, score=7, comments=said
        )
        for index in range(number)
    ]


def test_reddit_gives_posts_and_their_best_comments() -> None:
    """Page after page, at most three hundred posts; five comments of each that is discussed."""
    with PlayedReddit(played_posts(3, comments=8)) as server:
        found = read(reddit_source(server))
    assert len(found) == 3 * (1 + 5)
    assert found[0] == Signal(text="cherry red bag 0\n", posted_at=NOON, engagement=15)
    with PlayedReddit(played_posts(350)) as server:
        assert len(read(reddit_source(server))) == 300
        assert len([asked for asked in server.asked if "/new" in asked.path]) == 3


def test_reddit_is_read_since_the_last_time() -> None:
    """Posts that are known are not asked for again."""
    with PlayedReddit(played_posts(250)) as server:
        found = read(reddit_source(server), since=NOON - timedelta(minutes=5))
        assert len(found) == 5
        assert len(server.asked) == 2


def test_reddit_s_authors_and_addresses_are_left_alone() -> None:
    """Neither is in what comes out, and no request was made to learn of either."""
    with PlayedReddit(played_posts(2, comments=6)) as server:
        told = json.dumps([signal.model_dump(mode="json") for signal in read(reddit_source(server))])
        assert "somebody" not in told
        assert "secret_place" not in told
        assert not [asked.path for asked in server.asked if "/user/" in asked.path or "/about" in asked.path]


@pytest.mark.parametrize("status", [403, 404])
def test_a_post_that_went_away_takes_nothing_from_the_others(status: int) -> None:
    """Deleted or locked up between the listing and its comments: these are left out, the rest is read."""

    class Fickle(PlayedReddit):
        def takes_faults(self, asked: Asked) -> bool:
            return asked.path.startswith("/comments/")

    with Fickle(played_posts(3, comments=8)) as server:
        server.faults.append(Answered(status, b"{}", {"Content-Type": "application/json"}))
        assert len(read(reddit_source(server))) == 3 + 2 * 5


def test_moderators_notices_are_no_wishes() -> None:
    """What is pinned or said as a moderator is left out, and so is what somebody took back."""
    noon = NOON.timestamp()
    pinned = PlayedPost("p", "read the rules", noon, stickied=True)
    official = PlayedPost("q", "we sell boots now", noon, distinguished="moderator")
    said = [PlayedComment(body, noon) for body in ("[deleted]", "[removed]", "suede!", "velvet!")]
    warned = PlayedComment("be kind", noon, distinguished="moderator")
    talk = PlayedPost("r", "which boots", noon, comments=[*said, warned])
    with PlayedReddit([pinned, official, talk]) as server:
        assert [signal.text.strip() for signal in read(reddit_source(server))] == [
            "which boots",
            "suede!",
            "velvet!",
        ]


def test_reddit_is_waited_for_as_it_asks() -> None:
    """A 429 is repeated after its Retry-After, said in seconds or as a date."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    for asked, least, most in ((soon, 5, 20), ("2", 1.5, 2), ("nonsense", 4, 5)):
        slept: list[float] = []
        with PlayedReddit(played_posts(2)) as server:
            server.faults.append(server.busy(asked))
            assert len(read(reddit_source(server, slept=slept))) == 2
        assert least <= sum(slept) <= most, asked


def test_reddit_s_wait_ends_with_the_time_that_is_left() -> None:
    """Neither a long Retry-After nor an empty budget keeps an invocation asleep."""
    with PlayedReddit(played_posts(2)) as server:
        server.faults.append(server.busy("500"))
        with pytest.raises(RetryLater):
            read(reddit_source(server), seconds=10)
    began = time.monotonic()
    source = played_posts(150)
    found: list[Signal] = []
    with PlayedReddit(source, budget=Budget(remaining=1, reset=590)) as server, pytest.raises(RetryLater):
        found.extend(
            reddit_source(server).signals(since=None, reminder={}, deadline=SteadyDeadline.after(10))
        )
    assert len(found) == 100
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "fault",
    [
        Answered(500, b"oops"),
        Answered(200, b"{ not json", {"Content-Type": "application/json"}),
        Answered.json(
            {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {"title": "no more"}}]}}
        ),
        Answered.json({"kind": "wiki"}),
        Answered(403, b"{}", {"Content-Type": "application/json"}),
        Answered(200, b"{}", {}, delay=3 * TIMEOUT_S),
    ],
    ids=["500", "not JSON", "fields missing", "another thing", "forbidden", "time-out"],
)
def test_a_broken_reddit_is_a_failed_source(fault: Answered) -> None:
    """Whatever it sends, the error is ours and has no word of a post."""
    with PlayedReddit(played_posts(2)) as server:
        server.faults.extend([fault] * 8)
        with pytest.raises(SourceFailed) as failure:
            read(reddit_source(server))
    assert "title" not in str(failure.value)


def test_reddit_s_terms_are_declared() -> None:
    """Off until approved, words for two days, and over when Reddit closes its API."""
    with PlayedReddit() as server:
        terms = reddit_source(server, approved=False).terms
    assert (terms.approved, terms.retention_hours, terms.ends_on) == (False, 48, date(2027, 3, 1))


# --- feeds ------------------------------------------------------------------------------------------

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Shop talk</title>
<item><title>Oxblood is back</title><description>&lt;b&gt;boots&lt;/b&gt; everywhere</description>
<pubDate>Fri, 20 Nov 2026 11:00:00 GMT</pubDate><author>secret@somebody.example</author></item>
<item><title>Linen is over</title><pubDate>Thu, 19 Nov 2026 11:00:00 GMT</pubDate></item>
<item><title>Undated</title></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Teal walls</title><content>so calm</content>
<updated>2026-11-20T10:00:00Z</updated></entry></feed>"""
BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<rss><channel><item><title>&d;</title>
<pubDate>Fri, 20 Nov 2026 11:00:00 GMT</pubDate></item></channel></rss>"""


class PlayedFeeds(PlayedServer):
    """Feeds by path; `/rss` knows its ETag."""

    def answer(self, asked: Asked) -> Answered:
        """Answer like a weblog."""
        if asked.path == "/rss" and asked.headers.get("if-none-match") == '"v1"':
            return Answered(304)
        pages = {"/rss": RSS, "/atom": ATOM, "/bomb": BOMB, "/torn": RSS[:200], "/empty": ""}
        if asked.path in pages:
            return Answered(
                200, pages[asked.path].encode(), {"ETag": '"v1"', "Content-Type": "application/xml"}
            )
        places = {
            "/moved": "/rss",
            "/round": "/round",
            "/inside": "http://169.254.169.254/latest",
            "/local": "https://localhost/latest",
        }
        if asked.path in places:
            return Answered(302, b"", {"Location": places[asked.path]})
        if asked.path == "/endless":
            return Answered(200, b"<rss>" + b"x" * 5_000_000)
        return Answered(404)


def feed_source(urls: list[str], *, now: datetime = NOON) -> FeedSource:
    """Return feeds read at noon."""
    return FeedSource(urls, now=StoppedClock(now))


@pytest.fixture
def feeds() -> Iterator[PlayedFeeds]:
    """Return a server of feeds."""
    with PlayedFeeds() as server:
        yield server


def test_feeds_are_read_in_both_tongues(feeds: PlayedFeeds) -> None:
    """RSS and Atom give title and text; entries without a date are left out, and nobody's name is kept."""
    found = read(feed_source([f"{feeds.url}/rss", f"{feeds.url}/atom"]), since=NOON - timedelta(hours=5))
    assert [signal.posted_at.hour for signal in found] == [11, 10]
    assert "Oxblood is back" in found[0].text
    assert "so calm" in found[1].text
    assert "somebody" not in found[0].text


def test_a_feed_that_did_not_change_is_not_sent_again(feeds: PlayedFeeds) -> None:
    """The bookmark of the last time makes the request conditional."""
    source = feed_source([f"{feeds.url}/rss"])
    assert len(read(source)) == 2
    remembered = dict(source.bookmark())
    again = feed_source([f"{feeds.url}/rss"])
    assert read(again, reminder=remembered) == []
    assert again.bookmark() == remembered
    assert feeds.asked[-1].headers["if-none-match"] == '"v1"'


def test_each_feed_has_its_own_last_time(feeds: PlayedFeeds) -> None:
    """A feed that was away gives what it said meanwhile, though another's newest post is younger."""
    urls = [f"{feeds.url}/rss", f"{feeds.url}/atom"]
    first = feed_source(urls)
    feeds.faults.extend([Answered(200, RSS.encode()), Answered(503)])
    assert [signal.posted_at.hour for signal in read(first)] == [11, 11]
    feeds.faults.append(Answered(200, RSS.replace("Undated", "Dated").encode()))
    found = read(feed_source(urls), since=None, reminder=dict(first.bookmark()))
    assert [signal.posted_at.hour for signal in found] == [10]


def test_an_entry_from_the_future_waits(feeds: PlayedFeeds) -> None:
    """It comes when its time has come, once, and takes nothing from those before it."""
    url = f"{feeds.url}/rss"
    early = feed_source([url], now=NOON - timedelta(hours=2))
    assert [signal.posted_at.day for signal in read(early)] == [19]
    feeds.faults.append(Answered(200, RSS.encode()))
    later = feed_source([url])
    assert [signal.posted_at.day for signal in read(later, reminder=dict(early.bookmark()))] == [20]
    feeds.faults.append(Answered(200, RSS.encode()))
    assert read(feed_source([url]), reminder=dict(later.bookmark())) == []


@pytest.mark.parametrize("path", ["gone", "round", "inside", "local", "endless"])
def test_a_feed_that_fails_takes_nothing_from_the_others(feeds: PlayedFeeds, path: str) -> None:
    """Missing, going round, leading inside or without an end: the others are read; alone it is a failure."""
    assert len(read(feed_source([f"{feeds.url}/{path}", f"{feeds.url}/moved"]))) == 2
    with pytest.raises(SourceFailed):
        read(feed_source([f"{feeds.url}/{path}"]))
    assert not [asked for asked in feeds.asked if "latest" in asked.path]


def test_a_feed_leads_to_no_other_host_in_plain(feeds: PlayedFeeds) -> None:
    """Under another name the same server is another one, which is not asked."""
    elsewhere = feeds.url.replace("127.0.0.1", "localhost")
    feeds.faults.append(Answered(302, b"", {"Location": f"{elsewhere}/rss"}))
    with pytest.raises(SourceFailed):
        read(feed_source([f"{feeds.url}/moved"]))
    assert len(feeds.asked) == 1


def test_a_feed_that_drips_leaves_time_for_the_others(feeds: PlayedFeeds) -> None:
    """Half a minute is enough for four megabytes."""

    class Hurried:
        def __init__(self) -> None:
            self.seconds = 1_000.0

        def left(self) -> float:
            self.seconds -= 40
            return self.seconds

    source = feed_source([f"{feeds.url}/rss"])
    with pytest.raises(SourceFailed):
        list(source.signals(since=None, reminder={}, deadline=Hurried()))


def test_what_is_no_validator_is_not_sent_back(feeds: PlayedFeeds) -> None:
    """A feed cannot have us send headers of its choice."""
    headers = {"ETag": "W/unquoted", "Last-Modified": "yesterday"}
    feeds.faults.extend([Answered(200, RSS.encode(), headers), Answered(200, RSS.encode())])
    source = feed_source([f"{feeds.url}/rss"])
    read(source)
    read(feed_source([f"{feeds.url}/rss"]), reminder=dict(source.bookmark()))
    assert not {"if-none-match", "if-modified-since"} & set(feeds.asked[-1].headers)


@pytest.mark.parametrize("path", ["torn", "empty", "bomb"])
def test_a_torn_feed_is_read_as_far_as_it_goes(feeds: PlayedFeeds, path: str) -> None:
    """Broken XML and nested entities are neither an error nor a flood."""
    assert sum(len(signal.text) for signal in read(feed_source([f"{feeds.url}/{path}"]))) < 100_000


# --- drops ------------------------------------------------------------------------------------------


def drops(files: dict[str, str]) -> DropSource:
    """Return what a shop left under `drops/`."""
    objects = MemoryObjects()
    for name, text in files.items():
        objects.write(text.encode(), bucket="trends", key=f"drops/{name}", media_type="text/plain")
    return DropSource(objects, bucket="trends", now=StoppedClock(NOON))


def test_dropped_files_are_read_in_both_forms() -> None:
    """JSON lines and CSV, with a date and engagement or without; a byte-order mark does no harm."""
    source = drops(
        {
            "a.jsonl": '\ufeff{"text": "suede boots", "posted_at": "2026-11-01T00:00:00Z", "engagement": 4}\n'
            '{"text": "x"}\n',
            "b.csv": "text,posted_at,engagement,author\n"
            '"brown, deep",2026-11-02T00:00:00Z,3,somebody\nplain,,,\n',
            "c.pdf": "no post",
        }
    )
    found = read(source)
    assert [signal.text for signal in found] == ["suede boots", "x", "brown, deep", "plain"]
    assert [signal.engagement for signal in found] == [4, 0, 3, 0]
    assert found[1].posted_at == NOON


def test_a_dropped_file_is_read_once() -> None:
    """As long as it lies there it is remembered; then it is forgotten."""
    source = drops({"a.jsonl": '{"text": "suede boots"}'})
    assert len(read(source)) == 1
    remembered = dict(source.bookmark())
    assert read(source, reminder=remembered) == []
    assert dict(source.bookmark()) == remembered
    other = drops({})
    read(other, reminder=remembered)
    assert other.bookmark() == {}


def test_a_file_that_is_written_anew_is_read_again() -> None:
    """A shop that leaves its export under the same name every night is heard every night."""
    source = drops({"a.jsonl": '{"text": "suede boots"}'})
    read(source)
    again = drops({"a.jsonl": '{"text": "velvet boots"}', "copy.jsonl": '{"text": "suede boots"}'})
    found = read(again, reminder=dict(source.bookmark()))
    assert [signal.text for signal in found] == ["velvet boots"]


def test_files_that_were_not_reached_are_not_forgotten() -> None:
    """Time that is over is no reason to read a known file again."""
    source = drops({"a.jsonl": '{"text": "suede boots"}'})
    read(source)
    remembered = dict(source.bookmark())
    assert read(source, seconds=0, reminder=remembered) == []
    assert source.bookmark() == remembered


def test_a_file_that_was_begun_is_not_read_again() -> None:
    """Who has to stop in the middle of a file may lose its rest, and counts nothing twice."""
    source = drops({"a.jsonl": '{"text": "suede boots"}\n{"text": "velvet boots"}'})
    next(iter(source.signals(since=None, reminder={}, deadline=SteadyDeadline.after(30))))
    assert read(source, reminder=dict(source.bookmark())) == []


@pytest.mark.parametrize(
    ("name", "text", "remedy"),
    [
        ("big.csv", "text\n" + "x" * 24_000_000, "split it"),
        ("odd.jsonl", '{"comment": "suede boots"}', "`text`"),
        ("odd.csv", "Comment\nsuede boots\n", "`text`"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(name: str, text: str, remedy: str) -> None:
    """The others are read first; the error names the file and what to do, and not a word of it."""
    source = drops({name: text, "z.jsonl": '{"text": "good"}'})
    found: list[Signal] = []
    with pytest.raises(SourceFailed, match=remedy) as failure:
        found.extend(source.signals(since=None, reminder={}, deadline=SteadyDeadline.after(30)))
    assert [signal.text for signal in found] == ["good"]
    assert name in str(failure.value)
    assert "suede" not in str(failure.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", 'not json\n[]\n{"text": 7}\n{"text": "a", "author": "x"}\n{"text": "good"}\n'),
        ("a.csv", "text,engagement\nbad,many\ngood,1\n"),
        ("b.csv", 'text\n"' + "x" * 300_000 + '"\ngood\n'),
        ("c.jsonl", '{"text": "good \\u2028 and on"}\n\x00\n'),
    ],
    ids=["JSON", "CSV", "a huge field", "odd line ends"],
)
def test_a_line_that_is_no_post_is_skipped(name: str, text: str) -> None:
    """One bad line costs one line."""
    found = read(drops({name: text}))
    assert [signal.text[:4] for signal in found] == ["good"]


# --- waiting ----------------------------------------------------------------------------------------


def test_waits_are_read_in_every_form() -> None:
    """Seconds, dates, durations; nonsense is a few seconds, and nothing is longer than ten minutes."""
    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after": "Fri, 20 Nov 2026 12:00:09 GMT"}, now=lambda: NOON) == 9
    assert retry_after({"retry-after": "-3"}) == 0
    assert retry_after({"retry-after": "nan"}) == retry_after({}) == 5
    assert retry_after({"retry-after": "1e9"}) == 600
    assert duration("2m59.56s") == pytest.approx(179.56)
    assert duration("172.8ms") == pytest.approx(0.1728)
    assert duration("nonsense") == 0
