"""Serve the predictor: SageMaker's four functions.

A request is a raw history, `{"now": seconds, "purchases": [{"time": seconds, "category": …, "price": …}]}`;
`now` is the present where it is missing. Refused requests are answered with the field and the reason.
"""

import json
import time
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

from sagemaker_inference.errors import BaseInferenceToolkitError

from packshot.preferences.artifact import load
from packshot.preferences.predictor import Predictor
from packshot.preferences.purchases import Purchase, WordTables, encode

MEDIA_TYPE = "application/json"
TOP = 3
LARGEST_BODY = 10_000_000
MOST_PURCHASES = 100_000
LATEST = 253_370_764_800.0
"""The end of year 9998; a larger time is no time in seconds."""


class InvalidRequest(BaseInferenceToolkitError):  # type: ignore[misc]  # the toolkit has no types
    """The request cannot be answered; the message names the field. The server answers it with 422."""

    def __init__(self, message: str) -> None:
        """Take the sentence, which begins with the field."""
        super().__init__(HTTPStatus.UNPROCESSABLE_ENTITY, message, HTTPStatus.UNPROCESSABLE_ENTITY.phrase)

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True)
class Served:
    """A model that was loaded, and the codes of its words."""

    predictor: Predictor
    tables: WordTables


@dataclass(frozen=True, slots=True)
class Question:
    """A history, the time of asking, and what of the history had to be left out."""

    now: float
    purchases: tuple[Purchase, ...]
    later: int


def model_fn(model_dir: str) -> Served:
    """Load the model; `DamagedArtifact` if it would not answer as it did when it was trained."""
    predictor = load(Path(model_dir))
    return Served(predictor, predictor.vocabulary.tables())


def input_fn(body: bytes | str, content_type: str = MEDIA_TYPE) -> Question:
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
    now = _number(parsed.get("now", time.time()), "now", smallest=0, largest=LATEST)
    found = [_purchase(row, f"purchases.{at}") for at, row in enumerate(rows)]
    past = tuple(purchase for purchase in found if purchase.time < now)
    return Question(now, past, len(found) - len(past))


def predict_fn(question: Question, model: Served) -> dict[str, object]:
    """Return what is likeliest next, what brand, style and price, why, and what all that rests on."""
    history = encode(question.purchases, tables=model.tables)
    answer = model.predictor.answer(history, now=question.now)
    known = model.tables.categories
    return {
        "next": [asdict(candidate) for candidate in answer.next],
        "brands": [asdict(told) for told in answer.brands],
        "styles": [asdict(told) for told in answer.styles],
        "price_bands": [asdict(told) for told in answer.price_bands],
        "basis": {
            "kind": "history" if answer.visits else "popularity",
            "visits": answer.visits,
            "unknown_categories": sum(purchase.category not in known for purchase in question.purchases),
            "future_purchases_left_out": question.later,
            "oldest_purchases_left_out": answer.left_out,
        },
        "model": model.predictor.version,
    }


def output_fn(answer: dict[str, object], accept: str = MEDIA_TYPE) -> tuple[str, str]:
    """Return the answer as JSON, whatever is accepted."""
    del accept
    return json.dumps(answer, allow_nan=False), MEDIA_TYPE


def _purchase(row: object, where: str) -> Purchase:
    if not isinstance(row, dict):
        raise InvalidRequest(f"{where}: this has to be an object")
    price, discount = row.get("price"), row.get("discount")
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
        discount=None if discount is None else _number(discount, f"{where}.discount", smallest=0, largest=1),
        **words,
    )


def _number(value: object, where: str, *, smallest: float, largest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidRequest(f"{where}: this has to be a number")
    # NaN is not between; a whole number may be too large for a float, or to be written.
    if not smallest <= value <= largest:
        raise InvalidRequest(f"{where}: this is not between {smallest:g} and {largest:g}")
    return float(value)


def _word(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > 200:  # noqa: PLR2004 - a name, not a novel
        raise InvalidRequest(f"{where}: this has to be text of at most 200 characters")
    return value
