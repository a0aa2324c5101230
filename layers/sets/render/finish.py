"""What surfaces are made of, apart from light: paint that a palette colours, and matter that it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .stage import bumpy, image, srgb, two_sided

if TYPE_CHECKING:
    from .mesh import Floats
    from .stage import Node
    from .surfaces import Inlay
    from .textures import Surface

SLOTS = ("wall", "floor", "accent")
CLAY = 0.55
"""Every surface's albedo while light is traced, so that light between surfaces stays neutral."""
_BLACK: Floats = np.zeros((1, 1, 3), np.float32)


@dataclass(frozen=True, slots=True)
class Finish:
    """Matter H×W×3 (linear albedo) and paint H×W×3: a share for each of SLOTS, 1.0 = plain."""

    matter: Floats
    paint: Floats
    extent: tuple[float, float] = (1.0, 1.0)
    """Metres that the textures cover, down and across."""
    relief: Floats | None = None
    """Heights H×W in metres."""
    shine: float = 0.0
    """Roughness of a glaze that shows the lights; 0: none."""
    mirror: float = 0.0
    """Roughness of a polish that shows the painted surroundings; 0: none."""

    def polished(self, roughness: float) -> Finish:
        """Return it as a ground in which the surroundings are reflected."""
        return replace(self, mirror=roughness)

    def glazed(self, roughness: float) -> Finish:
        """Return it with highlights of the lights."""
        return replace(self, shine=roughness)


def painted(slot: str, surface: Surface | None = None) -> Finish:
    """Return a palette's paint; a surface's grey, divided by its mean, is the paint's own unevenness."""
    if surface is None:
        return Finish(_BLACK, _share(np.ones((1, 1)), slot=slot))
    grey = _linear(surface.colour).mean(axis=-1)
    share = _share(grey / grey.mean(), slot=slot)
    return Finish(_BLACK, share, extent=surface.extent, relief=surface.height)


def graded(low: str, high: str, *, share: Floats, extent: tuple[float, float]) -> Finish:
    """Return paint that turns from one slot's to another's, as a share H×W of the latter says."""
    return Finish(_BLACK, _share(1 - share, slot=low) + _share(share, slot=high), extent=extent)


def bare(surface: Surface) -> Finish:
    """Return matter that keeps its own colours."""
    return Finish(_linear(surface.colour), _BLACK, extent=surface.extent, relief=surface.height)


def plain(*colour: float) -> Finish:
    """Return matter of one colour, in sRGB [0, 1]."""
    return Finish(np.array(srgb(*colour)["value"]).reshape(1, 1, 3), _BLACK)


def inlaid(slot: str, *, inlay: Inlay) -> Finish:
    """Return matter that shows where paint leaves it free."""
    matter = _linear(inlay.surface.colour) * (1 - inlay.binder)[..., None]
    share = _share(inlay.binder * inlay.tone, slot=slot)
    return Finish(matter, share, extent=inlay.surface.extent, relief=inlay.surface.height)


def clay(finish: Finish) -> Node:
    """Return the material that light is traced with."""
    body: Node = {"type": "diffuse", "reflectance": {"type": "rgb", "value": CLAY}}
    if finish.shine:
        body = {
            "type": "principled",
            "base_color": {"type": "rgb", "value": CLAY},
            "roughness": finish.shine,
            "specular": 0.5,
        }
    if finish.relief is not None:
        body = bumpy(body, finish.relief, extent=finish.extent)
    return two_sided(body)


def matter(finish: Finish) -> Node:
    """Return a material whose albedo is what no palette changes."""
    return _flat(finish.matter, extent=finish.extent)


def paint(finish: Finish) -> Node:
    """Return a material whose albedo says half the share of each slot, in the order of SLOTS."""
    return _flat(finish.paint * 0.5, extent=finish.extent)


def polish(finish: Finish) -> Node:
    """Return the gloss of a polished surface and nothing else of it."""
    body: Node = {
        "type": "principled",
        "base_color": {"type": "rgb", "value": 0.0},
        "roughness": finish.mirror,
        "specular": 0.5,
    }
    if finish.relief is not None:
        body = bumpy(body, finish.relief, extent=finish.extent)
    return two_sided(body)


def _flat(values: Floats, *, extent: tuple[float, float]) -> Node:
    if values.shape[:2] == (1, 1):
        albedo: Node = {"type": "rgb", "value": [float(v) for v in values[0, 0]]}
    else:
        albedo = image(values, extent=extent, is_raw=True)
    return two_sided({"type": "diffuse", "reflectance": albedo})


def _share(share: Floats, *, slot: str) -> Floats:
    return np.asarray(share[..., None] * np.array([each == slot for each in SLOTS], np.float32), np.float32)


def _linear(colour: Floats) -> Floats:
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4).astype(np.float32)
