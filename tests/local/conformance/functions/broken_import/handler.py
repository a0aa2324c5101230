"""Cannot be imported: a layer is missing."""

from typing import Any

import a_package_of_no_layer  # type: ignore[import-not-found] # the point of it


def handler(_event: dict[str, Any], _context: object) -> object:
    """Never run."""
    return a_package_of_no_layer
