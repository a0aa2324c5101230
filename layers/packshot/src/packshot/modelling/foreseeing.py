"""Foresee demand: what the champion expects to be bought within 30 days, for scenes to follow."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from packshot.events import CategoryDemand, DemandRequest, DemandSummary, Likely, SummarizedDemand
from packshot.modelling.evaluating import Bench
from packshot.preferences.demand import (
    SPAN_DAYS,
    Demand,
    ExpectedPurchases,
    counted_purchases,
    expected_purchases,
)
from packshot.preferences.ledger import Columns, ledger_of, without_resellers
from packshot.preferences.predictor import Predictor, Told
from packshot.preferences.purchases import Lines
from packshot.storefront.descriptions import kind_of

LATEST: Final = "demand/latest.json"
_SMALLEST_SHARE: Final = 1e-6


def foresee(request: DemandRequest, *, bench: Bench, now: datetime) -> SummarizedDemand:
    """Write the summary of today; of a model that cannot be loaded the last one stands until it is old."""
    champions = bench.champions()
    champion, kept = champions.champion, champions.configurations
    predictor = bench.predictor(champion)
    if predictor is None and champion.archive:
        return SummarizedDemand(summary="", categories=0, champion=champion, kept=kept)
    summary = summarize(
        predictor, bench.sample(request.sample), share=request.share, customers=request.customers, now=now
    )
    body = summary.model_dump_json(indent=1).encode()
    bench.write(body, key=f"demand/history/{now:%Y-%m-%d}.json")
    bench.write(body, key=LATEST)
    return SummarizedDemand(summary=LATEST, categories=len(summary.categories), champion=champion, kept=kept)


def summarize(
    predictor: Predictor | None, sample: Columns, *, share: float, customers: int, now: datetime
) -> DemandSummary:
    """Return what is expected of all customers, of whom the sample has a share; counted without a model.

    It begins with the newest purchase: the files of a shop come late.
    """
    since = min(float(sample.time.max(initial=0.0)) + 1, now.timestamp())
    found = _expected(sample, predictor=predictor, since=since)
    scale = 1 / max(share, _SMALLEST_SHARE)
    return DemandSummary(
        made_at=now,
        until=datetime.fromtimestamp(since, UTC) + timedelta(days=SPAN_DAYS),
        model=predictor.version if predictor else "",
        customers=customers,
        categories=tuple(_demand_of(each, scale=scale) for each in found.categories),
    )


def _expected(sample: Columns, *, predictor: Predictor | None, since: float) -> Demand:
    if predictor is None:
        return counted_purchases(without_resellers(sample), now=since)
    return expected_purchases(predictor, histories(predictor, sample), now=since)


def histories(predictor: Predictor, sample: Columns) -> Iterator[Lines]:
    """Yield each customer's lines; accounts that sell on are left out, as they are from training."""
    ledger = ledger_of(without_resellers(sample), vocabulary=predictor.vocabulary)
    for customer in range(len(ledger.customers)):
        yield ledger.of(customer)


def _demand_of(expected: ExpectedPurchases, *, scale: float) -> CategoryDemand:
    return CategoryDemand(
        category=expected.category,
        kind=kind_of(expected.category),
        expected=expected.expected * scale,
        share=float(np.clip(expected.share, 0, 1)),
        lift=expected.lift,
        styles=_likely(expected.styles),
        price_bands=_likely(expected.price_bands),
    )


def _likely(told: tuple[Told, ...]) -> tuple[Likely, ...]:
    return tuple(Likely(name=each.name, probability=float(np.clip(each.probability, 0, 1))) for each in told)
