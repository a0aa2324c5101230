"""The sample photos are what the demo and the tests may rely on."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

PHOTOS = Path(__file__).resolve().parents[1] / "photos"
NAMES = sorted(path.stem for path in PHOTOS.glob("*.jpg"))
CATEGORIES = {"bags", "bottles", "furniture", "other", "shoes"}


def _picture(name: str) -> Image.Image:
    return Image.open(io.BytesIO((PHOTOS / f"{name}.jpg").read_bytes()))


def _matte(name: str) -> NDArray[np.floating[Any]]:
    return np.asarray(Image.open(io.BytesIO((PHOTOS / f"{name}.png").read_bytes())), np.float32) / 255


def _grey(name: str) -> NDArray[np.floating[Any]]:
    return np.asarray(_picture(name).convert("L"), np.float32) / 255


def test_four_photos_of_different_categories_are_there() -> None:
    """There are at least four samples, and between them they cover the kinds of product that differ most."""
    sidecars = [json.loads((PHOTOS / f"{name}.json").read_text()) for name in NAMES]
    assert len(NAMES) >= 4
    assert {sidecar["category"] for sidecar in sidecars} >= {"bags", "bottles", "furniture", "other"}


def test_the_repository_stays_light() -> None:
    """All sample images together stay within 8 MB."""
    images = [path for path in PHOTOS.iterdir() if path.suffix in {".jpg", ".png"}]
    assert sum(path.stat().st_size for path in images) <= 8_000_000


@pytest.mark.parametrize("name", NAMES)
def test_a_photo_is_what_a_shop_uploads(name: str) -> None:
    """Each photo is an RGB JPEG of 1600 to 2000 px on its longest side, at most 300 kB."""
    picture = _picture(name)
    assert picture.format == "JPEG"
    assert picture.mode == "RGB"
    assert 1600 <= max(picture.size) <= 2000
    assert (PHOTOS / f"{name}.jpg").stat().st_size <= 300_000


@pytest.mark.parametrize("name", NAMES)
def test_a_matte_fits_its_photo(name: str) -> None:
    """Each matte is 8-bit grey, of its photo's size, and small."""
    encoded = (PHOTOS / f"{name}.png").read_bytes()
    matte = Image.open(io.BytesIO(encoded))
    assert matte.mode == "L"
    assert matte.size == _picture(name).size
    assert len(encoded) <= 200_000


@pytest.mark.parametrize("name", NAMES)
def test_a_matte_has_a_whole_product_with_soft_edges(name: str) -> None:
    """The product fills 5 to 60 % of the picture, touches no edge, and only its edges are soft."""
    matte = _matte(name)
    border = np.concatenate([matte[0], matte[-1], matte[:, 0], matte[:, -1]])
    between = (matte > 0.02) & (matte < 0.98)
    assert 0.05 <= matte.mean() <= 0.60
    assert border.max() == 0
    assert 0.001 <= between.mean() <= 0.05


@pytest.mark.parametrize("name", NAMES)
def test_a_product_spans_half_to_four_fifths_of_its_photo(name: str) -> None:
    """By its longer relative side the product spans 50 to 82 % of the picture."""
    inside = _matte(name) > 0.5
    spans = [np.flatnonzero(inside.any(axis=axis)) for axis in (0, 1)]
    shares = [(span[-1] - span[0] + 1) / inside.shape[1 - axis] for axis, span in enumerate(spans)]
    assert 0.50 <= max(shares) <= 0.82


@pytest.mark.parametrize("name", NAMES)
def test_a_matte_lies_where_the_photo_changes(name: str) -> None:
    """Along the matte's edge the photo's gradient is at least twice that of the picture's median pixel."""
    down, across = np.gradient(_grey(name))
    change = np.hypot(down, across)
    down, across = np.gradient(_matte(name))
    edge = np.hypot(down, across) > 0.15
    assert change[edge].mean() > 2 * np.median(change)


@pytest.mark.parametrize(("name", "holes"), [("mug", 1), ("handbag", 1), ("chair", 8)])
def test_a_matte_keeps_its_holes_open(name: str, holes: int) -> None:
    """Backdrop seen through a handle, under a strap and between spindles is not product."""
    import cv2

    if name not in NAMES:
        pytest.skip(f"{name} is not among the samples")
    backdrop = (_matte(name) < 0.02).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(backdrop, connectivity=4)
    large = [index for index in range(1, count) if stats[index, cv2.CC_STAT_AREA] >= 400]
    assert len(large) >= holes + 1


@pytest.mark.parametrize("name", NAMES)
def test_a_photo_is_exposed_as_a_person_would(name: str) -> None:
    """Neither black nor blown out: mean lightness in the middle, at most 4 % of the pixels clipped."""
    grey = _grey(name)
    assert 0.25 <= grey.mean() <= 0.92
    assert ((grey > 0.995) | (grey < 0.005)).mean() <= 0.04


@pytest.mark.parametrize("name", NAMES)
def test_a_sidecar_says_what_a_shop_knows(name: str) -> None:
    """Category, brand, title and price, and nothing else."""
    sidecar = json.loads((PHOTOS / f"{name}.json").read_text())
    assert set(sidecar) == {"category", "brand", "title", "price"}
    assert sidecar["category"] in CATEGORIES
    assert sidecar["brand"]
    assert sidecar["title"]
    assert 0 < sidecar["price"] < 10_000
