"""A stoneware mug on an oak table, a living room out of focus behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from layers.sets.render.interior import books, bright_room, curtain, framed_print, lampshade, plant, wall
from layers.sets.render.mesh import Floats, Mesh, isosurface, join, rounded_box, smooth_path, wrap_around
from layers.sets.render.noise import cells, smoothstep, solid, spectral
from layers.sets.render.stage import Camera, Stage, coated, plastic, softbox, surroundings
from layers.sets.render.textures import OAK, WALNUT, Surface, boards, mixed, weave
from tests.photos.render.film import Development
from tests.photos.render.photograph import Listing, Photograph

HEIGHT = 0.094
RADIUS = 0.041
TABLE = -0.0005
FLOOR = -0.74


def photograph() -> Photograph:
    """Return the mug as seen from across the table, window light from the left."""
    stage = Stage()
    thrown = isosurface(_distance, low=(-0.048, -0.048, -0.003), high=(0.084, 0.048, 0.100), step=7e-4)
    stage.product(_glazed(thrown).turned(-16), material=coated(_stoneware(), specular=0.5))
    _set_table(stage)
    _furnish(stage)
    _let_in_light(stage)
    return Photograph(
        stage=stage,
        camera=Camera(
            eye=(0.045, -0.63, 0.158),
            target=(0.012, 0.0, 0.053),
            focus=(0.0, -0.034, 0.05),
            lens=112,
            aperture=0.0050,
            roll=0.5,
        ),
        size=(1600, 1600),
        development=Development(
            exposure=0.15, white_balance=(1.02, 1.0, 0.955), contrast=1.2, noise=0.006, seed=3
        ),
        listing=Listing("other", "Ostvey", "Stoneware mug, speckled oat, 350 ml", 24.0),
        samples=40,
    )


def _glazed(mug: Mesh) -> Mesh:
    """Unroll the body as a cylinder and the handle along its curve, lest the specks be drawn out on it."""
    is_handle = (_handle_distance(mug.vertices).distance < 0.0012) & (np.hypot(*mug.vertices.T[:2]) > RADIUS)
    faces = is_handle[mug.faces].sum(axis=1) > 1
    body, handle = (replace(mug, faces=mug.faces[chosen]) for chosen in (~faces, faces))
    along = _handle_distance(mug.vertices).along
    back_and_forth = 0.036 + np.abs(np.mod(along + 0.045, 0.09) - 0.045)
    return join(
        wrap_around(body, radius=RADIUS, seam=88),
        handle.with_uv(np.stack([mug.vertices[:, 1], back_and_forth], 1)),
    )


def _distance(points: Floats) -> Floats:
    """Signed distance to the thrown body and its pulled handle, wobbling as hands do."""
    r, z = np.hypot(points[:, 0], points[:, 1]), points[:, 2]
    wobble = 2.5e-4 * solid(points, seed=1, feature=0.03, octaves=1)
    rings = 1.1e-4 * np.sin(2 * np.pi * z / 0.0072 + 1.4 * np.arctan2(points[:, 1], points[:, 0]))
    belly = RADIUS - 0.0035 * np.clip((0.022 - z) / 0.022, 0, 1) ** 2 + 0.0006 * np.sin(np.pi * z / HEIGHT)
    outer = _rounded_slab(r, z - HEIGHT / 2, half=(belly, HEIGHT / 2), radius=0.0045) + wobble + rings
    cavity = (
        _rounded_slab(r, z - HEIGHT, half=(belly - 0.0042, HEIGHT - 0.0075), radius=0.010)
        - wobble
        - 0.5 * rings
    )
    solid_body = _soft_min(outer, _handle_distance(points).distance, reach=0.007)
    return np.asarray(-_soft_min(-solid_body, cavity, reach=0.0036), np.float32)


@dataclass(frozen=True, slots=True)
class _Handle:
    """Signed distance to the handle, and how far along its curve the nearest point lies; metres, N each."""

    distance: Floats
    along: Floats


def _handle_distance(points: Floats) -> _Handle:
    from scipy.spatial import cKDTree

    knots = [(34, 0, 79), (50, 0, 81.5), (65.5, 0, 74), (69, 0, 57), (60, 0, 37), (36, 0, 25.5)]
    curve = smooth_path(knots, step=0.15) / 1000
    # Pulled handles are flatter than wide.
    flat = np.array([1, 0.56, 1], np.float32)
    distance, along = np.full(len(points), 0.03, np.float32), np.zeros(len(points), np.float32)
    near = (points[:, 0] > 0.02) & (np.abs(points[:, 1]) < 0.03)
    if near.any():
        reach, index = cKDTree(curve).query(points[near] * flat, workers=-1)
        share = index / len(curve)
        distance[near] = reach - (0.0045 + 0.0016 * np.abs(2 * share - 0.9) ** 2)
        along[near] = index * 1.5e-4
    return _Handle(distance, along)


def _rounded_slab(r: Floats, z: Floats, *, half: tuple[Floats, float], radius: float) -> Floats:
    dr, dz = np.abs(r) - half[0] + radius, np.abs(z) - half[1] + radius
    return np.asarray(
        np.hypot(np.maximum(dr, 0), np.maximum(dz, 0)) + np.minimum(np.maximum(dr, dz), 0) - radius
    )


def _soft_min(a: Floats, b: Floats, *, reach: float) -> Floats:
    """Return the union of two fields, blended where both are within `reach`."""
    blend = np.maximum(reach - np.abs(a - b), 0) / reach
    return np.asarray(np.minimum(a, b) - blend**3 * reach / 6, np.float32)


def _stoneware() -> Surface:
    """Oat glaze with iron specks over bare clay; row 0 is the foot, since uv runs upwards."""
    extent = (HEIGHT + 0.012, 2 * np.pi * RADIUS)
    shape = (1700, 4096)
    texel = extent[0] / shape[0]
    z = np.arange(shape[0], dtype=np.float32)[:, None] * texel
    drip = 0.0011 * spectral((1, shape[1]), seed=11, feature=900, slope=3) + 0.0001 * spectral(
        (1, shape[1]), seed=12, feature=30, slope=2
    )
    edge = z - (0.021 + drip)
    glazed = smoothstep(edge, low=-0.0002, high=0.0003)
    lip = np.exp(-(((edge - 0.0008) / 0.0009) ** 2)).astype(np.float32)
    rim = smoothstep(
        z + 0.0006 * spectral(shape, seed=13, feature=60), low=HEIGHT - 0.0045, high=HEIGHT - 0.0008
    )
    specks = _specks(shape, texel=texel)
    cloud = spectral(shape, seed=15, feature=240, slope=1.8)
    glaze = mixed((0.85, 0.81, 0.73), (0.80, 0.745, 0.65), share=0.35 + 0.28 * cloud)
    glaze = glaze * (1 - (0.42 * rim + 0.12 * lip)[..., None] * np.array([0.5, 0.8, 1.1]))
    glaze = glaze * (1 - specks[..., None] * np.array([0.62, 0.72, 0.80]))
    sand = spectral(shape, seed=16, feature=4, slope=1.2)
    clay = np.array([0.60, 0.44, 0.33]) * (1 + 0.07 * sand + 0.05 * cloud)[..., None]
    mask = glazed[..., None]
    return Surface(
        np.clip(clay * (1 - mask) + glaze * mask, 0, 1).astype(np.float32),
        np.clip(0.78 * (1 - glazed) + glazed * (0.135 + 0.04 * cloud + 0.15 * specks), 0.1, 1).astype(
            np.float32
        ),
        (
            1.6e-4 * glazed
            + 1.3e-4 * lip
            + 2.2e-5 * sand * (1 - glazed)
            + glazed * 9e-6 * spectral(shape, seed=17, feature=50)
            - 1e-5 * specks
        ).astype(np.float32),
        extent,
    )


def _specks(shape: tuple[int, int], *, texel: float) -> Floats:
    total = np.zeros(shape, np.float32)
    for seed, size, reach in ((21, 0.0021, 0.10), (22, 0.0042, 0.075), (23, 0.009, 0.055)):
        distance = cells(shape, seed=seed, size=size / texel, jitter=1.0)[..., 0]
        patchy = 1 + 0.6 * spectral(shape, seed=seed + 5, feature=size / texel * 0.8, slope=2.5)
        ragged = reach * patchy + 0.02 * spectral(shape, seed=seed + 9, feature=3)
        total = np.maximum(total, smoothstep(ragged - distance, low=-0.01, high=0.03))
    return total


def _set_table(stage: Stage) -> None:
    oak = boards(OAK, seed=40, rows=6, columns=1, length=1.3, width=0.13, gap=0.0008, texel=2.6e-4)
    top = rounded_box((1.3, 0.78, 0.034), radius=0.006)
    top = top.with_uv(top.uv + np.array([0.65, 0.39], np.float32)).moved(0.0, y=0.02, z=TABLE - 0.017)
    stage.prop(top, material=coated(oak, specular=0.4))


def _furnish(stage: Stage) -> None:
    wall(stage, y=2.5, width=6, low=FLOOR, high=1.9, colour=(0.82, 0.79, 0.73))
    planks = boards(OAK, seed=60, rows=6, columns=2, length=1.4, width=0.14, gap=0.002, texel=2e-3)
    stage.prop(
        rounded_box((7, 6, 0.05), radius=0.005).moved(0, y=0.5, z=FLOOR - 0.025), material=coated(planks)
    )
    walnut = boards(WALNUT, seed=70, rows=1, columns=1, length=1.6, width=0.6, gap=0.002, texel=2e-3)
    chest = rounded_box((1.5, 0.42, 0.52), radius=0.006).moved(-0.25, y=2.24, z=-0.30)
    stage.prop(chest.with_uv(chest.vertices[:, [0, 2]] + 0.8), material=coated(walnut))
    for x in (-0.625, 0.125):
        door = rounded_box((0.72, 0.02, 0.46), radius=0.004).moved(x, y=2.02, z=-0.30)
        stage.prop(door.with_uv(door.vertices[:, [0, 2]] + 0.3), material=coated(walnut))
    books(stage, x=-0.78, y=2.2, z=-0.04, count=13, seed=4)
    lampshade(stage, x=0.18, y=2.22, z=0.27, radiance=(9.0, 5.4, 2.5))
    plant(stage, x=0.86, y=2.05, z=FLOOR, height=1.25, leaves=34, seed=8)
    framed_print(
        stage, x=-0.42, y=2.5, z=0.62, width=0.62, height=0.78, paint=plastic(0.58, 0.38, 0.30, roughness=0.7)
    )
    cloth = curtain(0.55, height=2.4, folds=6, depth=0.035, seed=2).moved(-1.35, y=2.36, z=1.7)
    stage.prop(
        cloth, material=coated(weave((0.80, 0.78, 0.74), (0.86, 0.84, 0.80), seed=3), specular=0.1, bump=0.3)
    )
    linen = weave((0.50, 0.53, 0.54), (0.62, 0.64, 0.63), seed=6)
    for size, place in (((0.5, 0.06, 0.5), (0.47, 0.78, -0.05)), ((0.5, 0.5, 0.08), (0.47, 0.62, -0.28))):
        back = rounded_box(size, radius=0.028).moved(place[0], y=place[1], z=place[2])
        stage.prop(back, material=coated(linen, specular=0.1))


def _let_in_light(stage: Stage) -> None:
    stage.light(
        softbox(
            centre=(-1.35, -0.15, 0.80),
            towards=(0, 0.1, 0.0),
            width=0.75,
            height=1.0,
            colour=(19.0, 20.5, 23.0),
            bars=2,
        )
    )
    stage.light(
        softbox(
            centre=(-1.7, 1.7, 0.9), towards=(0.4, 2.2, 0.0), width=0.8, height=1.2, colour=(5.2, 5.6, 6.2)
        )
    )
    stage.light(surroundings(bright_room(sky=0.22, walls=0.10, floor=0.05, window=2.2)))
