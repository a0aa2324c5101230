"""What starts an execution: an upload, a schedule."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.local.conformance.stand import Conformance

KEYS = [
    "uploads/A-1/mug.jpg",
    "uploads/A 1/mug with blanks.jpg",
    "uploads/A+1/a+b%20c.jpg",
    "uploads/Ä-1/tasse é 杯 😀.jpg",
]


def upload(conformance: Conformance, key: str, body: bytes = b"pixels") -> str:
    """Put an object and return its version."""
    bucket = conformance.cloud.outputs["UploadsBucket"]
    answer = conformance.cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return str(answer["VersionId"])


def events_of(conformance: Conformance, key: str) -> list[dict[str, Any]]:
    """Return the objects that executions were started with, for one key."""
    inputs = conformance.inputs("on_upload")
    details = [event["detail"]["object"] for event in inputs if "detail" in event]
    return [detail for detail in details if detail["key"] == key]


@pytest.mark.parametrize("key", KEYS)
def test_an_upload_starts_an_execution_with_the_raw_key(
    conformance: Conformance, until: Callable[..., list[dict[str, Any]]], key: str
) -> None:
    """Blanks, plus signs and letters of any language arrive as they are; so do version and size."""
    version = upload(conformance, key)
    (detail,) = until(lambda: events_of(conformance, key), seconds=10)

    assert detail["version-id"] == version
    assert detail["size"] == len(b"pixels")


def test_sequencers_order_the_events_of_a_key(
    conformance: Conformance, until: Callable[..., list[dict[str, Any]]]
) -> None:
    """The later upload has the larger sequencer, so an older photo never replaces a newer one."""
    key = "uploads/B-2/again.jpg"
    versions = [upload(conformance, key, body) for body in (b"1", b"22")]
    events = until(lambda: len(found := events_of(conformance, key)) == 2 and found, seconds=10)
    by_version = {event["version-id"]: event["sequencer"] for event in events}
    older, newer = (by_version[version].ljust(32, "0") for version in versions)

    assert older < newer


def test_other_prefixes_start_nothing(
    conformance: Conformance, until: Callable[..., list[dict[str, Any]]]
) -> None:
    """The rule filters by prefix."""
    upload(conformance, "elsewhere/mug.jpg")
    upload(conformance, "uploads/C-3/after.jpg")
    until(lambda: events_of(conformance, "uploads/C-3/after.jpg"), seconds=10)

    assert events_of(conformance, "elsewhere/mug.jpg") == []


def test_a_schedule_starts_an_execution(conformance: Conformance, until: Callable[..., Any]) -> None:
    """EventBridge Scheduler hands its input to its target."""
    assert until(lambda: {"scheduled": True} in conformance.inputs("on_upload"), seconds=15)


def test_an_event_that_finds_no_target_is_kept(conformance: Conformance, until: Callable[..., Any]) -> None:
    """What a rule cannot deliver goes to the target's dead-letter queue."""
    events = conformance.cloud.client("events")
    queue = conformance.cloud.outputs["DeadLetterQueueUrl"].rpartition("/")[2]
    events.put_rule(Name="lost", EventPattern='{"source": ["lost"]}')
    events.put_targets(
        Rule="lost",
        Targets=[
            {
                "Id": "gone",
                "Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:gone",
                "RoleArn": "arn:aws:iam::000000000000:role/any",
                "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:000000000000:{queue}"},
            }
        ],
    )
    events.put_events(Entries=[{"Source": "lost", "DetailType": "Lost", "Detail": '{"photo": 1}'}])
    sqs = conformance.cloud.client("sqs")

    def kept() -> bool:
        answer = sqs.receive_message(
            QueueUrl=conformance.cloud.outputs["DeadLetterQueueUrl"],
            MaxNumberOfMessages=10,
            VisibilityTimeout=0,
            MessageAttributeNames=["All"],
        )
        return any('"source": "lost"' in message["Body"] for message in answer.get("Messages", []))

    assert until(kept, seconds=5)


def test_an_alarm_that_changes_is_an_event(conformance: Conformance, until: Callable[..., Any]) -> None:
    """A rule on an alarm hears each change of its state, and no other alarm's."""
    cloudwatch, events, sqs = (conformance.cloud.client(each) for each in ("cloudwatch", "events", "sqs"))
    for name in ("sick", "other"):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Period=300,
            Statistic="Sum",
            EvaluationPeriods=1,
            Threshold=5,
            ComparisonOperator="GreaterThanThreshold",
        )
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["sick"])["MetricAlarms"]
    url = sqs.create_queue(QueueName="alarms")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    ringing = {"state": {"value": ["ALARM"]}}
    pattern = {"source": ["aws.cloudwatch"], "resources": [alarm["AlarmArn"]], "detail": ringing}
    events.put_rule(Name="alarms", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="alarms", Targets=[{"Id": "alarms", "Arn": arn}])

    for name, state in (("other", "ALARM"), ("sick", "OK"), ("sick", "ALARM")):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")

    messages = until(
        lambda: sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"), seconds=10
    )
    (heard,) = [json.loads(each["Body"])["detail"] for each in messages]
    assert (heard["alarmName"], heard["state"]["value"]) == ("sick", "ALARM")
