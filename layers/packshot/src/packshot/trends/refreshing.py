"""The steps of a refresh: collect posts, read them, publish a report."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from packshot.errors import InterpreterFailed, MissingObject, RetryLater, SourceFailed
from packshot.events import (
    CollectedPosts,
    CollectRequest,
    Cost,
    InterpretedTrends,
    InterpretRequest,
    Mention,
    Post,
    PublishedTrends,
    PublishTrendsRequest,
    PurgedSource,
    PurgeRequest,
    Signal,
    Tally,
    TrendReport,
)
from packshot.ports import Clock, Deadline, Reading, TrendInterpreter, TrendSource
from packshot.trends.archive import RAW_HOURS, Cursor, TrendArchive, source_of, tally_key
from packshot.trends.cleaning import Cleaner, Dropped
from packshot.trends.deadlines import Stint
from packshot.trends.pushing import believed
from packshot.trends.reports import make_report
from packshot.trends.standings import WINDOW_DAYS
from packshot.trends.tallies import ReadPost, add_costs, agreement, count, merge
from packshot.trends.vocabulary import Vocabulary, load_vocabulary

BATCH = 500
"""Posts that are read at once; also what voices are told apart in (`tallies.voices`)."""
MOST_POSTS = 200_000
"""Posts of one source and run; the state machine carries the batches' keys, 256 KiB in all."""
_OLDEST = timedelta(days=4 * WINDOW_DAYS)
_AHEAD = timedelta(hours=1)
"""How far a source's clock may be before ours."""
_MARGIN_S = 5.0
"""Seconds kept to write down what was read."""
_MOST_MENTIONS = 10
"""Things that one post can speak of; who lists more is advertising, or a model that was talked into it."""
_AT_ONCE = 20
"""Tallies in memory."""
_AGREES = 0.4
"""F1 with the embedded interpreter below which a model's reading of a batch is not believed."""

Item = TypeVar("Item")


# --- collect ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Harvest:
    """A source on its way: what is kept, what is dropped and why it ended."""

    source: TrendSource
    cleaner: Cleaner
    before: Cursor | None
    now: datetime
    deadline: Deadline
    dropped: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    newest: datetime | None = None
    stopped: str = ""

    def posts(self) -> Iterator[Post]:
        """Yield what is worth reading, in the source's order; a fault of the source ends it."""
        try:
            for signal in self._signals():
                post = self._judged(signal)
                if post:
                    self.kept += 1
                    yield post
        except SourceFailed:
            if not self.kept:
                raise
            self.stopped = "failed"
        except RetryLater:
            if not self.kept:
                raise
            self.stopped = "busy"

    def _signals(self) -> Iterator[Signal]:
        since = self.before.since if self.before else None
        reminder = self.before.bookmark if self.before else {}
        for signal in self.source.signals(since=since, reminder=reminder, deadline=self.deadline):
            if self.deadline.left() <= _MARGIN_S:
                self.stopped = "deadline"
                return
            if self.kept >= MOST_POSTS:
                self.stopped = "most"
                return
            yield signal

    def _judged(self, signal: Signal) -> Post | None:
        at = signal.posted_at
        if at > self.now + _AHEAD or at < self.now - _OLDEST:
            self.dropped["date"] += 1
            return None
        self.newest = max(at, self.newest or at)
        judged = self.cleaner.clean(signal)
        if isinstance(judged, Dropped):
            self.dropped[judged.fault] += 1
            return None
        return judged


def collect(
    request: CollectRequest,
    *,
    source: TrendSource,
    archive: TrendArchive,
    cleaner: Cleaner,
    stint: Stint,
) -> CollectedPosts:
    """Read a source since the last time, and keep what is worth reading, in batches.

    A source that is not approved, whose terms have ended or forbid to keep words as long as they may lie
    here, is not asked. One that fails on the way gives what it gave; `SourceFailed` or `RetryLater` leave
    only if that was nothing.
    """
    moment = stint.now()
    refused = _refusal(source, moment)
    if refused:
        return CollectedPosts(source=source.name, run=request.run, refused=refused)
    archive.sweep(now=moment)
    archive.begin(request.run, now=moment)
    harvest = _Harvest(source, cleaner, archive.cursor(source.name), moment, stint.deadline)
    batches = tuple(
        archive.write_posts(posts, source=source.name, run=request.run, number=number)
        for number, posts in enumerate(_batched(harvest.posts(), BATCH))
    )
    _propose(harvest, archive, run=request.run)
    return CollectedPosts(
        source=source.name,
        run=request.run,
        batches=batches,
        posts=harvest.kept,
        dropped=dict(harvest.dropped),
        stopped=harvest.stopped,
    )


