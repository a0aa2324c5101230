"""Posts and top comments of subreddits, by PRAW.

Reddit's terms shape it: off until the operator says that use is approved; neither author nor address of a
post is ever looked at; nothing after its API closes. PRAW's own waiting is replaced: it sleeps up to ten
minutes and knows no deadline.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast

from packshot.adapters.clients import PATIENCE, Patience, number, retry_after
from packshot.errors import RetryLater, SourceFailed
from packshot.events import Signal
from packshot.ports import Deadline, Terms

if TYPE_CHECKING:
    import praw
    from praw.models import Comment, Submission
    from requests import Response

ENDS_ON = date(2027, 3, 1)
"""Reddit closes its public Data API in March 2027."""
USER_AGENT = "python:packshot-trends:1 (reads public posts, keeps no authors)"
TIMEOUT_S = 10.0
POSTS_PER_RUN = 300
_DISCUSSED = 5
"""Comments from which on a post's own are worth a request."""
_COMMENTS = 5
_TRIES = 3
_BUSY = 429
_GONE = frozenset({"", "[deleted]", "[removed]"})


@dataclass(frozen=True, slots=True)
class RedditKeys:
    """What an application is known by; `oauth_url` and `reddit_url` are other servers than Reddit's own."""

    client_id: str
    client_secret: str
    oauth_url: str = "https://oauth.reddit.com"
    reddit_url: str = "https://www.reddit.com"


class RedditSource:
    """Newest posts first, each followed by its best comments, until those that are known."""

    name = "reddit"

    def __init__(
        self,
        keys: RedditKeys,
        *,
        subreddits: Sequence[str],
        approved: bool,
        timeout: float = TIMEOUT_S,
        patience: Patience = PATIENCE,
    ) -> None:
        self.terms = Terms(approved=approved, retention_hours=48, ends_on=ENDS_ON)
        self._keys = keys
        self._subreddits = subreddits
        self._timeout = timeout
        self._patience = patience

    def signals(
        self,
        *,
        since: datetime | None,
        reminder: Mapping[str, str],  # noqa: ARG002 - the time of the newest post is all there is to know
        deadline: Deadline,
    ) -> Iterator[Signal]:
        """Yield posts newer than `since` with their best comments."""
        from prawcore.exceptions import PrawcoreException

        reddit = self._connect(deadline)
        listing = reddit.subreddit("+".join(self._subreddits)).new(limit=POSTS_PER_RUN)
        try:
            for post in listing:
                if since and _moment(post.created_utc) <= since:
                    return
                if not _is_house_notice(post):
                    yield from self._said_in(post)
        except PrawcoreException as error:
            raise SourceFailed(f"Reddit: {type(error).__name__}") from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # An answer of another shape; its words would tell whose post it was.
            raise SourceFailed(f"Reddit: an answer could not be read ({type(error).__name__})") from None

    def bookmark(self) -> Mapping[str, str]:
        """Return nothing: posts come in order of time."""
        return {}

    def _said_in(self, post: "Submission") -> Iterator[Signal]:
        """Yield a post, and its best comments where there are enough; each such post costs one request."""
        discussed = post.num_comments >= _DISCUSSED
        yield _signal(f"{post.title}\n{post.selftext}", post.created_utc, post.score + post.num_comments)
        for comment in _best_comments(post) if discussed else ():
            if comment.body not in _GONE and not _is_house_notice(comment):
                yield _signal(comment.body, comment.created_utc, comment.score)

    def _connect(self, deadline: Deadline) -> "praw.Reddit":
        import praw

        return praw.Reddit(
            client_id=self._keys.client_id,
            client_secret=self._keys.client_secret,
            user_agent=USER_AGENT,
            check_for_updates=False,
            oauth_url=self._keys.oauth_url,
            reddit_url=self._keys.reddit_url,
            requestor_class=cast("Any", _requestor_class()),
            requestor_kwargs={
                "pace": Pace(deadline, self._patience),
                "timeout": self._timeout,
            },
        )


class Pace:
    """How fast requests may follow each other: Reddit's own headers, within the time that is left.

    `RetryLater` where the next request could not be sent in time.
    """

    def __init__(self, deadline: Deadline, patience: Patience) -> None:
        self._deadline = deadline
        self._sleep = patience.sleep
        self._clock = patience.clock
        self._free_at = 0.0

    def wait(self) -> None:
        """Wait until a request may be sent."""
        seconds = self._free_at - self._clock()
        if max(seconds, 0) >= self._deadline.left():
            raise RetryLater(f"Reddit asks for {max(seconds, 0):.0f} s, which are not left")
        if seconds > 0:
            self._sleep(seconds)

    def note(self, headers: Mapping[str, str]) -> None:
        """Look at what an answer says of the next request."""
        remaining, reset = (
            number(headers.get("x-ratelimit-remaining")),
            number(headers.get("x-ratelimit-reset")),
        )
        if remaining is not None and remaining < 1 and reset is not None:
            self.rest(reset)

    def rest(self, seconds: float) -> None:
        """Send nothing for a while."""
        self._free_at = self._clock() + seconds

    def left(self) -> float:
        """Return the seconds that are left."""
        return self._deadline.left()


def _requestor_class() -> type:
    """Return a requestor that keeps our pace; its base is PRAW's, which nobody else needs to load."""
    from prawcore import Requestor

    class PacedRequestor(Requestor):
        def __init__(self, *, pace: Pace, timeout: float, **options: Any) -> None:  # noqa: ANN401 - PRAW's own
            super().__init__(**options)
            self._pace, self._limit = pace, timeout

        def request(self, *parts: Any, timeout: float | None = None, **options: Any) -> "Response":  # noqa: ANN401, ARG002 - PRAW's own; its time-out knows no deadline
            for _ in range(_TRIES):
                self._pace.wait()
                limit = max(min(self._limit, self._pace.left()), 0.1)
                response = super().request(*parts, timeout=limit, **options)
                self._pace.note(response.headers)
                # PRAW would sleep by these, past any deadline.
                for name in ("remaining", "used", "reset"):
                    response.headers.pop(f"x-ratelimit-{name}", None)
                if response.status_code != _BUSY:
                    return response
                self._pace.rest(retry_after(response.headers))
            raise RetryLater("Reddit is busy")

    return PacedRequestor


def _best_comments(post: "Submission") -> Sequence["Comment"]:
    """Return a post's best comments; none of a post that was taken away or locked up since it was listed."""
    from praw.models import Comment
    from prawcore.exceptions import Forbidden, NotFound

    post.comment_sort = "top"
    post.comment_limit = _COMMENTS
    try:
        post.comments.replace_more(limit=0)
    except (Forbidden, NotFound):
        return ()
    return [comment for comment in post.comments.list() if isinstance(comment, Comment)][:_COMMENTS]


def _is_house_notice(thing: Any) -> bool:  # noqa: ANN401 - a post or a comment
    """Say whether moderators speak: rules and robots, no wishes."""
    return bool(thing.stickied or thing.distinguished)


def _signal(text: str, created: float, engagement: float) -> Signal:
    return Signal(text=text, posted_at=_moment(created), engagement=max(int(engagement), 0))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
