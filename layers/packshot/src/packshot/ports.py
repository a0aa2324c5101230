"""What the functions need of the outside, in as few methods as possible. Adapters inherit nothing.

Fakes with the same behaviour ship in `packshot.testing`; `tests/contracts` holds both to one set of tests.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from packshot.events import (
    Caps,
    Cost,
    InterpreterName,
    Job,
    LedgerEntry,
    Mention,
    ObjectRef,
    Order,
    PhotoRecord,
    Post,
    Prediction,
    Preferences,
    ProductPage,
    PurchaseLine,
    ReferenceLook,
    Settlement,
    Signal,
    Waiter,
)

if TYPE_CHECKING:
    from datetime import date, datetime
    from typing import IO

    import numpy as np
    from numpy.typing import NDArray


class ObjectStore(Protocol):
    """Objects in buckets."""

    def read(self, ref: ObjectRef, *, largest: int | None = None) -> bytes:
        """Return the object's bytes; `MissingObject` if it is gone, `RetryLater` if the store is busy.

        `OversizedObject`, before anything is fetched, if it has more than `largest` bytes.
        """
        ...

    def metadata(self, ref: ObjectRef) -> Mapping[str, str]:
        """Return the user metadata of an object, names in lower case, values decoded."""
        ...

    def write(
        self,
        body: bytes,
        *,
        bucket: str,
        key: str,
        media_type: str,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectRef:
        """Store the bytes; the same bytes under the same key may be written any number of times."""
        ...

    def exists(self, *, bucket: str, key: str) -> bool:
        """Say whether the key holds an object."""
        ...


class ObjectShelf(ObjectStore, Protocol):
    """Objects in buckets, those that have to be found and forgotten too."""

    def keys(self, *, bucket: str, prefix: str) -> tuple[str, ...]:
        """Return the keys that begin like this, sorted."""
        ...

    def remove(self, *, bucket: str, keys: Sequence[str]) -> None:
        """Forget objects; one that is not there is forgotten already."""
        ...


@dataclass(frozen=True, slots=True)
class UploadForm:
    """Where and with which fields to POST a photo; the file comes last, its `Content-Type` before it."""

    url: str
    fields: Mapping[str, str]


class ObjectStack(ObjectShelf, Protocol):
    """Objects in buckets, those too that are larger than the memory."""

    def fetch(self, ref: ObjectRef, *, into: "IO[bytes]", largest: int) -> str:
        """Copy an object into a file, piece by piece; return what names its content.

        `MissingObject` if it is gone, `OversizedObject` before anything is fetched, `RetryLater` if it
        breaks off.
        """
        ...


class UrlSigner(Protocol):
    """Signed addresses of objects, for people outside."""

    def download_url(self, ref: ObjectRef, *, seconds: int) -> str:
        """Return an address that serves the object for a while."""
        ...

    def upload_form(
        self, *, bucket: str, key: str, metadata: Mapping[str, str], largest: int, seconds: int
    ) -> UploadForm:
        """Return the address and fields of a presigned POST for one image of at most `largest` bytes."""
        ...


class Catalogue(Protocol):
    """The records of photos and products. Writes are conditional: an older photo never replaces a newer.

    A record without images shows those of the upload before, until there are newer ones.
    """

    def claim(self, record: PhotoRecord) -> bool:
        """Take a photo for `record.execution`.

        True if it is ours: new, failed or abandoned before, claimed by this very execution, or an older
        upload's.
        False if another execution has this version, or a newer one is there.
        """
        ...

    def put(self, record: PhotoRecord) -> bool:
        """Store the outcome, and the product's summary; False (and no change) if a newer photo is there."""
        ...

    def photos(self, sku: str) -> tuple[PhotoRecord, ...]:
        """Return a product's photos, newest first; empty if there is no such product."""
        ...

    def products(self, *, limit: int, cursor: str = "") -> ProductPage:
        """Return a page of the catalogue, newest first; `UnknownCursor` for a cursor that is not ours."""
        ...


class Looks(Protocol):
    """The looks that photos are matched to, one for each scope (a product, a range)."""

    def settle(self, look: ReferenceLook, *, scope: str) -> ReferenceLook:
        """Offer a look; return the one that stands. The first stands until one `replaces` it.

        Two that come at once see the same one stand.
        """
        ...


