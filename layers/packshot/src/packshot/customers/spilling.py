"""Checked lines on the way to their shelves: on the disk, so that no file is too long for the memory."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from packshot.purchases.parts import KEPT

_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")


class Spill:
    """A file for each shelf in a folder; what was added can be read once it is closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, pa.ipc.RecordBatchFileWriter] = {}

    def add(self, lines: pa.Table) -> None:
        """Sort lines (`parts.SCHEMA`) onto their shelves."""
        ordered = lines.take(pc.sort_indices(lines["shelf"])).combine_chunks()
        at = 0
        for entry in pc.value_counts(ordered["shelf"].combine_chunks()).to_pylist():
            shelf, count = entry["values"], entry["counts"]
            self._writer(shelf).write_table(ordered.slice(at, count).select(KEPT.names))
            at += count

    def close(self) -> None:
        """End all files."""
        for writer in self._writers.values():
            writer.close()

    def shelves(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield each shelf's lines, shelf after shelf; its file is gone afterwards."""
        for shelf in sorted(self._writers):
            path = self._folder / shelf
            with pa.OSFile(str(path)) as file:
                yield shelf, pa.ipc.open_file(file).read_all()
            path.unlink()
        self._writers = {}

    def _writer(self, shelf: str) -> pa.ipc.RecordBatchFileWriter:
        if shelf not in self._writers:
            self._writers[shelf] = pa.ipc.new_file(self._folder / shelf, KEPT, options=_PACKED)
        return self._writers[shelf]
