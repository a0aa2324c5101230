"""From a design to its raw bake: light and surfaces apart, as the encoder takes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import finish
from .design import Scenery
from .lighting import box, emitters
from .stage import Stage
from .tracing import calmed, expose, reflectance, reflection, smoothed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .design import Design, Key
    from .finish import Finish
    from .mesh import Floats
    from .stage import Node, Point

DEPTH = 7
SMALLER = 16
"""The share of bounced light is traced at a sixteenth of the size."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Edge of the square frame in pixels, rays per pixel for light and for surfaces, and the seed."""

    edge: int
    samples: int
    surface_samples: int
    seed: int

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height."""
        return self.edge, self.edge

    def small(self) -> Quality:
        """Return what the share of bounced light is traced with."""
        return Quality(max(100, self.edge // SMALLER), 32, self.surface_samples, self.seed)


@dataclass(frozen=True, slots=True)
class Light:
    """Irradiance H×W, 1.0 at the foot; the share that the set itself threw back (small); the key's share."""

    irradiance: Floats
    bounce: Floats
    key_share: float


def bake_surfaces(design: Design, *, quality: Quality, folder: Path) -> None:
    """Write surfaces.npz: `fixed` H×W×3 and `coverage_<slot>` H×W of the slots that are there."""
    scenery = _built(design)
    matter = _seen(design, scenery, finish.matter, quality=quality)
    paint = 2 * _seen(design, scenery, finish.paint, quality=quality)
    layers = {"fixed": np.maximum(matter, 0).astype(np.float16)}
    used = np.stack([piece.finish.paint.max(axis=(0, 1)) for piece in scenery.pieces]).max(axis=0)
    for index, slot in enumerate(finish.SLOTS):
        if used[index] > 0:
            layers[f"coverage_{slot}"] = np.maximum(paint[..., index], 0).astype(np.float16)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "surfaces.npz", allow_pickle=False, **layers)
    describe(design, folder=folder)


def bake_light(design: Design, key: Key, *, quality: Quality, folder: Path) -> None:
    """Write <light>.npz: `E` H×W and `bounce`, and enter the light into set.json."""
    light = _lit(design, key, quality=quality)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(
        folder / f"{key.name}.npz",
        E=light.irradiance.astype(np.float32),
        bounce=light.bounce.astype(np.float16),
    )
    describe(design, folder=folder, lit={key.name: light.key_share})


def _built(design: Design) -> Scenery:
    scenery = Scenery()
    design.build(scenery)
    return scenery


def _staged(scenery: Scenery, material: Callable[[Finish], Node]) -> Stage:
    stage = Stage()
    for piece in scenery.pieces:
        stage.prop(piece.mesh, material=material(piece.finish))
    return stage


def _seen(
    design: Design, scenery: Scenery, material: Callable[[Finish], Node], *, quality: Quality
) -> Floats:
    """Return what of matter or paint the lens sees, directly and mirrored in what is polished."""
    camera = design.view.camera()
    seen = smoothed(
        reflectance(
            _staged(scenery, material),
            camera=camera,
            size=quality.size,
            samples=quality.surface_samples,
            seed=quality.seed,
        )
    )
    if not any(piece.finish.mirror for piece in scenery.pieces):
        return seen
    glossy = _staged(scenery, lambda each: finish.polish(each) if each.mirror else material(each))
    mirrored = reflection(
        glossy, camera=camera, size=quality.size, samples=quality.surface_samples, seed=quality.seed
    )
    return seen + smoothed(mirrored)


def _lit(design: Design, key: Key, *, quality: Quality) -> Light:
    scenery = _built(design)
    stage = _staged(scenery, finish.clay)
    for screen in scenery.screens:
        if key.name in screen.lights:
            stage.prop(screen.mesh, material=finish.clay(finish.plain(0.5, 0.5, 0.5)))
    aim = _aim(design)
    stage.lights = [*emitters(key, view=design.view, aim=aim), *scenery.lamps]
    full = _irradiance(stage, design, quality=quality, depth=DEPTH)
    foot = _at_foot(full, design)
    small = quality.small()
    whole = _irradiance(stage, design, quality=small, depth=DEPTH)
    direct = _irradiance(stage, design, quality=small, depth=2)
    stage.lights = [box(key, view=design.view, aim=aim)]
    keyed = _irradiance(stage, design, quality=small, depth=2)
    return Light(
        irradiance=full / foot,
        bounce=np.clip(1 - direct / np.maximum(whole, 1e-6), 0, 1),
        key_share=float(np.clip(_at_foot(keyed, design) / _at_foot(whole, design), 0, 1)),
    )


def _irradiance(stage: Stage, design: Design, *, quality: Quality, depth: int) -> Floats:
    exposure = expose(
        stage,
        camera=design.view.camera(),
        size=quality.size,
        samples=quality.samples,
        seed=quality.seed,
        depth=depth,
    )
    clean = calmed(exposure.radiance.mean(axis=-1) / finish.CLAY, normal=exposure.normal)
    return _averaged(np.maximum(clean, 0), width=design.seamless)


def _averaged(irradiance: Floats, *, width: float) -> Floats:
    """Return light without the last per mille of unevenness that a denoiser leaves."""
    from scipy.ndimage import gaussian_filter

    return (
        np.asarray(gaussian_filter(irradiance, width * len(irradiance)), np.float32) if width else irradiance
    )


def _aim(design: Design) -> Point:
    """Return where lights point: the foot of a product, or the middle of an upright ground."""
    view = design.view
    return (0.0, 0.0, (view.floor - 0.5) * view.frame if design.has_upright_ground else 0.0)


def _at_foot(irradiance: Floats, design: Design) -> float:
    edge = len(irradiance)
    row = edge / 2 if design.has_upright_ground else design.view.floor * edge
    reach = 0.03 * edge
    rows = slice(round(row - reach / 2), round(row + reach / 2) + 1)
    columns = slice(round(edge / 2 - 2 * reach), round(edge / 2 + 2 * reach) + 1)
    return float(np.median(irradiance[rows, columns]))


def describe(design: Design, *, folder: Path, lit: dict[str, float] | None = None) -> None:
    """Write set.json anew, keeping the key's shares of lights that it already tells of, and adding `lit`."""
    path = folder / "set.json"
    told: dict[str, Any] = json.loads(path.read_text())["lights"] if path.exists() else {}
    shares = {name: light["key_share"] for name, light in told.items()} | (lit or {})
    view, ground = design.view, design.ground
    with np.load(folder / "surfaces.npz") as surfaces:
        slots = [slot for slot in finish.SLOTS if f"coverage_{slot}" in surfaces]
    path.write_text(
        json.dumps(
            {
                "name": design.name,
                "version": design.version,
                "title": design.title,
                "anchors": list(design.anchors),
                "slots": slots,
                "grounds": list(design.grounds),
                "camera": {"distance": round(view.distance, 4), "height": view.height, "lens_mm": view.lens},
                "floor": view.floor,
                "ground": {
                    "near": ground.near,
                    "far": ground.far,
                    "left": ground.left,
                    "right": ground.right,
                    "edge_fades": ground.edge_fades,
                },
                "wall": design.wall,
                "gloss": design.gloss,
                "lights": {
                    key.name: _told(key, share=shares[key.name]) for key in design.keys if key.name in shares
                },
            },
            indent=2,
        )
        + "\n"
    )


def _told(key: Key, *, share: float) -> dict[str, float]:
    return {
        "azimuth": key.azimuth,
        "elevation": key.elevation,
        "softness": round(key.softness, 3),
        "key_share": round(share, 3),
    }
