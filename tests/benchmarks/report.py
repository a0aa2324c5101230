"""Figures as a table for people and as JSON for programs; gates that must hold."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

FIGURES = Path(__file__).resolve().parents[2] / "build" / "benchmarks"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure; `limit` is the largest value that is good, None where nothing is promised.

    A `gate` fails the benchmark when it is missed, a target is only marked.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    gate: bool = False

    @property
    def good(self) -> bool:
        """The limit holds."""
        return self.limit is None or self.value <= self.limit


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def show(lines: Sequence[Line], *, title: str, console: Console) -> None:
    """Print figures with their targets."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, header_style="dim")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("target", justify="right")
    for line in lines:
        target = "" if line.limit is None else f"≤ {line.limit:g}"
        table.add_row(line.name, f"{line.value:,.4g}", line.unit, target, style="" if line.good else "yellow")
    console.print(table)


def missed_gates(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return what must not stay so, in words."""
    return tuple(
        f"{line.name} is {line.value:.4g} {line.unit}, the limit is {line.limit:g}"
        for line in lines
        if line.gate and not line.good
    )


def write(figures: JsonValue, path: Path | None) -> None:
    """Keep the figures as JSON, if somebody asked for them."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
