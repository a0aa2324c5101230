"""Step Functions' features that the workflows use."""

import json
import time
from collections.abc import Callable

import pytest

from tests.local.conformance.stand import Conformance


def test_parallel_map_choice_and_assign(conformance: Conformance) -> None:
    """Variables set in one state are read in later ones; each item of a Map has its own."""
    execution = conformance.begin("flow", {"numbers": [1, 5, 12]})
    ended = conformance.end(execution)

    assert ended.status == "SUCCEEDED"
    assert ended.output == {
        "total": 18,
        "amount": 3,
        "each": [
            {"value": 16, "rounds": 4, "of": 18},
            {"value": 10, "rounds": 1, "of": 18},
            {"value": 12, "rounds": 0, "of": 18},
        ],
        "execution": execution,
        "hash": "be43aec70e594e00db463ff5e87e2b0da41709d85e91aca305afbfdc5b0adb3f",
    }


def test_a_named_error_is_retried(conformance: Conformance) -> None:
    """RetryLater gets another attempt, and the state knows which one it is."""
    ended = conformance.run("repeat", {"error": "RetryLater", "failures": 1})

    assert ended.status == "SUCCEEDED"
    assert ended.output == {"attempt": 1}


def test_retries_end(conformance: Conformance) -> None:
    """After MaxAttempts the error itself fails the execution."""
    ended = conformance.run("repeat", {"error": "RetryLater", "failures": 9})

    assert ended.status == "FAILED"
    assert ended.error == "RetryLater"
    assert json.loads(ended.cause)["errorMessage"] == "attempt 2"


def test_a_named_error_is_caught_with_its_cause(conformance: Conformance) -> None:
    """RejectedPhoto takes the way of its Catch, without any retry, and brings its message."""
    ended = conformance.run("repeat", {"error": "RejectedPhoto", "failures": 1})

    assert ended.status == "SUCCEEDED"
    assert ended.output == {"error": "RejectedPhoto", "cause": "attempt 0"}


def test_an_error_that_nobody_names_fails_the_execution(conformance: Conformance) -> None:
    """A defect is seen as one."""
    ended = conformance.run("repeat", {"error": "KeyError", "failures": 1})

    assert ended.status == "FAILED"
    assert ended.error == "KeyError"


def test_a_catch_inside_a_map_saves_the_other_items(conformance: Conformance) -> None:
    """One scene that fails takes its fallback; Assign works in the Catch of an item."""
    ended = conformance.run("item_failure", {"failures": [0, 1, 0]})

    assert ended.status == "SUCCEEDED"
    assert ended.output == ["made", "RejectedPhoto", "made"]


def token_of(
    conformance: Conformance, execution: str, until: Callable[..., str], *, name: str = "TOKEN"
) -> str:
    """Wait until the function has handed the execution's token out."""
    table = conformance.cloud.client("dynamodb")
    key = {"pk": {"S": execution.rpartition(":")[2]}, "sk": {"S": name}}

    def kept() -> str:
        name = conformance.cloud.outputs["CatalogueTable"]
        item = table.get_item(TableName=name, Key=key).get("Item", {})
        return str(item.get("token", {}).get("S", ""))

    return until(kept, seconds=10)


def test_a_callback_ends_the_wait(conformance: Conformance, until: Callable[..., str]) -> None:
    """SendTaskSuccess hands its output to the state."""
    execution = conformance.begin("callback", {"how": "wait"})
    conformance.cloud.client("stepfunctions").send_task_success(
        taskToken=token_of(conformance, execution, until), output='{"plate": "made"}'
    )

    assert conformance.end(execution).output == {"plate": "made"}


def test_a_failed_callback_is_caught_by_name(conformance: Conformance, until: Callable[..., str]) -> None:
    """SendTaskFailure's error is what Catch sees."""
    execution = conformance.begin("callback", {"how": "wait"})
    conformance.cloud.client("stepfunctions").send_task_failure(
        taskToken=token_of(conformance, execution, until), error="GenerationFailed", cause="no"
    )

    assert conformance.end(execution).output == {"caught": "GenerationFailed"}


