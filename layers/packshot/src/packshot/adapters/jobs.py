"""Jobs, budgets and the ledger: one DynamoDB table in which every change is conditional.

- A job: pk `JOB#<recipe>`, sk `JOB`; status, lease, prediction, waiters, order, price, spent, plate, reason;
  `open` while somebody may still wait, which lists it in the index `unsettled` (open, opened_at).
- Money: pk `BUDGET#DAY#<day>` and `BUDGET#SKU#<sku>#<month>`, sk `BUDGET`; `committed` is what is spent or
  reserved, in millionths of a US dollar.
- The ledger: pk `LEDGER#<day>`, sk the prediction.
- `RATE#<second>`: calls started in it. `PAUSE`: until when the generator asked to be left alone.
  `MESSAGE#<id>`: a callback that was worked on.

What is past `expires_at` counts as gone, whether or not DynamoDB has removed it yet.
"""

import functools
import json
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from packshot.adapters.aws import client_config, error_code, translated
from packshot.errors import BudgetExhausted, RetryLater
from packshot.events import Caps, Job, LedgerEntry, Order, Plate, Settlement, Waiter
from packshot.generation.books import day_of, entry_of, known_until, month_of, over_budget

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]
"""An item as DynamoDB's low-level client takes and gives it."""

INDEX = "unsettled"
MOST_WAITERS = 200
"""A token has about a kilobyte, and an item 400."""
KEPT_DAYS = 40
"""Budgets of a month have to outlive it."""
MESSAGE_DAYS = 2
CONFLICTS = 7
_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_FAILED = "ConditionalCheckFailed"
_WITHDRAWN = "withdrawn"
"""The status of a job that is free again: no function may delete anything."""
_JOB, _DAY, _PRODUCT, _RATE = range(4)
"""What a transaction that opens a job consists of, in its order."""


