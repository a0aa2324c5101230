"""Photos of one product by ten photographers, made of the lights that `tests.photos.render lights` traced.

Light is additive: a photo is the sum of what single lamps show, each in its own strength and colour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import srgb8_from_linear
from packshot.imaging.correction.illuminants import LightColour, white_under

HOME = Path(__file__).resolve().parents[1] / "photos" / "lights"
LAMPS = ("left", "right", "top", "front", "around")

# How `tests/photos/render/lights.py` keeps radiance.
_BRIGHTEST = 4.0
_CURVE = 3.0
_METERED = 0.85
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Setup:
    """Shares of the lamps (in the order of `LAMPS`), their colours in mired, and the camera's error in stops.

    `fill` is the colour of the light from all around, where that is another one.
    """

    lamps: tuple[float, float, float, float, float]
    mired: float = 0.0
    stops: float = 0.0
    fill: float | None = None


SETUPS = (
    Setup((1.0, 0.0, 0.3, 0.0, 0.6)),
    Setup((0.0, 1.0, 0.0, 0.0, 0.5), mired=96, stops=-0.8),
    Setup((0.2, 0.0, 1.0, 0.0, 0.5), mired=-43, stops=0.5),
    Setup((0.0, 0.0, 0.3, 1.0, 0.3), mired=40, stops=-1.2),
    Setup((0.6, 0.6, 0.2, 0.0, 0.6), stops=0.7),
    Setup((1.0, 0.0, 0.0, 0.0, 0.3), mired=60, stops=-0.4),
    Setup((0.0, 0.4, 1.0, 0.0, 0.8), mired=-25),
    Setup((0.4, 0.0, 0.2, 0.4, 0.5), mired=75, stops=-1.5),
    Setup((0.0, 0.0, 0.0, 0.0, 1.0), mired=-43, stops=0.3),
    Setup((0.0, 0.8, 0.4, 0.2, 0.5), mired=80, stops=-0.6, fill=30),
)
"""A studio's light first; then lamps, windows, flashes and skies, exposed by hand."""


@dataclass(frozen=True, slots=True)
class LitProduct:
    """A product's radiance under each lamp alone, (5, H, W, 3), and its matte (H, W)."""

    name: str
    radiance: Floats
    matte: Bytes

    def photo(self, setup: Setup, *, is_true: bool = False) -> Bytes:
        """Return the photo (H, W, 3) in sRGB; `is_true` without error of colour or exposure."""
        colours = [white_under(LightColour(setup.mired))] * 4
        colours.append(white_under(LightColour(setup.mired if setup.fill is None else setup.fill)))
        tints = np.ones((5, 3)) if is_true else np.array(colours)
        neutral = np.tensordot(np.array(setup.lamps), self.radiance, axes=1)
        light = np.einsum("l,lc,lhwc->hwc", np.array(setup.lamps), tints, self.radiance)
        product = neutral[self.matte >= 250].max(axis=-1)
        # Whoever photographs gold meters the gold.
        brightest = max(float(np.percentile(neutral @ _LUMINANCE, 99)), float(np.percentile(product, 85)))
        exposure = _METERED / brightest
        return srgb8_from_linear(floats(light * exposure * (1 if is_true else 2**setup.stops)))


def lit_products(folder: Path = HOME) -> Iterator[LitProduct]:
    """Read the products that were rendered."""
    for path in sorted(folder.glob("*.png")):
        matte = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        assert matte is not None
        layers = [_radiance(folder / f"{path.stem}_{lamp}.webp") for lamp in LAMPS]
        yield LitProduct(path.stem, np.stack(layers), np.asarray(matte, dtype=np.uint8))


def _radiance(path: Path) -> Floats:
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    assert pixels is not None
    return floats((pixels.astype(np.float32) / 255) ** _CURVE * _BRIGHTEST)
