"""Find the product without a network: colour, edges, and a graph cut between them.

Before a plain backdrop it does well; before a busy one it does not, and its confidence says so. The mask is
the cut's alone: colour and edges are its start, and witnesses of how far it can be trusted.
"""

import cv2
import numpy as np

from packshot.imaging.analysis import is_flat
from packshot.imaging.arrays import Bytes, Flags, floats
from packshot.imaging.backdrop import border, fit_backdrop, model_border, shrink
from packshot.imaging.colour import lab_from_srgb
from packshot.imaging.graph_cut import cut_graph
from packshot.imaging.views import View, resize_mask

_SIDE = 480
_LEAST_STEP = 4.0
_LEAST_PART = 0.002
_INSET = 0.04
_ROUNDS = 5


def see_by_colour(small: Bytes) -> View:
    """Return how far each colour is from the backdrop's, as the photo's border shows it."""
    lab = lab_from_srgb(small)
    height, width = lab.shape[:2]
    model = fit_backdrop(lab, where=border(width=width, height=height))
    distance = np.linalg.norm(lab - model.colours(width=width, height=height), axis=-1)
    step = max(_LEAST_STEP, 3 * model.spread)
    return View(floats(np.clip((distance - step) / (2 * step), 0, 1)), weight=0)


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
    return View(np.asarray(cv2.morphologyEx(filled, cv2.MORPH_OPEN, disc), dtype=np.float32), weight=0)


def see_by_cut(small: Bytes, *, colour: View, edges: View) -> View:
    """Return a graph cut (GrabCut) whose start is what colour and edges found before a flat backdrop.

    Before any other they find too much, and the cut starts, as its authors have it, from the photo's border
    as backdrop and the rest as product.
    """
    image = shrink(small, longest=_SIDE)
    if is_flat(model_border(small)):
        found = (resize_mask(view.seen, image.shape) > 0.5 for view in (colour, edges))
        labels = _label_found(*found)
    else:
        labels = _label_inside(image.shape)
    if not np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).any() or not (labels == cv2.GC_BGD).any():
        return View(np.zeros(small.shape[:2], dtype=np.float32))
    return View(resize_mask(cut_graph(image, labels=labels, rounds=_ROUNDS), small.shape))


def _label_found(by_colour: Flags, by_edges: Flags) -> Bytes:
    """Return labels that keep to what either found, sure where both did; else all is backdrop."""
    both, either = by_colour & by_edges, by_colour | by_edges
    labels = np.full(both.shape, cv2.GC_PR_BGD, dtype=np.uint8)
    if both.mean() < _LEAST_PART:
        return np.full_like(labels, cv2.GC_BGD)
    labels[either] = cv2.GC_PR_FGD
    labels[_core(both)] = cv2.GC_FGD
    labels[~_grown(either) | border(width=both.shape[1], height=both.shape[0])] = cv2.GC_BGD
    return labels


def _label_inside(shape: tuple[int, ...]) -> Bytes:
    """Return labels that call 4 % along each side backdrop, and the rest product for now."""
    height, width = shape[:2]
    rows, columns = round(_INSET * height), round(_INSET * width)
    labels = np.full((height, width), cv2.GC_BGD, dtype=np.uint8)
    labels[rows : height - rows, columns : width - columns] = cv2.GC_PR_FGD
    return labels


def _fill(outline: Flags) -> Bytes:
    """Return outlines with what they enclose, as 0 or 1: all that cannot be reached from the border."""
    framed = cv2.copyMakeBorder(outline.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    cv2.floodFill(framed, None, (0, 0), 2)
    return np.asarray(framed[1:-1, 1:-1] != 2, dtype=np.uint8)


def _core(product: Flags) -> Flags:
    return np.asarray(cv2.erode(product.view(np.uint8), np.ones((7, 7), dtype=np.uint8)) > 0)


def _grown(product: Flags) -> Flags:
    return np.asarray(cv2.dilate(product.astype(np.uint8), np.ones((31, 31), dtype=np.uint8)) > 0)
