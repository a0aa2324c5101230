"""Let the champion before serve again."""

from typing import TYPE_CHECKING

from packshot import model_wiring, wiring
from packshot.entrypoint import entrypoint
from packshot.events import RetiredModel, RetirementRequest
from packshot.modelling.promoting import retire
from packshot.settings import RetireModelSettings

if TYPE_CHECKING:
    from packshot.model_ports import ModelRegistry
    from packshot.ports import Clock


def retire_model(request: RetirementRequest, *, registry: "ModelRegistry", now: "Clock") -> RetiredModel:
    """Write down that the champion has left, if it can be at fault and there is another."""
    return retire(request, registry=registry, now=now())


@entrypoint(RetirementRequest)
def handler(request: RetirementRequest) -> RetiredModel:
    """Wire it."""
    settings = wiring.settings(RetireModelSettings)
    registry = model_wiring.model_registry(
        settings.purchases_bucket, seed_endpoint_config=settings.seed_endpoint_config
    )
    return retire_model(request, registry=registry, now=wiring.now)
