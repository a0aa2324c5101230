"""What every keeper of purchases promises, in memory and in DynamoDB."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import shake_256
from itertools import count

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError

from packshot.adapters.purchases import DynamoPurchases
from packshot.errors import DamagedHistory, RetryLater
from packshot.events import ObjectRef, PurchaseLine
from packshot.ports import Histories, HistoryEntry, Purchases
from packshot.purchases.histories import LONGEST_ENTRY, entries, row_of
from packshot.purchases.identity import customer_key
from packshot.testing.objects import MemoryObjects
from packshot.testing.purchases import MemoryPurchases
from tests.contracts.tables import make_table

SALT = "memory"
FIRST = datetime(2023, 1, 5, 14, tzinfo=UTC)


@pytest.fixture
def histories_table(aws: None) -> str:  # noqa: ARG001 - the account has to stand first
    """Make the table as the stack does."""
    make_table("histories")
    return "histories"


@pytest.fixture(params=["memory", "dynamo"])
def keeper(request: pytest.FixtureRequest) -> MemoryPurchases | DynamoPurchases:
    """Return each keeper in turn."""
    if request.param == "memory":
        return MemoryPurchases(salt=SALT)
    return DynamoPurchases(request.getfixturevalue("histories_table"), MemoryObjects(), bucket=SALT)


@pytest.fixture
def purchases(keeper: MemoryPurchases | DynamoPurchases) -> Purchases:
    """Return it as who tells of lines sees it."""
    return keeper


@pytest.fixture
def histories(keeper: MemoryPurchases | DynamoPurchases) -> Histories:
    """Return it as who writes files down sees it."""
    return keeper


def lines(number: int, *, customer: str = "1515915625442993984", since: int = 0) -> list[PurchaseLine]:
    """Return so many lines, one an hour."""
    return [
        PurchaseLine(
            customer=customer,
            time=FIRST + timedelta(hours=hour),
            category="shoes",
            price=float(hour),
            discount=0.1,
            brand="älder",
            order=f"o{hour}",
        )
        for hour in range(since, since + number)
    ]


def packed(told: Sequence[PurchaseLine]) -> Iterator[HistoryEntry]:
    """Return lines of one customer as a file's are entered."""
    return entries(customer_key(told[0].customer, salt=SALT), map(row_of, told))


def test_a_history_is_what_was_told_oldest_first(purchases: Purchases) -> None:
    """Every field comes back as it went in, and nobody else's."""
    purchases.add([*reversed(lines(3)), *lines(1, customer="2")])
    assert list(purchases.history("1515915625442993984", most=10)) == lines(3)
    assert purchases.history("nobody", most=10) == ()


def test_a_line_that_comes_again_is_known(purchases: Purchases) -> None:
    """In the same batch, in another one, in another form."""
    assert purchases.add([*lines(3), *lines(3)]) == 3
    assert purchases.add(lines(5)) == 2
    assert purchases.add(lines(5)) == 0
    assert len(purchases.history("1515915625442993984", most=10)) == 5


def test_the_newest_line_of_a_batch_is_known_wherever_it_stood(purchases: Purchases) -> None:
    """An entry is found by its newest line, which need not be told last."""
    purchases.add(lines(3)[::-1])
    assert purchases.add(lines(3)[-1:]) == 0


def test_lines_of_one_moment_stand_beside_each_other(purchases: Purchases, histories: Histories) -> None:
    """Told one after the other, by either way: none replaces another."""
    (line,) = lines(1)
    told = [line.model_copy(update={"price": float(price)}) for price in range(4)]
    for each in told[:2]:
        purchases.add([each])
    for each in told[2:]:
        histories.enter(packed([each]))
    found = purchases.history("1515915625442993984", most=9)
    assert sorted(each.price or 0 for each in found) == [0, 1, 2, 3]


def test_what_a_file_told_the_api_does_not_tell_anew(purchases: Purchases, histories: Histories) -> None:
    """One history, whichever way its lines came."""
    histories.enter(packed(lines(4)))
    histories.enter(packed(lines(4)))
    assert purchases.add(lines(6)) == 2
    assert list(purchases.history("1515915625442993984", most=10)) == lines(6)


def test_the_newest_lines_are_given(purchases: Purchases, histories: Histories) -> None:
    """Also where entries overlap in time: what came in a file, and what came between."""
    histories.enter(packed(lines(4)))
    between = [line.model_copy(update={"time": line.time + timedelta(minutes=5)}) for line in lines(4)]
    for line in between:
        purchases.add([line])
    newest = sorted([*lines(4), *between], key=lambda line: line.time)[-3:]
    assert list(purchases.history("1515915625442993984", most=3)) == newest


def test_a_customer_with_100_000_lines_breaks_nothing(purchases: Purchases, histories: Histories) -> None:
    """The newest come at once, and a farewell takes all."""
    many = lines(100_000)
    histories.enter(packed(many))
    assert list(purchases.history("1515915625442993984", most=2_000)) == many[-2_000:]
    assert purchases.forget("1515915625442993984") == 100_000
    assert purchases.history("1515915625442993984", most=10) == ()


