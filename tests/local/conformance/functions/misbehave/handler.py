"""Does to its process what a defect would do."""

import os
import time
from typing import Any


def handler(event: dict[str, Any], _context: object) -> object:
    """Exit, take more memory than there is, run out of time, or hold a place for a while."""
    match event["how"]:
        case "exit":
            os._exit(1)
        case "hoard":
            hoard = []
            while True:
                hoard.append(bytearray(os.urandom(2**20)) * 16)
        case "sleep":
            time.sleep(event["seconds"])
    return {"process": os.getpid(), "began": time.time() - event.get("seconds", 0), "ended": time.time()}
