"""Reference looks in memory."""

from packshot.events import ReferenceLook


class MemoryLooks:
    """Looks by scope, under the rules of the port."""

    def __init__(self) -> None:
        self._standing: dict[str, ReferenceLook] = {}

    def settle(self, look: ReferenceLook, *, scope: str) -> ReferenceLook:
        """Offer a look; return the one that stands."""
        standing = self._standing.get(scope)
        if standing is None or look.replaces(standing):
            self._standing[scope] = look
        return self._standing[scope]
