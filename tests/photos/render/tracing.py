"""From a stage to light on a film, and to the coverage of the product on that film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mitsuba as mi
import numpy as np

from .stage import Node, sensor, shape

if TYPE_CHECKING:
    from .mesh import Floats
    from .stage import Camera, Stage

SAMPLES_PER_PASS = 8
"""A pass keeps all its paths in memory: 8 at 2 megapixels peak at 2.4 GB."""


def trace(
    stage: Stage, *, camera: Camera, size: tuple[int, int], samples: int, seed: int, depth: int = 12
) -> Floats:
    """Return linear radiance H×W×3, denoised by albedo and normals (Intel Open Image Denoise)."""
    import pyoidn

    integrator = {
        "type": "aov",
        "aovs": "albedo:albedo,normal:sh_normal",
        "light": {"type": "path", "max_depth": depth, "rr_depth": 8},
    }
    scene = _scene(stage, camera=camera, size=size, integrator=integrator)
    layers = _accumulate(scene, samples=samples, seed=seed)
    colour, albedo, normal = (np.ascontiguousarray(layers[..., i : i + 3]) for i in (0, 3, 6))
    return np.asarray(
        pyoidn.denoise(colour, albedo=np.clip(albedo, 0, 1), normal=normal, hdr=True), np.float32
    )


def cover(stage: Stage, *, camera: Camera, size: tuple[int, int], samples: int, seed: int) -> Floats:
    """Return the share H×W of each pixel that the product covers, through the same lens."""
    mi.register_integrator("coverage", _Coverage)
    scene = _scene(stage, camera=camera, size=size, integrator={"type": "coverage"})
    return _accumulate(scene, samples=samples, seed=seed)[..., 0]


def _scene(stage: Stage, *, camera: Camera, size: tuple[int, int], integrator: Node) -> Any:  # noqa: ANN401 - untyped
    nodes: Node = {"type": "scene", "integrator": integrator}
    nodes["sensor"] = sensor(camera, size=size, samples=SAMPLES_PER_PASS)
    for index, part in enumerate(stage.parts):
        name = f"{'product' if part.is_product else 'prop'}_{index:03}"
        nodes[name] = shape(part.mesh, name=name, material=part.material)
    nodes |= {f"light_{index:03}": light for index, light in enumerate(stage.lights)}
    # Merged shapes would lose the names by which the matte knows the product.
    return mi.load_dict(nodes, optimize=False)


def _accumulate(scene: Any, *, samples: int, seed: int) -> Floats:  # noqa: ANN401 - untyped
    passes = max(1, round(samples / SAMPLES_PER_PASS))
    layers = (
        np.array(mi.render(scene, spp=SAMPLES_PER_PASS, seed=seed + index), np.float32)
        for index in range(passes)
    )
    return np.asarray(sum(layers) / passes, np.float32)


class _Coverage(mi.SamplingIntegrator):  # type: ignore[misc]  # Mitsuba carries no types
    """White where the first thing that a ray meets is the product."""

    def sample(self, scene: Any, sampler: Any, ray: Any, medium: Any = None, active: Any = True) -> Any:  # noqa: ANN401, ARG002, FBT002 - Mitsuba's signature
        hit = scene.ray_intersect(ray, active)
        is_product = mi.Bool(False)  # noqa: FBT003 - a vector of truths, not a flag
        for candidate in scene.shapes():
            if candidate.id().startswith("product"):
                is_product |= hit.shape == mi.ShapePtr(candidate)
        share = mi.Float(0.0)
        share[active & hit.is_valid() & is_product] = 1.0
        return mi.Color3f(share), mi.Bool(True), []  # noqa: FBT003
