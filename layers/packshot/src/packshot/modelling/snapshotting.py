"""Freeze the purchases of a moment: what a model may learn from, and what it is judged by.

A part of the customers at a time is in memory, and the sample. Which days judge a model is the training's
choice: it fits on none of the last ones.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from packshot.events import Snapshot, SnapshotRequest
from packshot.modelling import samples
from packshot.ports import ObjectStore
from packshot.preferences.files import columns_of
from packshot.preferences.ledger import Columns, thinned
from packshot.preferences.purchases import DAY

FEWEST_LINES: Final = 1_000
FEWEST_CUSTOMERS: Final = 100
FEWEST_RETURNS: Final = 30
"""Customers who bought before the last days and in them; with fewer a verdict would be chance."""
APART_DAYS: Final = 30
"""What training keeps apart to be judged by."""
PARQUET: Final = "application/vnd.apache.parquet"
_COLUMNS: Final = pa.schema(
    [
        (field.name, pa.float64() if field.name in {"time", "price", "discount"} else pa.string())
        for field in fields(Columns)
    ]
)
"""Of every part: one without lines would have columns of no type."""


class Shelves(Protocol):
    """What was bought, in parts that fit into memory; a customer's lines are all in one."""

    def names(self) -> tuple[str, ...]:
        """Return the names of all parts."""
        ...

    def forgotten(self) -> frozenset[str]:
        """Return who asked to be forgotten."""
        ...

    def lines(self, shelf: str, *, forgotten: frozenset[str]) -> pa.Table:
        """Return a part, each line once, of nobody who was forgotten."""
        ...


@dataclass(frozen=True, slots=True)
class Taking:
    """Where snapshots go, what models' names begin with, and what was bought."""

    objects: ObjectStore
    bucket: str
    prefix: str
    shelves: Shelves


def take_snapshot(request: SnapshotRequest, *, taking: Taking) -> Snapshot:
    """Write a snapshot; one that is taken twice by the same run has the same name."""
    version = f"{taking.prefix}-{version_of(request)}"
    drawn: list[Columns] = []
    lines = customers = 0
    prefix = f"snapshots/{version}/train/"
    for name, columns in _columns(taking.shelves):
        _write(columns, key=f"{prefix}{name}.parquet", taking=taking)
        lines += len(columns)
        customers += len(np.unique(columns.customer.astype(str)))
        # Who is drawn of all is drawn of a part too: the share only ever falls.
        drawn.append(thinned(columns, share=samples.share_for(lines)))
    share = samples.share_for(lines)
    sample = thinned(joined(drawn), share=share)
    place = taking.objects.write(
        samples.dump(sample),
        bucket=taking.bucket,
        key=f"snapshots/{version}/sample.npz",
        media_type="application/octet-stream",
    )
    why = what_is_missing(sample)
    return Snapshot(
        version=version,
        bucket=taking.bucket,
        train=prefix,
        sample=place,
        lines=lines,
        customers=customers,
        share=share,
        enough=not why,
        why=why,
    )


def version_of(request: SnapshotRequest) -> str:
    """Return what a run's model is called: when it began, and which run it is."""
    return f"{request.started:%Y%m%dT%H%M%S}-{hashlib.sha256(request.run.encode()).hexdigest()[:6]}"


def what_is_missing(sample: Columns) -> str:
    """Say in words why no model could be judged; empty if one could."""
    learned = sample.time < sample.time.max(initial=0.0) - APART_DAYS * DAY
    before = np.unique(sample.customer[learned].astype(str))
    after = np.unique(sample.customer[~learned].astype(str))
    if learned.sum() < FEWEST_LINES or len(before) < FEWEST_CUSTOMERS:
        return (
            f"{int(learned.sum())} lines of {len(before)} customers are older than {APART_DAYS} days; "
            f"a model needs {FEWEST_LINES} of {FEWEST_CUSTOMERS}"
        )
    returns = len(np.intersect1d(before, after))
    if returns < FEWEST_RETURNS:
        return f"{returns} customers came back in the last {APART_DAYS} days; to judge takes {FEWEST_RETURNS}"
    if len(np.unique(sample.category[learned].astype(str))) < 2:  # noqa: PLR2004 - of one there is no next
        return "there is one category alone"
    return ""


def joined(parts: Sequence[Columns]) -> Columns:
    """Return the rows of all parts; of none there are none."""
    if not parts:
        return columns_of(
            pa.table({name: [] for name in ("customer", "time", "category", "price", "discount")})
        )
    return Columns(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Columns))
    )


def _columns(shelves: Shelves) -> Iterator[tuple[str, Columns]]:
    """Yield all parts, the empty ones too: a run that is repeated leaves nothing of what it wrote before."""
    forgotten = shelves.forgotten()
    for name in shelves.names():
        yield name, columns_of(shelves.lines(name, forgotten=forgotten))


def _write(columns: Columns, *, key: str, taking: Taking) -> None:
    table = pa.table({name: getattr(columns, name) for name in _COLUMNS.names}, schema=_COLUMNS)
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    taking.objects.write(file.getvalue(), bucket=taking.bucket, key=key, media_type=PARQUET)
