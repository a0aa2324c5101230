"""Correction: S3's events on EventBridge name the version of the object, as AWS's do.

Without it a photo that is replaced while its event is on the way would be read in its new version.
"""

import json
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from infrastructure.local.emulator.guard import original, replace

_version: ContextVar[str | None] = ContextVar("object_version", default=None)


def correct(s3: ModuleType, eventbridge: ModuleType) -> None:
    """Carry the version from the S3 service to the event that EventBridge matches."""
    fire, dispatch = original(s3, "_fire_s3_event"), original(eventbridge, "_dispatch_event")

    def fire_event(*arguments: object, version_id: str | None = None, **rest: object) -> None:
        token = _version.set(version_id)
        try:
            fire(*arguments, version_id=version_id, **rest)
        finally:
            _version.reset(token)

    def dispatch_event(event: dict[str, Any], *rest: object) -> None:
        dispatch(_with_version(event, _version.get()), *rest)

    replace(s3, "_fire_s3_event", fire_event)
    replace(eventbridge, "_dispatch_event", dispatch_event)


def _with_version(event: dict[str, Any], version: str | None) -> dict[str, Any]:
    if event.get("Source") != "aws.s3" or not version:
        return event
    detail = json.loads(event["Detail"])
    detail["object"]["version-id"] = version
    return {**event, "Detail": json.dumps(detail)}
