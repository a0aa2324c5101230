"""Reference looks, in the catalogue's table: pk `LOOK#<scope>`, sk `LOOK`."""

from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError
from pydantic import ValidationError

from packshot.adapters.aws import client_config, error_code, translated
from packshot.errors import DamagedArtifact, RetryLater
from packshot.events import ReferenceLook
from packshot.storefront.records import padded

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FREE = "attribute_not_exists(pk) OR (#photo = :photo AND #sequencer <= :sequencer)"
_CHOSEN = " OR (#photo <> :photo AND (#chosen = :no OR #sequencer < :sequencer))"
"""`ReferenceLook.replaces`, said to DynamoDB; the second part only for a look that the shop chose."""


class DynamoLooks:
    """One conditional write settles who stands, so two photos at once agree."""

    def __init__(self, table: str, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._dynamo = client or boto3.client("dynamodb", config=client_config())

    def settle(self, look: ReferenceLook, *, scope: str) -> ReferenceLook:
        """Offer a look; return the one that stands."""
        return look if self._stands(look, scope=scope) else self._standing(scope)

    def _stands(self, look: ReferenceLook, *, scope: str) -> bool:
        values: dict[str, Any] = {":photo": {"S": look.photo}, ":sequencer": {"S": padded(look.sequencer)}}
        names = {"#photo": "photo", "#sequencer": "sequencer"}
        if look.chosen:
            values[":no"], names["#chosen"] = {"BOOL": False}, "chosen"
        try:
            with translated(scope):
                self._dynamo.put_item(
                    TableName=self._table,
                    Item=_key(scope)
                    | {
                        "photo": values[":photo"],
                        "sequencer": values[":sequencer"],
                        "chosen": {"BOOL": look.chosen},
                        "body": {"S": look.model_dump_json()},
                    },
                    ConditionExpression=_FREE + (_CHOSEN if look.chosen else ""),
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=values,
                )
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _standing(self, scope: str) -> ReferenceLook:
        with translated(scope):
            answer = self._dynamo.get_item(TableName=self._table, Key=_key(scope), ConsistentRead=True)
        item = answer.get("Item")
        if item is None:
            raise RetryLater(f"{scope}: the look that stood is gone")
        try:
            return ReferenceLook.model_validate_json(item["body"]["S"])
        except (KeyError, ValidationError) as error:
            raise DamagedArtifact(f"the look of {scope}: {error}") from error


def _key(scope: str) -> dict[str, Any]:
    return {"pk": {"S": f"LOOK#{scope}"}, "sk": {"S": "LOOK"}}
