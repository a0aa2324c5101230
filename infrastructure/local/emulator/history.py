"""Correction: the history of an execution tells what happens inside a Map, and which event follows which.

MiniStack records the machine's outer states only, without `previousEventId` and without a task's arguments,
so nobody could say how long a scene took or how large its payloads are.
"""

import json
import threading
from collections.abc import Callable
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from infrastructure.local.emulator.guard import original, replace

_KINDS = ("Pass", "Task", "Choice", "Wait", "Parallel", "Map")
_last: ContextVar[int] = ContextVar("last_event", default=0)
_arguments: ContextVar[object] = ContextVar("arguments", default=None)
_inside: ContextVar[dict[str, Any] | None] = ContextVar("execution_of_an_item", default=None)

AddEvent = Callable[..., dict[str, Any]]


def correct(stepfunctions: ModuleType) -> None:
    """Replace what writes events, and let the states of items and branches write theirs."""
    add_event = _chained(original(stepfunctions, "_add_event"))
    replace(stepfunctions, "_add_event", add_event)
    replace(
        stepfunctions,
        "_apply_jsonata_arguments",
        _remembered(original(stepfunctions, "_apply_jsonata_arguments")),
    )
    replace(
        stepfunctions, "_run_sub_machine", _as_item(original(stepfunctions, "_run_sub_machine"), add_event)
    )
    for kind in _KINDS:
        name = f"_execute_{kind.lower()}"
        replace(stepfunctions, name, _told(original(stepfunctions, name), kind, add_event))


def _chained(add: AddEvent) -> AddEvent:
    """Name the event before, per thread of states; one lock, because items write at the same time."""
    lock = threading.Lock()

    def add_event(
        execution: dict[str, Any], event_type: str, details: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        told = {**_with_arguments(event_type, details or {}), "previousEventId": _last.get()}
        with lock:
            event = add(execution, event_type, told)
        _last.set(event["id"])
        return event

    return add_event


def _afresh(run: Callable[..., object]) -> Callable[..., object]:
    """Forget the execution that started this one: threads here inherit the context of who started them."""

    def run_execution(*parts: object) -> object:
        _last.set(1)
        _inside.set(None)
        return run(*parts)

    return run_execution


def _with_arguments(event_type: str, details: dict[str, Any]) -> dict[str, Any]:
    if event_type != "TaskScheduled":
        return details
    scheduled = details["taskScheduledEventDetails"]
    return {"taskScheduledEventDetails": {**scheduled, "parameters": json.dumps(_arguments.get())}}


def _remembered(apply: Callable[..., object]) -> Callable[..., object]:
    """Keep a task's arguments until its event is written."""

    def apply_arguments(*parts: object) -> object:
        found = apply(*parts)
        _arguments.set(found)
        return found

    return apply_arguments


def _as_item(run: Callable[..., object], add_event: AddEvent) -> Callable[..., object]:
    """Tell when an item of a Map begins; from here on its states are told too."""

    def run_sub_machine(
        states: dict[str, Any], start: str, payload: object, execution: dict[str, Any], ctx: dict[str, Any]
    ) -> object:
        token = _inside.set(execution)
        item = ctx.get("Map", {}).get("Item", {})
        details = {"name": ctx.get("State", {}).get("Name", ""), "index": item.get("Index", 0)}
        add_event(execution, "MapIterationStarted", {"mapIterationStartedEventDetails": details})
        try:
            return run(states, start, payload, execution, ctx)
        finally:
            _inside.reset(token)

    return run_sub_machine


def _told(
    execute: Callable[..., tuple[object, str | None]], kind: str, add_event: AddEvent
) -> Callable[..., tuple[object, str | None]]:
    """Write entry and exit of a state of an item; MiniStack writes those of the outer states itself."""

    def execute_state(
        state: dict[str, Any],
        payload: object,
        *rest: Any,  # noqa: ANN401 (MiniStack has no types)
    ) -> tuple[object, str | None]:
        execution = _inside.get()
        if execution is None:
            return execute(state, payload, *rest)
        name = rest[-1]["State"]["Name"]
        entered = {"name": name, "input": json.dumps(payload)}
        add_event(execution, f"{kind}StateEntered", {"stateEnteredEventDetails": entered})
        output, following = execute(state, payload, *rest)
        exited = {"name": name, "output": json.dumps(output)}
        add_event(execution, f"{kind}StateExited", {"stateExitedEventDetails": exited})
        return output, following

    return execute_state
