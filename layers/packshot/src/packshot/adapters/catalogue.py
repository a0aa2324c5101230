"""The catalogue: one DynamoDB table.

- A photo: pk `SKU#<sku>`, sk `PHOTO#<name>`; status, execution, sequencer (padded), version, updated_at, and
  `body`, its whole PhotoRecord as JSON; `shown`, the body of the upload before while this one has no images.
- A product: pk `SKU#<sku>`, sk `PRODUCT`; collection, status, photo (the one that changed last), photos (how
  many), title, brand, category, thumbnail, updated_at.

A product is one Query; the index `by_update` (collection, updated_at) lists products, newest first.
The workflow itself sets `status` and `reason` on a photo that failed: both stand above the body's.
"""

import base64
import binascii
import json
import random
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError
from pydantic import TypeAdapter, ValidationError

from packshot.adapters.aws import client_config, error_code, translated
from packshot.errors import DamagedArtifact, RetryLater, UnknownCursor
from packshot.events import PhotoRecord, ProductPage, ProductSummary
from packshot.storefront.records import ABANDONED, keep_shown, moment_text, padded, thumbnail_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]
"""An item as DynamoDB's low-level client takes and gives it."""

COLLECTION = "products"
INDEX = "by_update"
CONFLICTS = 6
"""How often a new photo meets another new photo of its product before the workflow has to wait."""

SET = "#{0} = :{0}"
FIRST = "#{0} = if_not_exists(#{0}, :{0})"
"""The ways to say an attribute: over what is there, or only where nothing is."""

PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
"""Reasons for which a cancelled transaction may be repeated."""

REPLACEABLE = (
    "attribute_exists(#sequencer) AND (#execution = :execution OR #sequencer < :sequencer"
    " OR (#sequencer = :sequencer AND (#status = :failed OR #version <> :version"
    " OR (#status = :processing AND #updated_at < :abandoned))))"
)
"""`packshot.storefront.records.may_replace`, said to DynamoDB, for a photo that is known.

One that only the workflow wrote, as it failed before anybody claimed it, has no sequencer and is new.
"""


class DynamoCatalogue:
    """Records in one table.

    A new photo is counted in the transaction that writes it, so the number of photos is exact. A known photo
    is written alone, conditionally. The product's line follows, and a late one gives way to a newer: a retry
    may repeat all of it.
    """

    def __init__(
        self,
        table: str,
        client: "DynamoDBClient | None" = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = table
        self._dynamo = client or boto3.client("dynamodb", config=client_config())
        self._sleep = sleep

    def claim(self, record: PhotoRecord) -> bool:
        """Take a photo for `record.execution`: most claims are of new photos, so that is tried first."""
        return self._insert(record) or self._replace(record)

    def put(self, record: PhotoRecord) -> bool:
        """Store the outcome; only a photo that nobody claimed (its key could not be read) is new here."""
        return self._replace(record) or self._insert(record)

    def photos(self, sku: str) -> tuple[PhotoRecord, ...]:
        """Return a product's photos, newest first."""
        records = [_record(item) for item in self._photo_items(sku)]
        return tuple(sorted(records, key=lambda record: (record.updated_at, record.name), reverse=True))

    def products(self, *, limit: int, cursor: str = "") -> ProductPage:
        """Return a page of the catalogue, newest first."""
        start: Any = {"ExclusiveStartKey": _read_cursor(cursor)} if cursor else {}
        with translated("catalogue"):
            answer = self._dynamo.query(
                TableName=self._table,
                IndexName=INDEX,
                KeyConditionExpression="#collection = :collection",
                ExpressionAttributeNames={"#collection": "collection"},
                ExpressionAttributeValues={":collection": {"S": COLLECTION}},
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        failed = self._failed(answer["Items"])
        products = tuple(_summary(item, failed=failed) for item in answer["Items"])
        return ProductPage(products=products, cursor=_cursor(answer.get("LastEvaluatedKey")))

    def _photo_items(self, sku: str) -> Iterable[Item]:
        pages = self._dynamo.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :photo)",
            ExpressionAttributeValues={":pk": {"S": f"SKU#{sku}"}, ":photo": {"S": "PHOTO#"}},
        )
        with translated(sku):
            for page in pages:
                yield from page["Items"]

    def _insert(self, record: PhotoRecord) -> bool:
        """Write a photo that is new, and count it; False if it is known."""
        writes: Any = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": _photo_item(record),
                    "ConditionExpression": "attribute_not_exists(sequencer)",
                }
            },
            {"Update": {"TableName": self._table, **_product_update(record, rule=FIRST)}},
        ]
        for attempt in range(CONFLICTS):
            try:
                with translated(record.sku):
                    self._dynamo.transact_write_items(TransactItems=writes)
            except ClientError as error:
                reasons = _reasons(error)
                if "ConditionalCheckFailed" in reasons:
                    return False
                if not reasons & PASSING:
                    raise
                self._sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, no secret
            else:
                self._tell_product(record)
                return True
        raise RetryLater(f"{record.sku}: its line in the catalogue is contended")

    def _replace(self, record: PhotoRecord) -> bool:
        """Write over a known photo if the rules allow; False if they do not, or if it is new."""
        try:
            with translated(record.sku):
                self._dynamo.update_item(TableName=self._table, **_photo_update(record))
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        self._tell_product(record)
        return True

    def _tell_product(self, record: PhotoRecord) -> None:
        """Bring the product's line up to date, unless another photo of it changed later."""
        try:
            with translated(record.sku):
                self._dynamo.update_item(
                    TableName=self._table,
                    ConditionExpression="attribute_not_exists(updated_at) OR updated_at <= :updated_at",
                    **_product_update(record, rule=SET),
                )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise

    def _failed(self, products: Iterable[Item]) -> frozenset[str]:
        """Return the SKUs whose photo at work has failed: the workflow marks the photo alone."""
        keys = [
            {"pk": item["pk"], "sk": {"S": f"PHOTO#{item['photo']['S']}"}}
            for item in products
            if item["status"]["S"] == "processing"
        ]
        if not keys:
            return frozenset()
        with translated("catalogue"):
            answer = self._dynamo.batch_get_item(
                RequestItems={
                    self._table: {
                        "Keys": keys,
                        "ProjectionExpression": "pk, #status",
                        "ExpressionAttributeNames": {"#status": "status"},
                    }
                }
            )
        items = answer["Responses"].get(self._table, [])
        return frozenset(_tail(dict(item["pk"])) for item in items if item["status"].get("S") == "failed")


