"""Look after jobs whose callback never came, whose caller died, or whose answers were not all given."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from packshot.backgrounds.answering import Answers
from packshot.backgrounds.asking import SKEW
from packshot.backgrounds.receiving import Receiver
from packshot.errors import MissingObject, PackshotError, RetryLater
from packshot.events import Job, Prediction, SweepReport
from packshot.ports import BackgroundGenerator, Clock, JobBook, Tasks

STALE = timedelta(minutes=30)
"""Older jobs are given up, and somebody is woken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """One round over all open jobs; `tell` hears of each that could not be looked after this time."""

    generator: BackgroundGenerator
    jobs: JobBook
    tasks: Tasks
    answers: Answers
    receiver: Receiver
    now: Clock
    tell: Callable[[Job, PackshotError], None]

    def sweep(self) -> SweepReport:
        """Bring every open job a step further, and say what there was.

        A defect stops nobody else's job; it is raised when the round is over.
        """
        done: Counter[str] = Counter()
        defects: list[Exception] = []
        for job in self.jobs.unsettled():
            done["open"] += 1
            done["stale"] += self._is_stale(job)
            try:
                done[self._look_after(job)] += 1
            except PackshotError as error:
                self.tell(job, error)
            except Exception as error:  # noqa: BLE001 - raised below
                defects.append(error)
        if defects:
            raise ExceptionGroup("jobs that could not be swept", defects)
        named = {name: done[name] for name in SweepReport.model_fields}
        return SweepReport(**named)

    def _look_after(self, job: Job) -> str:
        if job.is_settled:
            self.answers.give(job)
            return "answered"
        if job.status == "calling":
            return self._look_for(job)
        return self._look_up(job)

    def _look_for(self, job: Job) -> str:
        """Find out what became of a call whose caller is gone: nobody waits for one that never arrived."""
        if job.lease_until > self.now():
            return "waiting"
        try:
            found = self.generator.search(job.order, since=job.opened_at - SKEW)
        except RetryLater:
            if not self._is_stale(job):
                raise
            return self._given_up(job)
        if found is None:
            self.jobs.withdraw(job)
            return "withdrawn"
        self.jobs.bind(job.recipe, found.id)
        return self._settled(job, found)

    def _given_up(self, job: Job) -> str:
        """End a call of which nobody will know any more; the ledger names it by its recipe."""
        unknown = Prediction(id=f"unknown-{job.recipe}", status="unknown")
        reason = "Nobody could find out whether the generator took the order."
        self.receiver.give_up(job, unknown, reason=reason)
        return "settled"

    def _look_up(self, job: Job) -> str:
        try:
            found = self.generator.find(job.prediction)
        except MissingObject:
            gone = Prediction(id=job.prediction, status="gone")
            self.receiver.give_up(job, gone, reason="The generator knows nothing of this picture any more.")
            return "settled"
        return self._settled(job, found)

    def _settled(self, job: Job, found: Prediction) -> str:
        if found.has_ended:
            self.receiver.settle(job, found)
            return "settled"
        if self._is_stale(job):
            self.generator.cancel(found.id)
            self.receiver.give_up(job, found, reason="The generator took more than half an hour.")
            return "settled"
        for waiter in job.waiters:
            self.tasks.heartbeat(waiter.token)
        return "waiting"

    def _is_stale(self, job: Job) -> bool:
        return self.now() - job.opened_at > STALE
