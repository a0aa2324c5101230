"""How near composites are to what a path tracer makes of the same products in the same sets, and how quick.

    python -m tests.benchmarks.composites [--json FILE]

The truths (tests/composites) are products rendered in the studio's sets. Their photos show the same product
before a paper of another colour; with the true matte they are cut out, and set before the shipped set.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from packshot.events import ImageRef, Light, ObjectRef, Plate, Scene, Shadow
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import linear_from_srgb, srgb8_from_linear
from packshot.imaging.encoding import to_bytes
from packshot.imaging.foreground import cut_out, decontaminate
from packshot.imaging.grading import graded
from packshot.imaging.mattes import box_of, describe_matte
from packshot.imaging.matting import Estimate
from packshot.imaging.staging import Staged, Subject, stage
from packshot.imaging.studio import Take, render, shipped
from tests.benchmarks import truths
from tests.benchmarks.foregrounds import blur_fusion, untreated
from tests.benchmarks.likeness import SHADED, differences, edge_of, light_left, shadow_likeness
from tests.benchmarks.machine import Machine
from tests.benchmarks.report import FIGURES, Line, percentile, show, write
from tests.benchmarks.steps import SIDE, Cost, measure_steps
from tests.benchmarks.strips import GAIN, Strip, draw
from tests.benchmarks.truths import Truth, UnreadableTruth

if TYPE_CHECKING:
    from pydantic import JsonValue

MEAN, P95 = 1.6, 5.0
"""ΔE2000 along the edge that is promised."""
UNLIKE = 0.2
"""What may be missing from an SSIM of 1 between our shadow and the traced one, under soft lights."""
BUDGETS = {"plate": 150, "composite": 350, "assess": 250, "publish": 500}
"""Milliseconds of a step on one core."""

SHEET = FIGURES / "composites.jpg"

_NOWHERE = ObjectRef(bucket="benchmark", key="none.png")

Method = Callable[[Truth, Plate, Bytes], Bytes]


class Displaced(Exception):
    """The studio places a product elsewhere than the truth shows it, so pixels cannot be compared."""


class AnotherSet(Exception):
    """The truth was rendered in another version of the set."""


@dataclass(frozen=True, slots=True)
class Edge:
    """ΔE2000 of a method along the edges: mean, and what 95 % of the pixels do not exceed."""

    mean: float
    p95: float


@dataclass(frozen=True, slots=True)
class Score:
    """One case: SSIM of our shadow with the traced one, mean ΔE2000 of the plate, and of the edges.

    `grade` is what was done to the plate for the product's sake, stops and kelvin: the truth needs none.
    """

    name: str
    light: str
    shadow: float
    plate: float
    grade: tuple[float, float]
    edge: dict[str, Edge]


@dataclass(frozen=True, slots=True)
class Compared:
    """A case's score, its composite, and ΔE2000 of every pixel of its edge, (N,), by method."""

    truth: Truth
    score: Score
    ours: Bytes
    edges: dict[str, Floats]


def naive(truth: Truth, _plate: Plate, backdrop: Bytes) -> Bytes:
    """Paste the photo through its matte, in sRGB, and throw no shadow."""
    cover = truth.alpha[..., None]
    return np.rint(truth.photo * cover + backdrop * (1 - cover)).astype(np.uint8)


def staged_with(colours: Callable[[Bytes, Floats], Bytes]) -> Method:
    """Return the product's own way to a composite, with edges of these colours."""

    def composed(truth: Truth, plate: Plate, backdrop: Bytes) -> Bytes:
        cutout = np.dstack((colours(truth.photo, truth.alpha), to_bytes(truth.alpha)))
        return compose(truth, cutout=cutout, plate=plate, backdrop=backdrop).pixels

    return composed


def given_shadow(truth: Truth, _plate: Plate, backdrop: Bytes) -> Bytes:
    """Lay our colours over a plate that the traced shadow darkens: what is left are the edge's own errors."""
    cover = truth.alpha[..., None]
    ground = linear_from_srgb(backdrop) * np.clip(truth.shadow, 0, 1)[..., None]
    own = linear_from_srgb(decontaminate(truth.photo, alpha=truth.alpha))
    return srgb8_from_linear(floats(cover * own + (1 - cover) * ground))


