"""A staged product: on its floor, shaded where there is ground, on pure white where that is asked for."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packshot.events import Shadow
from packshot.imaging.compositing import Fit, ScaledCutout, scaled_cutout, scaled_photo
from packshot.imaging.mirroring import mirror
from packshot.imaging.placement import Anchor, Frame
from packshot.imaging.staging import stage_of
from packshot.imaging.studio import Library, PlateRecipe
from tests.products import DrawnProduct, Shape, drawn
from tests.stages import Shot, request, scene_of, shoot

SIDE = 400
NOTHING = Shadow(contact=0, cast=0)


def cutout_in(shot: Shot, product: DrawnProduct) -> ScaledCutout:
    """Return the product as the composite shows it."""
    height, width = shot.backdrop.shape[:2]
    fit = Fit(box=product.matte.box, placement=shot.staged.placement, width=width, height=height)
    return scaled_cutout(product.cutout, photo=product.photo, fit=fit)


def alpha_in(shot: Shot, product: DrawnProduct) -> np.ndarray:
    """Return the product's alpha in the whole frame."""
    alpha = np.zeros(shot.backdrop.shape[:2], dtype=np.uint8)
    scaled = cutout_in(shot, product)
    alpha[scaled.window.slices] = scaled.alpha
    return alpha


@pytest.mark.parametrize(("light", "sign"), [("soft_left", 1), ("soft_right", -1), ("sun", 1)])
@pytest.mark.parametrize("name", ["corner", "board", "counter"])
def test_a_shadow_lies_at_the_foot_away_from_the_light(
    name: str, light: str, sign: int, studio: Library
) -> None:
    """On the far side of the foot the ground is darker than the empty plate, and than on the near side."""
    shot = shoot(drawn("mug"), scene=scene_of(name), library=studio, light=light)
    put = shot.staged.placement.box
    rows = slice(put.y + put.height - 16, put.y + put.height - 8)
    right = slice(put.x + put.width, put.x + put.width + 30)
    left = slice(put.x - 30, put.x)
    far, near = (right, left) if sign > 0 else (left, right)
    kept = [shot.staged.pixels[rows, side].mean() / shot.behind[rows, side].mean() for side in (far, near)]
    assert kept[0] < 0.95
    assert kept[0] < kept[1]
    assert np.array_equal(shot.staged.pixels[:20], shot.behind[:20])


