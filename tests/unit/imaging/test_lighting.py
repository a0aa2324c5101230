"""The side of the key light, told from the product alone."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from packshot.events import KeyLight
from packshot.imaging.lighting import estimate_key

LEFT = ("mug", "boot", "chair", *(f"set/{name}" for name in (
    "white_plate", "wood_ring", "shelf_kettle", "textile_pompom", "room_stool", "wood_watch", "paper_sandal",
    "white_cushion", "room_vase", "textile_plaid_cushion", "tiles_rack",
)))  # fmt: skip
RIGHT = ("bottle", "handbag", *(f"set/{name}" for name in (
    "white_cups", "paper_tumbler", "garden_wine_glass", "tiles_trivet", "paper_scissors", "shelf_basket",
    "wood_bracelet", "room_lamp", "paper_jug", "white_box",
)))  # fmt: skip
"""Where tests/photos/render puts the key; what stands between two lights is left out."""


def key_of(root: Path, name: str, *, mirrored: bool = False) -> KeyLight | None:
    """Estimate the key of a sample photo with its exact matte."""
    photo = cv2.imread(str(root / "tests" / "photos" / f"{name}.jpg"))
    matte = cv2.imread(str(root / "tests" / "photos" / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    assert photo is not None
    assert matte is not None
    pixels = np.asarray(photo, dtype=np.uint8)[..., ::-1]
    alpha = np.asarray(matte, dtype=np.float32) / 255
    if mirrored:
        pixels, alpha = pixels[:, ::-1], alpha[:, ::-1]
    return estimate_key(np.ascontiguousarray(pixels), alpha=np.ascontiguousarray(alpha))


def test_no_sample_is_told_wrong_and_most_are_told(root: Path) -> None:
    """A wrong side would set the product into light that contradicts it; no answer only leaves it open."""
    told = {name: key for name in (*LEFT, *RIGHT) if (key := key_of(root, name)) is not None}
    wrong = [name for name, key in told.items() if key.side != ("left" if name in LEFT else "right")]
    assert wrong == []
    assert len(told) >= 19


@pytest.mark.parametrize("name", ["mug", "handbag", "boot"])
def test_a_mirrored_photo_is_lit_from_the_other_side(name: str, root: Path) -> None:
    """Nothing but the shading decides."""
    key, other = key_of(root, name), key_of(root, name, mirrored=True)
    assert key is not None
    assert other is not None
    assert {key.side, other.side} == {"left", "right"}
    assert other.strength == pytest.approx(key.strength, abs=0.1)


def ball(*, light: NDArray[np.float32] | None, paint: NDArray[np.float32] | None = None) -> KeyLight | None:
    """Estimate the key on a ball under a light from `light`, and some from everywhere."""
    y, x = np.mgrid[-1:1:200j, -1:1:200j].astype(np.float32)
    inside = x**2 + y**2 < 0.64
    z = np.sqrt(np.maximum(0.64 - x**2 - y**2, 0))
    shading = np.full_like(x, 0.6)
    if light is not None:
        shading = 0.2 + 0.5 * np.clip((x * light[0] + y * light[1] + z * light[2]) / 0.8, 0, 1)
    tint = np.ones((200, 200, 3), dtype=np.float32) if paint is None else paint
    linear = np.clip(shading[..., None] * tint, 0, 1)
    pixels = np.rint(255 * linear ** (1 / 2.2)).astype(np.uint8)
    return estimate_key(pixels, alpha=inside.astype(np.float32))


@pytest.mark.parametrize(("x", "side"), [(-0.8, "left"), (0.8, "right")])
def test_a_ball_tells_its_light(x: float, side: str) -> None:
    """Lambert's ball, whatever the light's height."""
    key = ball(light=np.array([x, -0.35, 0.5], dtype=np.float32))
    assert key is not None
    assert key.side == side


def test_flat_light_tells_nothing() -> None:
    """Where no side is brighter no side is named."""
    assert ball(light=None) is None


def test_paint_is_not_light() -> None:
    """A ball that is painted dark on its lit side is still lit from there."""
    paint = np.ones((200, 200, 3), dtype=np.float32)
    paint[:, :100] = 0.25
    key = ball(light=np.array([-0.8, -0.3, 0.5], dtype=np.float32), paint=paint)
    assert key is not None
    assert key.side == "left"


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("shape", [(64, 64), (20, 400), (400, 20), (3, 3)])
def test_what_shows_no_shading_tells_nothing(level: int, shape: tuple[int, int]) -> None:
    """Black, white, extreme shapes, a matte that is empty or full: no key, no error."""
    pixels = np.full((*shape, 3), level, dtype=np.uint8)
    for alpha in (np.zeros(shape, dtype=np.float32), np.ones(shape, dtype=np.float32)):
        assert estimate_key(pixels, alpha=alpha) is None
