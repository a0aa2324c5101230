"""The lines of all customers in a bucket: 64 shelves of Parquet parts.

- `lines/<shelf>/<name>.parquet`: a part, by customer and time; `known/<shelf>/<name>.bin`: its digests, so
  that a new file is compared without reading the old ones. The part is written first: what is known is kept.
- `forgotten/<key>`: a farewell, for ever; the key is the customer's hash.

A line that came twice at the same moment may stand in two parts: who reads takes each once.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from packshot.errors import MissingObject
from packshot.events import ObjectRef
from packshot.ports import ObjectShelf
from packshot.purchases.identity import SHELVES, customer_key, shelf_of
from packshot.purchases.parts import (
    KEPT,
    arranged,
    as_parquet,
    digests_as_bytes,
    digests_of_bytes,
    of_parquet,
    once,
)

LINES: Final = "lines/"
KNOWN: Final = "known/"
FORGOTTEN: Final = "forgotten/"
MOST_PARTS: Final = 200
"""Parts of a shelf; more are made one."""
_PARQUET, _BINARY = "application/vnd.apache.parquet", "application/octet-stream"


class Shelves:
    """The lines in one bucket, whose name salts the customers' keys."""

    def __init__(self, objects: ObjectShelf, *, bucket: str) -> None:
        self._objects = objects
        self._bucket = bucket

    @property
    def salt(self) -> str:
        """What customers' keys are hashed with."""
        return self._bucket

    def names(self) -> tuple[str, ...]:
        """Return the names of all shelves."""
        return tuple(f"{shelf:02x}" for shelf in range(SHELVES))

    def forgotten(self) -> frozenset[str]:
        """Return the keys of all who were forgotten."""
        keys = self._objects.keys(bucket=self._bucket, prefix=FORGOTTEN)
        return frozenset(key.removeprefix(FORGOTTEN) for key in keys)

    def unknown(self, shelf: str, lines: pa.Table, *, but: str) -> pa.Table:
        """Return the lines that no part has but the one of this name, by customer and time."""
        return arranged(lines, known=self._known(shelf, but=but))

    def keep(self, shelf: str, lines: pa.Table, *, name: str) -> None:
        """Keep lines as the part of this name."""
        if len(lines):
            self._write(shelf, name, lines)

    def lines(self, shelf: str, *, forgotten: frozenset[str]) -> pa.Table:
        """Return a shelf's lines, each once, of nobody who was forgotten."""
        parts = [self._remaining(part, forgotten) for _, part in self._parts(shelf)]
        return once(pa.concat_tables(parts)) if parts else KEPT.empty_table()

    def forget(self, key: str) -> int:
        """Write the parts anew that tell of a customer; return how many lines are gone."""
        gone = 0
        for name, part in self._parts(shelf := shelf_of(key)):
            rest = self._remaining(part, frozenset({key}))
            if len(rest) == len(part):
                continue
            gone += len(part) - len(rest)
            if len(rest):
                self._write(shelf, name, rest)
            else:
                self._remove(shelf, name)
        return gone

    def tidy(self, shelf: str) -> None:
        """Make one part of a shelf's many."""
        parts = list(self._names_of(shelf))
        if len(parts) <= MOST_PARTS:
            return
        whole = arranged(self.lines(shelf, forgotten=self.forgotten()), known=pa.array([], pa.int64()))
        # Its name is no file's: one that comes again would take the whole for its own part, and replace it.
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        # A reader in between meets lines twice, and none never.
        self._write(shelf, f"whole-{digest}", whole)
        for name in parts:
            self._remove(shelf, name)

    def _remaining(self, part: pa.Table, forgotten: frozenset[str]) -> pa.Table:
        if not forgotten:
            return part
        customers = part["customer"].unique().to_pylist()
        gone = [each for each in customers if customer_key(each, salt=self.salt) in forgotten]
        if not gone:
            return part
        return part.filter(pa.compute.invert(pa.compute.is_in(part["customer"], value_set=pa.array(gone))))

    def _parts(self, shelf: str) -> Iterator[tuple[str, pa.Table]]:
        for name in self._names_of(shelf):
            try:
                yield name, of_parquet(self._read(f"{LINES}{shelf}/{name}.parquet"))
            except MissingObject:
                # It was made one with others while we read.
                continue

    def _names_of(self, shelf: str) -> Iterator[str]:
        place = f"{LINES}{shelf}/"
        for key in self._objects.keys(bucket=self._bucket, prefix=place):
            yield key.removeprefix(place).removesuffix(".parquet")

    def _known(self, shelf: str, *, but: str) -> pa.Array:
        place = f"{KNOWN}{shelf}/"
        found = [pa.array([], pa.int64())]
        for key in self._objects.keys(bucket=self._bucket, prefix=place):
            if key != f"{place}{but}.bin":
                try:
                    found.append(digests_of_bytes(self._read(key)))
                except MissingObject:
                    continue
        return pa.concat_arrays(found)

    def _read(self, key: str) -> bytes:
        return self._objects.read(ObjectRef(bucket=self._bucket, key=key))

    def _write(self, shelf: str, name: str, lines: pa.Table) -> None:
        part, digests = as_parquet(lines), digests_as_bytes(lines["digest"].combine_chunks())
        for key, body, kind in (
            (f"{LINES}{shelf}/{name}.parquet", part, _PARQUET),
            (f"{KNOWN}{shelf}/{name}.bin", digests, _BINARY),
        ):
            self._objects.write(body, bucket=self._bucket, key=key, media_type=kind)

    def _remove(self, shelf: str, name: str) -> None:
        # What is known goes first: a line that is known and not kept would be lost.
        for key in (f"{KNOWN}{shelf}/{name}.bin", f"{LINES}{shelf}/{name}.parquet"):
            self._objects.remove(bucket=self._bucket, keys=(key,))
