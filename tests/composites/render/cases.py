"""Which product stands in which set under which light."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from layers.sets.render.stage import coated, plastic
from layers.sets.render.textures import BEECH, board
from tests.photos.render import ware

if TYPE_CHECKING:
    from collections.abc import Callable

    from layers.sets.render.stage import Node
    from tests.photos.render.photograph import Photograph


@dataclass(frozen=True, slots=True)
class Case:
    """A product that takes `fill` of the frame, turned by degrees about its upright axis.

    `paper` is the sRGB colour of the backdrop that it is photographed before.
    """

    set: str
    product: str
    light: str
    ware: Callable[[], ware.Ware]
    fill: float
    paper: tuple[float, float, float]
    turn: float = 0.0

    @property
    def name(self) -> str:
        """Return what the case's files are called."""
        return f"{self.set}_{self.product}_{self.light}"


def _sample(name: str) -> ware.Ware:
    """Return the product of a sample photo, without what stands around it."""
    module = importlib.import_module(f"tests.photos.render.products.{name}")
    photo: Photograph = module.photograph()
    return tuple(ware.Piece(part.mesh, part.material) for part in photo.stage.parts if part.is_product)


def _beech() -> Node:
    return coated(board(BEECH, seed=13, length=0.9, width=0.5, texel=5e-4), specular=0.4)


def _dyed(*colour: float, roughness: float) -> ware.Finish:
    return partial(plastic, *colour, roughness=roughness)


_vase = partial(ware.vase, glaze=_dyed(0.16, 0.36, 0.33, roughness=0.16))
_carton = partial(
    ware.box, board=_dyed(0.62, 0.27, 0.20, roughness=0.6), ribbon=_dyed(0.90, 0.87, 0.80, roughness=0.4)
)
_stool = partial(ware.stool, wood=_beech)

CASES = (
    Case("oak_table", "mug", "soft_left", partial(_sample, "mug"), 0.52, (0.36, 0.52, 0.62)),
    Case("paper_sweep", "vase", "soft_right", _vase, 0.62, (0.86, 0.85, 0.83)),
    Case("concrete", "boot", "sun", partial(_sample, "boot"), 0.56, (0.93, 0.93, 0.92)),
    Case("marble_counter", "handbag", "soft_left", partial(_sample, "handbag"), 0.60, (0.84, 0.62, 0.50)),
    Case("plinth_arch", "carton", "soft_right", _carton, 0.50, (0.95, 0.95, 0.95), turn=28.0),
    Case("paper_sweep", "stool", "sun", _stool, 0.62, (0.45, 0.60, 0.42), turn=8.0),
)
