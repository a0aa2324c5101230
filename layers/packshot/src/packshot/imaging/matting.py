"""Separate the product from its backdrop: what the network sees, the backdrop's colour, the photo's edges."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.analysis import is_flat
from packshot.imaging.arrays import Bytes, Flags, Floats
from packshot.imaging.backdrop import fit_backdrop, model_border, shrink
from packshot.imaging.colour import lab_from_srgb
from packshot.imaging.encoding import to_bytes
from packshot.imaging.glass import join_parts
from packshot.imaging.guided_filter import guide

if TYPE_CHECKING:
    from packshot.ports import Segmenter

Labels = NDArray[np.int32]

GUIDE_SIDE = 700
"""Longest side, in pixels, of the image on which everything but the last step runs."""

_SEEN = 0.3
_CROP_MARGIN = 0.12
_AGREES = 0.5
_RADIUS = 8
_EPSILON = 1e-4
_SHARPENING = 2.0
_CORE_DEPTH = 3
_SMALLEST_HOLE = 1e-4
_NARROW_ENDS = 12
_LARGEST_GAP = 1e-3
_SMALLEST_ISLAND = 0.01
_ISLAND_BRIDGE = 9


@dataclass(frozen=True, slots=True)
class Estimate:
    """A matte, (H, W) in [0, 1], in steps of 1/255 as it will be stored, and how sure we are, in [0, 1]."""

    alpha: Floats
    confidence: float
    engine: str


@dataclass(frozen=True, slots=True)
class Passes:
    """What the network saw in the whole photo, in its mirror image and in the product's box alone, (h, w).

    `cropped` is 0 outside `box`, whose slices are rows and columns.
    """

    full: Floats
    mirrored: Floats
    cropped: Floats
    box: tuple[slice, slice]


def adopt_alpha(alpha: Bytes) -> Estimate:
    """Take the upload's own alpha (H, W) for the matte; we are sure of it if it is mostly all or nothing."""
    hidden_in_part = np.mean((alpha > 12) & (alpha < 243)) / max(float(np.mean(alpha > 12)), 1e-6)
    matte = np.divide(alpha, 255, dtype=np.float32)
    return Estimate(alpha=matte, confidence=float(1 - np.clip(hidden_in_part - 0.5, 0, 0.5)), engine="upload")


def estimate_matte(pixels: Bytes, *, segmenter: "Segmenter") -> Estimate:
    """Estimate the matte of an sRGB photo (H, W, 3); all 0 where the network sees nothing."""
    small = shrink(pixels, longest=GUIDE_SIDE)
    passes = look(small, photo=pixels, segmenter=segmenter)
    seen = _fuse(passes)
    if is_flat(model_border(small)):
        seen = _compare_with_backdrop(seen, pixels=small, passes=passes)
    seen = _drop_islands(seen)
    rough = guide(seen, pixels=small, photo=pixels, radius=_RADIUS, epsilon=_EPSILON)
    sharp = (rough - 0.5) * _SHARPENING + 0.5
    return Estimate(
        alpha=in_steps(np.maximum(sharp, _core(seen, shape=pixels.shape))),
        confidence=_agreement(passes),
        engine=segmenter.name,
    )


def in_steps(alpha: Floats) -> Floats:
    """Return alpha clipped to [0, 1] and rounded to what eight bits hold."""
    return np.divide(to_bytes(alpha), 255, dtype=np.float32)


def look(small: Bytes, *, photo: Bytes, segmenter: "Segmenter") -> Passes:
    """Show the network the photo three ways; the third at the resolution that the photo has there."""
    full = segmenter.predict(small)
    mirrored = segmenter.predict(np.ascontiguousarray(small[:, ::-1]))[:, ::-1]
    box = _box_of(full)
    cropped = np.zeros_like(full)
    height, width = full[box].shape
    part = shrink(_part(photo, box=box, of=full.shape), longest=GUIDE_SIDE)
    cropped[box] = cv2.resize(segmenter.predict(part), (width, height), interpolation=cv2.INTER_AREA)
    return Passes(full=full, mirrored=mirrored, cropped=cropped, box=box)


