"""Pictures that a generator made, as they arrive: hostile files until proven plates."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.errors import GenerationFailed, RejectedPhoto
from packshot.imaging.arrays import Bytes, Flags, Floats
from packshot.imaging.colour import luma
from packshot.imaging.decoding import Limits, read_photo

if TYPE_CHECKING:
    from packshot.ports import Segmenter

_BLANK = 1.5
"""Standard deviation of luma, in 8-bit steps, below which a picture shows nothing. The studio's plainest
plate has 7; what stands in for a picture that moderation withheld is one colour."""
_SMALL = 256
_SIDE = 640
"""Longest side, in pixels, of what the network is shown."""
_SEEN = 0.5
_EDGE = 0.01
_LEAST, _MOST = 0.015, 0.2
"""Shares of the picture that a thing that stands in it has; larger is an arch or a wall."""
_SURE = 0.8
"""Mean probability that a network gives a thing; of a fold or a patch of light it is less sure."""
_PLACE = (slice(0.25, 0.9), slice(0.15, 0.85))
"""Rows and columns, as shares, in which products stand: a thing is there by most of its area.

By u2netp, of 143 empty pictures of the fake (13 sets, 11 palettes) none is taken for full; with a product in
each, 0.25 to 0.6 of the frame long, 132 are found (`python -m tests.benchmarks.arrivals`). The judge looks
again, at the product's own place.
"""


def open_picture(file: bytes, *, shortest_side: int, memory: int) -> Bytes:
    """Return a generator's picture, sRGB (H, W, 3); `GenerationFailed` says what else came.

    `memory` is what the process may use, bytes.
    """
    try:
        decoded = read_photo(file, limits=Limits(heaviest=25_000_000, most_pixels=8_400_000, memory=memory))
    except RejectedPhoto as error:
        raise GenerationFailed(
            f"The generator's file is no picture that can be used ({error.code})."
        ) from error
    found = min(decoded.width, decoded.height)
    if found < shortest_side:
        raise GenerationFailed(
            f"The generator's picture has {found} pixels where {shortest_side} were ordered."
        )
    if decoded.alpha is not None:
        raise GenerationFailed("The generator's picture has holes.")
    if _is_blank(decoded.pixels):
        raise GenerationFailed("The generator's picture is blank, as those that its moderation withholds.")
    return decoded.pixels


def require_shape(picture: Bytes, *, width: int, height: int) -> None:
    """Raise `GenerationFailed` for a picture of another shape than was ordered."""
    found, wanted = picture.shape[1] / picture.shape[0], width / height
    if abs(found / wanted - 1) > 0.06:
        raise GenerationFailed(
            f"The generator's picture is {found:.2f} times as wide as high, not {wanted:.2f}."
        )


def require_empty(picture: Bytes, *, segmenter: "Segmenter") -> None:
    """Raise `GenerationFailed` for a scene in which something stands: the product would be the second."""
    scale = min(_SIDE / max(picture.shape[:2]), 1)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    share = standing_share(segmenter.predict(np.asarray(small, dtype=np.uint8)))
    if share:
        raise GenerationFailed(f"Something stands in the generator's scene ({share:.0%} of it).")


def standing_share(seen: Floats) -> float:
    """Return the share of a picture that its largest free-standing thing takes, 0 if there is none.

    `seen` is the probability of a thing, (H, W). What reaches the sides or the top is part of the room.
    """
    height, width = seen.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats((seen > _SEEN).astype(np.uint8))
    shares = [0.0]
    for label in range(1, count):
        share = float(stats[label, cv2.CC_STAT_AREA]) / (height * width)
        if _LEAST <= share <= _MOST and _stands(labels == label, seen, box=stats[label]):
            shares.append(share)
    return max(shares)


def _stands(thing: Flags, seen: Floats, *, box: NDArray[np.int32]) -> bool:
    """Say whether an island is a thing in the place of products, and the network sure of it."""
    height, width = seen.shape
    x, y, across = (int(box[each]) for each in (cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP, cv2.CC_STAT_WIDTH))
    margin = max(round(_EDGE * width), 1)
    if x <= margin or x + across >= width - margin or y <= margin:
        return False
    rows, columns = (
        slice(round(place.start * side), round(place.stop * side))
        for place, side in zip(_PLACE, (height, width), strict=True)
    )
    is_there = np.count_nonzero(thing[rows, columns]) > np.count_nonzero(thing) / 2
    return bool(is_there) and float(seen[thing].mean()) >= _SURE


def fitted(picture: Bytes, *, width: int, height: int) -> Bytes:
    """Return a picture at the size of a frame, its middle if its shape differs a little."""
    wanted = width / height
    rows, columns = picture.shape[:2]
    across, down = min(columns, round(rows * wanted)), min(rows, round(columns / wanted))
    x, y = (columns - across) // 2, (rows - down) // 2
    part = picture[y : y + down, x : x + across]
    method = cv2.INTER_AREA if width <= across else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (width, height), interpolation=method), dtype=np.uint8)


def _is_blank(picture: Bytes) -> bool:
    scale = min(_SMALL / max(picture.shape[:2]), 1)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return float(luma(np.asarray(small, dtype=np.uint8)).std()) < _BLANK / 255
