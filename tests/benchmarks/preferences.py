"""How well the next purchase is foreseen, beside every simple answer.

python -m tests.benchmarks.preferences [dunnhumby|simulator|FILE.parquet] [--train FILE.parquet] [--json FILE]
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from packshot.errors import InvalidPurchases, PackshotError
from packshot.preferences.artifact import load
from packshot.preferences.baselines import baselines
from packshot.preferences.boosting import Fitting, importance
from packshot.preferences.evaluation import Foresight, foresight
from packshot.preferences.features import feature_names, samples
from packshot.preferences.foreseeing import fit_events
from packshot.preferences.heads import Head, Sighting, beliefs_of
from packshot.preferences.ledger import Occasion, ledger_of, occasions
from packshot.preferences.memory import Memory
from packshot.preferences.metrics import Score, interval, log_loss, losses, one_against_rest, score
from packshot.preferences.newcomers import newcomers
from packshot.preferences.predictor import Predictor
from packshot.preferences.purchases import DAY, Visit, Vocabulary
from packshot.preferences.simulator import simulate
from packshot.preferences.tables import Moments, Outlook, moments_of, outlooks
from packshot.preferences.training import Draw
from packshot.preferences.world import World
from tests.benchmarks.preference_server import answer_over_http, run_job
from tests.benchmarks.purchase_files import Shop, dunnhumby, from_file, simulated
from tests.benchmarks.purchase_leaks import leaking_features, moments_on, spoiled_on
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
BASKET_TREES = 250
LARGEST = 250_000_000
"""Numbers that are held at once; of more moments some are drawn."""
OURS = "Packshot"
NEWCOMERS_VIEW = 1
"""Who never bought is told what was popular within a month."""
IMPORTANT = 0.01
"""Of a feature's share of the gain: what has less is not printed."""
LENGTHS = ((1, 1), (2, 3), (4, 10), (11, 50), (51, 10**9))


@dataclass(frozen=True, slots=True)
class Stage:
    """Moments to learn from and moments to be measured by."""

    past: Moments
    test: Moments


@dataclass(frozen=True, slots=True)
class Visitors:
    """Visits in the order of time; those of customers below `first` are learned from and not asked about.

    With `first` 0 all are both. `since` is when the test begins.
    """

    visits: Sequence[Occasion]
    first: int
    since: float

    def learned(self, occasion: Occasion) -> bool:
        """Say whether it is one to learn from."""
        return occasion.time < self.since and (occasion.customer < self.first or not self.first)

    def asked(self, occasion: Occasion) -> bool:
        """Say whether it is one to be measured by."""
        return occasion.time >= self.since and occasion.customer >= self.first


def visitors_of(shop: Shop, train: Shop | None, *, vocabulary: Vocabulary) -> Visitors:
    """Return a shop's visits; with `train`, those of that shop's customers too, below `first`."""
    found = list(occasions(ledger_of(shop.columns, vocabulary=vocabulary)))
    if not train:
        return Visitors(found, 0, shop.tested_from)
    learned = ledger_of(train.columns, vocabulary=vocabulary)
    shift = len(learned.customers)
    mixed = [*occasions(learned), *(Occasion(o.time, o.customer + shift, o.visit) for o in found)]
    return Visitors(sorted(mixed, key=lambda o: (o.time, o.customer)), shift, shop.tested_from)


