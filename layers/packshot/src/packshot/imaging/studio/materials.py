"""What the set is made of: procedural textures, as factors on a colour in linear light.

A tile is square, made once in a process from a fixed seed, and shifted by the plate's own seed, so
making one costs a cold start and not every plate.
"""

import functools

import cv2
import numpy as np

from packshot.imaging.arrays import Floats, floats
from packshot.imaging.studio.sets import Material

TILE = 1024
SPAN = 1.6
"""Width of a tile on the ground, in frame widths."""


@functools.cache
def tile(material: Material) -> Floats:
    """Return the material's texture, (TILE, TILE), mean 1."""
    makers = {
        "paper": _paper,
        "plaster": _plaster,
        "oak": _oak,
        "stone": _stone,
        "linen": _linen,
        "concrete": _concrete,
    }
    made = makers[material](np.random.default_rng(7))
    return floats(made / made.mean())


def fractal(
    random: np.random.Generator, *, first: int, octaves: int, keep: float = 0.5, stretch: int = 1
) -> Floats:
    """Return fractal noise (TILE, TILE) with mean 0 and deviation 1.

    `first` cells at the largest octave, each next one twice as fine and `keep` as strong; `stretch`
    times longer along x than along y.
    """
    total = np.zeros((TILE, TILE), dtype=np.float32)
    for octave in range(octaves):
        cells = min(first * 2**octave, TILE)
        grid = random.standard_normal((cells, max(cells // stretch, 2)), dtype=np.float32)
        total += keep**octave * cv2.resize(grid, (TILE, TILE), interpolation=cv2.INTER_CUBIC)
    return _standard(total)


def _paper(random: np.random.Generator) -> Floats:
    """Seamless background paper: nearly nothing, a tooth that one feels more than sees."""
    tooth, waves = fractal(random, first=256, octaves=3), fractal(random, first=3, octaves=3)
    return floats(1 + 0.004 * tooth + 0.006 * waves)


def _plaster(random: np.random.Generator) -> Floats:
    """Lime plaster: trowelled clouds and a fine grain lit from the side."""
    clouds = fractal(random, first=4, octaves=6, keep=0.62)
    height = fractal(random, first=32, octaves=5, keep=0.75)
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 1, ksize=3)
    return floats(1 + 0.03 * clouds + 0.012 * slope / slope.std())


def _concrete(random: np.random.Generator) -> Floats:
    """Microcement: broad uneven clouds, trowel marks, a few pores."""
    clouds = fractal(random, first=3, octaves=7, keep=0.66)
    marks = np.abs(fractal(random, first=5, octaves=4, keep=0.6, stretch=2))
    grain = fractal(random, first=256, octaves=3, keep=0.8)
    return floats(1 + 0.05 * clouds - 0.025 * marks + 0.012 * grain)


def _oak(random: np.random.Generator) -> Floats:
    """Oiled oak, boards along x: growth rings that wander, pores, and each board's own tone."""
    boards = np.arange(TILE) * 5 // TILE
    y = np.arange(TILE, dtype=np.float32)[:, None] / TILE
    bend = fractal(random, first=8, octaves=4, keep=0.42, stretch=8)
    start = random.uniform(0, 1, (5, 1)).astype(np.float32)[boards]
    density = 1 + 0.5 * fractal(random, first=6, octaves=1, stretch=6)
    turn = 30 * y * density / density.mean() + 1.1 * bend + 7 * start
    early = turn - np.floor(turn)
    rings = early**4 * (1 - np.clip((early - 0.94) / 0.06, 0, 1))
    rings = cv2.GaussianBlur(rings.astype(np.float32), (0, 0), sigmaX=3, sigmaY=0.8)
    fibre = _streaks(random, length=140)
    pores = np.clip(_streaks(random, length=36) - 1.3, 0, 2)
    tone = random.uniform(-0.06, 0.06, (5, 1)).astype(np.float32)[boards]
    seam = np.exp(-((((y * 5 + 0.5) % 1 - 0.5) / 0.012) ** 2))
    clouds = 0.035 * fractal(random, first=4, octaves=3, stretch=4)
    wood = 1 - 0.12 * rings - 0.028 * fibre - 0.07 * pores + tone + clouds
    return floats(np.clip(wood * (1 - 0.55 * seam), 0.2, 2))


def _streaks(random: np.random.Generator, *, length: int) -> Floats:
    """Return noise drawn out along x; mean 0, deviation 1."""
    drawn = cv2.blur(random.standard_normal((TILE, TILE), dtype=np.float32), (length, 1))
    drawn = cv2.blur(drawn, (length // 2, 1))
    return _standard(floats(drawn))


def _standard(noise: Floats) -> Floats:
    return floats((noise - noise.mean()) / noise.std())


def _stone(random: np.random.Generator) -> Floats:
    """Honed travertine: layers that lie along x, clouds, small filled pits."""
    layers = fractal(random, first=8, octaves=5, keep=0.6, stretch=6)
    clouds = fractal(random, first=4, octaves=7, keep=0.6)
    pits = np.clip(fractal(random, first=96, octaves=3, keep=0.8, stretch=3) - 1.9, 0, 1.5)
    return floats(1 + 0.04 * layers + 0.028 * clouds - 0.10 * cv2.GaussianBlur(pits, (0, 0), 0.8))


def _linen(random: np.random.Generator) -> Floats:
    """Washed linen: slubby warp and weft, creases that catch light from the upper side."""
    warp, weft = _streaks(random, length=70), _streaks(random, length=70).T
    turn = np.linspace(0, 2 * np.pi * TILE / 4.0, TILE, dtype=np.float32)
    weave = np.sin(turn[None, :] + 0.7 * weft) * np.sin(turn[:, None] + 0.7 * warp)
    creases = -np.abs(fractal(random, first=2, octaves=4, keep=0.5))
    rise = cv2.GaussianBlur(creases, (0, 0), 7)
    slope = cv2.Sobel(rise, cv2.CV_32F, 1, 0, ksize=3) + cv2.Sobel(rise, cv2.CV_32F, 0, 1, ksize=3)
    return floats(1 + 0.03 * weave + 0.022 * warp + 0.022 * weft + 0.05 * slope / slope.std())
