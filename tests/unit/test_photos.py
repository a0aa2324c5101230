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

SET_PHOTOS = PHOTOS / "set"
SET = sorted(path.stem for path in SET_PHOTOS.glob("*.jpg"))
CUT = {"paper_jug"}
HOLES = {
    "ring": 1,
    "bracelet": 10,
    "scissors": 2,
    "basket": 20,
    "trivet": 16,
    "rack": 8,
    "stool": 3,
    "kettle": 1,
}
"""Products of the set, and how many openings in them the camera sees through at the least."""


def _open(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def _coverage(path: Path) -> NDArray[np.floating[Any]]:
    return np.asarray(_open(path), np.float32) / 255


def _picture(name: str) -> Image.Image:
    return _open(PHOTOS / f"{name}.jpg")


def _matte(name: str) -> NDArray[np.floating[Any]]:
    return _coverage(PHOTOS / f"{name}.png")


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


@pytest.mark.parametrize("name", SET)
def test_a_pair_of_the_set_fits(name: str) -> None:
    """Each photo is an RGB JPEG of 960 to 1200 px of at most 150 kB, its matte 8-bit grey as large."""
    photo, matte = (_open(SET_PHOTOS / f"{name}.{ending}") for ending in ("jpg", "png"))
    assert (photo.format, photo.mode) == ("JPEG", "RGB")
    assert (matte.format, matte.mode) == ("PNG", "L")
    assert photo.size == matte.size
    assert 960 <= max(photo.size) <= 1200
    assert (SET_PHOTOS / f"{name}.jpg").stat().st_size <= 150_000
    assert (SET_PHOTOS / f"{name}.png").stat().st_size <= 110_000


@pytest.mark.parametrize("name", SET)
def test_a_matte_of_the_set_has_a_whole_product_with_soft_edges(name: str) -> None:
    """The product fills 2 to 60 % of the picture with soft edges, and only what is meant to is cut."""
    matte = _coverage(SET_PHOTOS / f"{name}.png")
    border = np.concatenate([matte[0], matte[-1], matte[:, 0], matte[:, -1]])
    between = (matte > 0.02) & (matte < 0.98)
    assert 0.02 <= matte.mean() <= 0.60
    assert matte.max() == 1
    assert (border.max() > 0) == (name in CUT)
    assert 0.001 <= between.mean() <= 0.10


@pytest.mark.parametrize(("product", "holes"), list(HOLES.items()))
def test_a_matte_of_the_set_keeps_its_holes_open(product: str, holes: int) -> None:
    """Backdrop seen through rings, links, wires and handles is not product."""
    import cv2

    for name in (name for name in SET if name.split("_", 1)[1] == product):
        backdrop = (_coverage(SET_PHOTOS / f"{name}.png") < 0.02).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(backdrop, connectivity=4)
        large = [index for index in range(1, count) if stats[index, cv2.CC_STAT_AREA] >= 60]
        assert len(large) >= holes + 1, name


def test_fur_and_fringe_are_partly_covered() -> None:
    """Hairs and threads leave more of the picture half covered than any clean outline does."""
    shares = {name: _coverage(SET_PHOTOS / f"{name}.png") for name in SET}
    soft = {name: float(((m > 0.1) & (m < 0.9)).sum() / (m > 0.5).sum()) for name, m in shares.items()}
    assert min(soft[name] for name in SET if name.endswith(("pompom", "cushion"))) > 2 * soft["white_plate"]


def test_the_set_covers_what_mattes_fail_on() -> None:
    """At least 24 pairs, before at least six kinds of backdrop, within 4 MB, and no file without its pair."""
    assert len(SET) >= 24
    assert len({name.split("_", 1)[0] for name in SET}) >= 6
    files = [path for path in SET_PHOTOS.iterdir() if path.is_file()]
    assert {path.name for path in files} == {f"{name}.{ending}" for name in SET for ending in ("jpg", "png")}
    assert sum(path.stat().st_size for path in files) <= 4_000_000
