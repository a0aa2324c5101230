"""What every book of jobs promises, in memory and in DynamoDB."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from packshot.adapters.jobs import DynamoJobs
from packshot.errors import BudgetExhausted, RetryLater
from packshot.events import (
    MICROS,
    Caps,
    ImageRef,
    Job,
    ObjectRef,
    Order,
    Plate,
    Prediction,
    Settlement,
    Waiter,
)
from packshot.testing.jobs import MemoryJobs
from tests.contracts.tables import make_table

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORDER = Order(
    model="flux-schnell",
    strategy="plate",
    prompt="a bare table",
    prompt_version="p",
    seed=1,
    width=1600,
    height=1600,
    settings_version="s",
)
ROOMY = Caps(daily=100 * MICROS, product=100 * MICROS, calls_per_second=10_000)
PLATE = Plate(
    image=ImageRef(object=ObjectRef(bucket="work", key="plates/r.png"), width=1600, height=1600),
    generator="flux",
    floor=0.8,
    recipe="r",
    price_usd=0.003,
)
Books = Any
"""A book of jobs with its ledger and inbox; both kinds are all three."""


@pytest.fixture(params=["memory", "dynamo"])
def jobs(request: pytest.FixtureRequest) -> Books:
    """Return each book in turn."""
    if request.param == "memory":
        return MemoryJobs()
    request.getfixturevalue("aws")
    return DynamoJobs(make_table("generation", index="unsettled", by=("open", "opened_at")))


def later(seconds: float) -> datetime:
    """Return a moment after noon."""
    return NOON + timedelta(seconds=seconds)


def waiter(token: str, *, sku: str = "MUG-1") -> Waiter:
    """Return somebody who waits."""
    return Waiter(token=token, sku=sku)


def job(recipe: str = "r", **changes: Any) -> Job:  # noqa: ANN401 - any field of a job
    """Return a job that is being called, changed."""
    usual: dict[str, Any] = {
        "recipe": recipe,
        "order": ORDER,
        "floor": 0.8,
        "status": "calling",
        "sku": "MUG-1",
        "price": 3000,
        "opened_at": NOON,
        "lease_until": later(20),
        "expires_at": later(7 * 86400),
        "waiters": (waiter("t-1", sku="MUG-1"),),
    }
    return Job.model_validate(usual | changes)


def settled(plate: Plate | None = PLATE, *, spent: int = 3000) -> Settlement:
    """Return an outcome."""
    prediction = Prediction(id="p-1", status="succeeded" if plate else "failed", seconds=0.7)
    return Settlement(prediction=prediction, plate=plate, reason="" if plate else "It failed.", spent=spent)


def test_a_recipe_is_taken_once(jobs: Books) -> None:
    """Who comes second is told so, and no money is set aside for them."""
    assert jobs.open(job(), caps=ROOMY, at=NOON)
    assert not jobs.open(job(sku="OTHER"), caps=ROOMY, at=later(1))
    assert jobs.read("r", at=NOON) == job()
    assert jobs.spent("2026-11-20") == 3000


def test_nobody_knows_a_recipe_that_was_never_asked_for(jobs: Books) -> None:
    """A free recipe reads as nothing."""
    assert jobs.read("r", at=NOON) is None
    assert jobs.unsettled() == ()


def test_a_call_becomes_a_prediction_for_all_who_wait(jobs: Books) -> None:
    """Only a job that is asked is joined; the outcome knows everybody who did."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    assert not jobs.join("r", waiter("t-2", sku="BAG-1"))
    assert jobs.bind("r", "p-1")
    assert jobs.join("r", waiter("t-2", sku="BAG-1"))
    done = jobs.settle(job(), settled(), at=later(2))
    assert done is not None
    assert (done.status, done.plate, done.spent) == ("done", PLATE, 3000)
    assert [waiter.token for waiter in done.waiters] == ["t-1", "t-2"]
    assert not jobs.join("r", waiter("t-3", sku="BAG-1"))


def test_an_outcome_counts_once(jobs: Books) -> None:
    """The second settlement changes neither outcome nor books."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    jobs.settle(job(), settled(), at=later(2))
    assert jobs.settle(job(), settled(None, spent=0), at=later(3)) is None
    assert not jobs.bind("r", "p-2")
    (entry,) = jobs.entries("2026-11-20")
    assert (entry.prediction, entry.model, entry.reserved, entry.spent) == ("p-1", "flux-schnell", 3000, 3000)
    assert jobs.spent("2026-11-20") == 3000


def test_what_was_reserved_and_not_spent_is_free_again(jobs: Books) -> None:
    """A job that failed unbilled leaves nothing in the day's books but its line."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    failed = jobs.settle(job(), settled(None, spent=0), at=later(2))
    assert failed is not None
    assert (failed.status, failed.reason) == ("failed", "It failed.")
    assert jobs.spent("2026-11-20") == 0
    assert [entry.status for entry in jobs.entries("2026-11-20")] == ["failed"]


