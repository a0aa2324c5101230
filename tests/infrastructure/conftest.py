"""The templates, synthesized once and read by all."""

import os

import pytest

from infrastructure.app import node
from infrastructure.synth import Target
from tests.infrastructure.assemblies import Templates, read_templates

# Whoever imports CDK starts Node: the one of the wheel, since the machine need not have any.
os.environ.setdefault("JSII_NODE", str(node()))


@pytest.fixture(scope="session", params=["sandbox", "production"])
def templates(request: pytest.FixtureRequest) -> Templates:
    """Return the templates that go to AWS, of each environment."""
    return read_templates(request.param, target=Target.AWS)


@pytest.fixture(scope="session")
def sandbox() -> Templates:
    """Return the templates of the sandbox, for AWS."""
    return read_templates("sandbox", target=Target.AWS)


@pytest.fixture(scope="session")
def production() -> Templates:
    """Return the templates of production, for AWS."""
    return read_templates("production", target=Target.AWS)


@pytest.fixture(scope="session")
def local() -> Templates:
    """Return the templates of the sandbox for this machine."""
    return read_templates("sandbox", target=Target.LOCAL)
