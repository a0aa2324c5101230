"""At the desk: who gets a plate, who waits, who is sent away, and what each of them costs."""

import json
from datetime import timedelta

import pytest

from packshot.backgrounds.asking import LEASE
from packshot.errors import BudgetExhausted, GenerationFailed, GeneratorUnavailable, RetryLater
from packshot.events import MICROS, Plate
from packshot.testing.replicate import Mishap
from tests.backgrounds import CAPS, World, request_for


def plate_for(world: World, token: str) -> Plate:
    """Return the plate that a state was given."""
    return Plate.model_validate_json(world.tasks.answer_to(token).output)


def test_a_plate_is_asked_for_and_nobody_waits() -> None:
    """The function returns at once; the answer comes with the callback, with all that drew it."""
    world = World.made()
    assert world.ask(request_for()).status == "asked"
    assert world.tasks.answer_to("t-1") is None
    world.clock.advance(1)
    assert world.deliver() == 1
    plate = plate_for(world, "t-1")
    assert plate.generation is not None
    assert (plate.generator, plate.price_usd, plate.floor) == ("flux", 0.003, 0.8)
    assert (plate.generation.model, plate.generation.seed) == ("flux-schnell", 0)
    assert plate.generation.prompt.startswith("Photograph of ")
    assert plate.generation.prompt_version == "prompts-1"
    assert plate.image.object.key == f"plates/{plate.recipe}.png"


def test_two_at_once_share_one_call() -> None:
    """Who comes while it is on its way waits with the first, and pays nothing."""
    world = World.made()
    world.ask(request_for(state="first"))
    assert world.ask(request_for(state="second", sku="BAG-1")).status == "joined"
    world.clock.advance(1)
    world.deliver()
    first, second = plate_for(world, "first"), plate_for(world, "second")
    assert len(world.service.created) == 1
    assert (first.price_usd, second.price_usd) == (0.003, 0)
    assert first.generation is not None
    assert second.generation is not None
    assert (first.generation.shared, second.generation.shared) == (False, True)
    assert first.image == second.image


def test_a_plate_that_is_there_is_handed_over_at_once() -> None:
    """Products with one scene share their plates, for nothing."""
    world = World.made()
    world.ask(request_for())
    world.clock.advance(1)
    world.deliver()
    assert world.ask(request_for(state="later", sku="BAG-1")).status == "shared"
    assert plate_for(world, "later").price_usd == 0
    assert len(world.service.created) == 1


def test_an_expired_plate_is_drawn_anew() -> None:
    """After its days a recipe is free again."""
    world = World.made()
    world.ask(request_for())
    world.clock.advance(1)
    world.deliver()
    world.clock.advance(7 * 86_400)
    assert world.ask(request_for(state="later")).status == "asked"


@pytest.mark.parametrize(("age_days", "shared_days"), [(0, 7), (3, 4), (6.5, 1), (30, 1)])
def test_a_plate_lives_as_long_as_the_trends_behind_it(age_days: float, shared_days: float) -> None:
    """A plate of an older report is forgotten earlier, but never before a day is over."""
    world = World.made()
    until = world.clock() + timedelta(days=7 - age_days)
    world.ask(request_for(plate_until=until))
    world.clock.advance(1)
    world.deliver()
    world.clock.advance(shared_days * 86_400 - 2)
    assert world.ask(request_for(state="in time", plate_until=until)).status == "shared"
    world.clock.advance(2)
    assert world.ask(request_for(state="late", plate_until=until)).status == "asked"


def test_a_plate_that_was_sent_back_is_not_paid_again() -> None:
    """A seed whose picture was no good is known not to be, for everybody."""
    world = World.made(mishaps=[Mishap(outcome="black")])
    world.ask(request_for())
    world.clock.advance(1)
    world.deliver()
    answer = world.tasks.answer_to("t-1")
    assert answer.error == "GenerationFailed"
    assert json.loads(answer.cause)["spent_usd"] == 0.003
    with pytest.raises(GenerationFailed, match="blank"):
        world.ask(request_for(state="later"))
    assert len(world.service.created) == 1


def test_another_rung_is_another_seed_then_another_model() -> None:
    """The ladder: the first model, another seed of it, the next model; then nothing is left."""
    world = World.made()
    for rung in range(3):
        world.ask(request_for(state=f"t-{rung}").model_copy(update={"rung": rung}))
    assert [(entry["seed"], "width" in entry) for entry in world.service.inputs] == [
        (0, False),
        (1, False),
        (0, True),
    ]
    with pytest.raises(GenerationFailed, match="every seed and model"):
        world.ask(request_for(state="t-3").model_copy(update={"rung": 3}))


def test_a_throttle_is_honoured_by_everybody() -> None:
    """The delay that the generator asked for passes before any other call is made."""
    world = World.made(mishaps=[Mishap(create="429")])
    with pytest.raises(RetryLater):
        world.ask(request_for())
    with pytest.raises(RetryLater):
        world.ask(request_for(state="other", seed=5))
    assert len(world.service.created) == 0
    world.clock.advance(2)
    assert world.ask(request_for(state="again")).status == "asked"
    assert world.jobs.spent("2026-11-20") == 3000


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("401", GeneratorUnavailable), ("402", GeneratorUnavailable), ("422", GenerationFailed)],
)
def test_a_refusal_costs_nothing_and_is_not_repeated(fault: str, expected: type[Exception]) -> None:
    """The money is free again, and the reason is clear."""
    world = World.made(mishaps=[Mishap(create=fault)])  # type: ignore[arg-type]  # one of its words
    with pytest.raises(expected):
        world.ask(request_for())
    assert world.jobs.spent("2026-11-20") == 0
    assert world.jobs.unsettled() == ()


