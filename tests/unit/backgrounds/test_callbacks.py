"""The door for callbacks: only what the generator signed, just now, and only once."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from packshot.backgrounds.callbacks import Callback, status_of, take
from packshot.errors import DamagedArtifact, ForgedWebhook, PackshotError, RetryLater
from packshot.testing.replicate import Mishap
from packshot.testing.replicate.faults import WebhookFault
from packshot.testing.replicate.service import WEBHOOK_SECRET, Delivery
from tests.backgrounds import World, request_for


def event_of(delivery: Delivery, *, encoded: bool = False) -> dict[str, Any]:
    """Return a webhook as API Gateway hands it over."""
    body = base64.b64encode(delivery.body).decode() if encoded else delivery.body.decode()
    return {
        "version": "2.0",
        "pathParameters": {"recipe": delivery.url.rpartition("/")[2]},
        "headers": {name.title(): value for name, value in delivery.headers.items()},
        "body": body,
        "isBase64Encoded": encoded,
    }


def work_on(world: World, event: Mapping[str, Any]) -> None:
    """Take an event as the function does."""
    take(
        Callback.read(event),
        receiver=world.receiver,
        inbox=world.jobs,
        secret=WEBHOOK_SECRET,
        now=world.clock,
    )


def due(world: World, *, after: float = 1) -> tuple[Delivery, ...]:
    """Ask for a plate and return its webhooks when they are due."""
    world.ask(request_for())
    world.clock.advance(after)
    return world.service.deliveries()


@pytest.mark.parametrize("encoded", [False, True], ids=["as text", "in base64"])
def test_a_callback_brings_the_plate(encoded: bool) -> None:  # noqa: FBT001 - a table
    """The raw bytes count, however API Gateway packs them."""
    world = World.made()
    (delivery,) = due(world)
    work_on(world, event_of(delivery, encoded=encoded))
    assert world.tasks.answer_to("t-1").output


def test_a_repeated_callback_is_worked_on_once() -> None:
    """Twice the same id: the second is known, and no job is looked at."""
    world = World.made(mishaps=[Mishap(webhook="duplicated")])
    first, second = due(world)
    work_on(world, event_of(first))
    world.jobs.read = None  # whoever looks at the job fails
    work_on(world, event_of(second))


@pytest.mark.parametrize("fault", ["forged", "stale"])
def test_a_forged_or_an_old_callback_changes_nothing(fault: WebhookFault) -> None:
    """Somebody else's signature, or ours of ten minutes ago, is none."""
    world = World.made(mishaps=[Mishap(webhook=fault)])
    (delivery,) = due(world)
    with pytest.raises(ForgedWebhook):
        work_on(world, event_of(delivery))
    assert world.tasks.answer_to("t-1") is None


def test_a_replayed_callback_is_too_old() -> None:
    """What was recorded and is sent again later is refused, also where the inbox has forgotten it."""
    world = World.made()
    (delivery,) = due(world)
    world.clock.advance(301)
    with pytest.raises(ForgedWebhook, match="five minutes"):
        work_on(world, event_of(delivery))


def test_a_changed_body_is_not_what_was_signed() -> None:
    """One byte is enough."""
    world = World.made()
    (delivery,) = due(world)
    event = event_of(delivery)
    event["body"] = event["body"].replace("succeeded", "succeedeD")
    with pytest.raises(ForgedWebhook):
        work_on(world, event)


def test_another_job_s_address_takes_no_callback() -> None:
    """A genuine callback that is sent to another recipe settles nothing there."""
    world = World.made()
    first, second = due(world), None
    world.ask(request_for(state="other", seed=5))
    world.clock.advance(1)
    (second,) = world.service.deliveries()
    event = event_of(first[0])
    event["pathParameters"]["recipe"] = second.url.rpartition("/")[2]
    work_on(world, event)
    assert world.tasks.answer_to("other") is None


def test_one_that_was_cut_off_is_taken_again() -> None:
    """It is noted at the end: a busy file host does not lose a picture."""
    world = World.made()
    (delivery,) = due(world)
    fetch = world.receiver.downloads.fetch

    def busy(_address: str) -> bytes:
        raise RetryLater("not now")

    world.receiver.downloads.fetch = busy  # type: ignore[method-assign, assignment]  # the fault of one moment
    with pytest.raises(RetryLater):
        work_on(world, event_of(delivery))
    world.receiver.downloads.fetch = fetch  # type: ignore[method-assign]  # it is over
    work_on(world, event_of(delivery))
    assert world.tasks.answer_to("t-1").output


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"pathParameters": None},
        {"pathParameters": {"recipe": "../../secrets"}},
        {"pathParameters": {"recipe": "0" * 32}, "body": "%%%", "isBase64Encoded": True},
    ],
)
def test_what_is_no_callback_is_told(event: dict[str, Any]) -> None:
    """Anybody may knock; nothing but a recipe is an address."""
    with pytest.raises(DamagedArtifact):
        Callback.read(event)


def test_a_signed_body_that_is_no_prediction_is_told() -> None:
    """Even the generator may send something else."""
    from packshot.generation.signatures import sign

    world = World.made()
    sent, body = str(int(world.clock().timestamp())), json.dumps({"hello": 1})
    signature = sign(body.encode(), message="m", sent=sent, secret=WEBHOOK_SECRET)
    headers = {"webhook-id": "m", "webhook-timestamp": sent, "webhook-signature": signature}
    event = {"pathParameters": {"recipe": "0" * 32}, "headers": headers, "body": body}
    with pytest.raises(DamagedArtifact):
        work_on(world, event)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ForgedWebhook("x"), 401),
        (DamagedArtifact("x"), 400),
        (RetryLater("x"), 503),
        (PackshotError("x"), 500),
    ],
)
def test_the_sender_learns_whether_to_come_again(error: PackshotError, status: int) -> None:
    """A forger is told as much as anybody."""
    assert status_of(error) == status
