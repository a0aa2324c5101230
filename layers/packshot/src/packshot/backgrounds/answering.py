"""Hand the outcome of a job to everybody who waits for it; who is first pays, all others share."""

import json
from dataclasses import dataclass

from packshot.errors import GenerationFailed, RetryLater
from packshot.events import Job, Plate, Waiter
from packshot.generation.books import in_dollars
from packshot.ports import JobBook, Tasks


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers the states that wait. Answering twice does no harm: a state takes the first."""

    jobs: JobBook
    tasks: Tasks

    def give(self, job: Job) -> None:
        """Answer all who wait for a settled job, and close it; the first that still waits bears its price."""
        is_borne = job.charged
        for waiter in job.waiters:
            is_borne = self._serve(job, waiter, is_borne=is_borne)
        self.jobs.close(job.recipe)

    def share(self, job: Job, waiter: Waiter) -> None:
        """Hand a plate that is there to somebody who comes later; `GenerationFailed` if there is none.

        What was paid in vain, and stands in nobody's record, is told to the token instead.
        Those who came before come first: whoever settled the job may have died before they were answered.
        """
        if not job.answered:
            self.give(job)
        is_refused = job.plate is None or job.status == "failed"
        if is_refused and (job.charged or not job.spent):
            raise GenerationFailed(job.reason or "This plate was refused.")
        self._serve(job, waiter, is_borne=job.charged)

    def _serve(self, job: Job, waiter: Waiter, *, is_borne: bool) -> bool:
        """Answer a state; say whether somebody bears the price now.

        It is put on the state before the state hears of it, so that no two hear of it, whoever dies.
        """
        pays = not is_borne and self.jobs.charge(job.recipe)
        try:
            took = self._tell(job, waiter, pays=pays)
        except RetryLater:
            if pays:
                self.jobs.release(job.recipe)
            raise
        if pays and not took:
            self.jobs.release(job.recipe)
        return took or not pays

    def _tell(self, job: Job, waiter: Waiter, *, pays: bool) -> bool:
        """Say whether the state was still waiting."""
        if job.plate is not None and job.status == "done":
            return self.tasks.succeed(waiter.token, _seen_by(job.plate, pays=pays).model_dump_json())
        spent = in_dollars(job.spent) if pays else 0.0
        cause = json.dumps({"reason": job.reason, "spent_usd": spent}, ensure_ascii=False)
        return self.tasks.fail(waiter.token, error=GenerationFailed.__name__, cause=cause)


def _seen_by(plate: Plate, *, pays: bool) -> Plate:
    if pays or plate.generation is None:
        return plate
    generation = plate.generation.model_copy(update={"shared": True})
    return plate.model_copy(update={"price_usd": 0, "generation": generation})
