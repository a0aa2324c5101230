"""Ask for a plate at most once for each recipe, and let whoever wants the same wait for the same call.

    free → calling → asked → done | failed
             ↑  └ the call surely was not taken: free again, its money too
             └ nobody knows: after the lease the generator is asked what it has, before anything is paid again

Each arrow is one conditional write, so a process may die between any two.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from packshot.backgrounds.answering import Answers
from packshot.errors import GenerationFailed, GeneratorUnavailable, RetryLater, UncertainCall
from packshot.events import BackgroundNotice, BackgroundRequest, Caps, Job, Order, Waiter
from packshot.generation.models import model_named
from packshot.ports import BackgroundGenerator, Clock, JobBook

LEASE = timedelta(seconds=40)
"""For how long a call may still arrive: longer than the function that makes it may live (30 s)."""
SKEW = timedelta(seconds=60)
"""How far the generator's clock may be behind ours."""
MOST_CALLS = 3
SHORTEST_LIFE = timedelta(days=1)
"""A plate that was paid for is shared at least as long, however old the trends that it follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where plates are asked for.

    A plate is shared for `kept`, or until the trends that shaped it are too old, whichever comes first.
    `webhook` is the address under which jobs are called back; without one the sweep finds out how they ended.
    """

    generator: BackgroundGenerator
    jobs: JobBook
    answers: Answers
    caps: Caps
    kept: timedelta
    webhook: str
    now: Clock

    def ask(self, request: BackgroundRequest, order: Order) -> BackgroundNotice:
        """See to it that the request's token is answered; what is raised has the workflow's own names."""
        waiter = Waiter(token=request.token, sku=request.photo.sku)
        floor = request.scene.view.floor if request.scene.view else 0.8
        job = self.jobs.read(order.digest, at=self.now())
        if job is not None:
            return self._follow(job, waiter)
        opened = self._job(order, waiter, floor=floor, until=request.scene.plate_until)
        if not self.jobs.open(opened, caps=self.caps, at=opened.opened_at):
            raise RetryLater("somebody else asks for this plate just now")
        return self._call(opened)

    def _follow(self, job: Job, waiter: Waiter) -> BackgroundNotice:
        if job.is_settled:
            self.answers.share(job, waiter)
            return BackgroundNotice(recipe=job.recipe, status="shared")
        if job.status == "asked":
            return self._join(job, waiter)
        if job.lease_until > self.now():
            raise RetryLater("a call for this plate is in the air")
        return self._reconcile(job, waiter)

    def _join(self, job: Job, waiter: Waiter) -> BackgroundNotice:
        if not self.jobs.join(job.recipe, waiter):
            raise RetryLater("this plate has just come, or too many wait for it")
        return BackgroundNotice(recipe=job.recipe, status="joined")

    def _reconcile(self, job: Job, waiter: Waiter) -> BackgroundNotice:
        """Look for the call that nobody knows of; only if it never arrived it is made again."""
        found = self.generator.search(job.order, since=job.opened_at - SKEW)
        if found is not None:
            self.jobs.bind(job.recipe, found.id)
            return self._join(job, waiter)
        if job.calls >= MOST_CALLS:
            self.jobs.withdraw(job)
            raise GenerationFailed("The generator did not take the call, however often it was made.")
        lease_until = self.now() + LEASE
        if not self.jobs.retake(job, waiter=waiter, lease_until=lease_until):
            raise RetryLater("somebody else looks after this call")
        return self._call(job.model_copy(update={"lease_until": lease_until}))

    def _call(self, job: Job) -> BackgroundNotice:
        try:
            started = self.generator.create(
                job.order, webhook=f"{self.webhook}/{job.recipe}" if self.webhook else ""
            )
        except RetryLater as error:
            self.jobs.withdraw(job, pause_until=_pause(error, at=self.now()))
            raise
        except (GenerationFailed, GeneratorUnavailable):
            self.jobs.withdraw(job)
            raise
        except UncertainCall as error:
            raise RetryLater(f"nobody knows whether the call was taken: {error}") from error
        self.jobs.bind(job.recipe, started.id)
        return BackgroundNotice(recipe=job.recipe, status="asked")

    def _job(self, order: Order, waiter: Waiter, *, floor: float, until: datetime | None) -> Job:
        at = self.now()
        expires_at = at + self.kept if until is None else min(at + self.kept, until)
        return Job(
            recipe=order.digest,
            order=order,
            floor=floor,
            status="calling",
            sku=waiter.sku,
            price=model_named(order.model).price,
            opened_at=at,
            lease_until=at + LEASE,
            expires_at=max(expires_at, at + SHORTEST_LIFE),
            waiters=(waiter,),
        )


def _pause(error: RetryLater, *, at: datetime) -> datetime | None:
    return None if error.seconds is None else at + timedelta(seconds=error.seconds)
