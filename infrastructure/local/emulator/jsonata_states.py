"""Correction: Parallel and Succeed obey JSONata, and branches of a Parallel have scopes of their own.

MiniStack evaluates neither state's `Output` (nor a Parallel's `Arguments` and `Assign`), and lets branches
write into one context: the task token and the variables of one would be read by another.
"""

import copy
from types import ModuleType
from typing import Any

from infrastructure.local.emulator.guard import original, replace

State = dict[str, Any]


def correct(stepfunctions: ModuleType) -> None:
    """Replace how the two states make their output, and give each branch a copy of the context."""
    _correct_succeed(stepfunctions)
    _correct_parallel(stepfunctions)
    run = original(stepfunctions, "_run_sub_machine")

    def run_sub_machine(states: State, start: str, payload: object, execution: State, ctx: State) -> object:
        return run(states, start, payload, execution, copy.deepcopy(ctx))

    replace(stepfunctions, "_run_sub_machine", run_sub_machine)


def _correct_succeed(stepfunctions: ModuleType) -> None:
    apply_path = original(stepfunctions, "_apply_output_path")
    apply_output = original(stepfunctions, "_apply_jsonata_output")
    language = original(stepfunctions, "_state_query_language")

    def output_of(state: State, payload: object, ctx: State | None = None) -> object:
        if state.get("Type") == "Succeed" and language(state, ctx) == "JSONata":
            return apply_output(state, payload, ctx, default=payload)
        return apply_path(state, payload, ctx)

    replace(stepfunctions, "_apply_output_path", output_of)


def _correct_parallel(stepfunctions: ModuleType) -> None:
    run = original(stepfunctions, "_run_parallel_branches")
    apply_arguments = original(stepfunctions, "_apply_jsonata_arguments")
    apply_output = original(stepfunctions, "_apply_jsonata_output")
    assign = original(stepfunctions, "_apply_state_assign")
    language = original(stepfunctions, "_state_query_language")

    def run_branches(state: State, payload: object, execution: State, ctx: State) -> object:
        if language(state, ctx) != "JSONata":
            return run(state, payload, execution, ctx)
        results, following = run(state, apply_arguments(state, payload, ctx), execution, ctx)
        output = apply_output(state, payload, ctx, result=results, default=results)
        assign(state, payload, ctx, result=results)
        return output, following

    replace(stepfunctions, "_run_parallel_branches", run_branches)
