"""Tileable randomness: fields with a chosen spectrum, cells, and noise in space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .mesh import Floats


def spectral(
    shape: tuple[int, int],
    *,
    seed: int,
    feature: float,
    slope: float = 2.0,
    stretch: tuple[float, float] = (1.0, 1.0),
) -> Floats:
    """Return a tileable field H×W of mean 0 and deviation 1.

    Amplitudes are flat up to a wavelength of `feature` pixels, then fall as frequency**-slope; `stretch`
    (down, across) lengthens the features along one axis.
    """
    white = np.random.default_rng(seed).standard_normal(shape)
    fy = np.fft.fftfreq(shape[0])[:, None] * stretch[0]
    fx = np.fft.rfftfreq(shape[1])[None] * stretch[1]
    envelope = (1 + (np.hypot(fx, fy) * feature) ** 2) ** (-slope / 2)
    envelope[0, 0] = 0.0
    field = np.fft.irfft2(np.fft.rfft2(white) * envelope, s=shape)
    return np.asarray(field / field.std(), np.float32)


def band(shape: tuple[int, int], *, seed: int, feature: float, width: float = 0.5) -> Floats:
    """Return a tileable field H×W whose blobs all have about one size, `feature` pixels; deviation 1."""
    white = np.random.default_rng(seed).standard_normal(shape)
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None])
    envelope = np.exp(-0.5 * (np.log(np.maximum(frequency * feature, 1e-9)) / width) ** 2)
    field = np.fft.irfft2(np.fft.rfft2(white) * envelope, s=shape)
    return np.asarray(field / field.std(), np.float32)


def cells(shape: tuple[int, int], *, seed: int, size: float, jitter: float = 0.9) -> Floats:
    """Return H×W×2: distance to the nearest two of jittered points, in units of `size` pixels.

    S. Worley, A Cellular Texture Basis Function, SIGGRAPH 1996; tileable.
    """
    from scipy.spatial import cKDTree

    rows, columns = (max(1, round(length / size)) for length in shape)
    step = np.array([shape[0] / rows, shape[1] / columns])
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), -1).reshape(-1, 2)
    points = (grid + 0.5 + jitter * (np.random.default_rng(seed).random(grid.shape) - 0.5)) * step
    tree = cKDTree(np.mod(points, shape), boxsize=shape)
    pixels = np.stack(np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij"), -1) + 0.5
    distances, _ = tree.query(np.mod(pixels.reshape(-1, 2), shape), k=2, workers=-1)
    return np.asarray(distances.reshape(*shape, 2) / size, np.float32)


def solid(points: Floats, *, seed: int, feature: float, octaves: int = 3, period: int = 32) -> Floats:
    """Return smooth noise at points N×3, about -1 to 1; it repeats after `period` times `feature` metres."""
    from scipy.ndimage import map_coordinates

    total = np.zeros(len(points), np.float32)
    for octave in range(octaves):
        lattice = np.random.default_rng((seed, octave)).standard_normal((period,) * 3).astype(np.float32)
        coordinates = (points / (feature / 2**octave)).T + 7.3
        total += 0.5**octave * map_coordinates(
            lattice, coordinates, order=3, mode="grid-wrap", prefilter=False
        )
    return np.asarray(total / 0.55, np.float32) * np.float32(0.4)


def smoothstep(values: Floats, *, low: float, high: float) -> Floats:
    """Return 0 below `low`, 1 above `high`, and a smooth rise between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
