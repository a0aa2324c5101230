"""Reddit, as far as a reader needs it: token, listings, comments, rate headers; on a real socket."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from packshot.testing.server import Answered, Asked, PlayedServer

CLIENT_ID, CLIENT_SECRET = "packshot-client", "packshot-secret"
TOKEN = "token-of-nobody"  # noqa: S105 - of nobody
_PAGE = 100


@dataclass(frozen=True, slots=True)
class PlayedComment:
    """A comment; its author is what must never be seen again."""

    body: str
    created: float
    score: int = 1
    author: str = "somebody_who_comments"
    distinguished: str | None = None


@dataclass(frozen=True, slots=True)
class PlayedPost:
    """A post of a subreddit."""

    name: str
    title: str
    created: float
    text: str = ""
    score: int = 1
    comments: Sequence[PlayedComment] = ()
    stickied: bool = False
    author: str = "somebody_who_posts"
    distinguished: str | None = None


@dataclass(slots=True)
class Budget:
    """Requests that are left in a window, and the seconds until it begins anew."""

    remaining: float = 996
    reset: int = 300


class PlayedReddit(PlayedServer):
    """Newest posts first, a hundred to a page. `faults` meet requests for listings and comments."""

    def __init__(self, posts: Sequence[PlayedPost] = (), *, budget: Budget | None = None) -> None:
        super().__init__()
        self.posts = sorted(posts, key=lambda post: -post.created)
        self.budget = budget or Budget()

    @staticmethod
    def busy(retry_after: str) -> Answered:
        """Return what it says to who asks too often."""
        return Answered.json(
            {"message": "Too Many Requests", "error": 429}, status=429, headers={"Retry-After": retry_after}
        )

    def takes_faults(self, asked: Asked) -> bool:
        """Say whether a request may meet a fault: tokens are always given."""
        return not asked.path.endswith("access_token")

    def answer(self, asked: Asked) -> Answered:
        """Answer like Reddit."""
        if asked.path == "/api/v1/access_token":
            return self._token(asked)
        if asked.headers.get("authorization") != f"bearer {TOKEN}":
            return Answered.json({"message": "Unauthorized", "error": 401}, status=401)
        self.budget.remaining -= 1
        headers = {
            "x-ratelimit-remaining": str(max(self.budget.remaining, 0)),
            "x-ratelimit-used": "4",
            "x-ratelimit-reset": str(self.budget.reset),
        }
        if asked.path.startswith("/comments/"):
            return Answered.json(self._thread(asked.path.split("/")[2]), headers=headers)
        return Answered.json(self._listing(asked.query), headers=headers)

    def _token(self, asked: Asked) -> Answered:
        known = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        grant = parse_qs(asked.body.decode()).get("grant_type")
        if asked.headers.get("authorization") != f"Basic {known}" or grant != ["client_credentials"]:
            return Answered.json({"message": "Unauthorized", "error": 401}, status=401)
        return Answered.json(
            {"access_token": TOKEN, "token_type": "bearer", "expires_in": 86_400, "scope": "*"}
        )

    def _listing(self, query: Mapping[str, str]) -> object:
        names = [f"t3_{post.name}" for post in self.posts]
        start = names.index(query["after"]) + 1 if query.get("after") in names else 0
        size = min(int(query.get("limit", 25)), _PAGE)
        page = self.posts[start : start + size]
        after = f"t3_{page[-1].name}" if page and start + size < len(self.posts) else None
        return _list([_post(post) for post in page], after=after)

    def _thread(self, name: str) -> object:
        post = next(post for post in self.posts if post.name == name)
        comments = [_comment(at, each, post=name) for at, each in enumerate(post.comments)]
        more = {
            "kind": "more",
            "data": {
                "id": "more",
                "name": "t1_more",
                "count": 9,
                "children": ["x"],
                "parent_id": f"t3_{name}",
                "depth": 0,
            },
        }
        return [_list([_post(post)]), _list([*comments, more] if comments else [])]


def _list(children: Sequence[object], *, after: str | None = None) -> object:
    return {
        "kind": "Listing",
        "data": {"after": after, "before": None, "dist": len(children), "children": list(children)},
    }


def _post(post: PlayedPost) -> object:
    return {
        "kind": "t3",
        "data": {
            "id": post.name,
            "name": f"t3_{post.name}",
            "title": post.title,
            "selftext": post.text,
            "author": post.author,
            "permalink": f"/r/fashion/comments/{post.name}/secret_place/",
            "url": f"https://reddit.example/{post.name}",
            "subreddit": "fashion",
            "created_utc": post.created,
            "score": post.score,
            "num_comments": len(post.comments),
            "stickied": post.stickied,
            "distinguished": post.distinguished,
        },
    }


def _comment(at: int, comment: PlayedComment, *, post: str) -> object:
    return {
        "kind": "t1",
        "data": {
            "id": f"{post}c{at}",
            "name": f"t1_{post}c{at}",
            "parent_id": f"t3_{post}",
            "link_id": f"t3_{post}",
            "body": comment.body,
            "author": comment.author,
            "permalink": f"/r/fashion/comments/{post}/secret_place/{at}/",
            "created_utc": comment.created,
            "score": comment.score,
            "stickied": False,
            "distinguished": comment.distinguished,
            "replies": "",
            "depth": 0,
        },
    }
