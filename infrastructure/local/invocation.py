"""Calling one function with a sample event, and reading what it wrote."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from infrastructure.functions import blueprint
from infrastructure.local.places import ENVIRONMENT, EVENTS, FUNCTIONS, Refused

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LOG_LINES = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answered; `error` is the type of error Lambda reports, empty if there was none."""

    payload: JsonValue
    error: str
    log: str

    @property
    def fault(self) -> str:
        """The error's own name and message."""
        told = self.payload if isinstance(self.payload, dict) else {}
        return f"{told.get('errorType', self.error)}: {told.get('errorMessage', '')}".strip()


def functions() -> tuple[str, ...]:
    """Return the names of all functions."""
    return tuple(sorted(path.parent.name for path in FUNCTIONS.glob("*/handler.py")))


def known(function: str) -> str:
    """Return the function's folder name, `mask-product` or not; `Refused` if there is none."""
    folder = function.replace("-", "_")
    if folder not in functions():
        raise Refused(f"There is no function {function!r}. These are: {', '.join(functions())}")
    return folder


def cases(function: str) -> tuple[str, ...]:
    """Return the names of a function's sample events."""
    return tuple(sorted(path.stem for path in (EVENTS / function).glob("*.json")))


def sample(function: str, case: str) -> JsonValue:
    """Return a sample event by its case, or any JSON file's content; `Refused` if there is none."""
    path = Path(case) if case.endswith(".json") else EVENTS / function / f"{case}.json"
    try:
        event: JsonValue = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        choice = ", ".join(cases(function)) or "none"
        raise Refused(f"There is no event {case!r} for {function}. Cases: {choice}") from None
    except ValueError as error:
        raise Refused(f"{path} is not JSON: {error}") from error
    return event


def call(function: str, event: JsonValue, *, client: "LambdaClient", log: Path) -> Answer:
    """Invoke a function and return its answer with the end of its log."""
    written = log.stat().st_size if log.is_file() else 0
    name = blueprint(function).name_in(ENVIRONMENT)
    reply = client.invoke(FunctionName=name, Payload=json.dumps(event).encode(), LogType="Tail")
    payload: JsonValue = json.loads(reply["Payload"].read() or b"null")
    tail = base64.b64decode(reply.get("LogResult", "")).decode(errors="replace")
    return Answer(payload, reply.get("FunctionError", ""), tail or tail_of(log, skip=written))


def tail_of(log: Path, *, lines: int = LOG_LINES, skip: int = 0) -> str:
    """Return the last lines of a log, those before `skip` bytes left out; empty if there is no log."""
    if not log.is_file():
        return ""
    with log.open("rb") as file:
        file.seek(skip)
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
