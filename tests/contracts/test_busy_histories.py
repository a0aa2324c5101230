"""A table of histories that takes a part of what it is told: what is left over is told again."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from packshot.adapters.purchases import DynamoPurchases
from packshot.errors import RetryLater
from packshot.events import PurchaseLine
from packshot.purchases.identity import customer_key
from packshot.testing.objects import MemoryObjects
from packshot.testing.server import Answered, Asked, PlayedServer

SALT = "memory"
TABLE = "histories"
MOMENT = datetime(2023, 1, 5, tzinfo=UTC)
CUSTOMERS = [str(number) for number in range(240)]


class BusyTable(PlayedServer):
    """Takes `most` of a batch, and gives the rest back, as a table does that grows."""

    def __init__(self, *, most: int) -> None:
        super().__init__()
        self.most = most
        self.written: set[str] = set()

    def answer(self, asked: Asked) -> Answered:
        """Answer a batch of writes or of reads; nobody but the even customers was forgotten."""
        told = json.loads(asked.body)
        answers = {"BatchWriteItem": self._write, "BatchGetItem": self._read, "Query": _nothing}
        content = answers[asked.headers["x-amz-target"].rpartition(".")[2]](told)
        return Answered.json(content, headers={"Content-Type": "application/x-amz-json-1.0"})

    def _write(self, told: dict[str, Any]) -> dict[str, Any]:
        puts = told["RequestItems"][TABLE]
        assert len(puts) <= 25, "more than DynamoDB takes in one call"
        self.written |= {put["PutRequest"]["Item"]["pk"]["S"] for put in puts[: self.most]}
        return {"UnprocessedItems": {TABLE: puts[self.most :]} if puts[self.most :] else {}}

    def _read(self, told: dict[str, Any]) -> dict[str, Any]:
        keys = told["RequestItems"][TABLE]["Keys"]
        assert len(keys) <= 100, "more than DynamoDB is asked for in one call"
        found = [key for key in keys[: self.most] if key["pk"]["S"] in FORGOTTEN]
        left = {TABLE: {"Keys": keys[self.most :]}} if keys[self.most :] else {}
        return {"Responses": {TABLE: found}, "UnprocessedKeys": left}


def _nothing(_told: dict[str, Any]) -> dict[str, Any]:
    return {"Items": []}


def pk(customer: str) -> str:
    """Return the customer's place in the table."""
    return f"CUSTOMER#{customer_key(customer, salt=SALT)}"


FORGOTTEN = frozenset(map(pk, CUSTOMERS[::2]))


def purchases(server: BusyTable, waits: list[float]) -> DynamoPurchases:
    """Return what keeps purchases there; it waits at no time, and notes for how long it would."""
    client = boto3.client("dynamodb", endpoint_url=server.url)
    return DynamoPurchases(TABLE, MemoryObjects(), bucket=SALT, client=client, sleep=waits.append)


@pytest.mark.usefixtures("aws")
def test_every_line_gets_there() -> None:
    """However small the bites."""
    waits: list[float] = []
    with BusyTable(most=20) as server:
        lines = [PurchaseLine(customer=each, time=MOMENT, category="bags") for each in CUSTOMERS]
        assert purchases(server, waits).add(lines) == 120
        assert server.written == {pk(each) for each in CUSTOMERS[1::2]}
    assert len(set(waits)) > 1


@pytest.mark.usefixtures("aws")
def test_every_farewell_is_found() -> None:
    """One that was not looked up would be a customer who was never forgotten."""
    with BusyTable(most=20) as server:
        assert purchases(server, []).forgotten(CUSTOMERS) == set(CUSTOMERS[::2])


@pytest.mark.usefixtures("aws")
def test_a_table_that_takes_nothing_is_busy() -> None:
    """Whoever tells comes again, after waits that grow."""
    waits: list[float] = []
    with BusyTable(most=0) as server, pytest.raises(RetryLater):
        purchases(server, waits).forgotten(CUSTOMERS)
    assert waits == sorted(set(waits))
    assert len(waits) == 8
