"""An answer in any case: the model's, or what counting says, labelled as such."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from packshot.errors import PredictorUnavailable
from packshot.events import Preferences, PurchaseLine
from packshot.ports import Predictor
from packshot.purchases.counting import count_preferences


@dataclass(frozen=True, slots=True)
class SteadyPredictor:
    """Asks the model, and counts where there is none; `popularity` is each category's share of demand."""

    predictor: Predictor
    popularity: Callable[[], Mapping[str, float]]
    tell: Callable[[str, str], None]

    def preferences(self, history: Sequence[PurchaseLine], *, now: datetime) -> Preferences:
        """Return an answer, whatever happened to the model.

        While there is none, the endpoint counts too, but does not know what is popular.
        """
        try:
            told = self.predictor.preferences(history, now=now)
        except PredictorUnavailable as error:
            self.tell("predictor unavailable", str(error))
        else:
            if told.model:
                return told
        return count_preferences(history, now=now, popularity=self.popularity())
