"""Answers to states that wait, through the real client: a state that waits no more is no error."""

from collections.abc import Callable

import boto3
import pytest
from botocore.exceptions import ClientError
from pytest_httpserver import HTTPServer

from packshot.adapters.tasks import StepFunctionsTasks
from packshot.errors import RetryLater
from packshot.ports import Tasks
from packshot.testing.tasks import MemoryTasks
from tests.contracts.test_translation import QUICK

Answer = Callable[[Tasks], bool | None]
ANSWERS = [
    pytest.param(lambda tasks: tasks.succeed("t", "{}"), id="a plate"),
    pytest.param(lambda tasks: tasks.fail("t", error="GenerationFailed", cause="x" * 50_000), id="an error"),
]


@pytest.fixture
def tasks(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> StepFunctionsTasks:
    """Return tasks whose client asks a server once."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    url = httpserver.url_for("")
    return StepFunctionsTasks(boto3.client("stepfunctions", endpoint_url=url, config=QUICK))


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_state_that_waits_takes_the_answer(
    tasks: StepFunctionsTasks, httpserver: HTTPServer, answer: Answer
) -> None:
    """It says so, and a long cause is cut to what Step Functions takes."""
    httpserver.expect_request("/").respond_with_json({})
    assert answer(tasks) is True
    (request, _) = httpserver.log[0]
    sent = request.get_json(force=True)
    assert sent["taskToken"] == "t"
    assert len(sent.get("cause", "")) <= 32_768


@pytest.mark.parametrize("name", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_state_that_waits_no_more_is_told_to_nobody(
    tasks: StepFunctionsTasks, httpserver: HTTPServer, name: str, answer: Answer
) -> None:
    """The plate is kept for others; nobody raises."""
    httpserver.expect_request("/").respond_with_json({"__type": name, "message": "late"}, status=400)
    assert answer(tasks) is False
    tasks.heartbeat("t")


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (400, "ThrottlingException", RetryLater),
        (500, "Oops", RetryLater),
        (400, "InvalidOutput", ClientError),
    ],
)
def test_a_busy_service_is_told_from_a_defect(
    tasks: StepFunctionsTasks, httpserver: HTTPServer, status: int, name: str, expected: type[Exception]
) -> None:
    """What passes is worth another try."""
    httpserver.expect_request("/").respond_with_json({"__type": name, "message": "no"}, status=status)
    with pytest.raises(expected):
        tasks.succeed("t", "{}")


def test_in_memory_the_first_answer_stands() -> None:
    """As in a state: what comes second is late."""
    tasks = MemoryTasks()
    assert tasks.succeed("t", "one")
    assert not tasks.fail("t", error="GenerationFailed", cause="two")
    assert tasks.answer_to("t") is not None
    tasks.give_up("u")
    assert not tasks.succeed("u", "late")
