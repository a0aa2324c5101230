"""How well the judge tells good composites from ones that are broken in one known way.

    python -m tests.benchmarks.verdicts [FOLDER] [--side PIXELS] [--json FILE] [--markdown]

Each product of FOLDER (`name.jpg` with its matte `name.png`; the project's own photos if there is none) is
set into one of the studio's sets and onto white, judged, broken in each way of `tests/broken.py`, and judged
again. Limits belong between what good composites score and what broken ones do. `--markdown` prints the
table of the function's README.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from packshot.events import AssessRequest, ImageRef, Light, Matte, Palette, Scene
from packshot.imaging.foreground import cut_out
from packshot.imaging.mattes import box_of, cut_edges
from packshot.imaging.quality import MEASURES, Measure, measure
from packshot.imaging.quality.measures import SECOND_OBJECT
from packshot.imaging.staging import Subject
from packshot.imaging.studio import PlateRecipe, shipped
from tests.benchmarks.pairs import list_pairs
from tests.benchmarks.report import percentile, write
from tests.broken import BROKEN, BROKEN_WHITE, Shot

ROOT = Path(__file__).resolve().parents[2]
PHOTOS = ROOT / "tests" / "photos"
EVENTS = ROOT / "events" / "assess_quality"
SIDE = 640
PALETTES = (
    Palette(name="Pale", wall="#e9e4dc", floor="#d9d0c4", accent="#b98d6b"),
    Palette(name="Deep", wall="#2f4a76", floor="#4a638b", accent="#e0b061"),
    Palette(name="Sage", wall="#a9b39c", floor="#c3c9b4", accent="#5d6b4f"),
)
LIGHTS = (
    Light(side="left", softness=0.7, elevation=42),
    Light(side="right", softness=0.5, elevation=36),
    Light(side="left", softness=0.05, elevation=36),
    Light(side="right", softness=0.05, elevation=36),
)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What good composites scored and what broken ones did, of one score in scenes or on white.

    `kept` and `found` are shares of those that the score was held to its limit in.
    """

    score: str
    scene: str
    limit: float
    good: tuple[float, float, float]
    kept: float
    broken: tuple[float, float, float] | None
    found: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One score of one composite; `wrong` is how it was broken, empty where it was not."""

    score: str
    scene: str
    limit: float
    value: float
    passed: bool
    wrong: str


def shots(folders: Sequence[Path], *, side: int) -> Iterator[Shot]:
    """Set each product into the next set, under the next palette and light, and onto white."""
    sets = cycle(name for name in shipped().names() if "stand" in shipped().describe(name).anchors)
    palettes, lights = cycle(PALETTES), cycle(LIGHTS)
    trend, white = (
        AssessRequest.model_validate_json((EVENTS / f"{case}.json").read_text("utf-8"))
        for case in ("trend", "white")
    )
    for path in (path for folder in folders for path in list_pairs(folder).photos):
        subject = read_subject(path, like=trend.matte)
        size = {"width": side, "height": side}
        look = {"set": next(sets), "palette": next(palettes), "light": next(lights)}
        yield _shot(subject, trend.scene.model_copy(update=size | look), request=trend)
        yield _shot(subject, white.scene.model_copy(update=size), request=white)


def read_subject(path: Path, *, like: Matte) -> Subject:
    """Cut a photo out with its true matte."""
    photo = np.asarray(Image.open(path).convert("RGB"))
    grey = np.asarray(Image.open(path.with_suffix(".png")).convert("L"))
    alpha = np.divide(grey, 255, dtype=np.float32)
    height, width = alpha.shape
    image = ImageRef(object=like.image.object, width=width, height=height)
    changes = {
        "image": image,
        "cutout": image,
        "box": box_of(alpha > 0.5),
        "cut_edges": cut_edges(alpha > 0.5),
    }
    return Subject(photo=photo, cutout=cut_out(photo, alpha=alpha), matte=like.model_copy(update=changes))


def _shot(subject: Subject, scene: Scene, *, request: AssessRequest) -> Shot:
    recipe = PlateRecipe.of(scene, attempt=0)
    lit = {"floor": recipe.floor, "light": recipe.light, "mirrored": recipe.mirrored}
    return Shot(subject, scene, request.composite.plate.model_copy(update=lit), recipe.render())


def outcomes(shot: Shot) -> Iterator[Outcome]:
    """Judge a composite as it is, and broken each way; what is held to nothing is left out."""
    scene = "white" if shot.scene.name == "white" else "scene"
    for found in measure(shot.taken()):
        if found.name == SECOND_OBJECT.name and scene == "scene":
            # The studio's plates are not held to this, but a limit that they passed would be no limit.
            held = SECOND_OBJECT.holds(found.value)
            yield Outcome(found.name, scene, SECOND_OBJECT.limit, found.value, held, "")
        elif found.rule != "info":
            yield Outcome(found.name, scene, found.threshold, found.value, found.passed, "")
    ways = BROKEN_WHITE if scene == "white" else BROKEN
    for wrong, (name, broken) in ways.items():
        for found in measure(broken(shot)):
            if found.name == name and found.rule != "info":
                yield Outcome(found.name, scene, found.threshold, found.value, found.passed, wrong)


def summarize(results: Sequence[Outcome]) -> tuple[Verdicts, ...]:
    """Put good and broken beside each other, score by score."""
    groups: defaultdict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for each in results:
        groups[each.scene, each.score].append(each)
    return tuple(_verdicts(group) for _, group in sorted(groups.items()))


def _verdicts(group: Sequence[Outcome]) -> Verdicts:
    good, broken = ([each for each in group if bool(each.wrong) is is_broken] for is_broken in (False, True))
    return Verdicts(
        score=group[0].score,
        scene=group[0].scene,
        limit=group[0].limit,
        good=_range(good) if good else (0, 0, 0),
        kept=sum(each.passed for each in good) / max(len(good), 1),
        broken=_range(broken) if broken else None,
        found=sum(not each.passed for each in broken) / len(broken) if broken else None,
    )


def _range(group: Sequence[Outcome]) -> tuple[float, float, float]:
    """Return the 5th, 50th and 95th percentile."""
    values = [each.value for each in group]
    low, middle, high = (round(percentile(values, share), 4) for share in (0.05, 0.5, 0.95))
    return low, middle, high


def show(verdicts: Sequence[Verdicts], *, console: Console) -> None:
    """Print each score's limit between what good and what broken composites score."""
    table = Table(title="Verdicts", title_justify="left", title_style="bold", box=None, header_style="dim")
    for heading in ("score", "in", "limit", "good: 5, 50, 95 %", "kept", "broken: 5, 50, 95 %", "found"):
        table.add_column(heading, justify="left" if heading in {"score", "in"} else "right")
    for each in verdicts:
        table.add_row(*_row(each))
    console.print(table)


