"""Serve without a model: count what the customer bought. It answers until the first model is trained.

SageMaker's four functions, in Python 3.10 with nothing but the toolkit of its container.
"""

import json
import time
from collections import Counter
from http import HTTPStatus

from sagemaker_inference.errors import BaseInferenceToolkitError

MEDIA_TYPE = "application/json"
TOP = 3
LARGEST_BODY = 10_000_000
MOST_PURCHASES = 100_000
LATEST = 253_370_764_800.0
"""The end of year 9998; a larger time is no time in seconds."""
HALF_LIFE_S = 180 * 86_400.0
"""After half a year a purchase counts half."""
_UNSEEN = 1.0
"""What all that was never bought counts together, in purchases of today."""
_DAY_S = 86_400
_LONGEST_WORD = 200


class InvalidRequest(BaseInferenceToolkitError):  # type: ignore[misc]  # the toolkit has no types
    """The request cannot be answered; the message names the field. The server answers it with 422."""

    def __init__(self, message: str) -> None:
        """Take the sentence, which begins with the field."""
        super().__init__(HTTPStatus.UNPROCESSABLE_ENTITY, message, HTTPStatus.UNPROCESSABLE_ENTITY.phrase)

    def __str__(self) -> str:
        return str(self.message)


def model_fn(model_dir):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - SageMaker's own signature
    """Load nothing: there is no model yet."""
    return model_dir


def input_fn(body: "bytes | str", content_type: str = MEDIA_TYPE) -> "dict[str, object]":
    """Parse a request; `InvalidRequest` names the field at fault."""
    if content_type.split(";", maxsplit=1)[0].strip().lower() != MEDIA_TYPE:
        raise InvalidRequest(f"content type: {content_type} is not {MEDIA_TYPE}")
    if len(body) > LARGEST_BODY:
        raise InvalidRequest(f"body: {len(body)} bytes are more than {LARGEST_BODY}")
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("body: this is no JSON") from error
    rows = parsed.get("purchases") if isinstance(parsed, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_PURCHASES:
        raise InvalidRequest(f"purchases: this has to be a list of at most {MOST_PURCHASES}")
    return {
        "now": _seconds(parsed.get("now", time.time()), "now"),
        "purchases": [_purchase(row, f"purchases.{at}") for at, row in enumerate(rows)],
    }


def predict_fn(question: "dict[str, object]", _model: object) -> "dict[str, object]":
    """Return the categories that were bought most, late ones before early ones."""
    now, bought = question["now"], question["purchases"]
    past = [(moment, category) for moment, category in bought if moment < now]  # type: ignore[attr-defined]
    counts: Counter[str] = Counter()
    for moment, category in past:
        counts[category] += 0.5 ** ((now - moment) / HALF_LIFE_S)
    whole = sum(counts.values()) + _UNSEEN
    return {
        "next": [
            {"category": category, "probability": count / whole, "because": "counted from what was bought"}
            for category, count in counts.most_common(TOP)
        ],
        "basis": {
            "kind": "frequency",
            "visits": len({moment // _DAY_S for moment, _ in past}),
            "future_purchases_left_out": len(bought) - len(past),  # type: ignore[arg-type]
        },
        "model": "",
    }


def output_fn(answer: "dict[str, object]", accept: str = MEDIA_TYPE) -> "tuple[str, str]":
    """Return the answer as JSON, whatever is accepted."""
    del accept
    return json.dumps(answer, allow_nan=False), MEDIA_TYPE


def _purchase(row: object, where: str) -> "tuple[float, str]":
    if not isinstance(row, dict):
        raise InvalidRequest(f"{where}: this has to be an object")
    category = row.get("category")
    if not isinstance(category, str) or not 0 < len(category) <= _LONGEST_WORD:
        raise InvalidRequest(f"{where}.category: this has to be text of 1 to {_LONGEST_WORD} characters")
    return _seconds(row.get("time"), f"{where}.time"), category


def _seconds(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LATEST:
        raise InvalidRequest(f"{where}: this has to be a number of seconds since 1970")
    return float(value)
