"""Milliseconds of the steps that make pictures, on one core, at the size that shops get."""

import importlib
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from packshot.events import (
    AssessRequest,
    Candidate,
    ComposeRequest,
    Composite,
    ImageRef,
    Matte,
    Plate,
    QualityReport,
    RenderRequest,
)
from packshot.imaging.arrays import Bytes
from packshot.imaging.encoding import MEDIA_TYPE, encode_png
from packshot.imaging.foreground import cut_out
from packshot.imaging.mattes import describe_matte
from packshot.imaging.matting import Estimate
from packshot.publishing import Publisher
from packshot.testing.jobs import MemoryJobs
from packshot.testing.objects import MemoryObjects

SIDE = 1600
WARM_UP, REPEATS = 2, 7
SET, PRODUCT = "marble_counter", "boot"
"""A set of matter and paint whose ground is polished, which asks the most of every step."""
ROOT = Path(__file__).resolve().parents[2]

_BUCKET = "packshot-benchmark-work"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Cost:
    """Median and worst of the repeats of a step as the function runs it: read, compute, encode, write.

    `cpu_p50_ms` is what a busy machine leaves comparable.
    """

    p50_ms: float
    worst_ms: float
    cpu_p50_ms: float


def measure_steps() -> dict[str, Cost]:
    """Measure in a fresh process, where every library can still be told to keep to one thread."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
            return pool.submit(_measured).result()
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _measured() -> dict[str, Cost]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    bench = _Bench()
    steps = {
        "plate": bench.plate,
        "composite": bench.composite,
        "assess": bench.assess,
        "publish": bench.publish,
    }
    return {name: _cost(step) for name, step in steps.items()}


def _cost(step: Callable[[], object]) -> Cost:
    walls, cpus = [], []
    for _ in range(WARM_UP + REPEATS):
        began, began_cpu = time.perf_counter(), time.process_time()
        step()
        walls.append((time.perf_counter() - began) * 1e3)
        cpus.append((time.process_time() - began_cpu) * 1e3)
    wall, cpu = walls[WARM_UP:], cpus[WARM_UP:]
    return Cost(
        p50_ms=round(statistics.median(wall), 1),
        worst_ms=round(max(wall), 1),
        cpu_p50_ms=round(statistics.median(cpu), 1),
    )


class _Bench:
    """A sample photo on its way, in buckets in memory; each step asks what the state machine would ask."""

    def __init__(self) -> None:
        self._objects = MemoryObjects()
        event = ROOT / "events" / "compose_image" / "trend.json"
        asked = ComposeRequest.model_validate_json(event.read_bytes())
        self._photo = asked.photo
        self._scene = asked.scene.model_copy(update={"set": SET, "width": SIDE, "height": SIDE})
        pixels, alpha = _sample(PRODUCT)
        self._working = self._keep("working", pixels)
        self._matte = self._masked(pixels, alpha)
        self._plate = self._rendered(self._objects)
        self._composite = self.composite()
        self._report = self.assess()

    def plate(self) -> Plate:
        """Render a plate that no product needed yet."""
        return self._rendered(MemoryObjects())

    def composite(self) -> Composite:
        """Set the product before its plate."""
        request = ComposeRequest(
            photo=self._photo,
            working=self._working,
            matte=self._matte,
            scene=self._scene,
            plate=self._plate,
        )
        made: Composite = _function("compose_image")(request, objects=self._objects, bucket=_BUCKET)
        return made

    def assess(self) -> QualityReport:
        """Judge the composite."""
        request = AssessRequest(
            photo=self._photo,
            working=self._working,
            matte=self._matte,
            scene=self._scene,
            composite=self._composite,
        )
        report: QualityReport = _function("assess_quality")(
            request, objects=self._objects, jobs=MemoryJobs(), allowed=2
        )
        return report

    def publish(self) -> None:
        """Write all renditions of one scene, and the cutout."""
        publisher = Publisher(self._photo, objects=self._objects, bucket=_BUCKET)
        candidate = Candidate(scene=self._scene, composite=self._composite, quality=self._report)
        publisher.publish((candidate,), matte=self._matte)

    def _rendered(self, objects: MemoryObjects) -> Plate:
        made: Plate = _function("render_studio")(
            RenderRequest(scene=self._scene), objects=objects, bucket=_BUCKET
        )
        return made

    def _masked(self, pixels: Bytes, alpha: Bytes) -> Matte:
        share = np.divide(alpha, 255, dtype=np.float32)
        return describe_matte(
            Estimate(alpha=share, confidence=1, engine="truth"),
            pixels=pixels,
            image=self._keep("matte", alpha),
            cutout=self._keep("cutout", cut_out(pixels, alpha=share)),
        )

    def _keep(self, name: str, image: Bytes) -> ImageRef:
        stored = self._objects.write(
            encode_png(image), bucket=_BUCKET, key=f"photos/{name}.png", media_type=MEDIA_TYPE
        )
        return ImageRef(object=stored, width=image.shape[1], height=image.shape[0])


def _sample(name: str) -> tuple[Bytes, Bytes]:
    """Return a sample photo and its true matte, (H, W, 3) and (H, W)."""
    photos = ROOT / "tests" / "photos"
    pixels = cv2.imread(str(photos / f"{name}.jpg"), cv2.IMREAD_COLOR_RGB)
    alpha = cv2.imread(str(photos / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    assert alpha is not None
    return np.asarray(pixels, dtype=np.uint8), np.asarray(alpha, dtype=np.uint8)


def _function(name: str) -> Callable[..., Any]:
    """Return the plain function of a Lambda, which has its folder's name."""
    plain: Callable[..., Any] = getattr(importlib.import_module(f"functions.{name}.handler"), name)
    return plain
