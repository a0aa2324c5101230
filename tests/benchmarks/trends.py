"""How well, how robustly, how fast and at what price shoppers are listened to.

python -m tests.benchmarks.trends [--json FILE]
"""

import argparse
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from rich.console import Console

from packshot.adapters.groq import GroqInterpreter, connect
from packshot.events import CollectRequest, InterpretRequest, Post, PublishTrendsRequest, Signal
from packshot.ports import Deadline, Terms
from packshot.testing.clock import StoppedClock
from packshot.testing.groq import API_KEY, PlayedGroq
from packshot.testing.objects import MemoryObjects
from packshot.trends.archive import TrendArchive
from packshot.trends.cleaning import Cleaner
from packshot.trends.deadlines import SteadyDeadline, Stint
from packshot.trends.lexical import load_interpreter
from packshot.trends.lexicon import load_lexicon
from packshot.trends.refreshing import Interpreters, collect, interpret, publish
from packshot.trends.sample import load_posts
from packshot.trends.vocabulary import load_vocabulary
from tests.benchmarks.report import Line, missed_gates, show, write
from tests.posts import PLANTED, Score, labelled, report_of, score, tally, top
from tests.spam import campaign

NOW = StoppedClock(datetime(2026, 11, 20, 18, tzinfo=UTC))
SIZES = (1_000, 10_000, 50_000, 200_000)
SPAM = 0.3
LIMIT_MIB = 300.0
GROQ_POSTS = 1_000
BLIND_F1: dict[str, JsonValue] = {"held_apart": 0.813, "strangers": 0.736}
"""What each set scored when it was scored first, by the interpreter of then."""


@dataclass(frozen=True, slots=True)
class Run:
    """A whole refresh of so many posts: seconds on the wall and of a core, peak resident memory."""

    posts: int
    kept: int
    seconds: float
    cpu_s: float
    peak_mib: float


class Crowd:
    """So many posts, made of the shipped ones: sentences swapped, a word here and there, all different."""

    name = "crowd"
    terms = Terms(approved=True, retention_hours=48)

    def __init__(self, number: int) -> None:
        self._number = number

    def signals(
        self, *, since: datetime | None, reminder: Mapping[str, str], deadline: Deadline
    ) -> Iterator[Signal]:
        """Yield the posts one by one."""
        del since, reminder, deadline
        chance = random.Random(11)  # noqa: S311 - a benchmark's dice
        texts = [post.text for post in load_posts()]
        for index in range(self._number):
            one, other = chance.choice(texts), chance.choice(texts)
            chatter = " ".join(f"{chance.randrange(16**5):05x}" for _ in range(chance.randrange(2, 9)))
            moment = NOW() - timedelta(minutes=index * 80_000 / self._number)
            yield Signal(
                text=f"{one}. {chatter}. {other}", posted_at=moment, engagement=int(chance.paretovariate(0.9))
            )

    def bookmark(self) -> Mapping[str, str]:
        """Return nothing."""
        return {}


