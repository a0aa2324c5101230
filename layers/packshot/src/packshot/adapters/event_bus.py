"""Events for others: EventBridge."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3

from packshot.adapters.aws import client_config, translated
from packshot.errors import RetryLater

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "packshot"


class EventBridgeBus:
    """One bus of EventBridge."""

    def __init__(self, name: str, client: "EventBridgeClient | None" = None) -> None:
        self._name = name
        self._events = client or boto3.client("events", config=client_config())

    def publish(self, detail_type: str, detail: Mapping[str, object]) -> None:
        """Send one event; EventBridge says no in the answer, not by an error."""
        entry = json.dumps(detail, ensure_ascii=False)
        with translated(detail_type):
            answer = self._events.put_events(
                Entries=[
                    {
                        "EventBusName": self._name,
                        "Source": SOURCE,
                        "DetailType": detail_type,
                        "Detail": entry,
                    }
                ]
            )
        if answer["FailedEntryCount"]:
            raise RetryLater(f"{detail_type}: {answer['Entries'][0].get('ErrorCode', '')}")
