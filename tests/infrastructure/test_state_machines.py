"""The definitions in statemachine/: lint, graph, and the names that they share with the code."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from statelint.config import Config  # type: ignore[import-untyped]  # it ships no types
from statelint.linter import Linter  # type: ignore[import-untyped]  # it ships no types

from infrastructure import functions
from packshot import errors
from packshot.backgrounds.asking import LEASE

DEFINITIONS = sorted((Path(__file__).resolve().parents[2] / "statemachine").glob("*.asl.json"))
State = Mapping[str, Any]
# Step Functions' and Lambda's own; every other name has to be one of ours.
FOREIGN_ERRORS = re.compile(
    r"States\.(ALL|TaskFailed|Timeout|HeartbeatTimeout)"
    r"|Lambda\.(ServiceException|AWSLambdaException|SdkClientException|TooManyRequestsException)"
    r"|Sandbox\.Timedout|SageMaker\.\w+|Runtime\.(ExitError|OutOfMemory)|DynamoDB\.\w+"
)
JSONATA_BUILT_IN = {
    "states",
    "contains",
    "count",
    "exists",
    "hash",
    "merge",
    "not",
    "now",
    "parse",
    "string",
    "substring",
    "toMillis",
    "type",
}


@pytest.fixture(params=DEFINITIONS, ids=lambda path: path.name.partition(".")[0])
def text(request: pytest.FixtureRequest) -> str:
    """Return a definition as it is written."""
    path: Path = request.param
    return path.read_text()


@pytest.fixture
def machine(text: str) -> State:
    """Return a definition, parsed."""
    parsed: State = json.loads(text)
    return parsed


def scopes(machine: State) -> Iterator[State]:
    """Yield the machine, and every machine inside a Map or Parallel."""
    yield machine
    for state in machine["States"].values():
        inner = [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches", [])
        for each in inner:
            yield from scopes(each)


def states(machine: State) -> Iterator[tuple[str, State]]:
    """Yield every state with its name, those of inner machines too."""
    for scope in scopes(machine):
        yield from scope["States"].items()


def successors(state: State) -> set[str]:
    """Return the names of the states that may follow."""
    rules = [*state.get("Choices", ()), *state.get("Catch", ())]
    return {state[key] for key in ("Next", "Default") if key in state} | {rule["Next"] for rule in rules}


def expressions(value: object) -> Iterator[str]:
    """Yield every JSONata expression in a part of a definition."""
    if isinstance(value, str) and value.startswith("{%"):
        yield value[2:-2]
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from expressions(each)
    elif isinstance(value, list):
        for each in value:
            yield from expressions(each)


def test_there_is_a_machine() -> None:
    """The tests below have something to hold to account."""
    assert {path.name.partition(".")[0] for path in DEFINITIONS} >= set(functions.MACHINES)


def test_statelint_is_content(text: str) -> None:
    """The definition is valid Amazon States Language."""
    assert [str(each) for each in Linter.validate(text, Config())] == []


def test_statelint_sees_a_dangling_transition(machine: State) -> None:
    """The linter really lints: a broken definition does not pass."""
    broken = {**machine, "StartAt": "Nowhere"}
    assert Linter.validate(json.dumps(broken), Config())


def test_every_transition_arrives(machine: State) -> None:
    """No state, rule or catcher leads to a state that is not in its own scope."""
    for scope in scopes(machine):
        named = {scope["StartAt"]}.union(*map(successors, scope["States"].values()))
        assert named <= set(scope["States"])


def test_every_state_is_reached(machine: State) -> None:
    """No state is left over from an earlier drawing."""
    for scope in scopes(machine):
        reached, frontier = set(), {scope["StartAt"]}
        while frontier:
            reached |= frontier
            frontier = set().union(*(successors(scope["States"][name]) for name in frontier)) - reached
        assert reached == set(scope["States"])


def test_every_scope_ends(machine: State) -> None:
    """From every state an end can be reached, so no photo goes round for ever."""
    for scope in scopes(machine):
        ending = {name for name, state in scope["States"].items() if not successors(state)}
        while (
            more := {name for name, state in scope["States"].items() if successors(state) & ending} - ending
        ):
            ending |= more
        assert ending == set(scope["States"])


def test_every_state_says_why(machine: State) -> None:
    """Each state has a comment of at least a few words."""
    assert [name for name, state in states(machine) if len(state.get("Comment", "").split()) < 4] == []


def test_time_is_bounded(machine: State) -> None:
    """The machine and each task have a time limit, and a task's is longer than its function's own."""
    assert machine["TimeoutSeconds"] <= 24 * 3600
    limits = {f"${{{each.step}FunctionArn}}": each.timeout for each in functions.ALL}
    for _, state in states(machine):
        if state["Type"] == "Task":
            called = state["Arguments"].get("FunctionName", "")
            assert state["TimeoutSeconds"] > limits.get(called, 0)


def test_every_retry_backs_off_with_jitter(machine: State) -> None:
    """Retries of many photos at once neither hammer nor march in step, and there are at most a few."""
    for name, state in states(machine):
        for retrier in state.get("Retry", ()):
            assert retrier["BackoffRate"] == 2.0, name
            assert retrier["JitterStrategy"] == "FULL", name
            assert retrier["MaxDelaySeconds"] <= 60, name
            assert 1 <= retrier["MaxAttempts"] <= (10 if name == "RequestBackground" else 6), name


def test_a_background_is_asked_for_until_a_lost_call_can_be_looked_for() -> None:
    """With delays drawn from 0 to their bound, on average twice as long as a lease, or a throttle, lasts."""
    text = (DEFINITIONS[0].parent / "enhance_photo.asl.json").read_text(encoding="utf-8")
    (state,) = (each for name, each in states(json.loads(text)) if name == "RequestBackground")
    (retrier,) = (each for each in state["Retry"] if "RetryLater" in each["ErrorEquals"])
    waits = [retrier["IntervalSeconds"] * 2**n for n in range(retrier["MaxAttempts"])]
    assert sum(min(wait, retrier["MaxDelaySeconds"]) / 2 for wait in waits) > 2 * LEASE.total_seconds()


def test_every_task_is_repeated_and_caught(machine: State) -> None:
    """A busy service is waited for, and whatever else happens is answered: in a Map, by the Map."""
    for scope in scopes(machine):
        for name, state in scope["States"].items():
            if state["Type"] == "Task":
                assert state["Retry"], name
            if scope is machine and state["Type"] in {"Task", "Map", "Parallel"}:
                assert "States.ALL" in state["Catch"][-1]["ErrorEquals"], name


def test_a_rejection_is_never_taken_for_a_failure(machine: State) -> None:
    """Wherever anything is caught for a function, RejectedPhoto is caught first and leads to RejectPhoto."""
    if called(machine) != {each.step for each in functions.WORKFLOW}:
        return
    catchers = [state["Catch"] for name, state in machine["States"].items() if name in STEPS_OF_A_PHOTO]
    assert catchers
    for first, *_ in catchers:
        assert first["ErrorEquals"][0] == "RejectedPhoto"
        assert first["Next"] == "RejectPhoto"


STEPS_OF_A_PHOTO = {each.step for each in functions.WORKFLOW if each.name != "reject_photo"} | {"MakeScenes"}


def test_only_known_errors_are_named(machine: State) -> None:
    """Each error that is retried or caught by name is raised by us, by Lambda or by Step Functions."""
    for name, state in states(machine):
        for rule in (*state.get("Retry", ()), *state.get("Catch", ())):
            for error in rule["ErrorEquals"]:
                assert hasattr(errors, error) or FOREIGN_ERRORS.fullmatch(error), (name, error)


def test_each_step_calls_the_function_of_its_name(machine: State) -> None:
    """A state that calls a function has the function's name, which has a folder."""
    for name, state in states(machine):
        if "lambda:invoke" in state.get("Resource", ""):
            assert state["Arguments"]["FunctionName"] == f"${{{name}FunctionArn}}"
            assert name in {each.step for each in functions.ALL}


