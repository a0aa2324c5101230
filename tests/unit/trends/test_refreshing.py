"""A refresh, step by step: what is kept, what is counted once, and what a failure leaves standing."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from packshot.errors import RetryLater, SourceFailed
from packshot.events import (
    CollectedPosts,
    Mention,
    PublishTrendsRequest,
    PurgeRequest,
    Tally,
)
from packshot.ports import Terms
from packshot.trends import refreshing
from packshot.trends.archive import TrendArchive
from packshot.trends.refreshing import publish, purge
from packshot.trends.sample import SampleSource
from packshot.trends.vocabulary import load_vocabulary
from tests.unit.trends.refreshes import BUCKET, MANY, Model, Refresh, Told, later, posts


@pytest.fixture
def refresh() -> Refresh:
    """Return an empty bucket and what works on it."""
    return Refresh()


def test_a_refresh_publishes_a_report_and_forgets_the_words(refresh: Refresh) -> None:
    """The shipped posts make a report; no batch of posts and no loose tally is left."""
    published = refresh.whole(SampleSource(refresh.now))
    report = refresh.archive.latest()
    assert report is not None
    assert published.version == report.version
    assert refresh.keys("posts/") == []
    assert refresh.keys("tallies/") == ["tallies/sample/2026-11-20.json"]
    assert refresh.keys("pending/") == []


def test_the_sample_speaks_once(refresh: Refresh) -> None:
    """The next run finds nothing new, and the report rests on the same posts."""
    first = refresh.whole(SampleSource(refresh.now))
    refresh.now.advance(6 * 3600)
    assert refresh.collect(SampleSource(refresh.now)).posts == 0
    assert refresh.whole(SampleSource(refresh.now)).signals == first.signals


def test_a_run_is_counted_once(refresh: Refresh) -> None:
    """Publishing, reading and collecting again under the same run change nothing."""
    collected = refresh.collect(Told(posts(60)))
    read = refresh.interpret(collected)
    first = refresh.publish(collected, read)
    again = refresh.publish(collected, read)
    assert again.signals == first.signals == 60


def test_a_batch_is_read_once(refresh: Refresh) -> None:
    """A repeated state finds the tally, and a model is paid once."""
    collected = refresh.collect(Told(posts(30)))
    model = Model(says=(Mention(id="suede"),))
    assert refresh.interpret(collected, model) == refresh.interpret(collected, model)
    assert model.asked == 1


def test_a_source_is_asked_from_where_it_was_read(refresh: Refresh) -> None:
    """Only what was published counts as read; then the newest post's time is where the next run begins."""
    source = Told(posts(50))
    refresh.collect(source)
    refresh.whole(source)
    refresh.whole(source)
    assert source.since == [None, None, source.posts[0].posted_at]
    cursor = refresh.archive.cursor("told")
    assert cursor is not None
    assert cursor.bookmark == {"page": "7"}


def test_what_a_source_remembers_is_its_own_choice(refresh: Refresh) -> None:
    """Read to its end, it forgets what it does not name; stopped on the way, nothing is forgotten."""

    def remembered() -> Mapping[str, str]:
        cursor = refresh.archive.cursor("told")
        assert cursor is not None
        return cursor.bookmark

    refresh.whole(Told(posts(50), remembers={"a": "1"}))
    refresh.now.advance(3600)
    refresh.whole(Told(later(refresh), remembers={"b": "2"}, fault=SourceFailed("x")))
    assert remembered() == {"a": "1", "b": "2"}
    refresh.whole(Told(remembers={"c": "3"}))
    assert remembered() == {"c": "3"}


def test_a_cursor_never_runs_ahead(refresh: Refresh) -> None:
    """A post that was written while others were read, or by a fast clock, hides none that are to come."""
    early = posts(1)[0].model_copy(update={"posted_at": refresh.now() + timedelta(minutes=50)})
    refresh.whole(Told([early]))
    cursor = refresh.archive.cursor("told")
    assert cursor is not None
    assert cursor.since == refresh.now()


def test_a_source_that_failed_is_asked_for_the_same_again(refresh: Refresh) -> None:
    """Whatever it had noted: its posts were not counted."""
    collected = refresh.collect(Told(posts(50)))
    lost = CollectedPosts(source="told", run=collected.run, refused="failed")
    refresh.publish(lost, [])
    assert refresh.archive.cursor("told") is None


