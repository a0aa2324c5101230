"""Which light a photo was taken in, as far as the photo itself says so.

Witnesses, best first: colours that the brand gives; a plain backdrop that could be white paper; and,
where neither is there, the brightest surfaces (white patch) and the edges (grey edge: van de Weijer,
Gevers, Gijsenij 2007, IEEE TIP 16(9), p = 6; without derivatives it is shades of grey: Finlayson and
Trezzi 2004). These two err in different ways, so where they disagree they are believed less. Nothing
is ever balanced to the product's own mean: a product of one colour keeps it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from packshot.imaging.arrays import Flags, Floats, floats
from packshot.imaging.colour import lab_from_linear, linear_from_srgb, srgb_from_hex
from packshot.imaging.correction.illuminants import (
    LightColour,
    gains_against,
    light_of,
    light_of_clipped,
)
from packshot.imaging.correction.sight import Sight, luminance

_MINKOWSKI = 6
_PAPER_TINT = 0.13
_PAPER_COOLEST, _PAPER_WARMEST = -75, 125
_PAPER_DEAD = 12
_PAPER_LEAST = 0.004
_PAPER_DARK = 0.04
_CREAM = 20
# Real rooms are a little warm: 71 looked at have their median here, in mired, with this deviation.
_ROOM_WARMTH = 17
_ROOM_DEVIATION = 24
_CAST_SHARE = 0.25
_CAST_DEVIATION = 70
_LEAST = 7
_WOOD = (110, 150)
_ANCHOR_FIT = 7.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The light to take out, None for none, and why, in words."""

    light: LightColour | None
    reason: str


def judge_light(sight: Sight, *, anchors: Sequence[str] = (), surroundings: float = 1.0) -> Verdict:
    """Ask the witnesses, the best first; `surroundings` is how far those of a busy backdrop are believed."""
    if anchors and (verdict := _ask_anchors(sight, anchors)) is not None:
        return verdict
    if sight.plain:
        return _ask_paper(sight)
    if sight.has_backdrop:
        return _ask_surroundings(sight, believed=surroundings)
    return Verdict(None, "White balance is left: there is no backdrop to judge the light by.")


def _ask_anchors(sight: Sight, anchors: Sequence[str]) -> Verdict | None:
    """Return the light in which the product shows a colour of its brand; None if it shows none of them.

    Each light in question is taken out of the product; the one after which most of it has an anchor's hue
    and chroma is it.
    """
    wanted = lab_from_linear(linear_from_srgb(np.array([srgb_from_hex(each) for each in anchors])))
    shown = sight.linear[sight.product & sight.usable][::7]
    if len(shown) == 0:
        return None
    best, share = 0.0, 0.0
    for mired in np.arange(-70.0, 111.0, 5.0):
        lab = lab_from_linear(floats(shown * gains_against(LightColour(float(mired)))))
        distance = np.abs(lab[:, None, 1:] - wanted[None, :, 1:]).max(axis=-1).min(axis=-1)
        near = float((np.exp(-((distance / _ANCHOR_FIT) ** 2))).mean())
        # A light must explain clearly more than daylight does.
        if near > share + 0.02 + 0.0005 * abs(mired):
            best, share = float(mired), near
    if share < 0.15:
        return None
    if abs(best) <= 10:
        return Verdict(None, "White balance is left: the product shows its brand's colours.")
    return Verdict(LightColour(best), f"{_name(best)} light taken out, by the brand's colours.")


def _ask_paper(sight: Sight) -> Verdict:
    paper, light = _paper(sight)
    if light is None:
        return Verdict(
            None, "White balance is left: the backdrop is clipped, so it shows no colour of light."
        )
    if paper < _PAPER_LEAST:
        return Verdict(None, "White balance is left: the backdrop is black.")
    if abs(light.tint) > _PAPER_TINT or not _PAPER_COOLEST <= light.mired <= _PAPER_WARMEST:
        return Verdict(None, "White balance is left: the backdrop has a colour of its own.")
    if light.mired > _CREAM and _has_neutral_highlights(sight):
        return Verdict(None, "White balance is left: the backdrop is cream, the highlights are white.")
    distance = float(np.hypot(light.mired, 160 * light.tint))
    # 8 bits of a dark paper's colour are few, and compression blurs them.
    dead = _PAPER_DEAD * (1 + _PAPER_DARK / paper)
    share = _ramp(distance, low=dead, high=2 * dead)
    if share == 0:
        return Verdict(None, "White balance is good.")
    taken = LightColour(share * light.mired, share * light.tint)
    return Verdict(taken, f"{_name(light.mired)} light taken out, by the plain backdrop.")


