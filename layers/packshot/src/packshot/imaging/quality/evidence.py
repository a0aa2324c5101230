"""What the judge looks at: the stored files, and how they lie upon each other."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from packshot.errors import DamagedArtifact
from packshot.events import Box, Edge, Generator, Placement, Scene
from packshot.imaging.arrays import Bytes, Flags
from packshot.imaging.compositing import OPAQUE, Fit, ScaledCutout, Window, scaled_cutout

_EROSION = 3
COARSE = 4
"""Pixels of the frame for each pixel at which outline and shadows are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was stored: composite, plate and photo (H, W, 3), cutout (H, W, 4), 8 bits; the plan.

    Composite and plate are of one size, photo and cutout of another, and `box` lies in the photo;
    `DamagedArtifact` if they do not.
    """

    composite: Bytes
    plate: Bytes
    photo: Bytes
    cutout: Bytes
    box: Box
    cut_edges: tuple[Edge, ...]
    placement: Placement
    scene: Scene
    generator: Generator = "studio"

    def __post_init__(self) -> None:
        """Refuse files that do not belong together."""
        _require_alike(composite=self.composite, plate=self.plate)
        _require_alike(photo=self.photo, cutout=self.cutout)
        _require_inside(self.box, self.photo)

    @property
    def fit(self) -> Fit:
        """Return how the photo was put into the composite's frame."""
        height, width = self.composite.shape[:2]
        return Fit(box=self.box, placement=self.placement, width=width, height=height)

    @property
    def matte(self) -> Bytes:
        """Return the cutout's alpha inside the box, (h, w)."""
        box = self.box
        return np.ascontiguousarray(self.cutout[box.y : box.y + box.height, box.x : box.x + box.width, 3])

    @property
    def is_drawn_around(self) -> bool:
        """Say whether the plate was drawn around the product, and shows it and its shadows already."""
        return self.generator != "studio" and self.scene.strategy == "fill"

    @property
    def is_white(self) -> bool:
        """Say whether this is the marketplaces' picture on white."""
        return self.scene.name == "white"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The product as it is shown, in its window of the frame: (h, w[, 3]).

    `composite` is what was stored and `product` what the photo says; `core` is where the matte is opaque,
    three pixels inside. `coarse` and `coarse_alpha` are the whole frame and the product in it, at a quarter
    of the size.
    """

    window: Window
    composite: Bytes
    product: ScaledCutout
    core: Flags
    coarse: Bytes
    coarse_alpha: Bytes

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """Scale photo and cutout anew; `DamagedArtifact` if the frame shows nothing of them."""
        product = scaled_cutout(evidence.cutout, photo=evidence.photo, fit=evidence.fit)
        if min(product.alpha.shape) == 0:
            raise DamagedArtifact(f"the product was placed outside of its frame: {evidence.placement!r}")
        full = np.zeros(evidence.composite.shape[:2], dtype=np.uint8)
        full[product.window.slices] = product.alpha
        return cls(
            window=product.window,
            composite=evidence.composite[product.window.slices],
            product=product,
            core=core_of(product.alpha),
            coarse=reduced(evidence.composite),
            coarse_alpha=reduced(full),
        )


def reduced(image: Bytes, *, by: int = COARSE) -> Bytes:
    """Return an image (H, W[, C]) at a fraction of its size, a quarter if not told, at least one pixel."""
    height, width = image.shape[:2]
    size = (max(width // by, 1), max(height // by, 1))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def core_of(matte: Bytes, *, erosion: int = _EROSION) -> Flags:
    """Return where a matte (H, W) is opaque, some pixels inside; all that is opaque if that is nowhere."""
    opaque = (matte >= OPAQUE).astype(np.uint8)
    size = 2 * erosion + 1
    eroded = cv2.erode(opaque, np.ones((size, size), np.uint8), borderType=cv2.BORDER_REPLICATE)
    return (eroded if eroded.any() else opaque).astype(bool)


def _require_alike(**images: Bytes) -> None:
    """Compare two images' sizes."""
    (one, first), (other, second) = images.items()
    if first.shape[:2] != second.shape[:2]:
        raise DamagedArtifact(f"the {one} has {_size(first)} pixels and the {other} {_size(second)}")


def _require_inside(box: Box, photo: Bytes) -> None:
    height, width = photo.shape[:2]
    if min(box.x, box.y) < 0 or box.x + box.width > width or box.y + box.height > height:
        raise DamagedArtifact(f"the matte's box leaves the photo of {_size(photo)} pixels: {box!r}")
    if min(box.width, box.height) == 0:
        raise DamagedArtifact(f"the matte's box holds nothing: {box!r}")


def _size(image: Bytes) -> str:
    return f"{image.shape[1]} × {image.shape[0]}"
