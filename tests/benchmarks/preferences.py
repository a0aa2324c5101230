"""How well the next purchase is foreseen, beside every simple answer.

python -m tests.benchmarks.preferences [dunnhumby|simulator|FILE.parquet] [--train FILE.parquet] [--json FILE]
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from packshot.preferences.artifact import load
from packshot.preferences.bands import BANDS, price_bands
from packshot.preferences.baselines import baselines
from packshot.preferences.boosting import Fitting
from packshot.preferences.features import samples
from packshot.preferences.foreseeing import fit_events
from packshot.preferences.heads import Beliefs, Sighting, beliefs_of, fit_mixture
from packshot.preferences.ledger import Ledger, Occasion, ledger_of, occasions, vocabulary_of
from packshot.preferences.memory import Memory
from packshot.preferences.metrics import Score, area, average_precision, interval, log_loss, score
from packshot.preferences.newcomers import newcomers
from packshot.preferences.predictor import Predictor
from packshot.preferences.purchases import DAY, Visit, Vocabulary
from packshot.preferences.simulator import simulate
from packshot.preferences.tables import Moments, Outlook, moments_of, outlooks
from packshot.preferences.training import Draw
from packshot.preferences.world import World
from tests.benchmarks.preference_server import answer_over_http, run_job
from tests.benchmarks.purchase_files import Shop, dunnhumby, from_file, simulated
from tests.benchmarks.report import write

WARM_UP_DAYS = 182
"""What passes before the first moment is learned from: until then nothing is known."""
CUSTOMERS = 800
SEED = 7
THREADS = 2
MONTH = 30
REFRESHED_DAYS = 14
"""How old the world in an archive is at most, when it is trained every week and a training is missed."""
DUNNHUMBY_CATEGORIES = 40
FAR = 4e10
BASKET_TREES = 250
LEAK_AUC = 0.9
"""No honest feature tells the next category as well as this."""
LENGTHS = ((1, 1), (2, 3), (4, 10), (11, 50), (51, 10**9))


@dataclass(frozen=True, slots=True)
class Foresight:
    """How well purchases within so many days are told, over customers × categories."""

    auc: float
    average_precision: float
    expected: float
    happened: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Moments to learn from and moments to be measured by."""

    past: Moments
    test: Moments


def stage(shop: Shop, train: Shop | None, *, vocabulary: Vocabulary) -> Stage:
    """Return a shop's moments; with `train`, those before the test are of that shop's customers."""
    learned = train or shop
    ledger = ledger_of(learned.columns, vocabulary=vocabulary)
    tested = learned.tested_from
    begin = float(learned.columns.time.min())
    begin += min(WARM_UP_DAYS * DAY, (tested - begin) / 4)
    visits = list(occasions(ledger))
    drawn = Draw(visits, since=begin, until=tested)

    def wanted(occasion: Occasion) -> bool:
        return drawn(occasion) or (occasion.time >= tested and train is None)

    found = samples(visits, world=World(vocabulary), wanted=wanted)
    moments = moments_of(found, categories=len(vocabulary.categories))
    past, test = moments.between(-np.inf, tested), moments.between(tested, FAR)
    if train:
        test = _moments_of_others(shop, ledger)
    return Stage(past, test)


def _moments_of_others(shop: Shop, learned: Ledger) -> Moments:
    """Return the test's moments of customers that nothing was learned of, in the world of those it was.

    The world that they stand in has seen both files, strictly before each moment.
    """
    others = ledger_of(shop.columns, vocabulary=learned.vocabulary)
    shift = len(learned.customers)
    mixed = [*occasions(learned)]
    mixed += [Occasion(o.time, o.customer + shift, o.visit) for o in occasions(others)]
    mixed.sort(key=lambda occasion: (occasion.time, occasion.customer))

    def wanted(occasion: Occasion) -> bool:
        return occasion.customer >= shift and occasion.time >= shop.tested_from

    found = samples(mixed, world=World(learned.vocabulary), wanted=wanted)
    return moments_of(found, categories=len(learned.vocabulary.categories))


def foresee(shop: Shop, predictor: Predictor, *, within: int) -> Foresight | None:
    """Measure on days a month apart within the test, as far as what came is known; None if it nowhere is."""
    found = list(occasions(ledger_of(shop.columns, vocabulary=predictor.vocabulary)))
    last = float(shop.columns.time.max())
    months = (shop.tested_from + MONTH * DAY * n for n in range(4))
    days = [at for at in months if at + within * DAY <= last + DAY]
    if not days:
        return None
    judged = outlooks(found, world=World(predictor.vocabulary), days=days, within=within)
    return _foresight(predictor.within(judged.features)[within > MONTH], judged)


def _foresight(told: NDArray[np.float64], judged: Outlook) -> Foresight:
    p, happened = told.ravel(), judged.bought.ravel()
    return Foresight(
        area(p, happened), average_precision(p, happened), float(p.mean()), float(happened.mean())
    )


