"""Functions behave as Lambda's do."""

import json
import os
import re
import threading
from collections.abc import Callable

import pytest

from tests.local.conformance.stand import Conformance

CREDENTIALS = re.compile(r"^(AWS_(PROFILE|ROLE|WEB)|.*TOKEN|VIRTUAL_ENV|SSH_|USER$)")


def test_a_function_sees_its_folder_its_layers_and_the_runtime_alone(conformance: Conformance) -> None:
    """What is missing in the layers is missing: no site-packages of this machine are in reach."""
    seen = conformance.invoke("echo", {})["payload"]

    assert seen["path"][0].endswith("functions/echo")
    assert seen["path"][1].endswith("layer/python")
    assert not [folder for folder in seen["path"] if "site-packages" in folder]


def test_the_environment_is_lambdas_and_the_templates(
    conformance: Conformance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables of the shell do not leak into functions; those of the template and of Lambda are there."""
    monkeypatch.setenv("REPLICATE_API_TOKEN", "of the shell")
    environment = conformance.invoke("echo", {})["payload"]["environment"]

    assert environment["TABLE"] == conformance.cloud.outputs["CatalogueTable"]
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "conformance-echo"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "1024"
    assert environment["AWS_ENDPOINT_URL"] == conformance.cloud.endpoint
    assert not [name for name in environment if CREDENTIALS.match(name)]


def test_the_context_counts_down(conformance: Conformance) -> None:
    """A function can ask how long it has."""
    assert 15_000 < conformance.invoke("echo", {})["payload"]["remaining_ms"] <= 20_000


def test_a_warm_invocation_meets_its_process_again(conformance: Conformance) -> None:
    """Whoever asks one after the other is answered by one process, which is kept."""
    assert len({conformance.invoke("echo", {})["payload"]["process"] for _ in range(10)}) == 1


def test_an_error_keeps_its_name_and_its_trace(conformance: Conformance) -> None:
    """Retry and Catch match the name of the exception, so it has to arrive."""
    answer = conformance.invoke("fail", {"error": "RetryLater", "failures": 1, "attempt": 0})

    assert answer["failed"]
    assert answer["payload"]["errorType"] == "RetryLater"
    assert answer["payload"]["errorMessage"] == "attempt 0"
    assert "handler.py" in answer["payload"]["stackTrace"][0]


@pytest.mark.parametrize(
    ("function", "payload", "error"),
    [
        ("broken_import", {}, "Runtime.ImportModuleError"),
        ("misbehave", {"how": "exit"}, "Runtime.ExitError"),
        ("misbehave", {"how": "hoard"}, "Runtime.OutOfMemory"),
        ("misbehave", {"how": "sleep", "seconds": 30}, "Sandbox.Timedout"),
    ],
)
def test_what_ends_a_process_has_lambdas_name(
    conformance: Conformance, function: str, payload: dict[str, object], error: str
) -> None:
    """A missing module, an exit, too much memory and too much time are told apart, and none hangs."""
    answer = conformance.invoke(function, payload)

    assert answer["failed"]
    assert answer["payload"]["errorType"] == error


def test_a_function_works_again_after_its_process_ended(conformance: Conformance) -> None:
    """The next invocation gets a new process."""
    conformance.invoke("misbehave", {"how": "exit"})

    assert not conformance.invoke("misbehave", {"how": "sleep", "seconds": 0})["failed"]


def test_heavy_functions_wait_for_a_core(conformance: Conformance) -> None:
    """A burst neither fails nor starts a process for each invocation."""
    answers: list[dict[str, object]] = []

    def invoke() -> None:
        answers.append(conformance.invoke("echo", {"pause": 0.05}))

    burst = [threading.Thread(target=invoke) for _ in range(12)]
    for thread in burst:
        thread.start()
    for thread in burst:
        thread.join(30)

    assert len(answers) == 12
    assert not any(answer["failed"] for answer in answers)
    processes = {answer["payload"]["process"] for answer in answers}  # type: ignore[index] # an answer's JSON
    assert len(processes) <= len(os.sched_getaffinity(0))


def test_a_log_file_tells_what_a_function_printed_and_used(
    conformance: Conformance, until: Callable[..., str]
) -> None:
    """Each function has its own log, with Lambda's line about time and memory."""
    request = conformance.invoke("echo", {})["payload"]["request"]
    log = conformance.cloud.log_of("echo")

    def reported() -> str:
        text = log.read_text("utf-8")
        return text if f"REPORT RequestId: {request}" in text else ""

    text = until(reported, seconds=5)
    assert "echoed" in text
    assert re.search(r"Duration: [\d.]+ ms\tMemory Size: 1024 MB\tMax Memory Used: [1-9]\d* MB", text)


def test_payloads_of_any_json_arrive_as_they_were_sent(conformance: Conformance) -> None:
    """Unicode, nesting and nulls are not touched on the way."""
    payload = {"key": "uploads/tasse + 1 é 😀.jpg", "none": None, "deep": [{"a": [1, 2.5, True]}]}

    assert conformance.invoke("echo", payload)["payload"]["event"] == json.loads(json.dumps(payload))
