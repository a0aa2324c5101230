"""Lets callers in who know the word, and counts how often it was asked."""

import os
from typing import Any

import boto3


def handler(event: dict[str, Any], _context: object) -> object:
    """Answer in the simple format of payload version 2.0."""
    boto3.client("dynamodb").update_item(
        TableName=os.environ["TABLE"],
        Key={"pk": {"S": "AUTHORIZER"}, "sk": {"S": event["headers"]["x-api-key"]}},
        UpdateExpression="ADD calls :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    known = event["headers"]["x-api-key"].startswith("open sesame")
    return {"isAuthorized": known, "context": {"name": "ali baba"}}
