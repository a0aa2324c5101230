"""Foresee what customers will buy, by which scenes are planned."""

from typing import TYPE_CHECKING

from packshot import model_wiring, wiring
from packshot.entrypoint import entrypoint
from packshot.events import DemandRequest, SummarizedDemand
from packshot.modelling.evaluating import Bench
from packshot.modelling.foreseeing import foresee
from packshot.settings import SummarizeDemandSettings

if TYPE_CHECKING:
    from packshot.ports import Clock


def summarize_demand(request: DemandRequest, *, bench: Bench, now: "Clock") -> SummarizedDemand:
    """Ask the champion about everybody, and write down what it tells."""
    return foresee(request, bench=bench, now=now())


@entrypoint(DemandRequest)
def handler(request: DemandRequest) -> SummarizedDemand:
    """Wire it."""
    settings = wiring.settings(SummarizeDemandSettings)
    bucket = settings.purchases_bucket
    registry = model_wiring.model_registry(bucket, seed_endpoint_config=settings.seed_endpoint_config)
    return summarize_demand(request, bench=Bench(wiring.objects(), bucket, registry), now=wiring.now)
