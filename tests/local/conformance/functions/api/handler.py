"""Answers an HTTP API's requests with the request itself."""

import json
from typing import Any


def handler(event: dict[str, Any], _context: object) -> object:
    """Return the event as JSON; fail or redirect on request."""
    if event["rawPath"].endswith("/fail"):
        raise RuntimeError("on request")
    if event["rawPath"].endswith("/redirect"):
        return {"statusCode": 302, "headers": {"location": "https://example.com/"}, "body": None}
    return {"statusCode": 201, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
