"""Serve the predictor: SageMaker's four functions.

A request is a raw history, `{"now": seconds, "purchases": [{"time": seconds, "category": …, "price": …}]}`;
`now` is the present where it is missing. Refused requests are answered with the field and the reason.
"""

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

from packshot.preferences.artifact import Predictor, load
from packshot.preferences.purchases import Lines, Purchase, encode

MEDIA_TYPE = "application/json"
TOP = 3
LARGEST_BODY = 10_000_000
MOST_PURCHASES = 100_000
LATEST = 253_370_764_800.0
"""The end of year 9998; a larger time is no time in seconds."""


class InvalidRequest(ValueError):
    """The request cannot be answered; the message names the field."""


@dataclass(frozen=True, slots=True)
class Question:
    """A history, the time of asking, and what of the history had to be left out."""

    now: float
    purchases: tuple[Purchase, ...]
    later: int


def model_fn(model_dir: str) -> Predictor:
    """Load the model; `DamagedArtifact` if it would not answer as it did when it was trained."""
    return load(Path(model_dir))


def input_fn(body: bytes | str, content_type: str = MEDIA_TYPE) -> Question:
    """Parse a request; `InvalidRequest` names the field at fault."""
    if content_type.split(";", maxsplit=1)[0].strip() != MEDIA_TYPE:
        raise InvalidRequest(f"content type: {content_type} is not {MEDIA_TYPE}")
    if len(body) > LARGEST_BODY:
        raise InvalidRequest(f"body: {len(body)} bytes are more than {LARGEST_BODY}")
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise InvalidRequest("body: this is no JSON") from error
    rows = parsed.get("purchases") if isinstance(parsed, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_PURCHASES:
        raise InvalidRequest(f"purchases: this has to be a list of at most {MOST_PURCHASES}")
    now = _number(parsed.get("now", time.time()), "now", smallest=0, largest=LATEST)
    found = [_purchase(row, f"purchases.{at}") for at, row in enumerate(rows)]
    past = tuple(purchase for purchase in found if purchase.time < now)
    return Question(now, past, len(found) - len(past))


def predict_fn(question: Question, model: Predictor) -> dict[str, object]:
    """Return the categories that are likeliest next, the expected purchases, and what they rest on."""
    history: Lines = encode(question.purchases, tables=model.vocabulary.tables())
    answer = model.answer(history, now=question.now)
    ranked = sorted(range(len(answer.next)), key=lambda code: -answer.next[code])
    names = model.vocabulary.categories
    return {
        "next": [
            {
                "category": names[code],
                "probability": float(answer.next[code]),
                "within_30_days": float(answer.soon[code]) if answer.visits else None,
            }
            for code in ranked[:TOP]
        ],
        "basis": {
            "kind": "history" if answer.visits else "popularity",
            "visits": answer.visits,
            "unknown_categories": sum(purchase.category not in names for purchase in question.purchases),
            "future_purchases_left_out": question.later,
        },
        "model": model.version,
    }


def output_fn(answer: dict[str, object], accept: str = MEDIA_TYPE) -> tuple[str, str]:
    """Return the answer as JSON, whatever is accepted."""
    del accept
    return json.dumps(answer, allow_nan=False), MEDIA_TYPE


def _purchase(row: object, where: str) -> Purchase:
    if not isinstance(row, dict):
        raise InvalidRequest(f"{where}: this has to be an object")
    price = row.get("price")
    words = {
        name: _word(row.get(name, ""), f"{where}.{name}") for name in ("brand", "style", "item", "order")
    }
    category = _word(row.get("category", ""), f"{where}.category")
    if not category:
        raise InvalidRequest(f"{where}.category: this is missing")
    return Purchase(
        time=_number(row.get("time"), f"{where}.time", smallest=0, largest=LATEST),
        category=category,
        price=None if price is None else _number(price, f"{where}.price", smallest=0, largest=1e9),
        **words,
    )


def _number(value: object, where: str, *, smallest: float, largest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidRequest(f"{where}: this has to be a number")
    if not math.isfinite(value) or not smallest <= value <= largest:
        raise InvalidRequest(f"{where}: {value} is not between {smallest:g} and {largest:g}")
    return float(value)


def _word(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > 200:  # noqa: PLR2004 - a name, not a novel
        raise InvalidRequest(f"{where}: this has to be text of at most 200 characters")
    return value