def _row(each: Verdicts) -> tuple[str, ...]:
    broken = "" if each.broken is None else _figures(each.broken)
    found = "" if each.found is None else f"{each.found:.0%}"
    limit = f"{_measure(each).rule} {each.limit:g}"
    return each.score, each.scene, limit, _figures(each.good), f"{each.kept:.0%}", broken, found


def _measure(each: Verdicts) -> Measure:
    """Return what the score means; on white some are held to another limit."""
    alike = [known for known in MEASURES if known.name == each.score]
    return next((known for known in alike if known.limit == each.limit), alike[0])


def _figures(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.2g}" for value in values)


def as_markdown(verdicts: Sequence[Verdicts]) -> str:
    """Return the README's table: what each score is, its limit, and what good and broken composites score."""
    rows = ["| score | what | limit | good | broken | found |", "|---|---|---|---|---|---|"]
    limits = {each.score: each.limit for each in verdicts if each.scene == "scene"}
    for each in verdicts:
        if each.scene == "white" and limits.get(each.score) == each.limit:
            continue
        known = _measure(each)
        limit = f"{'≥' if known.rule == 'min' else '≤'} {each.limit:g} {known.unit}"
        name = f"{each.score}, white" if each.scene == "white" and each.score in limits else each.score
        broken = "" if each.broken is None else f"{each.broken[1]:.2g}"
        found = "" if each.found is None else f"{each.found:.0%}"
        rows.append(f"| {name} | {known.source} | {limit} | {each.good[1]:.2g} | {broken} | {found} |")
    return "\n".join(rows) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.verdicts", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="photos with their mattes")
    parser.add_argument("--side", type=int, default=SIDE, help="of the composites, pixels (default: 640)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    parser.add_argument("--markdown", action="store_true", help="print the README's table too")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    cv2.setNumThreads(1)
    results: list[Outcome] = []
    began = time.perf_counter()
    folders = (options.folder,) if options.folder else (PHOTOS,)
    with console.status("Judging …") as status:
        for number, shot in enumerate(shots(folders, side=options.side), 1):
            results.extend(outcomes(shot))
            status.update(f"{number} composites judged, and each broken in {len(BROKEN)} ways …")
    verdicts = summarize(results)
    show(verdicts, console=console)
    if options.markdown:
        sys.stdout.write(as_markdown(verdicts))
    write([asdict(each) for each in verdicts], options.json)
    console.print(f"{len(results)} scores in {time.perf_counter() - began:.0f} s", style="dim")
    return 0


if __name__ == "__main__":
    sys.exit(main())
