"""Lines as Parquet: a shelf's parts, in memory one shelf at a time."""

import io
from array import array
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_MOMENT = pa.timestamp("us", tz="UTC")
KEPT: Final = pa.schema(
    [
        ("customer", pa.string()),
        ("time", _MOMENT),
        ("order", pa.string()),
        ("item", pa.string()),
        ("category", pa.string()),
        ("price", pa.float64()),
        ("brand", pa.string()),
        ("style", pa.string()),
        ("discount", pa.float64()),
        ("digest", pa.int64()),
    ]
)
"""What a part holds: price and discount are null where unknown, words empty; `digest` tells lines apart."""
SCHEMA: Final = KEPT.append(pa.field("shelf", pa.string()))
"""Lines on the way to their shelves."""
_A_PAIR = 2
_ORDER = [("customer", "ascending"), ("time", "ascending"), ("digest", "ascending")]


def arranged(lines: pa.Table, *, known: pa.Array) -> pa.Table:
    """Return the lines that are not known, each once, by customer and time."""
    lines = lines.filter(pc.invert(pc.is_in(lines["digest"], value_set=known)))
    lines = once(lines)
    return lines.take(pc.sort_indices(lines, sort_keys=_ORDER)).combine_chunks()


def once(lines: pa.Table) -> pa.Table:
    """Return every line once, the first of those that are the same."""
    order = pc.sort_indices(lines["digest"])
    digests = lines["digest"].combine_chunks().take(order) if len(lines) else pa.array([], pa.int64())
    if len(digests) < _A_PAIR:
        return lines
    repeats = pc.equal(digests.slice(1), digests.slice(0, len(digests) - 1))
    if not pc.any(repeats).as_py():
        return lines
    first = pa.concat_arrays([pa.array([True]), pc.invert(repeats)])
    return lines.take(order.filter(first))


def digests_as_bytes(digests: pa.Array) -> bytes:
    """Return digests as eight bytes each, little endian."""
    return array("q", digests.to_pylist()).tobytes()


def digests_of_bytes(body: bytes) -> pa.Array:
    """Return the digests that these bytes hold."""
    return pa.Array.from_buffers(pa.int64(), len(body) // 8, [None, pa.py_buffer(body)])


def as_parquet(lines: pa.Table) -> bytes:
    """Return a part's bytes, the same for the same lines."""
    file = io.BytesIO()
    pq.write_table(lines.select(KEPT.names), file, compression="zstd", write_statistics=True)
    return file.getvalue()


def of_parquet(body: bytes) -> pa.Table:
    """Return a part's lines."""
    return pq.ParquetFile(pa.BufferReader(body)).read()
