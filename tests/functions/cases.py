"""The sample events of a function."""

import json
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).resolve().parents[2] / "events"


def case_names(function: str) -> list[str]:
    """Return the names of a function's sample events."""
    return sorted(path.stem for path in (EVENTS / function).glob("*.json"))


def read_case(function: str, case: str) -> dict[str, Any]:
    """Return a sample event, as Lambda would hand it over."""
    event: dict[str, Any] = json.loads((EVENTS / function / f"{case}.json").read_text(encoding="utf-8"))
    return event