def _box_of(seen: Floats) -> tuple[slice, slice]:
    """Return rows and columns of what was seen plus a margin; everything if nothing was."""
    rows, columns = np.flatnonzero((seen > _SEEN).any(1)), np.flatnonzero((seen > _SEEN).any(0))
    if len(rows) == 0:
        return slice(0, seen.shape[0]), slice(0, seen.shape[1])
    return _widen(rows, seen.shape[0]), _widen(columns, seen.shape[1])


def _widen(places: NDArray[np.intp], length: int) -> slice:
    first, last = int(places[0]), int(places[-1]) + 1
    margin = round(_CROP_MARGIN * (last - first))
    return slice(max(0, first - margin), min(length, last + margin))


def _part(photo: Bytes, *, box: tuple[slice, slice], of: tuple[int, ...]) -> Bytes:
    """Return the part of the photo that the box covers in an image of the size `of`."""
    rows, columns = (
        slice(each.start * full // small, max(each.stop * full // small, each.start * full // small + 1))
        for each, full, small in zip(box, photo.shape[:2], of, strict=True)
    )
    return np.ascontiguousarray(photo[rows, columns])


def _fuse(passes: Passes) -> Floats:
    """Return one probability: both whole views, and the closer one where it does not contradict them."""
    seen = (passes.full + passes.mirrored) / 2
    inside = seen[passes.box]
    agreed = (np.abs(passes.cropped[passes.box] - inside) < _AGREES).astype(np.float32)
    weight = cv2.GaussianBlur(agreed, (0, 0), 3) * np.float32(2 / 3)
    seen[passes.box] = inside + weight * (passes.cropped[passes.box] - inside)
    return np.asarray(seen, dtype=np.float32)


def _compare_with_backdrop(seen: Floats, *, pixels: Bytes, passes: Passes) -> Floats:
    """Open what has the backdrop's colour and close what has not, where the network is not sure.

    Where all views are sure, colour says nothing: a white label is no hole, a shadow no product.
    """
    lab = lab_from_srgb(pixels)
    model = fit_backdrop(lab, where=_surely_backdrop(seen))
    difference = lab - model.colours(width=seen.shape[1], height=seen.shape[0])
    distance = np.linalg.norm(difference, axis=-1)
    is_backdrop = distance < max(2.0, 4 * model.spread)
    opened = _open_holes(seen, is_backdrop=is_backdrop, least=_least(passes))
    closed = _close_gaps(_recover_colours(opened, difference=difference), is_backdrop=is_backdrop)
    return join_parts(_drop_islands(closed), distance=distance)


def _surely_backdrop(seen: Floats) -> Flags:
    backdrop = cv2.dilate(seen, np.ones((13, 13), dtype=np.uint8)) < 0.05
    # Of a product that fills the frame nothing is left: then the border has to do.
    return backdrop if backdrop.mean() > 0.01 else seen <= np.quantile(seen, 0.02)


def _least(passes: Passes) -> Floats:
    """Return the lowest probability that any view gave."""
    least = np.minimum(passes.full, passes.mirrored)
    least[passes.box] = np.minimum(least[passes.box], passes.cropped[passes.box])
    return least


def _open_holes(seen: Floats, *, is_backdrop: Flags, least: Floats) -> Floats:
    """Return `seen` lowered in those patches of backdrop that at least one view did not take for product.

    An enclosed patch goes as a whole once a view is sure of it. Around the product only haze goes: what
    has the backdrop's colour there may be glass.
    """
    patches = cv2.morphologyEx(is_backdrop.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), dtype=np.uint8))
    count, labels, statistics = _patches(patches > 0)
    doubt = 1 - _mean_by(labels, least, count)
    large = statistics[:, cv2.CC_STAT_AREA] >= _SMALLEST_HOLE * seen.size
    enclosed = _are_enclosed(statistics, shape=seen.shape) & large
    enclosed[0] = False
    gone = enclosed & (doubt > 0.7)
    thinned = enclosed & ((doubt > 0.5) | (_mean_by(labels, seen, count) < 0.75))
    hazy = np.clip((seen - 0.3) / 0.2, 0, 1) * seen
    lowered = np.where(thinned[labels], seen * np.clip((least - 0.5) / 0.3, 0, 1), seen)
    lowered = np.where((labels > 0) & ~enclosed[labels], hazy, lowered)
    return np.where(_grow(gone[labels], inside=is_backdrop), 0, lowered).astype(np.float32)