def test_heartbeats_keep_a_wait_alive(conformance: Conformance, until: Callable[..., str]) -> None:
    """With a heartbeat a second, a state whose HeartbeatSeconds is 2 is still waiting after 3."""
    execution = conformance.begin("callback", {"how": "wait"})
    token = token_of(conformance, execution, until)
    states = conformance.cloud.client("stepfunctions")
    for _ in range(3):
        time.sleep(1)
        states.send_task_heartbeat(taskToken=token)
    states.send_task_success(taskToken=token, output='"late"')

    assert conformance.end(execution).output == "late"


def test_a_missed_heartbeat_ends_the_wait(conformance: Conformance) -> None:
    """Nobody answers: after HeartbeatSeconds, long before TimeoutSeconds, the state moves on."""
    ended = conformance.run("callback", {"how": "wait"})

    assert ended.output == {"caught": "States.HeartbeatTimeout"}


def test_a_function_that_hands_out_no_token_fails_the_state(conformance: Conformance) -> None:
    """Nobody will ever answer, so nobody waits: its own error ends it, no time-out."""
    ended = conformance.run("callback", {"how": "fail"})

    assert ended.output == {"caught": "ValueError"}


def test_a_token_is_good_for_one_answer(conformance: Conformance, until: Callable[..., str]) -> None:
    """A duplicated webhook is told that the task is over."""
    execution = conformance.begin("callback", {"how": "wait"})
    token = token_of(conformance, execution, until)
    states = conformance.cloud.client("stepfunctions")
    states.send_task_success(taskToken=token, output="1")
    conformance.end(execution)

    with pytest.raises(states.exceptions.TaskDoesNotExist):
        states.send_task_success(taskToken=token, output="2")


def test_a_repeated_state_has_a_token_of_its_own(conformance: Conformance, until: Callable[..., str]) -> None:
    """An answer to the first attempt comes too late and does not end the second."""
    execution = conformance.begin("callback", {"how": "later"})
    first = token_of(conformance, execution, until, name="FIRST")
    second = token_of(conformance, execution, until)
    states = conformance.cloud.client("stepfunctions")

    with pytest.raises(states.exceptions.TaskDoesNotExist):
        states.send_task_success(taskToken=first, output='"first"')
    states.send_task_success(taskToken=second, output='"second"')
    assert conformance.end(execution).output == "second"


def test_states_call_dynamodb_sqs_and_eventbridge(
    conformance: Conformance, until: Callable[..., dict[str, object]]
) -> None:
    """A record is updated, an event reaches its rule and a message its queue, without a function."""
    cloud = conformance.cloud
    ended = conformance.run("integrations", {"name": "first", "as": "me"})

    assert ended.status == "SUCCEEDED"
    item = cloud.client("dynamodb").get_item(
        TableName=cloud.outputs["CatalogueTable"], Key={"pk": {"S": "SKU#1"}, "sk": {"S": "PHOTO#first"}}
    )["Item"]
    assert item["status"] == {"S": "failed"}
    kept = until(lambda: receive(conformance, "DeadLetterQueueUrl", name="first"), seconds=5)
    assert str(kept["execution"]).startswith("arn:aws:states:")
    told = until(
        lambda: receive(conformance, "ToldQueueUrl", **{"detail-type": "ImagesPublished"}), seconds=5
    )
    assert told["detail"] == {"name": "first"}


def test_a_condition_that_does_not_hold_is_caught_by_its_name(conformance: Conformance) -> None:
    """Another execution owns the record: the update is refused, and the state takes the other way."""
    conformance.run("integrations", {"name": "owned", "as": "me"})
    ended = conformance.run("integrations", {"name": "owned", "as": "somebody else"})

    assert ended.status == "SUCCEEDED"
    item = conformance.cloud.client("dynamodb").get_item(
        TableName=conformance.cloud.outputs["CatalogueTable"],
        Key={"pk": {"S": "SKU#1"}, "sk": {"S": "PHOTO#owned"}},
    )["Item"]
    assert item["executed"] == {"S": "me"}


def receive(conformance: Conformance, queue: str, **wanted: str) -> dict[str, object]:
    """Return the first message of a queue that says what is wanted; the others become visible again."""
    sqs = conformance.cloud.client("sqs")
    url = conformance.cloud.outputs[queue]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    bodies: list[dict[str, object]] = [json.loads(message["Body"]) for message in answer.get("Messages", [])]
    return next((body for body in bodies if wanted.items() <= body.items()), {})
