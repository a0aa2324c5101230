"""What clients of outside services share: how they wait to be let in again."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT_S = 600.0
_UNSURE_S = 5.0
_PARTS = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Patience:
    """How somebody waits, and by which clock."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


PATIENCE = Patience()


def now_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def retry_after(headers: Mapping[str, str], *, now: Callable[[], datetime] = now_utc) -> float:
    """Return the seconds that `Retry-After` asks for, said as a number or as a date (RFC 9110, 10.2.3).

    Five where it says nothing that can be read, ten minutes at most.
    """
    said = headers.get("retry-after", "").strip()
    try:
        seconds = float(said)
    except ValueError:
        seconds = _until(said, now=now)
    return min(max(seconds, 0.0), LONGEST_WAIT_S) if seconds == seconds else _UNSURE_S  # noqa: PLR0124 - NaN is a float


def _until(said: str, *, now: Callable[[], datetime]) -> float:
    try:
        moment = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return _UNSURE_S
    return (moment.astimezone(UTC) - now()).total_seconds()


def duration(text: str) -> float:
    """Return the seconds of a text like `2m59.56s`; 0 if it is none."""
    found = _PARTS.findall(text)
    return min(sum(float(number) * _SECONDS[unit] for number, unit in found), LONGEST_WAIT_S)


def number(text: str | None) -> float | None:
    """Return a header's number, None if it has none."""
    try:
        return float(text) if text else None
    except ValueError:
        return None