class DynamoJobs:
    """The book of jobs, the books of money and the inbox, in one table."""

    def __init__(
        self,
        table: str,
        client: "DynamoDBClient | None" = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = table
        self._given = client
        self._sleep = sleep

    @functools.cached_property
    def _dynamo(self) -> "DynamoDBClient":
        """A client takes 80 ms to make, and the judge needs one for a bad plate alone."""
        return self._given or boto3.client("dynamodb", config=client_config())

    def open(self, job: Job, *, caps: Caps, at: datetime) -> bool:
        """Take a recipe and reserve its price in one transaction."""
        over_budget(job, caps=caps)
        if self._is_paused(at):
            raise RetryLater("the generator asked to be left alone for a while")
        failed = self._transact(self._opening(job, caps=caps, at=at))
        if _JOB in failed:
            return False
        if failed & {_DAY, _PRODUCT}:
            which = "day" if _DAY in failed else "product"
            raise BudgetExhausted(f"The {which}'s budget for backgrounds is spent.")
        if failed:
            raise RetryLater("as many calls were started as may be")
        return True

    def read(self, recipe: str, *, at: datetime) -> Job | None:
        """Return a job that has not expired."""
        with translated(recipe):
            answer = self._dynamo.get_item(TableName=self._table, Key=_key(recipe), ConsistentRead=True)
        if answer.get("Item", {}).get("status", {}).get("S", _WITHDRAWN) == _WITHDRAWN:
            return None
        job = _job(answer["Item"])
        return None if job.is_settled and job.expires_at <= at else job

    def join(self, recipe: str, waiter: Waiter) -> bool:
        """Add a waiter to a job that is asked."""
        return self._change(
            recipe,
            "SET waiters = list_append(waiters, :waiter)",
            "#status = :asked AND size(waiters) < :most",
            {":waiter": {"L": [_waiter_item(waiter)]}, ":asked": {"S": "asked"}, ":most": _n(MOST_WAITERS)},
        )

    def bind(self, recipe: str, prediction: str) -> bool:
        """Note what a call became."""
        return self._change(
            recipe,
            "SET #status = :asked, prediction = :prediction",
            "#status = :calling",
            {":asked": {"S": "asked"}, ":calling": {"S": "calling"}, ":prediction": {"S": prediction}},
        )

    def retake(self, job: Job, *, waiter: Waiter | None, lease_until: datetime) -> bool:
        """Take a call over, if its lease is still the one that ran out."""
        joined = [_waiter_item(waiter)] if waiter else []
        return self._change(
            job.recipe,
            "SET lease = :lease, waiters = list_append(waiters, :waiter) ADD calls :one",
            "#status = :calling AND lease = :old",
            {
                ":lease": _ms(lease_until),
                ":old": _ms(job.lease_until),
                ":waiter": {"L": joined},
                ":one": _n(1),
                ":calling": {"S": "calling"},
            },
        )

    def withdraw(self, job: Job, *, pause_until: datetime | None = None) -> bool:
        """Forget a call and free its money in one transaction; note the pause that was asked for."""
        forget = {
            "Update": {
                "TableName": self._table,
                "Key": _key(job.recipe),
                "UpdateExpression": "SET #status = :withdrawn REMOVE #open",
                "ConditionExpression": "#status = :calling AND lease = :old",
                "ExpressionAttributeNames": {"#status": "status", "#open": "open"},
                "ExpressionAttributeValues": {
                    ":calling": {"S": "calling"},
                    ":old": _ms(job.lease_until),
                    ":withdrawn": {"S": _WITHDRAWN},
                },
            }
        }
        free = [self._money(key, -job.price) for key in _budgets(job)]
        withdrawn = not self._transact([forget, *free])
        if pause_until is not None:
            self._pause(pause_until)
        return withdrawn

    def settle(self, job: Job, settlement: Settlement, *, at: datetime) -> Job | None:
        """Write outcome, money and ledger in one transaction; return the job with all who wait."""
        entry = entry_of(job, settlement, at=at)
        writes = [
            self._outcome(job, settlement, until=known_until(job, settlement, at=at)),
            *(self._money(key, settlement.spent - job.price) for key in _budgets(job)),
            {"Put": {"TableName": self._table, "Item": _entry_item(entry)}},
        ]
        # A job that was settled takes no more waiters, so what is read now is all of them.
        return None if self._transact(writes) else self._read_whole(job.recipe)

    def charge(self, recipe: str) -> bool:
        """Put a job's price on somebody, if nobody bears it."""
        values = {":yes": {"BOOL": True}, ":no": {"BOOL": False}}
        return self._change(recipe, "SET charged = :yes", "charged = :no", values)

    def release(self, recipe: str) -> None:
        """Take a job's price off who did not take it."""
        self._change(recipe, "SET charged = :no", "attribute_exists(pk)", {":no": {"BOOL": False}})

    def close(self, recipe: str) -> None:
        """Take a job off the list of those that somebody waits for."""
        update = "SET answered = :yes REMOVE #open"
        self._change(recipe, update, "attribute_exists(pk)", {":yes": {"BOOL": True}})

    def reject(self, recipe: str, *, reason: str) -> None:
        """Mark a plate that nobody shall be given again."""
        self._change(
            recipe,
            "SET #status = :failed, reason = :reason",
            "#status = :done",
            {":failed": {"S": "failed"}, ":done": {"S": "done"}, ":reason": {"S": reason}},
        )

    def unsettled(self) -> tuple[Job, ...]:
        """Return the jobs that are not closed."""
        pages = self._dynamo.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=INDEX,
            KeyConditionExpression="#open = :open",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={":open": {"S": "open"}},
        )
        with translated("jobs"):
            return tuple(_job(item) for page in pages for item in page["Items"])

    def spent(self, day: str) -> int:
        """Return what is spent or reserved on a day."""
        key = {"pk": {"S": f"BUDGET#DAY#{day}"}, "sk": {"S": "BUDGET"}}
        with translated(day):
            answer = self._dynamo.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return int(answer.get("Item", {}).get("committed", {}).get("N", 0))

    def entries(self, day: str) -> tuple[LedgerEntry, ...]:
        """Return the ledger of a day."""
        pages = self._dynamo.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"LEDGER#{day}"}},
        )
        with translated(day):
            items = [item for page in pages for item in page["Items"]]
        return tuple(LedgerEntry.model_validate_json(item["body"]["S"]) for item in items)

    def heard(self, message: str) -> bool:
        """Say whether a callback was worked on to its end."""
        key = {"pk": {"S": f"MESSAGE#{message}"}, "sk": {"S": "MESSAGE"}}
        with translated(message):
            return "Item" in self._dynamo.get_item(TableName=self._table, Key=key)

    def remember(self, message: str, *, at: datetime) -> None:
        """Note that a callback was worked on."""
        item = {
            "pk": {"S": f"MESSAGE#{message}"},
            "sk": {"S": "MESSAGE"},
            "expires_at": _seconds(at + timedelta(days=MESSAGE_DAYS)),
        }
        with translated(message):
            self._dynamo.put_item(TableName=self._table, Item=item)

    def _opening(self, job: Job, *, caps: Caps, at: datetime) -> list[Item]:
        second = int(at.timestamp())
        rate = {"pk": {"S": f"RATE#{second}"}, "sk": {"S": "RATE"}}
        daily, product = _budgets(job)
        return [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": _item(job),
                    "ConditionExpression": "attribute_not_exists(pk) OR #status = :withdrawn OR "
                    "(#status IN (:done, :failed) AND expires_at <= :now)",
                    "ExpressionAttributeNames": {"#status": "status"},
                    "ExpressionAttributeValues": {
                        ":done": {"S": "done"}, ":failed": {"S": "failed"}, ":now": _seconds(at),
                        ":withdrawn": {"S": _WITHDRAWN},
                    },
                }
            },
            self._money(daily, job.price, most=caps.daily, at=at),
            self._money(product, job.price, most=caps.product, at=at),
            self._counted(rate, "calls", 1, most=caps.calls_per_second, until=at + timedelta(hours=1)),
        ]  # fmt: skip

    def _money(self, key: Item, amount: int, *, most: int | None = None, at: datetime | None = None) -> Item:
        until = at + timedelta(days=KEPT_DAYS) if at else None
        return self._counted(key, "committed", amount, most=most, until=until)

    def _counted(
        self, key: Item, name: str, amount: int, *, most: int | None = None, until: datetime | None = None
    ) -> Item:
        """Return an addition that fails if the sum would pass `most`."""
        values: dict[str, Any] = {":amount": _n(amount)}
        update = "ADD #name :amount"
        if until is not None:
            update += " SET expires_at = :until"
            values[":until"] = _seconds(until)
        change: dict[str, Any] = {
            "TableName": self._table,
            "Key": key,
            "UpdateExpression": update,
            "ExpressionAttributeNames": {"#name": name},
            "ExpressionAttributeValues": values,
        }
        if most is not None:
            change["ConditionExpression"] = "attribute_not_exists(#name) OR #name <= :room"
            values[":room"] = _n(most - amount)
        return {"Update": change}

    def _outcome(self, job: Job, settlement: Settlement, *, until: datetime) -> Item:
        plate = settlement.plate.model_dump_json() if settlement.plate else ""
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(job.recipe),
                "UpdateExpression": "SET #status = :status, prediction = :prediction, plate = :plate, "
                "reason = :reason, spent = :spent, expires_at = :until",
                "ConditionExpression": "#status IN (:calling, :asked)",
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": {
                    ":status": {"S": "done" if settlement.plate else "failed"},
                    ":prediction": {"S": settlement.prediction.id},
                    ":plate": {"S": plate},
                    ":reason": {"S": settlement.reason},
                    ":spent": _n(settlement.spent),
                    ":until": _seconds(until),
                    ":calling": {"S": "calling"},
                    ":asked": {"S": "asked"},
                },
            }
        }

    def _is_paused(self, at: datetime) -> bool:
        with translated("pause"):
            found = self._dynamo.get_item(TableName=self._table, Key=_PAUSE_KEY).get("Item", {})
        return int(found.get("until", {}).get("N", 0)) > at.timestamp() * 1000

    def _pause(self, until: datetime) -> None:
        with translated("pause"):
            self._dynamo.update_item(
                TableName=self._table,
                Key=_PAUSE_KEY,
                UpdateExpression="SET #until = :until, expires_at = :expires",
                ExpressionAttributeNames={"#until": "until"},
                ExpressionAttributeValues={
                    ":until": _ms(until),
                    ":expires": _seconds(until + timedelta(hours=1)),
                },
            )

    def _read_whole(self, recipe: str) -> Job:
        with translated(recipe):
            answer = self._dynamo.get_item(TableName=self._table, Key=_key(recipe), ConsistentRead=True)
        return _job(answer["Item"])

    def _change(self, recipe: str, update: str, condition: str, values: dict[str, Any]) -> bool:
        """Change a job; False if the condition does not hold."""
        names = {f"#{name}": name for name in ("status", "open") if f"#{name}" in update + condition}
        rest: Any = {"ExpressionAttributeNames": names} if names else {}
        try:
            with translated(recipe):
                self._dynamo.update_item(
                    TableName=self._table,
                    Key=_key(recipe),
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                    **rest,
                )
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _transact(self, writes: Any) -> frozenset[int]:  # noqa: ANN401 - the stubs want a TypedDict of each kind
        """Write all or nothing; return which conditions did not hold."""
        for attempt in range(CONFLICTS):
            try:
                with translated("jobs"):
                    self._dynamo.transact_write_items(TransactItems=writes)
            except ClientError as error:
                reasons = [each.get("Code", "") for each in error.response.get("CancellationReasons", [])]
                if _FAILED in reasons:
                    return frozenset(place for place, code in enumerate(reasons) if code == _FAILED)
                if not set(reasons) & _PASSING:
                    raise
                self._sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, no secret
            else:
                return frozenset()
        raise RetryLater("the books are contended")


