"""Find the product without a network: colour, edges, and a graph cut between them.

Before a plain backdrop it does well; before a busy one it does not, and its confidence says so.
"""

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes, Flags, floats
from packshot.imaging.backdrop import border, fit_backdrop, shrink
from packshot.imaging.colour import lab_from_srgb
from packshot.imaging.graph_cut import cut_graph
from packshot.imaging.views import View, resize_mask

_SIDE = 480
_LEAST_STEP = 4.0
_LEAST_PART = 0.002


def see_by_colour(small: Bytes) -> View:
    """Return how far each colour is from the backdrop's, as the photo's border shows it."""
    lab = lab_from_srgb(small)
    height, width = lab.shape[:2]
    model = fit_backdrop(lab, where=border(width=width, height=height))
    distance = np.linalg.norm(lab - model.colours(width=width, height=height), axis=-1)
    step = max(_LEAST_STEP, 3 * model.spread)
    return View(floats(np.clip((distance - step) / (2 * step), 0, 1)))


def see_by_edges(small: Bytes) -> View:
    """Return what closed outlines enclose: Canny (1986) with the thresholds of the photo's own contrast."""
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (0, 0), 1.4)
    # Otsu's threshold of the gradient parts edges from texture, whatever the exposure.
    gradient = np.clip(np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)), 0, 255)
    high, _ = cv2.threshold(gradient.astype(np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    edges = cv2.Canny(grey, high / 2, high)
    radius = max(1, round(0.008 * max(small.shape[:2])))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    closed = np.asarray(cv2.morphologyEx(edges, cv2.MORPH_CLOSE, disc)) > 0
    filled = _fill(closed)
    return View(np.asarray(cv2.morphologyEx(filled, cv2.MORPH_OPEN, disc), dtype=np.float32))


def see_by_cut(small: Bytes, *, colour: View, edges: View) -> View:
    """Return a graph cut (GrabCut) that starts from what colour and edges agree on.

    The border is backdrop; without any common ground nothing was found.
    """
    image = shrink(small, longest=_SIDE)
    by_colour, by_edges = (resize_mask(view.seen, image.shape) > 0.5 for view in (colour, edges))
    ring = border(width=image.shape[1], height=image.shape[0])
    both, either = by_colour & by_edges, by_colour | by_edges
    if both.mean() < _LEAST_PART:
        return View(np.zeros(small.shape[:2], dtype=np.float32))
    labels = np.full(image.shape[:2], cv2.GC_PR_BGD, dtype=np.uint8)
    labels[either] = cv2.GC_PR_FGD
    labels[_core(both)] = cv2.GC_FGD
    labels[~_grown(either)] = cv2.GC_BGD
    labels[ring] = cv2.GC_BGD
    if not (labels == cv2.GC_FGD).any():
        labels[both & ~ring] = cv2.GC_FGD
    return View(resize_mask(cut_graph(image, labels=labels), small.shape), weight=2)


def _fill(outline: Flags) -> Bytes:
    """Return outlines with what they enclose, as 0 or 1: all that cannot be reached from the border."""
    framed = cv2.copyMakeBorder(outline.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    cv2.floodFill(framed, None, (0, 0), 2)
    return np.asarray(framed[1:-1, 1:-1] != 2, dtype=np.uint8)


def _core(product: Flags) -> Flags:
    return np.asarray(cv2.erode(product.view(np.uint8), np.ones((7, 7), dtype=np.uint8)) > 0)


def _grown(product: Flags) -> Flags:
    return np.asarray(cv2.dilate(product.astype(np.uint8), np.ones((31, 31), dtype=np.uint8)) > 0)
