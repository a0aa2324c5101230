"""One of our engines behind a pipe, so that its memory and its time are its own.

A line of JSON in, `{"photo": path, "matte": path}`, gives a PNG and a line of JSON out.
"""

import resource
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from pydantic import TypeAdapter

from packshot.adapters.engines import shelved_engine
from packshot.errors import RejectedPhoto
from packshot.events import ImageRef, ObjectRef
from packshot.imaging.arrays import Bytes
from packshot.imaging.decoding import Limits, read_photo
from packshot.imaging.encoding import to_bytes
from packshot.imaging.engines import Engine
from packshot.imaging.mattes import describe_matte, require_product
from packshot.imaging.matting import Estimate
from packshot.settings import EngineName
from tests.benchmarks.engines.worker import THREADS, Answer, Question


def answer(question: Question, *, engine: Engine) -> Answer:
    """Do what the product does from a decoded photo to its matte, and write that down."""
    photo = read_photo(Path(question.photo).read_bytes(), limits=Limits())
    began, began_cpu = time.perf_counter(), time.process_time()
    found = engine.estimate(photo.pixels)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
    cv2.imwrite(question.matte, to_bytes(found.alpha), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    reason = _reason(found, pixels=photo.pixels)
    return Answer(
        engine=found.engine,
        confidence=found.confidence,
        approved=not reason,
        reason=reason,
        notes=found.notes,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
    )


def refusal(question: Question, *, error: RejectedPhoto) -> Answer:
    """Answer for a photo that the product would not take: nothing is cut out of it."""
    cv2.imwrite(question.matte, np.zeros((1, 1), dtype=np.uint8))
    return Answer(
        engine="none",
        confidence=0,
        approved=False,
        reason=str(error),
        seconds=0,
        cpu_seconds=0,
        peak_rss_mb=0,
    )


def _reason(found: Estimate, *, pixels: Bytes) -> str:
    """Return why this matte is not published unseen, "" if it is."""
    height, width = found.alpha.shape
    nowhere = ImageRef(object=ObjectRef(bucket="benchmark", key="matte.png"), width=width, height=height)
    try:
        require_product(found)
    except RejectedPhoto as error:
        return str(error)
    return describe_matte(found, pixels=pixels, image=nowhere, cutout=nowhere).review_reason


def main() -> int:
    """Answer until the pipe closes."""
    cv2.setNumThreads(THREADS)
    answers, sys.stdout = sys.stdout, sys.stderr
    names = TypeAdapter(EngineName)
    chosen = shelved_engine(names.validate_python(sys.argv[1]))
    for line in sys.stdin:
        question = Question.model_validate_json(line)
        try:
            given = answer(question, engine=chosen)
        except RejectedPhoto as error:
            given = refusal(question, error=error)
        answers.write(given.model_dump_json() + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
