"""The executions of a state machine, found by the photo that started them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from infrastructure.local.trace import Trace, read_trace

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

LOOK_BACK = 1000
"""How many executions are looked through for a photo before giving up."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of the state machine and the object version whose arrival started it."""

    arn: str
    status: str
    started: datetime
    key: str
    version: str


@dataclass(slots=True)
class Executions:
    """Reads executions; what started each is asked for once."""

    client: "SFNClient"
    machine: str
    _known: dict[str, tuple[str, str]] = field(default_factory=dict)

    def newest(self) -> Iterator[Execution]:
        """Yield executions, newest first."""
        pages = self.client.get_paginator("list_executions").paginate(
            stateMachineArn=self.machine, PaginationConfig={"MaxItems": LOOK_BACK, "PageSize": 100}
        )
        for page in pages:
            for item in sorted(page["executions"], key=lambda found: found["startDate"], reverse=True):
                arn = item["executionArn"]
                key, version = self._photo(arn)
                yield Execution(arn, item["status"], item["startDate"], key, version)

    def of_product(self, sku: str) -> Execution | None:
        """Return the newest execution of a SKU's photos, None if there is none."""
        prefix = f"uploads/{sku}/"
        return next(
            (run for run in self.newest() if run.key.startswith(prefix) and not run.key.endswith(".json")),
            None,
        )

    def of_object(self, key: str, *, version: str) -> tuple[Execution, ...]:
        """Return all executions that one object version started, newest first."""
        return tuple(run for run in self.newest() if (run.key, run.version) == (key, version))

    def trace(self, arn: str) -> Trace:
        """Return the execution's states so far."""
        return read_trace(self.history(arn))

    def history(self, arn: str) -> "list[HistoryEventTypeDef]":
        """Return the execution's events so far."""
        pages = self.client.get_paginator("get_execution_history").paginate(
            executionArn=arn, includeExecutionData=True, PaginationConfig={"PageSize": 1000}
        )
        return [event for page in pages for event in page["events"]]

    def _photo(self, arn: str) -> tuple[str, str]:
        if arn not in self._known:
            self._known[arn] = read_photo(self.client.describe_execution(executionArn=arn).get("input", ""))
        return self._known[arn]


def read_photo(text: str) -> tuple[str, str]:
    """Return key and version from an S3 event; both empty if something else started the execution."""
    try:
        found = json.loads(text)["detail"]["object"]
        return str(found["key"]), str(found.get("version-id", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""