def test_a_call_that_may_have_arrived_is_looked_for_first() -> None:
    """Its answer was lost: until it cannot arrive any more nobody asks again, then it is found."""
    world = World.made(mishaps=[Mishap(create="lost")])
    with pytest.raises(RetryLater):
        world.ask(request_for())
    with pytest.raises(RetryLater, match="in the air"):
        world.ask(request_for(state="second"))
    world.clock.advance(LEASE.total_seconds() + 1)
    assert world.ask(request_for(state="third")).status == "joined"
    assert len(world.service.created) == 1
    world.deliver()
    assert plate_for(world, "third").generator == "flux"


def test_a_call_that_never_arrived_is_made_again_a_few_times() -> None:
    """After three in vain another way is taken, and the money is free."""
    world = World.made(mishaps=[Mishap(create="500")] * 3)
    for attempt in range(3):
        with pytest.raises(RetryLater):
            world.ask(request_for(state=f"t-{attempt}"))
        world.clock.advance(LEASE.total_seconds() + 1)
    with pytest.raises(GenerationFailed, match="did not take the call"):
        world.ask(request_for(state="t-3"))
    assert world.jobs.spent("2026-11-20") == 0


def test_an_empty_purse_asks_nobody() -> None:
    """The next call would pass the cap: the studio has to do."""
    world = World.made(caps=CAPS.model_copy(update={"daily": 2 * 3000}))
    world.ask(request_for(state="a", seed=1))
    world.ask(request_for(state="b", seed=2))
    with pytest.raises(BudgetExhausted, match="day"):
        world.ask(request_for(state="c", seed=3))
    assert len(world.service.created) == 2
    assert world.ask(request_for(state="d", seed=2)).status == "joined"


def test_one_product_cannot_spend_the_others_money() -> None:
    """A product that is uploaded again and again comes to its own cap."""
    world = World.made(caps=CAPS.model_copy(update={"product": 3000}))
    world.ask(request_for(state="a", seed=1))
    with pytest.raises(BudgetExhausted, match="product"):
        world.ask(request_for(state="b", seed=2))
    assert world.ask(request_for(state="c", seed=2, sku="BAG-1")).status == "asked"


def test_the_price_stands_in_one_record_however_late() -> None:
    """Whoever paid stopped waiting; the next who takes the plate bears its price, and only one does."""
    world = World.made()
    world.ask(request_for(state="gone"))
    world.tasks.give_up("gone")
    world.clock.advance(1)
    world.deliver()
    world.ask(request_for(state="second"))
    world.ask(request_for(state="third"))
    assert (plate_for(world, "second").price_usd, plate_for(world, "third").price_usd) == (0.003, 0)


def test_what_was_paid_in_vain_stands_in_one_record_too() -> None:
    """Nobody was waiting any more when a blank picture came: the next who asks for it bears its price."""
    world = World.made(mishaps=[Mishap(outcome="black")])
    world.ask(request_for(state="gone"))
    world.tasks.give_up("gone")
    world.clock.advance(1)
    world.deliver()
    world.ask(request_for(state="second"))
    answer = world.tasks.answer_to("second")
    assert answer.error == "GenerationFailed"
    assert json.loads(answer.cause)["spent_usd"] == 0.003
    with pytest.raises(GenerationFailed, match="blank"):
        world.ask(request_for(state="third"))


def test_a_busy_moment_charges_nobody_twice() -> None:
    """Step Functions throttles the second answer: who was told the price is not joined by another."""
    world = World.made()
    for state in ("first", "second", "third"):
        world.ask(request_for(state=state))
    world.clock.advance(1)
    original, told = world.tasks.succeed, []

    def succeed(token: str, output: str) -> bool:
        told.append(token)
        if len(told) == 2:
            raise RetryLater("throttled")
        return bool(original(token, output))

    world.tasks.succeed = succeed
    with pytest.raises(RetryLater):
        world.deliver()
    assert world.sweeper.sweep().answered == 1
    prices = [plate_for(world, state).price_usd for state in ("first", "second", "third")]
    assert prices == [0.003, 0, 0]


def test_a_price_that_could_not_be_told_is_told_the_next_time() -> None:
    """The throttled answer was the first: nobody bears the price yet."""
    world = World.made()
    world.ask(request_for())
    world.clock.advance(1)
    original, told = world.tasks.succeed, []

    def succeed(token: str, output: str) -> bool:
        told.append(token)
        if len(told) == 1:
            raise RetryLater("throttled")
        return bool(original(token, output))

    world.tasks.succeed = succeed
    with pytest.raises(RetryLater):
        world.deliver()
    assert world.sweeper.sweep().answered == 1
    assert plate_for(world, "t-1").price_usd == 0.003


def test_seeds_are_few_so_that_plates_are_shared() -> None:
    """Of sixty products in one scene as many plates are bought as there are variants."""
    world = World.made()
    for number in range(60):
        request = request_for(state=f"t-{number}", sku=f"SKU-{number}", seed=number * 977, variants=8)
        world.ask(request)
    assert len(world.service.created) == 8


def test_a_budget_is_in_whole_millionths() -> None:
    """Sums of prices are exact."""
    assert sum(round(0.003 * MICROS) for _ in range(1000)) == 3 * MICROS
