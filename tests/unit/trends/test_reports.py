"""Reports: what is in them, what is not, and where things are going."""

from datetime import UTC, date, datetime, timedelta

import pytest

from packshot.events import Category, Mention, Post, Support, TrendReport
from packshot.trends import current, load_default_report
from packshot.trends.reports import FEWEST_SIGNALS, make_report
from packshot.trends.sample import load_posts
from packshot.trends.standings import standing, stretch
from packshot.trends.tallies import ReadPost, add_days, agreement, count, merge, voices
from packshot.trends.vocabulary import load_vocabulary
from tests.posts import PLANTED, clean, market, report_of, tally, top
from tests.spam import campaign

NOW = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(("name", "day", "direction"), PLANTED)
def test_planted_trends_come_back(name: str, day: str, direction: str) -> None:
    """What was written into the shipped posts is among the five strongest of its kind, going its way."""
    report = report_of(day)
    assert name in top(report, kind=load_vocabulary().by_id[name].kind)
    assert {item.id: item.direction for item in report.items}[name] == direction


def test_an_item_says_how_sure_it_is_and_on_what_grounds() -> None:
    """Weights lie in their intervals, and nothing is said on the word of a few."""
    report = report_of("2026-11-20")
    for item in report.items:
        assert item.low <= item.weight <= item.high
        assert item.signals >= FEWEST_SIGNALS
        assert item.sources == ("sample",)
    assert report.sources == ("sample",)


def test_palettes_are_of_the_season() -> None:
    """Named colours carry the vocabulary's hex; the first palettes are theirs, and there are enough."""
    report = report_of("2026-11-20")
    known = load_vocabulary().by_id
    assert [colour.colour for colour in report.colours] == [known[each.id].colour for each in report.colours]
    assert report.colours[0].id == "cherry-red"
    assert len(report.palettes) >= 7
    assert report.suggestion.palette == report.palettes[0].name
    assert report.suggestion.lighting == "candle-glow"


def test_a_kind_of_product_has_trends_of_its_own() -> None:
    """Enough posts about shoes make a report for shoes, without what shoes never are."""
    own = report_of("2026-11-20").by_category["shoes"]
    known = load_vocabulary().by_id
    assert own.items
    assert all(not known[item.id].categories or "shoes" in known[item.id].categories for item in own.items)


def test_each_kind_of_product_wants_its_own() -> None:
    """What is asked of shoes is stronger there than among all, and weaker where bags are spoken of."""
    said = [("suede boots", "navy", "shoes"), ("leather bags", "camel", "bags")] * 60
    read = [
        ReadPost(post(f"{text} {at} {kind}", about=kind), (Mention(id=name),))  # type: ignore[arg-type]  # a kind
        for at, (text, name, kind) in enumerate(said)
    ]
    report = make_report((tally(read),), at=NOW, vocabulary=load_vocabulary())
    assert report is not None
    weights = [
        {item.id: item.weight for item in items}
        for items in (report.by_category["shoes"].items, report.items, report.by_category["bags"].items)
    ]
    assert [*weights[0]] == ["navy", "camel"]
    assert [*weights[2]] == ["camel", "navy"]
    assert weights[0]["navy"] > weights[1]["navy"] > weights[2]["navy"]


def test_a_report_is_short() -> None:
    """Twelve of a kind are as many as anybody can follow."""
    colours = [entry.id for entry in load_vocabulary().entries if entry.kind == "colour"][:20]
    read = [
        ReadPost(post(f"boots number {at} in {name} for {at * 7} days"), (Mention(id=name),))
        for at, name in enumerate(colours * 6)
    ]
    report = make_report((tally(read),), at=NOW, vocabulary=load_vocabulary())
    assert report is not None
    assert len(report.items) == 12


def test_what_is_spoken_of_more_than_usual_counts_more() -> None:
    """The same share of posts weighs more for a thing that is rare at other times, at most as if doubled."""
    usual, rare, rarer = (standing(0.1, posts=10_000, background=share) for share in (0.1, 0.025, 0.001))
    assert usual.weight == pytest.approx(0.1 / 0.13, abs=0.01)
    assert rare.weight == pytest.approx(0.2 / 0.23, abs=0.01) == pytest.approx(rarer.weight, abs=0.01)


def test_a_kind_of_product_is_as_sure_as_its_own_posts_make_it() -> None:
    """Its posts are counted one by one, and its intervals are wider than those that rest on all posts."""
    report = report_of("2026-11-20")
    first, whole = date(2026, 9, 26), {item.id: item for item in report.items}
    for category, own in report.by_category.items():
        days = [day for day in market().days if day.about == category]
        assert own.signals == sum(day.posts for day in days if first <= date.fromisoformat(day.day))
        for item in own.items:
            other = whole.get(item.id)
            if other and item.high < 0.9 and abs(item.weight - other.weight) < 0.02:
                assert item.high - item.low > other.high - other.low