def test_a_call_that_was_not_taken_is_forgotten(jobs: Books) -> None:
    """Recipe and money are free again, for anybody."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    assert jobs.withdraw(job())
    assert jobs.spent("2026-11-20") == 0
    assert jobs.open(job(), caps=ROOMY, at=later(1))


def test_what_was_asked_is_not_withdrawn(jobs: Books) -> None:
    """A prediction that exists keeps its job and its money."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    jobs.bind("r", "p-1")
    assert not jobs.withdraw(job())
    assert jobs.spent("2026-11-20") == 3000


def test_a_lease_that_ran_out_is_taken_over_by_one(jobs: Books) -> None:
    """Of two who see the same old lease one makes the call; the other's knowledge is too old to withdraw."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    second = waiter("t-2", sku="MUG-1")
    assert jobs.retake(job(), waiter=second, lease_until=later(45))
    assert not jobs.retake(job(), waiter=second, lease_until=later(46))
    assert not jobs.withdraw(job())
    found = jobs.read("r", at=later(25))
    assert found is not None
    assert (found.calls, found.lease_until, len(found.waiters)) == (2, later(45), 2)


def test_a_pause_that_was_asked_for_is_kept_by_everybody(jobs: Books) -> None:
    """While the generator wants to be left alone no job is opened, whoever was told."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    jobs.withdraw(job(), pause_until=later(30))
    with pytest.raises(RetryLater):
        jobs.open(job("other"), caps=ROOMY, at=later(29))
    assert jobs.open(job("other"), caps=ROOMY, at=later(30))


def test_so_many_calls_start_in_a_second_and_no_more(jobs: Books) -> None:
    """The next one has to wait, and nothing is set aside for it."""
    caps = ROOMY.model_copy(update={"calls_per_second": 2})
    assert jobs.open(job("a"), caps=caps, at=NOON)
    assert jobs.open(job("b"), caps=caps, at=later(0.4))
    with pytest.raises(RetryLater):
        jobs.open(job("c"), caps=caps, at=later(0.9))
    assert jobs.spent("2026-11-20") == 6000
    assert jobs.open(job("c"), caps=caps, at=later(1))


@pytest.mark.parametrize(("caps", "which"), [((5999, 10**6), "day"), ((10**6, 5999), "product")])
def test_a_cap_is_never_passed(jobs: Books, caps: tuple[int, int], which: str) -> None:
    """The call that would pass it is told so, with the cap's name."""
    tight = Caps(daily=caps[0], product=caps[1], calls_per_second=1000)
    assert jobs.open(job("a"), caps=tight, at=NOON)
    with pytest.raises(BudgetExhausted, match=which):
        jobs.open(job("b"), caps=tight, at=later(1))
    assert jobs.read("b", at=NOON) is None
    assert jobs.spent("2026-11-20") == 3000


def test_a_day_s_cap_is_that_day_s(jobs: Books) -> None:
    """The next day has its own money; the product's month goes on."""
    tight = Caps(daily=3000, product=9000, calls_per_second=1000)
    jobs.open(job("a"), caps=tight, at=NOON)
    tomorrow = later(86400)
    assert jobs.open(job("b", opened_at=tomorrow), caps=tight, at=tomorrow)
    with pytest.raises(BudgetExhausted):
        jobs.open(job("c", opened_at=tomorrow), caps=tight, at=tomorrow)


def test_a_product_s_cap_is_a_month_s(jobs: Books) -> None:
    """Tomorrow it has no more than today; in the next month it begins anew."""
    caps = Caps(daily=100 * MICROS, product=3000, calls_per_second=100)
    jobs.open(job("a"), caps=caps, at=NOON)
    tomorrow, next_month = NOON + timedelta(days=1), NOON + timedelta(days=11)
    with pytest.raises(BudgetExhausted, match="product"):
        jobs.open(job("b", opened_at=tomorrow), caps=caps, at=tomorrow)
    assert jobs.open(job("b", opened_at=next_month), caps=caps, at=next_month)


def test_a_price_above_every_cap_is_told_before_anything_is_written(jobs: Books) -> None:
    """A first call cannot pass a cap because nothing was spent before it."""
    tight = Caps(daily=2999, product=9000, calls_per_second=1000)
    with pytest.raises(BudgetExhausted):
        jobs.open(job(), caps=tight, at=NOON)