class EventBus(Protocol):
    """Where events for others go."""

    def publish(self, detail_type: str, detail: Mapping[str, object]) -> None:
        """Send one event; `RetryLater` if the bus does not take it."""
        ...


class KeyRing(Protocol):
    """The API keys, kept as hashes."""

    def hashes(self) -> Mapping[str, str]:
        """Return SHA-256 (hex) → name of every key that is valid now."""
        ...


class Segmenter(Protocol):
    """A network that sees the product."""

    name: str

    def predict(self, pixels: "NDArray[np.uint8]") -> "NDArray[np.float32]":
        """Return the probability of product, (H, W) in [0, 1], for an sRGB image (H, W, 3)."""
        ...


class BackgroundGenerator(Protocol):
    """An outside service that draws what an order says, and calls back when it has."""

    def create(self, order: Order, *, webhook: str) -> Prediction:
        """Start a paid job; never repeated by itself.

        `RetryLater` says that nothing was started and when to come again; `UncertainCall` that nobody knows;
        `GenerationFailed` that the order was refused; `GeneratorUnavailable` that every order would be.
        """
        ...

    def find(self, prediction: str) -> Prediction:
        """Return how far a job is; `MissingObject` if there is none, `RetryLater` if nobody answers."""
        ...

    def search(self, order: Order, *, since: "datetime") -> Prediction | None:
        """Return the newest job that was started for exactly this order since then, None if there is none.

        `RetryLater` if that cannot be known.
        """
        ...

    def cancel(self, prediction: str) -> None:
        """Ask a job to stop; one that has ended stays as it is."""
        ...


class Downloads(Protocol):
    """Files that a generator made."""

    def fetch(self, address: str) -> bytes:
        """Return the file; `UnsafeDownload` for an address that is not the generator's or a file too large.

        `MissingObject` if it is gone, `RetryLater` if nobody answers.
        """
        ...


class JobBook(Protocol):
    """Jobs by recipe, and the money that is set aside for them: every change is one conditional write."""

    def open(self, job: Job, *, caps: Caps, at: "datetime") -> bool:
        """Take a recipe for a paid call and reserve its price, both or neither.

        False if it is taken or its outcome is known. `BudgetExhausted` if it would pass a cap; `RetryLater`
        if as many calls started in this second as may, or while the generator asked for a pause.
        """
        ...

    def read(self, recipe: str, *, at: "datetime") -> Job | None:
        """Return a job, None if there is none or if it has expired."""
        ...

    def join(self, recipe: str, waiter: Waiter) -> bool:
        """Let one more state wait for a job that is asked; False if it is not."""
        ...

    def bind(self, recipe: str, prediction: str) -> bool:
        """Note which prediction a call became; False if the job is not calling any more."""
        ...

    def retake(self, job: Job, *, waiter: Waiter | None, lease_until: "datetime") -> bool:
        """Take a call over whose lease has run out; False if somebody else did."""
        ...

    def withdraw(self, job: Job, *, pause_until: "datetime | None" = None) -> bool:
        """Forget a call that was surely not taken and free its money; False if it is not calling any more."""
        ...

    def settle(self, job: Job, settlement: Settlement, *, at: "datetime") -> Job | None:
        """Write the outcome, the money and the ledger at once; None if somebody else did."""
        ...

    def charge(self, recipe: str) -> bool:
        """Note that somebody is about to bear a settled job's price; False if somebody does."""
        ...

    def release(self, recipe: str) -> None:
        """Note that nobody bears the price: who was to did not take the answer."""
        ...

    def close(self, recipe: str) -> None:
        """Note that everybody who waited has their answer."""
        ...

    def reject(self, recipe: str, *, reason: str) -> None:
        """Let nobody be given this plate again."""
        ...

    def unsettled(self) -> tuple[Job, ...]:
        """Return the jobs that are not closed, oldest first."""
        ...


class Books(Protocol):
    """What was spent."""

    def spent(self, day: str) -> int:
        """Return millionths of a US dollar that are spent or reserved on a day (2026-11-20)."""
        ...

    def entries(self, day: str) -> tuple[LedgerEntry, ...]:
        """Return the ledger of a day."""
        ...


