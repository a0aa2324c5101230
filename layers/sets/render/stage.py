"""What stands before the camera: parts with their materials, lights, and the camera itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import mitsuba as mi
import numpy as np

if TYPE_CHECKING:
    from .mesh import Floats, Mesh
    from .textures import Surface

Node: TypeAlias = dict[str, Any]
"""A plugin and its parameters, as Mitsuba's load_dict takes it."""

Point: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """A mesh of one material; the matte covers the parts that belong to the product."""

    mesh: Mesh
    material: Node
    is_product: bool


@dataclass(frozen=True, slots=True)
class Camera:
    """A thin lens at `eye`: `lens` is millimetres on 36 mm wide film, `aperture` its radius in metres."""

    eye: Point
    target: Point
    focus: Point
    lens: float = 50.0
    aperture: float = 0.002
    roll: float = 0.0
    """Degrees by which whoever held the camera was off the level."""
    horizon: float | None = None
    """Row, a share of the height, on which a shifted lens puts what is level with the eye; None: middle."""


@dataclass(slots=True)
class Stage:
    """A scene under construction."""

    parts: list[Part] = field(default_factory=list)
    lights: list[Node] = field(default_factory=list)

    def product(self, mesh: Mesh, *, material: Node) -> None:
        """Add a piece of the product."""
        self.parts.append(Part(mesh, material, is_product=True))

    def prop(self, mesh: Mesh, *, material: Node) -> None:
        """Add a piece of the surroundings."""
        self.parts.append(Part(mesh, material, is_product=False))

    def light(self, node: Node) -> None:
        """Add an emitter."""
        self.lights.append(node)


def srgb(*colour: float) -> Node:
    """Return a colour given in sRGB [0, 1]."""
    c = np.array(colour)
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return {"type": "rgb", "value": [float(v) for v in linear]}


def image(pixels: Floats, *, extent: tuple[float, float], is_raw: bool = False) -> Node:
    """Return a texture of H×W[×3] that repeats every `extent` (down, across) metres of uv."""
    values = np.clip(pixels, 0, 1) if not is_raw else pixels
    bitmap = (
        mi.Bitmap(values.astype(np.float32)) if is_raw else mi.Bitmap((values * 255 + 0.5).astype(np.uint8))
    )
    scale = mi.ScalarTransform4f().scale([1 / extent[1], 1 / extent[0], 1])
    return {"type": "bitmap", "bitmap": bitmap, "raw": is_raw, "to_uv": scale}


def coated(surface: Surface, *, specular: float = 0.5, clearcoat: float = 0.0, bump: float = 1.0) -> Node:
    """Return an opaque material of a baked surface; `bump` exaggerates its relief."""
    body = {
        "type": "principled",
        "base_color": image(surface.colour, extent=surface.extent),
        "roughness": image(surface.roughness, extent=surface.extent, is_raw=True),
        "specular": specular,
        "clearcoat": clearcoat,
        "clearcoat_gloss": 0.85,
    }
    return two_sided(bumpy(body, surface.height * np.float32(bump), extent=surface.extent))


def bumpy(material: Node, height: Floats, *, extent: tuple[float, float]) -> Node:
    """Return a material with relief H×W in metres."""
    return {
        "type": "bumpmap",
        "relief": image(height, extent=extent, is_raw=True),
        "scale": 1.0,
        "bsdf": material,
    }


def two_sided(material: Node) -> Node:
    """Return an opaque material that looks the same from behind."""
    return {"type": "twosided", "bsdf": material}


def plastic(*colour: float, roughness: float = 0.25, specular: float = 0.5) -> Node:
    """Return a dyed material with a dielectric sheen; colour in sRGB."""
    return two_sided(
        {"type": "principled", "base_color": srgb(*colour), "roughness": roughness, "specular": specular}
    )


def metal(*colour: float, roughness: float = 0.15) -> Node:
    """Return a metal; colour in sRGB is its reflection head-on."""
    return two_sided(
        {
            "type": "principled",
            "base_color": srgb(*colour),
            "metallic": 1.0,
            "roughness": roughness,
            "specular": 0.5,
        }
    )


def interface(*, inside: float, outside: float, tint: Point = (1.0, 1.0, 1.0)) -> Node:
    """Return a smooth boundary between two clear media; `tint` is linear, per crossing."""
    return {
        "type": "dielectric",
        "int_ior": inside,
        "ext_ior": outside,
        "specular_transmittance": {"type": "rgb", "value": list(tint)},
    }


