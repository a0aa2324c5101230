"""How fast files of purchases are recorded, and in how much memory.

python -m tests.benchmarks.purchases [50000 500000 5000000] [--kind csv|jsonl|parquet] [--json FILE] [--steps]

The file is a simulated shop's, made in a temporary folder; buckets are folders, and the table is a server
that takes what boto3 sends, and does nothing else. Each size runs in a process of its own.
"""

import argparse
import csv
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

from packshot.adapters.purchases import DynamoPurchases
from packshot.customers.arriving import Registry
from packshot.errors import MissingObject, OversizedObject
from packshot.events import Arrival, ObjectRef, PurchaseLine, RecordedPurchases
from packshot.events.preferences import ArrivalDetail, ArrivedBucket, ArrivedObject
from packshot.preferences.simulator import simulate
from packshot.purchases.checking import Rules, check
from packshot.purchases.rows import read_rows
from packshot.testing.server import Answered, Asked, PlayedServer
from packshot.trends.deadlines import SteadyDeadline

SIZES = (50_000, 500_000, 5_000_000)
NAMES = ("customer", "time", "order", "item", "category", "price", "brand", "style")
_CUSTOMERS, _DAYS = 1_000, 3 * 365
_NOW = datetime(2026, 11, 20, tzinfo=UTC)
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Run:
    """One file: its rows and size, the seconds it took, the largest resident memory.

    The processor's seconds are what a busy machine leaves comparable.
    """

    rows: int
    file_mib: float
    seconds: float
    cpu_seconds: float
    rows_per_second: int
    peak_mib: float
    kept: int
    again_seconds: float
    again_kept: int


