"""Measure what is seen around a product in each baked set, for plans that are made without arrays.

    python -m layers.sets.surroundings          # writes packshot/scenes/surroundings.json

A product's outline meets what lies in a ring around the place where products stand, hang or lie.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from layers.build import LAYERS
from packshot.imaging.arrays import Flags, Floats, floats
from packshot.imaging.colour import delta_e, hex_from_srgb, lab_from_srgb, main_colours, srgb_from_linear
from packshot.imaging.studio import Library, SetDescription, shipped
from packshot.imaging.studio.library import Bake
from packshot.scenes.surroundings import Surface, Surroundings

WRITTEN = LAYERS / "packshot" / "src" / "packshot" / "scenes" / "surroundings.json"

_WIDTH, _HEIGHT = 0.56, 0.6
"""The middle of what products take of a frame: of a mug and a bottle, of a boot and a chair."""
_RING = 0.06
"""Width of the ring, share of the frame."""
_PAINTED = 0.5
"""Share of a pixel from which on it is the palette's."""
_MOST = (15, 85)
"""Percentiles between which the light on most of a surface is."""
_OWN = 3
"""Colours that stand for all that no palette paints."""
_LEAST = 0.02
"""Share of the ring under which a surface is left out."""


def measure(name: str, *, library: Library) -> Surroundings:
    """Return the surfaces around a product in one set, under all of its lights."""
    description = library.describe(name)
    found: dict[str, list[Surface]] = {}
    for light in sorted(description.lights):
        for surface in surfaces(library.load(name, light=light)):
            found.setdefault(surface.slot or surface.colour or "", []).append(surface)
    joined = [_join(each) for each in found.values()]
    return Surroundings(surfaces=tuple(sorted(joined, key=lambda surface: -surface.share)))


def surfaces(bake: Bake) -> Iterator[Surface]:
    """Yield what the ring shows under one light: each slot of the palette, and what no palette paints."""
    ring = ring_of(bake.description, side=bake.irradiance.shape[0])
    light = floats(bake.irradiance[ring])
    left = np.ones_like(light)
    for painted in bake.coverage:
        share = painted.share[ring]
        left -= share
        if share.mean() >= _LEAST:
            yield _surface(floats(share), light, slot=painted.slot)
    bare = left > 1 - _PAINTED
    if bake.fixed is not None and bare.mean() >= _LEAST:
        yield from _own_colours(floats(bake.fixed[:, ring].T * bare[:, None]), light, bare=bare)


def _own_colours(fixed: Floats, light: Floats, *, bare: Flags) -> Iterator[Surface]:
    """Yield the few colours that stand for what no palette paints; they are the same under every light."""
    shown = srgb_from_linear(np.clip(fixed, 0, 1))
    pixels = np.rint(shown * 255).astype(np.uint8)
    colours = main_colours(pixels[bare], count=_OWN)
    lab = lab_from_srgb(pixels)
    apart = [delta_e(lab, np.broadcast_to(lab_from_srgb(colour), lab.shape)) for colour in colours]
    nearest = np.argmin(apart, axis=0)
    for index, colour in enumerate(colours):
        of_it = floats(bare & (nearest == index))
        if of_it.mean() >= _LEAST:
            yield _surface(of_it, light, colour=hex_from_srgb(colour))


def _surface(share: Floats, light: Floats, **of: str) -> Surface:
    """Return a surface with this share of each pixel (N,), and the light on most of it."""
    lit = light[share > _PAINTED] if (share > _PAINTED).any() else light[share == share.max()]
    dimmest, brightest = (round(float(np.percentile(lit, part)), 3) for part in _MOST)
    whole = round(float(min(share.mean(), 1)), 3)
    return Surface.model_validate({"share": whole, "dimmest": dimmest, "brightest": brightest, **of})


def ring_of(description: SetDescription, *, side: int) -> Flags:
    """Return where a product's outline is expected in a frame of this side, (side, side)."""
    stands = "stand" in description.anchors
    bottom = description.floor if stands else 0.5 + _HEIGHT / 2
    ring = np.zeros((side, side), dtype=bool)
    left, right = (round(side * (0.5 + sign * _WIDTH / 2)) for sign in (-1, 1))
    top, foot, wide = round(side * (bottom - _HEIGHT)), round(side * bottom), round(side * _RING)
    ring[max(top - wide, 0) : foot + wide, left - wide : right + wide] = True
    ring[top:foot, left:right] = False
    return ring


def _join(found: list[Surface]) -> Surface:
    """Return one surface of the same surface under several lights."""
    dimmest, brightest = min(each.dimmest for each in found), max(each.brightest for each in found)
    return found[0].model_copy(update={"dimmest": dimmest, "brightest": brightest})


def written(library: Library) -> str:
    """Return the file for all sets of a library."""
    lines = []
    for name in library.names():
        found = measure(name, library=library).model_dump(mode="json", exclude_none=True)
        each = [f"      {json.dumps(surface)}" for surface in found["surfaces"]]
        lines.append(f'  "{name}": {{\n    "surfaces": [\n' + ",\n".join(each) + "\n    ]\n  }")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(path: Path = WRITTEN) -> int:
    """Write the file."""
    path.write_text(written(shipped()), encoding="utf-8")
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
