"""Records and traces as tables for a terminal."""

import json
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infrastructure.local.follow import Journey, in_words
from infrastructure.local.trace import StateRun, Trace
from packshot.events import Candidate, PhotoRecord, ProductPage, Score

COLOURS = {"published": "green", "processing": "cyan", "needs_review": "yellow", "rejected": "yellow"}


def plain_table(*headings: str, numbers: Iterable[str] = ()) -> Table:
    """Return an empty table without lines; `numbers` are aligned to the right."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    right = set(numbers)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", no_wrap=heading in right)
    return table


def status_text(status: str) -> Text:
    """Return a status in its colour."""
    return Text(status.replace("_", " "), style=COLOURS.get(status, "red"))


def catalogue_table(page: ProductPage) -> RenderableType:
    """Return the products, newest first."""
    if not page.products:
        return "The catalogue is empty. Drop a photo: packshot add PHOTO"
    table = plain_table("sku", "status", "product", "category", "photos", "updated", numbers=("photos",))
    for product in page.products:
        table.add_row(
            product.sku,
            status_text(product.status),
            " ".join(filter(None, (product.brand, product.title))),
            product.category,
            str(product.photos),
            f"{product.updated_at:%H:%M:%S}",
        )
    return table


def photo_report(photo: PhotoRecord) -> RenderableType:
    """Return all that matters of one photo: its status, why, its scenes' scores and its images."""
    heading = Text(f"{photo.sku} / {photo.name}  ", style="bold").append_text(status_text(photo.status))
    parts: list[RenderableType] = [heading]
    if photo.reason:
        parts.append(Text(photo.reason))
    if photo.matte is not None:
        parts.append(Text(facts(photo), style="dim"))
        parts += [Text(note, style="dim") for note in photo.matte.notes]
    parts += [scene_table(photo.candidates)] if photo.candidates else []
    parts += [
        Text(f"{each.scene.name}: {each.standing}", style="dim") for each in photo.candidates if each.rank
    ]
    parts += [images_table(photo)] if photo.images else []
    return Group(*parts, "")


def facts(photo: PhotoRecord) -> str:
    """Return the numbers that stand in every answer, in one line."""
    return ", ".join(
        (
            f"fidelity {fidelity_text(photo)}",
            f"correction ΔE {photo.correction_delta_e:.1f}",
            f"mask confidence {confidence_text(photo)} ({photo.matte.engine if photo.matte else 'none'})",
            f"price ${photo.price_usd:.4f}",
        )
    )


def fidelity_text(photo: PhotoRecord) -> str:
    """Return the largest difference of a product pixel, in 8-bit steps."""
    return "–" if photo.fidelity is None else f"{photo.fidelity:g}"


def confidence_text(photo: PhotoRecord) -> str:
    """Return how sure the mask is."""
    return "–" if photo.matte is None else f"{photo.matte.confidence:.2f}"


def scene_table(candidates: Iterable[Candidate]) -> Table:
    """Return the scenes with the scores that they are held to."""
    table = plain_table("rank", "scene", "set", "palette", "verdict", "scores", numbers=("rank",))
    for made in candidates:
        table.add_row(
            str(made.rank or "–"),
            made.scene.name,
            made.scene.set.replace("_", " "),
            made.scene.palette.name,
            made.quality.verdict.replace("_", " "),
            "  ".join(score_text(score) for score in made.quality.scores if score.rule != "info"),
        )
    return table


def score_text(score: Score) -> str:
    """Return a score with its name, marked when it was missed."""
    return f"{score.name.replace('_', ' ')} {score.value:.3g}{'' if score.passed else ' ✗'}"


def images_table(photo: PhotoRecord) -> Table:
    """Return the published images."""
    table = plain_table("image", "pixels", "kB", numbers=("pixels", "kB"))
    for image in photo.images:
        table.add_row(image.name, f"{image.width} × {image.height}", f"{image.bytes / 1000:.0f}")
    return table


def trace_table(found: Trace) -> Table:
    """Return the states of an execution; those of a scene are indented and carry its name."""
    numbers = ("at s", "ms", "calls", "bytes in", "bytes out")
    table = plain_table("state", "scene", *numbers, "error", numbers=numbers)
    for run in found.runs:
        table.add_row(
            f"{'  ' * len(run.scope)}{run.name}",
            " ".join(run.scope),
            f"{(run.entered - found.started).total_seconds():.2f}",
            "…" if run.ms is None else f"{run.ms:.0f}",
            str(run.attempts or ""),
            f"{run.bytes_in:,}",
            "" if run.bytes_out is None else f"{run.bytes_out:,}",
            run.error,
            style="" if run.kind == "Task" else "dim",
        )
    return table


def fault_text(found: Trace) -> str:
    """Return an execution's error as a developer reads it; Lambda's cause is JSON with a stack trace."""
    try:
        cause = json.loads(found.cause)
        stack = "".join(cause.get("stackTrace", ()))
        return f"{found.error}: {cause['errorMessage']}\n{stack}".rstrip()
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{found.error}: {found.cause}"


def outcome_table(journeys: Iterable[Journey], *, records: Iterable[PhotoRecord]) -> Table:
    """Return what came of each photo: its scenes by their sets, one below the other."""
    found = {(record.sku, record.name): record for record in records}
    numbers = ("images", "fidelity", "confidence", "USD", "s")
    table = plain_table("product", "status", "scenes", *numbers, numbers=numbers)
    for journey in journeys:
        record = found.get((journey.photo.sku, journey.photo.name))
        seconds = "" if journey.trace is None else f"{journey.trace.seconds:.1f}"
        if record is None:
            table.add_row(journey.photo.label, status_text(journey.ending or "unknown"), *[""] * 5, seconds)
            continue
        table.add_row(
            journey.photo.label,
            status_text(record.status),
            "\n".join(f"{made.scene.name}: {made.scene.set.replace('_', ' ')}" for made in record.candidates),
            str(len(record.images)),
            fidelity_text(record),
            confidence_text(record),
            f"{record.price_usd:.4f}",
            seconds,
        )
    return table


def steps_table(journeys: Iterable[Journey]) -> Table:
    """Return the milliseconds of each step, a line for each photo; a step's scenes share a cell."""
    rows = {journey.photo.label: times_by_step(journey) for journey in journeys}
    names = list(dict.fromkeys(name for times in rows.values() for name in times))
    verbs = [in_words(name).split()[0] for name in names]
    table = plain_table("ms", *verbs, numbers=verbs)
    for label, times in rows.items():
        table.add_row(label, *("+".join(times.get(name, [])) for name in names))
    return table


def times_by_step(journey: Journey) -> dict[str, list[str]]:
    """Return state → milliseconds of each of its visits, as text."""
    times: dict[str, list[str]] = {}
    for run in journey.trace.tasks if journey.trace else ():
        times.setdefault(run.name, []).append(milliseconds(run))
    return times


def milliseconds(run: StateRun) -> str:
    """Return a state's time."""
    return "…" if run.ms is None else f"{run.ms:.0f}"
