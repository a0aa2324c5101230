"""From Put to published: time, memory and size of the whole way of a photo.

    python -m tests.benchmarks.pipeline [--json FILE] [--photos N]

Times of photos are from the beginning of the Put to the end of the execution, by one clock.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infrastructure.functions import unzipped_sizes
from infrastructure.local.cloud import Cloud, running_cloud
from infrastructure.local.executions import Executions
from infrastructure.local.follow import Journey, follow
from infrastructure.local.places import ENVIRONMENT, PHOTOS
from infrastructure.local.shop import PhotoFile, drop
from infrastructure.synth import synth
from layers.build import LIMIT_MIB, MIB, Target
from tests.benchmarks.imports import import_ms, import_ms_without_bytecode
from tests.benchmarks.machine import Machine
from tests.benchmarks.memory import Watch, peaks_by_function
from tests.benchmarks.report import Line, missed_gates, percentile, show, write

WARM_PHOTOS = 12
BURST = 20
PATIENCE_S = 900
WARM_S = 2.5
STARTUP_S = 6
IMPORT_MS = 600


class Unpublished(Exception):
    """A photo did not come out, so there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Run:
    """A photo's way: seconds from Put to published, and milliseconds of each state."""

    seconds: float
    steps: dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Step:
    """What one state costs when warm."""

    p50_ms: float
    p95_ms: float
    peak_rss_mib: float


@dataclass(frozen=True, slots=True)
class Burst:
    """Photos at once: seconds until the last was published, the process tree's memory at its peak."""

    photos: int
    published: int
    wall_s: float
    peak_rss_mib: int
    peak_pss_mib: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The benchmark's result; the names are stable, other documents quote them."""

    machine: Machine
    cold_s: float
    warm_p50_s: float
    warm_p95_s: float
    steps: dict[str, Step]
    burst: Burst
    imports_ms: dict[str, int]
    imports_without_bytecode_ms: dict[str, int]
    sizes_mib: dict[str, float]
    startup_s: float


