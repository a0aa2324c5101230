"""Replicate's state without a socket: what it answers to a call, what it bills, what it would send."""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from packshot.generation.models import Model, load_models
from packshot.generation.signatures import sign
from packshot.ports import Clock
from packshot.testing.replicate.faults import NO_MISHAP, STATUSES, Mishap

TOKEN = "r8_fake"  # noqa: S105 - it opens nothing
WEBHOOK_SECRET = "whsec_ZmFrZS1yZXBsaWNhdGUtc2lnbnMtd2l0aC10aGlz"  # noqa: S105 - the fake's own
KEPT = timedelta(hours=1)
"""After which inputs and outputs of a prediction are removed."""
_PAGE = 100
_THROTTLED = "Request was throttled. Your rate limit resets in ~2s."

Draw = Callable[[Mapping[str, Any], str, int], bytes]
"""Makes a picture's file from a model's input, the outcome asked for and a number for the job."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; `None` as a status hangs up without a word."""

    status: int | None
    body: bytes = b""
    media_type: str = "application/json"

    @classmethod
    def of(cls, status: int, content: object) -> "Answer":
        """Return an answer in JSON."""
        kind = "application/json" if status < 400 else "application/problem+json"  # noqa: PLR2004 - HTTP's own border
        return cls(status, json.dumps(content).encode(), kind)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that is due: sent with these headers, again under the same id until it is taken."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a picture takes, in seconds, and how many may be started in one."""

    latency: float = 1.0
    creates_per_second: int = 10


@dataclass(slots=True)
class _Job:
    """A prediction."""

    id: str
    number: int
    model: Model
    given: Mapping[str, Any]
    webhook: str
    mishap: Mishap
    created_at: datetime
    due_at: datetime
    was_sent: bool = False
    canceled_at: datetime | None = None
    file: bytes = b""
    drawing: threading.Lock = field(default_factory=threading.Lock)


