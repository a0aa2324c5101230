"""Which engine can be had: the one asked for, or the next best with a note that says why."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from packshot.adapters.weights import open_shelved
from packshot.errors import MissingWeights
from packshot.imaging.engines import Classic, Engine, Lite, Standard, Substitute
from packshot.settings import EngineName

if TYPE_CHECKING:
    from packshot.ports import Segmenter

Opener = Callable[[], "Segmenter"]

LIGHT = "u2netp"
ACCURATE = "u2net"


def open_engine(name: EngineName, *, accurate: Opener, light: Opener) -> Engine:
    """Open an engine's networks; the lite engine stands in for the standard one, the classic for both.

    Only weights that are missing are stood in for: damaged ones raise `DamagedArtifact`.
    """
    if name == "classic":
        return Classic()
    try:
        small = light()
    except MissingWeights as missing:
        return Substitute(Classic(), note=_note(name, missing))
    if name == "lite":
        return Lite(small)
    try:
        large = accurate()
    except MissingWeights as missing:
        return Substitute(Lite(small), note=_note(name, missing))
    return Standard(large, small, name=name if large.name == ACCURATE else f"{name}:{large.name}")


def shelved_engine(name: EngineName, *, shelf: Path | None = None) -> Engine:
    """Open an engine with the weights of this checkout, for whoever works without a cloud."""
    return open_engine(
        name,
        accurate=lambda: open_shelved(ACCURATE, shelf=shelf),
        light=lambda: open_shelved(LIGHT, shelf=shelf),
    )


def _note(name: str, missing: MissingWeights) -> str:
    return f"The {name} engine's weights are not there ({missing})."
