"""A model's archive, opened: `model.tar.gz` as SageMaker makes and serves it."""

import io
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from packshot.errors import DamagedArtifact
from packshot.preferences.artifact import load
from packshot.preferences.predictor import Predictor

LARGEST: Final = 200_000_000
"""Bytes of an archive; ours have a few million."""
_LARGEST_FILE: Final = 500_000_000


def open_archive(body: bytes) -> Predictor:
    """Load the predictor of an archive; `DamagedArtifact` if it is none, or would answer otherwise here."""
    with tempfile.TemporaryDirectory(prefix="model-") as name:
        try:
            with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as files:
                # Its code is not wanted here: what judges a model is our own.
                wanted = [entry for entry in files if _is_data(entry)]
                files.extractall(name, members=wanted, filter="data")
            return load(Path(name))
        except (tarfile.TarError, EOFError, OSError, KeyError, ValueError) as error:
            raise DamagedArtifact(f"the archive holds no model: {error}") from error


def _is_data(entry: tarfile.TarInfo) -> bool:
    path = entry.name.removeprefix("./")
    return entry.isfile() and "/" not in path and entry.size <= _LARGEST_FILE