class ReplicateService:
    """Jobs, their bills and their webhooks. `origin` is where its files are fetched.

    `name`, hex digits, tells its jobs from those of another fake: a cloud knows a callback by its job's id.
    `hung_up_late` says that the last call that was not answered had been taken.
    """

    def __init__(
        self,
        *,
        draw: Draw,
        now: Clock,
        origin: str = "http://replicate.invalid",
        pace: Pace = Pace(),
        mishaps: Iterable[Mishap] = (),
    ) -> None:
        self.name = ""
        self._draw = draw
        self._now = now
        self._pace = pace
        self._mishaps = deque(mishaps)
        self._lock = threading.RLock()
        self._jobs: dict[str, _Job] = {}
        self._creates: deque[datetime] = deque()
        self.origin = origin
        self.throttled = 0
        self.hung_up_late = False

    # --- what a test or a demonstration looks at ----------------------------------------------------

    @property
    def created(self) -> tuple[str, ...]:
        """Return the ids of all predictions that were started, oldest first."""
        return tuple(self._jobs)

    @property
    def spans(self) -> tuple[tuple[datetime, datetime], ...]:
        """Return when each prediction was started and when it was due."""
        return tuple((job.created_at, job.due_at) for job in self._jobs.values())

    @property
    def inputs(self) -> tuple[Mapping[str, Any], ...]:
        """Return the input of every prediction that was started."""
        return tuple(job.given for job in self._jobs.values())

    @property
    def most_in_a_second(self) -> int:
        """Return the largest number of predictions that were started within one second."""
        moments = [job.created_at for job in self._jobs.values()]
        return max((sum(0 <= (m - s).total_seconds() < 1 for m in moments) for s in moments), default=0)

    def invoice(self) -> float:
        """Return what has been billed, in US dollars."""
        return sum(job.model.usd_per_image for job in self._jobs.values() if self._is_billed(job))

    def plan(self, *mishaps: Mishap) -> None:
        """Let the next jobs go wrong like this, whatever was planned before; later ones go well."""
        with self._lock:
            self._mishaps = deque(mishaps)

    def draw_ahead(self) -> None:
        """Draw what was started, so that a picture is there when its time has come."""
        for job in tuple(self._jobs.values()):
            self._drawn(job)

    # --- the protocol -------------------------------------------------------------------------------

    def answer(self, call: Call) -> Answer:
        """Answer one request."""
        if call.method == "GET" and call.path.startswith("/files/"):
            return self._file(call)
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer.of(401, {"title": "Unauthenticated", "detail": "You did not pass a valid token"})
        path = call.path.partition("?")[0]
        for method, pattern, respond in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found and call.method == method:
                return respond(self, call, **found.groupdict())
        return Answer.of(404, {"title": "Not found", "detail": path, "status": 404})

    def deliveries(self) -> tuple[Delivery, ...]:
        """Return the webhooks that have become due, once each, as their faults have them."""
        with self._lock:
            due = [job for job in self._jobs.values() if self._is_due(job)]
            for job in due:
                job.was_sent = True
            return tuple(each for job in due for each in self._signed(job))

    def _create(self, call: Call, *, owner: str, name: str) -> Answer:
        with self._lock:
            model = next((m for m in load_models().values() if (m.owner, m.model) == (owner, name)), None)
            if model is None:
                return Answer.of(404, {"title": "Not found", "detail": f"{owner}/{name}", "status": 404})
            if self._is_throttled():
                self.throttled += 1
                return Answer.of(429, {"detail": _THROTTLED, "status": 429})
            mishap = self._mishaps.popleft() if self._mishaps else NO_MISHAP
            self.hung_up_late = mishap.create == "lost"
            if mishap.create in _NOT_STARTED:
                return _NOT_STARTED[mishap.create]
            job = self._started(model, json.loads(call.body), mishap)
        return Answer(None) if mishap.create == "lost" else Answer.of(201, self._told(job))

    def _started(self, model: Model, body: Mapping[str, Any], mishap: Mishap) -> _Job:
        at, number = self._now(), len(self._jobs)
        job = _Job(
            id=f"fake{self.name}{number:0{22 - len(self.name)}d}",
            number=number,
            model=model,
            given=body["input"],
            webhook=body.get("webhook", ""),
            mishap=mishap,
            created_at=at,
            due_at=at + timedelta(seconds=self._pace.latency),
        )
        self._jobs[job.id] = job
        self._creates.append(at)
        return job

    def _show(self, _call: Call, *, prediction: str) -> Answer:
        job = self._jobs.get(prediction)
        if job is None:
            return Answer.of(404, {"title": "Not found", "detail": prediction, "status": 404})
        return Answer.of(200, self._told(job))

    def _list(self, call: Call) -> Answer:
        start = int(call.path.partition("?cursor=")[2] or 0)
        newest = list(reversed(self._jobs.values()))
        page = [self._told(job) for job in newest[start : start + _PAGE]]
        more = f"/v1/predictions?cursor={start + _PAGE}" if len(newest) > start + _PAGE else None
        return Answer.of(200, {"results": page, "next": more, "previous": None})

    def _cancel(self, _call: Call, *, prediction: str) -> Answer:
        with self._lock:
            job = self._jobs.get(prediction)
            if job is None:
                return Answer.of(404, {"title": "Not found", "detail": prediction, "status": 404})
            if self._status(job) == "processing":
                job.canceled_at = self._now()
        return Answer.of(200, self._told(job))

    def _describe(self, _call: Call, *, owner: str, name: str) -> Answer:
        model = next((m for m in load_models().values() if (m.owner, m.model) == (owner, name)), None)
        if model is None:
            return Answer.of(404, {"title": "Not found", "detail": f"{owner}/{name}", "status": 404})
        rules = {each: {"type": "string"} for each in model.inputs} | {
            each: {"type": "integer", "minimum": rule.least, "maximum": rule.most}
            for each, rule in model.ranges.items()
        }
        schemas = {"Input": {"type": "object", "properties": rules}}
        version = {"id": "fake", "openapi_schema": {"components": {"schemas": schemas}}}
        return Answer.of(200, {"owner": owner, "name": name, "latest_version": version})

    def _secret(self, _call: Call) -> Answer:
        return Answer.of(200, {"key": WEBHOOK_SECRET})

    def _file(self, call: Call) -> Answer:
        job = self._jobs.get(call.path.split("/")[2])
        if job is None or self._is_forgotten(job) or job.mishap.outcome == "gone":
            return Answer(404, b"gone", "text/plain")
        if job.mishap.outcome == "garbage":
            return Answer(200, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "image/png")
        return Answer(200, self._drawn(job), "image/png")

    def _drawn(self, job: _Job) -> bytes:
        with job.drawing:
            if not job.file:
                job.file = self._draw(job.given, job.mishap.outcome, job.number)
            return job.file

    # --- a job's life -------------------------------------------------------------------------------

    def _status(self, job: _Job) -> str:
        if job.canceled_at is not None:
            return "canceled"
        return "processing" if self._now() < job.due_at else STATUSES.get(job.mishap.outcome, "succeeded")

    def _is_billed(self, job: _Job) -> bool:
        return self._status(job) in {"succeeded", "canceled"}

    def _is_forgotten(self, job: _Job) -> bool:
        return self._now() > job.due_at + KEPT

    def _is_throttled(self) -> bool:
        at = self._now()
        while self._creates and at - self._creates[0] >= timedelta(seconds=1):
            self._creates.popleft()
        return len(self._creates) >= self._pace.creates_per_second

    def _is_due(self, job: _Job) -> bool:
        if job.was_sent or not job.webhook or job.mishap.webhook == "lost":
            return False
        late = timedelta(seconds=60 if job.mishap.webhook == "late" else 0)
        return self._status(job) != "processing" and self._now() >= job.due_at + late

    def _told(self, job: _Job) -> dict[str, Any]:
        status, is_gone = self._status(job), self._is_forgotten(job)
        errors = {"failed": "Prediction failed", "moderated": "NSFW content detected (E005)"}
        return {
            "id": job.id,
            "model": f"{job.model.owner}/{job.model.model}",
            "version": "hidden",
            "input": {} if is_gone else dict(job.given),
            "output": None if is_gone or status != "succeeded" else self._output(job),
            "error": errors.get(job.mishap.outcome, "") if status == "failed" else None,
            "status": status,
            "created_at": job.created_at.isoformat(),
            "data_removed": is_gone,
            "metrics": {"predict_time": self._pace.latency} if status in {"succeeded", "canceled"} else {},
            "urls": {"get": f"/v1/predictions/{job.id}", "cancel": f"/v1/predictions/{job.id}/cancel"},
        }

    def _output(self, job: _Job) -> object:
        if job.mishap.outcome == "no_output":
            return None
        place = "http://169.254.169.254" if job.mishap.outcome == "elsewhere" else self.origin
        address = f"{place}/files/{job.id}/out-0.png"
        return [address] if job.model.name == "flux-schnell" else address

    def _signed(self, job: _Job) -> Iterable[Delivery]:
        body = json.dumps(self._told(job)).encode()
        ago = timedelta(minutes=10) if job.mishap.webhook == "stale" else timedelta()
        sent, message = str(int((self._now() - ago).timestamp())), f"msg_{job.id}"
        secret = "whsec_Zm9yZ2Vk" if job.mishap.webhook == "forged" else WEBHOOK_SECRET
        headers = {
            "content-type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": sent,
            "webhook-signature": sign(body, message=message, sent=sent, secret=secret),
        }
        delivery = Delivery(job.webhook, headers, body)
        return (delivery, delivery) if job.mishap.webhook == "duplicated" else (delivery,)


