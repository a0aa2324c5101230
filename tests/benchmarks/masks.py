"""How good the mattes of an engine are on a folder of photos with true mattes.

    python -m tests.benchmarks.masks [FOLDER] [--engine classic|lite|standard] [--peer rembg] [--json FILE]

FOLDER has `name.jpg` with `name.png` (255: product) and, where pixels are unknown, `name.ignore.png`.
"""

import argparse
import math
import re
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from layers.weights import fetch
from packshot.adapters.engines import LIGHT
from packshot.settings import EngineName
from tests.benchmarks.engines.worker import WEIGHTS, Answer, EngineFailed, Worker, own_engine, rembg
from tests.benchmarks.machine import Machine
from tests.benchmarks.pairs import Listing, OddPair, Pair, list_pairs, read_matte, read_pair
from tests.benchmarks.report import FIGURES as FOLDER
from tests.benchmarks.report import percentile, write
from tests.benchmarks.scores import (
    FIGURES,
    Figures,
    Gate,
    Graded,
    Interval,
    gate,
    paired_difference,
    reliability,
    share_below,
)
from tests.benchmarks.sheet import Row, draw_reliability, draw_sheet

PHOTOS = Path(__file__).resolve().parents[1] / "photos"
THRESHOLDS = (0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.98)
WORST = 12
ENGINES = get_args(EngineName)


@dataclass(frozen=True, slots=True)
class Scored:
    """One image: what the engine said of it, and how good its matte is."""

    photo: Path
    answer: Answer
    figures: Figures

    @property
    def graded(self) -> Graded:
        """What the gate needs."""
        return Graded(self.figures.iou, self.answer.confidence, self.answer.approved)


@dataclass(frozen=True, slots=True)
class Run:
    """All images of a folder by one engine, its mattes in `folder`."""

    scored: tuple[Scored, ...]
    folder: Path

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that answered, as they call themselves."""
        return tuple(sorted({each.answer.engine for each in self.scored}))

    @property
    def notes(self) -> tuple[str, ...]:
        """What an engine had to say of all its mattes, once each: what it stands in for, say."""
        return tuple(dict.fromkeys(note for each in self.scored for note in each.answer.notes))

    @property
    def graded(self) -> tuple[Graded, ...]:
        """What the gate needs."""
        return tuple(each.graded for each in self.scored)


def mask_all(photos: Sequence[Path], workers: Sequence[Worker], *, console: Console) -> tuple[Run, ...]:
    """Ask all engines for each photo in turn, so that they share whatever else the machine does.

    The first photo is masked twice; what loads on first use is in nobody's time.
    """
    scored: list[list[Scored]] = [[] for _ in workers]
    for worker in workers:
        worker.mask(photos[0])
    with console.status("") as status:
        for number, photo in enumerate(photos, 1):
            status.update(f"{photo.stem}, {number} of {len(photos)} …")
            pair = read_pair(photo)
            for worker, done in zip(workers, scored, strict=True):
                done.append(_score(pair, worker))
    return tuple(Run(tuple(done), worker.folder) for worker, done in zip(workers, scored, strict=True))


def _score(pair: Pair, worker: Worker) -> Scored:
    answer = worker.mask(pair.photo)
    matte = read_matte(worker.matte(pair.photo), shape=pair.truth.shape)
    return Scored(pair.photo, answer, Figures.of(matte, pair.truth, ignored=pair.ignored))


def overall(run: Run) -> dict[str, JsonValue]:
    """Return the figures of a whole run under their stable names."""
    seconds = [each.answer.seconds for each in run.scored]
    return {
        **_plain(asdict(Figures.mean([each.figures for each in run.scored]))),
        "share_below_90": share_below(run.graded),
        "gate": {
            **_plain(asdict(gate(run.graded))),
            "thresholds": [_plain(asdict(gate(run.graded, threshold=each))) for each in THRESHOLDS],
        },
        "median_s": round(percentile(seconds, 0.5), 3),
        "p95_s": round(percentile(seconds, 0.95), 3),
        "median_cpu_s": round(percentile([each.answer.cpu_seconds for each in run.scored], 0.5), 3),
        "peak_rss_mb": round(max(each.answer.peak_rss_mb for each in run.scored), 1),
    }


def per_image(run: Run) -> dict[str, JsonValue]:
    """Return the figures of every image by its name."""
    return {
        each.photo.stem: {
            **_plain(asdict(each.figures)),
            "confidence": each.answer.confidence,
            "approved": each.answer.approved,
            "reason": each.answer.reason,
            "engine": each.answer.engine,
            "seconds": round(each.answer.seconds, 3),
            "cpu_seconds": round(each.answer.cpu_seconds, 3),
        }
        for each in run.scored
    }


def groups(run: Run, *, pattern: str) -> dict[str, Run]:
    """Return parts of a run: what the pattern's first group finds in each name."""
    parts: dict[str, list[Scored]] = {}
    for each in run.scored:
        found = re.search(pattern, each.photo.stem)
        name = found[1] if found and found.lastindex else found[0] if found else "others"
        parts.setdefault(name, []).append(each)
    return {name: Run(tuple(scored), run.folder) for name, scored in sorted(parts.items())}


