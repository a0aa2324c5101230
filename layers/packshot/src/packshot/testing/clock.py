"""A clock that moves only when told to."""

from datetime import UTC, datetime, timedelta


class StoppedClock:
    """Shows the moment it was set to."""

    def __init__(self, moment: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)) -> None:
        self._moment = moment

    def __call__(self) -> datetime:
        """Return the moment."""
        return self._moment

    def advance(self, seconds: float) -> None:
        """Move the hands."""
        self._moment += timedelta(seconds=seconds)
