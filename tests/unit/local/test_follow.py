"""How photos are followed, with executions as the cloud tells them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from infrastructure.local import follow as following
from infrastructure.local.executions import Execution
from infrastructure.local.follow import Board, Journey, Lines, describe, follow, in_words
from infrastructure.local.shop import DroppedPhoto
from infrastructure.local.trace import StateRun, Trace

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
MUG = DroppedPhoto("mug", "mug", "uploads/mug/mug.jpg", "v1")
CHAIR = DroppedPhoto("chair", "side", "uploads/chair/side.jpg", "v1")


def ran(name: str, *, ms: int | None = 100, scope: tuple[str, ...] = (), attempts: int = 1) -> StateRun:
    """Return a task that took this long, or that still runs."""
    exited = None if ms is None else START + timedelta(milliseconds=ms)
    return StateRun(name, "Task", scope, START, 10, exited, 10, attempts)


def ending(name: str) -> StateRun:
    """Return the state in which an execution ended."""
    return StateRun(name, "Succeed", (), START, 10, START, 10)


@dataclass
class Cloud:
    """Executions that get one step further each time somebody looks."""

    photos: Sequence[DroppedPhoto]
    traces: Sequence[Trace]
    looks: dict[str, int] = field(default_factory=dict)

    def newest(self) -> Iterator[Execution]:
        """Yield an execution for each photo."""
        for photo in self.photos:
            yield Execution(f"arn:{photo.sku}", "RUNNING", START, photo.key, photo.version)

    def trace(self, arn: str) -> Trace:
        """Return the next trace; the last one stays."""
        seen = self.looks.get(arn, 0)
        self.looks[arn] = seen + 1
        return self.traces[min(seen, len(self.traces) - 1)]


class Recorder:
    """Keeps every picture that was shown."""

    def __init__(self) -> None:
        """Begin with none."""
        self.pictures: list[tuple[Journey, ...]] = []

    def show(self, journeys: Sequence[Journey]) -> None:
        """Keep the picture."""
        self.pictures.append(tuple(journeys))


WAY = (
    Trace(START, None, (ran("AnalyzePhoto", ms=None),)),
    Trace(START, START + timedelta(seconds=2), (ran("AnalyzePhoto"), ending("Published"))),
)


def test_photos_are_followed_until_all_have_ended() -> None:
    """Every step is shown, and the end is known."""
    screen = Recorder()
    journeys = follow(
        [MUG, CHAIR],
        executions=Cloud([MUG, CHAIR], WAY),  # type: ignore[arg-type] # a cloud of the test
        screen=screen,
        timeout_s=10,
    )
    assert [journey.published for journey in journeys] == [True, True]
    assert [journey.ended for journey in screen.pictures[0]] == [False, False]


def test_following_gives_up_after_a_while() -> None:
    """A photo that hangs does not hang the command."""
    (journey,) = follow(
        [MUG],
        executions=Cloud([MUG], WAY[:1]),  # type: ignore[arg-type] # a cloud of the test
        screen=Recorder(),
        timeout_s=0,
    )
    assert not journey.ended


def test_an_upload_that_starts_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken rule between bucket and workflow is not waited for in vain."""
    monkeypatch.setattr(following, "STARTS_WITHIN_S", -1)
    (journey,) = follow(
        [MUG],
        executions=Cloud([], WAY),  # type: ignore[arg-type] # a cloud of the test
        screen=Recorder(),
        timeout_s=10,
    )
    assert journey.ending == "never started"


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("Published", "published"),
        ("Rejected", "rejected"),
        ("AlreadyDone", "done before"),
        ("Failed", "failed"),
    ],
)
def test_an_ending_has_a_word(state: str, word: str) -> None:
    """The state in which an execution ended is told in the shop's words."""
    trace = Trace(START, START, (ending(state),))
    assert Journey(MUG, "arn", trace).ending == word


def test_lines_say_each_thing_once() -> None:
    """A log has one line for each finished step and one for the end."""
    out = StringIO()
    lines = Lines.on(Console(file=out, width=200))
    journey = Journey(MUG, "arn", WAY[1])
    lines.show([journey])
    lines.show([journey])
    assert out.getvalue().splitlines() == ["mug: analyze photo 100 ms", "mug: published (2.0 s)"]


def test_the_board_groups_steps_by_scene() -> None:
    """On a terminal a photo's steps stand in one row, those of a scene together."""
    out = StringIO()
    runs = (
        ran("MaskProduct"),
        ran("RenderStudio", scope=("white",)),
        ran("RenderStudio", scope=("trend",)),
        ran("ComposeImage", scope=("white",), ms=None),
    )
    with Board(Console(file=out, width=120, force_terminal=True, color_system=None)) as board:
        board.show([Journey(MUG, "arn", Trace(START, None, runs))])
    assert "mask 100  white: render 100  compose …  trend: render 100" in out.getvalue()


def test_a_step_in_words_tells_scene_and_attempts() -> None:
    """What took several attempts says so."""
    assert (
        describe(ran("ComposeImage", scope=("trend",), attempts=2))
        == "compose image (trend) 100 ms, 2 attempts"
    )
    assert in_words("PublishImages") == "publish images"