class Quiet:
    """Shows no progress."""

    def show(self, journeys: Sequence[Journey]) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A cloud and the photos to send through it."""

    cloud: Cloud
    photos: tuple[Path, ...]

    def send(self, number: int, *, label: str) -> Run:
        """Send one photo and wait for it."""
        began = datetime.now(UTC)
        (journey,) = self._published([self._file(number, label)])
        return _run(journey, began)

    def send_all(self, count: int, *, label: str) -> Burst:
        """Send photos as fast as one client can, and wait for all."""
        began = time.perf_counter()
        with Watch(self.cloud.pid) as memory:
            published = self._published([self._file(number, label) for number in range(count)])
            seconds = time.perf_counter() - began
        return Burst(count, len(published), round(seconds, 1), round(memory.rss), round(memory.pss))

    def _file(self, number: int, label: str) -> PhotoFile:
        photo = self.photos[number % len(self.photos)]
        return PhotoFile(photo, f"{label}-{number}", {})

    def _published(self, files: Sequence[PhotoFile]) -> tuple[Journey, ...]:
        s3, bucket = self.cloud.client("s3"), self.cloud.outputs["UploadsBucket"]
        executions = Executions(self.cloud.client("stepfunctions"), self.cloud.outputs["EnhancePhotoArn"])
        dropped = [drop(file, s3=s3, bucket=bucket) for file in files]
        journeys = follow(dropped, executions=executions, screen=Quiet(), timeout_s=PATIENCE_S)
        for journey in journeys:
            if not journey.published:
                raise Unpublished(
                    f"{journey.photo.key}: {journey.ending or 'not done in time'}, {journey.trace}"
                )
        return journeys


def _run(journey: Journey, began: datetime) -> Run:
    if journey.trace is None or journey.trace.stopped is None:
        raise Unpublished(journey.photo.key)
    steps: dict[str, list[float]] = {}
    for run in journey.trace.tasks:
        steps.setdefault(run.name, []).append(run.ms or 0)
    return Run((journey.trace.stopped - began).total_seconds(), steps)


@contextmanager
def bench() -> Iterator[tuple[Bench, float]]:
    """Stand a fresh cloud up and give it with the seconds it took, the template being cached."""
    synth(ENVIRONMENT.name, target=Target.LOCAL)
    photos = tuple(sorted(PHOTOS.glob("*.jpg")))
    with tempfile.TemporaryDirectory() as state:
        began = time.perf_counter()
        assembly = synth(ENVIRONMENT.name, target=Target.LOCAL)
        with running_cloud(assembly, state=Path(state)) as cloud:
            yield Bench(cloud, photos), time.perf_counter() - began


def step_costs(runs: Sequence[Run], peaks: dict[str, float]) -> dict[str, Step]:
    """Return what each state costs, over all runs and scenes."""
    times: dict[str, list[float]] = {}
    for run in runs:
        for name, values in run.steps.items():
            times.setdefault(name, []).extend(values)
    by_state = {_state(function): peak for function, peak in peaks.items()}
    return {
        name: Step(
            p50_ms=round(statistics.median(values), 1),
            p95_ms=round(percentile(values, 0.95), 1),
            peak_rss_mib=round(by_state.get(name, 0), 1),
        )
        for name, values in times.items()
    }


def _state(function: str) -> str:
    """Return the state of a function: packshot-sandbox-mask-product is called by MaskProduct."""
    return "".join(word.title() for word in function.split("-")[2:])


def measure(*, warm: int, burst: int, console: Console) -> Figures:
    """Measure everything."""
    machine = Machine.here()
    with console.status("Building the layers for arm64 …"):
        sizes = {name: round(size / MIB, 1) for name, size in unzipped_sizes(Target.AWS).items()}
    with console.status("Importing every function in fresh processes …"):
        compiled, bare = import_ms(), import_ms_without_bytecode()
    with console.status("Starting the local cloud …") as status, bench() as (stand, startup_s):
        status.update("One photo, everything cold …")
        cold = stand.send(0, label="cold")
        # Two scenes at once need a second process of their functions, which a first photo may not start.
        stand.send(0, label="second")
        runs = []
        for number in range(warm):
            status.update(f"Warm photo {number + 1} of {warm} …")
            runs.append(stand.send(number, label="warm"))
        peaks = peaks_by_function(stand.cloud.pid)
        status.update(f"{burst} photos at once …")
        many = stand.send_all(burst, label="burst")
    seconds = [run.seconds for run in runs]
    return Figures(
        machine=machine,
        cold_s=round(cold.seconds, 2),
        warm_p50_s=round(statistics.median(seconds), 2),
        warm_p95_s=round(percentile(seconds, 0.95), 2),
        steps=step_costs(runs, peaks),
        burst=many,
        imports_ms={name: round(ms) for name, ms in compiled.items()},
        imports_without_bytecode_ms={name: round(ms) for name, ms in bare.items()},
        sizes_mib=sizes,
        startup_s=round(startup_s, 2),
    )


def whole(figures: Figures) -> tuple[Line, ...]:
    """Return the figures of the whole way, with their targets."""
    return (
        Line("Put to published, cold", figures.cold_s, "s"),
        Line("Put to published, warm p50", figures.warm_p50_s, "s", limit=WARM_S),
        Line("Put to published, warm p95", figures.warm_p95_s, "s"),
        Line("local cloud ready, template cached", figures.startup_s, "s", limit=STARTUP_S),
        Line(f"{figures.burst.photos} photos at once", figures.burst.wall_s, "s"),
        Line("peak RSS meanwhile, shared pages counted each time", figures.burst.peak_rss_mib, "MiB"),
        Line("peak PSS meanwhile, shared pages counted once", figures.burst.peak_pss_mib, "MiB"),
    )


def functions(figures: Figures) -> tuple[Line, ...]:
    """Return the figures of single functions, with their targets and gates."""
    imports = [Line(f"import {name}", ms, "ms", limit=IMPORT_MS) for name, ms in figures.imports_ms.items()]
    bare = [
        Line(f"import {name}, no byte code", ms, "ms")
        for name, ms in figures.imports_without_bytecode_ms.items()
    ]
    sizes = [
        Line(f"size of {name} and its layers, arm64", size, "MiB", limit=LIMIT_MIB, gate=True)
        for name, size in figures.sizes_mib.items()
    ]
    return (*imports, *bare, *sizes)


def steps_table(steps: Mapping[str, Step]) -> Table:
    """Return the states as a table."""
    table = Table(title="Warm steps", title_justify="left", title_style="bold", box=None, header_style="dim")
    table.add_column("state")
    for heading in ("p50 ms", "p95 ms", "peak RSS MiB"):
        table.add_column(heading, justify="right")
    for name, step in steps.items():
        table.add_row(name, f"{step.p50_ms:.0f}", f"{step.p95_ms:.0f}", f"{step.peak_rss_mib:.0f}")
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, keep; 1 if a gate is missed or a photo did not come out."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pipeline", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    parser.add_argument("--photos", type=int, default=WARM_PHOTOS, help="how many warm photos (default: 12)")
    parser.add_argument("--burst", type=int, default=BURST, help="how many photos at once (default: 20)")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        figures = measure(warm=options.photos, burst=options.burst, console=console)
    except Unpublished as error:
        console.print(f"not published: {error}", style="red", markup=False)
        return 1
    machine = figures.machine
    console.print(f"{machine.cores} cores of {machine.architecture}, load {machine.load} before", style="dim")
    show(whole(figures), title="The whole way", console=console)
    console.print(steps_table(figures.steps))
    show(functions(figures), title="Functions", console=console)
    write(asdict(figures), options.json)
    missed = missed_gates(functions(figures))
    for sentence in missed:
        console.print(sentence, style="red")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
