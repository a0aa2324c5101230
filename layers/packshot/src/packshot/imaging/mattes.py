"""What a matte covers, and whether a person should look at it before a shop shows it."""

import cv2
import numpy as np

from packshot.errors import RejectedPhoto
from packshot.events import Box, Edge, ImageRef, Matte
from packshot.imaging.arrays import Bytes, Flags, Floats
from packshot.imaging.colour import hex_from_srgb, main_colours
from packshot.imaging.lighting import estimate_key
from packshot.imaging.matting import Estimate

SUREST = 0.94
"""From this confidence on a matte is published unseen.

Of 73 development photos 86 % reach it with the standard engine, with a mean IoU of 0.988 and none below
0.9; with the lite one 90 %, 0.984 and none; with the classic one 12 %, 0.987 and none.
"""

_SMALLEST_AREA = 0.01
_LARGEST_AREA = 0.95
_BORDER_COVERED = 0.3
_CUT_SHARE = 0.015
_CUT_PIXELS = 8
_LARGE_PART = 0.15
_PARTS = 3
_COLOURS = 5
_CERTAIN = 0.98
_RIM = 0.008
"""Width of the rim, share of the photo's longer side: as wide as what the assessment looks at."""
_RIM_COLOURS = 3


def require_product(estimate: Estimate) -> None:
    """Raise `RejectedPhoto` (`no_product`) if the matte covers less than 1 % of the photo."""
    if float((estimate.alpha > 0.5).mean()) < _SMALLEST_AREA:
        raise RejectedPhoto(
            "No product was found in the photo. Take it with the product in the middle, filling most of the "
            "frame, before a plain backdrop that differs from it in colour.",
            code="no_product",
        )


def describe_matte(estimate: Estimate, *, pixels: Bytes, image: ImageRef, cutout: ImageRef) -> Matte:
    """Measure a matte of these sRGB pixels (H, W, 3) that covers something."""
    product = estimate.alpha > 0.5
    area = float(product.mean())
    reason = _reason_to_look(product, area=area, estimate=estimate)
    return Matte(
        image=image,
        cutout=cutout,
        box=box_of(product),
        area=area,
        confidence=estimate.confidence,
        cut_edges=cut_edges(product),
        engine=estimate.engine,
        needs_review=bool(reason),
        review_reason=reason,
        doubt=estimate.doubt if reason else None,
        notes=estimate.notes,
        lighting=estimate_key(pixels, alpha=estimate.alpha),
        colours=product_colours(pixels, alpha=estimate.alpha),
        rim=rim_colours(pixels, alpha=estimate.alpha),
    )


def box_of(product: Flags) -> Box:
    """Return the box around all flagged pixels, of which there is at least one."""
    rows, columns = np.flatnonzero(product.any(1)), np.flatnonzero(product.any(0))
    left, top = int(columns[0]), int(rows[0])
    return Box(x=left, y=top, width=int(columns[-1]) + 1 - left, height=int(rows[-1]) + 1 - top)


def cut_edges(product: Flags) -> tuple[Edge, ...]:
    """Return the photo's edges that the product touches over 1.5 % of their length, and 8 pixels at least."""
    sides: tuple[tuple[Edge, Flags], ...] = (
        ("top", product[:2]),
        ("right", product[:, -2:].T),
        ("bottom", product[-2:]),
        ("left", product[:, :2].T),
    )
    touched = ((edge, np.count_nonzero(np.max(rows, axis=0)), rows.shape[1]) for edge, rows in sides)
    return tuple(edge for edge, count, length in touched if count >= max(_CUT_PIXELS, _CUT_SHARE * length))


def product_colours(pixels: Bytes, *, alpha: Floats) -> tuple[str, ...]:
    """Return the product's main colours, `#rrggbb`, commonest first, from where nothing shines through."""
    own = pixels[alpha >= _CERTAIN]
    return tuple(hex_from_srgb(colour) for colour in main_colours(own, count=_COLOURS))


def rim_colours(pixels: Bytes, *, alpha: Floats) -> tuple[str, ...]:
    """Return the main colours along the product's outline, commonest first: what a background meets."""
    certain = (alpha >= _CERTAIN).astype(np.uint8)
    reach = max(1, round(_RIM * max(alpha.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    inside = cv2.erode(certain, kernel, borderType=cv2.BORDER_REPLICATE)
    rim = pixels[(certain > 0) & (inside == 0)]
    return tuple(hex_from_srgb(colour) for colour in main_colours(rim, count=_RIM_COLOURS))


def _reason_to_look(product: Flags, *, area: float, estimate: Estimate) -> str:
    """Return why a person should look, "" if nobody needs to."""
    border = np.concatenate((product[0], product[-1], product[:, 0], product[:, -1]))
    found = (
        (area > _LARGEST_AREA, "The product seems to fill the photo; there may be no backdrop in it."),
        (float(border.mean()) > _BORDER_COVERED, "Much of the photo's edge was taken for product."),
        (_large_parts(product) >= _PARTS, "Several things were found; only one product should be in it."),
        (estimate.confidence < SUREST, _doubt_in_words(estimate)),
    )
    return " ".join(sentence for applies, sentence in found if applies)


def _doubt_in_words(estimate: Estimate) -> str:
    """Return how sure we are, and where to look first: "most of all at the top left"."""
    said = f"The outline is uncertain ({estimate.confidence:.0%})"
    if estimate.doubt is None:
        return f"{said}."
    height, width = estimate.alpha.shape
    down = ("top", "middle", "bottom")[3 * (2 * estimate.doubt.y + estimate.doubt.height) // (2 * height)]
    across = ("left", "", "right")[3 * (2 * estimate.doubt.x + estimate.doubt.width) // (2 * width)]
    return f"{said}, most of all at the {' '.join(filter(None, (down, across)))}."


def _large_parts(product: Flags) -> int:
    """Return how many parts have at least 15 % of the largest one's area; a pair of shoes has two."""
    _, _, statistics, _ = cv2.connectedComponentsWithStats(product.view(np.uint8), connectivity=8)
    areas = np.asarray(statistics)[1:, cv2.CC_STAT_AREA]
    return int((areas >= _LARGE_PART * areas.max()).sum()) if len(areas) else 0
