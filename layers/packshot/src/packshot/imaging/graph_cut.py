"""Let colour decide where views of a photo disagree.

GrabCut: Rother, Kolmogorov, Blake (2004). The views' common ground seeds it, and it has its say only in
what they dispute, and only as far as product and backdrop differ in colour at all.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Bytes, Flags, Floats, floats
from packshot.imaging.backdrop import shrink
from packshot.imaging.colour import colour_overlap
from packshot.imaging.views import View, resize_mask

_SIDE = 480
_VOICE = 0.4
_TELL_APART = 0.5, 0.8
_ROUNDS = 2
_LEAST_DOUBT = 0.002
_LEAST_SEEDS = 40


def settle_doubt(fused: Floats, *, small: Bytes, views: Sequence[View]) -> Floats:
    """Return `fused` (h, w) moved towards a graph cut of the photo `small` where the views leave doubt."""
    image = shrink(small, longest=_SIDE)
    stack = np.stack([resize_mask(view.seen, image.shape) for view in views])
    mean = resize_mask(fused, image.shape)
    doubtful, labels = _doubtful(stack, mean), _seed(stack, mean)
    if doubtful.mean() < _LEAST_DOUBT or _fewest_seeds(labels) < _LEAST_SEEDS:
        return fused
    say = _VOICE * separability(image, product=stack.min(axis=0) > 0.8, backdrop=stack.max(axis=0) < 0.2)
    if say == 0:
        return fused
    decided = resize_mask(_blur(cut_graph(image, labels=labels, rounds=_ROUNDS), sigma=1.0), fused.shape)
    voice = say * resize_mask(_blur(doubtful.astype(np.float32), sigma=1.5), fused.shape)
    return floats(fused + voice * (decided - fused))


def separability(image: Bytes, *, product: Flags, backdrop: Flags) -> float:
    """Return 1 where product and backdrop share few colours, 0 where colour cannot tell them apart.

    A boat on driftwood has an overlap of 0.9.
    """
    low, high = _TELL_APART
    overlap = colour_overlap(image, one=product, other=backdrop)
    return float(np.clip((high - overlap) / (high - low), 0, 1))


def cut_graph(image: Bytes, *, labels: Bytes, rounds: int) -> Floats:
    """Return 1 for product and 0 for backdrop, (h, w), from GrabCut's labels (h, w)."""
    # Its colour models start from k-means: without a seed the same photo gets another matte each time.
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    marked = cv2.grabCut(
        np.ascontiguousarray(image), labels.copy(), (0, 0, 1, 1), *models, rounds, cv2.GC_INIT_WITH_MASK
    )[0]
    return np.isin(np.asarray(marked), (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)


def _doubtful(stack: NDArray[np.float32], mean: Floats) -> Flags:
    """Return blobs of doubt, not rims: rims are left to the guided filter."""
    split = (stack > 0.5).any(axis=0) & (stack < 0.5).any(axis=0)
    unsure = (mean > 0.2) & (mean < 0.8)
    kernel = np.ones((5, 5), dtype=np.uint8)
    blobs = cv2.morphologyEx((split | unsure).astype(np.uint8), cv2.MORPH_OPEN, kernel)
    return np.asarray(cv2.dilate(blobs, kernel) > 0)


def _seed(stack: NDArray[np.float32], mean: Floats) -> Bytes:
    labels = np.where(mean > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[stack.min(axis=0) > 0.88] = cv2.GC_FGD
    labels[stack.max(axis=0) < 0.12] = cv2.GC_BGD
    return labels


def _fewest_seeds(labels: Bytes) -> int:
    return int(min((labels == cv2.GC_FGD).sum(), (labels == cv2.GC_BGD).sum()))


def _blur(mask: Floats, *, sigma: float) -> Floats:
    return floats(cv2.GaussianBlur(mask, (0, 0), sigma))
