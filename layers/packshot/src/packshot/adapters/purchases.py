"""Purchases by customer, in one DynamoDB table: a history is one lookup.

- An entry: pk `CUSTOMER#<key>`, sk `<last moment in microseconds>#<hash of what it holds>`, lines `packed`,
  how many are `held`. Entries are only ever added, so nobody waits for anybody; a line that stands in two is
  taken once.
- A farewell: the same pk, sk `~`, which sorts behind all moments: a lookup from the newest on meets it first.

The key is the customer's hash. Lines that come one by one are also left in `batches/` of the bucket, from
where they reach what models learn from; farewells in `forgotten/`, for whoever reads the lines.
"""

import contextlib
import functools
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import boto3

from packshot.adapters.aws import client_config, translated
from packshot.errors import DamagedArtifact, DamagedHistory, RetryLater
from packshot.events import PurchaseLine
from packshot.ports import HistoryEntry, ObjectStore
from packshot.purchases.histories import entries, last_lines, lines_of, row_of
from packshot.purchases.identity import customer_key, digest_of
from packshot.purchases.moments import microseconds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FAREWELL: Final = "~"
_WRITTEN_AT_ONCE, _READ_AT_ONCE = 25, 100
_HANDS = 4
_TRIES = 8
_CLEARED_AT_ONCE = 5_000
"""Entries that one call removes; the next one goes on."""


