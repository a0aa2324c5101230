"""Correction: states that wait for a task token fail when AWS would fail them.

MiniStack swallows the error of the function that hands the token out and knows no heartbeat, so such a
state hangs until its TimeoutSeconds. It also reuses the token when a state is repeated, so that a late
answer to the first attempt would end the second.
"""

import json
import threading
import time
import uuid
from types import ModuleType
from typing import Any

from infrastructure.local.emulator.guard import original, replace

_FOREVER_S = 99_999_999  # Step Functions' own default
_POLL_S = 0.05


def correct(stepfunctions: ModuleType) -> None:
    """Replace MiniStack's `.waitForTaskToken` dispatcher, and give each attempt a token of its own."""
    tokens: dict[str, dict[str, Any]] = original(stepfunctions, "_task_tokens")
    invoke = original(stepfunctions, "_invoke_resource_with_timeout")
    error = original(stepfunctions, "_ExecutionError")

    def wait_for_task_token(resource: str, argument: object, token: str, state: dict[str, Any]) -> object:
        limit_s = float(state.get("TimeoutSeconds", _FOREVER_S))
        heartbeat_s = float(state.get("HeartbeatSeconds", limit_s))
        started = time.monotonic()
        task: dict[str, Any] = {"event": threading.Event(), "result": None, "error": None, "heartbeat": None}
        tokens[token] = task
        try:
            _hand_out(
                task, lambda: invoke(resource.replace(".waitForTaskToken", ""), argument, limit_s), error
            )
            missed = _wait(task, until=started + limit_s, heartbeat_s=heartbeat_s)
            if missed:
                raise error(missed, "No callback came in time")
            if task["error"]:
                raise error(task["error"].get("Error", "TaskFailed"), task["error"].get("Cause", ""))
            return _parsed(task["result"])
        finally:
            tokens.pop(token, None)

    replace(stepfunctions, "_invoke_with_callback", wait_for_task_token)
    apply_arguments = original(stepfunctions, "_apply_jsonata_arguments")

    def arguments_of_attempt(state: dict[str, Any], payload: object, ctx: dict[str, Any]) -> object:
        if state.get("Resource", "").endswith(".waitForTaskToken"):
            ctx["Task"] = {"Token": str(uuid.uuid4())}
        return apply_arguments(state, payload, ctx)

    replace(stepfunctions, "_apply_jsonata_arguments", arguments_of_attempt)


def _hand_out(task: dict[str, Any], send: Any, error: type[Exception]) -> None:  # noqa: ANN401 (MiniStack has no types)
    """Give the token to whoever will answer; an answer that came before an error stands."""
    try:
        send()
    except error:
        if not task["event"].is_set():
            raise


def _wait(task: dict[str, Any], *, until: float, heartbeat_s: float) -> str | None:
    """Wait for the answer; return the name of the time-out if none came."""
    seen, alive = task["heartbeat"], time.monotonic()
    while not task["event"].wait(_POLL_S):
        now = time.monotonic()
        if task["heartbeat"] is not seen:
            seen, alive = task["heartbeat"], now
        if now >= until:
            return "States.Timeout"
        if now - alive >= heartbeat_s:
            return "States.HeartbeatTimeout"
    return None


def _parsed(output: Any) -> object:  # noqa: ANN401 (whatever the caller of SendTaskSuccess sent)
    try:
        return json.loads(output)
    except (TypeError, ValueError):
        return output
