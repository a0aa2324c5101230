"""Look at a raw bake: its lights, side by side, in a pale and in a strong palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

from .finish import SLOTS
from .stage import srgb

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .mesh import Floats

    Pixels: TypeAlias = NDArray[np.uint8]

PALETTES = (
    ("#ebe9e4", "#dfdcd5", "#8d8a84"),
    ("#a8573c", "#c98a6a", "#4e3a33"),
    ("#8f9c86", "#b9bfae", "#d9b48a"),
)
"""Wall, floor and accent."""


def write_sheet(folder: Path, *, size: int = 400) -> None:
    """Write <folder>.png: a column for each light, a row for each palette."""
    lights = [path for path in sorted(folder.glob("*.npz")) if path.stem != "surfaces"]
    rows = [
        np.concatenate([_picture(folder, light.stem, palette, size=size) for light in lights], axis=1)
        for palette in PALETTES
    ]
    Image.fromarray(np.concatenate(rows)).save(folder.with_suffix(".png"))


def plate(folder: Path, *, light: str, palette: tuple[str, str, str]) -> Floats:
    """Return a plate H×W×3, linear."""
    with np.load(folder / "surfaces.npz") as surfaces, np.load(folder / f"{light}.npz") as lit:
        albedo = surfaces["fixed"].astype(np.float32)
        for slot, colour in zip(SLOTS, palette, strict=True):
            if f"coverage_{slot}" in surfaces:
                albedo += surfaces[f"coverage_{slot}"][..., None].astype(np.float32) * _linear(colour)
        return np.asarray(lit["E"][..., None] * albedo, np.float32)


def _picture(folder: Path, light: str, palette: tuple[str, str, str], *, size: int) -> Pixels:
    linear = plate(folder, light=light, palette=palette)
    shouldered = np.where(linear < 0.7, linear, 0.7 + 0.3 * np.tanh((linear - 0.7) / 0.3))
    encoded = np.where(shouldered <= 0.0031308, 12.92 * shouldered, 1.055 * shouldered ** (1 / 2.4) - 0.055)
    full = Image.fromarray((np.clip(encoded, 0, 1) * 255 + 0.5).astype(np.uint8))
    return np.asarray(full.resize((size, size), Image.Resampling.BOX))


def _linear(colour: str) -> Floats:
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return np.array(srgb(*values)["value"], np.float32)