def test_who_spoke_long_ago_supports_nothing() -> None:
    """A source whose posts have left the window is named neither by the report nor by an item."""
    old = tally(clean(load_posts()), source="old")
    days = tuple(
        day.model_copy(update={"day": f"{date.fromisoformat(day.day) - timedelta(days=250)}"})
        for day in old.days
    )
    report = report_of("2026-11-20", market(), old.model_copy(update={"days": days}))
    assert report.sources == ("sample",)
    assert {item.sources for item in report.items} == {("sample",)}


def test_the_same_tallies_make_the_same_report() -> None:
    """A report can be made again, to the letter."""
    assert report_of("2026-10-10") == report_of("2026-10-10")


def test_too_few_posts_make_no_report() -> None:
    """A handful of posts says nothing."""
    few = tally(clean([])[:0] or [ReadPost(post("suede boots"), (Mention(id="suede"),))])
    assert make_report((few,), at=NOW, vocabulary=load_vocabulary()) is None


def test_three_spammers_do_not_make_a_trend() -> None:
    """With 30 % of posts pushing one colour in three accounts' words, the top five change by at most one."""
    honest = top(report_of("2026-11-20"), kind="colour")
    spammed = top(report_of("2026-11-20", tally(campaign(share=0.3))), kind="colour")
    assert len(set(honest) - set(spammed)) <= 1
    assert set(honest[:-1]) <= set(spammed)


def test_voices_are_told_by_their_words() -> None:
    """Thirty posts in thirty people's words are thirty; in three people's they are about three."""
    assert voices(30, words=500) == 30
    assert voices(30, words=25) < 4
    assert voices(3, words=1) == 3


def test_a_disliked_thing_is_no_trend() -> None:
    """What is spoken of to say that one has had enough of it counts for little."""
    items = {item.id: item for item in report_of("2026-08-31").items}
    assert items["neon-lime"].weight < 0.3 < items["butter-yellow"].weight


def test_an_old_report_gives_way_to_the_one_that_ships() -> None:
    """No report, or one older than a week: the default, and the reason in words."""
    report = report_of("2026-11-20")
    assert current(report, now=report.made_at + timedelta(days=6)) == (report, "")
    default, why = current(report, now=report.made_at + timedelta(days=9))
    assert default is load_default_report()
    assert why == "the last report is 9 days old"
    assert current(None, now=NOW)[1] == "no report has been made yet"


def test_merging_is_adding() -> None:
    """Two tallies of one source are one, whatever the order of their days."""
    one = market()
    both = merge([one, one.model_copy(update={"runs": ("other",)})])
    assert both.runs == ("run", "other")
    first, doubled = one.days[0], both.days[0]
    assert doubled.posts == 2 * first.posts
    assert add_days(one.days) == one.days


def test_days_count_for_less_as_they_pass() -> None:
    """After three weeks a post counts half; after eight it does not count."""
    read = [ReadPost(post("suede boots"), (Mention(id="suede"),))]
    (day, _) = count(read)
    fresh = stretch([day], until=read[0].post.posted_at.date())
    later = stretch([day], until=read[0].post.posted_at.date() + timedelta(days=21))
    gone = stretch([day], until=read[0].post.posted_at.date() + timedelta(days=56))
    assert later.liked["suede"] == pytest.approx(fresh.liked["suede"] / 2)
    assert gone.posts == 0
    assert day.mentions["suede"] == Support(liked=1, disliked=0, signals=1)


def test_few_posts_are_drawn_to_what_is_usual() -> None:
    """Certainty grows with posts: the interval narrows, and the rate leaves the background."""
    few, many = (standing(0.3, posts=posts, background=0.01) for posts in (5, 500))
    assert many.weight > few.weight
    assert many.high - many.low < few.high - few.low


def test_agreement_is_an_f1() -> None:
    """Alike is 1, nothing in common 0, and silence on both sides is agreement."""
    said = [ReadPost(post("x"), (Mention(id="suede"), Mention(id="teal", stance="against")))]
    half = [ReadPost(post("x"), (Mention(id="suede"),))]
    silent = [ReadPost(post("x"), ())]
    assert agreement(said, said) == 1
    assert agreement(said, half) == pytest.approx(2 / 3)
    assert agreement(said, silent) == 0
    assert agreement(silent, silent) == 1


def test_a_report_survives_its_own_json() -> None:
    """What is stored is what is read."""
    report = report_of("2026-11-20")
    assert TrendReport.model_validate_json(report.model_dump_json()) == report


def post(text: str, *, about: Category = "shoes") -> Post:
    """Return a post of noon."""
    return Post(text=text, posted_at=datetime(2026, 11, 20, 12, tzinfo=UTC), weight=1, categories=(about,))
