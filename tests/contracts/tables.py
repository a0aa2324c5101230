"""Tables as the stacks make them."""

import boto3


def make_table(name: str, *, index: str = "", by: tuple[str, ...] = ()) -> str:
    """Make a table of `pk` and `sk`, maybe with an index by two other attributes; return its name."""
    more = {"GlobalSecondaryIndexes": [_index(index, *by)]} if index else {}
    boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk", *by)],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        **more,  # type: ignore[arg-type]  # the stubs know no dictionary of words
    )
    return name


def _index(name: str, partition: str, sort: str) -> dict[str, object]:
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
