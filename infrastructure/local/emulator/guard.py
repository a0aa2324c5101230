"""Replace parts of MiniStack, and say so loudly when a new version no longer has them."""

import importlib.metadata
from collections.abc import Callable
from types import ModuleType
from typing import Any

TESTED_WITH = "1.5.33"


class UntestedVersion(Exception):
    """MiniStack is not what the corrections were written against."""


def require_tested_version() -> None:
    """Raise `UntestedVersion` unless exactly the tested MiniStack is installed."""
    installed = importlib.metadata.version("ministack")
    if installed != TESTED_WITH:
        raise UntestedVersion(
            f"MiniStack {installed} is installed, the corrections were tested with {TESTED_WITH}: let "
            "tests/local/conformance pass with the new version, then change TESTED_WITH and the lock"
        )


def original(owner: ModuleType | type, name: str) -> Any:  # noqa: ANN401 (MiniStack has no types)
    """Return an attribute that a correction builds on; `UntestedVersion` if it is gone."""
    try:
        return getattr(owner, name)
    except AttributeError as error:
        raise UntestedVersion(f"MiniStack's {owner.__name__} has no {name} any more") from error


def replace(owner: ModuleType | type, name: str, replacement: Callable[..., Any]) -> None:
    """Put a correction in the place of an existing function; `UntestedVersion` if there is none."""
    original(owner, name)
    setattr(owner, name, replacement)
