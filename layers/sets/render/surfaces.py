"""The sets' own surfaces, baked and tileable: colours in sRGB, heights in metres; greys are for paint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .noise import band, smoothstep, spectral
from .textures import Surface, mixed

if TYPE_CHECKING:
    from .mesh import Floats

_GREY = 0.70


@dataclass(frozen=True, slots=True)
class Inlay:
    """A surface that shows where a binder's share H×W leaves it free; the binder's tone H×W, about 1."""

    surface: Surface
    binder: Floats
    tone: Floats


def emulsion(*, seed: int, extent: float = 1.3, texels: int = 1600) -> Surface:
    """Return a wall painted well: the roller's fine grain, and hardly any cloud."""
    shape = (texels, texels)
    peel = spectral(shape, seed=seed, feature=0.0012 * texels / extent, slope=2.0)
    cloud = spectral(shape, seed=seed + 1, feature=texels / 5, slope=2.6)
    return _grey(0.004 * peel + 0.008 * cloud, relief=4e-5 * peel + 1.2e-4 * cloud, extent=extent)


def plaster(*, seed: int, extent: float = 1.3, texels: int = 2048) -> Surface:
    """Return fine plaster, floated smooth: faint clouds and the grain of its sand."""
    shape = (texels, texels)
    cloud = spectral(shape, seed=seed, feature=texels / 7, slope=2.4)
    patchy = band(shape, seed=seed + 1, feature=texels / 22, width=0.6)
    fine = spectral(shape, seed=seed + 2, feature=4, slope=1.4)
    return _grey(
        0.008 * cloud + 0.003 * patchy + 0.008 * fine, relief=1.2e-4 * cloud + 1.4e-5 * fine, extent=extent
    )


def microcement(*, seed: int, extent: float = 1.5, texels: int = 2048) -> Surface:
    """Return cement floated by trowel: soft clouds, arcs of denser skin, a few pinholes."""
    shape = (texels, texels)
    cloud = spectral(shape, seed=seed, feature=texels / 5, slope=2.1)
    patchy = band(shape, seed=seed + 1, feature=texels / 14, width=0.6)
    skin = np.abs(spectral(shape, seed=seed + 2, feature=texels / 18, slope=2.2, stretch=(1, 2.5)))
    fine = spectral(shape, seed=seed + 3, feature=3, slope=1.2)
    hole = smoothstep(spectral(shape, seed=seed + 4, feature=5, slope=2.5), low=3.6, high=4.2)
    tone = 0.012 * cloud + 0.006 * patchy + 0.011 * (0.8 - skin) + 0.010 * fine - 0.16 * hole
    return _grey(tone, relief=0.9e-4 * cloud + 1.2e-5 * fine - 1.5e-4 * hole, extent=extent)


def stucco(*, seed: int, extent: float = 0.9, texels: int = 2048) -> Surface:
    """Return rough plaster: grains of sand on the float's unevenness and broad waves."""
    shape = (texels, texels)
    texel = extent / texels
    sand = band(shape, seed=seed, feature=0.0045 / texel, width=0.4)
    floated = spectral(shape, seed=seed + 1, feature=0.03 / texel, slope=2.6, stretch=(1.0, 1.3))
    wave = spectral(shape, seed=seed + 2, feature=0.16 / texel, slope=3.0)
    relief = 6e-5 * sand + 5e-4 * floated + 1.0e-3 * wave
    return _grey(0.006 * sand + 0.008 * floated + 0.008 * wave, relief=relief, extent=extent)


