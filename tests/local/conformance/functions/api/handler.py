"""Answers an HTTP API's requests with the request itself."""

import json
from typing import Any


def handler(event: dict[str, Any], _context: object) -> object:
    """Return the event as JSON; fail on request."""
    if event["rawPath"].endswith("/fail"):
        raise RuntimeError("on request")
    return {"statusCode": 201, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
