"""Labelled posts, and the market that the shipped ones make."""

import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from packshot.events import Signal, Tally, TrendReport
from packshot.trends.cleaning import Cleaner, Dropped
from packshot.trends.lexical import load_interpreter
from packshot.trends.lexicon import load_lexicon
from packshot.trends.reports import make_report
from packshot.trends.sample import load_posts
from packshot.trends.tallies import ReadPost, count
from packshot.trends.vocabulary import load_vocabulary

FOLDER = Path(__file__).parent / "labels"
LABELLED_KINDS = frozenset({"colour", "style", "material", "lighting", "season"})
PLANTED = (
    ("washed-linen", "2026-07-31", "steady"),
    ("butter-yellow", "2026-07-31", "steady"),
    ("late-afternoon-sun", "2026-07-31", "steady"),
    ("high-summer", "2026-08-31", "steady"),
    ("butter-yellow", "2026-09-30", "fading"),
    ("washed-linen", "2026-09-30", "fading"),
    ("late-afternoon-sun", "2026-09-30", "fading"),
    ("high-summer", "2026-09-30", "fading"),
    ("cherry-red", "2026-09-30", "rising"),
    ("chocolate-brown", "2026-09-30", "rising"),
    ("suede", "2026-09-30", "rising"),
    ("corduroy", "2026-09-30", "rising"),
    ("candle-glow", "2026-09-30", "rising"),
    ("dark-academia", "2026-09-30", "rising"),
    ("late-autumn", "2026-09-15", "rising"),
    ("first-frost", "2026-11-20", "rising"),
    ("gift-season", "2026-11-20", "rising"),
    ("cherry-red", "2026-11-20", "steady"),
)
"""What was written into the shipped posts: what shoppers want, by when, and where it is going."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A post and what a person reads in it: (id, stance)."""

    text: str
    labels: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Score:
    """Found rightly, found wrongly, missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        every = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / every if every else 1.0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


@functools.cache
def labelled(name: str) -> tuple[Labelled, ...]:
    """Return the labelled posts of a file: `held_apart`, `developed_on` or `strangers`."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_labelled(json.loads(line)) for line in lines)


def score(posts: Iterable[Labelled]) -> dict[str, Score]:
    """Return how the embedded interpreter reads labelled posts, by kind."""
    vocabulary, interpreter = load_vocabulary().by_id, load_interpreter()
    found = dict.fromkeys(sorted(LABELLED_KINDS), Score())
    for post in posts:
        said = {(mention.id, mention.stance) for mention in interpreter.mentions(post.text)}
        for kind in found:
            mine = {each for each in said if vocabulary[each[0]].kind == kind}
            theirs = {each for each in post.labels if vocabulary[each[0]].kind == kind}
            found[kind] += Score(len(mine & theirs), len(mine - theirs), len(theirs - mine))
    return found


def clean(signals: Iterable[Signal]) -> list[ReadPost]:
    """Return what is worth reading of posts, read by the embedded interpreter."""
    cleaner = Cleaner(load_vocabulary(), load_lexicon())
    interpreter = load_interpreter()
    judged = (cleaner.clean(signal) for signal in signals)
    return [
        ReadPost(post, interpreter.mentions(post.text)) for post in judged if not isinstance(post, Dropped)
    ]


def tally(read: Sequence[ReadPost], *, source: str = "sample") -> Tally:
    """Return a tally of one batch."""
    return Tally(
        source=source,
        interpreter="embedded",
        vocabulary_version=load_vocabulary().version,
        made_at=read[-1].post.posted_at,
        days=count(read),
        runs=("run",),
    )


@functools.cache
def market() -> Tally:
    """Return what the shipped posts say, with the dates they were written for."""
    return tally(clean(load_posts()))


def report_of(day: str, *tallies: Tally) -> TrendReport:
    """Return the report of a day's end."""
    report = make_report(
        tallies or (market(),),
        at=datetime.fromisoformat(f"{day}T23:59:00+00:00"),
        vocabulary=load_vocabulary(),
    )
    assert report is not None
    return report


def top(report: TrendReport, *, kind: str, most: int = 5) -> list[str]:
    """Return the strongest ids of a kind."""
    return [item.id for item in report.items if item.kind == kind][:most]


def _labelled(line: dict[str, object]) -> Labelled:
    stances = (("for", line["for"]), ("against", line["against"]))
    labels = frozenset((str(name), stance) for stance, names in stances for name in names)  # type: ignore[attr-defined]  # a list
    return Labelled(str(line["text"]), labels)
