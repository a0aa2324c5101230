"""The refresh of trends on the local cloud: the real template, the real functions, every ending."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infrastructure.local.trends import archive_of, run
from tests.statemachine.conftest import Stage

# One cloud for all, so the tests use different sources and never purge another's.
FIRES_WITHIN_S = 40
PERIWINKLE = (
    "got the periwinkle handbag for my sister and she cried a little",
    "do you have that dress in periwinkle, my size is always gone first",
    "periwinkle cushions finally arrived, the sofa looks ten years younger",
    "asked three times about periwinkle trainers, please make them",
    "the periwinkle lamp on your window display stopped me in the rain",
    "two customers fought over the last periwinkle scarf this morning",
    "would wear periwinkle boots every single day of the week",
    "our kitchen chairs in periwinkle, photographed badly but with love",
)


def drop(stage: Stage, name: str, *texts: str) -> None:
    """Leave posts for us as a shop would."""
    body = "\n".join(json.dumps({"text": text}) for text in texts)
    stage.cloud.client("s3").put_object(
        Bucket=stage.cloud.outputs["TrendsBucket"], Key=f"drops/{name}", Body=body
    )


def executions(stage: Stage) -> list[Any]:
    """Return the refreshes so far, newest first."""
    found: list[Any] = stage.cloud.client("stepfunctions").list_executions(
        stateMachineArn=stage.cloud.outputs["RefreshTrendsArn"]
    )["executions"]
    return found


def entered(stage: Stage, arn: str) -> set[str]:
    """Return the states that an execution went through."""
    history = stage.cloud.client("stepfunctions").get_execution_history(executionArn=arn, maxResults=1000)
    return {each.get("stateEnteredEventDetails", {}).get("name", "") for each in history["events"]}


def test_a_refresh_ends_in_a_report(stage: Stage) -> None:
    """Sources are collected side by side, batches read, and the report lies where plans look for it."""
    ended = run(stage.cloud, {})
    assert ended.status == "SUCCEEDED"
    assert ended.output["kept"] == ""
    report = archive_of(stage.cloud).latest()
    assert report is not None
    assert report.version == ended.output["version"]
    assert "cherry-red" in {item.id for item in report.items}
    listed = stage.cloud.client("s3").list_objects_v2(
        Bucket=stage.cloud.outputs["TrendsBucket"], Prefix="posts/"
    )
    assert not [item["Key"] for item in listed.get("Contents", []) if item["Key"].endswith(".jsonl")]


def test_two_refreshes_do_not_run_at_once(stage: Stage) -> None:
    """The second one ends at once and says why."""
    client, machine = stage.cloud.client("stepfunctions"), stage.cloud.outputs["RefreshTrendsArn"]
    arns = [client.start_execution(stateMachineArn=machine, input="{}")["executionArn"] for _ in range(2)]
    outputs = []
    for arn in arns:
        while (found := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            time.sleep(0.1)
        outputs.append(json.loads(found["output"]))
    assert [output.get("running", False) for output in outputs].count(True) == 1


def test_a_purge_waits_for_its_turn(stage: Stage) -> None:
    """While another run has the lock it is not called done: it comes after, and says what it removed."""
    until = (datetime.now(UTC) + timedelta(seconds=5)).timestamp() * 1000
    lock = {"pk": {"S": "TRENDS"}, "sk": {"S": "REFRESH"}}
    stage.cloud.client("dynamodb").put_item(
        TableName=stage.cloud.outputs["CatalogueTable"],
        Item=lock | {"execution": {"S": "one that died"}, "until": {"N": f"{until:.0f}"}},
    )
    assert run(stage.cloud, {}).output == {"running": True}
    ended = run(stage.cloud, {"purge": "feeds"})
    assert ended.status == "SUCCEEDED"
    assert ended.output["source"] == "feeds"
    assert "WaitForTheOther" in entered(stage, executions(stage)[0]["executionArn"])


def test_a_source_that_fails_takes_nothing_from_the_others(stage: Stage) -> None:
    """The run goes on without it, and publishes what the others say."""
    drop(stage, "odd.csv", "no such column")
    ended = run(stage.cloud, {})
    assert ended.status == "SUCCEEDED"
    assert ended.output["kept"] == ""
    assert "SourceFailed" in entered(stage, executions(stage)[0]["executionArn"])
    stage.cloud.client("s3").delete_object(Bucket=stage.cloud.outputs["TrendsBucket"], Key="drops/odd.csv")


def test_a_shop_s_posts_shape_the_report(stage: Stage) -> None:
    """What is dropped counts in the next refresh, under its own source."""
    drop(stage, "reviews.jsonl", *PERIWINKLE)
    ended = run(stage.cloud, {})
    assert "drops" in ended.output["sources"]
    report = archive_of(stage.cloud).latest()
    assert report is not None
    assert "periwinkle" in {item.id for item in report.items}


def test_the_schedule_starts_it(stage: Stage) -> None:
    """EventBridge Scheduler fires here as well: moved to a moment from now, it starts the machine."""
    scheduler = stage.cloud.client("scheduler")
    (schedule,) = [each for each in scheduler.list_schedules()["Schedules"] if "trends" in each["Name"]]
    found = scheduler.get_schedule(Name=schedule["Name"])
    before = len(executions(stage))
    soon = datetime.now(UTC) + timedelta(seconds=1)
    scheduler.update_schedule(
        Name=schedule["Name"],
        ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        Target=found["Target"],
        FlexibleTimeWindow=found["FlexibleTimeWindow"],
    )
    deadline = time.monotonic() + FIRES_WITHIN_S
    while len(executions(stage)) == before:
        assert time.monotonic() < deadline, "the schedule did not fire"
        time.sleep(0.2)
    while executions(stage)[0]["status"] == "RUNNING":
        time.sleep(0.2)
    assert executions(stage)[0]["status"] == "SUCCEEDED"


def test_a_source_can_be_purged(stage: Stage) -> None:
    """One call removes what came from it; the lock is free again afterwards."""
    run(stage.cloud, {})
    ended = run(stage.cloud, {"purge": "sample"})
    assert ended.status == "SUCCEEDED"
    assert ended.output["source"] == "sample"
    report = archive_of(stage.cloud).latest()
    assert report is None or "sample" not in report.sources
    assert run(stage.cloud, {}).output["kept"] == ""


def test_a_defect_leaves_the_last_report_and_a_letter(stage: Stage) -> None:
    """A purge of a source that has no name fails, lets go of the lock and is told; the report stays."""
    before = archive_of(stage.cloud).latest()
    ended = run(stage.cloud, {"purge": "No Such Source!"})
    assert ended.status == "FAILED"
    assert archive_of(stage.cloud).latest() == before
    letters = stage.cloud.client("sqs").receive_message(
        QueueUrl=stage.cloud.outputs["TrendsDeadLetterQueueUrl"], MaxNumberOfMessages=10
    )["Messages"]
    assert json.loads(letters[0]["Body"])["error"]
    assert run(stage.cloud, {}).status == "SUCCEEDED"


@pytest.mark.parametrize("category", ["shoes", "furniture"])
def test_the_api_shows_the_report(stage: Stage, category: str) -> None:
    """A shop is answered with the report of now, and with a validator."""
    import httpx

    run(stage.cloud, {})
    answer = httpx.get(
        f"{stage.cloud.api_url}/v1/trends",
        params={"category": category},
        headers={"x-api-key": stage.cloud.api_key},
    )
    assert answer.status_code == 200
    assert answer.headers["etag"]
    assert answer.json()["version"]