class Inbox(Protocol):
    """The callbacks that were worked on."""

    def heard(self, message: str) -> bool:
        """Say whether a message was worked on to its end."""
        ...

    def remember(self, message: str, *, at: "datetime") -> None:
        """Note that it was, for longer than its sender repeats it."""
        ...


class Tasks(Protocol):
    """States that wait for an answer; one that waits no more is no error."""

    def succeed(self, token: str, output: str) -> bool:
        """Hand a state its answer, as JSON; False if it waits no more."""
        ...

    def fail(self, token: str, *, error: str, cause: str) -> bool:
        """End a state with an error that the workflow knows by name; False if it waits no more."""
        ...

    def heartbeat(self, token: str) -> None:
        """Tell a state that its answer is still on the way."""
        ...


class Clock(Protocol):
    """The time, as a parameter."""

    def __call__(self) -> "datetime":
        """Return now, with its zone."""
        ...


class Deadline(Protocol):
    """The end of the time that somebody has."""

    def left(self) -> float:
        """Return the seconds that are left, 0 when it is over."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What a source's owner allows: whether we may read it, how long raw text may be kept, and until when."""

    approved: bool
    retention_hours: int
    ends_on: "date | None" = None


class TrendSource(Protocol):
    """Where people talk about what they want."""

    name: str
    terms: Terms

    def signals(
        self, *, since: "datetime | None", reminder: Mapping[str, str], deadline: Deadline
    ) -> Iterator[Signal]:
        """Yield posts that were not there at `since`, each once, few at a time in memory.

        `reminder` is the last bookmark. Ends early rather than pass the deadline. `SourceFailed` if it cannot
        go on, `RetryLater` if it could later; what came before stands.
        """
        ...

    def bookmark(self) -> Mapping[str, str]:
        """Return what the source wants to be reminded of next time, of what it gave so far.

        What a source that was read to its end does not name any more is forgotten.
        """
        ...


_FREE = Cost()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a batch of posts speaks of, post by post; `refused` counts what is not in the vocabulary.

    `stopped` is why only the first posts were read, by an interpreter that was paid for these.
    """

    mentions: tuple[tuple[Mention, ...], ...]
    cost: Cost = _FREE
    refused: int = 0
    stopped: Literal["", "failed", "busy"] = ""


class TrendInterpreter(Protocol):
    """Reads posts."""

    name: InterpreterName

    def read(self, posts: Sequence[Post], *, deadline: Deadline) -> Reading:
        """Return what each post speaks of, in words of the vocabulary alone.

        `InterpreterFailed` if it cannot; `RetryLater` if it could with more time than the deadline leaves;
        where it has spent something by then, a reading that says so.
        """
        ...


class Purchases(Protocol):
    """What customers bought."""

    def add(self, lines: Sequence[PurchaseLine]) -> int:
        """Keep lines; return how many were new. A line that comes again, in whatever batch, is known."""
        ...

    def history(self, customer: str, *, most: int) -> tuple[PurchaseLine, ...]:
        """Return a customer's last lines, oldest first, by one lookup; `DamagedHistory` if some are lost."""
        ...

    def forgotten(self, customers: Iterable[str]) -> frozenset[str]:
        """Return those of the customers who were forgotten; nothing more is kept of them."""
        ...

    def forget(self, customer: str) -> int:
        """Remove all that is known of a customer; return how many lines that were.

        The customer is left out of every training from now on, also where a file still tells of them.
        """
        ...


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Some lines of a customer, packed; `key` stands for the customer, `name` begins with the last moment."""

    key: str
    name: str
    count: int
    packed: bytes


class Histories(Protocol):
    """What the lookup of a customer's history finds, as a file is written down."""

    def enter(self, entries: Iterable[HistoryEntry]) -> None:
        """Keep entries; the same one any number of times. `RetryLater` if the table is busy."""
        ...

    def clear(self, key: str) -> int:
        """Remove what is left of a customer who was forgotten; return how many lines that were.

        From now on nothing is kept of them, whoever was told of the farewell first.
        """
        ...


class Predictor(Protocol):
    """Tells what a customer is likely to buy next."""

    def preferences(self, history: Sequence[PurchaseLine], *, now: "datetime") -> Preferences:
        """Return the answer; `PredictorUnavailable` if nobody answers in time."""
        ...
