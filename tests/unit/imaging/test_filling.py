"""What a fill model is shown, and the product laid over what it drew."""

import numpy as np

from packshot.events import Generation, ImageRef, ObjectRef, Plate, Scene
from packshot.imaging.arrays import Bytes
from packshot.imaging.filling import prepare_filling, repainted
from packshot.imaging.quality import Evidence, judge, measure
from packshot.imaging.staging import Subject, stage, stage_of
from packshot.scenes.prompts import view_for
from tests.products import DrawnProduct, drawn
from tests.stages import scene_of

SIDE = 400


def fill_scene(**changes: object) -> Scene:
    """Return a scene that is to be drawn around its product."""
    found = scene_of(side=SIDE, strategy="fill", view=view_for("stand"), models=("flux-fill-pro",))
    return found.model_copy(update=changes)


def subject_of(product: DrawnProduct) -> Subject:
    """Return a drawn product as the composite takes it."""
    return Subject(photo=product.photo, cutout=product.cutout, matte=product.matte)


def bought(strategy: str = "fill") -> Plate:
    """Return a plate of a generator; nobody reads its file here."""
    return Plate(
        image=ImageRef(object=ObjectRef(bucket="b", key="k"), width=SIDE, height=SIDE),
        generator="flux",
        floor=0.8,
        recipe="r",
        generation=Generation.model_validate(
            {
                "model": "m",
                "strategy": strategy,
                "prompt": "p",
                "prompt_version": "v",
                "seed": 1,
                "prediction": "x",
                "seconds": 1,
            }
        ),
    )


def decoded_again(image: Bytes) -> Bytes:
    """Return what a fill model gives back: even what it kept is a little different."""
    noise = np.random.default_rng(3).integers(-3, 4, size=image.shape)
    decoded: Bytes = np.clip(image.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    return decoded


def test_the_mask_is_turned_once() -> None:
    """Ours says 255 for product, theirs 255 for what is to be drawn: two pixels tell."""
    assert repainted(np.array([[255, 0]], dtype=np.uint8)).tolist() == [[0, 255]]


def test_an_edge_is_drawn_too() -> None:
    """Only what is product alone is kept; our own edge is laid over theirs."""
    assert repainted(np.array([[254, 128, 1]], dtype=np.uint8)).tolist() == [[0, 255, 255]]


def test_the_product_stands_where_it_will_be_composited() -> None:
    """Image and composite agree to the byte, so what was drawn fits around it."""
    subject, scene = subject_of(drawn("mug", width=300, height=450)), fill_scene()
    filling = prepare_filling(subject, scene=scene)
    assert filling.image.shape == (SIDE, SIDE, 3)
    assert filling.mask.shape == (SIDE, SIDE)
    assert set(np.unique(filling.mask)) == {0, 255}
    staged = stage(subject, scene=scene, plate=bought(), backdrop=decoded_again(filling.image))
    kept = filling.mask == 0
    assert kept.any()
    assert np.array_equal(staged.pixels[kept], filling.image[kept])


def test_what_was_drawn_around_gets_no_second_shadow() -> None:
    """Outside of the product the picture is the generator's, byte for byte; nothing is graded."""
    subject, scene = subject_of(drawn("mug", width=300, height=450)), fill_scene()
    backdrop = decoded_again(prepare_filling(subject, scene=scene).image)
    staged = stage(subject, scene=scene, plate=bought(), backdrop=backdrop)
    far = np.ones((SIDE, SIDE), dtype=bool)
    box = staged.placement.box
    far[box.y - 4 : box.y + box.height + 4, box.x - 4 : box.x + box.width + 4] = False
    assert np.array_equal(staged.pixels[far], backdrop[far])


def test_the_same_gates_judge_it() -> None:
    """Fidelity is held; contact and a second object are told, for the plate shows both by design."""
    product, scene = drawn("mug", width=300, height=450), fill_scene(generator="flux")
    subject = subject_of(product)
    backdrop = decoded_again(prepare_filling(subject, scene=scene).image)
    staged = stage(subject, scene=scene, plate=bought(), backdrop=backdrop)
    evidence = Evidence(
        composite=staged.pixels,
        plate=backdrop,
        photo=product.photo,
        cutout=product.cutout,
        box=product.matte.box,
        cut_edges=(),
        placement=staged.placement,
        scene=scene,
        generator="flux",
    )
    scores = {score.name: score for score in measure(evidence)}
    assert scores["fidelity"].value == 0
    assert {name for name in ("contact", "gap", "second_object") if scores[name].rule != "info"} == set()
    assert judge(tuple(scores.values()), scene=scene, attempt=0, allowed=3).verdict in {"pass", "retry"}


def test_a_bought_plate_is_staged_as_it_was_ordered() -> None:
    """Camera, ground and light are those of the view that the prompt asked for."""
    view = view_for("stand")
    scene = fill_scene(strategy="plate")
    found = stage_of(scene, bought("plate"))
    assert (found.floor, found.distance, found.height, found.far) == (
        0.8,
        view.distance,
        view.height,
        -view.depth,
    )
    turn = view.azimuth if scene.light.side == "right" else -view.azimuth
    assert (found.azimuth, found.softness, found.gloss) == (turn, scene.light.softness, 0)
