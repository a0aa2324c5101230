"""A registry of models in memory."""

from packshot.events import Champions, ModelVersion
from packshot.model_ports import Standing


class MemoryModelRegistry:
    """Counts its writes; the count is the mark."""

    def __init__(self, *, seed: ModelVersion) -> None:
        self._seed = seed
        self._champions = Champions(champion=seed)
        self._writes = 0

    def standing(self) -> Standing:
        """Return who serves."""
        return Standing(self._champions.with_seed(self._seed), str(self._writes) if self._writes else "")

    def replace(self, champions: Champions, *, mark: str) -> bool:
        """Write on the condition that nobody wrote since."""
        if mark != self.standing().mark:
            return False
        self._champions = champions
        self._writes += 1
        return True