def test_a_lit_side_sends_its_colour_to_the_ground_before_it(studio: Library) -> None:
    """Before an orange mug that is lit from there the ground is more orange than the empty plate."""
    shot = shoot(drawn("mug"), scene=scene_of("corner"), library=studio, light="soft_left")
    put = shot.staged.placement.box
    before = (
        slice(put.y + put.height + 4, put.y + put.height + 9),
        slice(put.x + 10, put.x + put.width // 2),
    )
    here, empty = (image[before].reshape(-1, 3).mean(axis=0) for image in (shot.staged.pixels, shot.behind))
    warmth = here / empty
    assert warmth[0] > warmth[1] > warmth[2]


def test_a_white_scene_has_a_white_border_and_a_soft_shadow(studio: Library) -> None:
    """Marketplaces see 255 on every side; people see that the mug stands on something."""
    shot = shoot(drawn("mug"), scene=scene_of(case="white"), library=studio)
    pixels, put = shot.staged.pixels, shot.staged.placement.box
    rim = np.concatenate([pixels[:6].ravel(), pixels[-6:].ravel(), pixels[:, :6].ravel()])
    assert (rim == 255).all()
    assert pixels[put.y + put.height + 1, put.x + put.width // 3].max() < 255


def test_a_white_scene_is_centred(studio: Library) -> None:
    """Without a ground the product hangs in the middle of the frame."""
    put = shoot(drawn("mug"), scene=scene_of(case="white"), library=studio).staged.placement.box
    assert abs((2 * put.y + put.height) - SIDE) <= 1
    assert max(put.width, put.height) == pytest.approx(0.85 * SIDE, abs=1)


def test_what_stands_stands_on_the_plates_floor(studio: Library) -> None:
    """The plate says where its floor is; the product's lowest row goes there."""
    scene = scene_of()
    put = shoot(drawn("stool"), scene=scene, library=studio).staged.placement.box
    floor = PlateRecipe.of(scene, attempt=0, library=studio).floor
    assert put.y + put.height == round(floor * SIDE)


def test_a_plate_of_another_generator_gets_a_stage_too() -> None:
    """A plate that no set describes still has a floor, a camera and a place where shadows end."""
    trend = request()
    plate = trend.plate.model_copy(update={"generator": "flux", "floor": 0.8})
    ground = stage_of(trend.scene, plate)
    assert ground.floor == 0.8
    assert 0 < ground.rise(ground.far) < 0.8


def test_a_fallback_plate_is_staged_as_what_it_is(studio: Library) -> None:
    """A scene that was planned for Flux and made in the studio stands on the studio's ground."""
    scene = scene_of()
    planned = scene.model_copy(update={"generator": "flux"})
    plate = request().plate
    assert stage_of(planned, plate, library=studio) == stage_of(scene, plate, library=studio)


def test_the_shadow_follows_the_light_that_the_plate_shows(studio: Library) -> None:
    """A plate that was lit by the sun from its other side throws a sun's shadow to its other side."""
    lights = studio.describe("corner").lights
    for light, mirrored in (("soft_left", False), ("sun", False), ("sun", True)):
        plate = request().plate.model_copy(update={"light": light, "mirrored": mirrored})
        ground, baked = stage_of(scene_of(), plate, library=studio), lights[light]
        assert ground.azimuth == (-baked.azimuth if mirrored else baked.azimuth)
        assert (ground.elevation, ground.softness) == (baked.elevation, baked.softness)
        assert ground.key_share == baked.key_share


def test_a_plate_that_names_no_light_was_lit_by_the_nearest(studio: Library) -> None:
    """Plates that were made before lights had names are staged from the side that was asked for."""
    plate = request().plate.model_copy(update={"light": "", "mirrored": False})
    for side in ("left", "right"):
        light = request().scene.light.model_copy(update={"side": side})
        ground = stage_of(scene_of(light=light), plate, library=studio)
        assert (ground.azimuth > 0) == (side == "right")


def test_where_there_is_neither_product_nor_shadow_the_plate_keeps_its_bytes(studio: Library) -> None:
    """Strength 0 means 0: outside the product nothing is touched."""
    product = drawn("mug")
    shot = shoot(product, scene=scene_of(shadow=NOTHING), library=studio)
    clear = alpha_in(shot, product) == 0
    assert np.array_equal(shot.staged.pixels[clear], shot.behind[clear])


SIZES = st.tuples(st.integers(64, 700), st.integers(64, 700))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(get_args(Shape)), st.sampled_from(get_args(Anchor)), SIZES, st.floats(0.2, 0.9))
def test_the_product_keeps_every_byte(
    studio: Library, shape: Shape, anchor: Anchor, size: tuple[int, int], fill: float
) -> None:
    """Whatever the frame and the anchor: where the matte is opaque are the scaled photo's bytes."""
    product, (width, height) = drawn(shape), size
    name = "counter" if anchor == "stand" else "plaster"
    scene = scene_of(name, anchor=anchor, width=width, height=height, fill=fill)
    shot = shoot(product, scene=scene, library=studio)
    fit = Fit(box=product.matte.box, placement=shot.staged.placement, width=width, height=height)
    scaled = scaled_cutout(product.cutout, photo=product.photo, fit=fit)
    opaque = scaled.alpha == 255
    shown = shot.staged.pixels[scaled.window.slices]
    assert np.array_equal(shown[opaque], scaled_photo(product.photo, fit)[opaque])


@pytest.mark.parametrize("level", [0, 255])
def test_a_product_of_pure_black_or_white_is_staged(level: int, studio: Library) -> None:
    """No light to learn from, no division by it."""
    product = drawn("mug")
    photo = np.full_like(product.photo, level)
    cutout = np.dstack((photo, product.alpha))
    plain = DrawnProduct(photo, cutout, product.matte)
    shot = shoot(plain, scene=scene_of("counter"), library=studio)
    opaque = alpha_in(shot, plain) == 255
    assert (shot.staged.pixels[opaque] == level).all()


@pytest.mark.parametrize(("width", "height"), [(40, 800), (800, 40), (64, 64)])
@pytest.mark.parametrize("anchor", ["stand", "hang", "lie"])
def test_any_shape_of_product_is_staged(width: int, height: int, anchor: Anchor, studio: Library) -> None:
    """A necklace of one to twenty, a shelf of twenty to one."""
    product = drawn("slab", width=width, height=height)
    name = "corner" if anchor == "stand" else "plaster"
    shot = shoot(product, scene=scene_of(name, anchor=anchor), library=studio)
    put = shot.staged.placement.box
    assert shot.staged.pixels.shape == shot.backdrop.shape
    assert max(put.width, put.height) <= SIDE


@pytest.mark.parametrize("fill", [0, 255])
def test_an_empty_or_a_full_matte_makes_a_sound_image(fill: int, studio: Library) -> None:
    """What masking should have refused does not break what comes after it."""
    product = drawn("mug")
    alpha = np.full_like(product.alpha, fill)
    odd = DrawnProduct(product.photo, np.dstack((product.photo, alpha)), product.matte)
    shot = shoot(odd, scene=scene_of("counter"), library=studio)
    assert shot.staged.pixels.shape == shot.backdrop.shape
    if fill == 0:
        assert np.array_equal(shot.staged.pixels, shot.behind)


def darkest_beside(shot: Shot) -> float:
    """Return the row of the darkest ground right of the product, as a share of the height."""
    put, side = shot.staged.placement.box, len(shot.backdrop)
    strip = shot.staged.pixels[:, put.x + put.width + side // 40, 1].astype(int)
    assert strip.min() < 0.85 * strip.max()
    return float(np.flatnonzero(strip == strip.min()).mean() / side)


@pytest.mark.parametrize("side", [64, 401, 6000])
def test_a_shadow_is_the_same_in_a_frame_of_any_size(side: int, studio: Library) -> None:
    """It falls on the same place of the picture, from a thumbnail to a poster."""
    product, shadow = drawn("mug", width=600, height=600), Shadow(contact=0, cast=1)

    def shot(size: int) -> Shot:
        scene = scene_of(side=size, shadow=shadow, fill=0.2)
        plain = np.full((size, size, 3), 200, dtype=np.uint8)
        return shoot(product, scene=scene, library=studio, light="sun", backdrop=plain)

    assert darkest_beside(shot(side)) == pytest.approx(darkest_beside(shot(1600)), abs=0.025)


def test_only_a_glossy_ground_mirrors(studio: Library) -> None:
    """A polished counter shows the product's foot upside down, paint does not; the image fades."""
    product = drawn("mug", width=600, height=600)
    shot = shoot(product, scene=scene_of("counter"), library=studio)
    cutout = cutout_in(shot, product)
    assert mirror(cutout, gloss=0, frame=Frame(width=SIDE, height=SIDE)) is None
    image = mirror(cutout, gloss=0.3, frame=Frame(width=SIDE, height=SIDE))
    assert image is not None
    middle = image.share[:, image.share.shape[1] // 2]
    assert 0.15 < middle.max() <= 0.3
    assert middle.max() > 3 * middle[-1]


def test_a_mirror_image_never_starts_below_what_does_not_touch(studio: Library) -> None:
    """A handle hangs over the ground: what it mirrors is as far below the ground as it is above."""
    product = drawn("mug", width=600, height=600)
    cutout = cutout_in(shoot(product, scene=scene_of("counter"), library=studio), product)
    image = mirror(cutout, gloss=0.3, frame=Frame(width=SIDE, height=SIDE))
    assert image is not None
    handle = image.share[:, -20:]
    foot = cutout.alpha.shape[0] - (image.window.y - cutout.window.y)
    assert handle[: max(foot, 0) + 10].max() < 0.03


@pytest.mark.parametrize(("anchor", "light"), [("hang", "soft_left"), ("lie", "sun")])
def test_what_does_not_stand_throws_its_shadow_on_what_is_behind(
    anchor: Anchor, light: str, studio: Library
) -> None:
    """Before a wall and on a table from above the shadow falls to the right and down."""
    shot = shoot(drawn("mug"), scene=scene_of("plaster", anchor=anchor), library=studio, light=light)
    put = shot.staged.placement.box
    columns = slice(put.x + put.width // 3, put.x + put.width // 2)
    below = slice(put.y + put.height, put.y + put.height + 4), columns
    above = slice(put.y - 4, put.y), columns
    kept = [shot.staged.pixels[part].mean() / shot.behind[part].mean() for part in (below, above)]
    assert kept[0] < 0.97
    assert kept[0] < kept[1]
