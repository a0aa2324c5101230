"""What is asked of an outside generator, what it says, and what is kept of both."""

import hashlib
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from packshot.events.base import Event, ImageRef, ObjectRef, Pixels, Strategy
from packshot.events.mattes import Matte
from packshot.events.photos import Photo
from packshot.events.scenes import Plate, Scene

Micros = Annotated[int, Field(ge=0, description="millionths of a US dollar: sums stay exact")]
MICROS = 1_000_000

JobStatus = Literal["calling", "asked", "done", "failed"]


class BackgroundRequest(Event):
    """The question to RequestBackground.

    `rung` counts what was tried for this attempt of the scene, from 0: another seed, another model. `token`
    is where the answer goes.
    """

    photo: Photo
    working: ImageRef
    matte: Matte
    scene: Scene
    attempt: Annotated[int, Field(ge=0)] = 0
    rung: Annotated[int, Field(ge=0)] = 0
    token: str


class Order(Event):
    """All that decides what a generator draws: the recipe of one paid call.

    `image` and `mask` are the photo in its frame and what is to be drawn (255), for the strategy `fill`.
    """

    model: str
    strategy: Strategy
    prompt: str
    prompt_version: str
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    width: Pixels
    height: Pixels
    settings_version: str
    image: ObjectRef | None = None
    mask: ObjectRef | None = None

    @property
    def digest(self) -> str:
        """Return the recipe's name, 32 hex digits; a version that S3 gave is no part of it."""
        drawn = self.model_dump_json(exclude={"image": {"version"}, "mask": {"version"}})
        return hashlib.sha256(drawn.encode()).hexdigest()[:32]


class Prediction(Event):
    """A job as Replicate tells of it; `status` may be a word that nobody knows yet.

    `seconds` is the time for which the model worked, 0 if it is not told.
    """

    id: str
    status: str
    model: str = ""
    outputs: tuple[str, ...] = ()
    error: str = ""
    seconds: Annotated[float, Field(ge=0)] = 0
    created_at: AwareDatetime | None = None

    @property
    def has_ended(self) -> bool:
        """Say whether nothing more will happen to it."""
        return self.status in {"succeeded", "failed", "canceled", "aborted"}


class Waiter(Event):
    """A state that waits for a plate; the first of a job pays for it."""

    token: str
    sku: str


class Job(Event):
    """One recipe on its way: from before the paid call until everybody who waits has their answer.

    `calling` may or may not have reached the generator until `lease_until`; `asked` has a prediction.
    `price` is what was reserved, `spent` what it came to; `charged` says that it stands in a photo's record.
    """

    recipe: str
    order: Order
    floor: float
    status: JobStatus
    sku: str
    price: Micros
    opened_at: AwareDatetime
    lease_until: AwareDatetime
    expires_at: AwareDatetime
    calls: Annotated[int, Field(ge=1)] = 1
    prediction: str = ""
    waiters: tuple[Waiter, ...] = ()
    plate: Plate | None = None
    reason: str = ""
    spent: Micros = 0
    answered: bool = False
    charged: bool = False

    @property
    def is_settled(self) -> bool:
        """Say whether its outcome is known."""
        return self.status in {"done", "failed"}


class Settlement(Event):
    """How a job ended: with a plate or with a reason, and what it came to."""

    prediction: Prediction
    plate: Plate | None = None
    reason: str = ""
    spent: Micros = 0


class LedgerEntry(Event):
    """One prediction in the books, with what was reserved for it and what it came to."""

    prediction: str
    recipe: str
    sku: str
    model: str
    status: str
    seconds: Annotated[float, Field(ge=0)]
    reserved: Micros
    spent: Micros
    settled_at: AwareDatetime
    reason: str = ""


class Caps(Event):
    """What may be spent: in a day, for one product in a month; how many calls start in a second."""

    daily: Micros
    product: Micros
    calls_per_second: Annotated[int, Field(ge=1)]


class SweepRequest(Event):
    """The question to SweepBackgrounds: it looks after everything, so there is nothing to say."""


class SweepReport(Event):
    """What a sweep of open jobs found and did."""

    open: int = 0
    settled: int = 0
    answered: int = 0
    withdrawn: int = 0
    stale: int = 0


class BackgroundNotice(Event):
    """The answer of RequestBackground, which nobody waits for: the plate goes to the token."""

    recipe: str
    status: Literal["shared", "joined", "asked"]
