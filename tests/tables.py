"""The README's tables, made from what they speak of.

    python -m tests.tables          write them anew, with the figures of the last `make bench`
    python -m tests.tables --check  say which are out of date

A table stands between `<!-- table: name -->` and `<!-- end -->`. The figures are kept in
`tests/benchmarks/figures/`, so that a reader can see what was measured when.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
KEPT = ROOT / "tests" / "benchmarks" / "figures"
MEASURED = ROOT / "build" / "benchmarks"
MARK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are right-aligned if they hold figures."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def figures(name: str) -> Mapping[str, Any]:
    """Return the figures that a benchmark printed last and that were kept."""
    kept: Mapping[str, Any] = json.loads((KEPT / f"{name}.json").read_text("utf-8"))
    return kept


def commands() -> str:
    """Return the Makefile's commands with their descriptions."""
    listed = re.findall(r"^([a-z]+):.*?## (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return table(["command", "does"], [[f"`make {name}`", text] for name, text in listed if name != "help"])


def pipeline() -> str:
    """Return the figures of the whole way."""
    found = figures("pipeline")
    burst = found["burst"]
    imports = found["imports_ms"]
    sizes = found["sizes_mib"]
    slowest = max(imports, key=imports.__getitem__)
    largest = max(sizes, key=sizes.__getitem__)
    rows = [
        [
            "one photo, Put → published, warm, p50 / p95",
            f"{found['warm_p50_s']} / {found['warm_p95_s']} s",
            "≤ 2.5 s",
        ],
        ["the first photo of a fresh cloud", f"{found['cold_s']} s", ""],
        ["local cloud ready, template cached", f"{found['startup_s']} s", "≤ 6 s"],
        [
            f"{burst['photos']} photos at once, all published",
            f"{burst['wall_s']} s, {burst['peak_pss_mib'] / 1024:.1f} GiB",
            "",
        ],
        [f"slowest import of a function (`{slowest}`)", f"{imports[slowest]} ms", "≤ 600 ms"],
        [f"largest function with its layers (`{largest}`)", f"{sizes[largest]:.0f} MiB", "≤ 250 MiB"],
    ]
    return table(["what", "measured", "target"], rows)


def steps() -> str:
    """Return what each step costs when warm."""
    rows = [
        [f"`{name}`", f"{step['p50_ms']:.0f}", f"{step['p95_ms']:.0f}", f"{step['peak_rss_mib']:.0f}"]
        for name, step in figures("pipeline")["steps"].items()
    ]
    return table(["step", "p50 ms", "p95 ms", "peak RSS MiB"], rows)


def masks() -> str:
    """Return how good the mattes are on the project's own photos, beside a peer if one was measured."""
    found = figures("masks")
    engines = {f"`{found['engine']}`": found["overall"]}
    if found.get("peer"):
        engines[found["peer"]["engine"]] = found["peer"]["overall"]
    rows = [
        [
            name,
            *(
                f"{overall[key]:.3f}"
                for key in ("iou", "accuracy", "boundary_iou", "boundary_f", "band_error")
            ),
            f"{overall['share_below_90']:.0%}",
            f"{overall['median_s']:.2f} / {overall['p95_s']:.2f}",
            f"{overall['peak_rss_mb']:.0f}",
        ]
        for name, overall in engines.items()
    ]
    heads = [
        "engine",
        "IoU",
        "accuracy",
        "boundary IoU",
        "boundary F",
        "band error",
        "IoU < .9",
        "s, p50 / p95",
        "MB",
    ]
    return table(heads, rows)


def foregrounds() -> str:
    """Return how true the colours of a cut edge are, on composites whose truth is known."""
    rows = [
        [name, f"{found['composite']:.2f}", f"{found['median_s']:.2f}"]
        for name, found in figures("foregrounds")["methods"].items()
    ]
    return table(["edge colours", "mean ΔE2000", "s, p50"], rows)


def composites() -> str:
    """Return how near composites are to path-traced truth, and what they cost."""
    found = figures("composites")
    limits = {"plate": 150, "composite": 350, "assess": 250, "publish": 500}
    rows = [
        [f"edge, {name}, ΔE2000, mean / p95", f"{edge['mean']:.2f} / {edge['p95']:.2f}", ""]
        for name, edge in found["edge"].items()
    ]
    rows[0][2] = "≤ 1.6 / 5"
    rows += [
        [f"shadow, `{light}`, SSIM", f"{alike:.2f}", "≥ .8" if light.startswith("soft") else ""]
        for light, alike in found["shadow"].items()
    ]
    rows += [
        [f"`{name}`, 1600 px on one core, p50", f"{step['p50_ms']:.0f} ms", f"≤ {limits[name]} ms"]
        for name, step in found["steps"].items()
    ]
    return table(["what", "measured", "target"], rows)


def flux() -> str:
    """Return what a thousand products cost, by who draws their trend scenes and what is shared."""
    rows = [
        [name, rate if name != "studio" else "", f"{cost['aws_usd'][rate]:.2f}", f"{total:.2f}"]
        for name, cost in figures("flux")["costs"].items()
        for rate, total in cost["total_usd"].items()
    ]
    return table(["trend scenes by", "plates shared", "AWS, USD", "USD per 1,000 products"], rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "pipeline": pipeline,
    "steps": steps,
    "masks": masks,
    "foregrounds": foregrounds,
    "composites": composites,
    "flux": flux,
}


def rendered(text: str) -> str:
    """Return the text with every marked table made anew; `KeyError` for a name that no table has."""
    return MARK.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}", text)


def keep_figures() -> None:
    """Keep what was measured last, without the figures of single images."""
    KEPT.mkdir(exist_ok=True)
    for measured in MEASURED.glob("*.json"):
        found = json.loads(measured.read_text("utf-8"))
        found.pop("images", None)
        found.get("peer", {}).pop("images", None)
        (KEPT / measured.name).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the README's tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.tables", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 if a table is out of date")
    options = parser.parse_args(arguments)
    if not options.check:
        keep_figures()
    text = README.read_text("utf-8")
    if rendered(text) == text:
        return 0
    if options.check:
        sys.stderr.write("README.md: a table is out of date; `python -m tests.tables` makes it anew\n")
        return 1
    README.write_text(rendered(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
