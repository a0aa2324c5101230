"""One look for photos of one product, or of a range: each is matched to a reference photo.

Light is additive, so the ratio of what both show of the same surface is the ratio of their lights; what
is compared is means in linear light (the first moment of Reinhard et al. 2001, IEEE CG&A 21(5), without
the second, which would change the product's contrast).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from packshot.events import Category, Correction, Tone
from packshot.imaging.arrays import Bytes, Flags, Floats, floats
from packshot.imaging.correction.estimating import gains_of, held_to
from packshot.imaging.correction.illuminants import light_of
from packshot.imaging.correction.limits import load_limits
from packshot.imaging.correction.sight import Sight, look, luminance

_LIKE = 0.02
"""Log units between means under which two photos look alike: 0.03 stops, 5 mired."""
_KNEE = 0.82
# Two lights lie along the locus from each other; two products need not.
_MOST_MIRED, _MOST_TINT = 160, 0.3
_FEWEST = 64
_MIDDLE = (0.15, 0.85)
_CLIPPED = 252
_MOST_CLIPPED = 0.25
_DARKEST = 1e-4
_COLOURLESS = 0.02


@dataclass(frozen=True, slots=True)
class Look:
    """What photos are matched by: mean linear colours (3,) of product and plain backdrop, or None."""

    name: str
    product: Floats
    backdrop: Floats | None


def look_of(photo: Bytes, *, matte: Bytes, name: str = "", backdrop_is_real: bool = True) -> Look | None:
    """Return the look of a photo (H, W, 3), corrected; None if it shows too little that is not clipped."""
    sight = look(photo, matte=matte, backdrop_is_real=backdrop_is_real)
    product = _mean(sight, where=sight.product)
    if product is None:
        return None
    return Look(name, product, _mean(sight, where=sight.backdrop) if sight.plain else None)


def match(
    photo: Bytes,
    *,
    matte: Bytes,
    reference: Look,
    by: Literal["product", "backdrop"] = "product",
    category: Category = "other",
) -> Correction:
    """Return the correction that gives a photo the look of a reference.

    By the product where both show the same one, by the backdrop where they show others of a range. A
    photo that looks like it already, the reference itself above all, is left alone, so that it can be
    repeated whenever a photo arrives.
    """
    limits = load_limits()
    none = Correction(reference=reference.name, limits_version=limits.version)
    sight = look(photo, matte=matte)
    wanted = reference.product if by == "product" else reference.backdrop
    shown = _mean(sight, where=sight.product if by == "product" else sight.backdrop)
    if shown is None or wanted is None or not sight.has_product:
        return none.model_copy(update={"reasons": ("Not matched: there is nothing to compare.",)})
    logs = np.log(wanted / shown)
    stops = float(np.log2(luminance(wanted) / luminance(shown)))
    colours = logs - np.log(2) * stops
    if by == "product" and float(luminance(shown)) < _COLOURLESS:
        colours = _colours_of_backdrops(sight, reference)
    if float(np.abs(logs).max()) < _LIKE:
        return none.model_copy(update={"reasons": ("It has the look of its reference.",)})
    between = light_of(floats(np.exp(-colours)))
    if abs(between.tint) > _MOST_TINT or not -_MOST_MIRED <= between.mired <= _MOST_MIRED:
        return none.model_copy(update={"reasons": ("Not matched: it shows something of another colour.",)})
    bounds = limits.categories[category]
    stops = min(max(stops, -bounds.darker), bounds.brighter)
    factors = floats(np.exp(colours))
    tone = Tone(
        exposure=round(stops, 3), knee=_KNEE if stops > 0 else 1.0, clipped_to=float(_is_clipped(sight))
    )
    reason = f"Matched to {reference.name or 'its reference'} by the {by}."
    matched = none.model_copy(update={"gains": gains_of(factors), "tone": tone, "reasons": (reason,)})
    return held_to(matched, sight=sight, bounds=bounds)


def _colours_of_backdrops(sight: Sight, reference: Look) -> NDArray[np.float64]:
    """Return the log ratio of the lights by plain backdrops: of a black product 8 bits show no colour."""
    shown = _mean(sight, where=sight.backdrop) if sight.plain else None
    if shown is None or reference.backdrop is None:
        return np.zeros(3)
    return np.asarray(
        np.log(reference.backdrop / shown) - np.log(luminance(reference.backdrop) / luminance(shown)),
        np.float64,
    )


def _mean(sight: Sight, *, where: Flags) -> Floats | None:
    """Return the mean of the middle 70 % by luminance, the same surfaces however it was exposed.

    None if there are too few pixels or clipping reaches into them.
    """
    if where.sum() < _FEWEST:
        return None
    colours, highest = sight.linear[where], sight.pixels.max(axis=-1)[where]
    low, high = np.quantile(luminance(colours), _MIDDLE)
    middle = (luminance(colours) >= low) & (luminance(colours) <= high)
    if float((highest[middle] >= _CLIPPED).mean()) > _MOST_CLIPPED:
        return None
    return floats(np.maximum(colours[middle].mean(axis=0), _DARKEST))


def _is_clipped(sight: Sight) -> bool:
    return float((sight.pixels.max(axis=-1)[sight.product] >= 253).mean()) > 0.001