def main() -> int:
    """Measure, print, and fail where a gate is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.trends", description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    console = Console()
    read = {name: score(labelled(name)) for name in ("strangers", "held_apart", "developed_on")}
    runs = [_alone(size) for size in SIZES]
    price = groq_price()
    lines = [
        *_reading_lines(read),
        *_market_lines(),
        *_stream_lines(runs),
        Line(f"Groq, {GROQ_POSTS} posts: requests", price["requests"], ""),
        Line(f"Groq, {GROQ_POSTS} posts: price", price["price_usd"], "USD"),
    ]
    show(lines, title="Trends", console=console)
    console.print(
        "Misses are 1 − F1; a played Groq, so its tokens are counted by four bytes each.", style="dim"
    )
    write(_figures(read, runs, price, lines), arguments.json)
    for missed in missed_gates(lines):
        console.print(missed, style="red")
    return int(bool(missed_gates(lines)))


def _reading_lines(read: Mapping[str, Mapping[str, Score]]) -> list[Line]:
    apart, blind = read["held_apart"], read["strangers"]
    kinds = [Line(f"strangers, {kind}: 1 − F1", 1 - each.f1, "") for kind, each in blind.items()]
    return [
        Line("held apart, all: 1 − micro-F1", 1 - _whole(apart).f1, "", limit=0.15, gate=True),
        Line("strangers, all: 1 − micro-F1", 1 - _whole(blind).f1, "", limit=0.15),
        *kinds,
    ]


def _whole(found: Mapping[str, Score]) -> Score:
    return sum(found.values(), Score())


def _market_lines() -> list[Line]:
    known = load_vocabulary().by_id
    lost = 0
    for name, day, direction in PLANTED:
        report = report_of(day)
        going = {item.id: item.direction for item in report.items}
        lost += name not in top(report, kind=known[name].kind) or going[name] != direction
    honest = top(report_of("2026-11-20"), kind="colour")
    spammed = top(report_of("2026-11-20", tally(campaign(share=SPAM))), kind="colour")
    return [
        Line(f"planted trends lost, of {len(PLANTED)}", lost, "", limit=0, gate=True),
        Line(
            f"colours pushed out of the top 5 by {SPAM:.0%} spam",
            len(set(honest) - set(spammed)),
            "",
            limit=1,
            gate=True,
        ),
    ]


def _stream_lines(runs: list[Run]) -> list[Line]:
    small, *_, large = runs
    per_post = {run.posts: run.cpu_s / run.posts for run in runs}
    return [
        *(Line(f"{run.posts:,} posts", run.seconds, "s") for run in runs),
        *(Line(f"{run.posts:,} posts, one core", run.cpu_s, "s") for run in runs),
        *(
            Line(f"{run.posts:,} posts, peak RSS", run.peak_mib, "MiB", limit=LIMIT_MIB, gate=True)
            for run in runs
        ),
        Line(
            "core time for a post, largest against second",
            per_post[large.posts] / per_post[runs[1].posts],
            "×",
            limit=1.5,
        ),
        Line("memory, largest against smallest", large.peak_mib / small.peak_mib, "×"),
    ]


def refreshed(number: int) -> Run:
    """Collect, read and publish that many posts in this process."""
    began = time.perf_counter()
    archive = TrendArchive(MemoryObjects(), bucket="trends")
    stint = Stint(NOW, SteadyDeadline.after(3_600))
    embedded = load_interpreter()
    readers = Interpreters(chosen=embedded, embedded=embedded, vocabulary=load_vocabulary())
    collected = collect(
        CollectRequest(source="crowd", run="run"),
        source=_Diverted(number, archive, readers, stint),
        archive=archive,
        cleaner=Cleaner(load_vocabulary(), load_lexicon()),
        stint=stint,
    )
    tallies = tuple(
        interpret(
            InterpretRequest(batch=batch, run="run"), archive=archive, interpreters=readers, stint=stint
        ).tally
        for batch in collected.batches
        if archive.tally(_tally_of(batch)) is None
    )
    every = tuple(_tally_of(batch) for batch in collected.batches)
    publish(
        PublishTrendsRequest(run="run", collected=(collected,), tallies=every or tallies),
        archive=archive,
        vocabulary=load_vocabulary(),
        now=NOW,
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Run(number, collected.posts, time.perf_counter() - began, time.process_time(), peak)


class _Diverted(Crowd):
    """The crowd; batches are read as they come, for on AWS they lie in S3 and not in the process's memory."""

    def __init__(self, number: int, archive: TrendArchive, readers: Interpreters, stint: Stint) -> None:
        super().__init__(number)
        self._archive = archive
        self._readers = readers
        self._stint = stint

    def signals(
        self, *, since: datetime | None, reminder: Mapping[str, str], deadline: Deadline
    ) -> Iterator[Signal]:
        """Yield the posts; every thousand, read what has been kept so far."""
        for index, signal in enumerate(super().signals(since=since, reminder=reminder, deadline=deadline), 1):
            yield signal
            if index % 1_000 == 0:
                self._read()

    def _read(self) -> None:
        for batch in self._archive.waiting(self.name):
            request = InterpretRequest(batch=batch, run="run")
            interpret(request, archive=self._archive, interpreters=self._readers, stint=self._stint)


def _tally_of(batch: str) -> str:
    from packshot.trends.archive import tally_key

    return tally_key(batch)


def _alone(number: int) -> Run:
    """Measure in a process of its own, so that no size inherits another's memory."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(refreshed, number).result()


def groq_price() -> dict[str, float]:
    """Return what reading a thousand posts takes: the real client against a played Groq."""
    posts = [
        Post(text=signal.text[:1_000], posted_at=signal.posted_at, weight=1)
        for signal in Crowd(GROQ_POSTS).signals(since=None, reminder={}, deadline=SteadyDeadline.after(60))
    ]
    kept: dict[str, bytes] = {}

    class Answers:
        get = staticmethod(kept.get)
        put = staticmethod(kept.__setitem__)

    with PlayedGroq(tokens_left=10**9) as server:
        interpreter = GroqInterpreter(
            load_vocabulary(), client=connect(API_KEY, url=server.url), answers=Answers()
        )
        cost = interpreter.read(posts, deadline=SteadyDeadline.after(300)).cost
    return {
        "requests": cost.requests,
        "tokens_in": cost.tokens_in,
        "tokens_out": cost.tokens_out,
        "price_usd": cost.price_usd,
    }


def _figures(
    read: Mapping[str, Mapping[str, Score]],
    runs: list[Run],
    price: dict[str, float],
    lines: list[Line],
) -> JsonValue:
    def told(found: Mapping[str, Score]) -> dict[str, Any]:
        whole = {**found, "all": _whole(found)}
        return {
            kind: {"f1": round(each.f1, 3), "right": each.right, "wrong": each.wrong, "missed": each.missed}
            for kind, each in whole.items()
        }

    return {
        **{name: {"posts": len(labelled(name)), **told(found)} for name, found in read.items()},
        "first_blind_f1": dict(BLIND_F1),
        "shipped_posts": len(load_posts()),
        "stream": [
            {
                "posts": run.posts,
                "kept": run.kept,
                "seconds": round(run.seconds, 2),
                "cpu_s": round(run.cpu_s, 2),
                "peak_mib": round(run.peak_mib, 1),
            }
            for run in runs
        ],
        "groq": {"posts": GROQ_POSTS, **price},
        "gates": {line.name: line.value for line in lines if line.gate},
    }


if __name__ == "__main__":
    sys.exit(main())
