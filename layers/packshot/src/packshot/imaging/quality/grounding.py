"""Whether the product stands where it seems to: dark under its foot, its shadow away from the light."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.events import Score
from packshot.imaging.arrays import Bytes, Flags, Floats, floats
from packshot.imaging.colour import linear_from_srgb
from packshot.imaging.quality import measures
from packshot.imaging.quality.evidence import Evidence, Shown, reduced

_LUMINANCE = np.array([[0.2126, 0.7152, 0.0722]], dtype=np.float32)
_BLACK = 0.004
"""Light below which a plate is too dark for its shadows to be told from its noise."""
_NOISE = 0.015
"""Share of light that dithering alone may seem to take."""
_FINE = 800
"""Pixels of a frame's height at which the ground under a foot is looked at: the line of contact has two."""
_LEVEL = 0.012
"""Share of the frame's height above its lowest point up to which a product is said to touch the ground."""
_TOUCH = 0.005
"""Share of the frame's height under the foot within which the line of contact is darkest."""
_NEXT = 0.015
"""The same, right below that line: what a mirror image lightens there, it lightens in the line as well."""
_DEPTH = 0.1
"""Share of the frame's height below the foot in which the darkest of the shadow is looked for."""
_EDGE = 0.006
"""Share of the frame's height from which on the matte's own edge, below the foot, hides that line."""
_HAIR = 0.02
"""The same, of hair that hides where a foot is at all."""
_SHADOW = 0.06
"""Share of light from which on a person sees a shadow; below is what a room takes all around a thing."""
_AS_DARK = 0.75
"""Share of the contact's darkness that nothing in front of a foot has, not even its mirror image."""
_DIFFUSE = 0.9
"""Softness from which on light has no side."""
_FAINT = 1e-3
"""Share of the frame's light that shadows beside the product must take before they have a side."""


