"""Freeze what was bought until now, for training and for judging."""

from typing import TYPE_CHECKING

from packshot import model_wiring, wiring
from packshot.entrypoint import entrypoint
from packshot.events import Snapshot, SnapshotRequest
from packshot.modelling.snapshotting import Taking, take_snapshot
from packshot.settings import SnapshotPurchasesSettings

if TYPE_CHECKING:
    from packshot.modelling.snapshotting import Shelves
    from packshot.ports import ObjectStore


def snapshot_purchases(
    request: SnapshotRequest,
    *,
    objects: "ObjectStore",
    bucket: str,
    environment: str,
    shelves: "Shelves",
) -> Snapshot:
    """Write a snapshot under the name that its model will have."""
    taking = Taking(objects, bucket, prefix=f"packshot-{environment}", shelves=shelves)
    return take_snapshot(request, taking=taking)


@entrypoint(SnapshotRequest)
def handler(request: SnapshotRequest) -> Snapshot:
    """Wire it."""
    settings = wiring.settings(SnapshotPurchasesSettings)
    return snapshot_purchases(
        request,
        objects=wiring.objects(),
        bucket=settings.purchases_bucket,
        environment=settings.environment,
        shelves=model_wiring.shelves(settings.purchases_bucket),
    )
