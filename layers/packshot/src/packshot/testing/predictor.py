"""A predictor that answers by counting, or fails when it is told to."""

from collections.abc import Sequence
from datetime import datetime

from packshot.errors import PredictorUnavailable
from packshot.events import Preferences, PurchaseLine
from packshot.purchases.counting import count_preferences

VERSION = "counted-1"


class CountingPredictor:
    """Tells what counting tells, as if a model of this version had; `down` makes it unavailable."""

    def __init__(self, *, version: str = VERSION) -> None:
        self.version = version
        self.down = False
        self.asked = 0

    def preferences(self, history: Sequence[PurchaseLine], *, now: datetime) -> Preferences:
        """Return the answer."""
        self.asked += 1
        if self.down:
            raise PredictorUnavailable("told to be away")
        told = count_preferences(history, now=now)
        kind = "history" if told.basis.visits else "popularity"
        return told.model_copy(
            update={"model": self.version, "basis": told.basis.model_copy(update={"kind": kind})}
        )
