"""The colours of light from candle to blue sky, as a camera balanced for daylight (6,504 K) sees them.

Lights are placed by log(red / green) and log(blue / green) of the linear sRGB in which they show white,
and along the Planckian locus by mired (a million over kelvin) from daylight: positive is warmer.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Floats, floats

DAYLIGHT = 6504.0
COOLEST, WARMEST = -110, 330
"""Mired from daylight that the locus spans: 23,000 K to 2,070 K."""

_LINEAR_FROM_XYZ = np.array(
    [
        [3.2409699, -1.5373832, -0.4986108],
        [-0.9692436, 1.8759675, 0.0415551],
        [0.0556301, -0.2039770, 1.0569715],
    ]
)
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True, slots=True)
class LightColour:
    """A light: `mired` from daylight along the locus, `tint` its distance from it (positive: magenta)."""

    mired: float
    tint: float = 0.0


def light_of(white: Floats) -> LightColour:
    """Return the light in which white looks like this linear colour (3,); black is daylight."""
    if float(white.min()) <= 0:
        return LightColour(0.0)
    place = np.log(np.array([white[0] / white[1], white[2] / white[1]], dtype=np.float64))
    steps, locus = _locus()
    offsets = place - locus
    nearest = int(np.argmin((offsets**2).sum(axis=1)))
    # Both ratios rise together off the locus: less green is magenta.
    return LightColour(float(steps[nearest]), float(offsets[nearest].sum() / np.sqrt(2)))


def light_of_clipped(white: Floats) -> LightColour | None:
    """Return the light in which white looks like this linear colour (3,) of which red or blue is clipped.

    The two other channels place it on the locus; None if it is green that is clipped, as under no such
    light, or if the clipped one would not be clipped there.
    """
    if int(np.argmax(white)) == 1:
        return None
    steps, locus = _locus()
    clipped, index = (0, 1) if white[0] > white[2] else (2, 0)
    ratio = float(np.log(white[2 - clipped] / white[1]))
    order = np.argsort(locus[:, index])
    mired = float(np.interp(ratio, locus[order, index], steps[order]))
    would_be = float(white[1] * np.exp(np.interp(mired, steps, locus[:, 1 - index])))
    return LightColour(mired) if would_be >= 0.93 else None


def white_under(light: LightColour) -> Floats:
    """Return the linear colour (3,) of white in this light, of luminance 1."""
    steps, locus = _locus()
    ratios = np.array([np.interp(light.mired, steps, locus[:, index]) for index in range(2)])
    red, blue = np.exp(ratios + light.tint / np.sqrt(2))
    colour = np.array([red, 1.0, blue])
    return floats(colour / (colour @ _LUMINANCE))


def gains_against(light: LightColour) -> Floats:
    """Return the gains (3,) that make white in this light neutral and keep its luminance."""
    return floats(1 / white_under(light))


@functools.cache
def _locus() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mired from daylight (N,) and the two log ratios there (N, 2)."""
    steps = np.arange(COOLEST, WARMEST + 1, dtype=np.float64)
    colours = np.array([_blackbody(1e6 / (step + 1e6 / DAYLIGHT)) for step in steps])
    colours = colours / colours[-COOLEST]
    return steps, np.log(colours[:, [0, 2]] / colours[:, 1:2])


def _blackbody(kelvin: float) -> NDArray[np.float64]:
    """Return the linear sRGB of a black body (Kim et al. 2002, US patent 7024034: cubic splines in 1/T)."""
    t = 1e3 / kelvin
    if kelvin < 4000:
        x = ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
    else:
        x = ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390
    if kelvin < 2222:
        y = ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
    elif kelvin < 4000:
        y = ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
    else:
        y = ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483
    colour: NDArray[np.float64] = _LINEAR_FROM_XYZ @ np.array([x / y, 1.0, (1 - x - y) / y])
    return np.maximum(colour, 1e-6)
