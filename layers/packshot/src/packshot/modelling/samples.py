"""Some customers' purchases whole, as one small file that numpy alone can read."""

import io
import zlib
from dataclasses import fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from packshot.errors import DamagedArtifact
from packshot.preferences.ledger import Columns

MOST_LINES: Final = 200_000
"""What a sample holds at most: a function reads and replays it within its minutes and memory."""
_TEXT: Final = ("customer", "order", "item", "category", "brand", "style")


def share_for(lines: int) -> float:
    """Return which share of customers keeps a sample small enough."""
    return min(1.0, MOST_LINES / max(lines, 1))


def dump(columns: Columns) -> bytes:
    """Return a sample as a compressed file; words are written once each."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for field in fields(Columns):
        values = getattr(columns, field.name)
        if field.name in _TEXT:
            words, codes = np.unique(values.astype(str), return_inverse=True)
            arrays |= {f"{field.name}_words": words, f"{field.name}_codes": codes.astype(np.int32)}
        else:
            arrays[field.name] = values
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def load(body: bytes) -> Columns:
    """Read a sample; `DamagedArtifact` if it is none."""
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as found:
            columns: dict[str, Any] = {
                field.name: _words(found, field.name) if field.name in _TEXT else found[field.name]
                for field in fields(Columns)
            }
            return Columns(**columns)
    except (KeyError, ValueError, OSError, IndexError, zlib.error) as error:
        raise DamagedArtifact(f"this is no sample of purchases: {error}") from error


def _words(found: "np.lib.npyio.NpzFile", name: str) -> NDArray[np.object_]:
    return np.asarray(found[f"{name}_words"].astype(object)[found[f"{name}_codes"]])
