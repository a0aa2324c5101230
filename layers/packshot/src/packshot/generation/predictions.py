"""What Replicate says of a job, read as JSON: the client's own parser breaks on statuses it does not know."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from packshot.errors import DamagedArtifact
from packshot.events import Prediction

_LONGEST_ERROR = 500
_ADDRESS = re.compile(r"""https?:[^\s'"<>]+|[^\s'"<>]*X-Amz-[^\s'"<>]*""", re.IGNORECASE)
_MODERATED = ("nsfw", "e005", "sensitive", "flagged", "moderat", "safety")


def read_prediction(body: object) -> Prediction:
    """Return a prediction from its JSON; `DamagedArtifact` if it has no id or no status."""
    if not isinstance(body, Mapping) or not _text(body.get("id")) or not _text(body.get("status")):
        raise DamagedArtifact("a prediction without an id or a status")
    metrics = body.get("metrics")
    seconds = metrics.get("predict_time") if isinstance(metrics, Mapping) else None
    return Prediction(
        id=_text(body["id"]),
        status=_text(body["status"]),
        model=_text(body.get("model")),
        outputs=_outputs(body.get("output")),
        error=quotable(_text(body.get("error"))),
        seconds=max(float(seconds), 0) if isinstance(seconds, int | float) else 0,
        created_at=_moment(body.get("created_at")),
    )


def quotable(said: str) -> str:
    """Return a generator's words as they may stand in a record: short, and without addresses.

    Those that it quotes are ours, and their signatures open our bucket.
    """
    return _ADDRESS.sub("(an address)", said[: 4 * _LONGEST_ERROR])[:_LONGEST_ERROR]


def is_same_input(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two inputs are of one order.

    Signatures of addresses differ by the minute, and a generator may add what was left out.
    """
    names = one.keys() & other.keys()
    return {"prompt", "seed"} <= names and all(_bare(one[name]) == _bare(other[name]) for name in names)


def is_moderated(prediction: Prediction) -> bool:
    """Say whether the generator refused to draw, by its own words."""
    said = prediction.error.lower()
    return prediction.status == "failed" and any(word in said for word in _MODERATED)


def is_billed(prediction: Prediction) -> bool:
    """Say whether a job costs: what succeeded, and what was stopped while it ran.

    What is stopped before it ran is `aborted`, so `canceled` counts even where no seconds are told.
    """
    return prediction.status in {"succeeded", "canceled"}


def _outputs(output: object) -> tuple[str, ...]:
    """Return the addresses of what was made: one for the pro models, a list for the others."""
    many = output if isinstance(output, list) else [output]
    return tuple(each for each in many if isinstance(each, str) and each)


def _bare(value: object) -> object:
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return urlsplit(value).path
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return found if found.tzinfo else None
