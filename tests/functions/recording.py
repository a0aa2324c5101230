"""What tests of RecordPurchases share: a bucket, a table, a file, and what writes it down."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from packshot.customers.arriving import Registry
from packshot.customers.shelves import Shelves
from packshot.events import Arrival, ObjectRef, PurchaseLine, RecordedPurchases
from packshot.testing.objects import MemoryObjects
from packshot.testing.purchases import MemoryPurchases
from packshot.trends.deadlines import SteadyDeadline

BUCKET = "packshot-sandbox-purchases"
HEADER = "customer,time,category,price,brand\n"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROWS = [f"1515915625442993{customer},2023-0{month}-05,shoes,{customer}.5,alder"
        for customer in range(100, 130) for month in range(1, 6)]  # fmt: skip
FILE = HEADER + "\n".join(ROWS)


@dataclass
class Place:
    """A bucket and a table, and what writes down what is put there."""

    record: Callable[..., RecordedPurchases]
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    histories: MemoryPurchases = field(default_factory=lambda: MemoryPurchases(salt=BUCKET))
    told: list[str] = field(default_factory=list)

    @property
    def registry(self) -> Registry:
        """Return what writes down."""
        return Registry(
            objects=self.objects,
            histories=self.histories,
            bucket=BUCKET,
            now=lambda: NOW,
            deadline=lambda: SteadyDeadline.after(60),
            tell=lambda event, detail: self.told.append(f"{event}: {detail}"),
        )

    def put(self, key: str, body: bytes | str) -> str:
        """Put an object without telling anybody."""
        content = body.encode() if isinstance(body, str) else body
        self.objects.write(content, bucket=BUCKET, key=key, media_type="text/plain")
        return key

    def arrive(self, key: str, *, registry: Registry | None = None) -> RecordedPurchases:
        """Tell of an object, as EventBridge would."""
        told = {"detail": {"bucket": {"name": BUCKET}, "object": {"key": key}}, "source": "aws.s3"}
        return self.record(Arrival.model_validate(told), registry=registry or self.registry)

    def drop(self, key: str, body: bytes | str) -> RecordedPurchases:
        """Put an object, and tell of it."""
        return self.arrive(self.put(key, body))

    def state(self) -> dict[str, bytes]:
        """Return all that is kept of purchases."""
        keys = self.objects.keys(BUCKET, "lines/") + self.objects.keys(BUCKET, "known/")
        return {key: self.objects.read(ObjectRef(bucket=BUCKET, key=key)) for key in keys}

    def lines(self) -> list[dict[str, Any]]:
        """Return every line that a model would learn from."""
        shelves = Shelves(self.objects, bucket=BUCKET)
        gone = shelves.forgotten()
        return [
            line for shelf in shelves.names() for line in shelves.lines(shelf, forgotten=gone).to_pylist()
        ]

    def report(self, name: str) -> str:
        """Return a report's text."""
        return self.objects.read(ObjectRef(bucket=BUCKET, key=f"reports/{name}")).decode()


def short(place: Place, *, seconds: float = 60) -> Registry:
    """Return what writes down segments of ten rows."""
    return replace(place.registry, segment=1, rows=10, deadline=lambda: SteadyDeadline.after(seconds))


def counts(outcome: RecordedPurchases) -> tuple[int, int, int]:
    """Return how many were kept, known, refused."""
    return outcome.kept, outcome.known, outcome.refused


def line(customer: str = "7", *, day: int = 5) -> PurchaseLine:
    """Return a line as the API takes it."""
    return PurchaseLine(customer=customer, time=datetime(2023, 1, day, tzinfo=UTC), category="bags", price=2)
