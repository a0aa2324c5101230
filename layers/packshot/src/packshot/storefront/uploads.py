"""Take an upload in: whose it is, what the shop says about it, and its bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from packshot.errors import MissingObject, OversizedObject, RejectedPhoto
from packshot.events import ObjectRef, Photo, PhotoRecord, Upload
from packshot.ports import Catalogue, Clock, ObjectStore
from packshot.storefront.addresses import PhotoAddress, sidecar_of
from packshot.storefront.descriptions import LARGEST_SIDECAR, describe, refuse_sidecar


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An upload whose key and description can be read, and sentences about what was guessed."""

    photo: Photo
    warnings: tuple[str, ...] = ()


def accept(upload: Upload, *, objects: ObjectStore) -> Acceptance:
    """Read key, metadata and sidecar, but not the picture; `RejectedPhoto` says what to change."""
    address = PhotoAddress.parse(upload.key)
    source = ObjectRef(bucket=upload.bucket, key=upload.key, version=upload.version)
    with _while_it_is_there(upload.key):
        metadata = objects.metadata(source)
    description = describe(metadata, sidecar=_read_sidecar(source, objects=objects))
    photo = Photo(
        sku=address.sku,
        name=address.name,
        source=source,
        sequencer=upload.sequencer,
        product=description.product,
    )
    return Acceptance(photo=photo, warnings=description.warnings)


def claim_of(photo: Photo, *, execution: str, at: datetime) -> PhotoRecord:
    """Return the record that says that `execution` works on this photo."""
    return PhotoRecord(
        sku=photo.sku,
        name=photo.name,
        status="processing",
        source=photo.source,
        sequencer=photo.sequencer,
        execution=execution,
        updated_at=at,
        product=photo.product,
    )


@contextmanager
def failing_openly(claim: PhotoRecord, *, catalogue: Catalogue, now: Clock) -> Iterator[None]:
    """Mark a claimed photo as failed when the work on it ends in anything but an answer or a rejection.

    The workflow learns a photo's address from that answer alone; a retry claims a failed photo again.
    """
    try:
        yield
    except RejectedPhoto:
        raise
    except Exception as error:
        name = type(error).__name__
        reason = f"Something went wrong on our side ({name}). The photo is kept and can be run again."
        failed = {"status": "failed", "reason": reason, "updated_at": now()}
        catalogue.put(claim.model_copy(update=failed))
        raise


def read_upload(source: ObjectRef, *, objects: ObjectStore, largest: int) -> bytes:
    """Return the picture's bytes; `RejectedPhoto` if it is gone or has more than `largest` bytes."""
    try:
        with _while_it_is_there(source.key):
            return objects.read(source, largest=largest)
    except OversizedObject as error:
        raise RejectedPhoto(
            f"The file has more than the {largest / 1e6:.0f} MB that are allowed. "
            "Save it as a JPEG of quality 90 and upload that.",
            code="too_heavy",
        ) from error


def _read_sidecar(source: ObjectRef, *, objects: ObjectStore) -> bytes | None:
    key = sidecar_of(source.key)
    if not objects.exists(bucket=source.bucket, key=key):
        return None
    try:
        return objects.read(ObjectRef(bucket=source.bucket, key=key), largest=LARGEST_SIDECAR)
    except MissingObject:
        return None
    except OversizedObject:
        refuse_sidecar(f"has more than the {LARGEST_SIDECAR:,} bytes that are allowed")


@contextmanager
def _while_it_is_there(key: str) -> Iterator[None]:
    try:
        yield
    except MissingObject as error:
        raise RejectedPhoto(
            f"The file {key.rsplit('/', 1)[-1]} was deleted or replaced before it was read. "
            "If that was not meant, upload it again.",
            code="gone",
        ) from error
