"""What each part of the choice is worth, on rolling windows before a shop's test: what is chosen by.

python -m tests.benchmarks.preference_windows [dunnhumby|simulator|FILE] [--windows 5] [--days 60]
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from packshot.preferences.boosting import Fitting, scores, softmax
from packshot.preferences.choosing import fit_model, simple_answer
from packshot.preferences.ledger import vocabulary_of
from packshot.preferences.metrics import Score, score
from packshot.preferences.network import fit_network
from packshot.preferences.purchases import DAY
from packshot.preferences.tables import Moments
from tests.benchmarks.preferences import shop_of, stage, table_of, visitors_of
from tests.benchmarks.report import write

Told = dict[str, NDArray[np.float64]]
SEEDS = (0, 1)
SHARES = (0.2, 0.35, 0.5, 0.65)


def windows(moments: Moments, *, number: int, days: int, until: float) -> Iterator[tuple[Moments, Moments]]:
    """Yield what came before each window, and what came in it."""
    edges = [until - days * DAY * back for back in range(number, -1, -1)]
    for since, end in pairwise(edges):
        yield moments.between(-np.inf, since), moments.between(since, end)


def told_of(past: Moments, later: Moments, *, days: int) -> Told:
    """Return what trees, network and their mixtures tell of later moments."""
    since = float(later.now.min())
    model = fit_model(
        past, origins=[since - 2 * days * DAY, since - days * DAY], fitting=Fitting(threads=2), seeds=SEEDS
    )
    usual, now = simple_answer(past), simple_answer(later)
    found = [
        fit_network(past.features, past.top, simple=usual, seed=seed).scores(later.features, simple=now)
        for seed in SEEDS
    ]
    trees, network = softmax(scores(model.boosters, later.features)), softmax(np.mean(found, axis=0))
    mixed = {
        f"trees with {share:.0%} network": softmax((1 - share) * np.log(trees) + share * np.log(network))
        for share in SHARES
    }
    return {
        "frequency + Markov": softmax(now),
        "trees": trees,
        **mixed,
        "network": network,
        "as the windows before it choose": model.probabilities(later),
    }


def averaged(parts: Sequence[tuple[Told, Moments]]) -> dict[str, Score]:
    """Return each answer's scores, a window weighing as much as it has moments."""
    weights = [len(later) for _, later in parts]
    return {
        name: Score(
            *np.average(
                [astuple(score(told[name], top=later.top, bought=later.bought)) for told, later in parts],
                axis=0,
                weights=weights,
            )
        )
        for name in parts[0][0]
    }


def main() -> int:
    """Measure one shop; the test itself is never looked at."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.preference_windows", description=__doc__
    )
    parser.add_argument("shop", nargs="?", default="simulator")
    parser.add_argument("--windows", type=int, default=5)
    parser.add_argument("--days", type=int, default=60, help="how long a window is")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    shop = shop_of(chosen.shop)
    vocabulary = vocabulary_of(shop.columns, before=shop.tested_from)
    past = stage(visitors_of(shop, None, vocabulary=vocabulary), vocabulary=vocabulary).past
    parts = []
    cut = windows(past, number=chosen.windows, days=chosen.days, until=shop.tested_from)
    for before, later in track(cut, total=chosen.windows, description="windows"):
        parts.append((told_of(before, later, days=chosen.days), later))
    found = averaged(parts)
    moments = sum(len(later) for _, later in parts)
    title = f"{shop.name}: {moments} moments in {chosen.windows} windows of {chosen.days} days"
    Console(width=120).print(table_of(found, title=title))
    write({"moments": moments, "scores": {name: asdict(told) for name, told in found.items()}}, chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