@pytest.mark.parametrize("fault", [SourceFailed("x"), RetryLater("x")])
def test_a_source_that_fails_on_the_way_gives_what_it_gave(refresh: Refresh, fault: Exception) -> None:
    """Its posts count, and the answer says that it did not end by itself."""
    collected = refresh.collect(Told(posts(50), fault=fault))
    assert collected.posts == 50
    assert collected.stopped in {"failed", "busy"}
    with pytest.raises(type(fault)):
        refresh.collect(Told(fault=fault, name="other"))


@pytest.mark.parametrize(
    ("terms", "refused"),
    [
        (Terms(approved=False, retention_hours=48), "not_approved"),
        (Terms(approved=True, retention_hours=48, ends_on=date(2026, 11, 20)), "ended"),
        (Terms(approved=True, retention_hours=24), "retention"),
    ],
)
def test_a_source_s_terms_are_kept(refresh: Refresh, terms: Terms, refused: str) -> None:
    """A source that is not approved, or whose time is over, is not asked at all."""
    source = Told(posts(5), terms=terms)
    assert refresh.collect(source).refused == refused
    assert source.since == []


def test_what_was_said_long_ago_or_is_yet_to_come_is_not_read(refresh: Refresh) -> None:
    """Half a year and an hour are the bounds; neither moves the cursor."""
    (now,) = posts(1)
    ages = (timedelta(days=225), timedelta(days=223), timedelta(minutes=-59), timedelta(minutes=-61))
    told = [now.model_copy(update={"posted_at": refresh.now() - age}) for age in ages]
    collected = refresh.collect(Told(told))
    assert (collected.posts, collected.dropped) == (2, {"date": 2})


