"""Nothing is paid twice, whatever is killed, repeated, lost, delayed or shuffled."""

import contextlib
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from infrastructure.functions import blueprint
from packshot.backgrounds.asking import LEASE
from packshot.backgrounds.callbacks import Callback, take
from packshot.backgrounds.ordering import order_for
from packshot.errors import PackshotError, RetryLater
from packshot.events import BackgroundRequest, Plate
from packshot.generation.books import day_of, in_dollars
from packshot.testing.replicate import Mishap
from packshot.testing.replicate.faults import CreateFault, Outcome, WebhookFault
from packshot.testing.replicate.service import WEBHOOK_SECRET, Delivery
from tests.backgrounds import WORK, World, request_for

CREATE_FAULTS: tuple[CreateFault, ...] = ("lost", "unreached", "429", "500", "503")
OUTCOMES: tuple[Outcome, ...] = (
    "failed",
    "moderated",
    "canceled",
    "aborted",
    "black",
    "garbage",
    "small",
    "no_output",
    "gone",
)
WEBHOOK_FAULTS: tuple[WebhookFault, ...] = ("lost", "duplicated", "late", "forged", "stale")
LIFE = blueprint("request_background").timeout
"""Seconds after which Lambda ends the function that calls: until then its call may be made."""
EFFECTS = {
    "create", "search", "find", "cancel", "fetch", "open", "join", "bind", "retake", "withdraw", "settle",
    "charge", "release", "close", "remember", "succeed", "fail", "write", "read",
}  # fmt: skip


class Killed(BaseException):
    """The process ended here; no `except` of ours may see it."""


@dataclass(slots=True)
class Fate:
    """Kills a share of all effects: half of these before, half after they took place.

    A call that was on the wire when its process ended may arrive later, for as long as a function can live.
    """

    chance: random.Random
    share: float
    kills: Counter[str] = field(default_factory=Counter)
    on_the_wire: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def around(self, name: str, effect: Callable[[], object]) -> object:
        """Let an effect take place, or not, and live on, or not."""
        drawn = self.chance.random()
        if drawn < self.share / 2:
            self.kills[f"before {name}"] += 1
            if name == "create" and self.chance.random() < 0.5:
                self.on_the_wire.append((self.chance.uniform(0, LIFE), effect))
            raise Killed
        result = effect()
        if drawn < self.share:
            self.kills[f"after {name}"] += 1
            raise Killed
        return result

    def pass_time(self, seconds: float) -> None:
        """Let what is on the wire arrive."""
        flying, self.on_the_wire = self.on_the_wire, []
        for left, effect in flying:
            if left > seconds:
                self.on_the_wire.append((left - seconds, effect))
            else:
                with contextlib.suppress(PackshotError):
                    effect()


class Mortal:
    """A part whose every effect may be the process's last."""

    def __init__(self, part: object, fate: Fate) -> None:
        """`fate` decides."""
        self._part = part
        self._fate = fate

    def __getattr__(self, name: str) -> object:
        """Return the part's own attribute, its effects at risk."""
        found = getattr(self._part, name)
        if name not in EFFECTS:
            return found
        return lambda *words, **named: self._fate.around(name, lambda: found(*words, **named))


@dataclass(slots=True)
class Execution:
    """A state that wants a plate; when its function dies or is told to wait, it asks with a new token."""

    request: BackgroundRequest
    tokens: Iterator[int]
    token: str = ""
    ended: str = ""

    def attempt(self, world: World) -> None:
        """Ask once, as a state does."""
        self.token = f"{self.request.token}-{next(self.tokens)}"
        try:
            world.ask(self.request.model_copy(update={"token": self.token}))
        except (RetryLater, Killed):
            self.is_refused(world)
            raise
        except PackshotError as error:
            self.ended = type(error).__name__

    def is_refused(self, world: World) -> None:
        """Wait no more under this token, unless the answer came before the end."""
        world.tasks.give_up(self.token)

    def look(self, world: World) -> bool:
        """Say whether the state has its answer."""
        answer = world.tasks.answer_to(self.token)
        if not self.ended and answer is not None and answer.error != "States.Timeout":
            self.ended = answer.error or "plate"
        return bool(self.ended)


