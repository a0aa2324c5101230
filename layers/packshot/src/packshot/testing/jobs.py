"""The book of jobs, the books of money and the inbox, in memory."""

import threading
from collections import defaultdict
from datetime import datetime, timedelta

from packshot.errors import BudgetExhausted, RetryLater
from packshot.events import Caps, Job, LedgerEntry, Settlement, Waiter
from packshot.generation.books import day_of, entry_of, known_until, month_of, over_budget

MOST_WAITERS = 200


class MemoryJobs:
    """Each call is one step under a lock, as each write of the table is one."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._committed: defaultdict[str, int] = defaultdict(int)
        self._started: defaultdict[int, int] = defaultdict(int)
        self._ledger: dict[str, LedgerEntry] = {}
        self._heard: set[str] = set()
        self._pause_until: datetime | None = None

    def open(self, job: Job, *, caps: Caps, at: datetime) -> bool:
        """Take a recipe and reserve its price."""
        over_budget(job, caps=caps)
        with self._lock:
            if self.read(job.recipe, at=at) is not None:
                return False
            day, product = _budgets(job)
            if self._committed[day] + job.price > caps.daily:
                raise BudgetExhausted("The day's budget for backgrounds is spent.")
            if self._committed[product] + job.price > caps.product:
                raise BudgetExhausted("The product's budget for backgrounds is spent.")
            second = int(at.timestamp())
            paused = self._pause_until is not None and self._pause_until > at
            if paused or self._started[second] >= caps.calls_per_second:
                raise RetryLater("as many calls were started as may be")
            self._started[second] += 1
            self._commit(job, job.price)
            self._jobs[job.recipe] = job
            return True

    def read(self, recipe: str, *, at: datetime) -> Job | None:
        """Return a job that has not expired."""
        with self._lock:
            job = self._jobs.get(recipe)
            return job if job is not None and not (job.is_settled and job.expires_at <= at) else None

    def join(self, recipe: str, waiter: Waiter) -> bool:
        """Add a waiter to a job that is asked."""
        with self._lock:
            job = self._jobs.get(recipe)
            if job is None or job.status != "asked" or len(job.waiters) >= MOST_WAITERS:
                return False
            self._replace(job, waiters=(*job.waiters, waiter))
            return True

    def bind(self, recipe: str, prediction: str) -> bool:
        """Note what a call became."""
        with self._lock:
            job = self._jobs.get(recipe)
            if job is None or job.status != "calling":
                return False
            self._replace(job, status="asked", prediction=prediction)
            return True

    def retake(self, job: Job, *, waiter: Waiter | None, lease_until: datetime) -> bool:
        """Take a call over, if its lease is still the one that ran out."""
        with self._lock:
            known = self._calling(job)
            if known is None:
                return False
            joined = (waiter,) if waiter else ()
            self._replace(
                known,
                lease_until=lease_until,
                calls=known.calls + 1,
                waiters=(*known.waiters, *joined),
            )
            return True

    def withdraw(self, job: Job, *, pause_until: datetime | None = None) -> bool:
        """Forget a call and free its money; note the pause that was asked for."""
        with self._lock:
            if pause_until is not None:
                self._pause_until = pause_until
            if self._calling(job) is None:
                return False
            self._commit(job, -job.price)
            del self._jobs[job.recipe]
            return True

    def settle(self, job: Job, settlement: Settlement, *, at: datetime) -> Job | None:
        """Write outcome, money and ledger."""
        with self._lock:
            known = self._jobs.get(job.recipe)
            if known is None or known.is_settled:
                return None
            self._commit(known, settlement.spent - known.price)
            self._ledger[settlement.prediction.id] = entry_of(known, settlement, at=at)
            return self._replace(
                known,
                status="done" if settlement.plate else "failed",
                prediction=settlement.prediction.id,
                plate=settlement.plate,
                reason=settlement.reason,
                spent=settlement.spent,
                expires_at=known_until(known, settlement, at=at),
            )

    def charge(self, recipe: str) -> bool:
        """Put a job's price on somebody, if nobody bears it."""
        with self._lock:
            job = self._jobs.get(recipe)
            if job is None or job.charged:
                return False
            self._replace(job, charged=True)
            return True

    def release(self, recipe: str) -> None:
        """Take a job's price off who did not take it."""
        with self._lock:
            self._replace(self._jobs[recipe], charged=False)

    def close(self, recipe: str) -> None:
        """Take a job off the list of those that somebody waits for."""
        with self._lock:
            if recipe in self._jobs:
                self._replace(self._jobs[recipe], answered=True)

    def reject(self, recipe: str, *, reason: str) -> None:
        """Mark a plate that nobody shall be given again."""
        with self._lock:
            job = self._jobs.get(recipe)
            if job is not None and job.status == "done":
                self._replace(job, status="failed", reason=reason)

    def unsettled(self) -> tuple[Job, ...]:
        """Return the jobs that are not closed, oldest first."""
        with self._lock:
            waiting = [job for job in self._jobs.values() if not job.answered]
            return tuple(sorted(waiting, key=lambda job: job.opened_at))

    def spent(self, day: str) -> int:
        """Return what is spent or reserved on a day."""
        with self._lock:
            return self._committed[f"DAY#{day}"]

    def entries(self, day: str) -> tuple[LedgerEntry, ...]:
        """Return the ledger of a day."""
        with self._lock:
            return tuple(entry for entry in self._ledger.values() if day_of(entry.settled_at) == day)

    def heard(self, message: str) -> bool:
        """Say whether a callback was worked on to its end."""
        return message in self._heard

    def remember(self, message: str, *, at: datetime) -> None:  # noqa: ARG002 - memory forgets with its process
        """Note that a callback was worked on."""
        self._heard.add(message)

    def _calling(self, job: Job) -> Job | None:
        known = self._jobs.get(job.recipe)
        same = known is not None and abs(known.lease_until - job.lease_until) < timedelta(milliseconds=1)
        return known if known is not None and known.status == "calling" and same else None

    def _commit(self, job: Job, amount: int) -> None:
        for name in _budgets(job):
            self._committed[name] += amount

    def _replace(self, job: Job, **changes: object) -> Job:
        changed = job.model_copy(update=changes)
        self._jobs[job.recipe] = changed
        return changed


def _budgets(job: Job) -> tuple[str, str]:
    return f"DAY#{day_of(job.opened_at)}", f"SKU#{job.sku}#{month_of(job.opened_at)}"
