"""What `packshot trends` does: start a refresh, show what shoppers want, and forget a source."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from infrastructure.local.cloud import Cloud
from infrastructure.local.places import Refused
from infrastructure.local.trend_chart import draw
from packshot.adapters.objects import S3Objects
from packshot.events import Category, TrendItem, TrendReport
from packshot.trends import current
from packshot.trends.archive import TrendArchive
from packshot.trends.reports import make_report
from packshot.trends.vocabulary import load_vocabulary
from packshot.wiring import now

ENDED = frozenset({"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"})
WAIT_S = 600.0
POLL_S = 0.1
CHARTED = 60
"""Reports that a chart is drawn of."""
WEEKS = 26
"""How far a chart goes back at most before the first report."""
_SHOWN_OF_A_KIND = 5
_SIGNS = {"rising": "[green]↗ rising[/]", "steady": "→ steady", "fading": "[red]↘ fading[/]"}


@dataclass(frozen=True, slots=True)
class Ended:
    """An execution that is over."""

    status: str
    output: Mapping[str, Any]
    error: str
    seconds: float


def refresh(cloud: Cloud, *, console: Console) -> bool:
    """Run a refresh and say what came of it; false if it failed."""
    ended = run(cloud, {})
    if ended.status != "SUCCEEDED":
        console.print(f"The refresh ended as {ended.status}: {ended.error}", style="red", markup=False)
        return False
    if "version" not in ended.output:
        console.print("Another refresh is running; it does what this one would have done.")
        return True
    kept = ended.output["kept"]
    if kept:
        why = {"too_few_posts": "too few posts say anything", "no_source": "no source could be read"}
        stays = ended.output["version"] or "the report that ships"
        console.print(f"{stays} stays: {why.get(kept, kept)}.", markup=False)
        return True
    console.print(
        f"{ended.output['version']}: {ended.output['items']} trends of {ended.output['signals']} posts from "
        f"{', '.join(ended.output['sources'])}, ${ended.output['price_usd']:.4f} ({ended.seconds:.1f} s)",
        markup=False,
        soft_wrap=True,
    )
    return True


def purge(source: str, *, cloud: Cloud, console: Console) -> bool:
    """Forget all that came from a source; false if that failed."""
    ended = run(cloud, {"purge": source})
    if ended.status != "SUCCEEDED":
        console.print(f"{source} was not purged: {ended.error}", style="red", markup=False)
        return False
    console.print(
        f"{source} is gone: {ended.output['posts']} batches of posts, {ended.output['tallies']} tallies; "
        f"{ended.output['reports']} reports were made without it.",
        markup=False,
    )
    return True


def show(cloud: Cloud, *, category: Category | None, plot: Path | None, console: Console) -> None:
    """Print the report that scenes are planned by, and draw how its strongest items went."""
    archive = archive_of(cloud)
    report, why = current(archive.latest(), now=now())
    own = report.by_category.get(category) if category else None
    items = own.items if own else report.items
    console.print(heading(report, category=category, why=why), markup=False, soft_wrap=True)
    console.print(items_table(items))
    for palette in (own.palettes if own else report.palettes)[:_SHOWN_OF_A_KIND]:
        swatches = "".join(f"[on {paint}]    [/]" for paint in (palette.wall, palette.floor, palette.accent))
        console.print(f"{swatches} {palette.name}")
    if plot:
        history = archive.history(limit=CHARTED)
        if not history:
            raise Refused("There is no report yet to draw: packshot trends refresh")
        plot.write_text(draw((*before(history[0], archive), *history), category=category), encoding="utf-8")
        console.print(f"Chart  {plot.resolve().as_uri()}", markup=False, soft_wrap=True)


def before(first: TrendReport, archive: TrendArchive) -> tuple[TrendReport, ...]:
    """Return the reports that there would have been in the weeks before the first, oldest first.

    A report follows from what was counted of days past, so a fresh installation has a history at once.
    """
    weeks = [first.made_at - timedelta(weeks=week) for week in range(WEEKS, 0, -1)]
    tallies, vocabulary = archive.tallies(since=weeks[0] - timedelta(weeks=WEEKS)), load_vocabulary()
    made = (make_report(tallies, at=week, vocabulary=vocabulary) for week in weeks)
    return tuple(report for report in made if report)


def run(cloud: Cloud, request: Mapping[str, str]) -> Ended:
    """Start the state machine and wait for its end."""
    machine, began = cloud.client("stepfunctions"), time.monotonic()
    arn = machine.start_execution(
        stateMachineArn=cloud.outputs["RefreshTrendsArn"], input=json.dumps(request)
    )["executionArn"]
    while (found := machine.describe_execution(executionArn=arn))["status"] not in ENDED:
        if time.monotonic() - began > WAIT_S:
            raise Refused(f"{arn} has not ended after {WAIT_S:.0f} s")
        time.sleep(POLL_S)
    output = json.loads(found.get("output") or "{}")
    return Ended(
        found["status"],
        output if isinstance(output, dict) else {},
        f"{found.get('error', '')} {found.get('cause', '')}".strip(),
        time.monotonic() - began,
    )


def archive_of(cloud: Cloud) -> TrendArchive:
    """Return where the cloud's reports lie."""
    return TrendArchive(S3Objects(cloud.client("s3")), bucket=cloud.outputs["TrendsBucket"])


def heading(report: TrendReport, *, category: Category | None, why: str) -> str:
    """Return whose report it is, of when and of what."""
    about = f" for {category}" if category else ""
    if why:
        return f"The report that ships ({report.version}){about}: {why}."
    return (
        f"{report.version}{about}, of {report.made_at:%Y-%m-%d %H:%M}: {report.signals} posts from "
        f"{', '.join(report.sources)}, read by {', '.join(report.interpreters)}."
    )


def items_table(items: Sequence[TrendItem]) -> Table:
    """Return the strongest items of each kind."""
    table = Table(box=None, header_style="dim")
    for name in ("kind", "what", "weight", "interval", "direction", "posts"):
        table.add_column(name, justify="right" if name in {"weight", "posts"} else "left")
    shown: dict[str, int] = {}
    for item in items:
        shown[item.kind] = shown.get(item.kind, 0) + 1
        if shown[item.kind] <= _SHOWN_OF_A_KIND:
            swatch = f"[on {item.colour}]  [/] " if item.colour else ""
            table.add_row(
                item.kind if shown[item.kind] == 1 else "",
                f"{swatch}{item.id}",
                f"{item.weight:.2f}",
                f"{item.low:.2f} to {item.high:.2f}",
                _SIGNS[item.direction],
                str(item.signals or ""),
            )
    return table