METHODS: dict[str, Method] = {
    "ours": staged_with(lambda photo, alpha: decontaminate(photo, alpha=alpha)),
    "blur fusion ×2": staged_with(blur_fusion),
    "untreated": staged_with(untreated),
    "naive paste": naive,
    "ours, traced shadow": given_shadow,
}


def compose(truth: Truth, *, cutout: Bytes, plate: Plate, backdrop: Bytes) -> Staged:
    """Stage a cutout as the product does; `Displaced` if it ends up elsewhere than in the truth."""
    image = ImageRef(object=_NOWHERE, width=truth.alpha.shape[1], height=truth.alpha.shape[0])
    estimate = Estimate(alpha=truth.alpha, confidence=1, engine="truth")
    matte = describe_matte(estimate, pixels=truth.photo, image=image, cutout=image)
    subject = Subject(photo=truth.photo, cutout=cutout, matte=matte)
    staged = stage(subject, scene=scene_of(truth), plate=plate, backdrop=backdrop)
    if staged.placement.box != matte.box:
        raise Displaced(f"{truth.name}: placed at {staged.placement.box}, seen at {matte.box}")
    return staged


def scene_of(truth: Truth) -> Scene:
    """Return the scene that asks for what the truth shows, shadows at their full strength."""
    description = shipped().describe(truth.case.set)
    light = description.lights[truth.case.light]
    box, (height, width) = box_of(truth.alpha > 0.5), truth.alpha.shape
    return Scene(
        name="trend",
        set=truth.case.set,
        palette=truth.case.palette,
        light=Light(side=light.side, softness=light.softness, elevation=light.elevation),
        shadow=Shadow(contact=1, cast=1),
        anchor=description.anchors[0],
        fill=max(box.width / width, box.height / height),
        camera="as rendered",
        width=width,
        height=height,
        seed=0,
        settings_version="benchmark",
        trends_version="benchmark",
    )


def measure(truth: Truth) -> Compared:
    """Make a case's plate and composites, and compare."""
    plate, backdrop = plate_of(truth), photographed(truth)
    made = {name: method(truth, plate, backdrop) for name, method in METHODS.items()}
    band = edge_of(truth.alpha)
    edges = {name: differences(each, truth.picture, where=band) for name, each in made.items()}
    cutout = cut_out(truth.photo, alpha=truth.alpha)
    grade = compose(truth, cutout=cutout, plate=plate, backdrop=backdrop).grade
    # A grade changes all light of the plate; only what is lost from the rest is shadow.
    left = light_left(made["ours"], plate=graded(backdrop, grade, seed=0))
    ground = truth.alpha == 0
    bright = ground & (truth.shadow >= SHADED)
    score = Score(
        name=truth.name,
        light=truth.case.light,
        shadow=round(shadow_likeness(left, truth.shadow, ground=ground), 3),
        plate=round(float(differences(backdrop, truth.picture, where=bright).mean()), 2),
        grade=(grade.exposure, grade.kelvin),
        edge={name: _edge(each) for name, each in edges.items()},
    )
    return Compared(truth, score, made["ours"], edges)


def photographed(truth: Truth) -> Bytes:
    """Return the plate's pixels; `AnotherSet` if the shipped set is not the truth's."""
    description = shipped().describe(truth.case.set)
    if description.version != truth.case.version:
        raise AnotherSet(
            f"{truth.name} shows version {truth.case.version} of {description.name}, "
            f"{description.version} is shipped: python -m tests.composites.render makes it anew"
        )
    height, width = truth.alpha.shape
    bake = shipped().load(truth.case.set, light=truth.case.light)
    return render(bake, palette=truth.case.palette, size=(width, height), take=Take())


def plate_of(truth: Truth) -> Plate:
    """Return what the studio says of such a plate."""
    height, width = truth.alpha.shape
    return Plate(
        image=ImageRef(object=_NOWHERE, width=width, height=height),
        generator="studio",
        floor=shipped().describe(truth.case.set).floor,
        recipe="benchmark",
        light=truth.case.light,
    )


