"""Backgrounds that are bought, by a fake Replicate: time, what waiting costs, a burst, and a cost table.

    python -m tests.benchmarks.flux [--json FILE] [--photos N] [--burst N] [--latency SECONDS]

Everything runs on the local cloud from the real template; only the generator is a fake, on a socket.
"""

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from infrastructure.functions import ALL
from infrastructure.local import backgrounds
from infrastructure.local.commands import catalogue_of
from packshot.adapters.jobs import DynamoJobs
from packshot.adapters.objects import S3Objects, S3UrlSigner
from packshot.adapters.replicate import ReplicateGenerator
from packshot.backgrounds.answering import Answers
from packshot.backgrounds.asking import Desk
from packshot.backgrounds.ordering import order_for
from packshot.errors import RetryLater
from packshot.events import MICROS, Caps, PhotoRecord
from packshot.generation.books import day_of, in_dollars
from packshot.generation.models import model_named
from packshot.testing.replicate import FakeReplicate, Pace
from packshot.testing.replicate.pictures import draw
from packshot.testing.replicate.service import TOKEN
from packshot.testing.tasks import MemoryTasks
from tests.backgrounds import plain_picture, request_for
from tests.benchmarks.machine import Machine
from tests.benchmarks.pipeline import Bench, Run, Unpublished, bench
from tests.benchmarks.report import Line, percentile, show, write

PHOTOS, BURST, LATENCY = 16, 50, 1.0
OVERHEAD_S = 2.5
CALLS_PER_SECOND = 10
HIT_RATES = (0.0, 0.5, 0.9)

# USD, Lambda on arm64, Step Functions Standard, S3, DynamoDB on demand, HTTP API (looked up 2026-11).
GB_SECOND, REQUEST, TRANSITION, PUT, WRITE, READ, CALLBACK = (
    0.0000133334, 0.2e-6, 0.025e-3, 0.005e-3, 0.625e-6, 0.125e-6, 1e-6,
)  # fmt: skip
JOB_WRITES, JOB_READS = 40, 6
"""Write and read units of one bought plate: a transaction counts twice; a shared plate reads once."""
_REPORT = re.compile(r"REPORT RequestId: \S+\tDuration: ([\d.]+) ms\tMemory Size: (\d+) MB")


@dataclass(frozen=True, slots=True)
class Burst:
    """Photos or requests at once, and what the generator saw of them."""

    asked: int
    done: int
    seconds: float
    creates: int
    most_in_a_second: int
    throttled: int


