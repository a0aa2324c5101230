"""Callbacks as API Gateway hands them over (HTTP API, payload 2.0)."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packshot.backgrounds.receiving import Receiver
from packshot.errors import DamagedArtifact, ForgedWebhook, PackshotError, RetryLater
from packshot.generation.predictions import read_prediction
from packshot.generation.signatures import verify
from packshot.ports import Clock, Inbox

_RECIPE = re.compile(r"[0-9a-f]{32}")
_STATUSES: dict[type[PackshotError], int] = {ForgedWebhook: 401, DamagedArtifact: 400, RetryLater: 503}
"""Replicate sends again what was not answered with 2xx; a forgery is told nothing more."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback about a job; header names are in lower case, the body is what was signed."""

    recipe: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def read(cls, event: Mapping[str, Any]) -> "Callback":
        """Return the callback of a request; `DamagedArtifact` if its path names no job."""
        recipe = (event.get("pathParameters") or {}).get("recipe", "")
        if not _RECIPE.fullmatch(recipe):
            raise DamagedArtifact("the callback's address names no job")
        body = event.get("body") or ""
        try:
            raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        except (binascii.Error, ValueError) as error:
            raise DamagedArtifact("the callback's body is not what it says") from error
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return cls(recipe, headers, raw)


def take(callback: Callback, *, receiver: Receiver, inbox: Inbox, secret: str, now: Clock) -> bool:
    """Work on a callback once; it is noted only at the end, so that one that was cut off is taken again.

    False for one of a prediction that no job of ours asked for: somebody may be paying for it.
    """
    signed = verify(callback.body, headers=callback.headers, secret=secret, at=now())
    if inbox.heard(signed.id):
        return True
    try:
        body = json.loads(signed.body)
    except ValueError as error:
        raise DamagedArtifact("the callback is not JSON") from error
    is_ours = receiver.receive(callback.recipe, read_prediction(body))
    inbox.remember(signed.id, at=now())
    return is_ours


def status_of(error: PackshotError) -> int:
    """Return the HTTP status that tells the sender whether to come again."""
    return next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 500)
