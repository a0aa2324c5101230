"""Webhooks as Replicate signs them (Standard Webhooks): HMAC-SHA256 over id, time and the raw body."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from packshot.errors import ForgedWebhook

TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"
_VERSION = "v1,"


@dataclass(frozen=True, slots=True)
class Signed:
    """A callback that its sender signed: its id, which a repetition keeps, and the raw bytes."""

    id: str
    body: bytes


def verify(body: bytes, *, headers: Mapping[str, str], secret: str, at: datetime) -> Signed:
    """Return the callback; `ForgedWebhook` if nobody signed it with the secret, or longer ago than 5 min.

    Header names are in lower case. Several signatures, separated by blanks, are of several secrets.
    """
    message = headers.get("webhook-id", "")
    sent = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split()
    if not (message and sent and given):
        raise ForgedWebhook("a callback without id, time or signature")
    expected = sign(body, message=message, sent=sent, secret=secret)
    matches = [hmac.compare_digest(each.encode(), expected.encode()) for each in given]
    if not any(matches):
        raise ForgedWebhook("no signature of the callback is of our secret")
    if abs(at - _moment(sent)) > TOLERANCE:
        raise ForgedWebhook("the callback was signed more than five minutes away from now")
    return Signed(message, body)


def sign(body: bytes, *, message: str, sent: str, secret: str) -> str:
    """Return the signature of a callback; `sent` is in seconds of the Unix epoch."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ForgedWebhook("the secret for callbacks is not one") from error
    if not key:
        raise ForgedWebhook("there is no secret for callbacks")
    digest = hmac.new(key, f"{message}.{sent}.".encode() + body, hashlib.sha256).digest()
    return _VERSION + base64.b64encode(digest).decode()


def _moment(sent: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(sent), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ForgedWebhook("the callback's time is none") from error
