"""Which engine masks on this machine, and how to come by a better one."""

from collections.abc import Callable, Sequence

from infrastructure.functions import blueprint
from infrastructure.local.cloud import Cloud
from infrastructure.local.places import ENVIRONMENT, Refused
from layers import weights
from packshot.events import PhotoRecord
from packshot.settings import EngineName

LARGE = "u2net"


def provide(engine: EngineName | None, *, tell: Callable[[str], None]) -> None:
    """Fetch what the engine needs, if a person asked for it: a first look at Packshot fetches little."""
    if engine == "standard":
        weights.fetch(LARGE, tell=tell)


def require(engine: EngineName | None, *, cloud: Cloud) -> None:
    """Refuse a cloud that runs already and masks by another engine."""
    if engine is None:
        return
    name = blueprint("mask_product").name_in(ENVIRONMENT)
    found = cloud.client("lambda").get_function_configuration(FunctionName=name)
    running = found["Environment"]["Variables"]["ENGINE"]
    if running != engine:
        raise Refused(f"The cloud that runs here masks by the {running} engine; end it first: packshot down")


def say_which(records: Sequence[PhotoRecord]) -> str:
    """Return which engines made the mattes, and how to get a better one if one stood in; "" without any."""
    mattes = [record.matte for record in records if record.matte is not None]
    if not mattes:
        return ""
    named = f"Masked by: {', '.join(sorted({matte.engine for matte in mattes}))}."
    if not any(matte.notes for matte in mattes):
        return named
    megabytes = weights.PUBLISHED[LARGE].size / 1e6
    return f"{named} The standard engine is better: `make weights` fetches it ({megabytes:.0f} MB)."