def softbox(
    *,
    centre: Point,
    towards: Point,
    width: float,
    height: float,
    colour: Point,
    falloff: float = 0.35,
    bars: int = 0,
) -> Node:
    """Return a rectangular light, brightest in its middle; `bars` × `bars` panes make it a window."""
    y, x = np.mgrid[-1:1:128j, -1:1:128j]
    face = 1 - falloff * np.clip(x**2 + y**2, 0, 1.6) / 1.6
    if bars:
        face = face * _panes(bars)
    radiance = (face[..., None] * np.array(colour)).astype(np.float32)
    transform = mi.ScalarTransform4f().look_at(
        origin=list(centre), target=list(towards), up=_steady_up(centre, towards)
    )
    return {
        "type": "rectangle",
        "to_world": transform @ mi.ScalarTransform4f().scale([width / 2, height / 2, 1]),
        "bsdf": {"type": "diffuse", "reflectance": {"type": "rgb", "value": 0.2}},
        "emitter": {
            "type": "area",
            "radiance": {"type": "bitmap", "bitmap": mi.Bitmap(radiance), "raw": True, "wrap_mode": "clamp"},
        },
    }


def surroundings(radiance: Floats) -> Node:
    """Return light from all around: linear H×W×3 by latitude and longitude, z up, its middle towards +y."""
    return {
        "type": "envmap",
        "bitmap": mi.Bitmap(radiance.astype(np.float32)),
        "to_world": mi.ScalarTransform4f().rotate([0, 0, 1], 180).rotate([1, 0, 0], 90),
    }


def sensor(camera: Camera, *, size: tuple[int, int], samples: int) -> Node:
    """Return Mitsuba's camera for a picture of `size` (width, height)."""
    view = np.array(camera.target) - np.array(camera.eye)
    view = view / np.linalg.norm(view)
    depth = float(np.dot(np.array(camera.focus) - np.array(camera.eye), view))
    transform = mi.ScalarTransform4f().look_at(
        origin=list(camera.eye), target=list(camera.target), up=[0, 0, 1]
    )
    return {
        "type": "thinlens",
        "fov": float(2 * np.degrees(np.arctan(18.0 / camera.lens))),
        "fov_axis": "larger" if camera.horizon is None else "x",
        "aperture_radius": camera.aperture,
        "focus_distance": depth,
        "near_clip": 0.01,
        "to_world": transform @ mi.ScalarTransform4f().rotate([0, 0, 1], camera.roll),
        "film": {
            "type": "hdrfilm",
            **_film_area(size, horizon=camera.horizon),
            "rfilter": {"type": "box"},
            "pixel_format": "rgb",
            "component_format": "float32",
        },
        "sampler": {"type": "independent", "sample_count": samples},
    }


def shape(mesh: Mesh, *, name: str, material: Node) -> Any:  # noqa: ANN401 - Mitsuba carries no types
    """Return a mesh as Mitsuba's own."""
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict(material)
    loaded = mi.Mesh(
        name,
        vertex_count=len(mesh.vertices),
        face_count=len(mesh.faces),
        has_vertex_normals=True,
        has_vertex_texcoords=True,
        props=properties,
    )
    parameters = mi.traverse(loaded)
    parameters["vertex_positions"] = np.ascontiguousarray(mesh.vertices, np.float32).ravel()
    parameters["vertex_normals"] = np.ascontiguousarray(mesh.normals, np.float32).ravel()
    parameters["vertex_texcoords"] = np.ascontiguousarray(mesh.uv, np.float32).ravel()
    parameters["faces"] = np.ascontiguousarray(mesh.faces, np.uint32).ravel()
    parameters.update()
    return loaded


def _film_area(size: tuple[int, int], *, horizon: float | None) -> Node:
    """Return the part of a taller film on which the picture falls, which is what shifting a lens means."""
    width, height = size
    if horizon is None:
        return {"width": width, "height": height}
    above = round(horizon * height)
    half = max(above, height - above)
    return {
        "width": width,
        "height": 2 * half,
        "crop_width": width,
        "crop_height": height,
        "crop_offset_x": 0,
        "crop_offset_y": half - above,
    }


def _panes(bars: int) -> Floats:
    across = np.abs((np.linspace(0, bars, 128) % 1) - 0.5) < 0.47
    return np.outer(across, across).astype(np.float32) * 0.97 + 0.03


def _steady_up(centre: Point, towards: Point) -> list[float]:
    vertical = abs(centre[0] - towards[0]) + abs(centre[1] - towards[1]) < 1e-6
    return [0, 1, 0] if vertical else [0, 0, 1]