_NOT_STARTED: dict[str, Answer] = {
    "401": Answer.of(401, {"title": "Unauthenticated", "detail": "Invalid token", "status": 401}),
    "402": Answer.of(402, {"title": "Insufficient credit", "detail": "Add credit", "status": 402}),
    "404": Answer.of(404, {"title": "Not found", "detail": "No such model", "status": 404}),
    "422": Answer.of(422, {"title": "Input validation failed", "detail": "- input: bad", "status": 422}),
    "429": Answer.of(429, {"detail": _THROTTLED, "status": 429}),
    "500": Answer.of(500, {"title": "Internal error", "detail": "oops", "status": 500}),
    "503": Answer.of(503, {"title": "Unavailable", "detail": "later", "status": 503}),
    "unreached": Answer(None),
}
_MODEL = r"(?P<owner>[\w-]+)/(?P<name>[\w.-]+)"
_ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("POST", rf"/v1/models/{_MODEL}/predictions", ReplicateService._create),  # noqa: SLF001 - its own routes
    ("GET", rf"/v1/models/{_MODEL}", ReplicateService._describe),  # noqa: SLF001
    ("GET", r"/v1/predictions", ReplicateService._list),  # noqa: SLF001
    ("GET", r"/v1/predictions/(?P<prediction>\w+)", ReplicateService._show),  # noqa: SLF001
    ("POST", r"/v1/predictions/(?P<prediction>\w+)/cancel", ReplicateService._cancel),  # noqa: SLF001
    ("GET", r"/v1/webhooks/default/secret", ReplicateService._secret),  # noqa: SLF001
)
