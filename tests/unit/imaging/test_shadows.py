"""Shadows fall away from the light, start at the foot, and soften with distance."""

import numpy as np
import pytest

from packshot.imaging.arrays import Floats
from packshot.imaging.bodies import contact_line, foot_line, half_depth
from packshot.imaging.plans import View
from packshot.imaging.rays import Rays, key_rays, sky_rays
from packshot.imaging.shadows import Shadows, on_ground, on_surface

LEFT = key_rays(azimuth=-68, elevation=42, softness=0.3)
RIGHT = key_rays(azimuth=68, elevation=42, softness=0.3)
VIEW = View(distance=460, horizon=22, foot=160, centre=99.5, far=60)


def shaded(alpha: Floats, *, light: Rays = LEFT, view: View = VIEW) -> Shadows:
    """Return the shadows on the ground of a frame as wide as the matte."""
    return on_ground(alpha, key=light, view=view, width=float(alpha.shape[1]))


def post(*, width: int = 20, height: int = 80, size: int = 200) -> Floats:
    """Return the matte of a post that stands on row 159."""
    alpha = np.zeros((size, size), dtype=np.float32)
    left = (size - width) // 2
    alpha[160 - height : 160, left : left + width] = 1
    return alpha


def flat(alpha: Floats, *, gap: float = 3) -> Shadows:
    """Return the shadows on a surface behind a matte."""
    return on_surface(alpha, key=LEFT, gap=gap, deepest=12, width=float(alpha.shape[1]))


def centre(shadow: Floats) -> float:
    """Return the column around which a shadow lies."""
    return float((shadow.sum(axis=0) * np.arange(shadow.shape[1])).sum() / shadow.sum())


@pytest.mark.parametrize(("light", "sign"), [(LEFT, 1), (RIGHT, -1)])
def test_a_cast_shadow_falls_away_from_the_light(light: Rays, sign: int) -> None:
    """Light from the left throws the shadow to the right, and the other way round."""
    cast = shaded(post(), light=light).cast
    assert sign * (centre(cast) - 100) > 10


def test_shadows_start_at_the_foot() -> None:
    """All shadow lies below the height at which the ground can be seen, and it is darkest under the foot."""
    shadows = shaded(post())
    assert shadows.contact[157, 100] == pytest.approx(1, abs=0.1)
    assert shadows.cast[:100].max() < 0.05
    assert shadows.contact[:90].max() < 0.1


def test_shadows_of_opposite_light_mirror_each_other() -> None:
    """Nothing but the light tells left from right."""
    one, other = (shaded(post(), light=light).cast for light in (LEFT, RIGHT))
    assert np.allclose(one, other[:, ::-1], atol=0.06)


def test_a_shadow_softens_with_distance() -> None:
    """The edge of a tall post's shadow is sharp at the foot and soft at the far end."""
    cast = shaded(post(height=120), light=LEFT).cast
    steepest = np.abs(np.diff(cast, axis=0)).max(axis=0)
    assert steepest[118] > 2 * steepest[185]