def differences(ours: Run, theirs: Run) -> dict[str, Interval]:
    """Return ours minus theirs of each figure, with the paired bootstrap's interval."""
    return {
        name: paired_difference(
            [getattr(each.figures, name) for each in ours.scored],
            [getattr(each.figures, name) for each in theirs.scored],
        )
        for name in FIGURES
    }


def _plain(figures: dict[str, float | None]) -> dict[str, JsonValue]:
    """Return figures as JSON has them, null for what there is none of."""
    return {
        name: None if value is None or math.isnan(value) else round(value, 6)
        for name, value in figures.items()
    }


def figures_table(runs: dict[str, Run]) -> Table:
    """Return the figures of runs, a row each."""
    table = _table("Mattes", "", *(name.replace("_", " ") for name in FIGURES))
    for heading in ("< .9", "median s", "p95 s", "median CPU s", "peak MB", "photos"):
        table.add_column(heading, justify="right")
    for name, run in runs.items():
        mean = Figures.mean([each.figures for each in run.scored])
        seconds = [each.answer.seconds for each in run.scored]
        table.add_row(
            name,
            *(f"{getattr(mean, figure):.4f}" for figure in FIGURES),
            f"{share_below(run.graded):.1%}",
            f"{percentile(seconds, 0.5):.2f}",
            f"{percentile(seconds, 0.95):.2f}",
            f"{percentile([each.answer.cpu_seconds for each in run.scored], 0.5):.2f}",
            f"{max(each.answer.peak_rss_mb for each in run.scored):.0f}",
            str(len(run.scored)),
        )
    return table


def gate_table(run: Run) -> Table:
    """Return what passes unseen: by the product's rules, and by confidence alone."""
    table = _table("Gate", "rule", "approved", "their IoU", "bad among them")
    for each in (gate(run.graded), *(gate(run.graded, threshold=limit) for limit in THRESHOLDS)):
        table.add_row(_rule(each), f"{each.approved:.1%}", f"{each.iou:.4f}", str(each.bad))
    return table


def _rule(each: Gate) -> str:
    return "as the product does" if each.threshold is None else f"confidence ≥ {each.threshold:.2f}"


def reliability_table(run: Run) -> Table:
    """Return how good the mattes of each confidence are."""
    table = _table("Reliability", "confidence", "photos", "mean", "IoU ≥ .9", "mean IoU")
    for each in reliability(run.graded):
        span = f"{each.low:.2f} – {each.high:.2f}"
        table.add_row(span, str(each.count), f"{each.confidence:.3f}", f"{each.good:.0%}", f"{each.iou:.3f}")
    return table


def difference_table(found: dict[str, Interval], *, peer: str) -> Table:
    """Return ours minus the peer's."""
    table = _table(f"Ours minus {peer}, 95 % of paired bootstraps", "figure", "mean", "from", "to")
    for name, each in found.items():
        table.add_row(
            name.replace("_", " "), *(f"{value:+.4f}" for value in (each.mean, each.low, each.high))
        )
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=None, header_style="dim")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    return table


