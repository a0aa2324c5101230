"""What every event bus promises, in memory and in EventBridge."""

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from pytest_httpserver import HTTPServer

from packshot.adapters.event_bus import EventBridgeBus
from packshot.errors import RetryLater
from packshot.testing.event_bus import MemoryBus

DETAIL = {"sku": "MUG-1", "images": ["a.jpg"], "price_usd": 0.0, "title": "Blé"}


def received(queue: str) -> list[dict[str, Any]]:
    """Return what the rule's target got."""
    answer = boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


@pytest.mark.usefixtures("aws")
def test_an_event_reaches_a_rule_on_its_source_and_type() -> None:
    """Subscribers match `packshot` and the detail type, and get the detail as it was sent."""
    queue = boto3.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    events = boto3.client("events")
    events.create_event_bus(Name="packshot")
    pattern = json.dumps({"source": ["packshot"], "detail-type": ["ImagesPublished"]})
    events.put_rule(Name="r", EventBusName="packshot", EventPattern=pattern)
    target = "arn:aws:sqs:eu-central-1:123456789012:q"
    events.put_targets(Rule="r", EventBusName="packshot", Targets=[{"Id": "1", "Arn": target}])
    EventBridgeBus("packshot").publish("ImagesPublished", DETAIL)
    EventBridgeBus("packshot").publish("PhotoRejected", DETAIL)
    (event,) = received(queue)
    assert event["detail"] == DETAIL


def test_memory_keeps_what_was_sent() -> None:
    """The fake shows the events in order, as JSON carries them."""
    bus = MemoryBus()
    bus.publish("ImagesPublished", DETAIL)
    bus.publish("PhotoRejected", {"sku": "B", "images": ("a",)})
    assert [event.detail_type for event in bus.events] == ["ImagesPublished", "PhotoRejected"]
    assert bus.events[0].detail == DETAIL
    assert bus.events[1].detail["images"] == ["a"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}),
        (400, {"__type": "ThrottlingException", "message": "slow down"}),
        (503, {"__type": "ServiceUnavailable"}),
    ],
)
def test_a_bus_that_refuses_is_asked_again_later(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, status: int, body: dict[str, object]
) -> None:
    """A refusal inside a good answer, a throttle and a fault are all `RetryLater`, told once."""
    httpserver.expect_request("/").respond_with_json(body, status=status)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    client = boto3.client(
        "events",
        region_name="eu-central-1",
        endpoint_url=httpserver.url_for("/"),
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(RetryLater, match="ImagesPublished"):
        EventBridgeBus("packshot", client).publish("ImagesPublished", DETAIL)
