"""What is tried for one plate, in order: the first model, another seed of it, then the next models."""

from dataclasses import dataclass

from packshot.errors import GenerationFailed
from packshot.events import Scene


@dataclass(frozen=True, slots=True)
class Rung:
    """A model and a seed; seeds are few, so that products share plates."""

    model: str
    seed: int


def rungs(scene: Scene) -> tuple[Rung, ...]:
    """Return all that may be tried for a scene, first choice first; nothing if no model is named.

    For `fill` nothing can be shared, so the scene's own seed counts.
    """
    if not scene.models:
        return ()
    variants = scene.variants if scene.strategy == "plate" else 2**32
    seeds = [(scene.seed + step) % variants for step in range(2)]
    first = [Rung(scene.models[0], seed) for seed in dict.fromkeys(seeds)]
    return (*first, *(Rung(model, seeds[0]) for model in scene.models[1:]))


def rung_of(scene: Scene, *, number: int) -> Rung:
    """Return what to try; `GenerationFailed` when everything was."""
    found = rungs(scene)
    if number >= len(found):
        raise GenerationFailed("every seed and model was tried")
    return found[number]
