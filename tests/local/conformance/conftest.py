"""A local cloud with a template of its own: small, without CDK, and with all that Packshot's uses."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infrastructure.local.cloud import running_cloud
from tests.local.conformance.stand import Conformance, until, write_assembly


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the assembly of the conformance template."""
    return write_assembly(tmp_path_factory.mktemp("assembly"))


@pytest.fixture(scope="session")
def conformance(assembly: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conformance]:
    """Keep a cloud with the conformance template for all tests."""
    with running_cloud(assembly, state=tmp_path_factory.mktemp("state")) as cloud:
        yield Conformance(cloud)


@pytest.fixture(scope="session", name="until")
def patience() -> Callable[..., Any]:
    """Return what asks until there is an answer."""
    return until