def _photo_item(record: PhotoRecord) -> Item:
    words = {
        "pk": f"SKU#{record.sku}",
        "sk": f"PHOTO#{record.name}",
        "status": record.status,
        "execution": record.execution,
        "sequencer": padded(record.sequencer),
        "version": record.source.version,
        "updated_at": moment_text(record.updated_at),
        "body": record.model_dump_json(),
    }
    return {name: {"S": value} for name, value in words.items()}


def _photo_update(record: PhotoRecord) -> Any:  # noqa: ANN401 - arguments of update_item
    """Return the change of a known photo, and the rule under which it may be made."""
    item = dict(_photo_item(record))
    key = {name: item.pop(name) for name in ("pk", "sk")}
    sets = [SET.format(name) for name in item]
    if record.images:
        removes = "#reason, #shown"
    else:
        removes = "#reason"
        sets.append("#shown = if_not_exists(#shown, #body)")
    return {
        "Key": key,
        "UpdateExpression": f"SET {', '.join(sets)} REMOVE {removes}",
        "ConditionExpression": REPLACEABLE,
        "ExpressionAttributeNames": {f"#{name}": name for name in (*item, "reason", "shown")},
        "ExpressionAttributeValues": {
            **{f":{name}": value for name, value in item.items()},
            ":failed": {"S": "failed"},
            ":processing": {"S": "processing"},
            ":abandoned": {"S": moment_text(record.updated_at - ABANDONED)},
        },
    }


def _product_update(record: PhotoRecord, *, rule: str) -> Any:  # noqa: ANN401 - arguments of three calls
    """Return the change of a product's line by `SET` or `FIRST`; a first word counts a photo.

    What the record does not say stays as it is.
    """
    product = record.product
    said = {
        "title": product.title,
        "brand": product.brand,
        "category": product.category if product.category != "other" else "",
        "thumbnail": thumbnail_of(record),
    }
    words = {
        "collection": COLLECTION,
        "status": record.status,
        "photo": record.name,
        "updated_at": moment_text(record.updated_at),
        **{name: value for name, value in said.items() if value},
    }
    return {
        "Key": {"pk": {"S": f"SKU#{record.sku}"}, "sk": {"S": "PRODUCT"}},
        "UpdateExpression": f"SET {', '.join(map(rule.format, words))} ADD photos :counted",
        "ExpressionAttributeNames": {f"#{name}": name for name in words},
        "ExpressionAttributeValues": {
            **{f":{name}": {"S": value} for name, value in words.items()},
            ":counted": {"N": "1" if rule == FIRST else "0"},
        },
    }


def _record(item: Item) -> PhotoRecord:
    """Return the photo that an item holds, also one that the workflow wrote without a body."""
    said = json.loads(item["body"]["S"]) if "body" in item else {}
    above = {
        name: item[name]["S"] for name in ("status", "reason", "updated_at", "execution") if name in item
    }
    below = {
        "sku": _tail(item["pk"]),
        "name": _tail(item["sk"]),
        "source": {name: item.get(name, {}).get("S", "") for name in ("bucket", "key", "version")},
        "updated_at": datetime.fromtimestamp(0, UTC),
    }
    try:
        record = PhotoRecord.model_validate(below | said | above)
        before = PhotoRecord.model_validate_json(item["shown"]["S"]) if "shown" in item else None
    except ValidationError as error:
        raise DamagedArtifact(f"{below['sku']}/{below['name']}: {error}") from error
    return keep_shown(record, before)


def _summary(item: Item, *, failed: frozenset[str]) -> ProductSummary:
    sku = _tail(item["pk"])
    words = {
        name: item[name]["S"]
        for name in ("status", "title", "brand", "category", "thumbnail", "updated_at")
        if name in item
    }
    status = {"status": "failed"} if sku in failed else {}
    return ProductSummary.model_validate({"sku": sku, "photos": int(item["photos"]["N"]), **words, **status})


def _tail(key: Mapping[str, Any]) -> str:
    return str(key["S"]).partition("#")[2]


def _reasons(error: ClientError) -> frozenset[str]:
    """Return why a transaction was cancelled, item by item."""
    reasons: Iterable[Mapping[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return frozenset(reason.get("Code", "") for reason in reasons)


CursorKey = TypeAdapter(dict[str, dict[str, str]])
CURSOR_NAMES = frozenset({"pk", "sk", "collection", "updated_at"})


def _cursor(key: Item | None) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode() if key else ""


def _read_cursor(cursor: str) -> dict[str, dict[str, str]]:
    """Return the key that a cursor stands for; it lies in the products' own part of the index or nowhere."""
    try:
        key = CursorKey.validate_json(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise UnknownCursor(cursor) from error
    fits = key.keys() == CURSOR_NAMES and all(list(value) == ["S"] for value in key.values())
    if not fits or key["collection"]["S"] != COLLECTION or key["sk"]["S"] != "PRODUCT":
        raise UnknownCursor(cursor)
    return key
