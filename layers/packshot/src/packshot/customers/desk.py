"""What a shop tells of customers and asks about them, whatever the way it asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from packshot.errors import DamagedHistory, InvalidPurchases, RefusedPurchases, RetryLater
from packshot.events import Preferences, RecordedPurchases, RowProblem
from packshot.ports import Clock, Predictor, Purchases
from packshot.purchases.judging import FORGOTTEN, judge_rows
from packshot.purchases.moments import EPOCH, microseconds
from packshot.storefront.customers import ForgottenCustomer, PreferencesRequest

MOST_LINES: Final = 10_000
"""Lines of a stored history that are looked up; what the model is not shown of them, the answer counts."""
MOST_TOLD: Final = 100
_LATEST: Final = datetime(9998, 1, 1, tzinfo=EPOCH.tzinfo)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CustomerDesk:
    """The questions about customers; its `predictor` answers always, by counting if need be.

    `tell` is told of what somebody should look at.
    """

    purchases: Purchases
    predictor: Predictor
    now: Clock
    tell: Callable[[str, str], None]

    def record(self, rows: Sequence[object]) -> RecordedPurchases:
        """Keep what can be kept of a batch, once; `RefusedPurchases` if that is nothing."""
        judged = judge_rows(rows, now=self.now())
        gone = self.purchases.forgotten({line.customer for _, line in judged.lines})
        problems = [
            *judged.problems,
            *(
                RowProblem(line=number, field="customer", reason=FORGOTTEN)
                for number, line in judged.lines
                if line.customer in gone
            ),
        ]
        problems.sort(key=lambda problem: problem.line)
        lines = [line for _, line in judged.lines if line.customer not in gone]
        if not lines:
            raise RefusedPurchases(tuple(problems[:MOST_TOLD]))
        kept = self.purchases.add(lines)
        return RecordedPurchases(
            kept=kept,
            known=len(lines) - kept,
            refused=len(rows) - len(lines),
            problems=tuple(problems[:MOST_TOLD]),
        )

    def forget(self, customer: str) -> ForgottenCustomer:
        """Remove all that is known of a customer."""
        return ForgottenCustomer(lines=self.purchases.forget(customer.strip()))

    def preferences(self, customer: str) -> Preferences:
        """Return what a customer is likely to buy next, the same for an hour if nothing new is known."""
        now = _next_hour(self.now())
        try:
            # As their lines are kept: without blanks around the id.
            history = self.purchases.history(customer.strip(), most=MOST_LINES)
        except DamagedHistory as error:
            self.tell("history damaged", str(error))
            told = self.predictor.preferences(error.lines, now=now)
            basis = told.basis.model_copy(update={"unreadable_purchases_left_out": error.lost})
            return told.model_copy(update={"basis": basis})
        return self.predictor.preferences(history, now=now)

    def taste(self, customer: str) -> Preferences | None:
        """Return what an image is chosen by, None while nobody knows: an image has to come in any case."""
        try:
            return self.preferences(customer)
        except RetryLater:
            return None

    def preferences_of(self, request: PreferencesRequest) -> Preferences:
        """Return what somebody with this history is likely to buy next.

        `InvalidPurchases` where the moment of asking is none that can be counted with.
        """
        now = request.now or self.now()
        if not EPOCH <= now <= _LATEST:
            raise InvalidPurchases("now: this has to be a moment from 1970 to 9997")
        for number, line in enumerate(request.purchases):
            if microseconds(line.time) < 0:
                raise InvalidPurchases(f"purchases.{number}.time: this is before 1970")
        history = sorted(request.purchases, key=lambda line: microseconds(line.time))
        return self.predictor.preferences(history, now=now)


def _next_hour(moment: datetime) -> datetime:
    """Return the end of the hour: all that was bought so far lies before it."""
    return moment.replace(minute=0, second=0, microsecond=0) + _HOUR
