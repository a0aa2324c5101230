"""A model's archive, opened: `model.tar.gz` as SageMaker makes and serves it."""

import gzip
import io
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Final

from packshot.errors import DamagedArtifact
from packshot.preferences.artifact import load
from packshot.preferences.predictor import Predictor

LARGEST: Final = 200_000_000
"""Bytes of an archive; ours have a few million."""
_LARGEST_UNPACKED: Final = 400_000_000
"""Bytes of what an archive holds: a function's room for files is not much more."""
_PART: Final = 1 << 20


def open_archive(body: bytes) -> Predictor:
    """Load the predictor of an archive; `DamagedArtifact` if it is none, or would answer otherwise here."""
    with tempfile.TemporaryDirectory(prefix="model-") as name:
        try:
            _check(body)
            with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as files:
                # Its code is not wanted here: what judges a model is our own.
                wanted = [entry for entry in files if _is_data(entry)]
                files.extractall(name, members=wanted, filter="data")
            return load(Path(name))
        except (tarfile.TarError, zlib.error, EOFError, OSError, KeyError, ValueError) as error:
            raise DamagedArtifact(f"the archive holds no model: {error}") from error


def _check(body: bytes) -> None:
    """Read it to its end: only there stands the checksum, which tarfile never reaches."""
    size = 0
    with gzip.open(io.BytesIO(body)) as stream:
        while part := stream.read(_PART):
            size += len(part)
            if size > _LARGEST_UNPACKED:
                raise DamagedArtifact(f"the archive holds more than {_LARGEST_UNPACKED} bytes")


def _is_data(entry: tarfile.TarInfo) -> bool:
    return entry.isfile() and "/" not in entry.name.removeprefix("./")
