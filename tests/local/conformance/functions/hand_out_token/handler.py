"""Keeps a task token in the table, or fails to."""

import os
from typing import Any

import boto3


class RetryLater(Exception):
    """Worth another attempt."""


def handler(event: dict[str, Any], _context: object) -> object:
    """Write the token under the execution's name; fail before that, or after it on the first attempt."""
    if event["how"] == "fail":
        raise ValueError("no token was handed out")
    name = "TOKEN" if event["how"] == "wait" or event["attempt"] else "FIRST"
    item = {"pk": {"S": event["name"]}, "sk": {"S": name}, "token": {"S": event["token"]}}
    boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item=item)
    if name == "FIRST":
        raise RetryLater
    return {"handed": "out"}