_PAUSE_KEY = {"pk": {"S": "PAUSE"}, "sk": {"S": "PAUSE"}}


def _key(recipe: str) -> dict[str, Any]:
    return {"pk": {"S": f"JOB#{recipe}"}, "sk": {"S": "JOB"}}


def _budgets(job: Job) -> tuple[Item, Item]:
    """Return the keys of the day's and the product's money: those of the moment in which it was reserved."""
    day, month = day_of(job.opened_at), month_of(job.opened_at)
    names = (f"BUDGET#DAY#{day}", f"BUDGET#SKU#{job.sku}#{month}")
    first, second = ({"pk": {"S": name}, "sk": {"S": "BUDGET"}} for name in names)
    return first, second


def _item(job: Job) -> dict[str, Any]:
    return {
        **_key(job.recipe),
        "status": {"S": job.status},
        "order": {"S": job.order.model_dump_json()},
        "floor": {"S": repr(job.floor)},
        "sku": {"S": job.sku},
        "price": _n(job.price),
        "spent": _n(job.spent),
        "opened_at": {"S": job.opened_at.astimezone(UTC).isoformat()},
        "lease": _ms(job.lease_until),
        "expires_at": _seconds(job.expires_at),
        "calls": _n(job.calls),
        "prediction": {"S": job.prediction},
        "waiters": {"L": [_waiter_item(each) for each in job.waiters]},
        "plate": {"S": ""},
        "reason": {"S": job.reason},
        "answered": {"BOOL": job.answered},
        "charged": {"BOOL": job.charged},
        "open": {"S": "open"},
    }