def test_a_forgotten_customer_stays_forgotten(purchases: Purchases, histories: Histories) -> None:
    """Nothing is known of them, nothing is kept any more, and the others stay."""
    purchases.add([*lines(3), *lines(2, customer="2")])
    assert purchases.forget("1515915625442993984") == 3
    assert purchases.forget("1515915625442993984") == 0
    assert purchases.add(lines(3)) == 0
    histories.enter(packed(lines(3)))
    assert purchases.history("1515915625442993984", most=10) == ()
    assert purchases.forgotten(["1515915625442993984", "2", "3"]) == {"1515915625442993984"}
    assert len(purchases.history("2", most=10)) == 2


def test_clearing_takes_what_came_after_a_farewell(purchases: Purchases, histories: Histories) -> None:
    """What a run wrote that knew of no farewell yet is found by the next."""
    purchases.forget("1515915625442993984")
    histories.enter(packed(lines(3)))
    key = customer_key("1515915625442993984", salt=SALT)
    assert histories.clear(key) == 3
    assert histories.clear(key) == 0


def test_clearing_is_a_farewell(purchases: Purchases, histories: Histories) -> None:
    """Where the table was not told of one, who finds it elsewhere tells it."""
    purchases.add(lines(3))
    histories.clear(customer_key("1515915625442993984", salt=SALT))
    assert purchases.forgotten(["1515915625442993984"]) == {"1515915625442993984"}
    assert purchases.add(lines(3)) == 0


# --- DynamoDB alone ---------------------------------------------------------------------------------


def test_a_batch_is_left_for_the_shelves_before_the_table_has_it(histories_table: str) -> None:
    """If the table is not reached, all of it comes again: nothing is in a history and not learned from."""
    objects = MemoryObjects()
    client = boto3.client("dynamodb")
    client.meta.events.register("before-call.dynamodb.BatchWriteItem", _hang_up)
    with pytest.raises(RetryLater):
        DynamoPurchases(histories_table, objects, bucket=SALT, client=client).add(lines(2))
    (key,) = objects.keys(SALT, "batches/")
    assert DynamoPurchases(histories_table, objects, bucket=SALT).add(lines(2)) == 2
    assert objects.keys(SALT, "batches/") == (key,)
    body = objects.read(ObjectRef(bucket=SALT, key=key)).decode().splitlines()
    assert sorted(PurchaseLine.model_validate_json(row).price or 0 for row in body) == [0, 1]


def _hang_up(**_: object) -> None:
    raise ConnectionClosedError(endpoint_url="dynamodb")


def test_nobody_reads_an_id_off_the_table(histories_table: str) -> None:
    """Keys are hashes, and a farewell says nothing else."""
    objects = MemoryObjects()
    purchases = DynamoPurchases(histories_table, objects, bucket=SALT)
    purchases.add(lines(1))
    purchases.forget("1515915625442993984")
    kept = boto3.client("dynamodb").scan(TableName=histories_table)["Items"]
    assert [list(item) for item in kept] == [["pk", "sk"]]
    assert "1515915625442993984" not in f"{kept} {objects.keys(SALT, 'forgotten/')}"


def test_entries_are_small_enough_for_an_item(histories_table: str) -> None:
    """The longest entry of the longest words stays far below the 400 kB that an item may have."""
    words = dict.fromkeys(("category", "order", "item", "brand", "style"), "ä" * 200)
    numbers = count()
    long = [
        line.model_copy(update=words | {"order": f"{next(numbers):0200}"}) for line in lines(LONGEST_ENTRY)
    ]
    histories = DynamoPurchases(histories_table, MemoryObjects(), bucket=SALT)
    histories.enter(packed(long))
    assert len(histories.history("1515915625442993984", most=LONGEST_ENTRY)) == LONGEST_ENTRY


def test_words_that_nothing_packs_are_entries_all_the_same(histories_table: str) -> None:
    """An item may have 400 kB, and an answer of the table a megabyte: all of it comes back, and goes."""
    names = ("category", "order", "item", "brand", "style")
    long = [
        line.model_copy(
            update={name: shake_256(f"{name} {line.order}".encode()).hexdigest(100) for name in names}
        )
        for line in lines(3 * LONGEST_ENTRY)
    ]
    assert max(len(entry.packed) for entry in packed(long)) < 350_000
    purchases = DynamoPurchases(histories_table, MemoryObjects(), bucket=SALT)
    assert purchases.add(long) == len(long)
    assert list(purchases.history("1515915625442993984", most=len(long))) == long
    assert purchases.forget("1515915625442993984") == len(long)


def test_an_entry_that_nobody_can_read_hides_no_other(histories_table: str) -> None:
    """It is told, never taken for an empty history; what comes is kept, and the customer can be forgotten."""
    purchases = DynamoPurchases(histories_table, MemoryObjects(), bucket=SALT)
    customer = "1515915625442993984"
    purchases.add(lines(3))
    for name, packed in (("9999999999999998#a", b"no"), ("9999999999999999#b", zlib.compress(b"[[1e40]]"))):
        boto3.client("dynamodb").put_item(
            TableName=histories_table,
            Item={
                "pk": {"S": f"CUSTOMER#{customer_key(customer, salt=SALT)}"},
                "sk": {"S": name},
                "held": {"N": "4"},
                "packed": {"B": packed},
            },
        )
    with pytest.raises(DamagedHistory) as damaged:
        purchases.history(customer, most=10)
    assert (list(damaged.value.lines), damaged.value.lost) == (lines(3), 8)
    assert purchases.add(lines(4)) == 1
    purchases.forget(customer)
    assert purchases.history(customer, most=10) == ()