@dataclass(frozen=True, slots=True)
class Costs:
    """US dollars for a thousand products, by hit rate of the plate cache: all, and AWS's part of it."""

    plates_usd: float
    aws_usd: dict[str, float]
    total_usd: dict[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """The benchmark's result; the names are stable, other documents quote them."""

    machine: Machine
    latency_s: float
    bought: int
    bought_p50_s: float
    bought_p95_s: float
    studio_p50_s: float
    lives_on_p50_ms: float
    billed_ms: dict[str, float]
    billed_while_waiting_ms: float
    photos_at_once: Burst
    requests_at_once: Burst
    ledger_usd: float
    invoice_usd: float
    records_usd: float
    costs: dict[str, Costs]


@dataclass(frozen=True, slots=True)
class Bill:
    """What functions are billed, from their REPORT lines: calls, seconds times GB."""

    calls: int
    gb_seconds: float

    @property
    def usd(self) -> float:
        """Return what Lambda costs."""
        return self.calls * REQUEST + self.gb_seconds * GB_SECOND


class Prepared:
    """Draws a prompt once and shows it again: the fake's drawing would take this machine's cores from us."""

    def __init__(self) -> None:
        """Know no picture."""
        self._pictures: dict[str, bytes] = {}

    def __call__(self, given: Mapping[str, Any], outcome: str, number: int) -> bytes:
        """Return a picture for this prompt, whatever the seed."""
        prompt = str(given["prompt"])
        if prompt not in self._pictures:
            self._pictures[prompt] = draw(given, outcome, number)
        return self._pictures[prompt]


def reports(stand: Bench) -> dict[str, list[tuple[float, int]]]:
    """Return milliseconds and MiB of every invocation so far, by function."""
    found = {}
    for each in ALL:
        log = stand.cloud.log_of(each.name)
        text = log.read_text("utf-8", errors="replace") if log.exists() else ""
        found[each.name] = [(float(ms), int(mib)) for ms, mib in _REPORT.findall(text)]
    return found


def bill(before: Mapping[str, list[tuple[float, int]]], after: Mapping[str, list[tuple[float, int]]]) -> Bill:
    """Return what was billed between two looks at the logs."""
    new = [one for name, lines in after.items() for one in lines[len(before[name]) :]]
    return Bill(len(new), sum(ms / 1000 * mib / 1024 for ms, mib in new))


def record_of(stand: Bench, sku: str) -> PhotoRecord:
    """Return the newest record of a product."""
    return catalogue_of(stand.cloud).photos(sku)[0]


def was_bought(record: PhotoRecord) -> bool:
    """Say whether this photo's own plate was drawn for it, at the first try."""
    plates = [each.composite.plate for each in record.candidates]
    bought = [each.generation for each in plates if each.generation is not None]
    return bool(bought) and not any(each.shared for each in bought) and not any(e.fallback for e in plates)


def invocations(stand: Bench, function: str) -> list[tuple[datetime, datetime]]:
    """Return from when to when a function ran each time, by its own log."""
    log = stand.cloud.log_of(function)
    text = log.read_text("utf-8", errors="replace") if log.exists() else ""
    found = []
    for line in text.splitlines():
        if '"answered"' in line or '"callback taken"' in line:
            told = json.loads(line)
            end = datetime.strptime(told["timestamp"], "%Y-%m-%d %H:%M:%S,%f%z")
            found.append((end - timedelta(milliseconds=told["ms"]), end))
    return found


def waiting(stand: Bench, spans: Sequence[tuple[datetime, datetime]]) -> tuple[list[float], float]:
    """Return how long the asking function lived on after each order was taken, and what was billed then.

    Milliseconds. After it has ended, and until the picture is due, any call of ours for it would be waiting.
    """
    asked = invocations(stand, "request_background")
    called = [*invocations(stand, "receive_background"), *invocations(stand, "sweep_backgrounds")]
    lived, billed = [], 0.0
    for started, due in spans:
        end = min((end for begin, end in asked if begin <= started <= end), default=started)
        lived.append((end - started) / timedelta(milliseconds=1))
        for begin, finish in called:
            overlap = min(finish, due) - max(begin, end)
            billed += max(overlap / timedelta(milliseconds=1), 0)
    return lived, billed


def send_many(stand: Bench, count: int, *, fake: FakeReplicate) -> Burst:
    """Send photos as fast as one client can, and wait for all."""
    before = len(fake.service.created)
    began = time.perf_counter()
    done = stand.send_all(count, label="many")
    return Burst(
        asked=count,
        done=done.published,
        seconds=round(time.perf_counter() - began, 1),
        creates=len(fake.service.created) - before,
        most_in_a_second=fake.service.most_in_a_second,
        throttled=fake.service.throttled,
    )


def ask_many(stand: Bench, count: int) -> Burst:
    """Let so many states ask for different plates at once, each repeating as the workflow does.

    Photos are masked at the speed of this machine's cores, so a burst of photos is none for the generator;
    this one is, on the same table.
    """
    with FakeReplicate(draw=plain_picture, pace=Pace(creates_per_second=CALLS_PER_SECOND)) as fake:
        table, client = stand.cloud.outputs["GenerationTable"], stand.cloud.client("dynamodb")
        jobs, tasks = DynamoJobs(table, client), MemoryTasks()
        generator = ReplicateGenerator(TOKEN, signer=S3UrlSigner(), base_url=fake.origin)
        desk = Desk(
            generator=generator,
            jobs=jobs,
            answers=Answers(jobs=jobs, tasks=tasks),
            caps=Caps(daily=100 * MICROS, product=100 * MICROS, calls_per_second=CALLS_PER_SECOND),
            kept=timedelta(days=1),
            webhook="",
            now=lambda: datetime.now(UTC),
        )
        objects = S3Objects(stand.cloud.client("s3"))

        def ask(number: int) -> bool:
            request = request_for(state=f"b-{number}", seed=number, sku=f"B-{number}", variants=10**6)
            order = order_for(request, objects=objects, bucket="unused")
            for attempt in range(11):
                try:
                    return bool(desk.ask(request, order))
                except RetryLater:
                    time.sleep(min(2.0**attempt, 30))
            return False

        began = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            done = sum(pool.map(ask, range(count)))
        seconds = time.perf_counter() - began
        generator.close()
        service = fake.service
        return Burst(
            count, done, round(seconds, 1), len(service.created), service.most_in_a_second, service.throttled
        )


def cost_table(*, studio: float, bought: float, shared: float) -> dict[str, Costs]:
    """Return what a thousand products cost by the studio, by schnell and by the premium model.

    The arguments are what AWS takes for one product whose trend plate comes from each of the three.
    """
    found = {"studio": Costs(0.0, {"0": round(studio * 1000, 2)}, {"0": round(studio * 1000, 2)})}
    for label, model in (("schnell", "flux-schnell"), ("premium", "flux-2-pro")):
        price = in_dollars(model_named(model).price)
        aws = {f"{rate:.0%}": 1000 * (bought * (1 - rate) + shared * rate) for rate in HIT_RATES}
        total = {f"{rate:.0%}": aws[f"{rate:.0%}"] + 1000 * price * (1 - rate) for rate in HIT_RATES}
        found[label] = Costs(price, _rounded(aws), _rounded(total))
    return found


def _rounded(table: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in table.items()}


def aws_usd(found: Bill, *, photos: int, transitions: float, plates: str) -> float:
    """Return what AWS takes for one photo: functions, states, objects, and the table of jobs."""
    jobs = {
        "studio": 0.0,
        "shared": 2 * READ,
        "bought": JOB_WRITES * WRITE + JOB_READS * READ + CALLBACK,
    }[plates]
    objects = 17 * PUT + 8 * WRITE
    return found.usd / photos + transitions * TRANSITION + objects + jobs


def _transitions(run: Run) -> float:
    """Return the transitions of a photo: its tasks, and the ten states around them and around each scene."""
    tasks = sum(len(values) for values in run.steps.values())
    return tasks + 10 + 3 * 3


def measure(*, photos: int, burst: int, latency: float, console: Console) -> Figures:
    """Measure everything."""
    machine = Machine.here()
    with console.status("Starting the local cloud …") as status, bench() as (stand, _):
        status.update("The studio, for comparison …")
        stand.send(0, label="cold")
        stand.send(0, label="second")
        before = reports(stand)
        studio = [stand.send(number, label="studio") for number in range(6)]
        studio_bill = bill(before, reports(stand))
        # Warm functions look at the secret once a minute.
        status.update("Connecting the fake …")
        with backgrounds.fake_generator(
            stand.cloud, pace=Pace(latency, CALLS_PER_SECOND), draw=Prepared()
        ) as fake:
            time.sleep(61)
            for number in range(len(stand.photos)):
                stand.send(number, label="first")
            taken, before = len(fake.service.spans), reports(stand)
            runs: dict[str, Run] = {}
            for number in range(photos):
                status.update(f"Photo {number + 1} of {photos} …")
                runs[f"bought-{number}"] = stand.send(number, label="bought")
            bought_bill, logs = bill(before, reports(stand)), reports(stand)
            records = {sku: record_of(stand, sku) for sku in runs}
            lived, billed = waiting(stand, fake.service.spans[taken:])
            status.update(f"{burst} photos at once …")
            many = send_many(stand, burst, fake=fake)
            entries = DynamoJobs(
                stand.cloud.outputs["GenerationTable"], stand.cloud.client("dynamodb")
            ).entries(day_of(datetime.now(UTC)))
            ledger, invoice = in_dollars(sum(entry.spent for entry in entries)), fake.service.invoice()
            first_ones = (f"first-{number}" for number in range(len(stand.photos)))
            skus = [*runs, *first_ones, *(f"many-{number}" for number in range(burst))]
            told = sum(record_of(stand, sku).price_usd for sku in skus)
        status.update(f"{burst} requests at once …")
        requests = ask_many(stand, burst)
    own = [runs[sku].seconds for sku, record in records.items() if was_bought(record)]
    if not own:
        raise Unpublished("no plate was bought: every scene found one")
    names = ("request_background", "receive_background")
    per_photo = bill(before, logs)
    studio_usd = aws_usd(
        studio_bill, photos=len(studio), transitions=_transitions(studio[0]), plates="studio"
    )
    first = next(run for sku, run in runs.items() if was_bought(records[sku]))
    receive = statistics.mean(ms for ms, _ in logs["receive_background"]) / 1000 * 2
    shared_bill = Bill(per_photo.calls, per_photo.gb_seconds - receive * len(own))
    return Figures(
        machine=machine,
        latency_s=latency,
        bought=len(own),
        bought_p50_s=round(statistics.median(own), 2),
        bought_p95_s=round(percentile(own, 0.95), 2),
        studio_p50_s=round(statistics.median(run.seconds for run in studio), 2),
        lives_on_p50_ms=round(statistics.median(lived), 1),
        billed_ms={name: round(statistics.median(ms for ms, _ in logs[name][1:]), 1) for name in names},
        billed_while_waiting_ms=round(billed, 1),
        photos_at_once=many,
        requests_at_once=requests,
        ledger_usd=round(ledger, 6),
        invoice_usd=round(invoice, 6),
        records_usd=round(told, 6),
        costs=cost_table(
            studio=studio_usd,
            bought=aws_usd(bought_bill, photos=photos, transitions=_transitions(first), plates="bought"),
            shared=aws_usd(shared_bill, photos=photos, transitions=_transitions(first), plates="shared"),
        ),
    )


def lines(figures: Figures) -> tuple[Line, ...]:
    """Return the figures with their targets and gates."""
    many, requests = figures.photos_at_once, figures.requests_at_once
    off = abs(figures.ledger_usd / figures.invoice_usd - 1) if figures.invoice_usd else 0
    return (
        Line(
            f"Put to published, plate bought, p50 of {figures.bought}",
            figures.bought_p50_s,
            "s",
            limit=figures.latency_s + OVERHEAD_S,
        ),
        Line("the same, p95", figures.bought_p95_s, "s"),
        Line("Put to published, studio, p50", figures.studio_p50_s, "s"),
        Line("the asking function lives on after the order was taken, p50", figures.lives_on_p50_ms, "ms"),
        *(Line(f"billed for {name}, p50", ms, "ms") for name, ms in figures.billed_ms.items()),
        Line(
            "Lambda billed from then until the picture is due",
            figures.billed_while_waiting_ms,
            "ms",
            limit=0,
            gate=True,
        ),
        Line(f"{many.asked} photos at once", many.seconds, "s"),
        Line("of these lost", many.asked - many.done, "photos", limit=0, gate=True),
        Line("creates", many.creates, ""),
        Line("most creates in a second", many.most_in_a_second, "", limit=CALLS_PER_SECOND, gate=True),
        Line(f"{requests.asked} requests at once", requests.seconds, "s"),
        Line("of these lost", requests.asked - requests.done, "requests", limit=0, gate=True),
        Line("most creates in a second", requests.most_in_a_second, "", limit=CALLS_PER_SECOND, gate=True),
        Line("throttled by the generator", requests.throttled, "calls"),
        Line("ledger off the invoice", off * 100, "%", limit=5, gate=True),
    )


def costs_table(costs: Mapping[str, Costs]) -> Table:
    """Return the cost table."""
    table = Table(title="USD per 1,000 products", title_justify="left", title_style="bold", box=None)
    for heading in ("trend plate", "hit rate", "AWS", "plates", "together"):
        table.add_column(heading, justify="right" if heading != "trend plate" else "left")
    for name, cost in costs.items():
        for rate, total in cost.total_usd.items():
            plates = total - cost.aws_usd[rate]
            table.add_row(
                name,
                "" if name == "studio" else rate,
                f"{cost.aws_usd[rate]:.2f}",
                f"{plates:.2f}",
                f"{total:.2f}",
            )
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, keep; 1 if a gate is missed or a photo did not come out."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.flux", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    parser.add_argument("--photos", type=int, default=PHOTOS, help=f"one after the other (default: {PHOTOS})")
    parser.add_argument("--burst", type=int, default=BURST, help=f"how many at once (default: {BURST})")
    parser.add_argument("--latency", type=float, default=LATENCY, help="seconds that a picture takes")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        figures = measure(
            photos=options.photos, burst=options.burst, latency=options.latency, console=console
        )
    except Unpublished as error:
        console.print(f"not published: {error}", style="red", markup=False)
        return 1
    machine = figures.machine
    console.print(f"{machine.cores} cores of {machine.architecture}, load {machine.load} before", style="dim")
    found = lines(figures)
    show(found, title="Bought backgrounds", console=console)
    console.print(costs_table(figures.costs))
    write(asdict(figures), options.json)
    missed = [line.name for line in found if line.gate and not line.good]
    for name in missed:
        console.print(f"{name}: missed", style="red")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
