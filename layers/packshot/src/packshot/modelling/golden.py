"""Questions that a model has to answer on its endpoint as it answers here. They are made up."""

import json
import math
from typing import Annotated, Final

from pydantic import Field, ValidationError

from packshot.errors import DamagedArtifact, PredictorUnavailable
from packshot.events import Preferences
from packshot.events.base import Event, Share
from packshot.model_ports import ModelEndpoint

TOLERANCE: Final = 1e-3


class GoldenLine(Event):
    """A made-up purchase."""

    time: float
    category: str


class GoldenQuestion(Event):
    """A made-up history, and the category that it leads to with this probability."""

    now: float
    purchases: tuple[GoldenLine, ...]
    category: str
    probability: Share


class GoldenQuestions(Event):
    """What a version has to answer."""

    version: str
    questions: Annotated[tuple[GoldenQuestion, ...], Field(min_length=1)]


def fault_of(endpoint: ModelEndpoint, golden: GoldenQuestions) -> str:
    """Ask the endpoint and say what is wrong with its answers; empty if nothing is."""
    for number, question in enumerate(golden.questions):
        fault = _fault(endpoint, question, version=golden.version)
        if fault:
            return f"golden question {number}: {fault}"
    return ""


def _fault(endpoint: ModelEndpoint, question: GoldenQuestion, *, version: str) -> str:
    rows = [{"time": line.time, "category": line.category} for line in question.purchases]
    try:
        body = endpoint.ask(json.dumps({"now": question.now, "purchases": rows}).encode())
        answer = Preferences.model_validate_json(body)
    except PredictorUnavailable as error:
        return str(error)
    except ValidationError as error:
        return (
            f"the answer is not what it should be: {error.errors()[0]['msg']} in {error.errors()[0]['loc']}"
        )
    if answer.model != version:
        return f"{answer.model or 'no model'} answered, not {version}"
    # By its name, not its place: categories that are as likely may change places on another processor.
    told = {each.category: each.probability for each in answer.next}.get(question.category, math.nan)
    if not math.isclose(told, question.probability, abs_tol=TOLERANCE):
        return f"{question.category}: {told:.4f} was told where {question.probability:.4f} is right"
    return ""


def read_golden(body: bytes) -> GoldenQuestions:
    """Read the questions; `DamagedArtifact` if they are none."""
    try:
        return GoldenQuestions.model_validate_json(body)
    except ValidationError as error:
        raise DamagedArtifact(f"these are no golden questions: {error.error_count()} faults") from error
