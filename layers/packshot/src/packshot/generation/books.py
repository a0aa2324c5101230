"""The rules of the money: what a job may reserve, and what stands in the ledger when it has ended."""

from datetime import UTC, datetime, timedelta

from packshot.errors import BudgetExhausted
from packshot.events import MICROS, Caps, Job, LedgerEntry, Settlement

FREE_FAILURE = timedelta(hours=6)
"""A generator's bad hour is over by then, and shall not send scenes to dearer models for days."""


def day_of(moment: datetime) -> str:
    """Return a moment's day in UTC, as budgets and ledgers are named."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def month_of(moment: datetime) -> str:
    """Return a moment's month in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m")


def over_budget(job: Job, *, caps: Caps) -> None:
    """Raise `BudgetExhausted` for a price that no empty budget would hold."""
    if job.price > min(caps.daily, caps.product):
        raise BudgetExhausted("One background costs more than the budget allows.")


def known_until(job: Job, settlement: Settlement, *, at: datetime) -> datetime:
    """Return until when an outcome is remembered: for `FREE_FAILURE` a failure that cost nothing."""
    is_free = settlement.plate is None and settlement.spent == 0
    return min(job.expires_at, at + FREE_FAILURE) if is_free else job.expires_at


def in_dollars(micros: int) -> float:
    """Return millionths of a US dollar as US dollars."""
    return micros / MICROS


def entry_of(job: Job, settlement: Settlement, *, at: datetime) -> LedgerEntry:
    """Return a job's line in the ledger."""
    prediction = settlement.prediction
    return LedgerEntry(
        prediction=prediction.id,
        recipe=job.recipe,
        sku=job.sku,
        model=job.order.model,
        status=prediction.status,
        seconds=prediction.seconds,
        reserved=job.price,
        spent=settlement.spent,
        settled_at=at,
        reason=settlement.reason,
    )
