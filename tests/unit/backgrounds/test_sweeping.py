"""The sweep: what nobody told is found out, what nobody answers is ended, and somebody is woken."""

import json

import pytest

from packshot.errors import GenerationFailed, RetryLater
from packshot.testing.replicate import Mishap
from tests.backgrounds import World, request_for


def test_a_callback_that_never_came_is_made_up_for() -> None:
    """The picture is there: the sweep fetches it."""
    world = World.made(mishaps=[Mishap(webhook="lost")])
    world.ask(request_for())
    world.clock.advance(300)
    assert world.deliver() == 0
    report = world.sweeper.sweep()
    assert (report.open, report.settled, report.stale) == (1, 1, 0)
    assert json.loads(world.tasks.answer_to("t-1").output)["generator"] == "flux"
    assert world.sweeper.sweep().open == 0


def test_a_job_that_still_runs_is_waited_for_aloud() -> None:
    """Its states hear that the answer is on the way, so their heartbeat does not stop."""
    world = World.made(latency=600)
    world.ask(request_for(state="a"))
    world.ask(request_for(state="b"))
    world.clock.advance(300)
    assert world.sweeper.sweep().settled == 0
    assert world.tasks.beats == ("a", "b")


def test_half_an_hour_is_too_long() -> None:
    """The job is stopped and given up, the states take another way, and the alarm has its number."""
    world = World.made(mishaps=[Mishap(outcome="endless")], latency=10)
    world.ask(request_for())
    world.clock.advance(31 * 60)
    report = world.sweeper.sweep()
    assert (report.stale, report.settled) == (1, 1)
    assert "half an hour" in json.loads(world.tasks.answer_to("t-1").cause)["reason"]
    (entry,) = world.jobs.entries("2026-11-20")
    assert entry.spent == 3000, "what it may have cost counts as spent"
    assert world.sweeper.generator.find(entry.prediction).status == "canceled"


def test_a_call_whose_caller_died_is_found() -> None:
    """It was taken: the sweep binds and settles it, and who asks next has the plate."""
    world = World.made(mishaps=[Mishap(create="lost", webhook="lost")])
    with pytest.raises(RetryLater):
        world.ask(request_for())
    assert world.sweeper.sweep().settled == 0, "it may still arrive"
    world.clock.advance(300)
    assert world.sweeper.sweep().settled == 1
    assert world.ask(request_for(state="next")).status == "shared"


def test_a_call_that_never_arrived_is_withdrawn() -> None:
    """Nobody waits for it any more, and its money is free; but not while its caller may still live."""
    world = World.made(mishaps=[Mishap(create="500")])
    with pytest.raises(RetryLater):
        world.ask(request_for())
    world.clock.advance(30)
    assert world.sweeper.sweep().withdrawn == 0
    assert world.jobs.spent("2026-11-20") == 3000
    world.clock.advance(270)
    assert world.sweeper.sweep().withdrawn == 1
    assert world.jobs.spent("2026-11-20") == 0
    assert world.ask(request_for(state="next")).status == "asked"


def test_a_call_of_which_nobody_will_know_is_given_up_and_counted() -> None:
    """Replicate has removed its input: it is not paid again, and what it may have cost counts as spent."""
    world = World.made(mishaps=[Mishap(create="lost", webhook="lost")])
    with pytest.raises(RetryLater):
        world.ask(request_for())
    world.clock.advance(3700)
    with pytest.raises(RetryLater, match="removed"):
        world.ask(request_for(state="next"))
    report = world.sweeper.sweep()
    assert (report.settled, report.withdrawn, report.stale) == (1, 0, 1)
    (entry,) = world.jobs.entries("2026-11-20")
    assert entry.spent == 3000
    with pytest.raises(GenerationFailed, match="Nobody could find out"):
        world.ask(request_for(state="last"))
    assert len(world.service.created) == 1


def test_answers_that_were_not_given_are_given() -> None:
    """The receiver died after the books and before the answers."""
    world = World.made()
    notice = world.ask(request_for())
    world.clock.advance(1)
    job = world.jobs.read(notice.recipe, at=world.clock())
    world.deliver()
    assert world.sweeper.sweep().open == 0
    world.jobs._replace(world.jobs.read(job.recipe, at=world.clock()), answered=False)
    assert world.sweeper.sweep().answered == 1


def test_a_picture_that_replicate_has_deleted_is_given_up() -> None:
    """After an hour input, output and job may be gone: the reason says so."""
    world = World.made(mishaps=[Mishap(webhook="lost")])
    notice = world.ask(request_for())
    world.jobs._replace(world.jobs.read(notice.recipe, at=world.clock()), prediction="fake999")
    world.clock.advance(3700)
    assert world.sweeper.sweep().settled == 1
    assert "knows nothing" in json.loads(world.tasks.answer_to("t-1").cause)["reason"]


def test_one_job_s_trouble_does_not_stop_the_round() -> None:
    """Whoever cannot be looked after this time is told, and the others are."""
    world = World.made(mishaps=[Mishap(webhook="lost"), Mishap(webhook="lost")])
    world.ask(request_for(state="a", seed=1))
    world.ask(request_for(state="b", seed=2))
    world.clock.advance(300)
    original = world.receiver.downloads.fetch
    seen: list[str] = []

    def fetch(address: str) -> bytes:
        seen.append(address)
        if len(seen) == 1:
            raise RetryLater("not now")
        return bytes(original(address))

    world.receiver.downloads.fetch = fetch  # type: ignore[method-assign]  # the fault of one moment
    assert world.sweeper.sweep().settled == 1
    assert len(world.troubles) == 1
    assert world.sweeper.sweep().settled == 1


def test_a_defect_at_one_job_does_not_stop_the_round() -> None:
    """The others get their answers first; then it is raised, so that an alarm hears of it."""
    world = World.made(mishaps=[Mishap(webhook="lost"), Mishap(webhook="lost")])
    world.ask(request_for(state="a", seed=1))
    world.ask(request_for(state="b", seed=2))
    world.clock.advance(300)
    original = world.receiver.downloads.fetch
    seen: list[str] = []

    def fetch(address: str) -> bytes:
        seen.append(address)
        if len(seen) == 1:
            raise ZeroDivisionError
        return bytes(original(address))

    world.receiver.downloads.fetch = fetch  # type: ignore[method-assign]  # a defect at one job
    with pytest.raises(ExceptionGroup) as told:
        world.sweeper.sweep()
    assert [type(each) for each in told.value.exceptions] == [ZeroDivisionError]
    assert world.tasks.answer_to("a") is None
    assert json.loads(world.tasks.answer_to("b").output)["generator"] == "flux"
