"""Find the side from which a product was lit, from its own shading.

The matte is blown up into a body, which says how the surface turns from pixel to pixel; a robust line through
"how much does the normal turn, how much does the light change" says where the key stands. Paint does not turn
with the surface: pairs of pixels of different colour are left out, and edges of paint are outliers.
"""

import cv2
import numpy as np

from packshot.events import KeyLight
from packshot.imaging.arrays import Bytes, Flags, Floats, floats
from packshot.imaging.colour import lab_from_linear, linear_from_srgb

_SIDE = 160
"""Pixels of the product's longest side: shading is coarse, and texture averages out."""
_REACHES = (4, 10, 20)
"""How far apart the pixels of a pair are."""
_SAME_PAINT = 8.0
"""Difference of a* and b* up to which two pixels are taken for one paint."""
_PAIRS = 20_000
_FEWEST = 300
_ROUNDS = 10
_DARKEST = 0.004
"""Linear light below which there is noise instead of shading."""
_RIDGE = 1e-5
_RELAXATIONS = 60
_COARSENESS = (8, 4, 2, 1)

_WEAKEST = 0.1
"""Stops for each unit of the normal below which no side is told."""
_STRONGEST = 0.8
_LEAST_EXPLAINED = 0.03
"""Share of the light's changes that the line has to explain, else it is texture."""


def estimate_key(pixels: Bytes, *, alpha: Floats) -> KeyLight | None:
    """Return the side of the key light and its strength on sRGB pixels (H, W, 3), None if it does not show.

    Of the 26 rendered samples that are lit from one side it tells 19, all of them right; of the others
    (glass, plates, wire) and of flat light it says nothing.
    """
    colours, matte = _reduced(pixels, alpha)
    if min(matte.shape) < 2 * _REACHES[0]:
        return None
    turns, changes = _pairs(colours, _normals(matte), inside=_inside(matte))
    if len(changes) < _FEWEST:
        return None
    slope, explained = _fit(turns, changes)
    if abs(slope) < _WEAKEST or explained < _LEAST_EXPLAINED:
        return None
    return KeyLight(side="left" if slope < 0 else "right", strength=min(abs(slope) / _STRONGEST, 1.0))


def _reduced(pixels: Bytes, alpha: Floats) -> tuple[Floats, Floats]:
    """Return the product's box alone and small: linear colours (h, w, 3) and alpha (h, w)."""
    rows, columns = np.flatnonzero((alpha > 0.5).any(1)), np.flatnonzero((alpha > 0.5).any(0))
    if len(rows) == 0:
        return np.zeros((0, 0, 3), np.float32), np.zeros((0, 0), np.float32)
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    height, width = alpha[box].shape
    scale = _SIDE / max(height, width)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(pixels[box], size, interpolation=cv2.INTER_AREA)
    matte = cv2.resize(alpha[box], size, interpolation=cv2.INTER_AREA)
    return linear_from_srgb(np.asarray(small, dtype=np.uint8)), floats(matte)


def _inside(matte: Floats) -> Flags:
    """Return where the product is certain, two pixels from its outline."""
    solid = (matte > 0.98).astype(np.uint8)
    eroded = cv2.erode(solid, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(eroded, dtype=np.uint8).astype(bool)


def _normals(matte: Floats) -> Floats:
    """Return how far the surface turns to the right and down, (h, w, 2), unit normals' first two parts."""
    body = floats(cv2.GaussianBlur(_inflated(matte > 0.5), (0, 0), 2))
    across = floats(cv2.Sobel(body, cv2.CV_32F, 1, 0, scale=1 / 8))
    down = floats(cv2.Sobel(body, cv2.CV_32F, 0, 1, scale=1 / 8))
    length = np.sqrt(1 + across**2 + down**2)
    return floats(-np.dstack((across, down)) / length[..., None])


def _inflated(solid: Flags) -> Floats:
    """Return the body's half depth (h, w): the root of the solution of Poisson's equation in the outline.

    Round across a cylinder, and without the ridges that distances to the outline have.
    """
    mask = np.pad(solid.astype(np.float32), 2)
    height, width = mask.shape
    cross = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=np.float32) / 4
    swollen = np.zeros((4, 4), dtype=np.float32)
    for coarseness in _COARSENESS:
        size = (max(width // coarseness, 4), max(height // coarseness, 4))
        here = (cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0.5).astype(np.float32)
        swollen = floats(cv2.resize(swollen, size)) * here
        pressure = coarseness**2 / 4
        for _ in range(_RELAXATIONS):
            even = floats(cv2.filter2D(swollen, -1, cross, borderType=cv2.BORDER_CONSTANT))
            swollen = floats((even + pressure) * here)
    return floats(2 * np.sqrt(swollen))[2:-2, 2:-2]


def _pairs(colours: Floats, normals: Floats, *, inside: Flags) -> tuple[Floats, Floats]:
    """Return for pairs of pixels of one paint the normal's turn (N, 2) and the light's change (N,), stops."""
    light = np.log2(np.maximum(colours @ np.array([0.2126, 0.7152, 0.0722], np.float32), _DARKEST))
    hues = lab_from_linear(colours)[..., 1:]
    turns, changes = [], []
    for x, y in ((reach * x, reach * y) for reach in _REACHES for x, y in ((1, 0), (0, 1))):
        one = slice(y, None), slice(x, None)
        other = slice(0, -y or None), slice(0, -x or None)
        apart = np.linalg.norm(hues[one] - hues[other], axis=-1)
        alike = inside[one] & inside[other] & (apart < _SAME_PAINT)
        turns.append((normals[one] - normals[other])[alike])
        changes.append((light[one] - light[other])[alike])
    every = max(sum(map(len, changes)) // _PAIRS, 1)
    return floats(np.concatenate(turns)[::every]), floats(np.concatenate(changes)[::every])


def _fit(turns: Floats, changes: Floats) -> tuple[float, float]:
    """Return the slope along x, stops for each unit, and the share of the changes that the line explains.

    Reweighted by Geman and McClure's function (1987), with the spread from the median.
    """
    weights, slopes = np.ones(len(changes), np.float32), np.zeros(2, np.float32)
    for _ in range(_ROUNDS):
        weighted = turns * weights[:, None]
        ridge = _RIDGE * len(changes) * np.eye(2)
        slopes = floats(np.linalg.solve(weighted.T @ turns + ridge, weighted.T @ changes))
        left = changes - turns @ slopes
        spread = 1.4826 * float(np.median(np.abs(left))) + 1e-3
        weights = floats(1 / (1 + (left / (1.5 * spread)) ** 2) ** 2)
    unexplained = float((weights * (changes - turns @ slopes) ** 2).sum())
    return float(slopes[0]), 1 - unexplained / max(float((weights * changes**2).sum()), 1e-9)
