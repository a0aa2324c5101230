"""Keeps a task token in the table, or fails to."""

import os
from typing import Any

import boto3


def handler(event: dict[str, Any], _context: object) -> object:
    """Write the token under the execution's name, unless told to fail."""
    if event["how"] == "fail":
        raise ValueError("no token was handed out")
    item = {"pk": {"S": event["name"]}, "sk": {"S": "TOKEN"}, "token": {"S": event["token"]}}
    boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item=item)
    return {"handed": "out"}
