"""Fails under the name that it is given, for as many attempts as it is told."""

from typing import Any


class RetryLater(Exception):
    """Worth another attempt."""


class RejectedPhoto(Exception):
    """Nothing to repeat."""


ERRORS = {"RetryLater": RetryLater, "RejectedPhoto": RejectedPhoto, "KeyError": KeyError}


def handler(event: dict[str, Any], _context: object) -> object:
    """Raise `event["error"]` while the attempt is below `event["failures"]`."""
    if event["attempt"] < event["failures"]:
        raise ERRORS[event["error"]](f"attempt {event['attempt']}")
    return {"attempt": event["attempt"]}
