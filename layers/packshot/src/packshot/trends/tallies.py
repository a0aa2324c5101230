"""Count what posts speak of, by day and kind of product, so that nothing of their words has to be kept."""

import math
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from packshot.events import Cost, DayTally, Mention, Post, Support, Tally
from packshot.trends.tokens import words_of

_HEAPS_K = 9.5
_HEAPS_BETA = 0.86
"""N posts of different people about one thing have 9.5 to 13.9·N^0.86 different words (Heaps' law; measured
on the sixteen things that the shipped corpus speaks of most)."""
_ENOUGH = 6
"""Posts from which on their words say how many people wrote them."""


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A post and what it speaks of."""

    post: Post
    mentions: tuple[Mention, ...]


@dataclass(slots=True)
class _Count:
    liked: float = 0
    disliked: float = 0
    signals: int = 0


@dataclass(slots=True)
class _Day:
    weight: float = 0
    posts: int = 0
    mentions: defaultdict[str, _Count] = field(default_factory=lambda: defaultdict(_Count))


def count(read: Sequence[ReadPost]) -> tuple[DayTally, ...]:
    """Return what a batch of posts says, for each day, of all products and of each kind.

    What many posts say in few words counts as what few people say (`voices`).
    """
    shares = _shares(read)
    days: defaultdict[tuple[str, str], _Day] = defaultdict(_Day)
    for each in read:
        for about in ("all", *each.post.categories):
            day = days[each.post.posted_at.date().isoformat(), about]
            day.weight += each.post.weight
            day.posts += 1
            for mention in each.mentions:
                _add(day.mentions[mention.id], mention, weight=each.post.weight * shares[mention.id])
    return tuple(_frozen(*key, found) for key, found in sorted(days.items()))


def voices(posts: int, *, words: int) -> float:
    """Return how many different people that many posts with that many different words are worth."""
    return min(float(posts), (words / _HEAPS_K) ** (1 / _HEAPS_BETA)) if posts >= _ENOUGH else float(posts)


def merge(tallies: Sequence[Tally]) -> Tally:
    """Return several tallies of one source as one."""
    first, last = tallies[0], tallies[-1]
    judged = [each for each in tallies if each.agreement is not None]
    return Tally(
        source=first.source,
        interpreter="groq" if any(each.interpreter == "groq" for each in tallies) else "embedded",
        vocabulary_version=last.vocabulary_version,
        made_at=max(each.made_at for each in tallies),
        days=add_days(day for each in tallies for day in each.days),
        runs=tuple(dict.fromkeys(run for each in tallies for run in each.runs)),
        cost=add_costs(each.cost for each in tallies),
        batches=sum(each.batches for each in tallies),
        agreement=math.fsum((each.agreement or 0) * each.batches for each in judged)
        / sum(each.batches for each in judged)
        if judged
        else None,
        refused=sum(each.refused for each in tallies),
        fallback=next((each.fallback for each in tallies if each.fallback), ""),
    )


def add_days(days: Iterable[DayTally]) -> tuple[DayTally, ...]:
    """Return one tally for each day and kind of product."""
    sums: defaultdict[tuple[str, str], _Day] = defaultdict(_Day)
    for each in days:
        day = sums[each.day, each.about]
        day.weight += each.weight
        day.posts += each.posts
        for name, support in each.mentions.items():
            known = day.mentions[name]
            known.liked += support.liked
            known.disliked += support.disliked
            known.signals += support.signals
    return tuple(_frozen(*key, found) for key, found in sorted(sums.items()))


def add_costs(costs: Iterable[Cost]) -> Cost:
    """Return all costs together."""
    every = tuple(costs)
    return Cost(
        requests=sum(each.requests for each in every),
        tokens_in=sum(each.tokens_in for each in every),
        tokens_out=sum(each.tokens_out for each in every),
        price_usd=math.fsum(each.price_usd for each in every),
    )


def agreement(one: Sequence[ReadPost], other: Sequence[ReadPost]) -> float:
    """Return the micro-F1 of one reading of the same posts against another; 1 where both found nothing."""
    mine, theirs = _claims(one), _claims(other)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine or theirs else 1.0


def _claims(read: Sequence[ReadPost]) -> set[tuple[int, str, str]]:
    return {(at, each.id, each.stance) for at, post in enumerate(read) for each in post.mentions}


def _shares(read: Sequence[ReadPost]) -> Mapping[str, float]:
    """Return for each id what share of its posts counts."""
    words: defaultdict[str, set[int]] = defaultdict(set)
    posts: defaultdict[str, int] = defaultdict(int)
    for each in read:
        hashed = {zlib.crc32(word.encode()) for word in words_of(each.post.text)} if each.mentions else set()
        for mention in each.mentions:
            words[mention.id] |= hashed
            posts[mention.id] += 1
    return {name: voices(number, words=len(words[name])) / number for name, number in posts.items()}


def _add(known: _Count, mention: Mention, *, weight: float) -> None:
    known.signals += 1
    if mention.stance == "for":
        known.liked += weight
    else:
        known.disliked += weight


def _frozen(day: str, about: str, found: _Day) -> DayTally:
    mentions = {
        name: Support(liked=round(each.liked, 4), disliked=round(each.disliked, 4), signals=each.signals)
        for name, each in sorted(found.mentions.items())
    }
    return DayTally.model_validate(
        {
            "day": day,
            "about": about,
            "weight": round(found.weight, 4),
            "posts": found.posts,
            "mentions": mentions,
        }
    )