def _refusal(source: TrendSource, moment: datetime) -> str:
    if not source.terms.approved:
        return "not_approved"
    if source.terms.ends_on and moment.date() >= source.terms.ends_on:
        return "ended"
    return "retention" if source.terms.retention_hours < RAW_HOURS else ""


def _propose(harvest: _Harvest, archive: TrendArchive, *, run: str) -> None:
    """Keep how far the source was read. After a fault too: a lost post is better than one counted twice.

    Never past the moment when reading began: what was said since may come with the next run only.
    """
    before = harvest.before
    kept = before.bookmark if before and harvest.stopped else {}
    moments = [before.since] if before else []
    if harvest.newest:
        moments.append(min(harvest.newest, harvest.now))
    if moments:
        bookmark = {**kept, **harvest.source.bookmark()}
        archive.propose(Cursor(since=max(moments), bookmark=bookmark), source=harvest.source.name, run=run)


# --- interpret --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Interpreters:
    """Who reads posts, and the embedded one that checks it and stands in for it."""

    chosen: TrendInterpreter
    embedded: TrendInterpreter
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True)
class _Read:
    """A batch as it was read; `fallback` says why by the embedded interpreter."""

    posts: Sequence[ReadPost]
    interpreter: TrendInterpreter
    reading: Reading
    agreement: float | None = None
    fallback: str = ""


def interpret(
    request: InterpretRequest,
    *,
    archive: TrendArchive,
    interpreters: Interpreters,
    stint: Stint,
) -> InterpretedTrends:
    """Read a batch, count what it says, and forget its words; a batch is read once."""
    known = archive.tally(tally_key(request.batch))
    if known is None:
        read = _read(request.batch, archive, interpreters, stint.deadline)
        # Words that are gone may have been read meanwhile, by a call that was thought to be dead.
        known = archive.tally(tally_key(request.batch)) if read.fallback == "expired" else None
    if known is None:
        known = _tallied(request, read, interpreters.vocabulary, now=stint.now)
        archive.write_tally(known, batch=request.batch)
    archive.forget(request.batch)
    return InterpretedTrends(
        tally=tally_key(request.batch),
        source=known.source,
        interpreter=known.interpreter,
        fallback=known.fallback,
        cost=known.cost,
    )


def _read(batch: str, archive: TrendArchive, interpreters: Interpreters, deadline: Deadline) -> _Read:
    try:
        posts = archive.read_posts(batch)
    except MissingObject:
        return _Read((), interpreters.embedded, Reading(mentions=()), fallback="expired")
    own = _closed(
        posts,
        interpreters.embedded.read(posts, deadline=deadline),
        interpreters.vocabulary,
        by=interpreters.embedded,
    )
    return own if interpreters.chosen is interpreters.embedded else _by_model(own, interpreters, deadline)


def _by_model(own: _Read, interpreters: Interpreters, deadline: Deadline) -> _Read:
    """Return how a model reads it, as far as it comes and the embedded interpreter bears it out."""
    posts = [each.post for each in own.posts]
    try:
        reading = interpreters.chosen.read(posts, deadline=deadline)
    except InterpreterFailed:
        return replace(own, fallback="failed")
    except RetryLater:
        return replace(own, fallback="busy")
    number = len(reading.mentions) if reading.stopped else len(posts)
    theirs = _closed(posts[:number], reading, interpreters.vocabulary, by=interpreters.chosen)
    agreed = agreement(theirs.posts, own.posts[:number])
    if not number or agreed < _AGREES:
        # What was paid stays in the books, whoever's reading counts.
        paid = Reading(mentions=own.reading.mentions, cost=reading.cost, refused=theirs.reading.refused)
        return replace(own, reading=paid, agreement=agreed, fallback=reading.stopped or "disagrees")
    read = (*believed(theirs.posts, checked_by=own.posts[:number]), *own.posts[number:])
    return replace(theirs, posts=read, agreement=agreed, fallback=reading.stopped)


