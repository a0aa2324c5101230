"""Products drawn in code, with an exact matte: what a photographer and a perfect network would have left."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.events import Box, Edge, ImageRef, Matte, ObjectRef

Shape = Literal["mug", "stool", "slab"]
_FINER = 4
_BACKDROP = np.array([214, 212, 208], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class DrawnProduct:
    """A photo (H, W, 3), its cutout (H, W, 4, straight alpha) and what is known of its matte."""

    photo: NDArray[np.uint8]
    cutout: NDArray[np.uint8]
    matte: Matte

    @property
    def alpha(self) -> NDArray[np.uint8]:
        """Return the matte, (H, W)."""
        return np.ascontiguousarray(self.cutout[..., 3])


def drawn(
    shape: Shape = "mug",
    *,
    width: int = 300,
    height: int = 400,
    cut_edges: tuple[Edge, ...] = (),
    name: ImageRef | None = None,
) -> DrawnProduct:
    """Draw a product; one with `cut_edges` is moved until those edges of the photo cut it."""
    alpha = _silhouette(shape, width, height, cut_edges)
    colours = _surface(width, height)
    cover = alpha[..., None].astype(np.float32) / 255
    mixed = np.rint(colours * cover + _BACKDROP * (1 - cover)).astype(np.uint8)
    cutout = np.dstack((np.where(alpha[..., None] == 255, mixed, colours), alpha)).astype(np.uint8)
    rows, columns = np.nonzero(alpha > 127)
    box = Box(
        x=int(columns.min()),
        y=int(rows.min()),
        width=int(np.ptp(columns)) + 1,
        height=int(np.ptp(rows)) + 1,
    )
    image = name or ImageRef(
        object=ObjectRef(bucket="packshot-test-work", key="matte.png"), width=width, height=height
    )
    matte = Matte(
        image=image,
        cutout=image,
        box=box,
        area=float((alpha > 127).mean()),
        confidence=0.98,
        cut_edges=cut_edges,
        engine="drawn",
        colours=("#b0562f", "#7c3a20"),
    )
    return DrawnProduct(photo=mixed, cutout=cutout, matte=matte)


def _silhouette(shape: Shape, width: int, height: int, cut: tuple[Edge, ...]) -> NDArray[np.uint8]:
    fine = np.zeros((height * _FINER, width * _FINER), dtype=np.uint8)
    side = min(fine.shape)
    shift = (
        (("right" in cut) - ("left" in cut)) * fine.shape[1] // 3,
        (("bottom" in cut) - ("top" in cut)) * fine.shape[0] // 3,
    )
    middle = (fine.shape[1] // 2 + shift[0], fine.shape[0] // 2 + shift[1])
    if shape == "mug":
        _draw_mug(fine, middle, side)
    elif shape == "stool":
        _draw_stool(fine, middle, side)
    else:
        _draw_slab(fine, middle)
    return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _draw_mug(fine: NDArray[np.uint8], middle: tuple[int, int], side: int) -> None:
    """Draw a body with a rounded foot and a handle that encloses backdrop."""
    x, y = middle
    w, h = int(0.22 * side), int(0.3 * side)
    cv2.ellipse(fine, (x + w, y), (int(0.16 * side), int(0.18 * side)), 0, 0, 360, 255, int(0.05 * side))
    cv2.rectangle(fine, (x - w, y - h), (x + w, y + h), 255, -1)
    cv2.ellipse(fine, (x, y + h), (w, int(0.06 * side)), 0, 0, 180, 255, -1)
    cv2.ellipse(fine, (x, y - h), (w, int(0.06 * side)), 0, 180, 360, 255, -1)


def _draw_stool(fine: NDArray[np.uint8], middle: tuple[int, int], side: int) -> None:
    """Draw a seat on four thin legs, those behind higher in the picture."""
    x, y = middle
    w = int(0.3 * side)
    cv2.ellipse(fine, (x, y - w), (w, int(0.1 * side)), 0, 0, 360, 255, -1)
    for at, foot in ((-0.9, 0.9), (0.9, 0.9), (-0.55, 0.7), (0.55, 0.7)):
        top, bottom = (x + int(0.8 * at * w), y - w), (x + int(at * w), y + int(foot * w))
        cv2.line(fine, top, bottom, 255, max(int(0.03 * side), 1))


def _draw_slab(fine: NDArray[np.uint8], middle: tuple[int, int]) -> None:
    """Draw a plain rectangle, 90 % of the photo's width and 80 % of its height."""
    x, y = middle
    w, h = int(0.45 * fine.shape[1]), int(0.4 * fine.shape[0])
    cv2.rectangle(fine, (x - w, y - h), (x + w, y + h), 255, -1)


def _surface(width: int, height: int) -> NDArray[np.float32]:
    """Return glazed terracotta, lit from the left, with a fine grain that resampling would smear."""
    across = np.linspace(1.15, 0.65, width, dtype=np.float32)[None, :, None]
    noise = np.random.default_rng(3).uniform(-30, 30, (height, width)).astype(np.float32)
    grain = cv2.GaussianBlur(noise, (0, 0), 1.2)[..., None]
    glaze = np.array([176, 86, 47], dtype=np.float32) * across + grain
    surface: NDArray[np.float32] = np.clip(np.rint(glaze), 4, 250).astype(np.float32)
    return surface