class Storm:
    """Events in no order, some of them twice, on a world in which everything may die."""

    def __init__(self, *, seed: int, events: int, recipes: int, share: float) -> None:
        """`share` is the probability that an effect is the last one."""
        self.chance = random.Random(seed)  # noqa: S311 - a test's
        self.fate = Fate(self.chance, share)
        self.world = World.made(wrap=lambda part: Mortal(part, self.fate), mishaps=self._mishaps(events))
        self.events = events
        self.recipes = [request_for(seed=each, sku=f"SKU-{each % 7}") for each in range(recipes)]
        self.executions: list[Execution] = []
        self.pending: list[Execution | Delivery] = []
        self._names = count()

    def _mishaps(self, events: int) -> list[Mishap]:
        return [self._mishap() for _ in range(events)]

    def _mishap(self) -> Mishap:
        chance = self.chance
        return Mishap(
            create=chance.choice(CREATE_FAULTS) if chance.random() < 0.25 else "",
            outcome=chance.choice(OUTCOMES) if chance.random() < 0.25 else "",
            webhook=chance.choice(WEBHOOK_FAULTS) if chance.random() < 0.5 else "",
        )

    def rage(self) -> None:
        """Let all events happen, then let the weather clear until nothing is left to do."""
        for number in range(self.events):
            self._pass(self.chance.uniform(0, 0.5))
            if self.chance.random() < 0.2 or not self.pending:
                self._begin()
            self.pending += self.world.service.deliveries()
            self._happen(self.pending.pop(self.chance.randrange(len(self.pending))))
            if number % 300 == 0:
                self._sweep()
        self.fate.share = 0
        for _ in range(60):
            self._calm_round()

    def _pass(self, seconds: float) -> None:
        self.fate.pass_time(seconds)
        self.world.clock.advance(seconds)

    def _begin(self) -> None:
        request = self.chance.choice(self.recipes)
        token = f"execution-{next(self._names)}"
        execution = Execution(request.model_copy(update={"token": token}), count())
        self.executions.append(execution)
        self.pending.append(execution)

    def _happen(self, event: Execution | Delivery) -> None:
        again = self.chance.random() < 0.15
        try:
            if isinstance(event, Execution):
                if not event.look(self.world):
                    event.attempt(self.world)
            else:
                self._take(event)
        except (Killed, RetryLater):
            again = True
        if again and not (isinstance(event, Execution) and event.token and self._waits(event)):
            self.pending.append(event)

    def _waits(self, execution: Execution) -> bool:
        """Say whether the state is served, or waits for its answer: then it does not ask again."""
        return execution.look(self.world) or self.world.tasks.answer_to(execution.token) is None

    def _take(self, delivery: Delivery) -> None:
        callback = Callback(delivery.url.rpartition("/")[2], delivery.headers, delivery.body)
        world = self.world
        try:
            take(
                callback,
                receiver=world.receiver,
                inbox=world.jobs,
                secret=WEBHOOK_SECRET,
                now=world.clock,
            )
        except RetryLater:
            raise
        except PackshotError:
            pass

    def _sweep(self) -> None:
        with contextlib.suppress(Killed):
            self.world.sweeper.sweep()

    def _calm_round(self) -> None:
        self._pass(45)
        waiting, self.pending = self.pending, []
        for event in waiting:
            self._happen(event)
        self.pending += self.world.service.deliveries()
        for execution in self.executions:
            answer = self.world.tasks.answer_to(execution.token)
            if not execution.look(self.world) and (not execution.token or answer is not None):
                self._happen(execution)
        self._sweep()

    # --- what must hold -------------------------------------------------------------------------------

    def drawn(self) -> Counter[tuple[str, int]]:
        """Return how often each recipe was started at the generator."""
        return Counter((str(each["prompt"]), int(each["seed"])) for each in self.world.service.inputs)

    def ends(self) -> dict[tuple[str, int], set[str]]:
        """Return for each recipe that anybody asked for how those who asked were answered."""
        ends: dict[tuple[str, int], set[str]] = {}
        for each in self.executions:
            if each.token:
                order = order_for(each.request, objects=self.world.objects, bucket=WORK)
                ends.setdefault((order.prompt, order.seed), set()).add(each.ended)
        return ends

    def ledger(self) -> float:
        """Return what the books say was spent."""
        return in_dollars(sum(each.spent for each in self.world.jobs.entries(day_of(self.world.clock()))))

    def told(self) -> Counter[str]:
        """Return how often the price of each plate, by its recipe, was told to a state."""
        told: Counter[str] = Counter()
        for each in self.executions:
            answer = self.world.tasks.answer_to(each.token)
            if answer is not None and answer.output:
                plate = Plate.model_validate_json(answer.output)
                told[plate.recipe] += plate.price_usd > 0
        return told


def hold(storm: Storm) -> None:
    """Hold the world to its promises after a storm.

    A recipe that was never drawn is one whose every call the generator refused: all who asked were told so.
    """
    drawn, ends = storm.drawn(), storm.ends()
    assert set(drawn.values()) <= {1}
    assert len(drawn) == len(storm.world.service.created)
    assert drawn.keys() <= ends.keys()
    assert [ends[each] for each in ends.keys() - drawn.keys() if ends[each] != {"GenerationFailed"}] == []
    assert [each.request.token for each in storm.executions if not each.look(storm.world)] == []
    assert storm.world.jobs.unsettled() == ()
    assert abs(storm.ledger() - storm.world.service.invoice()) < 1e-9
    assert set(storm.told().values()) <= {0, 1}, "no price stands in two records"
    assert storm.world.jobs.spent(day_of(storm.world.clock())) == round(storm.ledger() * 1e6)


def test_no_call_outlives_its_lease() -> None:
    """Whoever takes a call over asks after the first caller has been ended, however slow its network was."""
    assert LEASE.total_seconds() > LIFE


def test_ten_thousand_events_pay_each_recipe_once() -> None:
    """Functions die at every step, events come twice and in any order: creates are the distinct recipes."""
    storm = Storm(seed=20261120, events=10_000, recipes=800, share=0.04)
    storm.rage()
    hold(storm)
    assert len(storm.drawn()) >= 0.99 * len(storm.ends())
    died_at = {name.partition(" ")[2] for name in storm.fate.kills}
    assert died_at >= {"create", "open", "bind", "settle", "close", "fetch", "write", "succeed", "remember"}
    assert {f"{when} create" for when in ("before", "after")} <= set(storm.fate.kills)
    plates = sum(each.ended == "plate" for each in storm.executions)
    assert plates > len(storm.executions) / 2
    borne = storm.told()
    assert borne.total() > 0.9 * len(borne), "and few in none"
    deaths = sum(storm.fate.kills.values())
    # The decision on bought backgrounds quotes this line: pytest -rP shows it.
    sys.stdout.write(f"{len(storm.drawn())} recipes, {deaths} deaths, {len(storm.executions)} states\n")


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), share=st.floats(0, 0.3))
def test_any_storm_pays_each_recipe_once(seed: int, share: float) -> None:
    """However often functions die, nobody waits for ever and the books are those of the invoice."""
    storm = Storm(seed=seed, events=120, recipes=8, share=share)
    storm.rage()
    hold(storm)
