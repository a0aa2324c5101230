"""A shop's purchases, through the template that deploys: S3, the rule, the function, the table, the API."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.local.conftest import Shop

CUSTOMER = "1515915625442993984"
PATIENCE_S = 30.0
FILE = "customer;time;category;price\n" + "".join(
    f"{CUSTOMER if number % 5 else number};{1_700_000_000 + number * 86_400};shoes;{number},50\n"
    for number in range(50)
)


@pytest.fixture(scope="module")
def recorded(shop: Shop) -> dict[str, Any]:
    """Drop a file with one bad row, and wait for what became of it."""
    put(shop, "purchases/2026-11 orders+returns.csv", f"{FILE}{CUSTOMER};soon;shoes;1\n".encode())
    report = "reports/2026-11 orders+returns.csv.json"
    assert eventually(lambda: report in keys(shop, "reports/"))
    outcome: dict[str, Any] = json.loads(read(shop, report))
    return outcome


def put(shop: Shop, key: str, body: bytes) -> None:
    """Put an object into the purchases bucket, as any client would."""
    bucket = shop.cloud.outputs["PurchasesBucket"]
    shop.cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def read(shop: Shop, key: str) -> bytes:
    """Return an object of the purchases bucket."""
    bucket = shop.cloud.outputs["PurchasesBucket"]
    body: bytes = shop.cloud.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def keys(shop: Shop, prefix: str) -> list[str]:
    """Return the keys that begin like this."""
    bucket = shop.cloud.outputs["PurchasesBucket"]
    found = shop.cloud.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    return [each["Key"] for each in found.get("Contents", [])]


def lines(shop: Shop) -> bytes:
    """Return all that models learn from."""
    return b"".join(read(shop, key) for key in keys(shop, "lines/"))


def eventually(check: Callable[[], bool]) -> bool:
    """Say whether something comes true within a while: events are delivered when they are."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.1)
    return False


def test_a_dropped_file_is_recorded_and_reported(shop: Shop, recorded: dict[str, Any]) -> None:
    """The good rows are kept, the bad one is told with its line."""
    assert (recorded["kept"], recorded["refused"]) == (50, 1)
    assert [problem["line"] for problem in recorded["problems"]] == [52]
    assert CUSTOMER.encode() in lines(shop)


def test_the_storefront_knows_the_customer(shop: Shop, recorded: dict[str, Any]) -> None:
    """By one lookup, whether a model answers or counting."""
    del recorded
    answer = shop.api.get(f"/v1/customers/{CUSTOMER}/preferences")
    assert answer.status_code == 200
    told = answer.json()
    assert told["basis"]["kind"] in {"history", "frequency"}
    if told["basis"]["kind"] == "frequency":
        assert told["basis"]["visits"] == 40
        assert told["next"][0]["category"] == "shoes"
    again = shop.api.get(
        f"/v1/customers/{CUSTOMER}/preferences", headers={"if-none-match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_what_the_api_takes_is_learned_from(shop: Shop) -> None:
    """A batch is in the history at once, and in the lines soon after."""
    line = {"customer": "api-1", "time": "2026-01-01T00:00:00Z", "category": "a-word-of-its-own"}
    answers = [shop.api.post("/v1/purchases", json={"purchases": [line]}).json() for _ in range(2)]
    assert [answer["kept"] for answer in answers] == [1, 0]
    assert shop.api.get("/v1/customers/api-1/preferences").json()["basis"]["visits"] >= 0
    assert eventually(lambda: b"a-word-of-its-own" in lines(shop))
    assert eventually(lambda: not keys(shop, "batches/"))


def test_a_forgotten_customer_is_gone(shop: Shop, recorded: dict[str, Any]) -> None:
    """From the API at once, from the lines soon after, and for the file when it comes again."""
    del recorded
    put(shop, "purchases/forget.csv", b"customer,time,category\nleaving-soon,2026-01-01,bags\n")
    assert eventually(lambda: b"leaving-soon" in lines(shop))
    assert shop.api.delete("/v1/customers/leaving-soon").json() == {"lines": 1}
    assert shop.api.get("/v1/customers/leaving-soon/preferences").json()["basis"]["visits"] == 0
    assert eventually(lambda: b"leaving-soon" not in lines(shop))
    put(shop, "purchases/again.csv", b"customer,time,category\nleaving-soon,2026-01-01,bags\n")
    assert eventually(lambda: "reports/again.csv.json" in keys(shop, "reports/"))
    assert json.loads(read(shop, "reports/again.csv.json"))["refused"] == 1
