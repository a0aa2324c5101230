"""Why a photo cannot be used, in words that a shop assistant can act on."""

import json
from dataclasses import dataclass
from datetime import datetime

from packshot.errors import RejectedPhoto
from packshot.events import ObjectRef, PhotoRecord, RejectionNotice, RejectRequest
from packshot.storefront.addresses import PhotoAddress

TOO_LARGE = (
    "The photo needs more memory than there is to open it. Save it with at most 6,000 pixels on its "
    "longest side, as an 8-bit JPEG, and upload it again."
)
UNEXPLAINED = "The photo could not be opened. Save it as a JPEG and upload it again."
KILLED = frozenset({"Runtime.ExitError", "Runtime.OutOfMemory"})
"""What Lambda says when the system ends a process that grew too large."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """The sentence for people and the code for programs."""

    reason: str
    code: str


def read_rejection(*, error: str, cause: str) -> Rejection:
    """Return what Step Functions' words for the error mean.

    `RejectedPhoto` carries code and reason as JSON, inside the JSON that Lambda makes of any exception.
    """
    if error in KILLED:
        return Rejection(TOO_LARGE, "too_large_for_memory")
    said = _parsed(_parsed(cause).get("errorMessage"))
    reason, code = said.get("reason"), said.get("code")
    if error == RejectedPhoto.__name__ and isinstance(reason, str) and isinstance(code, str) and reason:
        return Rejection(reason, code)
    return Rejection(UNEXPLAINED, "unreadable_photo")


def address_of(key: str) -> PhotoAddress:
    """Return whose photo it is, or where photos go whose key says nothing."""
    try:
        return PhotoAddress.parse(key)
    except RejectedPhoto:
        return PhotoAddress.of_unreadable(key)


def rejected(request: RejectRequest, *, at: datetime) -> PhotoRecord:
    """Return the record of a rejected upload."""
    upload, address = request.upload, address_of(request.upload.key)
    rejection = read_rejection(error=request.error, cause=request.cause)
    return PhotoRecord(
        sku=address.sku,
        name=address.name,
        status="rejected",
        source=ObjectRef(bucket=upload.bucket, key=upload.key, version=upload.version),
        sequencer=upload.sequencer,
        execution=upload.execution,
        updated_at=at,
        code=rejection.code,
        reason=rejection.reason,
    )


def notice_of(record: PhotoRecord) -> RejectionNotice:
    """Return what others are told of a rejected photo."""
    return RejectionNotice(
        sku=record.sku, name=record.name, code=record.code, reason=record.reason, source=record.source
    )


def _parsed(text: object) -> dict[str, object]:
    """Return a JSON object, empty for anything else."""
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
