"""rembg behind the same pipe as our own engines, in an environment of its own, where nothing of ours is.

A line of JSON in, `{"photo": path, "matte": path}`, gives a PNG and a line of JSON out.
"""

import json
import resource
import sys
import time

from PIL import Image, ImageOps
from rembg import new_session, remove

MODEL = "u2net"


def main() -> int:
    """Answer until the pipe closes."""
    answers, sys.stdout = sys.stdout, sys.stderr
    session = new_session(MODEL)
    for line in sys.stdin:
        question = json.loads(line)
        with Image.open(question["photo"]) as file:
            photo = ImageOps.exif_transpose(file).convert("RGB")
        began, began_cpu = time.perf_counter(), time.process_time()
        matte = remove(photo, session=session, only_mask=True)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
        matte.save(question["matte"], compress_level=1)
        answer = {
            "engine": f"rembg {MODEL}",
            "confidence": 1.0,
            "approved": True,
            "reason": "",
            "seconds": seconds,
            "cpu_seconds": cpu_seconds,
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        }
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
