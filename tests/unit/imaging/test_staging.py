"""A staged product: on its floor, shaded where there is ground, on pure white where that is asked for."""

from pathlib import Path

import numpy as np
import pytest

from packshot.events import ComposeRequest, Plate, Scene
from packshot.imaging.arrays import Bytes
from packshot.imaging.compositing import Fit, scaled_cutout
from packshot.imaging.placement import Frame
from packshot.imaging.staging import Staged, Subject, mirror, shading, stage, stage_of
from packshot.imaging.studio import SETS, PlateRecipe
from tests.products import DrawnProduct, drawn

SIDE = 400


@pytest.fixture(scope="module")
def trend(root: Path) -> ComposeRequest:
    """Return the sample event of the trend scene."""
    return ComposeRequest.model_validate_json((root / "events" / "compose_image" / "trend.json").read_text())


@pytest.fixture(scope="module")
def white(root: Path) -> ComposeRequest:
    """Return the sample event of the white scene."""
    return ComposeRequest.model_validate_json((root / "events" / "compose_image" / "white.json").read_text())


def small(scene: Scene, **changes: object) -> Scene:
    """Return the scene at a size that tests can afford."""
    return scene.model_copy(update={"width": SIDE, "height": SIDE, **changes})


def staged(product: DrawnProduct, *, scene: Scene, plate: Plate) -> tuple[Staged, Bytes]:
    """Stage a product; return the result and the empty plate."""
    recipe = PlateRecipe.of(scene, attempt=0)
    backdrop = recipe.render()
    subject = Subject(photo=product.photo, cutout=product.cutout, matte=product.matte)
    at = plate.model_copy(update={"floor": recipe.floor})
    return stage(subject, scene=scene, plate=at, backdrop=backdrop), backdrop


@pytest.mark.parametrize("name", [n for n in SETS if SETS[n].build in {"sweep", "table", "podium"}])
def test_a_shadow_lies_at_the_foot_in_every_set(name: str, trend: ComposeRequest) -> None:
    """Right of the foot, away from the light, the ground is darker than the empty plate."""
    result, backdrop = staged(drawn("mug"), scene=small(trend.scene, set=name), plate=trend.plate)
    put = result.placement.box
    beside = (
        slice(put.y + put.height - 8, put.y + put.height - 2),
        slice(put.x + put.width, put.x + put.width + 30),
    )
    assert result.pixels[beside].mean() < 0.95 * backdrop[beside].mean()
    assert np.array_equal(result.pixels[:40], backdrop[:40])


def test_a_white_scene_has_a_white_border_and_a_soft_shadow(white: ComposeRequest) -> None:
    """Marketplaces see 255 on every side; people see that the mug stands on something."""
    result, _ = staged(drawn("mug"), scene=small(white.scene), plate=white.plate)
    rim = np.concatenate(
        [result.pixels[:6].ravel(), result.pixels[-6:].ravel(), result.pixels[:, :6].ravel()]
    )
    put = result.placement.box
    assert (rim == 255).all()
    assert result.pixels[put.y + put.height + 1, put.x + put.width // 3].max() < 255


def test_a_white_scene_is_centred(white: ComposeRequest) -> None:
    """Without a ground the product hangs in the middle of the frame."""
    result, _ = staged(drawn("mug"), scene=small(white.scene), plate=white.plate)
    put = result.placement.box
    assert abs((2 * put.y + put.height) - SIDE) <= 1
    assert max(put.width, put.height) == pytest.approx(0.85 * SIDE, abs=1)


def test_what_stands_stands_on_the_plates_floor(trend: ComposeRequest) -> None:
    """The plate says where its floor is; the product's lowest row goes there."""
    scene = small(trend.scene)
    result, _ = staged(drawn("stool"), scene=scene, plate=trend.plate)
    floor = PlateRecipe.of(scene, attempt=0).floor
    assert result.placement.box.y + result.placement.box.height == round(floor * SIDE)


def test_a_plate_of_another_generator_gets_a_stage_too(trend: ComposeRequest) -> None:
    """A plate that no set describes still has a floor and a place where shadows end."""
    plate = trend.plate.model_copy(update={"generator": "flux", "floor": 0.8})
    ground = stage_of(trend.scene, plate)
    assert ground.floor == 0.8
    assert 0 < ground.ends < 0.8


def test_a_fallback_plate_is_staged_as_what_it_is(trend: ComposeRequest) -> None:
    """A scene that was planned for Flux and made in the studio stands on the studio's ground."""
    planned = trend.scene.model_copy(update={"generator": "flux"})
    assert stage_of(planned, trend.plate) == stage_of(trend.scene, trend.plate)


def test_no_shadow_at_all_leaves_all_the_light(trend: ComposeRequest) -> None:
    """Strength 0 means 0."""
    shadow = trend.scene.shadow.model_copy(update={"contact": 0, "cast": 0})
    scene = small(trend.scene, shadow=shadow)
    frame = Frame(width=SIDE, height=SIDE, floor=0.8)
    result, _ = staged(drawn("mug"), scene=scene, plate=trend.plate)
    product = drawn("mug")
    fit = Fit(box=product.matte.box, placement=result.placement, width=SIDE, height=SIDE)
    cutout = scaled_cutout(product.cutout, photo=product.photo, fit=fit)
    left = shading(cutout, scene=scene, stage=stage_of(scene, trend.plate), frame=frame)
    assert (left == 1).all()


def test_only_a_glossy_ground_mirrors(trend: ComposeRequest) -> None:
    """Stone shows the product's foot upside down, paper does not; the image fades with distance."""
    product = drawn("mug", width=600, height=600)
    for name, mirrors in (("stone_table", True), ("paper_sweep", False)):
        scene = small(trend.scene, set=name)
        result, _ = staged(product, scene=scene, plate=trend.plate)
        fit = Fit(box=product.matte.box, placement=result.placement, width=SIDE, height=SIDE)
        cutout = scaled_cutout(product.cutout, photo=product.photo, fit=fit)
        image = mirror(cutout, stage=stage_of(scene, trend.plate), frame=Frame(width=SIDE, height=SIDE))
        assert (image is not None) == mirrors
        if image is not None:
            middle = image.share[:, image.share.shape[1] // 2]
            assert middle.max() > 3 * middle[-1]


@pytest.mark.parametrize(("anchor", "name"), [("hang", "plaster_wall"), ("lie", "linen_flat_lay")])
def test_what_does_not_stand_throws_its_shadow_on_what_is_behind(
    anchor: str, name: str, trend: ComposeRequest
) -> None:
    """Before a wall and on a table from above the shadow falls to the right and down."""
    scene = small(trend.scene, set=name, anchor=anchor)
    result, backdrop = staged(drawn("mug"), scene=scene, plate=trend.plate)
    put = result.placement.box
    below = (
        slice(put.y + put.height, put.y + put.height + 6),
        slice(put.x + put.width // 3, put.x + put.width // 2),
    )
    assert result.pixels[below].mean() < 0.97 * backdrop[below].mean()