def stage(visitors: Visitors, *, vocabulary: Vocabulary) -> Stage:
    """Return moments to learn from and to be measured by, drawn if many; `InvalidPurchases` without any."""
    categories = len(vocabulary.categories)
    mine = [occasion for occasion in visitors.visits if visitors.learned(occasion)]
    begin = mine[0].time if mine else visitors.since
    begin += min(WARM_UP_DAYS * DAY, (visitors.since - begin) / 4)
    drawn = Draw(mine, since=begin, until=visitors.since)
    judged = Draw(visitors.visits, since=visitors.since, most=LARGEST // (categories * len(feature_names())))

    def wanted(occasion: Occasion) -> bool:
        return visitors.asked(occasion) and judged(occasion)

    past = samples(mine, world=World(vocabulary), wanted=drawn)
    test = samples(visitors.visits, world=World(vocabulary), wanted=wanted)
    found = Stage(moments_of(past, categories=categories), moments_of(test, categories=categories))
    if not (len(found.past) and len(found.test)):
        day = np.datetime64(int(visitors.since), "s").astype("datetime64[D]")
        raise InvalidPurchases(f"nobody came again before {day}, or nobody who is known from then on")
    return found


def foresee(visitors: Visitors, predictor: Predictor, *, within: int) -> Foresight | None:
    """Measure on days a month apart within the test, as far as what came is known; None if it nowhere is."""
    last = visitors.visits[-1].time
    months = (visitors.since + MONTH * DAY * n for n in range(4))
    days = [at for at in months if at + within * DAY <= last + DAY]
    if not days:
        return None
    customers = len({occasion.customer for occasion in visitors.visits})
    most = LARGEST // (len(predictor.vocabulary.categories) * len(feature_names()))
    share = min(1.0, most / (customers * len(days)))
    found = outlooks(
        visitors.visits,
        world=World(predictor.vocabulary),
        days=days,
        within=within,
        quiet_share=share,
        buyers_share=share,
    )
    judged = found.take(found.customer >= visitors.first)
    if not len(judged.customer):
        return None
    return foresight(predictor.within(judged.features)[within > MONTH], judged)


class AgeingWorld(World):
    """A world that learns nothing from a time on, as one in an archive does."""

    def __init__(self, vocabulary: Vocabulary, *, until: float) -> None:
        super().__init__(vocabulary)
        self._until = until

    def observe(self, visit: Visit, *, memory: Memory) -> None:
        """Learn of a visit before that time."""
        if visit.time < self._until:
            super().observe(visit, memory=memory)


def aged(visitors: Visitors, predictor: Predictor) -> dict[str, JsonValue]:
    """Return the log-loss of the first two weeks and of all, in a world as old as the training."""
    world = AgeingWorld(predictor.vocabulary, until=visitors.since)
    drawn = Draw(visitors.visits, since=visitors.since)
    test = moments_of(samples(visitors.visits, world=world, wanted=drawn), categories=world.categories)
    told = predictor.choice.probabilities(test)
    early = test.now < visitors.since + REFRESHED_DAYS * DAY
    return {
        "first_weeks": log_loss(told[early], test.top[early]) if early.any() else None,
        "all": log_loss(told, test.top),
        "moments_of_first_weeks": int(early.sum()),
    }


def other_heads(visitors: Visitors, predictor: Predictor) -> dict[str, Score]:
    """Return how well what is served tells brand, style and price band, and newcomers' categories."""
    heads, scores = predictor.heads, {}
    firsts = newcomers(visitors.visits, vocabulary=predictor.vocabulary, since=visitors.since)
    firsts = firsts.take(firsts.customer >= visitors.first)
    if len(firsts.came):
        scores["newcomers"] = _judged(firsts.told[:, NEWCOMERS_VIEW], firsts.came)
    words: tuple[tuple[str, Head, Callable[[Visit], int]], ...] = (
        ("brand", heads.brands, lambda visit: visit.brand),
        ("style", heads.styles, lambda visit: visit.style),
        ("price band", heads.price_bands, heads.bands.of),
    )
    for name, head, code in words:
        seen = [Sighting(o.customer, o.time, code(o.visit)) for o in visitors.visits]
        drawn = Draw(visitors.visits, since=visitors.since, most=LARGEST // (64 * max(len(head.words), 1)))
        test = beliefs_of(seen, words=len(head.words), wanted=drawn)
        test = test.take(test.customer >= visitors.first)
        if len(head.words) > 1 and len(test.came):
            scores[name] = _judged(head.mixture.probabilities(test), test.came)
    return scores


def _judged(told: NDArray[np.float64], came: NDArray[np.intp]) -> Score:
    bought = np.zeros(told.shape, dtype=bool)
    bought[np.arange(len(came)), came] = True
    return score(told, top=came, bought=bought)


def basket(parts: Stage) -> NDArray[np.float64]:
    """Return what each category's share is of the categories expected in the next basket."""
    past = parts.past
    outlook = Outlook(past.features, past.bought, past.customer, np.ones(len(past)), past.now)
    told = fit_events(outlook, fitting=Fitting(rounds=BASKET_TREES)).probabilities(parts.test.features)
    return np.asarray(told / told.sum(1, keepdims=True))


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


def intervals(told: Mapping[str, NDArray[np.float64]], test: Moments) -> dict[str, JsonValue]:
    """Return 95 % intervals, drawing customers; the AUC's, which takes long, of our own answer alone."""
    found: dict[str, JsonValue] = {}
    for name, p in told.items():
        right, loss = p.argmax(1) == test.top, losses(p, test.top)
        measures = {
            "acc1": lambda rows, right=right: float(right[rows].mean()),
            "log_loss": lambda rows, loss=loss: float(loss[rows].mean()),
        }
        if name == OURS:
            measures["auc"] = lambda rows, p=p: one_against_rest(p[rows], test.top[rows])
        found[name] = {n: list(interval(m, test.customer, seed=SEED)) for n, m in measures.items()}
    return found


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
    apart = max(0.0, (float(learned.columns.time.max()) + 1 - shop.tested_from) / DAY)
    with tempfile.TemporaryDirectory() as place:
        job = run_job(learned.columns, apart_days=apart, place=Path(place), threads=THREADS)
        predictor = load(job.folder)
        latency = answer_over_http(job, shop.columns, seed=SEED)
    vocabulary = predictor.vocabulary
    visitors = visitors_of(shop, train, vocabulary=vocabulary)
    parts = stage(visitors, vocabulary=vocabulary)
    told = {**baselines(parts.test, past=parts.past), OURS: predictor.choice.probabilities(parts.test)}
    told[f"{OURS}, any of the basket"] = basket(parts)
    scores = {name: score(p, top=parts.test.top, bought=parts.test.bought) for name, p in told.items()}
    console.print(table_of(scores, title=f"{shop.name}: {len(parts.past)} learned, {len(parts.test)} tested"))
    heads = other_heads(visitors, predictor)
    console.print(table_of(heads, title="brand, style, price band of the next visit; first visits"))
    honest, spoiled = (
        leaking_features(shop.columns, since=shop.tested_from, vocabulary=vocabulary, build=build)
        for build in (moments_on, spoiled_on)
    )
    figures: dict[str, JsonValue] = {
        "learned": len(parts.past),
        "tested": len(parts.test),
        "rows_left_out": shop.left_out,
        "rows_of_unknown_categories": int(
            np.isin(shop.columns.category, vocabulary.categories, invert=True).sum()
        ),
        "scores": {name: asdict(found) for name, found in scores.items()},
        "heads": {name: asdict(found) for name, found in heads.items()},
        "intervals": intervals(told, parts.test),
        "by_length": {n: list(found) for n, found in by_length(told[OURS], parts.test).items()},
        "largest_top_probability": float(told[OURS].max()),
        "leaking": [feature_names()[f] for f in honest],
        "leak_found": len(vocabulary.categories) == 1 or len(spoiled) > len(honest),
        "job": {"train_s": job.train_s, "peak_mib": job.peak_mib, "archive_kib": job.archive_kib},
        "http": asdict(latency) if latency else None,
        **_model_of(predictor),
    }
    if shop.name == "simulator":
        figures["truth_log_loss"] = of_truth(shop)
    if train is None:
        early = parts.test.now < shop.tested_from + REFRESHED_DAYS * DAY
        fresh = log_loss(told[OURS][early], parts.test.top[early]) if early.any() else None
        figures["aged_world"] = {**aged(visitors, predictor), "first_weeks_fresh": fresh}
    for within in (MONTH, 3 * MONTH):
        found = foresee(visitors, predictor, within=within)
        figures[f"within_{within}_days"] = asdict(found) if found else None
    return {name: plain(value) for name, value in figures.items()}


def plain(value: JsonValue) -> JsonValue:
    """Return figures as JSON has them: what could not be measured is null."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _model_of(predictor: Predictor) -> dict[str, JsonValue]:
    choice = predictor.choice
    shares = importance(choice.boosters, names=feature_names())
    return {
        "importance": {name: round(share, 4) for name, share in shares.items() if share >= IMPORTANT},
        "trees": choice.rounds * len(choice.boosters),
        "blend": choice.calibration.blend,
        "network": choice.calibration.network,
        "temperature": float(choice.calibration.temperature),
        "shift_30_days": predictor.soon.shift,
        "shift_90_days": predictor.later.shift,
    }


def shop_of(name: str) -> Shop:
    """Return the shop of an argument."""
    if name == "simulator":
        return simulated(customers=CUSTOMERS, seed=SEED)
    return dunnhumby(categories=DUNNHUMBY_CATEGORIES) if name == "dunnhumby" else from_file(Path(name))


def main() -> int:
    """Measure one shop; 1 if a feature leaks or the check would find none, or if nothing can be said."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.preferences", description=__doc__)
    parser.add_argument("shop", nargs="?", default="simulator", help="simulator, dunnhumby or a Parquet file")
    parser.add_argument(
        "--train", type=Path, help="fit on this file's customers, until the other's test begins"
    )
    parser.add_argument("--json", type=Path, help="keep the figures here")
    chosen = parser.parse_args()
    console = Console(width=120)
    try:
        shop = shop_of(chosen.shop)
        figures = measure(shop, from_file(chosen.train) if chosen.train else None, console)
    except PackshotError as error:
        raise SystemExit(f"{chosen.shop}: {error}") from error
    console.print_json(
        data={name: value for name, value in figures.items() if name not in ("scores", "heads")}
    )
    write(figures, chosen.json)
    return int(bool(figures["leaking"]) or not figures["leak_found"])


if __name__ == "__main__":
    sys.exit(main())
