"""How bright a photo should be, and whether haze lies over it, judged without a model of its subject.

A photo that is exposed well uses the range: of 101 good ones the 99th percentile of the highest channel
has its median at -0.2 stops from white, and 95 % lie above -0.8. What lies far below is too dark,
unless everything in it but a few highlights is (a low-key photo); too bright is what lost much to
white in a picture that is bright all over. In between nothing is done.
"""

from dataclasses import dataclass

import numpy as np

from packshot.events import Tone
from packshot.imaging.arrays import Flags, Floats, floats
from packshot.imaging.colour import srgb_from_linear
from packshot.imaging.correction.limits import CategoryLimits
from packshot.imaging.correction.sight import Sight, luminance

_GOOD_WHITE = 0.88
_DARK_FROM, _DARK_SURE = 0.60, 0.42
_VEILED = (0.155, 0.195)
_PAPER = 0.85
_PAPER_FROM, _PAPER_SURE = 0.70, 0.50
_LOW_KEY = 0.2
_BLACK = 0.06
_LEAST_BLACK = 0.0125
_MIDDLE = 0.25
_LOST_FROM, _LOST_SURE = 0.08, 0.25
_CLIPPED = 0.975
_LEAST_STOPS = 0.12
_LOST_HIGHLIGHTS = 0.001
_KNEE = 0.82
_NEW_CLIPPING = 0.002
_HAZE_BLACK = (0.16, 0.20)
_HAZE_WHITE = (0.62, 0.89)
_NO_BLACK = (0.29, 0.38)
_BLACK_AT, _WHITE_AT = 0.09, 0.94


@dataclass(frozen=True, slots=True)
class Verdict:
    """The tone to give, and why, in words."""

    tone: Tone
    reasons: tuple[str, ...]


def judge_tone(sight: Sight, *, gains: Floats, limits: CategoryLimits) -> Verdict:
    """Judge exposure and contrast of a photo as it is after these gains (3,)."""
    light = sight.seen_through(gains)
    stops, why_exposure = _exposure(sight, light, limits=limits)
    black, white, why_haze = (0.0, 1.0, "") if abs(stops) > 0.3 else _haze(sight, light, limits=limits)
    stops = 0.0 if why_haze else stops
    reasons = (why_haze or why_exposure,)
    highest = light.max(axis=-1)[sight.product]
    brighter = np.clip(highest * 2**stops, 0, None)
    clips = float(((brighter > 1) & (highest <= 1)).mean()) > _NEW_CLIPPING
    lost = float((sight.pixels.max(axis=-1)[sight.product] >= 253).mean())
    return Verdict(
        Tone(
            exposure=round(stops, 3),
            knee=_KNEE if clips else 1.0,
            clipped_to=_clipped_to(light, gains=gains, stops=stops, lost=lost),
            black=round(black, 4),
            white=round(white, 4),
        ),
        reasons,
    )


def _clipped_to(light: Floats, *, gains: Floats, stops: float, lost: float) -> float:
    """Return the linear level that clipped channels keep: white where light is taken away.

    Where gains alone lower a channel, the others' highlights show how bright white is.
    """
    if lost <= _LOST_HIGHLIGHTS or (stops >= 0 and float(gains.min()) >= 1):
        return 0.0
    if stops < 0:
        return 1.0
    others = light[..., gains >= 1].reshape(-1)
    return round(min(1.0, float(np.quantile(others, 0.99)) * 2**stops), 3) if others.size else 0.0


