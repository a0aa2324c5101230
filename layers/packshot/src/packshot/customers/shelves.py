"""The lines of all customers in a bucket: 64 shelves of Parquet parts.

- `lines/<shelf>/<name>.parquet`: a part, by customer and time; `known/<shelf>/<name>.bin`: its digests, so
  that a new file is compared without reading the old ones. The part is written first: what is known is kept.
- `forgotten/<key>`: a farewell, for ever; the key is the customer's hash.

Several runs may work on one shelf, also on the same file: a part's name is never given twice, and nobody
writes a part anew but to take out who was forgotten. So what is known stays kept. A line that came twice at
the same moment may stand in two parts: who reads takes each once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from packshot.errors import MissingObject, RetryLater
from packshot.events import ObjectRef
from packshot.ports import ObjectShelf
from packshot.purchases.identity import SHELVES, customer_key, is_key, shelf_of
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
MOST_PARTS: Final = 50
"""Parts of a shelf; more are made one. Whoever adds to a shelf reads the digests of each."""
_READINGS = 5
_PARQUET, _BINARY = "application/vnd.apache.parquet", "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Compared:
    """Lines that no part has (`new`, by customer and time), and how many are these and its own source's."""

    new: pa.Table
    kept: int


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
        found = self._objects.keys(bucket=self._bucket, prefix=FORGOTTEN)
        return frozenset(filter(is_key, (key.removeprefix(FORGOTTEN) for key in found)))

    def compare(self, shelf: str, lines: pa.Table, *, source: str) -> Compared:
        """Tell new lines from known ones; what a run before had of the same source is kept, and not new."""
        own, others = self._known(shelf, source=source)
        kept = arranged(lines, known=others)
        return Compared(kept.filter(_not_among(kept["digest"], own)), len(kept))

    def keep(self, shelf: str, lines: pa.Table, *, name: str) -> None:
        """Keep lines as a part of this name, which begins with its source and is no other part's."""
        if len(lines):
            self._write(shelf, name, lines)

    def lines(self, shelf: str, *, forgotten: frozenset[str]) -> pa.Table:
        """Return a shelf's lines, each once, of nobody who was forgotten.

        `RetryLater` if parts are made one again and again meanwhile.
        """
        for _ in range(_READINGS):
            try:
                names = self._names_of(shelf)
                parts = [self._remaining(self._part(shelf, name), forgotten) for name in names]
            except MissingObject:
                # It was made one with others while we read: what was listed no longer has every line.
                continue
            return once(pa.concat_tables(parts)) if parts else KEPT.empty_table()
        raise RetryLater(f"shelf {shelf} is being tidied")

    def forget(self, keys: frozenset[str]) -> int:
        """Write the parts anew that tell of these customers; return how many lines are gone."""
        return sum(self._forget(shelf, keys) for shelf in sorted({shelf_of(key) for key in keys}))

    def sweep(self, shelf: str) -> int:
        """Take away what runs that died have left: lines of the forgotten, digests without a part.

        Return how many lines are gone.
        """
        gone = self._forget(shelf, frozenset())
        # In this order: a part is written before its digests, so one that is missing now was missing then.
        known = self._objects.keys(bucket=self._bucket, prefix=f"{KNOWN}{shelf}/")
        kept = {f"{KNOWN}{shelf}/{name}.bin" for name in self._names_of(shelf)}
        self._objects.remove(bucket=self._bucket, keys=[key for key in known if key not in kept])
        return gone

    def _forget(self, shelf: str, keys: frozenset[str]) -> int:
        """Take these and all others out who were forgotten, until a look finds nobody.

        Two who leave at once may have runs that write one part: the later one knows of both, or looks again.
        """
        gone = 0
        while taken := self._take_out(
            shelf, keys | {key for key in self.forgotten() if shelf_of(key) == shelf}
        ):
            gone += taken
        return gone

    def _take_out(self, shelf: str, keys: frozenset[str]) -> int:
        gone = 0
        for name, part in self._parts(shelf) if keys else ():
            rest = self._remaining(part, keys)
            gone += len(part) - len(rest)
            if not len(rest):
                self._remove(shelf, (name,))
            elif len(rest) < len(part):
                self._write(shelf, name, rest)
        return gone

    def tidy(self, shelf: str, *, name: str) -> None:
        """Make one part of a shelf's many; its name is no other part's."""
        names = tuple(self._names_of(shelf))
        if len(names) <= MOST_PARTS:
            return
        try:
            parts = [self._part(shelf, name) for name in names]
        except MissingObject:
            # Another run makes them one.
            return
        forgotten = self.forgotten()
        lines = pa.concat_tables(self._remaining(part, forgotten) for part in parts)
        # A reader in between meets lines twice, or a part that is gone, and begins again.
        self.keep(shelf, arranged(lines, known=pa.array([], pa.int64())), name=name)
        self._remove(shelf, names)

    def _remaining(self, part: pa.Table, forgotten: frozenset[str]) -> pa.Table:
        if not forgotten:
            return part
        customers = part["customer"].unique().to_pylist()
        gone = [each for each in customers if customer_key(each, salt=self.salt) in forgotten]
        if not gone:
            return part
        return part.filter(_not_among(part["customer"], pa.array(gone)))

    def _parts(self, shelf: str) -> Iterator[tuple[str, pa.Table]]:
        for name in self._names_of(shelf):
            try:
                yield name, self._part(shelf, name)
            except MissingObject:
                # It was made one with others while we read.
                continue

    def _part(self, shelf: str, name: str) -> pa.Table:
        return of_parquet(self._read(f"{LINES}{shelf}/{name}.parquet"))

    def _names_of(self, shelf: str) -> Iterator[str]:
        place = f"{LINES}{shelf}/"
        for key in self._objects.keys(bucket=self._bucket, prefix=place):
            yield key.removeprefix(place).removesuffix(".parquet")

    def _known(self, shelf: str, *, source: str) -> tuple[pa.Array, pa.Array]:
        """Return the digests of this source's parts, and of all others."""
        own, others = [pa.array([], pa.int64())], [pa.array([], pa.int64())]
        place = f"{KNOWN}{shelf}/"
        for key in self._objects.keys(bucket=self._bucket, prefix=place):
            try:
                digests = digests_of_bytes(self._read(key))
            except MissingObject:
                continue
            (own if key.startswith(f"{place}{source}-") else others).append(digests)
        return pa.concat_arrays(own), pa.concat_arrays(others)

    def _read(self, key: str) -> bytes:
        return self._objects.read(ObjectRef(bucket=self._bucket, key=key))

    def _write(self, shelf: str, name: str, lines: pa.Table) -> None:
        part, digests = as_parquet(lines), digests_as_bytes(lines["digest"].combine_chunks())
        for key, body, kind in (
            (f"{LINES}{shelf}/{name}.parquet", part, _PARQUET),
            (f"{KNOWN}{shelf}/{name}.bin", digests, _BINARY),
        ):
            self._objects.write(body, bucket=self._bucket, key=key, media_type=kind)

    def _remove(self, shelf: str, names: Sequence[str]) -> None:
        # What is known goes first: a line that is known and not kept would be lost.
        for keys in (
            [f"{KNOWN}{shelf}/{name}.bin" for name in names],
            [f"{LINES}{shelf}/{name}.parquet" for name in names],
        ):
            self._objects.remove(bucket=self._bucket, keys=keys)


def _not_among(digests: pa.Array, others: pa.Array) -> pa.Array:
    """Return a mask of those that are not among others."""
    return pc.invert(pc.is_in(digests, value_set=others))
