"""Whether a candidate may serve: judged beside the champion and simple answers, by days kept apart."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.baselines import baselines
from packshot.preferences.features import feature_names, samples
from packshot.preferences.ledger import Columns, Occasion, ledger_of, occasions, usable, without_resellers
from packshot.preferences.metrics import (
    Score,
    area,
    average_precision,
    calibration_error,
    interval,
    losses,
    score,
    stability_index,
)
from packshot.preferences.predictor import Predictor
from packshot.preferences.purchases import DAY
from packshot.preferences.tables import Moments, Outlook, moments_of, outlooks
from packshot.preferences.training import SOON_DAYS, Draw
from packshot.preferences.world import World

FEWEST: Final = 50
"""Returning visits below which nothing can be said of a model."""
LARGEST_ERROR: Final = 0.03
"""Calibration error that is allowed beyond what chance explains."""
SHIFTED: Final = 0.25
"""Population stability index above which an input has shifted."""
BASELINE: Final = "frequency + Markov"
WATCHED: Final = (
    "days since last",
    "mean gap",
    "lines a visit",
    "spend a visit",
    "usual level",
    "share bought at a discount",
    "brand switches",
    "hour now",
    "weekday now",
)
"""Inputs whose drift is told: what is of a customer. Those of the world and the calendar move by nature."""
_SHOWN: Final = ("popularity", "most frequent", BASELINE)
_MOST_DRIFTS: Final = 5
_BINS: Final = 10
_LOOKED_BACK: Final = 4_000
"""Earlier moments that baselines learn from and drift is measured against."""
_DRAWS: Final = 200
_QUIET_SHARE: Final = 0.3
_LONGEST_JUDGED: Final = 92 * DAY


@dataclass(frozen=True, slots=True)
class Foresight:
    """How well purchases within 30 days are told, over customers × categories; shares expected and come."""

    auc: float
    average_precision: float
    expected: float
    came: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much lower (negative) or higher a model's log-loss is than another's, with its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the newest days are from those that were fitted on: a population stability index."""

    name: str
    index: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The verdict, and all that it rests on.

    `since` and `until` bound the judging days in seconds; `scores` and `within_30_days` are by "candidate",
    "champion" and the baselines' names. `allowed_error` is what the candidate's calibration error may be.
    """

    candidate: str
    champion: str | None
    since: float
    until: float
    moments: int
    customers: int
    scores: Mapping[str, Score]
    within_30_days: Mapping[str, Foresight]
    against_baseline: Difference | None
    against_champion: Difference | None
    allowed_error: float
    told_drift: float
    inputs_drift: tuple[Drift, ...]
    reasons: tuple[str, ...]
    promote: bool

    def to_json(self) -> str:
        """Return all of it; what could not be measured is null."""
        return json.dumps(_finite(asdict(self)), indent=2, allow_nan=False) + "\n"


@dataclass(frozen=True, slots=True)
class _Judged:
    """A model's moments: those it was fitted on (a draw of them), those that judge it, and what it tells."""

    past: Moments
    test: Moments
    told: NDArray[np.float64]

    @property
    def keys(self) -> NDArray[np.int64]:
        """What tells a moment from all others: who, and on which day."""
        return self.test.customer.astype(np.int64) * 100_000 + (self.test.now // DAY).astype(np.int64)


def evaluate(
    candidate: Predictor, champion: Predictor | None, columns: Columns, *, seed: int = 0
) -> Evaluation:
    """Judge a candidate by the purchases since it was fitted; the champion by the very same.

    `columns` are all purchases, those that it was fitted on included: histories are made of them. The worlds
    are learned anew, so that no moment sees what comes at or after it.
    """
    columns = without_resellers(usable(columns))
    until = float(columns.time.max(initial=candidate.fitted_until - 1)) + 1
    since = max(candidate.fitted_until, until - _LONGEST_JUDGED)
    mine = _judge(candidate, columns, since=since)
    theirs = _judge(champion, columns, since=since, looked_back=1) if champion else None
    if not (len(mine.test) and len(mine.past)):
        return _nothing(candidate, champion, since=since, until=until)
    simple = baselines(mine.test, past=mine.past)
    told = {"candidate": mine.told, **{name: simple[name] for name in _SHOWN}}
    scores = {name: score(p, top=mine.test.top, bought=mine.test.bought) for name, p in told.items()}
    foresights = {"candidate": _foresight(candidate, columns, since=since, until=until)}
    if theirs and champion and len(theirs.test):
        scores["champion"] = score(theirs.told, top=theirs.test.top, bought=theirs.test.bought)
        foresights["champion"] = _foresight(champion, columns, since=since, until=until)
    baseline = _compared(
        losses(mine.told, mine.test.top), losses(simple[BASELINE], mine.test.top), mine.test.customer, seed
    )
    rival = _against(mine, theirs, seed) if theirs else None
    allowed = LARGEST_ERROR + chance_error(mine.told, seed=seed)
    refusals = _refusals(len(mine.test), scores["candidate"], baseline, rival, allowed)
    drifts = _drifts(mine)
    return Evaluation(
        candidate.version,
        champion.version if champion else None,
        since,
        until,
        len(mine.test),
        len(np.unique(mine.test.customer)),
        scores,
        {name: found for name, found in foresights.items() if found},
        baseline,
        rival,
        allowed,
        _told_drift(candidate, mine),
        drifts[:_MOST_DRIFTS],
        (*(refusals or _merits(baseline, rival)), *_warnings(drifts)),
        not refusals,
    )


def chance_error(told: NDArray[np.float64], *, seed: int) -> float:
    """Return the calibration error below which 95 % of perfectly calibrated answers stay.

    Few moments make an error by themselves; this is how much.
    """
    rng, sure = np.random.default_rng(seed), told.max(1)
    return float(
        np.quantile([calibration_error(sure, rng.random(len(sure)) < sure) for _ in range(_DRAWS)], 0.95)
    )


def _judge(model: Predictor, columns: Columns, *, since: float, looked_back: int = _LOOKED_BACK) -> _Judged:
    ledger = ledger_of(columns, vocabulary=model.vocabulary)
    visits = list(occasions(ledger))
    begin = (since + 3 * float(columns.time.min(initial=since))) / 4
    drawn = Draw(visits, since=begin, until=since, most=looked_back)
    judged = Draw(visits, since=since)

    def wanted(occasion: Occasion) -> bool:
        return judged(occasion) if occasion.time >= since else drawn(occasion)

    moments = moments_of(
        samples(visits, world=World(model.vocabulary), wanted=wanted), categories=model.world.categories
    )
    past, test = moments.between(-np.inf, since), moments.between(since, np.inf)
    return _Judged(past, test, model.choice.probabilities(test))


def _foresight(model: Predictor, columns: Columns, *, since: float, until: float) -> Foresight | None:
    """Return how well the days after `since` were foreseen on it; None if they are too few."""
    if until - since < (SOON_DAYS - 1) * DAY:
        return None
    visits = list(occasions(ledger_of(columns, vocabulary=model.vocabulary)))
    found = outlooks(
        visits, world=World(model.vocabulary), days=[since], within=SOON_DAYS, quiet_share=_QUIET_SHARE
    )
    return foresight(model.soon.probabilities(found.features), found)


def foresight(told: NDArray[np.float64], outlook: Outlook) -> Foresight:
    """Return how well (N, K) probabilities tell what came; who was drawn counts for who was not."""
    weight = np.repeat(outlook.weight, told.shape[1])
    p, came = told.ravel(), outlook.bought.ravel()
    return Foresight(
        area(p, came, weight=weight),
        average_precision(p, came, weight=weight),
        float(np.average(p, weights=weight)),
        float(np.average(came, weights=weight)),
    )


def _against(mine: _Judged, theirs: _Judged, seed: int) -> Difference | None:
    """Compare on the moments that both know; a category that one does not know is a moment it has not."""
    _, here, there = np.intersect1d(mine.keys, theirs.keys, return_indices=True)
    if len(here) < FEWEST:
        return None
    return _compared(
        losses(mine.told[here], mine.test.top[here]),
        losses(theirs.told[there], theirs.test.top[there]),
        mine.test.customer[here],
        seed,
    )


def _compared(
    mine: NDArray[np.float64], theirs: NDArray[np.float64], customers: NDArray[np.intp], seed: int
) -> Difference:
    difference = mine - theirs
    low, high = interval(lambda rows: float(difference[rows].mean()), customers, seed=seed)
    return Difference(float(difference.mean()), low, high)


def _refusals(
    moments: int, mine: Score, baseline: Difference, rival: Difference | None, allowed: float
) -> tuple[str, ...]:
    said = []
    if moments < FEWEST:
        said.append(f"{moments} returning visits are too few to judge by; {FEWEST} are needed")
    if baseline.mean >= 0:
        said.append(f"its log-loss is {baseline.mean:.4f} above that of {BASELINE}")
    if rival and rival.low > 0:
        said.append(f"its log-loss is {rival.mean:.4f} above the champion's ({_interval(rival)})")
    if mine.ece > allowed:
        said.append(f"its calibration error is {mine.ece:.3f}, {allowed:.3f} is allowed")
    return tuple(said)


def _merits(baseline: Difference, rival: Difference | None) -> tuple[str, ...]:
    first = f"its log-loss is {-baseline.mean:.4f} below that of {BASELINE} ({_interval(baseline)})"
    if not rival:
        return (first, "there is no champion to compare with")
    return (first, f"its log-loss differs from the champion's by {rival.mean:+.4f} ({_interval(rival)})")


def _warnings(drifts: tuple[Drift, ...]) -> tuple[str, ...]:
    return tuple(
        f"shifted: {d.name} (index {d.index:.2f})" for d in drifts[:_MOST_DRIFTS] if d.index > SHIFTED
    )


def _interval(found: Difference) -> str:
    return f"95 %: {found.low:+.4f} to {found.high:+.4f}"


def _drifts(judged: _Judged) -> tuple[Drift, ...]:
    """Return how far what is known of customers, and what they buy, has moved; farthest first."""
    if not len(judged.past):
        return ()
    past, test = judged.past, judged.test
    counts = (np.bincount(part.top, minlength=past.bought.shape[1]).astype(float) for part in (past, test))
    found = [Drift("category bought", stability_index(*counts))]
    for name in WATCHED:
        at = feature_names().index(name)
        found.append(Drift(name, _index(past.features[:, 0, at], test.features[:, 0, at])))
    return tuple(sorted(found, key=lambda drift: -drift.index))


def _told_drift(model: Predictor, judged: _Judged) -> float:
    if not len(judged.past):
        return float("nan")
    return _index(model.choice.probabilities(judged.past).max(1), judged.told.max(1))


def _index(before: NDArray[np.floating], after: NDArray[np.floating]) -> float:
    """Return the stability index over the tenths of what was before; what is missing is a bin of its own."""
    known = before[np.isfinite(before)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(known) else np.zeros(0)
    return stability_index(_counts(before, edges), _counts(after, edges))


def _counts(values: NDArray[np.floating], edges: NDArray[np.floating]) -> NDArray[np.float64]:
    finite = np.isfinite(values)
    bins = np.searchsorted(edges, values[finite], side="right")
    return np.append(np.bincount(bins, minlength=len(edges) + 1), (~finite).sum()).astype(np.float64)


def _nothing(candidate: Predictor, champion: Predictor | None, *, since: float, until: float) -> Evaluation:
    said = ("nobody came again before it was fitted, or nobody after: nothing can be judged",)
    version = champion.version if champion else None
    return Evaluation(
        candidate.version,
        version,
        since,
        until,
        moments=0,
        customers=0,
        scores={},
        within_30_days={},
        against_baseline=None,
        against_champion=None,
        allowed_error=float("nan"),
        told_drift=float("nan"),
        inputs_drift=(),
        reasons=said,
        promote=False,
    )


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
