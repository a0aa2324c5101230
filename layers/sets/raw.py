"""What the renderer leaves: a set's description, its surfaces, and its light as float arrays."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from packshot.imaging.arrays import Floats, floats
from packshot.imaging.studio.description import SetDescription, Slot
from packshot.imaging.studio.library import DESCRIPTION, Bake, Coverage

_NOTHING = 0.05
"""A plane that nowhere passes this share of a pixel is what the lens smeared, not paint."""


@dataclass(frozen=True, slots=True)
class RawLight:
    """A light as it was rendered, see `Bake`."""

    name: str
    irradiance: Floats
    bounce: Floats | None


@dataclass(frozen=True, slots=True)
class RawSet:
    """A set as it was rendered, see `Bake`; its description names the slots that are really painted."""

    description: SetDescription
    fixed: Floats | None
    coverage: tuple[Coverage, ...]
    lights: tuple[RawLight, ...]

    def bakes(self) -> Iterator[tuple[str, Bake]]:
        """Yield each light's name and the set under it, as if it came out of the library without loss."""
        for light in self.lights:
            yield (
                light.name,
                Bake(self.description, light.irradiance, light.bounce, self.fixed, self.coverage),
            )


def read(folder: Path) -> RawSet:
    """Read a raw bake; `FileNotFoundError` and `ValueError` tell what is missing or does not fit."""
    description = SetDescription.model_validate(
        json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    )
    with np.load(folder / "surfaces.npz") as planes:
        found = {name: floats(planes[name]) for name in planes.files}
    painted = {slot: found.get(f"coverage_{slot}") for slot in get_args(Slot)}
    coverage = tuple(
        Coverage(slot, share) for slot, share in painted.items() if share is not None and _is_there(share)
    )
    fixed = np.moveaxis(found["fixed"], -1, 0).copy() if "fixed" in found else None
    raw = RawSet(
        description=description.model_copy(update={"slots": tuple(each.slot for each in coverage)}),
        fixed=fixed if fixed is not None and _is_there(fixed) else None,
        coverage=coverage,
        lights=tuple(_read_light(folder, name) for name in description.lights),
    )
    _check(raw)
    return raw


def _is_there(plane: Floats) -> bool:
    return float(plane.max()) > _NOTHING


def _read_light(folder: Path, name: str) -> RawLight:
    with np.load(folder / f"{name}.npz") as planes:
        bounce = floats(planes["bounce"]) if "bounce" in planes.files else None
        return RawLight(name, floats(planes["E"]), bounce)


def _check(raw: RawSet) -> None:
    """Refuse what cannot be a bake: other shapes, numbers that are none, light that is not there."""
    name = raw.description.name
    shape = raw.lights[0].irradiance.shape
    planes = [each.share for each in raw.coverage] + [light.irradiance for light in raw.lights]
    planes += list(raw.fixed) if raw.fixed is not None else []
    if shape[0] != shape[1] or shape[0] % 2 or any(plane.shape != shape for plane in planes):
        raise ValueError(
            f"{name}: planes of {sorted({plane.shape for plane in planes})}, not one even square"
        )
    if not all(np.isfinite(plane).all() for plane in planes):
        raise ValueError(f"{name}: a plane holds what is no number")
    if not raw.coverage and raw.fixed is None:
        raise ValueError(f"{name}: no surface at all")
