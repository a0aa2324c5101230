"""Decide what to put right in a photo: little, for reasons, and nothing where nothing speaks for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from packshot.events import Category, Correction, Detail, Gains, Hex, Tone
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import delta_e, lab_from_srgb
from packshot.imaging.correction.applying import curves
from packshot.imaging.correction.balance import judge_light
from packshot.imaging.correction.crispness import measure_blur
from packshot.imaging.correction.exposure import judge_tone
from packshot.imaging.correction.grain import MOST, measure_grain
from packshot.imaging.correction.illuminants import LightColour, gains_against
from packshot.imaging.correction.limits import CategoryLimits, load_limits
from packshot.imaging.correction.sight import Sight, look

SMALLEST_SIDE = 128
"""Pixels of the photo's longest side, under which nothing is judged."""

_NOISY = 0.017
_SOFT = 0.95
_MOST_SHARPENING = 1.0
_NEW_CLIPPING = 0.004


@dataclass(frozen=True, slots=True)
class Wish:
    """What the shop says of a photo.

    `colours` are its brand's, which the product is known to show.
    """

    category: Category = "other"
    colours: tuple[Hex, ...] = ()


def correct(
    photo: Bytes, *, matte: Bytes, wish: Wish | None = None, backdrop_is_real: bool = True
) -> Correction:
    """Return the correction of a photo (H, W, 3), sRGB, with its matte (H, W), as recorded and applied."""
    wish, limits = wish or Wish(), load_limits()
    none = Correction(limits_version=limits.version)
    if max(photo.shape[:2]) < SMALLEST_SIDE:
        return none.model_copy(update={"reasons": ("Nothing is judged: the photo is too small.",)})
    sight = look(photo, matte=matte, backdrop_is_real=backdrop_is_real)
    if not sight.has_product:
        return none.model_copy(update={"reasons": ("Nothing is judged: the matte shows no product.",)})
    bounds = limits.categories[wish.category]
    toned = _judge_colours(sight, anchors=wish.colours, bounds=bounds, none=none)
    detail, reasons = _judge_detail(photo, matte=matte)
    return toned.model_copy(update={"detail": detail, "reasons": toned.reasons + reasons})


def strength_of(correction: Correction, *, sight: Sight) -> float:
    """Return the product's mean ΔE2000 before and after the correction's curves."""
    before = sight.pixels[sight.product][None]
    after = np.asarray(cv2.LUT(before, curves(correction)[None]), dtype=np.uint8)
    return round(float(delta_e(lab_from_srgb(before), lab_from_srgb(after)).mean()), 3)


def held_to(correction: Correction, *, sight: Sight, bounds: CategoryLimits) -> Correction:
    """Weaken a correction until it loses no detail to black or white and stays within its strength."""
    held = correction
    for share in (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.1):
        held = _weakened(correction, share=share)
        strength = strength_of(held, sight=sight)
        if strength <= bounds.delta_e and new_clipping(held, sight=sight) <= _NEW_CLIPPING:
            reasons = held.reasons if share == 1 else (*held.reasons, f"Held to {share:.0%} by the limits.")
            return held.model_copy(update={"strength": strength, "reasons": reasons})
    return correction.model_copy(
        update={
            "gains": Gains(),
            "tone": Tone(),
            "reasons": (*correction.reasons, "Given up: it would clip."),
        }
    )


def new_clipping(correction: Correction, *, sight: Sight) -> float:
    """Return the share of product pixels with a channel that the curves drive to black or white."""
    before = sight.pixels[sight.product]
    after = np.asarray(cv2.LUT(before[None], curves(correction)[None]), dtype=np.uint8)[0]
    high = (after.max(axis=-1) >= 253) & (before.max(axis=-1) < 253)
    low = (after.max(axis=-1) <= 2) & (before.max(axis=-1) > 2)
    return float((high | low).mean())


def gains_of(factors: Floats) -> Gains:
    """Return factors (3,) as recorded, to four places."""
    red, green, blue = (round(float(each), 4) for each in factors)
    return Gains(red=red, green=green, blue=blue)


def _judge_colours(
    sight: Sight, *, anchors: Sequence[Hex], bounds: CategoryLimits, none: Correction
) -> Correction:
    light = judge_light(sight, anchors=anchors, surroundings=bounds.surroundings)
    factors = floats(np.ones(3))
    if light.light is not None:
        factors = gains_against(_bounded(light.light, bounds))
    tone = judge_tone(sight, gains=factors, limits=bounds)
    update = {"gains": gains_of(factors), "tone": tone.tone, "reasons": (light.reason, *tone.reasons)}
    return held_to(none.model_copy(update=update), sight=sight, bounds=bounds)


def _bounded(light: LightColour, bounds: CategoryLimits) -> LightColour:
    """Return the light as far as it may be taken out: warm light makes the picture cooler."""
    mired = min(max(light.mired, -bounds.warmer), bounds.cooler)
    return LightColour(mired, min(max(light.tint, -bounds.tint), bounds.tint))


def _weakened(correction: Correction, *, share: float) -> Correction:
    """Return part of a correction, in the logarithm of its gains."""
    if share == 1:
        return correction
    gains, tone = correction.gains, correction.tone
    factors = floats(np.array([gains.red, gains.green, gains.blue]) ** share)
    weaker = tone.model_copy(
        update={
            "exposure": round(tone.exposure * share, 3),
            "black": round(tone.black * share, 4),
            "white": round(1 + (tone.white - 1) * share, 4),
        }
    )
    return correction.model_copy(update={"gains": gains_of(factors), "tone": weaker})


def _judge_detail(photo: Bytes, *, matte: Bytes) -> tuple[Detail, tuple[str, ...]]:
    inside = np.asarray(cv2.erode((matte >= 250).astype(np.uint8), np.ones((5, 5), np.uint8)), np.uint8)
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if len(rows) == 0:
        return Detail(), ()
    part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    shown, where = np.ascontiguousarray(photo[part]), np.ascontiguousarray(inside[part])
    grain, blur = measure_grain(shown, inside=where), measure_blur(shown, inside=where)
    noise = round(min(grain, MOST), 4) if grain > _NOISY else 0.0
    # Sharpening brings back what grain was taken out, so one or the other.
    amount = 0.0 if noise or blur < _SOFT else round(min(0.8 * blur, _MOST_SHARPENING), 3)
    found = (
        (noise > 0, f"Grain of {255 * grain:.1f} steps reduced."),
        (amount > 0, f"Sharpened: its edges are {blur:.1f} pixels soft."),
    )
    detail = Detail(noise=noise, blur=round(min(blur, 3.0), 2) if amount else 0.0, sharpening=amount)
    return detail, tuple(sentence for applies, sentence in found if applies)