def linen(*, seed: int, threads: int = 300, pitch: float = 0.0011, per: int = 7) -> Surface:
    """Return washed linen: a plain weave with slubs, thread by thread of other thickness."""
    shape = (threads * per, threads * per)
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / per
    sag = 0.35 * spectral(shape, seed=seed + 2, feature=40, slope=2.0)
    warp, weft = x + 0.3 * sag, y + sag
    over = (np.floor(warp) + np.floor(weft)) % 2 == 0
    thick = [rng.normal(1, 0.08, threads) for _ in range(2)]
    slub = spectral(shape, seed=seed + 3, feature=6, slope=1.6, stretch=(1, 9))
    raised = np.where(
        over,
        _thread(warp)
        * (0.45 + 0.55 * np.abs(np.sin(np.pi * weft)))
        * thick[0][np.floor(warp).astype(int) % threads],
        _thread(weft)
        * (0.45 + 0.55 * np.abs(np.sin(np.pi * warp)))
        * thick[1][np.floor(weft).astype(int) % threads],
    )
    shade = np.where(
        over,
        thick[0][np.floor(warp).astype(int) % threads],
        thick[1][np.floor(weft).astype(int) % threads] + 0.12 * slub,
    )
    tone = 0.10 * (raised - 0.6) + 0.10 * (shade - 1)
    return _grey(
        tone.astype(np.float32), relief=(0.3 * pitch * raised).astype(np.float32), extent=threads * pitch
    )


def marble(*, seed: int, extent: float = 1.5, texels: int = 2400) -> Surface:
    """Return white marble: warped veins of three sizes that run slantwise through clouds of grey."""
    shape = (texels, texels)
    shift = [
        0.050 * texels * spectral(shape, seed=seed + i, feature=texels / 4, slope=3.2)
        + 0.0035 * texels * spectral(shape, seed=seed + i + 2, feature=texels / 30, slope=2.6)
        for i in (0, 1)
    ]
    veins = [
        _veins(shape, seed=seed + 10 + i, feature=texels / across, shift=shift, width=width)
        for i, (across, width) in enumerate(((2.2, 0.022), (4.5, 0.026), (8.0, 0.030)))
    ]
    presence = [
        smoothstep(
            spectral(shape, seed=seed + 20 + i, feature=texels / 4, slope=3.0), low=low, high=low + 1.8
        )
        for i, low in enumerate((-1.2, -0.5, -0.2))
    ]
    strength = (0.62, 0.42, 0.24)
    vein = sum(s * v * p for s, v, p in zip(strength, veins, presence, strict=True))
    halo = _veins(shape, seed=seed + 10, feature=texels / 2.2, shift=shift, width=0.22) * presence[0]
    cloud = 0.5 + 0.5 * np.tanh(spectral(shape, seed=seed + 30, feature=texels / 6, slope=2.2))
    tint = mixed((0.865, 0.858, 0.845), (0.71, 0.708, 0.705), share=0.30 * cloud + 0.55 * halo)
    tint = mixed_over(tint, (0.40, 0.395, 0.39), share=np.clip(1.25 * vein, 0, 0.85))
    return Surface(np.clip(tint, 0, 1), *_smooth(shape), (extent, extent))


def terrazzo(*, seed: int, extent: float = 0.8, texels: int = 2600) -> Inlay:
    """Return ground stone: chips of marble and basalt of three sizes in a binder that takes a colour."""
    shape = (texels, texels)
    tint = np.full((*shape, 3), 0.5, np.float32)
    free = np.ones(shape, np.float32)
    rng = np.random.default_rng(seed)
    for index, (size, kept) in enumerate(((0.0045, 0.14), (0.011, 0.16), (0.024, 0.22))):
        chip = _chips(shape, seed=seed + index, size=size / extent * texels)
        colours = np.array(_CHIPS)[rng.integers(len(_CHIPS), size=chip.owner.max() + 1)]
        colours = colours * rng.normal(1, 0.05, (len(colours), 1))
        share = chip.inside * (rng.random(len(colours)) < kept)[chip.owner]
        tint = tint * (1 - share[..., None]) + colours[chip.owner] * share[..., None]
        free = free * (1 - share)
    grain = 0.012 * spectral(shape, seed=seed + 9, feature=2.5, slope=1.2)
    cloud = 0.010 * spectral(shape, seed=seed + 8, feature=texels / 6, slope=2.6)
    tint = np.clip(tint * (1 + grain)[..., None], 0, 1).astype(np.float32)
    return Inlay(Surface(tint, *_smooth(shape), (extent, extent)), free, 1 + grain + cloud)


