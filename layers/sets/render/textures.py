"""Surfaces, baked: colours H×W×3 in sRGB [0, 1], heights H×W in metres; tileable unless said otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .noise import band, cells, smoothstep, spectral

if TYPE_CHECKING:
    from .mesh import Floats


@dataclass(frozen=True, slots=True)
class Surface:
    """A baked material: colour H×W×3 in sRGB, roughness and height (metres) H×W, the metres they cover."""

    colour: Floats
    roughness: Floats
    height: Floats
    extent: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Timber:
    """How a wood looks: sRGB of early and late growth and of pores, ring spacing in metres."""

    early: tuple[float, float, float]
    late: tuple[float, float, float]
    pore: tuple[float, float, float]
    ring: float = 0.007
    pores: float = 0.6
    gloss: float = 0.38


OAK = Timber((0.73, 0.61, 0.47), (0.60, 0.47, 0.33), (0.33, 0.23, 0.15))
WALNUT = Timber((0.47, 0.33, 0.23), (0.32, 0.205, 0.135), (0.15, 0.09, 0.06), ring=0.009)
BEECH = Timber((0.83, 0.66, 0.49), (0.74, 0.55, 0.38), (0.52, 0.34, 0.21), ring=0.006, pores=0.35)


def mixed(low: tuple[float, float, float], high: tuple[float, float, float], *, share: Floats) -> Floats:
    """Blend two colours by a share H×W."""
    share = np.clip(share, 0, 1)[..., None]
    return np.asarray(np.array(low) * (1 - share) + np.array(high) * share, np.float32)


def board(timber: Timber, *, seed: int, length: float, width: float, texel: float = 2.5e-4) -> Surface:
    """Return one plain-sawn board, not tileable, its grain across the image.

    Growth rings of a tilted trunk are cut by a plane; how far from the pith decides the pattern of arches.
    """
    shape = (round(width / texel), round(length / texel))
    rng = np.random.default_rng(seed)
    y = (np.arange(shape[0])[:, None] * texel - width * rng.uniform(-0.3, 1.3)).astype(np.float32)
    x = (np.arange(shape[1])[None] * texel).astype(np.float32)
    depth = rng.uniform(0.01, 0.05) + rng.uniform(-0.035, 0.035) * x
    wander = 0.006 * spectral(shape, seed=seed + 1, feature=0.10 / texel, slope=3.0, stretch=(1.0, 6.0))
    wave = 0.0006 * spectral(shape, seed=seed + 2, feature=0.012 / texel, slope=3.0, stretch=(1.0, 8.0))
    rings = (np.hypot(y + wander, depth) + wave) / timber.ring
    phase = np.mod(rings, 1.0)
    # Growth is slow to darken and quick to start again in spring.
    late = smoothstep(phase, low=0.15, high=0.86) * (1 - smoothstep(phase, low=0.90, high=1.0))
    year = np.random.default_rng(seed + 3).uniform(0.35, 1.0, 4096)[np.floor(rings).astype(int) % 4096]
    fibre = spectral(shape, seed=seed + 4, feature=8, slope=1.3, stretch=(1.0, 40.0))
    open_pores = spectral(shape, seed=seed + 5, feature=5, slope=2.0, stretch=(1.0, 22.0)) - 1.5 * (
        late - 0.4
    )
    pore = smoothstep(open_pores, low=1.55, high=2.3) * timber.pores
    tone = spectral(shape, seed=seed + 6, feature=0.06 / texel, slope=2.0, stretch=(1.0, 3.0))
    colour = mixed(timber.early, timber.late, share=late * year + 0.10 * fibre + 0.10 * tone)
    colour = colour * (1 - pore[..., None]) + np.array(timber.pore, np.float32) * pore[..., None]
    colour *= 1 + rng.uniform(-0.07, 0.07)
    roughness = timber.gloss + 0.10 * late * year + 0.25 * pore + 0.03 * fibre
    height = -6e-5 * pore + 6e-6 * fibre - 1e-5 * late
    return Surface(
        np.clip(colour, 0, 1), np.clip(roughness, 0.05, 1).astype(np.float32), height, (width, length)
    )


def boards(
    timber: Timber,
    *,
    seed: int,
    rows: int,
    columns: int,
    length: float,
    width: float,
    gap: float,
    texel: float,
) -> Surface:
    """Lay boards side by side, grain across the image, joints of `gap` metres; columns are staggered."""
    rng = np.random.default_rng(seed)
    laid = [
        [
            _eased(
                board(
                    timber, seed=seed + 31 * (row * columns + column), length=length, width=width, texel=texel
                ),
                gap,
            )
            for column in range(columns)
        ]
        for row in range(rows)
    ]
    shifts = [int(rng.uniform(0, length / texel)) if columns > 1 else 0 for _ in range(rows)]

    def lay(part: str) -> Floats:
        strips = [
            np.roll(np.concatenate([getattr(b, part) for b in line], axis=1), shift, axis=1)
            for line, shift in zip(laid, shifts, strict=True)
        ]
        return np.concatenate(strips, axis=0)

    return Surface(lay("colour"), lay("roughness"), lay("height"), (rows * width, columns * length))


def leather(
    colour: tuple[float, float, float],
    *,
    seed: int,
    extent: float = 0.16,
    texels: int = 1400,
    pebble: float = 0.0016,
) -> Surface:
    """Return pebbled leather: cells of `pebble` metres parted by creases, clouded by the dye."""
    shape = (texels, texels)
    texel = extent / texels
    warp = 0.35 * band(shape, seed=seed, feature=4 * pebble / texel)
    fine, coarse = (cells(shape, seed=seed + i, size=pebble / texel * f) for i, f in ((1, 1.0), (2, 2.1)))
    crease = smoothstep(fine[..., 1] - fine[..., 0] + 0.05 * warp, low=0.0, high=0.34)
    fold = smoothstep(coarse[..., 1] - coarse[..., 0], low=0.0, high=0.22)
    grain = 0.72 * crease + 0.28 * fold + 0.06 * spectral(shape, seed=seed + 4, feature=4)
    clouds = spectral(shape, seed=seed + 5, feature=0.02 / texel, slope=1.6)
    shade = 0.82 + 0.18 * crease + 0.035 * clouds + 0.02 * spectral(shape, seed=seed + 6, feature=3)
    tint = np.array(colour, np.float32) * shade[..., None]
    roughness = 0.52 - 0.10 * crease + 0.03 * clouds
    return Surface(np.clip(tint, 0, 1), roughness, (9e-5 * grain).astype(np.float32), (extent, extent))


def plaster(
    colour: tuple[float, float, float], *, seed: int, extent: float = 1.6, texels: int = 1024
) -> Surface:
    """Return a rolled emulsion wall: orange peel and broad unevenness."""
    shape = (texels, texels)
    peel = spectral(shape, seed=seed, feature=3, slope=1.6)
    uneven = spectral(shape, seed=seed + 1, feature=texels / 6, slope=2.5)
    tint = np.array(colour, np.float32) * (1 + 0.006 * peel + 0.012 * uneven)[..., None]
    return Surface(
        np.clip(tint, 0, 1), np.full(shape, 0.75, np.float32), 1.2e-4 * peel + 4e-4 * uneven, (extent, extent)
    )


def paper(
    colour: tuple[float, float, float], *, seed: int, extent: float = 1.2, texels: int = 2048
) -> Surface:
    """Return seamless background paper: fibres, faint waves of the roll, scuffs of use."""
    shape = (texels, texels)
    fibre = spectral(shape, seed=seed, feature=2, slope=1.0)
    wave = spectral(shape, seed=seed + 1, feature=texels / 8, slope=3.0)
    cloud = spectral(shape, seed=seed + 2, feature=texels / 20, slope=2.0)
    scuff = smoothstep(
        spectral(shape, seed=seed + 3, feature=6, slope=1.5, stretch=(1, 5)), low=3.0, high=3.9
    )
    tint = np.array(colour, np.float32) * (1 + 0.010 * fibre + 0.004 * cloud + 0.05 * scuff)[..., None]
    return Surface(
        np.clip(tint, 0, 1), np.full(shape, 0.85, np.float32), 1.5e-4 * wave + 8e-6 * fibre, (extent, extent)
    )


def weave(
    first: tuple[float, float, float],
    second: tuple[float, float, float],
    *,
    seed: int,
    threads: int = 96,
    pitch: float = 0.001,
) -> Surface:
    """Return plain-woven cloth: warp and weft of `pitch` metres, thread by thread thicker and thinner."""
    per = 14
    shape = (threads * per, threads * per)
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]] / per
    warp_over = (np.floor(x) + np.floor(y)) % 2 == 0
    slub = [rng.normal(1, 0.10, threads)[np.floor(axis).astype(int)] for axis in (x, y)]
    across = [np.sqrt(np.maximum(0, 1 - ((axis % 1 - 0.5) * 2.05) ** 2)) for axis in (x, y)]
    along = [np.sin(np.pi * (axis % 1)) for axis in (y, x)]
    raised = np.where(
        warp_over, across[0] * (0.4 + 0.6 * along[0]) * slub[0], across[1] * (0.4 + 0.6 * along[1]) * slub[1]
    )
    raised = raised + 0.10 * spectral(shape, seed=seed + 1, feature=3)
    share = np.where(warp_over, 0.15 + 0.2 * slub[0], 0.55 + 0.2 * slub[1])
    tint = (
        mixed(first, second, share=share.astype(np.float32))
        * (0.72 + 0.28 * np.clip(raised, 0, 1.1))[..., None]
    )
    extent = threads * pitch
    return Surface(
        np.clip(tint, 0, 1).astype(np.float32),
        np.full(shape, 0.9, np.float32),
        (0.35 * pitch * raised).astype(np.float32),
        (extent, extent),
    )


def _eased(plank: Surface, gap: float) -> Surface:
    """Ease a board's edges down into its joint, and darken what lies there."""
    texel = plank.extent[0] / plank.height.shape[0]
    rows, columns = (np.minimum(np.arange(n), np.arange(n)[::-1]) * texel for n in plank.height.shape)
    inset = np.minimum(rows[:, None], columns[None])
    open_joint = 1 - smoothstep(inset.astype(np.float32), low=0.2 * gap, high=gap)
    return Surface(
        plank.colour * (1 - 0.75 * open_joint[..., None]),
        np.clip(plank.roughness + 0.3 * open_joint, 0, 1),
        plank.height - 1.2 * np.float32(gap) * open_joint,
        plank.extent,
    )
