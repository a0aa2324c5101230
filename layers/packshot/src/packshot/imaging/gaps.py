"""Open what a product encloses of a backdrop that is not flat: under handles, between slats and wires.

Views of a network fill such gaps more often than not. Where one of them does not, the colours nearby say
who is right: those of what all views take for product, against those of what all take for backdrop, each
counted near the place, as in the localized classifiers of Bai, Wang, Simons, Sapiro (2009). A book behind
a basket is like the books beside it, whatever colours the basket has elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Bytes, Flags, Floats, floats
from packshot.imaging.colour import lab_from_srgb
from packshot.imaging.views import View

_SURELY_PRODUCT = 0.85
_SURELY_BACKDROP = 0.1
_FEWEST = 50
_DOUBTED = 0.5
_SMALLEST_GAP = 2e-4
_LOOKS_IT = 0.8
_WRONG = 0.15

_COLOURS = 32
_SAMPLED = 8
_ALIKE = 4.0
_CELL = 6
_REACH = 0.12
_EVERYWHERE = 0.02


def open_gaps(seen: Floats, *, small: Bytes, views: Sequence[View]) -> Floats:
    """Return `seen` (h, w) with enclosed gaps opened that a view doubts and that look like what is around.

    Nothing is opened of a product whose own colours look like its backdrop's: of that one nothing is known.
    """
    least = np.min([view.seen for view in views], axis=0)
    most = np.max([view.seen for view in views], axis=0)
    if not _blobs((seen > 0.5) & (least < _DOUBTED)).any():
        return seen
    product = least > _SURELY_PRODUCT
    backdrop = cv2.dilate(most, np.ones((5, 5), dtype=np.uint8)) < _SURELY_BACKDROP
    if min(np.count_nonzero(product), np.count_nonzero(backdrop)) < _FEWEST:
        return seen
    likeness = liken_to_backdrop(small, product=product, backdrop=backdrop)
    looks = np.clip((cv2.blur(likeness, (5, 5)) - 0.6) / 0.2, 0, 1)
    doubted = np.clip((_DOUBTED - least) / 0.2, 0, 1)
    opened = seen * (1 - _trust(likeness, product=product) * looks * doubted)
    return floats(np.where(_gaps(opened < 0.5, likeness=likeness), opened, seen))


def liken_to_backdrop(small: Bytes, *, product: Flags, backdrop: Flags) -> Floats:
    """Return how far each pixel's colour is more frequent in the backdrop nearby than in the product nearby.

    (h, w) in [0, 1], 0.5 where both have it alike, or neither; `product` and `backdrop` (h, w) flag what is
    known of both.
    """
    palette = _Palette.of(small)
    ours, theirs = (palette.frequencies(flags) for flags in (product, backdrop))
    rows, columns = (np.arange(length) // _CELL for length in small.shape[:2])
    return floats((theirs / (ours + theirs))[palette.colours, rows[:, None], columns])


@dataclass(frozen=True, slots=True)
class _Palette:
    """A photo's main colours: which one each pixel has, (h, w), and how much of another each stands for."""

    colours: NDArray[np.intp]
    kinship: Floats

    @classmethod
    def of(cls, small: Bytes) -> "_Palette":
        lab = lab_from_srgb(np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), dtype=np.uint8))
        sample = np.ascontiguousarray(lab[::_SAMPLED, ::_SAMPLED].reshape(-1, 3))
        # Without a seed the same photo gets another palette each time.
        cv2.setRNGSeed(1)
        stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 12, 0.5)
        count, start = min(_COLOURS, len(sample)), np.empty((0, 1), dtype=np.int32)
        centres = np.asarray(cv2.kmeans(sample, count, start, stop, 1, cv2.KMEANS_PP_CENTERS)[2])
        nearest = ((centres**2).sum(axis=1) - 2 * lab.reshape(-1, 3) @ centres.T).argmin(axis=1)
        apart = ((centres[:, None] - centres[None]) ** 2).sum(axis=-1)
        kinship = np.exp(-apart / (2 * _ALIKE**2))
        return cls(nearest.reshape(lab.shape[:2]), floats(kinship / kinship.sum(axis=1, keepdims=True)))

    def frequencies(self, where: Flags) -> Floats:
        """Return each colour's share among the flagged pixels near each cell, (colours, rows, columns).

        Where hardly any are near, it is the share among all of them.
        """
        height, width = (-(-length // _CELL) for length in where.shape)
        rows, columns = np.nonzero(where)
        places = (self.colours[where] * height + rows // _CELL) * width + columns // _CELL
        many = len(self.kinship)
        found = np.bincount(places, minlength=many * height * width).reshape(many, height, width)
        counts = np.tensordot(self.kinship, found.astype(np.float32), 1)
        overall = counts.sum(axis=(1, 2), keepdims=True) / max(float(counts.sum()), 1)
        reach = _REACH * max(where.shape) / _CELL
        near = np.stack(
            [cv2.GaussianBlur(each, (0, 0), reach, borderType=cv2.BORDER_CONSTANT) for each in counts]
        )
        few = _EVERYWHERE * _CELL**2
        return floats((near + few * overall) / (near.sum(axis=0) + few) + 1e-4)


def _trust(likeness: Floats, *, product: Flags) -> float:
    """Return 1 if what is surely product looks like it, 0 if 30 % of it looks like backdrop."""
    core = cv2.erode(product.astype(np.uint8), np.ones((3, 3), dtype=np.uint8)) > 0
    if np.count_nonzero(core) < _FEWEST:
        return 0.0
    return float(np.clip(2 - np.mean(likeness[core] > 0.5) / _WRONG, 0, 1))


def _gaps(open_: Flags, *, likeness: Floats) -> Flags:
    """Return the blobs of `open_` (h, w) off the photo's edge that look like backdrop, and their rims."""
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(
        _blobs(open_).view(np.uint8), connectivity=4, ltype=cv2.CV_32S
    )
    left, top, width, height, area = np.asarray(statistics).T
    chosen = (left > 0) & (top > 0) & (left + width < open_.shape[1]) & (top + height < open_.shape[0])
    chosen &= area >= _SMALLEST_GAP * open_.size
    chosen &= np.bincount(np.ravel(labels), weights=likeness.ravel()) > _LOOKS_IT * area
    chosen[0] = False
    return np.asarray(cv2.dilate(chosen[labels].astype(np.uint8), np.ones((7, 7), dtype=np.uint8)) > 0)


def _blobs(flags: Flags) -> Flags:
    """Return the flags without seams: those a square of 5 pixels fits into."""
    kernel = np.ones((5, 5), dtype=np.uint8)
    return np.asarray(cv2.morphologyEx(flags.astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0)
