"""Posts of RSS and Atom feeds that an operator chose."""

import hashlib
import io
import json
import re
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from packshot.errors import SourceFailed
from packshot.events import Signal
from packshot.ports import Deadline, Terms

if TYPE_CHECKING:
    import httpx

USER_AGENT = "packshot-trends/1 (reads feeds, keeps no authors)"
TIMEOUT_S = 10.0
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
    validators: str


class FeedSource:
    """Entries newer than the last time, feed by feed. One that fails is left out; if all do, so does this."""

    name = "feeds"
    terms = Terms(approved=True, retention_hours=48)

    def __init__(self, urls: Sequence[str], *, timeout: float = TIMEOUT_S) -> None:
        self._urls = urls
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
                try:
                    fetched = self._fetch(url, client, deadline)
                except (httpx.HTTPError, httpx.InvalidURL, ValueError):
                    failed += 1
                    continue
                if fetched:
                    yield from _entries(fetched.body, since=since)
                    self._bookmark[_name(url)] = fetched.validators
        if failed and failed == len(self._urls):
            raise SourceFailed(f"none of {failed} feeds could be read")

    def bookmark(self) -> Mapping[str, str]:
        """Return each feed's validators."""
        return {name: self._bookmark[name] for name in map(_name, self._urls) if name in self._bookmark}

    def _fetch(self, url: str, client: "httpx.Client", deadline: Deadline) -> _Fetched | None:
        """Return a feed, None if it did not change."""
        headers = json.loads(self._bookmark.get(_name(url), "{}"))
        for _ in range(_REDIRECTS + 1):
            timeout = max(min(self._timeout, deadline.left()), 0.1)
            with client.stream("GET", url, headers=headers, timeout=timeout) as answer:
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
    if target.host != httpx.URL(url).host and (
        target.scheme != "https" or not target.host.rpartition(".")[2].isalpha()
    ):
        raise ValueError("a redirect to where feeds do not live")
    return str(target)


def _body(answer: "httpx.Response", deadline: Deadline) -> bytes:
    body = bytearray()
    for part in answer.iter_bytes():
        body += part
        if len(body) > LARGEST or not deadline.left():
            raise ValueError("a feed that does not end")
    return bytes(body)


def _validators(headers: Mapping[str, str]) -> str:
    """Return what to ask with next time; only what looks like a validator is kept and sent back."""
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    found = {"If-None-Match": etag} if _ETAG.fullmatch(etag) else {}
    found |= {"If-Modified-Since": modified} if _DATE.fullmatch(modified) else {}
    return json.dumps(found)


def _entries(body: bytes, *, since: datetime | None) -> Iterator[Signal]:
    import feedparser

    # A stream, not bytes: feedparser would take short text for a file's name or an address.
    feed = feedparser.parse(io.BytesIO(body), resolve_relative_uris=False, sanitize_html=False)
    for entry in feed.entries:
        moment = _moment(entry)
        if moment and (since is None or moment > since):
            yield Signal(text=_text(entry), posted_at=moment)


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