def _exposure(sight: Sight, light: Floats, *, limits: CategoryLimits) -> tuple[float, str]:
    white = _highest(sight, light, share=0.998)
    middles = [float(np.median(luminance(light)[region])) for region in sight.regions]
    lost = [_lost(sight.linear, where=region) for region in sight.regions]
    is_paper = sight.plain and middles[-1] > _PAPER * white
    start, sure_from = (_PAPER_FROM, _PAPER_SURE) if is_paper else (_DARK_FROM, _DARK_SURE)
    if white < start:
        if max(middles) < _LOW_KEY * white or white < _BLACK:
            return 0.0, "Exposure is left: the photo is dark on purpose or black on black."
        veiled = _veiled(sight, light, is_paper=is_paper)
        sure = _ramp(white, low=start, high=sure_from) * (1 - veiled)
        stops = min(sure * float(np.log2(_GOOD_WHITE / max(white, 1e-4))), limits.brighter)
        if stops >= _LEAST_STOPS:
            return stops, f"Brightened by {stops:.2f} stops: its highlights reached {white:.0%} of white."
    # What is overexposed has lost its blacks too.
    lifted = (
        min(float(np.quantile(luminance(light)[region], 0.005)) for region in sight.regions) > _LEAST_BLACK
    )
    if not sight.plain and sight.has_backdrop and lifted and middles[1] > _MIDDLE:
        sure = _ramp(lost[1], low=_LOST_FROM, high=_LOST_SURE)
        stops = min(sure * float(np.log2(middles[1] / _MIDDLE)), limits.darker)
        if stops >= _LEAST_STOPS:
            return (
                -stops,
                f"Darkened by {stops:.2f} stops: {lost[1]:.0%} of the surroundings were lost to white.",
            )
    if lost[0] > 0.5:
        return 0.0, "Exposure is left: most of the product is clipped at white; take the photo again, darker."
    return 0.0, "Exposure is good."


def _veiled(sight: Sight, light: Floats, *, is_paper: bool) -> float:
    """Say how sure it is that a veil, not the exposure, keeps a photo from its white.

    An underexposed photo has its blacks, unless all in it is as light as the paper behind it.
    """
    black = _black(sight, light)
    return 0.0 if is_paper or black > _NO_BLACK[1] else _ramp(black, low=_VEILED[0], high=_VEILED[1])


def _haze(sight: Sight, light: Floats, *, limits: CategoryLimits) -> tuple[float, float, str]:
    """Return the encoded values that become black and white; both ends of the range must be empty."""
    black = _black(sight, light)
    white = float(srgb_from_linear(floats([_highest(sight, light, share=0.998)]))[0])
    low_end = _ramp(black, low=_HAZE_BLACK[0], high=_HAZE_BLACK[1])
    low_end *= 1 - _ramp(black, low=_NO_BLACK[0], high=_NO_BLACK[1])
    if white > _HAZE_WHITE[1] or low_end == 0:
        return 0.0, 1.0, ""
    if white < _HAZE_WHITE[0]:
        low, high = low_end * (black - _BLACK_AT), 1.0
    else:
        scale = (_WHITE_AT - _BLACK_AT) / (white - black)
        low = black - _BLACK_AT / scale
        low, high = low_end * low, 1 + low_end * (low + 1 / scale - 1)
    span = high - low
    if span < 1 - limits.contrast:
        middle, span = (high + low) / 2, 1 - limits.contrast
        low, high = middle - span / 2, middle + span / 2
    if span > 0.94:
        return 0.0, 1.0, ""
    return low, high, f"Contrast raised by {1 / span - 1:.0%}: neither black nor white was in the photo."


def _black(sight: Sight, light: Floats) -> float:
    """Return the encoded level that the lowest channel of product or backdrop comes down to.

    A saturated colour has a channel near black however light it is; under a veil nothing has.
    """
    lowest = srgb_from_linear(light.min(axis=-1))
    return min(float(np.quantile(lowest[region], 0.005)) for region in sight.regions)


def _highest(sight: Sight, light: Floats, *, share: float) -> float:
    """Return the level that the highest channel of product or backdrop reaches."""
    highest = light.max(axis=-1)
    return max(float(np.quantile(highest[region], share)) for region in sight.regions)


def _lost(linear: Floats, *, where: Flags) -> float:
    return float((linear.max(axis=-1)[where] >= _CLIPPED).mean())


def _ramp(value: float, *, low: float, high: float) -> float:
    share = float(np.clip((value - low) / (high - low), 0, 1))
    return share * share * (3 - 2 * share)
