"""From a stage to light on a film, and to the coverage of the product on that film."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mitsuba as mi
import numpy as np

from .stage import Node, sensor, shape

if TYPE_CHECKING:
    from .mesh import Floats
    from .stage import Camera, Stage

SAMPLES_PER_PASS = 8
"""A pass keeps all its paths in memory: 8 at 2 megapixels peak at 2.4 GB."""
MARGIN = 16


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one set of rays brings home, all of it H×W×3: radiance, albedo and normals."""

    radiance: Floats
    albedo: Floats
    normal: Floats


def trace(
    stage: Stage, *, camera: Camera, size: tuple[int, int], samples: int, seed: int, depth: int = 12
) -> Floats:
    """Return linear radiance H×W×3, denoised by albedo and normals (Intel Open Image Denoise)."""
    exposure = expose(stage, camera=camera, size=size, samples=samples, seed=seed, depth=depth)
    return denoised(exposure.radiance, albedo=np.clip(exposure.albedo, 0, 1), normal=exposure.normal)


def expose(
    stage: Stage, *, camera: Camera, size: tuple[int, int], samples: int, seed: int, depth: int
) -> Exposure:
    """Return linear radiance as it comes, noise and all; a `depth` of 2 is direct light alone."""
    integrator = {
        "type": "aov",
        "aovs": "albedo:albedo,normal:sh_normal",
        "light": {"type": "path", "max_depth": depth, "rr_depth": 8},
    }
    scene = _scene(stage, camera=camera, size=size, integrator=integrator)
    layers = _accumulate(scene, samples=samples, seed=seed)
    return Exposure(*(np.ascontiguousarray(layers[..., i : i + 3]) for i in (0, 3, 6)))


def reflectance(stage: Stage, *, camera: Camera, size: tuple[int, int], samples: int, seed: int) -> Floats:
    """Return the albedo H×W×3 that the lens sees; only `diffuse` materials have one."""
    scene = _scene(stage, camera=camera, size=size, integrator={"type": "aov", "aovs": "albedo:albedo"})
    return _accumulate(scene, samples=samples, seed=seed)[..., -3:]


def reflection(stage: Stage, *, camera: Camera, size: tuple[int, int], samples: int, seed: int) -> Floats:
    """Return the albedo H×W×3 that is seen in glossy materials, times how much they reflect."""
    mi.register_integrator("reflection", _Reflection)
    scene = _scene(stage, camera=camera, size=size, integrator={"type": "reflection"})
    return _accumulate(scene, samples=samples, seed=seed)


def denoised(picture: Floats, *, albedo: Floats | None = None, normal: Floats | None = None) -> Floats:
    """Return linear radiance H×W×3 without its noise (Intel Open Image Denoise)."""
    import pyoidn

    given = {"albedo": albedo, "normal": normal}
    guides = {name: _framed(guide) for name, guide in given.items() if guide is not None}
    return _unframed(pyoidn.denoise(_framed(picture), **guides, hdr=True))


def smoothed(shares: Floats) -> Floats:
    """Return shares H×W×3 in [0, 1] without the noise that a wide lens leaves in them."""
    import pyoidn

    return _unframed(pyoidn.denoise(_framed(shares), hdr=False))


def calmed(irradiance: Floats, *, normal: Floats) -> Floats:
    """Return irradiance H×W on grey clay without its noise, guided by normals that are smoothed first.

    Normals as noisy as a wide lens leaves them would dot the outlines of what is out of focus.
    """
    import pyoidn

    clean = smoothed(0.5 * normal + 0.5) * 2 - 1
    grey = np.repeat(irradiance[..., None], 3, axis=-1)
    light = pyoidn.denoise(
        _framed(grey),
        albedo=_framed(np.full_like(grey, 0.5)),
        normal=_framed(clean),
        hdr=True,
        clean_aux=True,
    )
    return np.asarray(_unframed(light).mean(axis=-1), np.float32)


def _framed(picture: Floats) -> Floats:
    """Mirror a picture past its borders, where the network otherwise loses a tenth of the light."""
    return np.ascontiguousarray(
        np.pad(picture, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="reflect"), np.float32
    )


def _unframed(picture: Floats) -> Floats:
    return np.asarray(picture, np.float32)[MARGIN:-MARGIN, MARGIN:-MARGIN]


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


class _Reflection(mi.SamplingIntegrator):  # type: ignore[misc]  # Mitsuba carries no types
    """The albedo of what a glossy surface mirrors; black where the first surface is not glossy."""

    def sample(self, scene: Any, sampler: Any, ray: Any, medium: Any = None, active: Any = True) -> Any:  # noqa: ANN401, ARG002, FBT002 - Mitsuba's signature
        hit = scene.ray_intersect(ray, active)
        gloss = hit.bsdf(ray)
        active &= hit.is_valid() & mi.has_flag(gloss.flags(), mi.BSDFFlags.GlossyReflection)
        bounce, weight = gloss.sample(
            mi.BSDFContext(), hit, sampler.next_1d(active), sampler.next_2d(active), active
        )
        seen = scene.ray_intersect(hit.spawn_ray(hit.to_world(bounce.wo)), active)
        active &= seen.is_valid()
        albedo = seen.bsdf().eval_diffuse_reflectance(seen, active)
        return (weight * albedo) & active, mi.Bool(True), []  # noqa: FBT003