def composite(*, seed: int, extent: float = 0.8, texels: int = 2400) -> Surface:
    """Return a worktop of pressed quartz, pale and finely speckled."""
    shape = (texels, texels)
    tint = np.broadcast_to(np.array((0.785, 0.772, 0.748), np.float32), (*shape, 3))
    for index, (colour, low) in enumerate(
        (((0.88, 0.875, 0.86), 1.5), ((0.60, 0.57, 0.53), 1.75), ((0.42, 0.40, 0.38), 2.3))
    ):
        speck = smoothstep(band(shape, seed=seed + index, feature=7, width=0.5), low=low, high=low + 0.5)
        tint = mixed_over(tint, colour, share=0.8 * speck)
    cloud = 0.012 * spectral(shape, seed=seed + 7, feature=texels / 6, slope=2.6)
    return Surface(np.clip(tint * (1 + cloud)[..., None], 0, 1), *_smooth(shape), (extent, extent))


def zellige(*, seed: int, side: float = 0.1, tiles: int = 10, texels: int = 2000) -> Inlay:
    """Return hand-cut glazed tiles, none quite level or of quite one shade, in pale joints."""
    rng = np.random.default_rng(seed)
    per = texels // tiles
    shape = (per * tiles, per * tiles)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / per
    wobble = [0.007 * spectral(shape, seed=seed + i, feature=per / 2, slope=2.6) for i in (1, 2)]
    inset = np.minimum(*(0.5 - np.abs((axis + w) % 1 - 0.5) for axis, w in zip((x, y), wobble, strict=True)))
    tile = smoothstep(inset, low=0.012, high=0.024)
    each = (np.floor(y).astype(int) % tiles, np.floor(x).astype(int) % tiles)
    shade = rng.normal(0, 0.050, (tiles, tiles))[each]
    cloud = 0.030 * spectral(shape, seed=seed + 3, feature=per / 2, slope=2.4)
    lean = [rng.normal(0, 0.014, (tiles, tiles))[each] for _ in range(2)]
    relief = side * (lean[0] * (x % 1 - 0.5) + lean[1] * (y % 1 - 0.5)) + 2.5e-4 * spectral(
        shape, seed=seed + 4, feature=per / 2.5, slope=2.4
    )
    relief = relief * tile - 1.2e-3 * (1 - tile)
    tint = np.broadcast_to(np.array((0.80, 0.785, 0.76), np.float32), (*shape, 3))
    surface = Surface(tint, np.full(shape, 0.2, np.float32), relief.astype(np.float32), (side * tiles,) * 2)
    return Inlay(surface, tile, (1 + shade + cloud).astype(np.float32))


def sandstone(*, seed: int, extent: float = 1.1, texels: int = 2400) -> Surface:
    """Return weathered limestone: grit, pits, stains of lichen."""
    shape = (texels, texels)
    grit = spectral(shape, seed=seed, feature=3, slope=1.2)
    cloud = spectral(shape, seed=seed + 1, feature=texels / 6, slope=2.3)
    bed = spectral(shape, seed=seed + 2, feature=texels / 40, slope=2.0, stretch=(1, 2))
    pit = smoothstep(band(shape, seed=seed + 3, feature=16, width=0.5), low=1.7, high=2.8)
    lichen = smoothstep(spectral(shape, seed=seed + 4, feature=texels / 25, slope=2.0), low=1.3, high=2.4)
    stain = 0.45 + 0.13 * cloud + 0.10 * bed + 0.14 * grit + 0.40 * pit
    tint = mixed((0.77, 0.73, 0.665), (0.58, 0.54, 0.485), share=stain)
    tint = mixed_over(tint, (0.62, 0.61, 0.54), share=0.35 * lichen)
    relief = 9e-5 * grit + 3.5e-4 * bed - 5e-4 * pit
    return Surface(
        np.clip(tint, 0, 1), np.full(shape, 0.9, np.float32), relief.astype(np.float32), (extent, extent)
    )