def _job(item: Item) -> Job:
    plate = item["plate"]["S"]
    return Job(
        recipe=item["pk"]["S"].partition("#")[2],
        order=Order.model_validate_json(item["order"]["S"]),
        floor=float(item["floor"]["S"]),
        status=item["status"]["S"],
        sku=item["sku"]["S"],
        price=int(item["price"]["N"]),
        spent=int(item["spent"]["N"]),
        opened_at=datetime.fromisoformat(item["opened_at"]["S"]),
        lease_until=datetime.fromtimestamp(int(item["lease"]["N"]) / 1000, UTC),
        expires_at=datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC),
        calls=int(item["calls"]["N"]),
        prediction=item["prediction"]["S"],
        waiters=tuple(
            Waiter(token=each["M"]["token"]["S"], sku=each["M"]["sku"]["S"]) for each in item["waiters"]["L"]
        ),
        plate=Plate.model_validate(json.loads(plate)) if plate else None,
        reason=item["reason"]["S"],
        answered=item["answered"]["BOOL"],
        charged=item["charged"]["BOOL"],
    )


def _waiter_item(waiter: Waiter) -> dict[str, Any]:
    return {"M": {"token": {"S": waiter.token}, "sku": {"S": waiter.sku}}}


def _entry_item(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "pk": {"S": f"LEDGER#{day_of(entry.settled_at)}"},
        "sk": {"S": entry.prediction},
        "body": {"S": entry.model_dump_json()},
    }


def _n(number: int) -> dict[str, str]:
    return {"N": str(number)}


def _ms(moment: datetime) -> dict[str, str]:
    return _n(round(moment.timestamp() * 1000))


def _seconds(moment: datetime) -> dict[str, str]:
    return _n(int(moment.timestamp()))
