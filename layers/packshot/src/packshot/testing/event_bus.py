"""An event bus in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SentEvent:
    """An event as a rule would see it."""

    detail_type: str
    detail: Mapping[str, object]


class MemoryBus:
    """Keeps what was sent, in order."""

    def __init__(self) -> None:
        self._events: list[SentEvent] = []

    @property
    def events(self) -> tuple[SentEvent, ...]:
        """Return all events, oldest first."""
        return tuple(self._events)

    def publish(self, detail_type: str, detail: Mapping[str, object]) -> None:
        """Keep the event as JSON would carry it, so that what is no JSON fails here too."""
        self._events.append(SentEvent(detail_type=detail_type, detail=json.loads(json.dumps(detail))))
