"""Photograph a set without its product, and with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from layers.sets.render.design import Scenery
from layers.sets.render.designs import DESIGNS
from layers.sets.render.finish import clay, plain
from layers.sets.render.forms import level
from layers.sets.render.lighting import emitters
from layers.sets.render.stage import Camera, Stage, two_sided
from layers.sets.render.tracing import expose

from .developing import BRIGHTEST
from .finish import real
from .placing import placed
from .split import Split, split

if TYPE_CHECKING:
    from layers.sets.render.design import Design, Key
    from layers.sets.render.mesh import Floats

    from .cases import Case
    from .split import Exposing

PALETTE = {"wall": "#b9b9b9", "floor": "#bcbcbc", "accent": "#8c8c8c"}
"""Neutral, and dark enough that nothing in a set is brighter than film can show."""

GREY = 0.18
_CARD = (0.12, 0.16)
"""Width and depth of the card, frame widths."""
_CARD_ABOVE = 5e-4
_CARD_SIDE = 48


@dataclass(frozen=True, slots=True)
class Photographed:
    """A set with a product and without; radiance is 1 times the albedo at the product's foot.

    `paper` is the linear colour of the backdrop that the photo shows instead of the set.
    """

    full: Split
    empty: Floats
    paper: Floats
    description: dict[str, Any]


def photograph(case: Case, *, exposing: Exposing) -> Photographed:
    """Take both pictures with one camera, one light and one exposure."""
    design = next(each for each in DESIGNS if each.name == case.set)
    key = next(each for each in design.keys if each.name == case.light)
    camera = design.view.camera()
    empty = split(_built(design, key), camera=camera, exposing=exposing)
    stage = _built(design, key)
    for piece in placed(case.ware(), view=design.view, fill=case.fill, turn=case.turn):
        stage.product(piece.mesh, material=piece.material)
    full = split(stage, camera=camera, exposing=exposing)
    gain = 1 / _card(design, key, seed=exposing.seed)
    return Photographed(
        full=Split(full.product * gain, full.rest * gain, full.cover),
        empty=empty.rest * gain,
        paper=np.asarray(case.paper, np.float32),
        description={
            "set": design.name,
            "version": design.version,
            "light": key.name,
            "product": case.product,
            "palette": {"name": "Neutral", **PALETTE},
            "brightest": BRIGHTEST,
        },
    )


def _built(design: Design, key: Key) -> Stage:
    """Return a set in its own materials under a key light, as it was baked in clay."""
    scenery, stage = Scenery(), Stage()
    design.build(scenery)
    for piece in scenery.pieces:
        stage.prop(piece.mesh, material=real(piece.finish, palette=PALETTE))
    for screen in scenery.screens:
        if key.name in screen.lights:
            stage.prop(screen.mesh, material=clay(plain(0.5, 0.5, 0.5)))
    stage.lights = [*emitters(key, view=design.view, aim=(0.0, 0.0, 0.0)), *scenery.lamps]
    return stage


def _card(design: Design, key: Key, *, seed: int) -> Floats:
    """Return the light (3,) that a grey card on the product's place gets: exposure and white balance."""
    frame = design.view.frame
    stage = _built(design, key)
    width, half = _CARD[0] * frame, _CARD[1] * frame / 2
    stage.prop(
        level(width, near=-half, far=half, z=_CARD_ABOVE),
        material=two_sided({"type": "diffuse", "reflectance": {"type": "rgb", "value": GREY}}),
    )
    # Seen from near enough that there is nothing but the card.
    above = Camera(
        eye=(0.0, -0.2 * frame, 0.3 * frame), target=(0.0, 0.0, 0.0), focus=(0.0, 0.0, 0.0), lens=150.0
    )
    seen = expose(stage, camera=above, size=(_CARD_SIDE,) * 2, samples=512, seed=seed, depth=9)
    # A path that grazes a polished bump may come to no number.
    return np.asarray(np.nanmean(seen.radiance, axis=(0, 1)) / GREY, np.float32)
