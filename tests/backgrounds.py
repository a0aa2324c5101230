"""A small world around the paid generator: the fake, our books, states that wait, a stopped clock."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
from numpy.typing import NDArray

from packshot.adapters.downloads import AllowedDownloads
from packshot.adapters.replicate import ReplicateGenerator
from packshot.backgrounds.answering import Answers
from packshot.backgrounds.asking import Desk
from packshot.backgrounds.ordering import order_for
from packshot.backgrounds.receiving import Receiver
from packshot.backgrounds.sweeping import Sweeper
from packshot.errors import PackshotError
from packshot.events import MICROS, BackgroundNotice, BackgroundRequest, Caps, Job
from packshot.imaging.encoding import encode_png
from packshot.testing.clock import StoppedClock
from packshot.testing.jobs import MemoryJobs
from packshot.testing.objects import MemoryObjects, MemorySigner
from packshot.testing.replicate import Call, Mishap, Pace, ReplicateService
from packshot.testing.replicate.service import TOKEN
from packshot.testing.tasks import MemoryTasks

ROOT = Path(__file__).resolve().parents[1]
WORK = "packshot-test-work"
WEBHOOK = "https://callbacks.invalid/v1/callbacks"
CAPS = Caps(daily=1000 * MICROS, product=1000 * MICROS, calls_per_second=10_000)


class EmptyRoom:
    """A segmenter that sees nothing, or one thing where it is told to."""

    name = "empty"

    def __init__(self, *, thing: bool = False) -> None:
        """`thing` stands in the middle of every picture."""
        self._thing = thing

    def predict(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probability of a thing, (H, W)."""
        seen = np.zeros(pixels.shape[:2], dtype=np.float32)
        if self._thing:
            height, width = pixels.shape[:2]
            seen[height // 3 : height * 2 // 3, width // 3 : width * 2 // 3] = 1
        return seen


def plain_picture(given: Mapping[str, Any], outcome: str, number: int) -> bytes:
    """Return a picture of 112 pixels with a gradient; or what is wrong with it."""
    rows = np.linspace(60 + number % 40, 200, 112)
    picture = np.repeat(np.repeat(rows[:, None, None], 112, axis=1), 3, axis=2).astype(np.uint8)
    match outcome:
        case "black":
            picture[:] = 0
        case "blank":
            picture[:] = 190
        case "small":
            picture = picture[:24, :24]
        case "wide":
            picture = np.asarray(cv2.resize(picture, (224, 112)), dtype=np.uint8)
        case _:
            picture[..., 2] = (picture[..., 2] + int(given["seed"]) % 20).astype(np.uint8)
    return encode_png(np.ascontiguousarray(picture))


class Wire(httpx.BaseTransport):
    """Takes the real client's requests to the fake without a socket."""

    def __init__(self, service: ReplicateService) -> None:
        """`service` answers."""
        self._service = service

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, or hang up."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        path = request.url.raw_path.decode()
        answer = self._service.answer(Call(request.method, path, headers, request.read()))
        if answer.status is None:
            kind = httpx.ConnectError if not self._service.hung_up_late else httpx.ReadTimeout
            raise kind("the line is dead", request=request)
        kind_of = {"content-type": answer.media_type}
        return httpx.Response(answer.status, headers=kind_of, stream=httpx.ByteStream(answer.body))


def request_for(
    *,
    state: str = "t-1",
    sku: str = "MUG-1",
    seed: int = 0,
    side: int = 112,
    **scene: Any,  # noqa: ANN401
) -> BackgroundRequest:
    """Return a request for a plate of the sample scene, small."""
    text = (ROOT / "events" / "request_background" / "trend.json").read_text(encoding="utf-8")
    asked = BackgroundRequest.model_validate_json(text)
    changes = {"seed": seed, "width": side, "height": side, "variants": 1000, **scene}
    return asked.model_copy(
        update={
            "token": state,
            "photo": asked.photo.model_copy(update={"sku": sku}),
            "scene": asked.scene.model_copy(update=changes),
        }
    )


@dataclass(slots=True)
class World:
    """Everything wired together; `service` is Replicate's state, `clock` everybody's time."""

    service: ReplicateService
    clock: StoppedClock
    jobs: Any
    tasks: Any
    objects: MemoryObjects
    desk: Desk
    receiver: Receiver
    sweeper: Sweeper
    troubles: list[PackshotError] = field(default_factory=list)

    @classmethod
    def made(  # noqa: PLR0913 - what a test may change
        cls,
        *,
        mishaps: Iterable[Mishap] = (),
        caps: Caps = CAPS,
        wrap: Any = lambda part: part,  # noqa: ANN401
        segmenter: Any = None,  # noqa: ANN401
        latency: float = 1.0,
        limit: int = 100_000,
        jobs: Any = None,  # noqa: ANN401
    ) -> "World":
        """Return a world; `wrap` may put something before each part that has an effect."""
        clock = StoppedClock()
        pace = Pace(latency=latency, creates_per_second=limit)
        service = ReplicateService(draw=plain_picture, now=clock, pace=pace, mishaps=mishaps)
        wire = Wire(service)
        generator = wrap(ReplicateGenerator(TOKEN, signer=MemorySigner(), transport=wire))
        downloads = wrap(AllowedDownloads(origin=service.origin, transport=wire))
        book, tasks, objects = wrap(jobs or MemoryJobs()), wrap(MemoryTasks()), MemoryObjects()
        answers = Answers(jobs=book, tasks=tasks)
        desk = Desk(
            generator=generator, jobs=book, answers=answers, caps=caps, kept=timedelta(days=7),
            webhook=WEBHOOK, now=clock,
        )  # fmt: skip
        receiver = Receiver(
            jobs=book, answers=answers, downloads=downloads, objects=wrap(objects),
            segmenter=segmenter or EmptyRoom(), bucket=WORK, memory=2**31, now=clock,
        )  # fmt: skip
        troubles: list[PackshotError] = []

        def tell(_job: Job, error: PackshotError) -> None:
            troubles.append(error)

        sweeper = Sweeper(
            generator=generator, jobs=book, tasks=tasks, answers=answers, receiver=receiver, now=clock,
            tell=tell,
        )  # fmt: skip
        return cls(service, clock, book, tasks, objects, desk, receiver, sweeper, troubles)

    def ask(self, request: BackgroundRequest) -> BackgroundNotice:
        """Ask for a plate as the function does."""
        return self.desk.ask(request, order_for(request, objects=self.objects, bucket=WORK))

    def deliver(self) -> int:
        """Take every webhook that is due; return how many there were."""
        found = self.service.deliveries()
        for delivery in found:
            recipe = delivery.url.rpartition("/")[2]
            self.receiver.receive(recipe, _prediction(delivery.body))
        return len(found)


def _prediction(body: bytes) -> Any:  # noqa: ANN401 - a Prediction
    import json

    from packshot.generation.predictions import read_prediction

    return read_prediction(json.load(io.BytesIO(body)))
