"""What a fill model is shown: the product in its place in the frame, and what is to be drawn around it."""

from dataclasses import dataclass

import numpy as np

from packshot.events import Scene
from packshot.imaging.arrays import Bytes
from packshot.imaging.colour import srgb_from_hex
from packshot.imaging.compositing import OPAQUE, Fit, scaled_cutout
from packshot.imaging.placement import Frame, place
from packshot.imaging.staging import Subject


@dataclass(frozen=True, slots=True)
class Filling:
    """The frame without alpha, (H, W, 3), and what to repaint, 255, or keep, 0, (H, W)."""

    image: Bytes
    mask: Bytes


def prepare_filling(subject: Subject, *, scene: Scene) -> Filling:
    """Set a product where it will be composited, before a plain wall in the palette's colour."""
    height, width = scene.height, scene.width
    floor = scene.view.floor if scene.view else None
    placement = place(
        subject.matte,
        anchor=scene.anchor,
        fill=scene.fill,
        frame=Frame(width=width, height=height, floor=floor),
    )
    fit = Fit(box=subject.matte.box, placement=placement, width=width, height=height)
    product = scaled_cutout(subject.cutout, photo=subject.photo, fit=fit)
    image = np.empty((height, width, 3), dtype=np.uint8)
    image[:] = srgb_from_hex(scene.palette.wall)
    alpha = np.zeros((height, width), dtype=np.uint8)
    alpha[product.window.slices] = product.alpha
    kept = product.alpha >= OPAQUE
    image[product.window.slices][kept] = product.colours[kept]
    return Filling(image, repainted(alpha))


def repainted(alpha: Bytes) -> Bytes:
    """Return what is to be repainted, (H, W): ours says 255 for product, a fill model 255 for all else.

    The edge is repainted too: our own is laid over it.
    """
    return np.where(alpha >= OPAQUE, np.uint8(0), np.uint8(255))