class FolderObjects:
    """Buckets as folders, so that what is stored takes no memory."""

    def __init__(self, folder: Path) -> None:
        """Take the folder in which the buckets lie."""
        self._folder = folder

    def read(self, ref: ObjectRef, *, largest: int | None = None) -> bytes:
        """Return the file's bytes."""
        path = self._path(ref.bucket, ref.key)
        if not path.is_file():
            raise MissingObject(ref.key)
        if largest is not None and path.stat().st_size > largest:
            raise OversizedObject(ref.key)
        return path.read_bytes()

    def fetch(self, ref: ObjectRef, *, into: IO[bytes], largest: int) -> str:
        """Copy a file, piece by piece."""
        path = self._path(ref.bucket, ref.key)
        if path.stat().st_size > largest:
            raise OversizedObject(ref.key)
        with path.open("rb") as file:
            while piece := file.read(_MIB):
                into.write(piece)
        return str(path.stat().st_mtime_ns)

    def metadata(self, ref: ObjectRef) -> Mapping[str, str]:
        """Return none."""
        del ref
        return {}

    def write(
        self,
        body: bytes,
        *,
        bucket: str,
        key: str,
        media_type: str,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectRef:
        """Write a file."""
        del media_type, metadata
        path = self._path(bucket, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return ObjectRef(bucket=bucket, key=key)

    def exists(self, *, bucket: str, key: str) -> bool:
        """Say whether there is such a file."""
        return self._path(bucket, key).is_file()

    def keys(self, *, bucket: str, prefix: str) -> tuple[str, ...]:
        """Return the files below a folder."""
        top = self._path(bucket, "")
        found = (path for path in self._path(bucket, prefix).rglob("*") if path.is_file())
        return tuple(sorted(path.relative_to(top).as_posix() for path in found))

    def remove(self, *, bucket: str, keys: Sequence[str]) -> None:
        """Delete files."""
        for key in keys:
            self._path(bucket, key).unlink(missing_ok=True)

    def _path(self, bucket: str, key: str) -> Path:
        return self._folder / bucket / key


class SilentTable(PlayedServer):
    """Takes whatever DynamoDB is told."""

    def answer(self, asked: Asked) -> Answered:
        """Say that all of it was kept."""
        self.asked.clear()
        del asked
        return Answered.json({}, headers={"Content-Type": "application/x-amz-json-1.0"})


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.purchases", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="rows of each file")
    parser.add_argument("--kind", choices=("csv", "jsonl", "parquet"), default="csv")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    parser.add_argument("--steps", action="store_true", help="what reading and checking a row of CSV takes")
    arguments = parser.parse_args()
    if arguments.steps:
        sys.stdout.write(steps(rows=arguments.sizes[0]))
        return 0
    runs = []
    sys.stdout.write("      rows  file MiB   s  CPU s  rows/s  peak MiB  kept  again s  again kept\n")
    for rows in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder, table_server() as url:
            path = Path(folder) / "drop"
            write_file(path, rows=rows, kind=arguments.kind)
            run = measured(path, rows=rows, url=url)
        runs.append(run)
        sys.stdout.write(
            f"{run.rows:>10,}  {run.file_mib:.1f}  {run.seconds:.1f}  {run.cpu_seconds:.1f}  "
            f"{run.rows_per_second:,}  {run.peak_mib:.0f}  {run.kept:,}  "
            f"{run.again_seconds:.1f}  {run.again_kept}\n"
        )
        sys.stdout.flush()
    if arguments.json:
        arguments.json.write_text(
            json.dumps([asdict(run) for run in runs], indent=2) + "\n", encoding="utf-8"
        )
    return 0


def steps(*, rows: int) -> str:
    """Say how long a row is read and checked, and what pydantic's validation of it would take."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drop"
        write_file(path, rows=rows, kind="csv")
        started = time.process_time()
        with path.open("rb") as file:
            batches = list(read_rows(file))
        read = time.process_time()
        for batch in batches:
            check(batch, Rules(_NOW, "salt"))
        checked = time.process_time()
        with path.open(encoding="utf-8", newline="") as file:
            told = list(csv.DictReader(file))
        validated = time.process_time()
        for row in told:
            PurchaseLine.model_validate(row)
        each = 1e6 / rows
        return (
            f"{(read - started) * each:.1f} µs a row to read, {(checked - read) * each:.1f} to check; "
            f"pydantic's validation alone {(time.process_time() - validated) * each:.1f}\n"
        )


class table_server:  # noqa: N801 - it is used as a function
    """Runs a silent table in a process of its own: it takes no time from who writes."""

    def __enter__(self) -> str:
        """Begin, and return its address."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        return str(ours.recv())

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.terminate()
        self._process.join()


def _serve(pipe: "multiprocessing.connection.Connection") -> None:
    with SilentTable() as server:
        pipe.send(server.url)
        time.sleep(24 * 3600)


def measured(path: Path, *, rows: int, url: str) -> Run:
    """Record a file in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_measure, args=(path, rows, url, theirs))
    process.start()
    run: Run = ours.recv()
    process.join()
    return run


def _measure(path: Path, rows: int, url: str, pipe: "multiprocessing.connection.Connection") -> None:
    os.environ |= {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    with tempfile.TemporaryDirectory() as folder:
        objects = FolderObjects(Path(folder))
        table = DynamoPurchases("histories", objects, bucket="purchases", client=boto3.client("dynamodb"))
        registry = Registry(
            objects=objects,
            histories=table,
            bucket="purchases",
            now=lambda: _NOW,
            deadline=lambda: SteadyDeadline.after(24 * 3600),
            tell=lambda *_: None,
        )
        busy = time.process_time()
        seconds, first = _timed(registry, objects, path, "purchases/first")
        busy = time.process_time() - busy
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        again, second = _timed(registry, objects, path, "purchases/second")
    pipe.send(
        Run(
            rows=rows,
            file_mib=round(path.stat().st_size / _MIB, 1),
            seconds=round(seconds, 2),
            cpu_seconds=round(busy, 2),
            rows_per_second=round(rows / seconds),
            peak_mib=round(peak),
            kept=first.kept,
            again_seconds=round(again, 2),
            again_kept=second.kept,
        )
    )


def _timed(
    registry: Registry, objects: FolderObjects, path: Path, key: str
) -> tuple[float, RecordedPurchases]:
    place = objects._path("purchases", key)  # noqa: SLF001 - our own folder
    place.parent.mkdir(parents=True, exist_ok=True)
    place.hardlink_to(path)
    started = time.perf_counter()
    detail = ArrivalDetail(bucket=ArrivedBucket(name="purchases"), object=ArrivedObject(key=key))
    outcome = registry.take(Arrival(detail=detail))
    return time.perf_counter() - started, outcome


def write_file(path: Path, *, rows: int, kind: str) -> None:
    """Write so many lines of a simulated shop, customer after customer as an export would."""
    lines = simulated_rows(rows)
    if kind == "parquet":
        columns = list(zip(*lines, strict=True))
        pq.write_table(pa.table(dict(zip(NAMES, columns, strict=True))), path, row_group_size=100_000)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if kind == "csv":
            writer = csv.writer(file)
            writer.writerow(NAMES)
            writer.writerows(lines)
        else:
            file.writelines(f"{json.dumps(dict(zip(NAMES, line, strict=True)))}\n" for line in lines)


def simulated_rows(rows: int) -> Iterator[tuple[object, ...]]:
    """Yield lines of a shop that has as many customers as it takes: a thousand, and their likes."""
    columns = simulate(customers=_CUSTOMERS, days=_DAYS, seed=7).columns
    first = list(zip(*(getattr(columns, name).tolist() for name in NAMES), strict=True))
    written = 0
    while True:
        for customer, moment, order, *rest in first:
            if written == rows:
                return
            shift = written // len(first)
            yield (str(int(customer) + shift * _CUSTOMERS), int(moment), f"{order}-{shift}", *rest)
            written += 1


if __name__ == "__main__":
    sys.exit(main())
