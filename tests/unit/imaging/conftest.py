"""What imaging tests share: a small studio."""

import pytest

from layers.sets import encode
from packshot.imaging.studio import Library
from tests.bakes import baked, polished, upright, wooden


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return a library of sets that are known by formula: corner, board, counter, plaster."""
    folder = tmp_path_factory.mktemp("studio")
    for raw in (baked(), wooden(), polished(), upright()):
        encode.encode_set(raw, into=folder)
    return Library(folder)
