"""A product's image in the ground it stands on."""

import cv2
import numpy as np

from packshot.imaging.arrays import Floats, floats
from packshot.imaging.bodies import contact_line
from packshot.imaging.colour import linear_from_srgb
from packshot.imaging.compositing import Mirrored, ScaledCutout, Window
from packshot.imaging.placement import Frame

_COARSE = 4
"""Pixels of the frame for each pixel of a foot line."""
_DEPTH = 0.2
"""Share of the frame's height over which a mirror image fades: no ground of ours is polished."""
_BLURS = (1.5, 5.0, 14.0)
"""Deviations, in pixels at 1600, of the image near the foot, half way and at its end."""
_UNSEEN = 1 / 512


def mirror(product: ScaledCutout, *, gloss: float, frame: Frame) -> Mirrored | None:
    """Return the product's image in a ground of this `gloss`, None where nothing of it would be seen.

    Each column is turned over at the line on which it meets the ground. A ground that is not quite smooth
    blurs what is further from it, and sends less of it to the camera.
    """
    window, depth = product.window, round(_DEPTH * frame.height)
    if gloss == 0 or min(window.height, window.width) < _COARSE:
        return None
    line = _fine_foot_line(product)
    first = max(int(line.min()), 0)
    last = min(int(line.max()) + depth, frame.height - window.y)
    if last <= first:
        return None
    rows = np.arange(first, last, dtype=np.float32)[:, None]
    away = floats(np.clip((rows - line) / depth, 0, 1))
    image = _turned_over(product, rows=rows, line=line)
    image *= ((rows > line) * gloss * (1 - away) ** 2)[..., None]
    blurred = _blurred(image, away=away, scale=max(frame.width, frame.height) / 1600)
    share = blurred[..., 3]
    light = blurred[..., :3] / np.maximum(share, _UNSEEN / 4)[..., None]
    return Mirrored(
        window=Window(window.x, window.y + first, window.width, last - first),
        light=floats(light),
        share=share,
    )


def _turned_over(product: ScaledCutout, *, rows: Floats, line: Floats) -> Floats:
    """Return premultiplied linear light and alpha, (h, w, 4), each column upside down from its line."""
    height, width = len(rows), product.alpha.shape[1]
    x = np.broadcast_to(np.arange(width, dtype=np.float32), (height, width))
    y = floats(2 * line - rows)
    part = slice(max(int(y.min()) - 1, 0), max(int(line.max()) + 2, 1))
    cover = floats(product.alpha[part]) / 255
    light = linear_from_srgb(product.colours[part]) * cover[..., None]
    return floats(
        cv2.remap(
            np.dstack((light, cover)),
            floats(x),
            y - part.start,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
        )
    )


def _blurred(image: Floats, *, away: Floats, scale: float) -> Floats:
    """Return an image (h, w, 4) whose blur grows with `away` (h, w), from 0 to 1."""
    near, middle, end = (
        floats(cv2.blur(cv2.blur(image, (side, side)), (side, side)))
        for side in (round(2.45 * each * scale) | 1 for each in _BLURS)
    )
    low, high = np.clip(2 * away, 0, 1)[..., None], np.clip(2 * away - 1, 0, 1)[..., None]
    mixed = near + low * (middle - near)
    return floats(mixed + high * (end - mixed))


def _fine_foot_line(product: ScaledCutout) -> Floats:
    """Return the row of the window on which each of its columns meets the ground, (W,)."""
    height, width = product.alpha.shape
    size = (max(width // _COARSE, 1), max(height // _COARSE, 1))
    small = floats(cv2.resize(product.alpha, size, interpolation=cv2.INTER_AREA)) / 255
    line = cv2.resize(contact_line(floats(small))[None], (width, 1), interpolation=cv2.INTER_LINEAR)
    return floats((floats(line)[0] + 0.5) * height / size[1])