def _grow(patch: Flags, *, inside: Flags) -> Flags:
    """Return the patch and what of `inside` adjoins it: the narrow ends that the opening took."""
    grown = patch
    for _ in range(_NARROW_ENDS):
        grown = (cv2.dilate(grown.astype(np.uint8), np.ones((3, 3), dtype=np.uint8)) > 0) & inside
    return grown | patch


def _are_enclosed(statistics: Labels, *, shape: tuple[int, ...]) -> Flags:
    """Say of each patch whether it keeps off the photo's edge, from OpenCV's statistics."""
    left, top = statistics[:, cv2.CC_STAT_LEFT], statistics[:, cv2.CC_STAT_TOP]
    right = left + statistics[:, cv2.CC_STAT_WIDTH]
    bottom = top + statistics[:, cv2.CC_STAT_HEIGHT]
    enclosed: Flags = (left > 0) & (top > 0) & (right < shape[1]) & (bottom < shape[0])
    return enclosed


def _recover_colours(seen: Floats, *, difference: Floats) -> Floats:
    """Return `seen` raised where the colour, or more light, cannot be the backdrop's in shadow."""
    chroma = np.hypot(difference[..., 1], difference[..., 2])
    foreign = np.maximum(chroma, 1.5 * np.maximum(difference[..., 0], 0))
    raised = np.clip((foreign - 10) / 10, 0, 1) * np.clip((seen - 0.15) / 0.1, 0, 1)
    return np.asarray(seen + (1 - seen) * raised, dtype=np.float32)


def _close_gaps(seen: Floats, *, is_backdrop: Flags) -> Floats:
    """Return `seen` with those enclosed gaps filled that do not show the backdrop."""
    count, labels, statistics = _patches(seen < 0.5)
    small = statistics[:, cv2.CC_STAT_AREA] <= _LARGEST_GAP * seen.size
    chosen = (
        _are_enclosed(statistics, shape=seen.shape)
        & small
        & (_mean_by(labels, is_backdrop.astype(np.float32), count) < 0.3)
    )
    chosen[0] = False
    return np.where(chosen[labels], 1, seen).astype(np.float32)


def _drop_islands(seen: Floats) -> Floats:
    """Return `seen` without what lies apart from the product and is less than 1 % of it."""
    land = cv2.dilate((seen > 0.1).astype(np.uint8), np.ones((_ISLAND_BRIDGE,) * 2, dtype=np.uint8))
    count, labels, _, _ = cv2.connectedComponentsWithStats(land, connectivity=8)
    mass = np.bincount(labels.ravel(), weights=seen.ravel(), minlength=count)
    mass[0] = 0
    return np.where((mass >= _SMALLEST_ISLAND * mass.max())[labels], seen, 0).astype(np.float32)


def _patches(flags: Flags) -> tuple[int, Labels, Labels]:
    """Return the number of connected patches, each pixel's (0: none), and OpenCV's statistics of each."""
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(flags.view(np.uint8), connectivity=4)
    return count, np.asarray(labels, dtype=np.int32), np.asarray(statistics, dtype=np.int32)


def _core(seen: Floats, *, shape: tuple[int, ...]) -> Floats:
    """Return 1 well inside the product, 0 elsewhere, at the photo's size.

    Near its edge the guided filter would let the backdrop through whatever has the backdrop's colour.
    """
    inside = cv2.erode(seen, np.ones((2 * _CORE_DEPTH + 1,) * 2, dtype=np.uint8))
    certain = np.clip((inside - 0.9) / 0.08, 0, 1)
    return np.asarray(cv2.resize(certain, (shape[1], shape[0])), dtype=np.float32)


def _mean_by(labels: Labels, values: Floats, count: int) -> NDArray[np.float64]:
    """Return the mean of the values under each label."""
    total = np.bincount(labels.ravel(), weights=values.ravel(), minlength=count)
    return total / np.maximum(np.bincount(labels.ravel(), minlength=count), 1)


def _agreement(passes: Passes) -> float:
    """Return how much the three views agree, in [0, 1]: the geometric mean of two soft IoUs."""
    mirrored = _soft_iou(passes.full, passes.mirrored)
    return float(np.sqrt(mirrored * _soft_iou(passes.full, passes.cropped)))


def _soft_iou(one: Floats, other: Floats) -> float:
    return float(np.minimum(one, other).sum() / max(float(np.maximum(one, other).sum()), 1e-6))