def _closed(
    posts: Sequence[Post], reading: Reading, vocabulary: Vocabulary, *, by: TrendInterpreter
) -> _Read:
    """Return a reading of which nothing is outside the vocabulary, whatever the interpreter said."""
    read, refused = [], reading.refused
    answers = (*reading.mentions, *(() for _ in posts))
    for post, said in zip(posts, answers, strict=False):
        known = tuple(mention for mention in said if mention.id in vocabulary)
        refused += len(said) - len(known)
        read.append(ReadPost(post, _each_once(known)[:_MOST_MENTIONS]))
    closed = Reading(tuple(each.mentions for each in read), cost=reading.cost, refused=refused)
    return _Read(read, by, closed)


def _each_once(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    return tuple({mention.id: mention for mention in mentions}.values())


def _tallied(request: InterpretRequest, read: _Read, vocabulary: Vocabulary, *, now: Clock) -> Tally:
    return Tally(
        source=source_of(request.batch),
        interpreter=read.interpreter.name,
        vocabulary_version=vocabulary.version,
        made_at=now(),
        days=count(read.posts),
        runs=(request.run,),
        cost=read.reading.cost,
        agreement=read.agreement,
        refused=read.reading.refused,
        fallback=read.fallback,
    )


# --- publish ----------------------------------------------------------------------------------------


def publish(
    request: PublishTrendsRequest, *, archive: TrendArchive, vocabulary: Vocabulary, now: Clock
) -> PublishedTrends:
    """File what the run counted, and publish a report; the last good one stays if there is none.

    The price is this run's; the report's is that of all that it rests on.
    """
    moment = now()
    price = _file(request.tallies, archive).price_usd
    asked = [each for each in request.collected if not each.refused]
    for each in asked:
        archive.accept(source=each.source, run=request.run)
    published = (
        _kept(archive.latest(), "no_source")
        if request.collected and not asked
        else _published(archive, at=moment, vocabulary=vocabulary)
    )
    # Last, so that a publication that is repeated knows its price again.
    archive.forget(*request.tallies)
    return published.model_copy(update={"price_usd": price})


def _published(archive: TrendArchive, *, at: datetime, vocabulary: Vocabulary) -> PublishedTrends:
    report = make_report(archive.tallies(since=at - _OLDEST), at=at, vocabulary=vocabulary)
    if report is None:
        return _kept(archive.latest(), "too_few_posts")
    archive.publish(report)
    return PublishedTrends(
        version=report.version,
        items=len(report.items),
        signals=report.signals,
        sources=report.sources,
    )


def purge(request: PurgeRequest, *, archive: TrendArchive) -> PurgedSource:
    """Remove all that came from a source, and make the reports anew that it had a part in."""
    vocabulary = load_vocabulary()

    def remake(tallies: Sequence[Tally], at: datetime) -> TrendReport | None:
        return make_report(tallies, at=at, vocabulary=vocabulary)

    return archive.purge(request.source, remake=remake)


def _file(keys: Sequence[str], archive: TrendArchive) -> Cost:
    """Add a run's tallies to their day's and return what they cost."""
    merged: dict[str, Tally] = {}
    waiting: dict[str, list[Tally]] = {}
    # A few at a time: a large run has hundreds of them.
    for some in _batched(keys, _AT_ONCE):
        for tally in filter(None, map(archive.tally, some)):
            waiting.setdefault(tally.source, []).append(tally)
        for source, tallies in waiting.items():
            merged[source] = merge([merged[source], *tallies] if source in merged else tallies)
        waiting.clear()
    for whole in merged.values():
        # The day when it was read, not today: repeated after midnight it shall meet itself.
        archive.file([whole], day=f"{whole.made_at:%Y-%m-%d}", merge=merge)
    return add_costs(each.cost for each in merged.values())


def _kept(before: TrendReport | None, why: str) -> PublishedTrends:
    if before is None:
        return PublishedTrends(version="", items=0, signals=0, sources=(), kept=why)
    return PublishedTrends(
        version=before.version,
        items=len(before.items),
        signals=before.signals,
        sources=before.sources,
        kept=why,
    )


def _batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