def test_a_thousand_reservations_at_once_never_pass_the_cap(jobs: Books) -> None:
    """Of a thousand calls as many are taken as the day's money holds, to the last cent.

    All at once in memory; moto copies its tables without a lock, so there one after the other. The local
    cloud's table, all at once, has its turn in `tests/local/test_backgrounds.py`.
    """
    at_once, calls = (32, 1000) if isinstance(jobs, MemoryJobs) else (1, 150)
    tight = Caps(daily=100 * 3000, product=100 * MICROS, calls_per_second=10_000)

    def reserve(number: int) -> str:
        try:
            for _ in range(200):
                try:
                    found = job(f"recipe-{number}", sku=f"SKU-{number % 50}")
                    return "taken" if jobs.open(found, caps=tight, at=NOON) else "known"
                except RetryLater:
                    continue
        except BudgetExhausted:
            return "over"
        return "contended"

    with ThreadPoolExecutor(at_once) as pool:
        told = Counter(pool.map(reserve, range(calls)))
    assert told == {"taken": 100, "over": calls - 100}
    assert jobs.spent("2026-11-20") == 100 * 3000


def test_jobs_are_listed_until_everybody_has_an_answer(jobs: Books) -> None:
    """A settled job is not closed before it was answered; then the sweep sees it no more."""
    jobs.open(job("old"), caps=ROOMY, at=NOON)
    jobs.open(job("new", opened_at=later(5)), caps=ROOMY, at=later(5))
    jobs.settle(job("old"), settled(), at=later(6))
    assert [each.recipe for each in jobs.unsettled()] == ["old", "new"]
    jobs.close("old")
    assert [each.recipe for each in jobs.unsettled()] == ["new"]
    found = jobs.read("old", at=later(7))
    assert found is not None
    assert (found.answered, found.charged) == (True, False)


def test_a_price_is_borne_by_one(jobs: Books) -> None:
    """Of two who would put it on somebody one does; taken back, it is free for the next."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    jobs.settle(job(), settled(), at=later(2))
    assert [jobs.charge("r"), jobs.charge("r")] == [True, False]
    jobs.close("r")
    found = jobs.read("r", at=later(3))
    assert found is not None
    assert found.charged
    jobs.release("r")
    assert jobs.charge("r")
    assert not jobs.charge("unknown")


def test_a_rejected_plate_is_given_to_nobody(jobs: Books) -> None:
    """What the judge sent back is not shared, and is not paid for again either."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    jobs.settle(job(), settled(), at=later(2))
    jobs.reject("r", reason="Something stands there.")
    found = jobs.read("r", at=later(3))
    assert found is not None
    assert (found.status, found.reason) == ("failed", "Something stands there.")
    assert not jobs.open(job(), caps=ROOMY, at=later(4))
    jobs.reject("unknown", reason="nothing happens")


def test_a_plate_expires_and_can_be_asked_for_again(jobs: Books) -> None:
    """After its time a recipe is free, whether or not the table has removed it."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    jobs.settle(job(), settled(), at=later(2))
    jobs.close("r")
    over = later(7 * 86400)
    assert jobs.read("r", at=later(7 * 86400 - 1)) is not None
    assert jobs.read("r", at=over) is None
    assert jobs.open(job(opened_at=over, lease_until=over), caps=ROOMY, at=over)
    found = jobs.read("r", at=over)
    assert found is not None
    assert (found.status, found.plate, found.answered) == ("calling", None, False)


@pytest.mark.parametrize(("spent", "hours"), [(0, 6), (3000, 7 * 24)], ids=["free", "paid"])
def test_a_failure_that_cost_nothing_is_forgotten_first(jobs: Books, spent: int, hours: int) -> None:
    """What was paid for in vain is not paid again; a bad hour of the generator's is over in some hours."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    jobs.settle(job(), settled(None, spent=spent), at=NOON)
    assert jobs.read("r", at=later(hours * 3600 - 1)) is not None
    assert jobs.read("r", at=later(hours * 3600)) is None
    assert jobs.open(job(), caps=ROOMY, at=later(hours * 3600))


def test_a_job_on_its_way_does_not_expire(jobs: Books) -> None:
    """However old, a call of which nobody knows the outcome is not made again blindly."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    assert jobs.read("r", at=later(30 * 86400)) is not None
    assert not jobs.open(job(), caps=ROOMY, at=later(30 * 86400))


def test_a_plate_waits_for_so_many_and_no_more(jobs: Books) -> None:
    """An item has its limit; who comes after has to come again."""
    jobs.open(job(), caps=ROOMY, at=NOON)
    jobs.bind("r", "p-1")
    taken = [jobs.join("r", waiter(f"t-{each}", sku="S")) for each in range(200)]
    assert taken == [True] * 199 + [False]


def test_callbacks_are_remembered(jobs: Books) -> None:
    """A message that was worked on is known from then on."""
    assert not jobs.heard("msg-1")
    jobs.remember("msg-1", at=NOON)
    assert jobs.heard("msg-1")
    assert not jobs.heard("msg-2")
