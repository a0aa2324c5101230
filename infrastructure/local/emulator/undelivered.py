"""Correction: an event that a rule or a schedule cannot deliver goes to the target's dead-letter queue.

MiniStack writes a line into its log and forgets the event.
"""

from contextvars import ContextVar
from types import ModuleType
from typing import Any

from infrastructure.local.emulator.guard import original, replace

_target: ContextVar[dict[str, Any] | None] = ContextVar("target", default=None)


def correct(eventbridge: ModuleType, stepfunctions: ModuleType, lambda_svc: ModuleType) -> None:
    """Watch deliveries to state machines and functions; Scheduler uses the same ones."""
    invoke = original(eventbridge, "_invoke_target")
    to_queue = original(eventbridge, "_dispatch_to_sqs")
    parse_arn = original(eventbridge, "parse_arn")
    machine_of = original(stepfunctions, "_resolve_state_machine_arn")
    start = original(stepfunctions, "_start_execution")
    function_of = original(lambda_svc, "_get_func_record_for_ref")
    to_function = original(eventbridge, "_dispatch_to_lambda")

    def invoke_target(target: dict[str, Any], *rest: object) -> None:
        token = _target.set(target)
        try:
            invoke(target, *rest)
        finally:
            _target.reset(token)

    def keep(payload: str) -> None:
        queue = ((_target.get() or {}).get("DeadLetterConfig") or {}).get("Arn")
        if queue:
            to_queue(parse_arn(queue), payload)

    def dispatch_to_machine(arn: str, payload: str) -> None:
        if machine_of(arn) is None or start({"stateMachineArn": arn, "input": payload})[0] >= _FAILURE:
            keep(payload)

    def dispatch_to_function(arn: str, payload: str) -> None:
        if function_of(arn)[0]:
            to_function(arn, payload)
        else:
            keep(payload)

    replace(eventbridge, "_invoke_target", invoke_target)
    replace(eventbridge, "_dispatch_to_stepfunctions", dispatch_to_machine)
    replace(eventbridge, "_dispatch_to_lambda", dispatch_to_function)


_FAILURE = 400
