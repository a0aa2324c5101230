"""Expose and balance a plate as its product was, within limits: the product's own pixels never change."""

import functools

import cv2
import numpy as np

from packshot.events import Grade
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import lab_from_linear, linear_from_srgb, srgb_from_linear
from packshot.imaging.compositing import ScaledCutout
from packshot.imaging.studio.film import dithered

UNGRADED = Grade()

_MOST_STOPS = 0.5
_MOST_KELVIN = 600.0
_DAYLIGHT = 6504.0
_HIGHLIGHT, _HIGHLIGHTS = 99.9, 0.2
"""Percentile of a product's luminance that is its highlights, and what these reach in a well exposed photo,
in 29 of 30 rendered ones, dark leather among them. Bright ones tell nothing: white is as bright."""
_FOLLOWED_EXPOSURE, _FOLLOWED_WARMTH = 0.2, 0.5
"""Share of what is found that the plate follows: what has no highlights is rather dull than badly exposed."""
_NEUTRAL = 10.0
"""Chroma up to which a product's colour is taken for a grey under coloured light."""
_LEAST_NEUTRAL = 0.08
_PAINTED = 0.5
"""Pixels of up to twice that chroma, as a share of the greys, that make these the pale end of a paint."""
_SEEN = (25.0, 95.0)
"""L* between which a colour tells of the light."""
_SAMPLE = 20_000
_SMALLEST = (0.05, 50.0)
"""Stops and kelvin below which a plate stays as it is."""
_KNEE = 0.8

_RGB_FROM_XYZ = np.array(
    [
        [3.2409699419, -1.5373831776, -0.4986107603],
        [-0.9692436363, 1.8759675015, 0.0415550574],
        [0.0556300797, -0.2039769589, 1.0569715142],
    ]
)


def fit_grade(product: ScaledCutout) -> Grade:
    """Return how a plate is exposed and balanced to fit a product, nothing where the product says nothing."""
    own = product.colours[product.alpha == 255]
    if len(own) == 0:
        return UNGRADED
    light = linear_from_srgb(own[:: max(len(own) // _SAMPLE, 1)])
    stops, kelvin = _stops(light), _kelvin(light)
    return Grade(
        exposure=stops if abs(stops) >= _SMALLEST[0] else 0,
        kelvin=kelvin if abs(kelvin) >= _SMALLEST[1] else 0,
    )


def graded(plate: Bytes, grade: Grade, *, seed: int) -> Bytes:
    """Return a plate (H, W, 3) as the grade has it; the plate itself where that changes nothing."""
    if grade == UNGRADED:
        return plate
    gains = 2**grade.exposure * _gains(grade.kelvin)
    levels = np.linspace(0, 1, 256, dtype=np.float32)
    rolled = _rolled_off(linear_from_srgb(levels)[:, None] * gains)
    steps = np.rint(np.maximum(srgb_from_linear(rolled) * 255 * 256 - 127, 0)).astype(np.uint16)
    table = np.ascontiguousarray(steps[:, None, :])
    return dithered(np.asarray(cv2.LUT(plate, table), dtype=np.uint16), seed=seed)


def _stops(light: Floats) -> float:
    """Return by how many stops highlights are too dark, as far as a plate follows them; never above 0."""
    luminance = light @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    highlight = max(float(np.percentile(luminance, _HIGHLIGHT)), 1e-3)
    off = float(np.log2(min(highlight / _HIGHLIGHTS, 1.0)))
    return round(max(_FOLLOWED_EXPOSURE * off, -_MOST_STOPS), 3)


def _kelvin(light: Floats) -> float:
    """Return by how many kelvin a product's greys are cooler than daylight, as far as a plate follows."""
    lab = lab_from_linear(light)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    seen = (lab[:, 0] > _SEEN[0]) & (lab[:, 0] < _SEEN[1])
    greys = light[seen & (chroma < _NEUTRAL)]
    paints = np.count_nonzero(seen & (chroma >= _NEUTRAL) & (chroma < 2 * _NEUTRAL))
    if len(greys) < _LEAST_NEUTRAL * len(light) or paints > _PAINTED * len(greys):
        return 0.0
    mean = greys.mean(axis=0)
    warmth = np.log2(mean[0] / mean[2])
    cool, warm = (_gains(kelvin) for kelvin in (_MOST_KELVIN, -_MOST_KELVIN))
    low, high = np.log2(cool[0] / cool[2]), np.log2(warm[0] / warm[2])
    found = float(np.interp(_FOLLOWED_WARMTH * warmth, (low, 0, high), (_MOST_KELVIN, 0, -_MOST_KELVIN)))
    return round(found, 0)


@functools.lru_cache(maxsize=64)
def _gains(kelvin: float) -> Floats:
    """Return linear sRGB gains (3,) of daylight that many kelvin from D65, luminance kept."""
    shifted = _white(_DAYLIGHT + kelvin) / _white(_DAYLIGHT)
    return floats(shifted / (shifted @ np.array([0.2126, 0.7152, 0.0722])))


def _white(kelvin: float) -> Floats:
    """Return the colour of CIE daylight, linear sRGB (3,), for 4,000 to 7,100 K (CIE 15:2004, eq. 3.3)."""
    x = -4.6070e9 / kelvin**3 + 2.9678e6 / kelvin**2 + 99.11 / kelvin + 0.244063
    y = -3.000 * x**2 + 2.870 * x - 0.275
    return floats(_RGB_FROM_XYZ @ np.array([x / y, 1, (1 - x - y) / y]))


def _rolled_off(light: Floats) -> Floats:
    """Return light whose highlights bend instead of clipping; below the knee it stays as it is."""
    over = np.maximum(light - _KNEE, 0) / (1 - _KNEE)
    return floats(np.where(light <= _KNEE, light, _KNEE + (1 - _KNEE) * over / (1 + over) * 2))
