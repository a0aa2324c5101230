"""The posts that ship: a shop without a source of its own sees how trends work, and tests have a market."""

import functools
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib import resources

from packshot.events import Signal
from packshot.ports import Clock, Deadline, Terms


class SampleSource:
    """Half a year of posts, moved in time so that the last one was written today. It speaks once.

    Asked again, it has nothing new: what it said fades, and a shop's own sources take over.
    """

    name = "sample"
    terms = Terms(approved=True, retention_hours=48)

    def __init__(self, now: Clock) -> None:
        self._now = now

    def signals(
        self,
        *,
        since: datetime | None,
        reminder: Mapping[str, str],  # noqa: ARG002 - it forgets nothing
        deadline: Deadline,  # noqa: ARG002 - it takes no time
    ) -> Iterator[Signal]:
        """Yield all posts, oldest first, the first time."""
        if since is not None:
            return
        posts = load_posts()
        days = (self._now() - posts[-1].posted_at).days
        for post in posts:
            yield post.model_copy(update={"posted_at": post.posted_at + timedelta(days=days)})

    def bookmark(self) -> Mapping[str, str]:
        """Return nothing to remember."""
        return {}


@functools.cache
def load_posts() -> tuple[Signal, ...]:
    """Return the posts that ship, with the dates they were written for."""
    text = resources.files("packshot.trends.corpus").joinpath("posts.jsonl").read_text(encoding="utf-8")
    return tuple(Signal.model_validate_json(line) for line in text.split("\n") if line)