def garden(*, seed: int, extent: float = 8.0, texels: int = 1600) -> Surface:
    """Return a hedge under a bright sky, painted for being far out of focus: its upper edge in the middle."""
    shape = (texels, texels)
    per = texels / extent
    height = np.linspace(1, -1, texels, dtype=np.float32)[:, None] * extent / 2
    mass = spectral(shape, seed=seed, feature=0.55 * per, slope=2.6)
    tuft = spectral(shape, seed=seed + 1, feature=0.16 * per, slope=2.6)
    shade = mixed((0.24, 0.32, 0.16), (0.50, 0.58, 0.30), share=0.5 + 0.28 * mass + 0.20 * tuft)
    lit = smoothstep(
        band(shape, seed=seed + 2, feature=0.30 * per, width=0.5) + 0.4 * mass, low=0.5, high=2.2
    )
    shade = mixed_over(shade, (0.78, 0.80, 0.50), share=0.75 * lit)
    edge = height - 0.28 * mass - 0.12 * tuft
    sky = smoothstep(edge, low=-0.35, high=0.45)
    gap = smoothstep(tuft + 0.5 * mass + 0.9 * height, low=1.1, high=2.4)
    air = mixed((0.95, 0.95, 0.92), (0.84, 0.90, 0.94), share=np.broadcast_to(height / 2, shape))
    tint = shade * (1 - np.maximum(sky, gap))[..., None] + air * np.maximum(sky, gap)[..., None]
    return Surface(np.clip(tint, 0, 1).astype(np.float32), *_smooth(shape), (extent, extent))


def mixed_over(tint: Floats, colour: tuple[float, float, float], *, share: Floats) -> Floats:
    """Lay a colour over H×W×3 by a share H×W."""
    share = np.clip(share, 0, 1)[..., None]
    return np.asarray(tint * (1 - share) + np.array(colour, np.float32) * share, np.float32)


@dataclass(frozen=True, slots=True)
class _Chips:
    inside: Floats
    owner: np.ndarray


def _chips(shape: tuple[int, int], *, seed: int, size: float) -> _Chips:
    """Return broken stones of about `size` pixels: which one a pixel is of, and whether it is inside."""
    from scipy.spatial import cKDTree

    rng = np.random.default_rng(seed)
    points = rng.random((int(shape[0] * shape[1] / size**2), 2)) * shape
    pixels = np.stack(np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij"), -1) + 0.5
    distance, owner = cKDTree(points, boxsize=shape).query(pixels.reshape(-1, 2), k=2, workers=2)
    first, second = points[owner[:, 0]], points[owner[:, 1]]
    apart = np.abs(first - second)
    apart = np.hypot(*np.minimum(apart, np.array(shape) - apart).T)
    to_edge = (distance[:, 1] ** 2 - distance[:, 0] ** 2) / (2 * np.maximum(apart, 1e-6))
    inset = 0.10 * size + 0.12 * size * rng.random(len(points))[owner[:, 0]]
    inside = smoothstep((to_edge - inset).astype(np.float32), low=-0.7, high=0.7)
    return _Chips(inside.reshape(shape), owner[:, 0].reshape(shape))


def _veins(shape: tuple[int, int], *, seed: int, feature: float, shift: list[Floats], width: float) -> Floats:
    """Return lines where a warped field, sheared so that they run slantwise, changes sign."""
    from scipy.ndimage import map_coordinates

    field = spectral(shape, seed=seed, feature=feature, slope=4.0, stretch=(1.0, 2.2))
    y, x = np.mgrid[: shape[0], : shape[1]]
    values = map_coordinates(field, [y + x + shift[0], x + shift[1]], order=1, mode="grid-wrap")
    return np.asarray(
        np.exp(-((values / width) ** 2)) * 0.75 + 0.25 * np.exp(-np.abs(values / (4 * width))), np.float32
    )


def _smooth(shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return the roughness and the heights of what was polished level."""
    return np.full(shape, 0.2, np.float32), np.zeros(shape, np.float32)


def _thread(position: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(0, 1 - ((position % 1 - 0.5) * 2.0) ** 2)), np.float32)


def _grey(tone: Floats, *, relief: Floats, extent: float) -> Surface:
    colour = np.repeat((_GREY * (1 + tone))[..., None], 3, axis=-1)
    return Surface(
        np.clip(colour, 0, 1).astype(np.float32),
        np.full(tone.shape, 0.8, np.float32),
        relief.astype(np.float32),
        (extent, extent),
    )


_CHIPS = (
    (0.90, 0.885, 0.86),
    (0.78, 0.76, 0.73),
    (0.62, 0.60, 0.57),
    (0.46, 0.445, 0.43),
    (0.34, 0.33, 0.325),
    (0.73, 0.66, 0.58),
)
