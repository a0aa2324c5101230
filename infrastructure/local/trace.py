"""An execution's history, read as states: when each ran, how long, how often and with how much payload."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

Scope = tuple[int, ...]

FAILURES = (
    "taskFailedEventDetails",
    "taskTimedOutEventDetails",
    "taskSubmitFailedEventDetails",
    "lambdaFunctionFailedEventDetails",
    "lambdaFunctionTimedOutEventDetails",
)
FAILED_ENDS = ("executionFailedEventDetails", "executionTimedOutEventDetails", "executionAbortedEventDetails")


@dataclass(frozen=True, slots=True)
class StateRun:
    """One visit of one state; `exited` is None while it runs.

    `scope` says for which scene of a Map it ran (empty: for the whole photo); `attempts` counts the calls
    of a task, retries included; `error` is the last error's name. Payloads are bytes of JSON: what a task
    sends and what it passes on, what any other state is given and passes on.
    """

    name: str
    kind: str
    scope: tuple[str, ...]
    entered: datetime
    bytes_in: int
    exited: datetime | None = None
    bytes_out: int | None = None
    attempts: int = 0
    error: str = ""

    @property
    def ms(self) -> float | None:
        """Milliseconds from entry to exit, waiting between attempts included; None while it runs."""
        return None if self.exited is None else (self.exited - self.entered) / timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Trace:
    """The states of one execution, in the order in which they were entered; `cause` is in words."""

    started: datetime
    stopped: datetime | None
    runs: tuple[StateRun, ...]
    error: str = ""
    cause: str = ""

    @property
    def ended(self) -> bool:
        """Nothing more will happen."""
        return self.stopped is not None

    @property
    def failed(self) -> bool:
        """The execution itself ended with an error: a defect, not a rejected photo."""
        return bool(self.error)

    @property
    def ending(self) -> str:
        """The state in which the execution ended; empty while it runs."""
        return self.runs[-1].name if self.ended and self.runs else ""

    @property
    def tasks(self) -> tuple[StateRun, ...]:
        """The states that do work, as opposed to those that decide."""
        return tuple(run for run in self.runs if run.kind == "Task")

    @property
    def seconds(self) -> float:
        """How long it took, or has taken until the last thing that happened."""
        last = self.stopped or max((run.exited or run.entered for run in self.runs), default=self.started)
        return (last - self.started).total_seconds()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the machine an event stands: in which item of which Map, in which visit (an index)."""

    scope: Scope = ()
    visit: int | None = None


@dataclass(slots=True)
class _Reader:
    """Follows `previousEventId` from event to event: a Map mixes the events of its items."""

    visits: list[StateRun] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    names: dict[Scope, str] = field(default_factory=dict)
    places: dict[int, _Place] = field(default_factory=dict)

    def read(self, event: "HistoryEventTypeDef") -> None:
        """Take the next event."""
        before = self.places.get(event.get("previousEventId", 0), _Place())
        self.places[event["id"]] = self._follow(event, before)

    def _follow(self, event: "HistoryEventTypeDef", before: _Place) -> _Place:
        if "stateEnteredEventDetails" in event:
            return self._enter(event, before)
        if "stateExitedEventDetails" in event:
            return self._exit(event, before)
        if "mapIterationStartedEventDetails" in event:
            details = event["mapIterationStartedEventDetails"]
            around = self._open(details.get("name", ""), before.scope)
            return _Place((*(() if around is None else self.scopes[around]), details.get("index", 0)))
        if before.visit is not None:
            self._annotate(event, before.visit)
        return before

    def _enter(self, event: "HistoryEventTypeDef", before: _Place) -> _Place:
        details = event["stateEnteredEventDetails"]
        text = details.get("input", "")
        if before.scope and before.scope not in self.names:
            self.names[before.scope] = _scene_name(text) or f"#{before.scope[-1] + 1}"
        self.visits.append(
            StateRun(
                name=details["name"],
                kind=event["type"].removesuffix("StateEntered"),
                scope=self._scope_names(before.scope),
                entered=event["timestamp"],
                bytes_in=len(text.encode()),
            )
        )
        self.scopes.append(before.scope)
        return _Place(before.scope, len(self.visits) - 1)

    def _exit(self, event: "HistoryEventTypeDef", before: _Place) -> _Place:
        details = event["stateExitedEventDetails"]
        index = self._open(details["name"], before.scope)
        if index is None:
            return before
        self.visits[index] = replace(
            self.visits[index],
            exited=event["timestamp"],
            bytes_out=len(details.get("output", "").encode()),
        )
        return _Place(self.scopes[index])

    def _open(self, name: str, scope: Scope) -> int | None:
        """Return the newest visit of this state that runs around the scope: a Map ends amid its items."""
        for index in range(len(self.visits) - 1, -1, -1):
            around = self.scopes[index]
            visit = self.visits[index]
            if visit.name == name and visit.exited is None and scope[: len(around)] == around:
                return index
        return None

    def _annotate(self, event: "HistoryEventTypeDef", index: int) -> None:
        visit = self.visits[index]
        if "taskScheduledEventDetails" in event:
            asked = _payload_bytes(event["taskScheduledEventDetails"].get("parameters", ""))
            self.visits[index] = replace(visit, attempts=visit.attempts + 1, bytes_in=asked or visit.bytes_in)
        if (fault := _fault(event, FAILURES)) is not None:
            self.visits[index] = replace(visit, error=fault.get("error", "States.Timeout"))

    def _scope_names(self, scope: Scope) -> tuple[str, ...]:
        return tuple(self.names[scope[: depth + 1]] for depth in range(len(scope)))


def read_trace(events: Iterable["HistoryEventTypeDef"]) -> Trace:
    """Read a history from its first event on; states that an error cut short end with the execution."""
    history = sorted(events, key=lambda event: event["id"])
    reader = _Reader()
    for event in history:
        reader.read(event)
    last = history[-1]
    stopped = last["timestamp"] if _ends(last) else None
    end = _fault(last, FAILED_ENDS)
    return Trace(
        started=history[0]["timestamp"],
        stopped=stopped,
        runs=tuple(replace(run, exited=run.exited or stopped) for run in reader.visits),
        error="" if end is None else end.get("error", "States.Timeout"),
        cause="" if end is None else end.get("cause", ""),
    )


def _fault(event: "HistoryEventTypeDef", kinds: Iterable[str]) -> Mapping[str, str] | None:
    """Return `error` and `cause` of an event of one of these kinds; a time-out has neither."""
    details = cast("Mapping[str, Mapping[str, str]]", event)
    return next((details[kind] for kind in kinds if kind in details), None)


def _payload_bytes(parameters: str) -> int:
    """Return the size of what a Lambda function is sent, or of all arguments of another service's task."""
    try:
        arguments = json.loads(parameters)
    except ValueError:
        return 0
    if isinstance(arguments, dict) and "Payload" in arguments:
        return len(json.dumps(arguments["Payload"], ensure_ascii=False).encode())
    return len(parameters.encode())


def _ends(event: "HistoryEventTypeDef") -> bool:
    return event["type"] in {
        "ExecutionSucceeded",
        "ExecutionFailed",
        "ExecutionTimedOut",
        "ExecutionAborted",
    }


def _scene_name(text: str) -> str:
    """Return what a Map's item calls its scene, empty if it has none."""
    try:
        item = json.loads(text)
    except ValueError:
        return ""
    scene = item.get("scene", item) if isinstance(item, dict) else {}
    name = scene.get("name", "") if isinstance(scene, dict) else ""
    return name if isinstance(name, str) else ""
