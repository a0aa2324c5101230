"""How an execution's history is read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from infrastructure.local.trace import Trace, read_trace

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


class History:
    """Writes events as Step Functions does: numbered, 100 ms apart, each naming the one before."""

    def __init__(self) -> None:
        """Begin with the execution's start."""
        self.events: list[Mapping[str, Any]] = []
        self.add("ExecutionStarted", after=0)

    def add(self, kind: str, *, after: int | None = None, **details: Mapping[str, Any]) -> int:
        """Append an event and return its number."""
        number = len(self.events) + 1
        self.events.append(
            {
                "id": number,
                "type": kind,
                "timestamp": START + timedelta(milliseconds=100 * (number - 1)),
                "previousEventId": number - 1 if after is None else after,
                **details,
            }
        )
        return number

    def enter(self, kind: str, name: str, *, payload: str = "{}", after: int | None = None) -> int:
        """Enter a state."""
        details = {"name": name, "input": payload}
        return self.add(f"{kind}StateEntered", after=after, stateEnteredEventDetails=details)

    def leave(self, kind: str, name: str, *, payload: str = "{}", after: int | None = None) -> int:
        """Exit a state."""
        details = {"name": name, "output": payload}
        return self.add(f"{kind}StateExited", after=after, stateExitedEventDetails=details)

    def call(self, *, parameters: str = "{}") -> int:
        """Schedule a task."""
        return self.add("TaskScheduled", taskScheduledEventDetails={"parameters": parameters})

    def fail(self, error: str) -> int:
        """Let a task fail."""
        return self.add("TaskFailed", taskFailedEventDetails={"error": error, "cause": "why"})

    def read(self) -> Trace:
        """Read what was written so far."""
        return read_trace(cast("list[HistoryEventTypeDef]", self.events))


def test_a_task_has_its_times_calls_and_payloads() -> None:
    """A task's time is from entry to exit, its payloads are what it sends and what it passes on."""
    history = History()
    history.enter("Task", "MaskProduct", payload='{"a": 1}')
    history.call(parameters='{"FunctionName": "f", "Payload": {"key": "ä"}}')
    history.leave("Task", "MaskProduct", payload='{"area": 0.5}')
    history.add("ExecutionSucceeded")

    trace = history.read()

    (run,) = trace.runs
    assert (run.name, run.kind, run.scope) == ("MaskProduct", "Task", ())
    assert run.ms == 200
    assert run.attempts == 1
    assert run.bytes_in == len('{"key": "ä"}'.encode())
    assert run.bytes_out == len('{"area": 0.5}')
    assert trace.ended
    assert not trace.failed
    assert trace.seconds == 0.4


def test_retries_count_as_calls_and_keep_the_last_error() -> None:
    """A task that was repeated says how often and why."""
    history = History()
    history.enter("Task", "ComposeImage")
    history.call()
    history.fail("RetryLater")
    history.call()
    history.leave("Task", "ComposeImage")

    (run,) = history.read().runs

    assert run.attempts == 2
    assert run.error == "RetryLater"


def test_items_of_a_map_are_told_apart_however_their_events_mix() -> None:
    """Two scenes at once keep their own states, named after the scene; the Map ends in their midst."""
    history = History()
    opened = history.enter("Map", "MakeScenes")
    started = history.add("MapStateStarted", after=opened, mapStateStartedEventDetails={"length": 2})
    first = history.add(
        "MapIterationStarted",
        after=started,
        mapIterationStartedEventDetails={"name": "MakeScenes", "index": 0},
    )
    second = history.add(
        "MapIterationStarted",
        after=started,
        mapIterationStartedEventDetails={"name": "MakeScenes", "index": 1},
    )
    a = history.enter("Task", "RenderStudio", payload='{"scene": {"name": "white"}}', after=first)
    b = history.enter("Task", "RenderStudio", payload='{"scene": {"name": "trend"}}', after=second)
    b = history.leave("Task", "RenderStudio", after=b)
    a = history.leave("Task", "RenderStudio", after=a)
    b = history.enter("Task", "ComposeImage", after=b)
    history.enter("Task", "ComposeImage", after=a)
    b = history.leave("Task", "ComposeImage", after=b)
    b = history.add(
        "MapIterationSucceeded", after=b, mapIterationSucceededEventDetails={"name": "MakeScenes"}
    )
    history.leave("Map", "MakeScenes", after=b)

    runs = {(run.name, run.scope): run.ms for run in history.read().runs}

    assert runs == {
        ("MakeScenes", ()): 1200,
        ("RenderStudio", ("white",)): 300,
        ("RenderStudio", ("trend",)): 100,
        ("ComposeImage", ("trend",)): 200,
        ("ComposeImage", ("white",)): None,
    }


def test_scenes_without_a_name_are_numbered() -> None:
    """A Map over anything but scenes still tells its items apart."""
    history = History()
    history.enter("Map", "Each")
    history.add("MapIterationStarted", mapIterationStartedEventDetails={"name": "Each", "index": 4})
    history.enter("Pass", "Keep", payload="[1]")

    assert history.read().runs[-1].scope == ("#5",)


def test_a_failed_execution_closes_what_it_cut_short() -> None:
    """The error is the execution's, and the state in which it happened ends with it."""
    history = History()
    history.enter("Task", "PublishImages")
    history.call()
    history.add("ExecutionFailed", executionFailedEventDetails={"error": "KeyError", "cause": "'sku'"})

    trace = history.read()

    assert trace.failed
    assert (trace.error, trace.cause) == ("KeyError", "'sku'")
    assert trace.runs[0].ms == 200


def test_a_running_execution_has_not_ended() -> None:
    """Nothing is claimed of what still runs."""
    history = History()
    history.enter("Task", "MaskProduct")

    trace = history.read()

    assert not trace.ended
    assert trace.ending == ""
    assert trace.runs[0].ms is None
