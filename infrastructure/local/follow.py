"""Following photos through the state machine, live on a terminal and line by line elsewhere."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from infrastructure.local.executions import Executions
from infrastructure.local.shop import DroppedPhoto
from infrastructure.local.trace import StateRun, Trace

POLL_S = 0.15
STARTS_WITHIN_S = 30.0
"""How long an upload may go without an execution before it counts as ignored."""

ENDINGS = {
    "Published": ("published", "green"),
    "Rejected": ("rejected", "yellow"),
    "AlreadyDone": ("done before", "cyan"),
    "SidecarStored": ("stored as a sidecar", "cyan"),
}
REMEDIES = {"RejectPhoto", "RecordFailure", "KeepForRedrive"}


@dataclass(frozen=True, slots=True)
class Journey:
    """One photo's way: no `execution` before the cloud has noticed it, no `trace` before it began."""

    photo: DroppedPhoto
    execution: str = ""
    trace: Trace | None = None
    ignored: bool = False

    @property
    def ended(self) -> bool:
        """Nothing more will happen to this photo."""
        return self.ignored or (self.trace is not None and self.trace.ended)

    @property
    def ending(self) -> str:
        """How it ended, in a word or two; empty while it runs."""
        if self.ignored:
            return "never started"
        if self.trace is None or not self.trace.ended:
            return ""
        return ENDINGS.get(self.trace.ending, ("failed", "red"))[0]

    @property
    def published(self) -> bool:
        """Images came out."""
        return self.ending == "published"


class Screen(Protocol):
    """Where progress is shown."""

    def show(self, journeys: Sequence[Journey]) -> None:
        """Show how far each photo is; called several times a second."""
        ...


@dataclass(slots=True)
class Lines:
    """Progress for logs: one line when a step is done, one when a photo is."""

    console: Console
    _told: set[str]

    @classmethod
    def on(cls, console: Console) -> Self:
        """Return a screen that has told nothing yet."""
        return cls(console, set())

    def show(self, journeys: Sequence[Journey]) -> None:
        """Print what is new since the last call."""
        for journey in journeys:
            for run in journey.trace.tasks if journey.trace else ():
                if run.ms is not None:
                    self._tell(f"{journey.photo.label}: {describe(run)}")
            if journey.ended:
                self._tell(f"{journey.photo.label}: {journey.ending}{_seconds(journey)}")

    def _tell(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self.console.print(line, markup=False, highlight=False)


class Board:
    """Progress for terminals: a row for each photo, its finished steps and what runs now."""

    def __init__(self, console: Console) -> None:
        """Draw on this console; use as a context manager, so that the cursor comes back."""
        self._live = Live(console=console, refresh_per_second=8)
        self._spinner = Spinner("dots", style="cyan")

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Leave the last picture standing."""
        self._live.stop()

    def show(self, journeys: Sequence[Journey]) -> None:
        """Draw the board again."""
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, style="bold")
        table.add_column(justify="right", no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        for journey in journeys:
            mark = _mark(journey) if journey.ended else self._spinner
            table.add_row(mark, journey.photo.label, _seconds(journey).strip(" ()"), _steps(journey))
        self._live.update(Group(table))


def follow(
    photos: Sequence[DroppedPhoto],
    *,
    executions: Executions,
    screen: Screen,
    timeout_s: float,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Journey, ...]:
    """Watch the photos until all have ended or the time is up, and return how far each came."""
    journeys = [Journey(photo) for photo in photos]
    began = clock()
    while True:
        late = clock() - began > STARTS_WITHIN_S
        journeys = _notice(journeys, executions, late=late)
        journeys = [_advance(journey, executions) for journey in journeys]
        screen.show(journeys)
        if all(journey.ended for journey in journeys) or clock() - began > timeout_s:
            return tuple(journeys)
        time.sleep(POLL_S)


def _notice(journeys: list[Journey], executions: Executions, *, late: bool) -> list[Journey]:
    """Find the executions that began meanwhile; the oldest of an object version is the one that works."""
    waiting = {(j.photo.key, j.photo.version) for j in journeys if not j.execution and not j.ignored}
    if not waiting:
        return journeys
    found = {
        (run.key, run.version): run.arn for run in executions.newest() if (run.key, run.version) in waiting
    }
    return [
        replace(journey, execution=found[place])
        if (place := (journey.photo.key, journey.photo.version)) in found and not journey.execution
        else replace(journey, ignored=journey.ignored or (late and not journey.execution))
        for journey in journeys
    ]


def _advance(journey: Journey, executions: Executions) -> Journey:
    if journey.ended or not journey.execution:
        return journey
    return replace(journey, trace=executions.trace(journey.execution))


def describe(run: StateRun) -> str:
    """Return a finished step in one line: `compose image (trend) 310 ms, attempt 2`."""
    scene = f" ({' '.join(run.scope)})" if run.scope else ""
    tries = f", {run.attempts} attempts" if run.attempts > 1 else ""
    fault = f", {run.error}" if run.error else ""
    time_spent = "" if run.ms is None else f" {run.ms:.0f} ms"
    return f"{in_words(run.name)}{scene}{time_spent}{tries}{fault}"


def in_words(state: str) -> str:
    """Return `MaskProduct` as `mask product`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in state).strip()


def _seconds(journey: Journey) -> str:
    return f" ({journey.trace.seconds:.1f} s)" if journey.trace else ""


def _mark(journey: Journey) -> Text:
    colour = next((colour for word, colour in ENDINGS.values() if word == journey.ending), "red")
    return Text({"green": "✓", "cyan": "✓", "yellow": "!"}.get(colour, "✗"), style=f"bold {colour}")


def _steps(journey: Journey) -> Text:
    """Return the steps so far, verb by verb, those of a scene together."""
    if journey.trace is None:
        return Text(journey.ending or "waiting for the event", style="dim")
    line = Text()
    for scope, runs in _by_scene(journey.trace.tasks).items():
        line.append(f"{scene}: " if (scene := " ".join(scope)) else "", style="italic")
        for run in runs:
            line.append_text(_step(run))
    return line.append(journey.ending, style="bold")


def _by_scene(runs: Iterable[StateRun]) -> dict[tuple[str, ...], list[StateRun]]:
    """Group the runs by scene; a whole photo's later steps get a group of their own, to stay in order."""
    groups: dict[tuple[str, ...], list[StateRun]] = {}
    scenes_began = False
    for run in runs:
        scenes_began = scenes_began or bool(run.scope)
        after = ("",) if scenes_began and not run.scope else run.scope
        groups.setdefault(after, []).append(run)
    return groups


def _step(run: StateRun) -> Text:
    verb = in_words(run.name).split()[0]
    if run.ms is None:
        return Text(f"{verb} …  ", style="cyan")
    bad = bool(run.error) or run.name in REMEDIES
    return Text(f"{verb} {run.ms:.0f}  ", style="red" if bad else "dim")
