"""Estimate a product's matte: views of the photo fused, colour where they disagree, the photo's edges."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from packshot.events import Box
from packshot.imaging.analysis import is_flat
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.backdrop import model_border
from packshot.imaging.encoding import to_bytes
from packshot.imaging.flat_backdrop import compare_with_backdrop
from packshot.imaging.fusion import agreement, find_doubt, fuse, heed, spread
from packshot.imaging.gaps import open_gaps
from packshot.imaging.graph_cut import settle_doubt
from packshot.imaging.guided_filter import guide
from packshot.imaging.islands import drop_islands, drop_neighbours
from packshot.imaging.views import View, resize_mask

GUIDE_SIDE = 700
"""Longest side, in pixels, of the image on which everything but the last step runs."""

_EPSILON = 1e-3
_CORE_DEPTH = 3
_NIBBLE = 0.0035


@dataclass(frozen=True, slots=True)
class Estimate:
    """A matte, (H, W) in [0, 1], in steps of 1/255 as it will be stored, and how sure we are, in [0, 1].

    `doubt` is the largest region that is disputed; `notes` are what its reader should know besides.
    """

    alpha: Floats
    confidence: float
    engine: str
    doubt: Box | None = None
    notes: tuple[str, ...] = ()


def adopt_alpha(alpha: Bytes) -> Estimate:
    """Take the upload's own alpha (H, W) for the matte; we are sure of it if it is mostly all or nothing."""
    hidden_in_part = np.mean((alpha > 12) & (alpha < 243)) / max(float(np.mean(alpha > 12)), 1e-6)
    matte = np.divide(alpha, 255, dtype=np.float32)
    return Estimate(alpha=matte, confidence=float(1 - np.clip(hidden_in_part - 0.5, 0, 0.5)), engine="upload")


def matte_from_views(photo: Bytes, *, small: Bytes, views: Sequence[View], engine: str) -> Estimate:
    """Estimate the matte of an sRGB photo (H, W, 3) from views of it; all 0 where they saw nothing.

    `small` is the photo at the views' size; the first view has seen all of it.
    """
    heard = heed(views)
    settled = settle_doubt(fuse(heard), small=small, views=heard)
    interpret = compare_with_backdrop if is_flat(model_border(small)) else open_gaps
    seen = drop_neighbours(interpret(settled, small=small, views=heard), small=small, views=views)
    return Estimate(
        alpha=finish(drop_islands(seen), small=small, photo=photo),
        confidence=agreement(views, settled=settled),
        engine=engine,
        doubt=find_doubt(spread(views), shape=photo.shape[:2]),
    )


def finish(seen: Floats, *, small: Bytes, photo: Bytes) -> Floats:
    """Return a mask (h, w) at the photo's size, its edges the photo's, its inside opaque.

    A wide guided filter finds the edges, a narrow one, at half the steepness again, keeps their detail.
    What they eat into the product, for a speck or a highlight is an edge to them, is given back.
    """
    found = steepen(guide(seen, pixels=small, photo=small, radius=6, epsilon=_EPSILON), slope=2)
    rough = guide(found, pixels=small, photo=photo, radius=3, epsilon=_EPSILON)
    sharp = np.maximum(steepen(rough, slope=1.5), _core(seen, shape=photo.shape))
    return in_steps(_mend(sharp, seen=seen))


def steepen(mask: Floats, *, slope: float) -> Floats:
    """Return the mask with more contrast about one half, clipped to [0, 1]."""
    return floats(np.clip((mask - 0.5) * slope + 0.5, 0, 1))


def in_steps(alpha: Floats) -> Floats:
    """Return alpha clipped to [0, 1] and rounded to what eight bits hold."""
    return np.divide(to_bytes(alpha), 255, dtype=np.float32)


def _core(seen: Floats, *, shape: tuple[int, ...]) -> Floats:
    """Return 1 well inside the product, 0 elsewhere, at the photo's size.

    Near its edge the guided filter would let the backdrop through whatever has the backdrop's colour.
    """
    inside = cv2.erode(seen, np.ones((2 * _CORE_DEPTH + 1,) * 2, dtype=np.uint8))
    certain = np.clip((inside - 0.9) / 0.08, 0, 1)
    return np.asarray(cv2.resize(certain, (shape[1], shape[0])), dtype=np.float32)


def _mend(alpha: Floats, *, seen: Floats) -> Floats:
    """Return alpha with small holes and nibbles closed, as far as the mask (h, w) had product there."""
    radius = max(1, round(_NIBBLE * max(alpha.shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    closed = np.divide(cv2.morphologyEx(to_bytes(alpha), cv2.MORPH_CLOSE, disc), 255, dtype=np.float32)
    certain = np.clip((resize_mask(seen, alpha.shape) - 0.6) / 0.2, 0, 1)
    return floats(np.maximum(alpha, np.minimum(closed, certain)))
