"""What a model says in a refresh: believed, checked, paid for, or stood in for."""

from collections.abc import Sequence

import pytest

from packshot.errors import InterpreterFailed, RetryLater
from packshot.events import (
    Mention,
    Post,
)
from packshot.ports import Deadline, Reading
from tests.unit.trends.refreshes import Model, Refresh, Told, later, posts


@pytest.fixture
def refresh() -> Refresh:
    """Return an empty bucket and what works on it."""
    return Refresh()


@pytest.mark.parametrize(
    ("model", "fallback"),
    [
        (Model(fault=InterpreterFailed("x")), "failed"),
        (Model(fault=RetryLater("x")), "busy"),
        (Model(says=(Mention(id="travertine"),)), "disagrees"),
        (Model(says=(Mention(id="travertine"),), stops_at=10), "busy"),
        (Model(stops_at=0), "busy"),
    ],
)
def test_the_embedded_interpreter_stands_in(refresh: Refresh, model: Model, fallback: str) -> None:
    """A model that fails, has no time or reads something else entirely is replaced, and the tally says so."""
    (read,) = refresh.interpret(refresh.collect(Told(posts(30))), model)
    assert (read.interpreter, read.fallback) == ("embedded", fallback)
    tally = refresh.archive.tally(read.tally)
    assert tally is not None
    assert tally.days[0].mentions["suede"].signals == 30


def test_a_model_s_agreement_and_price_are_kept(refresh: Refresh) -> None:
    """What a model read says how far it agrees with the embedded one, and what it took."""
    published = refresh.whole(Told(posts(60)), Model(says=(Mention(id="suede"), Mention(id="nowhere"))))
    report = refresh.archive.latest()
    assert report is not None
    assert report.interpreters == ("groq",)
    assert report.agreement is not None
    assert 0.5 < report.agreement <= 1
    assert report.refused == 60
    assert published.price_usd == pytest.approx(0.001)


def test_a_model_that_runs_out_of_time_is_heard_as_far_as_it_came(refresh: Refresh) -> None:
    """What it was paid for counts; the embedded interpreter reads the rest, and the tally says so."""
    model = Model(says=(Mention(id="suede"), Mention(id="nowhere")), stops_at=10)
    (read,) = refresh.interpret(refresh.collect(Told(posts(30))), model)
    assert (read.interpreter, read.fallback) == ("groq", "busy")
    tally = refresh.archive.tally(read.tally)
    assert tally is not None
    assert (tally.days[0].posts, tally.days[0].mentions["suede"].signals, tally.refused) == (30, 30, 10)
    assert tally.agreement == 1


def test_a_model_cannot_be_talked_into_a_trend(refresh: Refresh) -> None:
    """What one post made it say of all others is not believed; what both see of these is."""
    orders = (Mention(id="suede"), Mention(id="periwinkle"))
    refresh.whole(Told(posts(60)), Model(says=orders))
    report = refresh.archive.latest()
    assert report is not None
    assert report.interpreters == ("groq",)
    assert {item.id for item in report.items} == {"suede"}


def test_a_model_may_know_more_words(refresh: Refresh) -> None:
    """A few posts more than the embedded interpreter finds are its own merit."""

    class Wordy(Model):
        def read(self, posts: Sequence[Post], *, deadline: Deadline) -> Reading:  # noqa: ARG002 - it takes no time
            suede, more = Mention(id="suede"), Mention(id="cherry-red")
            return Reading(tuple((suede, more) if at < 5 else (suede,) for at, _ in enumerate(posts)))

    refresh.whole(Told(posts(60)), Wordy())
    report = refresh.archive.latest()
    assert report is not None
    assert {item.id for item in report.items} == {"suede", "cherry-red"}


def test_a_run_s_price_is_its_own(refresh: Refresh) -> None:
    """Also where the last report stays and where reading stopped; the report's is of all that it rests on."""
    says = (Mention(id="suede"),)
    assert refresh.whole(Told(posts(5)), Model(says=says)).price_usd == pytest.approx(0.001)
    refresh.now.advance(3600)
    assert refresh.whole(Told(later(refresh)), Model(says=says, stops_at=0)).price_usd == pytest.approx(0.001)
    assert refresh.whole(Told(posts(60), name="other")).price_usd == 0
    report = refresh.archive.latest()
    assert report is not None
    assert report.price_usd == pytest.approx(0.002)
