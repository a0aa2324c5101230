"""API keys in memory."""

import hashlib
from collections.abc import Mapping


class MemoryKeyRing:
    """Keys under the names of their owners."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        """Take name → key in the clear; only hashes are kept."""
        self._hashes = {hashlib.sha256(key.encode()).hexdigest(): name for name, key in keys.items()}

    def hashes(self) -> Mapping[str, str]:
        """Return SHA-256 (hex) → name."""
        return dict(self._hashes)
