"""How colours of a product and of a set go together, on a few colours and without numpy.

Lab is CIE 1976 under D65; `imaging.colour` does the same for whole images.
"""

import functools
import math
from dataclasses import dataclass
from typing import Literal, assert_never

Harmony = Literal["complementary", "analogous", "tonal", "neutral", "contrast"]

_HUELESS = 6.0
"""Chroma under which a wall has no hue at all."""
_SRGB_FOOT = 0.04045
_GREY = 14.0
"""Chroma under which a colour has no hue that matters."""
_ALBEDO = (0.03, 0.9)
"""What paint can be, as the studio has it."""
_KNEE = 0.74
"""Light up to which the studio's film shows a colour as it is."""
_FAR = 55.0
"""Difference of lightness that is all the contrast one can wish for."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A colour as lightness (0 to 100) and the two opponent axes."""

    lightness: float
    a: float
    b: float

    @property
    def chroma(self) -> float:
        """Return the distance from grey."""
        return math.hypot(self.a, self.b)

    @property
    def hue(self) -> float:
        """Return the hue angle in [0, 360) degrees."""
        return math.degrees(math.atan2(self.b, self.a)) % 360


@functools.lru_cache(maxsize=1024)
def lab(colour: str) -> Lab:
    """Return the Lab of an sRGB `#rrggbb`."""
    return _lab(*_channels(colour))


@functools.lru_cache(maxsize=4096)
def shown(paint: str, *, light: float) -> Lab:
    """Return how the studio's film shows a surface painted `#rrggbb`; in a light of 1, much as it is."""
    exposed = [min(max(channel, _ALBEDO[0]), _ALBEDO[1]) * light for channel in _channels(paint)]
    strongest = max(exposed)
    over = max(strongest - _KNEE, 0) / (1 - _KNEE)
    kept = (_KNEE + (1 - _KNEE) * over / (1 + over)) / strongest if strongest > _KNEE else 1.0
    return _lab(*(channel * kept for channel in exposed))


def _channels(colour: str) -> tuple[float, float, float]:
    """Return the linear light of an sRGB `#rrggbb`: red, green, blue."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return red, green, blue


def _lab(red: float, green: float, blue: float) -> Lab:
    x = _root((0.4123907993 * red + 0.3575843394 * green + 0.1804807884 * blue) / 0.9504559271)
    y = _root(0.2126390059 * red + 0.7151686788 * green + 0.0721923154 * blue)
    z = _root((0.0193308187 * red + 0.1191947798 * green + 0.9505321522 * blue) / 1.0890577508)
    return Lab(116 * y - 16, 500 * (x - y), 200 * (y - z))


@functools.lru_cache(maxsize=16_384)
def difference(one: Lab, other: Lab) -> float:
    """Return ΔE2000 (Sharma, Wu, Dalal 2005, kL = kC = kH = 1)."""
    stretch = 1.5 - 0.5 * _pull((one.chroma + other.chroma) / 2)
    first, second = (Lab(c.lightness, c.a * stretch, c.b) for c in (one, other))
    turn = (second.hue - first.hue + 180) % 360 - 180
    grey = first.chroma * second.chroma == 0
    hue = first.hue + second.hue if grey else (first.hue + turn / 2) % 360
    chroma = (first.chroma + second.chroma) / 2
    light = ((one.lightness + other.lightness) / 2 - 50) ** 2
    t = (
        1
        - 0.17 * _cos(hue - 30)
        + 0.24 * _cos(2 * hue)
        + 0.32 * _cos(3 * hue + 6)
        - 0.20 * _cos(4 * hue - 63)
    )
    dl = (other.lightness - one.lightness) / (1 + 0.015 * light / math.sqrt(20 + light))
    dc = (second.chroma - first.chroma) / (1 + 0.045 * chroma)
    half = 0.0 if grey else math.sin(math.radians(turn) / 2)
    dh = 2 * math.sqrt(first.chroma * second.chroma) * half / (1 + 0.015 * chroma * t)
    rotation = -2 * _pull(chroma) * math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    return math.sqrt(max(dl**2 + dc**2 + dh**2 + rotation * dc * dh, 0.0))


def agreement(product: Lab, wall: Lab, *, rule: Harmony) -> float:
    """Return in [0, 1] how well a wall goes with a product by one rule of colour harmony.

    The rules are those of the colour circle, here the hue angle of CIELAB: opposite (complementary),
    neighbouring (analogous), the same (tonal: tone on tone) and none (neutral); `contrast` is that of light
    and dark (Itten, Kunst der Farbe, 1961: two of his seven contrasts). A product without a hue goes with
    every hue; then a calm wall is a little better than a loud one.
    """
    calm = 1 - min(wall.chroma / 45, 1)
    if rule == "contrast":
        return min(abs(wall.lightness - product.lightness) / _FAR, 1) * 0.85 + 0.15 * calm
    if product.chroma < _GREY:
        return 0.6 + 0.4 * calm if rule in {"neutral", "tonal"} else 0.75 + 0.15 * calm
    turn = abs((wall.hue - product.hue + 180) % 360 - 180) if wall.chroma >= _HUELESS else 0.0
    match rule:
        case "complementary":
            return 0.62 if wall.chroma < _HUELESS else 0.35 + 0.65 * _near(turn, 165, within=75)
        case "analogous":
            return 0.7 if wall.chroma < _HUELESS else 0.35 + 0.65 * _near(turn, 25, within=70)
        case "tonal":
            return 0.5 * calm + 0.5 * _near(turn, 0, within=100)
        case "neutral":
            return calm
        case _:
            assert_never(rule)


def _near(angle: float, target: float, *, within: float) -> float:
    return max(0.0, 1 - abs(angle - target) / within)


def _pull(chroma: float) -> float:
    ratio: float = (chroma / 25) ** 7
    return math.sqrt(ratio / (ratio + 1))


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))


def _linear(share: float) -> float:
    return share / 12.92 if share <= _SRGB_FOOT else float(((share + 0.055) / 1.055) ** 2.4)


def _root(share: float) -> float:
    return math.cbrt(share) if share > 216 / 24389 else (24389 / 27 * share + 16) / 116
