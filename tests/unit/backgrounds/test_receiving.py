"""Whatever comes back ends in a plate or in a reason, and in the books."""

import json

import pytest

from packshot.errors import RetryLater
from packshot.events import ObjectRef, Prediction
from packshot.generation.books import in_dollars
from packshot.imaging.encoding import decode_rgb
from packshot.testing.replicate import Mishap
from packshot.testing.replicate.faults import Outcome
from tests.backgrounds import EmptyRoom, World, request_for


def settled(world: World) -> None:
    """Ask for one plate and take its callback."""
    world.ask(request_for())
    world.clock.advance(1)
    world.deliver()


@pytest.mark.parametrize(
    ("outcome", "said", "billed"),
    [
        ("failed", "The generator failed: Prediction failed", False),
        ("moderated", "moderation refused", False),
        ("canceled", "stopped while it drew", True),
        ("aborted", "did not begin in time", False),
        ("black", "blank", True),
        ("blank", "blank", True),
        ("garbage", "no picture that can be used", True),
        ("small", "no picture that can be used", True),
        ("wide", "times as wide as high", True),
        ("no_output", "shows nothing", True),
        ("gone", "is gone", True),
        ("elsewhere", "is not where the generator keeps its files", True),
    ],
)
def test_each_bad_end_has_a_reason_and_its_price(outcome: Outcome, said: str, billed: bool) -> None:  # noqa: FBT001 - a table
    """The state is told why, the money that was not spent is free, and the ledger is the invoice."""
    world = World.made(mishaps=[Mishap(outcome=outcome)])
    settled(world)
    answer = world.tasks.answer_to("t-1")
    assert answer.error == "GenerationFailed"
    assert said in json.loads(answer.cause)["reason"]
    (entry,) = world.jobs.entries("2026-11-20")
    assert in_dollars(entry.spent) == world.service.invoice() == (0.003 if billed else 0)
    assert world.jobs.spent("2026-11-20") == entry.spent
    assert world.jobs.unsettled() == ()


def test_something_in_the_scene_is_found_by_the_mask() -> None:
    """A generator likes to draw the product that nobody named."""
    world = World.made(segmenter=EmptyRoom(thing=True))
    settled(world)
    assert "Something stands" in json.loads(world.tasks.answer_to("t-1").cause)["reason"]


def test_the_ledger_tells_what_each_picture_was_and_took() -> None:
    """Model, seconds, price, product: enough to hold it beside an invoice."""
    world = World.made(latency=0.7)
    notice = world.ask(request_for())
    world.clock.advance(1)
    world.deliver()
    (entry,) = world.jobs.entries("2026-11-20")
    assert (entry.recipe, entry.sku, entry.model) == (notice.recipe, "MUG-1", "flux-schnell")
    assert (entry.status, entry.seconds, entry.reserved, entry.spent) == ("succeeded", 0.7, 3000, 3000)


def test_a_plate_has_the_frame_s_size() -> None:
    """A smaller picture is enlarged to what the composite needs."""
    world = World.made()
    world.ask(request_for(side=200))
    world.clock.advance(1)
    world.deliver()
    answer = world.tasks.answer_to("t-1")
    assert answer.error == "GenerationFailed", "112 pixels where 200 were ordered"
    world = World.made()
    settled(world)
    image = json.loads(world.tasks.answer_to("t-1").output)["image"]
    pixels = decode_rgb(world.objects.read(ObjectRef.model_validate(image["object"])))
    assert pixels.shape == (112, 112, 3)


def test_a_status_that_nobody_knows_is_waited_for() -> None:
    """The sweep asks again; nothing is settled on a word."""
    world = World.made(mishaps=[Mishap(outcome="unheard_of")])
    settled(world)
    assert world.tasks.answer_to("t-1") is None
    assert len(world.jobs.unsettled()) == 1


def test_another_prediction_s_callback_settles_nothing() -> None:
    """A callback is of the job's own prediction, or it is none."""
    world = World.made()
    notice = world.ask(request_for())
    stray = world.receiver.jobs.read(notice.recipe, at=world.clock())
    assert stray is not None
    assert not world.receiver.receive(notice.recipe, Prediction(id="another", status="failed"))
    assert not world.receiver.receive("0" * 32, Prediction(id="another", status="failed"))
    assert world.tasks.answer_to("t-1") is None


def test_a_callback_before_the_call_s_answer_counts() -> None:
    """The job knows its prediction only from the callback: the caller died in between."""
    world = World.made(mishaps=[Mishap(create="lost")])
    with pytest.raises(RetryLater):
        world.ask(request_for())
    world.clock.advance(1)
    world.deliver()
    assert world.tasks.answer_to("t-1").output
    assert world.ask(request_for(state="again")).status == "shared"
    assert len(world.service.created) == 1