def draw(runs: Sequence[Run], *, into: Path) -> tuple[Path, ...]:
    """Draw the worst mattes of the first run, beside the others' of the same photos, and its reliability."""
    worst = sorted(runs[0].scored, key=lambda each: each.figures.iou)[:WORST]
    rows = [_row(each, runs) for each in worst]
    sheet, plot = into / "worst.jpg", into / "reliability.png"
    draw_sheet(rows).save(sheet, quality=88)
    draw_reliability(runs[0].graded).save(plot)
    return sheet, plot


def _row(each: Scored, runs: Sequence[Run]) -> Row:
    pair = read_pair(each.photo)
    mattes = (read_matte(run.folder / f"{pair.name}.png", shape=pair.truth.shape) for run in runs)
    known = pair.truth if pair.ignored is None else np.where(pair.ignored, np.float32(0.5), pair.truth)
    figures = each.figures
    caption = (
        f"{pair.name}   IoU {figures.iou:.3f}   boundary IoU {figures.boundary_iou:.3f}   "
        f"confidence {each.answer.confidence:.2f}   {each.answer.reason or 'approved'}"
    )
    return Row(caption, pair.photo, known, tuple(mattes))


def measure(listing: Listing, options: argparse.Namespace, *, console: Console) -> tuple[Run, ...]:
    """Run the engine, and the peer if there is one, over all photos."""
    into = FOLDER / "masks"
    if options.engine != "classic":
        # It is small, and without it only the classic engine runs; the large one is for `make weights`.
        fetch(LIGHT)
    with ExitStack() as stack:
        workers = [stack.enter_context(own_engine(options.engine, folder=into / options.engine))]
        if options.peer:
            with console.status("Getting rembg ready …"):
                workers.append(
                    stack.enter_context(rembg(folder=into / options.peer, weights=options.peer_weights))
                )
        return mask_all(listing.photos, workers, console=console)


def main(arguments: Sequence[str] | None = None) -> int:
    """Score, print, draw, keep; 1 if there is nothing to score or an engine fails."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    machine = Machine.here()
    try:
        listing = list_pairs(options.folder, match=options.match)
        runs = measure(listing, options, console=console)
    except (OddPair, EngineFailed) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    ours = runs[0]
    if listing.without_matte:
        names = ", ".join(path.name for path in listing.without_matte)
        console.print(f"without a matte, left out: {names}", style="yellow", markup=False)
    for note in ours.notes:
        console.print(note, style="yellow", markup=False)
    console.print(f"{machine.cores} cores of {machine.architecture}, load {machine.load} before", style="dim")
    named = {", ".join(run.engines): run for run in runs}
    parts = groups(ours, pattern=options.by) if options.by else {}
    console.print(figures_table({**named, **{f"  {name}": part for name, part in parts.items()}}))
    console.print(gate_table(ours), reliability_table(ours))
    figures: dict[str, JsonValue] = {
        "machine": asdict(machine),
        "folder": options.folder.resolve().name,
        "engine": ", ".join(ours.engines),
        "overall": overall(ours),
        "reliability": [_plain(asdict(each)) for each in reliability(ours.graded)],
        "groups": {name: overall(part) for name, part in parts.items()},
        "images": per_image(ours),
    }
    if options.peer:
        found = differences(ours, runs[1])
        console.print(difference_table(found, peer=options.peer))
        figures["peer"] = {
            "engine": ", ".join(runs[1].engines),
            "overall": overall(runs[1]),
            "difference": {name: _plain(asdict(each)) for name, each in found.items()},
            "images": per_image(runs[1]),
        }
    for path in draw(runs, into=FOLDER / "masks"):
        console.print(f"drawn: {path}", style="dim", markup=False)
    write(figures, options.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.masks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=PHOTOS, help="default: the project's own photos"
    )
    parser.add_argument("--engine", choices=ENGINES, default="standard", help="default: standard")
    parser.add_argument("--peer", choices=("rembg",), help="run this beside it")
    parser.add_argument(
        "--peer-weights",
        type=Path,
        default=WEIGHTS,
        metavar="FOLDER",
        help="where the peer's u2net.onnx lies (default: build/weights)",
    )
    parser.add_argument(
        "--match", default="", metavar="PATTERN", help="only photos whose name has this in it"
    )
    parser.add_argument("--by", metavar="PATTERN", help="show groups too, by what this finds in the names")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
