"""Make a correction of a photo: the same pixels every time, from what is recorded alone."""

import cv2
import numpy as np

from packshot.events import Correction, Gains, Tone
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import linear_from_srgb, srgb_from_linear
from packshot.imaging.correction.crispness import sharpen
from packshot.imaging.correction.grain import reduce_grain

_HIGHLIGHT_POWER = 5


def apply(photo: Bytes, correction: Correction) -> Bytes:
    """Return the photo (H, W, 3), sRGB, corrected; the very same array where the correction changes nothing.

    Grain first, for a curve would make it uneven.
    """
    detail = correction.detail
    calm = reduce_grain(photo, deviation=detail.noise)
    toned = _toned(calm, correction)
    return sharpen(toned, deviation=detail.blur, amount=detail.sharpening)


def curves(correction: Correction) -> Bytes:
    """Return what each 8-bit step of red, green and blue becomes, (256, 3); none ever falls."""
    steps = linear_from_srgb(np.arange(256, dtype=np.uint8))
    gains, tone = correction.gains, correction.tone
    if (gains, tone) == (Gains(), Tone()):
        return np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    channels = [_curve(steps, gain=gain, tone=tone) for gain in (gains.red, gains.green, gains.blue)]
    return np.stack(channels, axis=1)


def _toned(photo: Bytes, correction: Correction) -> Bytes:
    if (correction.gains, correction.tone) == (Gains(), Tone()):
        return photo
    return np.asarray(cv2.LUT(photo, curves(correction)[None]), dtype=np.uint8)


def _curve(light: Floats, *, gain: float, tone: Tone) -> Bytes:
    total = gain * 2**tone.exposure
    bright = _highlights(floats(light * total), light=light, total=total, tone=tone)
    encoded = (srgb_from_linear(bright) - tone.black) / (tone.white - tone.black)
    return np.maximum.accumulate(np.rint(np.clip(encoded, 0, 1) * 255)).astype(np.uint8)


def _highlights(bright: Floats, *, light: Floats, total: float, tone: Tone) -> Floats:
    """Bend what would be cut off towards white; where light is taken away, hold up what had been cut off."""
    if total < tone.clipped_to:
        return floats(bright + (tone.clipped_to - total) * light**_HIGHLIGHT_POWER)
    if tone.knee < 1 and total > 1:
        room = 1 - tone.knee
        bent = tone.knee + room * (1 - np.exp(-np.maximum(bright - tone.knee, 0) / room))
        return floats(np.where(bright > tone.knee, bent, bright))
    return bright
