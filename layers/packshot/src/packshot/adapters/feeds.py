"""Posts of RSS and Atom feeds that an operator chose."""

import hashlib
import io
import re
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import AwareDatetime, BaseModel

from packshot.adapters.clients import now_utc
from packshot.errors import SourceFailed
from packshot.events import Signal
from packshot.ports import Clock, Deadline, Terms

if TYPE_CHECKING:
    import httpx

USER_AGENT = "packshot-trends/1 (reads feeds, keeps no authors)"
TIMEOUT_S = 10.0
"""For an answer to begin, and between two parts of it."""
LONGEST_S = 30.0
"""For all of one feed, so that a slow one leaves time for the others."""
LARGEST = 4_000_000
"""Bytes of a feed, unpacked."""
_REDIRECTS = 3
_UNCHANGED = 304
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,128}"')
_DATE = re.compile(r"[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT")


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A feed's bytes, and what to ask with next time so that it is only sent when it changed."""

    body: bytes
    validators: Mapping[str, str]


class _Mark(BaseModel):
    """How far one feed was read: its own newest entry, for feeds are late in different ways."""

    validators: dict[str, str] = {}
    newest: AwareDatetime | None = None


class FeedSource:
    """Entries newer than the last time, feed by feed. One that fails is left out; if all do, so does this.

    An entry from the future waits until its time has come.
    """

    name = "feeds"
    terms = Terms(approved=True, retention_hours=48)

    def __init__(self, urls: Sequence[str], *, now: Clock = now_utc, timeout: float = TIMEOUT_S) -> None:
        self._urls = urls
        self._now = now
        self._timeout = timeout
        self._bookmark: dict[str, str] = {}

    def signals(
        self, *, since: datetime | None, reminder: Mapping[str, str], deadline: Deadline
    ) -> Iterator[Signal]:
        """Yield entries with a date; those without could not be told from known ones."""
        import httpx

        self._bookmark = dict(reminder)
        failed = 0
        with httpx.Client(headers={"User-Agent": USER_AGENT}, follow_redirects=False) as client:
            for url in self._urls:
                before = _Mark.model_validate_json(self._bookmark.get(_name(url), "{}"))
                try:
                    fetched = self._fetch(url, client, deadline, validators=before.validators)
                except (httpx.HTTPError, httpx.InvalidURL, ValueError):
                    failed += 1
                    continue
                if fetched:
                    entries = _entries(fetched.body, since=before.newest or since, until=self._now())
                    newest = max((entry.posted_at for entry in entries), default=before.newest)
                    # Before the entries: who stops us on the way shall not have them counted twice.
                    mark = _Mark(validators=dict(fetched.validators), newest=newest)
                    self._bookmark[_name(url)] = mark.model_dump_json()
                    yield from entries
        if failed and failed == len(self._urls):
            raise SourceFailed(f"none of {failed} feeds could be read")

    def bookmark(self) -> Mapping[str, str]:
        """Return each feed's mark."""
        return {name: self._bookmark[name] for name in map(_name, self._urls) if name in self._bookmark}

    def _fetch(
        self, url: str, client: "httpx.Client", deadline: Deadline, *, validators: Mapping[str, str]
    ) -> _Fetched | None:
        """Return a feed, None if it did not change."""
        for _ in range(_REDIRECTS + 1):
            timeout = max(min(self._timeout, deadline.left()), 0.1)
            with client.stream("GET", url, headers=validators, timeout=timeout) as answer:
                if answer.has_redirect_location:
                    url = _allowed(url, answer)
                    continue
                if answer.status_code == _UNCHANGED:
                    return None
                answer.raise_for_status()
                return _Fetched(_body(answer, deadline), _validators(answer.headers))
        raise ValueError("too many redirects")


def _allowed(url: str, answer: "httpx.Response") -> str:
    """Return where a redirect leads, if it may: to another place of the same host, or to HTTPS elsewhere.

    A feed could else send us to addresses that only a function can reach.
    """
    import httpx

    target = httpx.URL(url).join(answer.headers["location"])
    _, dot, last = target.host.rpartition(".")
    if target.host != httpx.URL(url).host and (target.scheme != "https" or not dot or not last.isalpha()):
        raise ValueError("a redirect to where feeds do not live")
    return str(target)


def _body(answer: "httpx.Response", deadline: Deadline) -> bytes:
    body = bytearray()
    least = max(deadline.left() - LONGEST_S, 0)
    for part in answer.iter_bytes():
        body += part
        if len(body) > LARGEST or deadline.left() <= least:
            raise ValueError("a feed that does not end")
    return bytes(body)


def _validators(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return what to ask with next time; only what looks like a validator is kept and sent back."""
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    found = {"If-None-Match": etag} if _ETAG.fullmatch(etag) else {}
    found |= {"If-Modified-Since": modified} if _DATE.fullmatch(modified) else {}
    return found


def _entries(body: bytes, *, since: datetime | None, until: datetime) -> list[Signal]:
    import feedparser

    # A stream, not bytes: feedparser would take short text for a file's name or an address.
    feed = feedparser.parse(io.BytesIO(body), resolve_relative_uris=False, sanitize_html=False)
    dated = ((_moment(entry), entry) for entry in feed.entries)
    return [
        Signal(text=_text(entry), posted_at=moment)
        for moment, entry in dated
        if moment and moment <= until and (since is None or moment > since)
    ]


def _text(entry: Any) -> str:  # noqa: ANN401 - feedparser has no types
    contents = (content.get("value", "") for content in entry.get("content", ()))
    return "\n".join(filter(None, (entry.get("title", ""), next(contents, "") or entry.get("summary", ""))))


def _moment(entry: Any) -> datetime | None:  # noqa: ANN401 - feedparser has no types
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (OverflowError, ValueError):
        return None


def _name(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:16]
