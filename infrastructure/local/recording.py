"""Real inputs as sample events: what an execution asked each function."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from infrastructure.functions import WORKFLOW
from infrastructure.local.places import ENVIRONMENT
from infrastructure.local.rehearsal import ROLES

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef


@dataclass(frozen=True, slots=True)
class Recording:
    """What one function was asked; `case` is the scene's name where a function is asked for each scene."""

    function: str
    case: str
    question: JsonValue

    def write(self, events: Path) -> Path:
        """Keep it as a sample event and return where."""
        path = events / self.function / f"{self.case}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.question, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path


def recordings(
    history: Iterable["HistoryEventTypeDef"], *, case: str, outputs: Mapping[str, str]
) -> tuple[Recording, ...]:
    """Return the first question to each function (and scene), its buckets named by what they are for."""
    names = {outputs[f"{role.capitalize()}Bucket"]: f"packshot-{ENVIRONMENT.name}-{role}" for role in ROLES}
    functions = {each.name_in(ENVIRONMENT): each.name for each in WORKFLOW}
    found: dict[tuple[str, str], Recording] = {}
    for event in history:
        parameters = json.loads(event.get("taskScheduledEventDetails", {}).get("parameters", "null"))
        if not isinstance(parameters, dict) or "Payload" not in parameters:
            continue
        function = functions[str(parameters["FunctionName"]).rpartition(":")[2]]
        question = _renamed(parameters["Payload"], names)
        recording = Recording(function, _scene(question) or case, question)
        found.setdefault((recording.function, recording.case), recording)
    return tuple(found.values())


def _renamed(question: JsonValue, names: Mapping[str, str]) -> JsonValue:
    if isinstance(question, dict):
        return {name: _renamed(value, names) for name, value in question.items()}
    if isinstance(question, list):
        return [_renamed(item, names) for item in question]
    return names.get(question, question) if isinstance(question, str) else question


def _scene(question: JsonValue) -> str:
    scene = question.get("scene") if isinstance(question, dict) else None
    name = scene.get("name") if isinstance(scene, dict) else None
    return name if isinstance(name, str) else ""