class AgeingWorld(World):
    """A world that learns nothing from a time on, as one in an archive does."""

    def __init__(self, vocabulary: Vocabulary, *, until: float) -> None:
        super().__init__(vocabulary)
        self._until = until

    def observe(self, visit: Visit, *, memory: Memory) -> None:
        """Learn of a visit before that time."""
        if visit.time < self._until:
            super().observe(visit, memory=memory)


def aged(shop: Shop, predictor: Predictor) -> dict[str, JsonValue]:
    """Return the log-loss of the first two weeks and of all, in a world as old as the training."""
    visits = list(occasions(ledger_of(shop.columns, vocabulary=predictor.vocabulary)))
    since = shop.tested_from
    world = AgeingWorld(predictor.vocabulary, until=since)
    found = samples(visits, world=world, wanted=lambda occasion: occasion.time >= since)
    test = moments_of(found, categories=world.categories)
    told = predictor.choice.probabilities(test)
    early = test.now < since + REFRESHED_DAYS * DAY
    return {
        "first_weeks": log_loss(told[early], test.top[early]),
        "all": log_loss(told, test.top),
        "moments_of_first_weeks": int(early.sum()),
    }


def other_heads(shop: Shop) -> dict[str, Score]:
    """Return how well brand, style and price band of the next visit are told, and newcomers' categories."""
    vocabulary = vocabulary_of(shop.columns, before=shop.tested_from)
    ledger = ledger_of(shop.columns, vocabulary=vocabulary)
    found = list(occasions(ledger))
    bands = price_bands(ledger.lines, categories=len(vocabulary.categories), before=shop.tested_from)
    heads = {
        "brand": (len(vocabulary.brands), [o.visit.brand for o in found]),
        "style": (len(vocabulary.styles), [o.visit.style for o in found]),
        "price band": (len(BANDS), [bands.of(o.visit) for o in found]),
    }
    scores = {"newcomers": newcomers(found, vocabulary=vocabulary)}
    for name, (words, codes) in heads.items():
        if words > 1:
            seen = (Sighting(o.customer, o.time, code) for o, code in zip(found, codes, strict=True))
            scores[name] = beliefs_of(seen, words=words)
    asked = {name: len(beliefs.between(shop.tested_from, FAR).came) for name, beliefs in scores.items()}
    return {name: _judged(beliefs, shop) for name, beliefs in scores.items() if asked[name]}


def _judged(beliefs: Beliefs, shop: Shop) -> Score:
    test = beliefs.between(shop.tested_from, FAR)
    told = fit_mixture(beliefs.between(-np.inf, shop.tested_from)).probabilities(test)
    came = np.zeros(told.shape, dtype=bool)
    came[np.arange(len(test.came)), test.came] = True
    return score(told, top=test.came, bought=came)


def basket(parts: Stage) -> NDArray[np.float64]:
    """Return what each category's share is of the categories expected in the next basket."""
    past = parts.past
    outlook = Outlook(past.features, past.bought, past.customer, np.ones(len(past)), past.now)
    told = fit_events(outlook, fitting=Fitting(rounds=BASKET_TREES)).probabilities(parts.test.features)
    return np.asarray(told / told.sum(1, keepdims=True))


def leaking_features(moments: Moments) -> tuple[int, ...]:
    """Return the features that alone tell the next category better than any honest one can."""
    chosen = np.zeros(moments.bought.shape, dtype=bool)
    chosen[np.arange(len(moments)), moments.top] = True
    flat = np.nan_to_num(moments.features.reshape(-1, moments.features.shape[-1]), nan=-1.0)
    areas = [area(flat[:, f].astype(np.float64), chosen.ravel()) for f in range(flat.shape[1])]
    return tuple(f for f, found in enumerate(areas) if max(found, 1 - found) > LEAK_AUC)


def with_leak(moments: Moments) -> Moments:
    """Return the moments with a feature that looks at the purchase itself."""
    spoiled = np.concatenate([moments.features, moments.bought[..., None].astype(np.float32)], axis=2)
    return replace(moments, features=spoiled)


def by_length(probabilities: NDArray[np.float64], test: Moments) -> Mapping[str, tuple[int, float]]:
    """Return how many moments, and the accuracy, by the number of visits before."""
    right = probabilities.argmax(1) == test.top
    found = {}
    for low, high in LENGTHS:
        rows = (test.seen >= low) & (test.seen <= high)
        if rows.any():
            found[f"{low} to {high}" if high < LENGTHS[-1][1] else f"over {low - 1}"] = (
                int(rows.sum()),
                float(right[rows].mean()),
            )
    return found