@dataclass(frozen=True, slots=True)
class _Shade:
    """At a quarter of the frame's size, (h, w): the share of the plate's light lost beside the product.

    `exposure` is what was done to all of the plate's light, `solid` is where most of the product is.
    """

    lost: Floats
    solid: Flags
    exposure: float

    @classmethod
    def of(cls, evidence: Evidence, shown: Shown) -> Self:
        """Compare composite and plate; a plate that was exposed anew as a whole casts no shadow by that."""
        alpha = shown.coarse_alpha
        covered = cv2.dilate((alpha > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        ratio = _left(shown.coarse, plate=reduced(evidence.plate))
        exposure = max(float(np.median(ratio[~covered])), 1e-3) if not covered.all() else 1.0
        lost = 1 - ratio / exposure
        return cls(
            lost=floats(np.where(covered | (lost < _NOISE), 0, lost)), solid=alpha > 127, exposure=exposure
        )


@dataclass(frozen=True, slots=True)
class _Foot:
    """Light lost below the foot, row by row from the first one that is free of product, (depth,).

    `height` is the frame's and `edge` that of the matte's partial pixels under the foot, in the same pixels;
    `light` is the plate's mean luminance there.
    """

    below: Floats
    height: int
    edge: float
    light: float

    @property
    def contact(self) -> float:
        """Return the light lost where the foot touches: of the plate's, or of what is seen right below."""
        line = max(2, round(_TOUCH * self.height))
        below = self.below[line : line + max(2, round(_NEXT * self.height))]
        return self._touch - min(float(below.mean()) if len(below) else 0.0, 0.0)

    @property
    def gap(self) -> float:
        """Return how far below the foot it is as dark as right under it, over the frame's height."""
        dark = np.flatnonzero(self.below >= max(_SHADOW, _AS_DARK * self._touch))
        return float(dark[-1] + 1) / self.height if len(dark) else 0.0

    @property
    def _touch(self) -> float:
        return float(self.below[: max(2, round(_TOUCH * self.height))].max())


def judge_grounding(evidence: Evidence, shown: Shown) -> tuple[Score, ...]:
    """Return contact, gap and side of the shadow; what a scene has no shadow for is told, not held."""
    shade = _Shade.of(evidence, shown)
    return (*_contact(evidence, _foot(evidence, shown, exposure=shade.exposure)), _side(evidence, shade))


def _contact(evidence: Evidence, foot: _Foot | None) -> tuple[Score, Score]:
    measure, scene = measures.CONTACT, evidence.scene
    stands = scene.anchor == "stand" and scene.shadow.contact > 0 and "bottom" not in evidence.cut_edges
    if foot is None:
        return measure.told(0.0), measures.GAP.told(0.0)
    if not stands or foot.light < 2 * _BLACK or evidence.is_drawn_around:
        return measure.told(foot.contact), measures.GAP.told(foot.gap)
    # Marketplaces take a product on white without any shadow, but not one above its shadow.
    held = not evidence.is_white and foot.edge <= max(3, _EDGE * foot.height)
    contact = measure.score(foot.contact) if held else measure.told(foot.contact)
    return contact, measures.GAP.score(foot.gap)


def _foot(evidence: Evidence, shown: Shown, *, exposure: float) -> _Foot | None:
    """Return what is under the foot, None where the frame ends there or hair hides it."""
    scale = max(1, round(len(evidence.composite) / _FINE))
    height = len(evidence.composite) // scale
    rows = _strip(shown, height=len(evidence.composite))
    if rows is None:
        return None
    columns = shown.window.slices[1]
    alpha, seen, plate = (
        reduced(image, by=scale)
        for image in (_below(shown, rows), evidence.composite[rows, columns], evidence.plate[rows, columns])
    )
    solid = alpha > 127
    stands = np.flatnonzero(solid.any(axis=0))
    if not len(stands):
        return None
    lowest = _last(solid[:, stands])
    feet = lowest >= int(lowest.max()) - max(1, round(_LEVEL * height))
    stands, lowest = stands[feet], lowest[feet]
    first = _last(alpha[:, stands] > 0) + 1
    edge = float(np.median(first - lowest)) - 1
    depth = min(round(_DEPTH * height), len(alpha) - int(first.max()))
    if depth < 2 or edge > max(3, _HAIR * height):
        return None
    below = first[None, :] + np.arange(depth)[:, None], stands
    lost = 1 - _left(seen, plate=plate) / exposure
    light = float(_luminance(plate)[below].mean())
    return _Foot(below=floats(lost[below].mean(axis=1)), height=height, edge=edge, light=light)


def _strip(shown: Shown, *, height: int) -> slice | None:
    """Return the frame's rows from where a foot can begin to where its shadow is looked for, None if none."""
    solid = np.flatnonzero((shown.product.alpha > 127).any(axis=1))
    if not len(solid):
        return None
    bottom = shown.window.y + int(solid[-1])
    above, under = (round(share * height) for share in (2 * _LEVEL, _DEPTH + _HAIR))
    return slice(max(bottom - above - 8, shown.window.y), min(bottom + under + 8, height))


def _below(shown: Shown, rows: slice) -> Bytes:
    """Return the product's alpha in rows of the frame and columns of its window."""
    alpha = np.zeros((rows.stop - rows.start, shown.product.alpha.shape[1]), dtype=np.uint8)
    part = shown.product.alpha[rows.start - shown.window.y : rows.stop - shown.window.y]
    alpha[: len(part)] = part
    return alpha


def _last(flags: Flags) -> NDArray[np.intp]:
    """Return the last row that is flagged in each column, of which each has one."""
    return np.asarray(flags.shape[0] - 1 - np.argmax(flags[::-1], axis=0), dtype=np.intp)


def _side(evidence: Evidence, shade: _Shade) -> Score:
    """Return the balance of the light lost to both sides of the product: 1 is all away from the key."""
    light = evidence.scene.light
    columns = np.flatnonzero(shade.solid.any(axis=0))
    if not len(columns):
        return measures.SHADOW_SIDE.told(0.0)
    seen = np.where(shade.lost > _SHADOW, shade.lost, 0)
    left = float(seen[:, : columns[0]].sum())
    right = float(seen[:, columns[-1] + 1 :].sum())
    away, towards = (right, left) if light.side == "left" else (left, right)
    balance = (away - towards) / max(away + towards, 1e-6)
    cut = {"left", "right", "bottom"} & set(evidence.cut_edges)
    if (
        cut
        or evidence.is_drawn_around
        or light.softness >= _DIFFUSE
        or away + towards < _FAINT * shade.lost.size
    ):
        return measures.SHADOW_SIDE.told(balance)
    return measures.SHADOW_SIDE.score(balance)


def _left(seen: Bytes, *, plate: Bytes) -> Floats:
    """Return the share of a plate's light that is seen."""
    return floats((_luminance(seen) + _BLACK) / (_luminance(plate) + _BLACK))


def _luminance(pixels: Bytes) -> Floats:
    weighted = cv2.transform(linear_from_srgb(pixels), _LUMINANCE)
    return floats(np.asarray(weighted).reshape(pixels.shape[:2]))