def _paper(sight: Sight) -> tuple[float, LightColour | None]:
    """Return the backdrop's luminance and the light if it is white; None where clipping hides that."""
    enough = max(32, 0.1 * sight.backdrop.sum())
    for light, where in ((light_of, sight.usable), (light_of_clipped, sight.half_clipped)):
        clean = sight.backdrop & where
        if clean.sum() >= enough:
            paper = floats(np.median(sight.linear[clean], axis=0))
            return float(luminance(paper)), light(paper)
    return 0.0, None


def _has_neutral_highlights(sight: Sight) -> bool:
    """Say whether what shines on the product is neutral: speculars have the light's own colour."""
    where = sight.product & sight.usable
    if where.sum() < 64:
        return False
    brightest = _white_patch(sight, where=where, share=0.02)
    light = light_of(brightest)
    return abs(light.mired) < 10 and abs(light.tint) < 0.06 and float(luminance(brightest)) > 0.3


def _ask_surroundings(sight: Sight, *, believed: float) -> Verdict:
    where = sight.usable & (sight.product | sight.backdrop)
    if where.sum() < 256:
        return Verdict(None, "White balance is left: too little of the photo is neither clipped nor black.")
    patch, edges = (
        light_of(_white_patch(sight, where=where, share=0.02)),
        light_of(_grey_edge(sight, where=where)),
    )
    if max(abs(patch.tint), abs(edges.tint)) > 2 * _PAPER_TINT:
        return Verdict(None, "White balance is left: the light or the room is coloured.")
    seen = (patch.mired + edges.mired) / 2 - _ROOM_WARMTH
    # So warm a picture is rather of wood or gold than in candle light.
    seen *= 1 - _ramp(seen, low=_WOOD[0], high=_WOOD[1])
    mired = believed * _shrink(seen, deviation=_ROOM_DEVIATION + 0.6 * abs(patch.mired - edges.mired))
    if abs(mired) < _LEAST:
        return Verdict(None, "White balance is left: nothing in the photo says clearly that it is off.")
    return Verdict(
        LightColour(mired), f"{_name(mired)} light taken out, by the brightest surfaces and the edges."
    )


def _shrink(seen: float, *, deviation: float) -> float:
    """Return the expected cast, given what the witnesses saw: most photos have none, some a large one.

    A mixture of two normal distributions, of photos balanced well and of those that are not.
    """
    wide = float(np.hypot(deviation, _CAST_DEVIATION))
    balanced = (1 - _CAST_SHARE) * np.exp(-0.5 * (seen / deviation) ** 2) / deviation
    cast = _CAST_SHARE * np.exp(-0.5 * (seen / wide) ** 2) / wide
    return float(seen * (_CAST_DEVIATION / wide) ** 2 * cast / (cast + balanced + 1e-12))


def _white_patch(sight: Sight, *, where: Flags, share: float) -> Floats:
    """Return the mean colour (3,) of the brightest `share` of these pixels."""
    light, colours = luminance(sight.linear)[where], sight.linear[where]
    return floats(colours[light >= np.quantile(light, 1 - share)].mean(axis=0))


def _grey_edge(sight: Sight, *, where: Flags) -> Floats:
    """Return the Minkowski mean (3,) of the edges of these pixels."""
    smooth = cv2.GaussianBlur(sight.linear, (0, 0), 1.5)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, *axes) for axes in ((1, 0), (0, 1)))
    edges = (across * across + down * down)[where].astype(np.float64) ** (_MINKOWSKI / 2)
    return floats(edges.mean(axis=0) ** (1 / _MINKOWSKI) + 1e-9)


def _name(mired: float) -> str:
    return f"{'Warm' if mired > 0 else 'Cool'} ({mired:+.0f} mired)"


def _ramp(value: float, *, low: float, high: float) -> float:
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return share * share * (3 - 2 * share)