def summary(compared: Sequence[Compared]) -> "dict[str, JsonValue]":
    """Return the figures over all cases; every pixel of an edge counts alike."""
    edges = {name: _edge(np.concatenate([each.edges[name] for each in compared])) for name in METHODS}
    scores = [each.score for each in compared]
    lights = dict.fromkeys(score.light for score in scores)
    shadows = {light: [score.shadow for score in scores if score.light == light] for light in lights}
    return {
        "edge": {name: asdict(edge) for name, edge in edges.items()},
        "shadow": {light: round(float(np.mean(values)), 3) for light, values in sorted(shadows.items())},
        "plate": round(float(np.mean([score.plate for score in scores])), 2),
        "images": [asdict(score) for score in scores],
    }


def _edge(values: Floats) -> Edge:
    return Edge(mean=round(float(values.mean()), 2), p95=round(percentile(values.tolist(), 0.95), 2))


def cases_table(compared: Sequence[Compared]) -> Table:
    """Return the cases as rows, with our figures."""
    heads = ("case", "shadow SSIM", "plate ΔE", "grade", "edge ΔE, p95")
    table = _table("Cases", heads)
    for score in (each.score for each in compared):
        edge = score.edge["ours"]
        grade = f"{score.grade[0]:+.2f} EV {score.grade[1]:+.0f} K"
        figures = (f"{score.shadow:.3f}", f"{score.plate:.2f}", grade, f"{edge.mean:.2f} {edge.p95:5.2f}")
        table.add_row(score.name, *figures)
    return table


def methods_table(compared: Sequence[Compared]) -> Table:
    """Return the ways to a composite as rows, all cases together."""
    table = _table("Edges", ("all cases", "mean ΔE2000", "p95"))
    for name in METHODS:
        edge = _edge(np.concatenate([each.edges[name] for each in compared]))
        table.add_row(name, f"{edge.mean:.2f}", f"{edge.p95:.2f}")
    return table


def _table(title: str, heads: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, header_style="dim")
    table.add_column(heads[0])
    for head in heads[1:]:
        table.add_column(head, justify="right")
    return table


def steps_table(costs: dict[str, Cost]) -> Table:
    """Return the steps as rows."""
    table = _table("Steps", (f"{SIDE} px on one core", "p50 ms", "worst ms", "p50 ms of processor", "target"))
    for name, cost in costs.items():
        row = (f"{value:.0f}" for value in (cost.p50_ms, cost.worst_ms, cost.cpu_p50_ms))
        style = "" if cost.p50_ms <= BUDGETS[name] else "yellow"
        table.add_row(name, *row, f"≤ {BUDGETS[name]}", style=style)
    return table


def lines(compared: Sequence[Compared]) -> tuple[Line, ...]:
    """Return the figures that something is promised of."""
    edge = _edge(np.concatenate([each.edges["ours"] for each in compared]))
    # A line has an upper limit, so likeness is told by what is missing from 1.
    soft = (
        Line(f"{each.score.name}, 1 − SSIM of the shadow", 1 - each.score.shadow, "", limit=UNLIKE)
        for each in compared
        if each.score.light.startswith("soft")
    )
    return (
        Line("edge, mean", edge.mean, "ΔE2000", limit=MEAN),
        Line("edge, p95", edge.p95, "ΔE2000", limit=P95),
        *soft,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, draw, keep; 1 if a truth cannot be compared."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.composites",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cases", nargs="+", metavar="NAME", help="default: all of them")
    parser.add_argument("--no-steps", action="store_true", help="leave out the times, which take a while")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    options = parser.parse_args(arguments)
    console, machine = Console(highlight=False), Machine.here()
    try:
        compared = tuple(measure(truths.read(name)) for name in options.cases or truths.names())
    except (UnreadableTruth, AnotherSet, Displaced) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    costs = {} if options.no_steps else measure_steps()
    FIGURES.mkdir(parents=True, exist_ok=True)
    draw([Strip(each.truth.name, each.truth.picture, each.ours) for each in compared]).save(SHEET)
    console.print(cases_table(compared))
    console.print(methods_table(compared))
    show(lines(compared), title="Composites", console=console)
    if costs:
        console.print(steps_table(costs))
    console.print(f"truth, ours and {GAIN} times their difference: {SHEET}", style="dim")
    steps: JsonValue = {name: asdict(cost) for name, cost in costs.items()}
    write(
        {"machine": asdict(machine), "cases": len(compared), "steps": steps, **summary(compared)},
        options.json,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
