"""Shadows fall away from the light, start at the foot, and soften with distance."""

import numpy as np
import pytest

from packshot.imaging.arrays import Floats
from packshot.imaging.shadows import Ray, foot_line, on_ground, on_surface, ray

LEFT = ray(azimuth=-68, elevation=42, spread=0.1)
RIGHT = ray(azimuth=68, elevation=42, spread=0.1)


def post(*, width: int = 20, height: int = 80, size: int = 200) -> Floats:
    """Return the matte of a post that stands on row 159."""
    alpha = np.zeros((size, size), dtype=np.float32)
    left = (size - width) // 2
    alpha[160 - height : 160, left : left + width] = 1
    return alpha


def centre(shadow: Floats) -> float:
    """Return the column around which a shadow lies."""
    return float((shadow.sum(axis=0) * np.arange(shadow.shape[1])).sum() / shadow.sum())


@pytest.mark.parametrize(("light", "sign"), [(LEFT, 1), (RIGHT, -1)])
def test_a_cast_shadow_falls_away_from_the_light(light: Ray, sign: int) -> None:
    """Light from the left throws the shadow to the right, and the other way round."""
    cast = on_ground(post(), light=light, tilt=0.3).cast
    assert sign * (centre(cast) - 100) > 10


def test_shadows_start_at_the_foot() -> None:
    """All shadow lies below the height at which the ground can be seen, and it is darkest under the foot."""
    shadows = on_ground(post(), light=LEFT, tilt=0.3)
    assert shadows.contact[157, 100] == pytest.approx(1, abs=0.1)
    assert shadows.cast[:100].max() < 0.05
    assert shadows.contact[:90].max() < 0.1


def test_shadows_of_opposite_light_mirror_each_other() -> None:
    """Nothing but the light tells left from right."""
    one, other = (on_ground(post(), light=light, tilt=0.3).cast for light in (LEFT, RIGHT))
    assert np.allclose(one, other[:, ::-1], atol=0.06)


def test_a_shadow_softens_with_distance() -> None:
    """The edge of a tall post's shadow is sharp at the foot and soft at the far end."""
    cast = on_ground(post(height=120), light=LEFT, tilt=0.3).cast
    steepest = np.abs(np.diff(cast, axis=0)).max(axis=0)
    assert steepest[118] > 2 * steepest[185]


def test_a_softer_light_makes_a_softer_shadow() -> None:
    """A larger source takes the edge off."""
    hard, soft = (
        on_ground(post(), light=ray(azimuth=-68, elevation=42, spread=spread), tilt=0.3).cast
        for spread in (0.02, 0.3)
    )
    assert np.abs(np.diff(hard[:, 150:])).max() > np.abs(np.diff(soft[:, 150:])).max()


def test_legs_further_back_have_feet_of_their_own() -> None:
    """A leg that ends higher in the picture stands further back; a crossbar does not touch the ground."""
    alpha = np.zeros((200, 200), dtype=np.float32)
    alpha[40:60, 40:160] = 1
    alpha[40:160, 40:50] = 1
    alpha[40:140, 110:120] = 1
    line = foot_line(alpha)
    assert line[45] == 159
    assert line[115] == 139
    assert line[80] > 120


def test_the_side_of_a_bowl_does_not_touch_the_ground() -> None:
    """A contour that rises steeply hangs over the ground instead of standing on it."""
    y, x = np.mgrid[:200, :200]
    alpha = ((x - 100) ** 2 + (y - 80) ** 2 < 60**2).astype(np.float32) * (y > 80)
    line = foot_line(alpha)
    lowest = np.where(alpha.any(axis=0), 199 - np.argmax(alpha[::-1] > 0, axis=0), 0)
    assert line[100] == lowest[100]
    assert line[45] > lowest[45] + 15


def test_an_empty_matte_has_a_line_and_no_shadow() -> None:
    """Nothing throws nothing."""
    nothing = np.zeros((50, 60), dtype=np.float32)
    shadows = on_ground(nothing, light=LEFT, tilt=0.3)
    assert foot_line(nothing).shape == (60,)
    assert max(shadows.cast.max(), shadows.contact.max(), shadows.crease.max()) == 0


def test_what_hangs_throws_its_shadow_down_and_aside() -> None:
    """Before a wall the shadow moves with the gap: to the other side and downwards."""
    near, far = (on_surface(post(height=100), light=LEFT, gap=gap).cast for gap in (2.0, 20.0))
    rows = np.arange(200)
    assert centre(far) > centre(near) > 100
    assert (far.sum(axis=1) * rows).sum() / far.sum() > (near.sum(axis=1) * rows).sum() / near.sum()


@pytest.mark.parametrize("shape", [(8, 8), (16, 400), (400, 16)])
def test_shadows_are_shares_at_any_size(shape: tuple[int, int]) -> None:
    """Every share stays in [0, 1], whatever the frame."""
    alpha = np.ones(shape, dtype=np.float32)
    for shadows in (on_ground(alpha, light=LEFT, tilt=0.3), on_surface(alpha, light=LEFT, gap=3)):
        for share in (shadows.cast, shadows.contact, shadows.crease):
            assert share.shape == shape
            assert share.min() >= -1e-6
            assert share.max() <= 1 + 1e-5
