"""What a network sees of a photo, shown to it in several ways.

A salient-object network such as U²-Net (Qin et al. 2020, arXiv 2005.09007) sees few pixels of much
context. Each view trades one for the other, so views err in different places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Bytes, Floats, floats

if TYPE_CHECKING:
    from packshot.ports import Segmenter

_SEEN = 0.3
_MARGIN = 0.12
_CONTEXT = 0.2


@dataclass(frozen=True, slots=True)
class View:
    """One opinion, (h, w) in [0, 1], all at one size; `weight` is its say among the others."""

    seen: Floats
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Window:
    """Rows and columns of an image, as slices."""

    rows: slice
    columns: slice

    def of(self, image: Bytes) -> Bytes:
        """Return the part of an image inside."""
        return np.ascontiguousarray(image[self.rows, self.columns])

    def scaled(self, *, to: Sequence[int], of: Sequence[int]) -> "Window":
        """Return the same window in an image of another height and width, of a pixel at least."""
        rows, columns = (
            slice(each.start * new // old, max(-(-each.stop * new // old), each.start * new // old + 1))
            for each, new, old in zip((self.rows, self.columns), to, of, strict=False)
        )
        return Window(rows, columns)


def see_whole(small: Bytes, *, by: "Segmenter") -> View:
    """Show the photo as it is."""
    return View(by.predict(small))


def see_mirrored(small: Bytes, *, by: "Segmenter") -> View:
    """Show the photo mirrored left to right."""
    return View(np.ascontiguousarray(by.predict(np.ascontiguousarray(small[:, ::-1]))[:, ::-1]))


def see_wide(small: Bytes, *, by: "Segmenter") -> View:
    """Show the photo as if the camera stood further away: what filled the frame becomes an object in it."""
    height, width = small.shape[:2]
    rows, columns = round(_CONTEXT * height), round(_CONTEXT * width)
    wide = cv2.copyMakeBorder(small, rows, rows, columns, columns, cv2.BORDER_REFLECT_101)
    seen = by.predict(np.asarray(wide, dtype=np.uint8))
    return View(np.ascontiguousarray(seen[rows : rows + height, columns : columns + width]))


def see_close(photo: Bytes, *, around: View, by: "Segmenter") -> View:
    """Show what another view found, and 12 % around it, in the photo's own pixels; 0 outside.

    It counts twice: the product's edges get most of what the network can tell apart.
    """
    shape = around.seen.shape
    window = find_window(around.seen)
    part = window.scaled(to=photo.shape[:2], of=shape).of(photo)
    seen = np.zeros(shape, dtype=np.float32)
    inside = seen[window.rows, window.columns]
    seen[window.rows, window.columns] = resize_mask(by.predict(part), inside.shape)
    return View(seen, weight=2)


def find_window(seen: Floats) -> Window:
    """Return rows and columns of what was seen plus a margin; everything if nothing was."""
    rows, columns = np.flatnonzero((seen > _SEEN).any(1)), np.flatnonzero((seen > _SEEN).any(0))
    if len(rows) == 0:
        return Window(slice(0, seen.shape[0]), slice(0, seen.shape[1]))
    return Window(_widen(rows, seen.shape[0]), _widen(columns, seen.shape[1]))


def _widen(places: NDArray[np.intp], length: int) -> slice:
    first, last = int(places[0]), int(places[-1]) + 1
    margin = round(_MARGIN * (last - first))
    return slice(max(0, first - margin), min(length, last + margin))


def resize_mask(mask: Floats, shape: Sequence[int]) -> Floats:
    """Return a mask (h, w) at another height and width: averaged when shrunk, bilinear when grown."""
    how = cv2.INTER_AREA if mask.shape[0] > shape[0] else cv2.INTER_LINEAR
    return floats(cv2.resize(mask, (shape[1], shape[0]), interpolation=how))