class DynamoPurchases:
    """Purchases and histories; `bucket` is where batches and farewells are left, and salts the keys."""

    def __init__(
        self,
        table: str,
        objects: ObjectStore,
        *,
        bucket: str,
        client: "DynamoDBClient | None" = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = table
        self._objects = objects
        self._bucket = bucket
        self._given = client
        self._sleep = sleep

    @functools.cached_property
    def _dynamo(self) -> "DynamoDBClient":
        """A client takes 80 ms to make, and many requests need none."""
        return self._given or boto3.client("dynamodb", config=client_config())

    # --- as the shop tells them -----------------------------------------------------------------

    def add(self, lines: Sequence[PurchaseLine]) -> int:
        """Keep lines; return how many were new.

        The batch is left for the shelves first: if the table is not reached then, all of it comes again.
        """
        gone = self.forgotten(line.customer for line in lines)
        offered = {digest_of(line): line for line in lines if line.customer not in gone}
        by_customer: dict[str, list[PurchaseLine]] = {}
        for line in offered.values():
            by_customer.setdefault(line.customer, []).append(line)
        with ThreadPoolExecutor(_HANDS) as hands:
            for known in hands.map(self._known_digests, by_customer.items()):
                for digest in known & offered.keys():
                    del offered[digest]
        if offered:
            self._leave(offered)
            self.enter(self._entries_of(offered.values()))
        return len(offered)

    def history(self, customer: str, *, most: int) -> tuple[PurchaseLine, ...]:
        """Return a customer's last lines, oldest first; `DamagedHistory` has what could be read."""
        found: dict[int, PurchaseLine] = {}
        lost = 0
        for item in self._items(self._key(customer)):
            if item["sk"]["S"] == FAREWELL:
                return ()
            if len(found) >= most:
                oldest = sorted(microseconds(line.time) for line in found.values())[-most]
                # Entries come by their last moment: what is in this one and all after it is older.
                if int(item["sk"]["S"].partition("#")[0]) < oldest:
                    break
            try:
                found |= {digest_of(line): line for line in lines_of(customer, item["packed"]["B"])}
            except DamagedArtifact:
                lost += int(item["held"]["N"])
        lines = last_lines(found.values(), most=most)
        if lost:
            raise DamagedHistory(lines, lost=lost)
        return lines

    def forgotten(self, customers: Iterable[str]) -> frozenset[str]:
        """Return those who were forgotten, a hundred in one lookup."""
        names = {self._key(customer): customer for customer in set(customers)}
        found: set[str] = set()
        waiting = iter(sorted(names))
        while part := tuple(islice(waiting, _READ_AT_ONCE)):
            found |= {names[key] for key in self._farewells(part)}
        return frozenset(found)

    def forget(self, customer: str) -> int:
        """Leave a farewell in both places, then remove the entries; return how many lines that were.

        If only the first of them is reached, whoever finds it there calls `clear`.
        """
        key = self._key(customer)
        self._objects.write(b"", bucket=self._bucket, key=f"forgotten/{key}", media_type="text/plain")
        return self.clear(key)

    # --- as files are written down --------------------------------------------------------------

    def enter(self, entries: Iterable[HistoryEntry]) -> None:
        """Keep entries, 25 in one call and four calls at a time."""
        puts = ({"PutRequest": {"Item": _item(entry)}} for entry in entries)
        with ThreadPoolExecutor(_HANDS) as hands:
            for _ in hands.map(self._write, _by(_WRITTEN_AT_ONCE, puts)):
                pass

    def clear(self, key: str) -> int:
        """Remove a customer's entries, so many at once; return how many lines that were."""
        with translated("a farewell"):
            self._dynamo.put_item(TableName=self._table, Item=_place(key, FAREWELL))
        items = [
            item
            for item in islice(self._items(key, names="sk, held"), _CLEARED_AT_ONCE + 1)
            if item["sk"]["S"] != FAREWELL
        ]
        deletes = ({"DeleteRequest": {"Key": _place(key, item["sk"]["S"])}} for item in items)
        for part in _by(_WRITTEN_AT_ONCE, deletes):
            self._write(part)
        return sum(int(item["held"]["N"]) for item in items)

    # --- the table ------------------------------------------------------------------------------

    def _key(self, customer: str) -> str:
        return customer_key(customer, salt=self._bucket)

    def _known_digests(self, told: tuple[str, Sequence[PurchaseLine]]) -> frozenset[int]:
        """Return the digests of all entries that may hold one of a customer's lines."""
        customer, lines = told
        # An entry that ends before the first of them holds none: new purchases look at few.
        since = f"{min(microseconds(line.time) for line in lines):016d}"
        items = self._items(self._key(customer), since=since)
        found: set[int] = set()
        for item in items:
            if item["sk"]["S"] != FAREWELL:
                # What cannot be read is not known: its lines are kept anew if they come again.
                with contextlib.suppress(DamagedArtifact):
                    found |= {digest_of(line) for line in lines_of(customer, item["packed"]["B"])}
        return frozenset(found)

    def _leave(self, lines: Mapping[int, PurchaseLine]) -> None:
        body = "".join(f"{line.model_dump_json()}\n" for _, line in sorted(lines.items())).encode()
        name = hashlib.sha256(body).hexdigest()[:32]
        self._objects.write(
            body, bucket=self._bucket, key=f"batches/{name}.jsonl", media_type="application/jsonl"
        )

    def _entries_of(self, lines: Iterable[PurchaseLine]) -> Iterator[HistoryEntry]:
        by_customer: dict[str, list[PurchaseLine]] = {}
        for line in lines:
            by_customer.setdefault(line.customer, []).append(line)
        for customer, own in by_customer.items():
            own.sort(key=lambda line: (line.time, digest_of(line)))
            yield from entries(self._key(customer), map(row_of, own))

    def _items(
        self, key: str, *, names: str = "sk, held, packed", since: str = ""
    ) -> Iterator[Mapping[str, Any]]:
        """Yield a customer's items, newest first, a megabyte in one call, down to a moment."""
        start: dict[str, Any] = {}
        while True:
            with translated("a history"):
                page = self._dynamo.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :customer AND sk >= :since",
                    ExpressionAttributeValues={
                        ":customer": {"S": f"CUSTOMER#{key}"},
                        ":since": {"S": since or "0"},
                    },
                    # Who was just forgotten is forgotten, and what was just told is known.
                    ConsistentRead=True,
                    ProjectionExpression=names,
                    ScanIndexForward=False,
                    **start,
                )
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _farewells(self, keys: Sequence[str]) -> frozenset[str]:
        places = [_place(key, FAREWELL) for key in keys]
        asked: Any = {self._table: {"Keys": places, "ConsistentRead": True}}
        found: set[str] = set()
        for wait in range(_TRIES):
            with translated("farewells"):
                answer = self._dynamo.batch_get_item(RequestItems=asked)
            items = answer["Responses"].get(self._table, [])
            found |= {str(item["pk"]["S"]).removeprefix("CUSTOMER#") for item in items}
            asked = answer.get("UnprocessedKeys")
            if not asked:
                return frozenset(found)
            self._sleep(0.05 * 2**wait)
        raise RetryLater("the table of histories is busy")

    def _write(self, requests: Sequence[Any]) -> None:
        waiting: Any = {self._table: list(requests)}
        for wait in range(_TRIES):
            with translated("histories"):
                waiting = self._dynamo.batch_write_item(RequestItems=waiting).get("UnprocessedItems")
            if not waiting:
                return
            self._sleep(0.05 * 2**wait)
        raise RetryLater("the table of histories is busy")


def _place(key: str, name: str) -> dict[str, Any]:
    return {"pk": {"S": f"CUSTOMER#{key}"}, "sk": {"S": name}}


def _item(entry: HistoryEntry) -> dict[str, Any]:
    return _place(entry.key, entry.name) | {
        "held": {"N": str(entry.count)},
        "packed": {"B": entry.packed},
    }


def _by(size: int, things: Iterable[Any]) -> Iterator[Sequence[Any]]:
    waiting = iter(things)
    while part := tuple(islice(waiting, size)):
        yield part
