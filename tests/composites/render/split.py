"""Trace product and surroundings apart, as one lens sees them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mitsuba as mi
import numpy as np

from layers.sets.render.stage import sensor, shape
from layers.sets.render.tracing import denoised

if TYPE_CHECKING:
    from layers.sets.render.mesh import Floats
    from layers.sets.render.stage import Camera, Node, Stage

_PER_PASS = 16
_LAYERS = ("light", "albedo", "normal")


@dataclass(frozen=True, slots=True)
class Split:
    """What each pixel's rays brought home, by what they met first; the two add up to the picture.

    Linear radiance H×W×3, premultiplied by the share of the pixel; `cover` H×W is the product's.
    """

    product: Floats
    rest: Floats
    cover: Floats


@dataclass(frozen=True, slots=True)
class Exposing:
    """Pixels (width, height), rays per pixel and the longest path."""

    size: tuple[int, int]
    samples: int
    seed: int
    depth: int = 9


def split(stage: Stage, *, camera: Camera, exposing: Exposing) -> Split:
    """Trace a stage; each layer is denoised by its own albedo and normals."""
    mi.register_integrator("split", _Split)
    scene = _scene(stage, camera=camera, exposing=exposing)
    passes = max(1, round(exposing.samples / _PER_PASS))
    layers: Floats = np.zeros((), np.float32)
    for index in range(passes):
        traced = mi.render(scene, spp=_PER_PASS, seed=exposing.seed + index)
        # A path that grazes a polished bump may come to no number.
        layers = layers + np.nan_to_num(np.array(traced, np.float32), nan=0.0, posinf=0.0)
    # The integrator's own three channels come first.
    layers = np.ascontiguousarray(layers[..., 3:] / passes)
    whole, part = (_Layer.of(layers, at) for at in (0, 9))
    rest = _Layer(
        *(
            np.ascontiguousarray(a - b)
            for a, b in ((whole.light, part.light), (whole.albedo, part.albedo), (whole.normal, part.normal))
        )
    )
    return Split(part.clean(), rest.clean(), layers[..., 18])


@dataclass(frozen=True, slots=True)
class _Layer:
    light: Floats
    albedo: Floats
    normal: Floats

    @staticmethod
    def of(layers: Floats, at: int) -> _Layer:
        """Return the layer whose nine channels begin here."""
        return _Layer(*(np.ascontiguousarray(layers[..., at + n : at + n + 3]) for n in (0, 3, 6)))

    def clean(self) -> Floats:
        """Return the light without its noise."""
        return np.maximum(denoised(self.light, albedo=np.clip(self.albedo, 0, 1), normal=self.normal), 0)


def _scene(stage: Stage, *, camera: Camera, exposing: Exposing) -> Any:  # noqa: ANN401 - Mitsuba carries no types
    nodes: Node = {"type": "scene", "integrator": {"type": "split", "depth": exposing.depth}}
    nodes["sensor"] = sensor(camera, size=exposing.size, samples=_PER_PASS)
    for index, part in enumerate(stage.parts):
        name = f"{'product' if part.is_product else 'prop'}_{index:03}"
        nodes[name] = shape(part.mesh, name=name, material=part.material)
    nodes |= {f"light_{index:03}": light for index, light in enumerate(stage.lights)}
    return mi.load_dict(nodes, optimize=False)


class _Split(mi.SamplingIntegrator):  # type: ignore[misc]  # Mitsuba carries no types
    """Paths, and their light, albedo and normal once more where the product is met first."""

    def __init__(self, props: Any) -> None:  # noqa: ANN401 - Mitsuba carries no types
        super().__init__(props)
        self._paths = mi.load_dict({"type": "path", "max_depth": props.get("depth", 9), "rr_depth": 8})

    def aov_names(self) -> list[str]:
        """Name the channels: those of the whole, those of the product, and its share."""
        return [
            f"{of}.{layer}.{axis}" for of in ("whole", "product") for layer in _LAYERS for axis in "XYZ"
        ] + ["cover"]

    def sample(self, scene: Any, sampler: Any, ray: Any, medium: Any = None, active: Any = True) -> Any:  # noqa: ANN401, FBT002 - Mitsuba's signature
        hit = scene.ray_intersect(mi.Ray3f(ray), active)
        is_product = mi.Bool(False)  # noqa: FBT003 - a vector of truths, not a flag
        for candidate in scene.shapes():
            if candidate.id().startswith("product"):
                is_product |= hit.shape == mi.ShapePtr(candidate)
        is_product &= hit.is_valid()
        light, _, _ = self._paths.sample(scene, sampler, ray, medium, active)
        albedo = hit.bsdf().eval_diffuse_reflectance(hit, active & hit.is_valid())
        albedo = mi.Color3f(albedo) & hit.is_valid()
        normal = mi.Normal3f(hit.sh_frame.n) & hit.is_valid()
        channels = [mi.Float(each[axis]) for each in (light, albedo, normal) for axis in range(3)]
        share = mi.Float(0.0)
        share[is_product] = 1.0
        return light, mi.Bool(True), [*channels, *(each * share for each in channels), share]  # noqa: FBT003