@pytest.mark.parametrize("name", functions.MACHINES)
def test_every_workflow_function_is_called(name: str) -> None:
    """No function of a workflow is deployed without a state that calls it."""
    machine = json.loads((DEFINITIONS[0].parent / f"{name}.asl.json").read_text())
    assert called(machine) == {each.step for each in functions.MACHINES[name]}


def called(machine: State) -> set[str]:
    """Return the states that call a function."""
    return {name for name, state in states(machine) if "FunctionName" in state.get("Arguments", {})}


def test_every_variable_is_assigned(machine: State) -> None:
    """No expression reads a variable that no state assigns."""
    assigned = {
        name
        for _, state in states(machine)
        for holder in (state, *state.get("Choices", ()), *state.get("Catch", ()))
        for name in holder.get("Assign", {})
    }
    read = {
        name
        for each in expressions(machine["States"])
        for name in re.findall(r"\$([a-z]\w*)", each, re.IGNORECASE)
        if not re.search(rf"\${name} :=", each)
    }
    assert read - JSONATA_BUILT_IN <= assigned


def test_a_map_assigns_no_variable_of_its_machine(machine: State) -> None:
    """Step Functions refuses an inner variable of an outer one's name."""

    def assigned(scope: State) -> set[str]:
        holders = [
            each
            for state in scope["States"].values()
            for each in (state, *state.get("Choices", ()), *state.get("Catch", ()))
        ]
        return {name for holder in holders for name in holder.get("Assign", {})}

    outer, *inner = scopes(machine)
    for each in inner:
        assert not assigned(outer) & assigned(each)


def trained() -> Mapping[str, State]:
    """Return the states of the predictor's machine."""
    found: Mapping[str, State] = json.loads(
        (DEFINITIONS[0].parent / "train_preferences.asl.json").read_text()
    )["States"]
    return found


def test_the_endpoint_is_looked_at_before_it_is_moved_back() -> None:
    """It takes no order while it follows another, so an update that is under way is waited for."""
    found = trained()
    assert {name for name, state in found.items() if "PutChampionBack" in successors(state)} == {
        "IsChampionServing"
    }
    first = found["IsChampionServing"]["Choices"][0]
    assert "'Updating'" in first["Condition"]
    assert found[first["Next"]]["Next"] == "LookAtEndpoint"


def test_the_registry_is_read_before_a_candidate_is_replaced() -> None:
    """An alarm may have brought another champion since the run began, and has the last word."""
    found = trained()
    ill = [name for name, state in found.items() if state.get("Assign", {}).get("ending") == "failed"]
    assert len(ill) == 3
    assert {found[name]["Next"] for name in ill} == {"RetireModel"}
    assert found["RetireModel"]["Next"] == "LookAtEndpoint"


def test_no_image_travels(machine: State) -> None:
    """The definition stays far below what Step Functions takes, and reads no object itself."""
    assert len(json.dumps(machine)) < 1_000_000
    assert not [name for name, state in states(machine) if "s3:getObject" in state.get("Resource", "")]