def test_a_run_has_a_most(refresh: Refresh, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state machine carries so many keys of batches; the rest is left out, and said."""
    monkeypatch.setattr(refreshing, "MOST_POSTS", 40)
    collected = refresh.collect(Told(posts(50)))
    assert (collected.posts, collected.stopped) == (40, "most")


def test_one_post_speaks_of_few_things(refresh: Refresh) -> None:
    """Who lists everything is advertising, or a model that was talked into it: ten things count."""
    many = [post.model_copy(update={"text": f"{post.text} {MANY}"}) for post in posts(30)]
    (read,) = refresh.interpret(refresh.collect(Told(many)))
    tally = refresh.archive.tally(read.tally)
    assert tally is not None
    assert {len(day.mentions) for day in tally.days} == {10}


def test_time_is_kept(refresh: Refresh) -> None:
    """When the time is nearly over, what was read so far is kept."""
    collected = refresh.collect(Told(posts(5)), seconds=1)
    assert (collected.posts, collected.stopped) == (0, "deadline")


def test_no_failure_empties_the_last_good_report(refresh: Refresh) -> None:
    """Neither a run without sources nor one without posts replaces a report."""
    good = refresh.whole(SampleSource(refresh.now))
    failed = PublishTrendsRequest(
        run="r9", collected=(CollectedPosts(source="feeds", run="r9", refused="failed"),)
    )
    kept = publish(failed, archive=refresh.archive, vocabulary=load_vocabulary(), now=refresh.now)
    assert (kept.version, kept.kept) == (good.version, "no_source")
    refresh.now.advance(90 * 24 * 3600)
    later = publish(
        PublishTrendsRequest(run="r10"),
        archive=refresh.archive,
        vocabulary=load_vocabulary(),
        now=refresh.now,
    )
    assert (later.version, later.kept) == (good.version, "too_few_posts")


def test_a_publication_that_is_repeated_after_midnight_counts_once(refresh: Refresh) -> None:
    """A run is filed under the day when it was read, whenever that is done."""
    collected = refresh.collect(Told(posts(60)))
    read = refresh.interpret(collected)
    tallies = {each.tally: refresh.archive.tally(each.tally) for each in read}
    first = refresh.publish(collected, read)
    for key, tally in tallies.items():
        assert tally is not None
        refresh.objects.write(
            tally.model_dump_json().encode(), bucket=BUCKET, key=key, media_type="application/json"
        )
    refresh.now.advance(13 * 3600)
    assert refresh.publish(collected, read).signals == first.signals == 60


def test_a_damaged_report_is_replaced(refresh: Refresh) -> None:
    """The next refresh does not trip over what it is about to write anew."""
    refresh.objects.write(b"{", bucket=BUCKET, key="reports/latest.json", media_type="application/json")
    assert refresh.whole(Told(posts(60))).kept == ""


def test_a_batch_that_was_read_meanwhile_is_not_emptied(refresh: Refresh) -> None:
    """A call that finds the words gone looks for the tally again before it counts nothing."""
    collected = refresh.collect(Told(posts(30)))

    class Late(TrendArchive):
        def tally(self, key: str) -> Tally | None:
            if not refresh.keys("tallies/"):
                refresh.interpret(collected)
                return None
            return super().tally(key)

    other = Refresh()
    other.archive = Late(refresh.objects, bucket=BUCKET)
    (read,) = other.interpret(collected)
    tally = refresh.archive.tally(read.tally)
    assert tally is not None
    assert tally.days[0].posts == 30


def test_words_do_not_lie_about(refresh: Refresh) -> None:
    """Batches that nobody read are swept by a run a day later; an expired batch is an empty tally."""
    lost = refresh.collect(Told(posts(30)))
    assert refresh.keys("posts/")
    refresh.now.advance(25 * 3600)
    refresh.collect(Told(name="other"))
    assert refresh.keys("posts/") == []
    (read,) = refresh.interpret(lost)
    assert read.fallback == "expired"


def test_purging_a_source_removes_it_from_every_report(refresh: Refresh) -> None:
    """Words, answers, tallies and cursor go; reports are made anew, or go if they rested on it."""
    refresh.whole(Told(posts(60), name="mine"))
    refresh.now.advance(3600)
    refresh.whole(SampleSource(refresh.now))
    refresh.archive.keep_answer("sample/x.json", b"{}")
    gone = purge(PurgeRequest(source="sample"), archive=refresh.archive)
    report = refresh.archive.latest()
    assert report is not None
    assert (gone.posts, gone.tallies, gone.reports) == (1, 1, 1)
    assert report.sources == ("mine",)
    assert "cherry-red" not in {item.id for item in report.items}
    assert not [key for key in refresh.keys("") if "sample" in key]
    purge(PurgeRequest(source="mine"), archive=refresh.archive)
    assert refresh.archive.latest() is None
    assert refresh.keys("reports/") == []


def test_a_shop_s_files_are_purged_with_their_source(refresh: Refresh) -> None:
    """Else the next run would bring all of it back; another source's purge leaves them alone."""
    for name in ("a.jsonl", "b.csv"):
        refresh.objects.write(b"x", bucket=BUCKET, key=f"drops/{name}", media_type="text/plain")
    purge(PurgeRequest(source="sample"), archive=refresh.archive)
    assert len(refresh.keys("drops/")) == 2
    assert purge(PurgeRequest(source="drops"), archive=refresh.archive).posts == 2
    assert refresh.keys("drops/") == []


def test_a_report_that_cannot_be_read_is_purged(refresh: Refresh) -> None:
    """It may rest on the source, and it must not hold up the purge of all others."""
    refresh.whole(Told(posts(60)))
    refresh.objects.write(b"{", bucket=BUCKET, key="reports/20261101T000000Z.json", media_type="text/plain")
    assert purge(PurgeRequest(source="told"), archive=refresh.archive).reports == 2
    assert refresh.keys("reports/") == []


def test_history_is_spread_evenly(refresh: Refresh) -> None:
    """A chart of few reports shows the whole time, the newest last."""
    refresh.whole(SampleSource(refresh.now))
    report = refresh.archive.latest()
    assert report is not None
    for hours in range(1, 11):
        refresh.archive.publish(
            report.model_copy(update={"made_at": report.made_at + timedelta(hours=hours)})
        )
    history = refresh.archive.history(limit=3)
    assert len(history) == 3
    assert history[-1].made_at == report.made_at + timedelta(hours=10)
    assert history[0].made_at < history[1].made_at
