"""A set's materials as they really are: painted with a palette, glazed and polished."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layers.sets.render.finish import SLOTS
from layers.sets.render.stage import bumpy, image, srgb, two_sided

if TYPE_CHECKING:
    from layers.sets.render.finish import Finish
    from layers.sets.render.mesh import Floats
    from layers.sets.render.stage import Node

Palette = dict[str, str]
"""sRGB by slot, as `#rrggbb`."""


def real(finish: Finish, *, palette: Palette) -> Node:
    """Return the material of a surface under a palette."""
    paints = np.stack([linear(palette[slot]) for slot in SLOTS])
    albedo = np.clip(finish.matter + np.tensordot(finish.paint, paints, axes=1), 0, 0.95).astype(np.float32)
    colour: Node = (
        {"type": "rgb", "value": [float(v) for v in albedo[0, 0]]}
        if albedo.shape[:2] == (1, 1)
        else image(albedo, extent=finish.extent, is_raw=True)
    )
    gloss = finish.shine or finish.mirror
    body: Node = {"type": "diffuse", "reflectance": colour}
    if gloss:
        body = {"type": "principled", "base_color": colour, "roughness": gloss, "specular": 0.5}
    if finish.relief is not None:
        body = bumpy(body, finish.relief, extent=finish.extent)
    return two_sided(body)


def linear(colour: str) -> Floats:
    """Return a colour given as `#rrggbb` in linear light, (3,)."""
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return np.array(srgb(*shares)["value"], np.float32)
