"""Answers with what it was asked and what it sees around itself."""

import os
import sys
import time
from typing import Any


def handler(event: dict[str, Any], context: Any) -> object:  # noqa: ANN401 (Lambda's own)
    """Return the event, the environment, the import path and the context's own facts."""
    print("echoed")  # noqa: T201 (what a log file is tested with)
    time.sleep(event.get("pause", 0))
    return {
        "event": event,
        "environment": dict(os.environ),
        "path": sys.path,
        "process": os.getpid(),
        "request": context.aws_request_id,
        "remaining_ms": context.get_remaining_time_in_millis(),
    }