def test_a_softer_light_makes_a_softer_shadow() -> None:
    """A larger source takes the edge off."""
    hard, soft = (
        shaded(post(), light=key_rays(azimuth=-68, elevation=42, softness=softness)).cast
        for softness in (0.02, 0.8)
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
    shadows = shaded(nothing)
    assert foot_line(nothing).shape == (60,)
    assert max(shadows.cast.max(), shadows.contact.max(), shadows.crease.max()) == 0


def test_what_hangs_throws_its_shadow_down_and_aside() -> None:
    """Before a wall the shadow moves with the gap: to the other side and downwards."""
    near, far = (flat(post(height=100), gap=gap).cast for gap in (2.0, 20.0))
    rows = np.arange(200)
    assert centre(far) > centre(near) > 100
    assert (far.sum(axis=1) * rows).sum() / far.sum() > (near.sum(axis=1) * rows).sum() / near.sum()


@pytest.mark.parametrize("shape", [(8, 8), (16, 400), (400, 16)])
def test_shadows_are_shares_at_any_size(shape: tuple[int, int]) -> None:
    """Every share stays in [0, 1], whatever the frame."""
    alpha = np.ones(shape, dtype=np.float32)
    for shadows in (shaded(alpha), flat(alpha)):
        for share in (shadows.cast, shadows.contact, shadows.crease):
            assert share.shape == shape
            assert share.min() >= -1e-6
            assert share.max() <= 1 + 1e-5


@pytest.mark.parametrize(("x", "y"), [(11, 0), (-30, 7), (0, -20)])
def test_a_shadow_moves_with_its_product(x: int, y: int) -> None:
    """On a surface seen straight nothing depends on the place."""
    still, moved = flat(post(height=60)), flat(np.roll(post(height=60), (y, x), axis=(0, 1)))
    inside = slice(40, 160), slice(40, 160)
    for one, other in ((still.cast, moved.cast), (still.contact, moved.contact)):
        assert np.allclose(np.roll(one, (y, x), axis=(0, 1))[inside], other[inside], atol=1e-4)


def test_a_shadow_on_the_ground_moves_sideways_with_its_product() -> None:
    """Near the middle of the frame, where perspective hardly turns it."""
    still, moved = shaded(post(height=40)).cast, shaded(np.roll(post(height=40), 6, axis=1)).cast
    assert np.abs(np.roll(still, 6, axis=1) - moved)[:, 12:-12].mean() < 0.004


def test_a_shadow_that_reaches_the_wall_climbs_it() -> None:
    """Right behind a post is a wall: under a low light its shadow stands upright on it."""
    low = key_rays(azimuth=-25, elevation=20, softness=0.02)
    near = View(distance=460, horizon=22, foot=160, centre=99.5, far=150, wall=150)
    plain = View(distance=460, horizon=22, foot=160, centre=99.5, far=150)
    on_wall, without = (shaded(post(), light=low, view=view).cast for view in (near, plain))
    assert without[:149].max() == 0
    assert on_wall[110:149, 100:160].max() > 0.9
    assert on_wall[:70].max() < 0.05


def test_a_handle_is_no_deeper_than_it_is_high() -> None:
    """A bar that sticks out of a body does not take the body's depth."""
    alpha = post(width=60, height=100)
    alpha[100:106, 130:170] = 1
    depth = half_depth(alpha)
    assert depth[130, 100] == pytest.approx(30, abs=2)
    assert depth[103, 150] <= 8
    assert depth[50:60].max() == 0


def test_beside_its_foot_a_product_meets_the_ground_where_its_foot_does() -> None:
    """A bar that sticks out above the ground adds no contact of its own."""
    alpha = post(width=60, height=100)
    alpha[100:106, 130:170] = 1
    line = contact_line(alpha)
    assert line[100] == line[165] == 159


def test_every_ray_comes_from_above_and_the_key_from_where_it_is_told() -> None:
    """Unit vectors; the mean of a panel's rays is its middle."""
    for rays in (LEFT, sky_rays()):
        assert np.allclose(np.linalg.norm(rays.directions, axis=1), 1)
        assert (rays.directions[:, 1] > 0).all()
        assert (rays.strengths > 0).all()
    middle = LEFT.directions.mean(axis=0)
    middle /= np.linalg.norm(middle)
    assert np.degrees(np.arcsin(middle[1])) == pytest.approx(42, abs=1)
    assert np.degrees(np.arctan2(middle[0], middle[2])) == pytest.approx(-68, abs=1)


def carton(*, size: int = 200) -> Floats:
    """Return the matte of a box that is seen over its corner; both of its lower edges rise from there."""
    columns = np.arange(size)
    lower = np.where(columns < 70, 160 - 0.35 * (70 - columns), 160 - 0.1 * (columns - 70))
    inside = (columns >= 30) & (columns < 160)
    rows = np.arange(size)[:, None]
    return ((rows >= 80) & (rows <= lower) & inside).astype(np.float32)


def test_a_box_over_its_corner_stands_on_both_of_its_edges() -> None:
    """Lit from before it, the ground right below its edges is lit, as it is not below what floats."""
    before = key_rays(azimuth=30, elevation=35, softness=0.3)
    shadow = shaded(carton(), light=before)
    beyond = [round(160 - 0.1 * (column - 70)) + 4 for column in range(80, 150)]
    assert shadow.cast[beyond, range(80, 150)].max() < 0.05
    assert shadow.contact[beyond, range(80, 150)].min() > 0.05


@pytest.mark.parametrize("alpha", [carton(), post(width=90), post(width=8)], ids=["box", "wide", "thin"])
def test_nothing_of_a_body_stands_before_its_own_contour(alpha: Floats) -> None:
    """Light from behind the camera throws no shadow on the ground below any product."""
    cast = shaded(alpha, light=key_rays(azimuth=0, elevation=40, softness=0.02)).cast
    lowest = np.where(alpha > 0.5, np.arange(200)[:, None], -1).max(axis=0)
    below = np.arange(200)[:, None] > np.where((alpha > 0.5).any(axis=0), lowest + 6, 200)
    assert below.any()
    assert cast[below].max() < 0.05
