"""What every test may use."""

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

# Before NumPy is loaded: its threads wait for each other where two processes test.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = {"local": "cloud", "statemachine": "cloud", "infrastructure": "template"}
"""Folders whose tests stand on the same slow thing, which one process makes once."""

# A busy machine is no defect: examples are not timed, pytest-timeout ends what hangs. Everybody draws the
# same examples, so that a failure belongs to a change; `EXPLORE=1 make test` looks for new ones.
hypothesis.settings.register_profile("house", deadline=None, derandomize="EXPLORE" not in os.environ)
hypothesis.settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares a cloud, a template or a file, where processes divide the tests."""
    for item in items:
        folder, *_ = item.path.relative_to(ROOT / "tests").parts
        item.add_marker(pytest.mark.xdist_group(SHARED.get(folder, str(item.path.relative_to(ROOT)))))


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def load_function() -> Callable[[str], ModuleType]:
    """Return what imports a function's handler module by the function's name, as Lambda would."""

    def load(name: str) -> ModuleType:
        module_name = f"functions.{name}.handler"
        if module_name in sys.modules:
            return sys.modules[module_name]
        path = ROOT / "functions" / name / "handler.py"
        spec = importlib.util.spec_from_file_location(module_name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        spec.loader.exec_module(module)
        return module

    return load