def intervals(probabilities: NDArray[np.float64], test: Moments) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals over customers."""

    def part(name: str) -> tuple[float, float]:
        return interval(
            lambda rows: float(
                getattr(score(probabilities[rows], top=test.top[rows], bought=test.bought[rows]), name)
            ),
            test.customer,
            seed=SEED,
        )

    return {name: part(name) for name in ("acc1", "log_loss", "auc")}


def of_truth(shop: Shop) -> float:
    """Return the log-loss of the simulated shop's own odds over its test."""
    made = simulate(customers=CUSTOMERS, days=3 * 365, seed=SEED)
    late = made.moments >= shop.tested_from
    return log_loss(made.odds[late], made.chosen[late])


def table_of(scores: Mapping[str, Score], *, title: str) -> Table:
    """Return scores as a table."""
    table = Table(title=title, title_justify="left", box=None, header_style="dim")
    table.add_column("answer")
    for name in Score.__slots__:
        table.add_column(name, justify="right")
    for name, found in scores.items():
        table.add_row(name, *(f"{getattr(found, column):.4f}" for column in Score.__slots__))
    return table


def measure(shop: Shop, train: Shop | None, console: Console) -> dict[str, JsonValue]:
    """Train as SageMaker does, measure, serve, print; return the figures."""
    learned = train or shop
    apart = (float(learned.columns.time.max()) + 1 - learned.tested_from) / DAY
    with tempfile.TemporaryDirectory() as place:
        job = run_job(learned.columns, apart_days=apart, place=Path(place), threads=THREADS)
        predictor = load(job.folder)
        latency = answer_over_http(job, shop.columns, seed=SEED)
    parts = stage(shop, train, vocabulary=predictor.vocabulary)
    told = {**baselines(parts.test, past=parts.past), "Packshot": predictor.choice.probabilities(parts.test)}
    told["Packshot, any of the basket"] = basket(parts)
    scores = {name: score(p, top=parts.test.top, bought=parts.test.bought) for name, p in told.items()}
    console.print(table_of(scores, title=f"{shop.name}: {len(parts.past)} learned, {len(parts.test)} tested"))
    heads = other_heads(shop)
    console.print(table_of(heads, title="brand, style, price band of the next visit; first visits"))
    figures: dict[str, JsonValue] = {
        "learned": len(parts.past),
        "tested": len(parts.test),
        "scores": {name: asdict(found) for name, found in scores.items()},
        "heads": {name: asdict(found) for name, found in heads.items()},
        "intervals": {n: list(pair) for n, pair in intervals(told["Packshot"], parts.test).items()},
        "by_length": {n: list(found) for n, found in by_length(told["Packshot"], parts.test).items()},
        "largest_top_probability": float(told["Packshot"].max()),
        "leaking": len(leaking_features(parts.test)),
        "leak_found": len(leaking_features(with_leak(parts.test))),
        "job": {"train_s": job.train_s, "peak_mib": job.peak_mib, "archive_kib": job.archive_kib},
        "http": asdict(latency),
        **_model_of(predictor),
    }
    if shop.name == "simulator":
        figures["truth_log_loss"] = of_truth(shop)
    if train is None:
        early = parts.test.now < shop.tested_from + REFRESHED_DAYS * DAY
        fresh = told["Packshot"][early], parts.test.top[early]
        figures["aged_world"] = {**aged(shop, predictor), "first_weeks_fresh": log_loss(*fresh)}
    for within in (MONTH, 3 * MONTH) if train is None else ():
        foresight = foresee(shop, predictor, within=within)
        figures[f"within_{within}_days"] = asdict(foresight) if foresight else None
    return figures


def _model_of(predictor: Predictor) -> dict[str, JsonValue]:
    choice = predictor.choice
    return {
        "trees": choice.rounds * len(choice.boosters),
        "blend": choice.calibration.blend,
        "network": choice.calibration.network,
        "temperature": float(choice.calibration.temperature),
        "shift_30_days": predictor.soon.shift,
        "shift_90_days": predictor.later.shift,
    }


def shop_of(named: str) -> Shop:
    """Return the simulated shop, dunnhumby's, or a file's."""
    if named == "simulator":
        return simulated(customers=CUSTOMERS, seed=SEED)
    if named == "dunnhumby":
        return dunnhumby(categories=DUNNHUMBY_CATEGORIES)
    return from_file(Path(named))


def main() -> int:
    """Measure one shop; 1 if a feature leaks, or if the check would not have found one."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.preferences", description=__doc__)
    parser.add_argument("shop", nargs="?", default="simulator")
    parser.add_argument("--train", type=Path)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    shop = shop_of(chosen.shop)
    console = Console(width=120)
    figures = measure(shop, from_file(chosen.train) if chosen.train else None, console)
    console.print_json(
        data={name: value for name, value in figures.items() if name not in ("scores", "heads")}
    )
    write(figures, chosen.json)
    return int(figures["leaking"] != 0 or figures["leak_found"] == 0)


if __name__ == "__main__":
    sys.exit(main())
