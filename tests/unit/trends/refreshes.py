"""Refreshes with played sources and models."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from packshot.events import (
    CollectedPosts,
    CollectRequest,
    Cost,
    InterpretedTrends,
    InterpreterName,
    InterpretRequest,
    Mention,
    Post,
    PublishedTrends,
    PublishTrendsRequest,
    Signal,
)
from packshot.ports import Deadline, Reading, Terms, TrendInterpreter, TrendSource
from packshot.testing.clock import StoppedClock
from packshot.testing.objects import MemoryObjects
from packshot.trends.archive import TrendArchive
from packshot.trends.cleaning import Cleaner
from packshot.trends.deadlines import SteadyDeadline, Stint
from packshot.trends.lexical import load_interpreter
from packshot.trends.lexicon import load_lexicon
from packshot.trends.refreshing import Interpreters, collect, interpret, publish
from packshot.trends.vocabulary import load_vocabulary

BUCKET = "trends"
MANY = "in cobalt, teal, sage, lilac, camel, oxblood, butter yellow, terracotta, aubergine, cream and velvet"
OPEN = Terms(approved=True, retention_hours=48)


@dataclass
class Told:
    """A source that gives these posts, then fails if it is told to."""

    posts: Sequence[Signal] = ()
    fault: Exception | None = None
    name: str = "told"
    terms: Terms = OPEN
    since: list[datetime | None] = field(default_factory=list)
    remembers: Mapping[str, str] = field(default_factory=lambda: {"page": "7"})

    def signals(
        self,
        *,
        since: datetime | None,
        reminder: Mapping[str, str],  # noqa: ARG002 - told what to give
        deadline: Deadline,  # noqa: ARG002 - told what to give
    ) -> Iterator[Signal]:
        """Yield the posts newer than `since`."""
        self.since.append(since)
        yield from (post for post in self.posts if since is None or post.posted_at > since)
        if self.fault:
            raise self.fault

    def bookmark(self) -> Mapping[str, str]:
        """Return something to remember."""
        return self.remembers


@dataclass
class Model:
    """An interpreter that says what it is told to, of every post alike."""

    says: tuple[Mention, ...] = ()
    fault: Exception | None = None
    stops_at: int | None = None
    asked: int = 0
    name: InterpreterName = "groq"

    def read(self, posts: Sequence[Post], *, deadline: Deadline) -> Reading:  # noqa: ARG002 - it takes no time
        """Answer, or fail."""
        self.asked += 1
        if self.fault:
            raise self.fault
        mentions = tuple(self.says for _ in posts)[: self.stops_at]
        stopped: Literal["", "busy"] = "" if self.stops_at is None else "busy"
        return Reading(mentions, cost=Cost(requests=1, price_usd=0.001), stopped=stopped)


class Refresh:
    """Runs refreshes on one bucket."""

    def __init__(self) -> None:
        self.now = StoppedClock(datetime(2026, 11, 20, 12, tzinfo=UTC))
        self.objects = MemoryObjects()
        self.archive = TrendArchive(self.objects, bucket=BUCKET)
        self._runs = 0

    def stint(self, seconds: float = 60) -> Stint:
        """Return some time."""
        return Stint(self.now, SteadyDeadline.after(seconds))

    def collect(self, source: TrendSource, *, seconds: float = 60) -> CollectedPosts:
        """Collect from a source under a new run."""
        self._runs += 1
        cleaner = Cleaner(load_vocabulary(), load_lexicon())
        request = CollectRequest(source=source.name, run=f"run{self._runs}")
        return collect(
            request, source=source, archive=self.archive, cleaner=cleaner, stint=self.stint(seconds)
        )

    def interpret(
        self, collected: CollectedPosts, model: TrendInterpreter | None = None
    ) -> list[InterpretedTrends]:
        """Read all batches."""
        embedded = load_interpreter()
        readers = Interpreters(chosen=model or embedded, embedded=embedded, vocabulary=load_vocabulary())
        return [
            interpret(
                InterpretRequest(batch=batch, run=collected.run),
                archive=self.archive,
                interpreters=readers,
                stint=self.stint(),
            )
            for batch in collected.batches
        ]

    def publish(self, collected: CollectedPosts, read: Sequence[InterpretedTrends]) -> PublishedTrends:
        """Publish what was read."""
        request = PublishTrendsRequest(
            run=collected.run, collected=(collected,), tallies=tuple(each.tally for each in read)
        )
        return publish(request, archive=self.archive, vocabulary=load_vocabulary(), now=self.now)

    def whole(self, source: TrendSource, model: TrendInterpreter | None = None) -> PublishedTrends:
        """Run all three steps."""
        collected = self.collect(source)
        return self.publish(collected, self.interpret(collected, model))

    def keys(self, prefix: str) -> list[str]:
        """Return the keys under a prefix."""
        return [key for key in self.objects.keys(BUCKET, prefix) if "/.runs/" not in key]


def posts(number: int) -> list[Signal]:
    """Return that many posts in different words about suede, the newest first."""
    moment = datetime(2026, 11, 20, 10, tzinfo=UTC)
    chatter = (" ".join(f"w{index}x{word}" for word in range(12)) for index in range(number))
    return [
        Signal(text=f"my suede boots and a coat {words}", posted_at=moment - timedelta(minutes=index))
        for index, words in enumerate(chatter)
    ]


def later(refresh: Refresh) -> list[Signal]:
    """Return posts of this very moment."""
    return [post.model_copy(update={"posted_at": refresh.now()}) for post in posts(5)]
