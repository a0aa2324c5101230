"""The judge sees what a person would send back, and says so in words."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packshot.errors import DamagedArtifact
from packshot.events import AssessRequest, Box, Placement, Scene, Score
from packshot.imaging.arrays import floats
from packshot.imaging.colour import linear_from_srgb, srgb8_from_linear
from packshot.imaging.compositing import scaled_cutout
from packshot.imaging.quality import MEASURES, Evidence, judge, measure
from packshot.imaging.quality.occupancy import enclosed_contrast
from packshot.imaging.staging import Subject
from packshot.imaging.studio import PlateRecipe
from tests.benchmarks import truths
from tests.broken import BROKEN, BROKEN_WHITE, Shot
from tests.products import DrawnProduct, drawn

SIDE = 640
BESIDE = {
    "sharpness": {"fidelity"},
    "clipping": {"fidelity"},
    "stand_out": {"outline_lost"},
}
"""Scores that fail with another: pixels that lost something differ, what disappears has no outline."""


def request_of(root: Path, case: str) -> AssessRequest:
    """Return a sample event."""
    return AssessRequest.model_validate_json(
        (root / "events" / "assess_quality" / f"{case}.json").read_text()
    )


def shot_of(request: AssessRequest, product: DrawnProduct, **changes: object) -> Shot:
    """Return what a good composite of a product is made of."""
    scene = request.scene.model_copy(update={"width": SIDE, "height": SIDE} | changes)
    recipe = PlateRecipe.of(scene, attempt=0)
    lit = {"floor": recipe.floor, "light": recipe.light, "mirrored": recipe.mirrored}
    plate = request.composite.plate.model_copy(update=lit)
    subject = Subject(photo=product.photo, cutout=product.cutout, matte=product.matte)
    return Shot(subject, scene, plate, recipe.render())


def evidence_of(request: AssessRequest, product: DrawnProduct, **changes: object) -> Evidence:
    """Return what a good composite of a product leaves behind."""
    return shot_of(request, product, **changes).taken()


@pytest.fixture(scope="module")
def product() -> DrawnProduct:
    """Return a mug, photographed larger than it is shown."""
    return drawn("mug", width=900, height=1200)


@pytest.fixture(scope="module")
def good(root: Path, product: DrawnProduct) -> Evidence:
    """Return a good trend composite."""
    return evidence_of(request_of(root, "trend"), product)


@pytest.fixture(scope="module")
def white(root: Path, product: DrawnProduct) -> Evidence:
    """Return a good white composite."""
    return evidence_of(request_of(root, "white"), product)


def score(evidence: Evidence, name: str) -> Score:
    """Return one score."""
    return next(score for score in measure(evidence) if score.name == name)


@pytest.mark.parametrize("shape", ["mug", "stool", "slab"])
@pytest.mark.parametrize("case", ["white", "trend"])
def test_what_we_make_passes(root: Path, case: str, shape: str) -> None:
    """Our own composites keep every rule, and not one product pixel differs."""
    evidence = evidence_of(request_of(root, case), drawn(shape, width=900, height=1200))  # type: ignore[arg-type]
    report = judge(measure(evidence), scene=evidence.scene, attempt=0, allowed=3)
    assert report.reason == ""
    assert report.verdict == "pass"
    assert score(evidence, "fidelity").value == 0


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_score_finds_what_it_is_for_and_no_other_does(
    root: Path, product: DrawnProduct, wrong: str
) -> None:
    """Of a composite that is broken one way, one score fails, in words; a good one has none that does."""
    name, broken = BROKEN[wrong]
    scores = measure(broken(shot_of(request_of(root, "trend"), product)))
    failed = {each.name for each in scores if not each.passed}
    assert failed == {name} | BESIDE.get(name, set())
    assert all(bool(each.words) is not each.passed for each in scores)


@pytest.mark.parametrize("wrong", BROKEN_WHITE)
def test_white_is_held_to_more(root: Path, product: DrawnProduct, wrong: str) -> None:
    """Marketplaces measure fill and border; so do we."""
    name, broken = BROKEN_WHITE[wrong]
    scores = measure(broken(shot_of(request_of(root, "white"), product)))
    assert [each.name for each in scores if not each.passed] == [name]


def test_fidelity_is_no_average(root: Path, product: DrawnProduct) -> None:
    """A single channel off by one fails, whatever attempts remain."""
    shot = shot_of(request_of(root, "trend"), product)
    scores = measure(BROKEN["one channel of one pixel is off by one"][1](shot))
    report = judge(scores, scene=shot.scene, attempt=0, allowed=3)
    assert next(each for each in scores if each.name == "fidelity").value == 1
    assert report.verdict == "give_up"
    assert "differ from the photo (1 8-bit steps, at most 0)" in report.reason


@pytest.mark.parametrize("shown", [160, 417, 640])
def test_a_restless_matte_leaves_no_pixel_between_photo_and_plate(root: Path, shown: int) -> None:
    """Composer and judge agree on what is opaque, where a network's matte wavers around it, at any scale."""
    calm = drawn("slab", width=500, height=500)
    cutout = calm.cutout.copy()
    wavering = np.random.default_rng(2).integers(244, 256, cutout.shape[:2], dtype=np.uint8)
    cutout[..., 3] = np.where(cutout[..., 3] == 255, wavering, cutout[..., 3])
    restless = replace(calm, cutout=cutout)
    evidence = evidence_of(request_of(root, "trend"), restless, width=shown, height=shown)
    assert score(evidence, "fidelity").value == 0


def test_a_hole_that_a_network_was_unsure_of_is_found(root: Path) -> None:
    """A patch inside the product through which the plate shows fails, and no seed helps."""
    sure = drawn("slab", width=500, height=500)
    cutout = sure.cutout.copy()
    cutout[200:320, 200:320, 3] = 190
    evidence = evidence_of(request_of(root, "trend"), replace(sure, cutout=cutout))
    report = judge(measure(evidence), scene=evidence.scene, attempt=0, allowed=3)
    assert report.verdict == "give_up"
    assert "the matte is unsure inside the product" in report.reason


def test_a_photo_too_small_for_the_frame_is_told(root: Path) -> None:
    """A thumbnail is not enlarged without end: the reason asks for a closer or larger photo."""
    evidence = evidence_of(request_of(root, "white"), drawn("mug", width=100, height=100))
    report = judge(measure(evidence), scene=evidence.scene, attempt=0, allowed=3)
    assert not report.passed
    assert "larger photo" in report.reason


def test_a_product_that_the_photo_cut_is_not_blamed_for_its_margin(root: Path) -> None:
    """Edges that were cut may touch the frame."""
    evidence = evidence_of(
        request_of(root, "trend"), drawn("slab", cut_edges=("bottom",), width=900, height=900)
    )
    assert score(evidence, "margin").passed


def test_a_product_too_thin_to_erode_is_still_compared(root: Path) -> None:
    """Where three pixels inside nothing is left, every opaque pixel counts."""
    thin = drawn("stool", width=900, height=1200)
    evidence = evidence_of(request_of(root, "trend"), thin, fill=0.05)
    assert score(evidence, "fidelity").value == 0


def made(name: str, *, passed: bool) -> Score:
    """Return a score that failed or passed."""
    return Score(name=name, value=1, threshold=2, rule="min", passed=passed)


@pytest.mark.parametrize(
    ("name", "failing", "attempt", "verdict"),
    [
        ("trend", (), 0, "pass"),
        ("trend", ("stand_out",), 0, "retry"),
        ("trend", ("stand_out", "edge_halo"), 1, "retry"),
        ("trend", ("stand_out",), 2, "give_up"),
        ("trend", ("stand_out", "fidelity"), 0, "give_up"),
        ("trend", ("margin",), 0, "give_up"),
        ("white", ("edge_halo",), 0, "give_up"),
    ],
)
def test_another_seed_only_where_it_helps(
    good: Evidence, name: str, failing: tuple[str, ...], attempt: int, verdict: str
) -> None:
    """A seed changes the plate and nothing else, white has one plate, and attempts end."""
    scores = tuple(
        made(each, passed=each not in failing) for each in ("fidelity", "stand_out", "edge_halo", "margin")
    )
    scene: Scene = good.scene.model_copy(update={"name": name})
    assert judge(scores, scene=scene, attempt=attempt, allowed=3).verdict == verdict


def test_every_score_is_documented(good: Evidence, white: Evidence) -> None:
    """Each score has its measure's unit, limit and rule, and each gate its words and its source."""
    known = {(each.name, each.rule, each.limit, each.unit) for each in MEASURES}
    fill = ("fill", "min", white.scene.fill - 0.01, "share")
    for found in (*measure(good), *measure(white)):
        held = (found.name, found.rule, found.threshold, found.unit)
        assert found.rule == "info" or held in known | {fill}
    assert all(each.source and (each.words or each.rule == "info") for each in MEASURES)


def test_a_plate_that_was_exposed_anew_casts_no_shadow(good: Evidence) -> None:
    """Where the whole set is darker than its plate, only what is darker still is shadow."""
    darker = cv2.convertScaleAbs(good.composite, alpha=0.85)
    inside = np.zeros(good.composite.shape[:2], dtype=bool)
    put = good.placement.box
    inside[put.y : put.y + put.height, put.x : put.x + put.width] = True
    exposed = np.where(inside[..., None], good.composite, darker).astype(np.uint8)
    assert score(replace(good, composite=exposed), "shadow_side").value == pytest.approx(
        score(good, "shadow_side").value, abs=0.15
    )


def test_a_product_cut_below_has_no_foot_to_judge(root: Path) -> None:
    """Where the photo cut the product, nothing is said of its contact, and nothing of its shadow's side."""
    evidence = evidence_of(
        request_of(root, "trend"), drawn("slab", cut_edges=("bottom",), width=900, height=900)
    )
    assert {score(evidence, name).rule for name in ("contact", "gap", "shadow_side")} == {"info"}


@pytest.mark.parametrize("anchor", ["hang", "lie"])
def test_what_does_not_stand_has_no_foot(root: Path, product: DrawnProduct, anchor: str) -> None:
    """A hanging or lying product is held to its shadow's side alone, and its plate may have a rail."""
    evidence = evidence_of(request_of(root, "trend"), product, anchor=anchor)
    assert {score(evidence, name).rule for name in ("contact", "gap", "second_object")} == {"info"}
    assert score(evidence, "shadow_side").passed


@pytest.mark.parametrize("name", truths.names())
def test_what_really_stands_in_a_set_stands(root: Path, name: str) -> None:
    """A path-traced product touches its ground, and without its shadow it does not."""
    truth = truths.read(name)
    scene = request_of(root, "trend").scene
    whole = Box(x=0, y=0, width=truth.alpha.shape[1], height=truth.alpha.shape[0])
    left = np.clip(truth.shadow, 0.01, 1)[..., None]
    lit = srgb8_from_linear(floats(linear_from_srgb(truth.picture) / left))
    standing = Evidence(
        composite=truth.picture,
        plate=np.where(truth.alpha[..., None] > 0, truth.picture, lit),
        photo=truth.photo,
        cutout=np.dstack((truth.photo, np.rint(truth.alpha * 255).astype(np.uint8))),
        box=whole,
        cut_edges=(),
        placement=Placement(box=whole, scale=1),
        scene=scene,
    )
    assert [score(standing, each).passed for each in ("contact", "gap")] == [True, True]
    assert [score(standing, each).rule for each in ("contact", "gap")] == ["min", "max"]
    bare = np.where(truth.alpha[..., None] > 0, truth.picture, standing.plate)
    assert not score(replace(standing, composite=bare), "contact").passed


def test_a_scene_without_shadows_is_not_blamed_for_it(root: Path, product: DrawnProduct) -> None:
    """A plan may ask for none."""
    bare = request_of(root, "trend").scene.shadow.model_copy(update={"contact": 0, "cast": 0})
    evidence = evidence_of(request_of(root, "trend"), product, shadow=bare)
    assert score(evidence, "contact").rule == "info"


def test_a_studio_plate_is_measured_and_not_held(good: Evidence) -> None:
    """The studio's sets are empty by construction; a generator's plate has to be."""
    assert (score(good, "second_object").rule, score(good, "second_object").value < 20) == ("info", True)
    assert score(replace(good, generator="flux"), "second_object").rule == "max"


def test_only_what_is_enclosed_counts() -> None:
    """A disc on a plain ground is as far from it as its colour is; a band across the frame is ground."""
    plate = np.full((256, 256, 3), 119, dtype=np.uint8)
    plate[60:100] = 200
    plate[170:230] = 60
    assert enclosed_contrast(plate).max() == 0
    cv2.circle(plate, (128, 140), 20, (200, 200, 200), -1)
    assert enclosed_contrast(plate)[70, 64] == pytest.approx(31, abs=4)


# --- bad input --------------------------------------------------------------------------------------


def made_of(cutout: np.ndarray, *, scene: Scene, placement: Placement, box: Box) -> Evidence:
    """Return the evidence of a cutout (H, W, 4), naively laid over grey."""
    side = 200
    plate = np.full((side, side, 3), 128, dtype=np.uint8)
    blank = Evidence(
        composite=plate,
        plate=plate,
        photo=np.ascontiguousarray(cutout[..., :3]),
        cutout=cutout,
        box=box,
        cut_edges=(),
        placement=placement,
        scene=scene,
    )
    composite, shown = plate.copy(), scaled_cutout(cutout, photo=blank.photo, fit=blank.fit)
    part = composite[shown.window.slices]
    np.copyto(part, shown.colours, where=(shown.alpha == 255)[..., None])
    return replace(blank, composite=composite)


@settings(max_examples=60)
@given(
    width=st.integers(1, 240),
    height=st.integers(1, 240),
    box=st.tuples(*(st.floats(0, 1) for _ in range(4))),
    place=st.tuples(st.integers(-80, 260), st.integers(-80, 260)),
    scale=st.sampled_from([0.05, 0.3, 1.0, 2.7]),
    alpha=st.sampled_from(["empty", "full", "noise", "disc"]),
    colour=st.sampled_from([0, 127, 255]),
)
def test_any_input_gets_a_report_or_a_typed_error(  # noqa: PLR0913 - hypothesis draws each
    *,
    root: Path,
    width: int,
    height: int,
    box: tuple[float, float, float, float],
    place: tuple[int, int],
    scale: float,
    alpha: str,
    colour: int,
) -> None:
    """Whatever matte, size, place and colour: scores are numbers, or the error says what does not fit."""
    cutout = np.full((height, width, 4), colour, dtype=np.uint8)
    rows, columns = np.mgrid[:height, :width]
    cutout[..., 3] = {
        "empty": np.uint8(0),
        "full": np.uint8(255),
        "noise": np.random.default_rng(1).integers(0, 256, (height, width), dtype=np.uint8),
        "disc": np.where(np.hypot(rows - height / 2, columns - width / 2) < width / 3, 255, 0),
    }[alpha]
    left, top = int(box[0] * width), int(box[1] * height)
    around = Box(x=left, y=top, width=int(box[2] * (width - left)), height=int(box[3] * (height - top)))
    put = Box(x=place[0], y=place[1], width=round(around.width * scale), height=round(around.height * scale))
    scene = request_of(root, "trend").scene
    try:
        evidence = made_of(cutout, scene=scene, placement=Placement(box=put, scale=scale), box=around)
        scores = measure(evidence)
    except DamagedArtifact as error:
        assert str(error)  # noqa: PT017 - either is sound
        return
    assert all(np.isfinite(each.value) for each in scores)
    assert judge(scores, scene=scene, attempt=0, allowed=3).verdict in {"pass", "retry", "give_up"}


@pytest.mark.parametrize(("alpha", "failing"), [(0, "fill_area"), (255, "scene_area")])
def test_a_matte_of_nothing_or_of_all_is_told(root: Path, alpha: int, failing: str) -> None:
    """No product in the frame, or nothing but product: a person learns which."""
    cutout = np.full((200, 200, 4), 90, dtype=np.uint8)
    cutout[..., 3] = alpha
    whole = Box(x=0, y=0, width=200, height=200)
    evidence = made_of(
        cutout, scene=request_of(root, "trend").scene, placement=Placement(box=whole, scale=1), box=whole
    )
    failed = [each.name for each in measure(evidence) if not each.passed]
    assert failing in failed


@pytest.mark.parametrize("colour", [0, 255])
@pytest.mark.parametrize("case", ["white", "trend"])
def test_black_and_white_products_are_judged(root: Path, colour: int, case: str) -> None:
    """A pure black or white product has nothing to lose to blur, and stands by its shadow."""
    plain = drawn("mug", width=900, height=1200)
    cutout, photo = plain.cutout.copy(), plain.photo.copy()
    cutout[..., :3] = colour
    photo[plain.alpha == 255] = colour
    evidence = evidence_of(request_of(root, case), replace(plain, cutout=cutout, photo=photo))
    scores = {each.name: each for each in measure(evidence)}
    assert scores["fidelity"].passed
    assert scores["clipping"].passed
    assert scores["sharpness"].passed
    assert scores["contact"].passed
    assert scores["outline_lost"].passed is not (case == "white" and colour == 255)


@pytest.mark.parametrize("shape", [(1200, 60), (60, 1200)])
def test_a_product_of_one_to_twenty_passes(root: Path, shape: tuple[int, int]) -> None:
    """A belt or a lamp post is small in area, and not for that reason bad."""
    height, width = shape
    evidence = evidence_of(request_of(root, "trend"), drawn("slab", width=width, height=height))
    failed = {each.name for each in measure(evidence) if not each.passed}
    assert failed <= {"enlargement"}


def test_files_that_do_not_belong_together_are_refused(good: Evidence) -> None:
    """The error names both sizes."""
    with pytest.raises(DamagedArtifact, match="the composite has 640 × 640 pixels and the plate 320 × 640"):
        replace(good, plate=good.plate[:, :320])
    with pytest.raises(DamagedArtifact, match=r"the photo has .* and the cutout"):
        replace(good, cutout=good.cutout[:-1])


def test_a_product_outside_of_its_frame_is_refused(good: Evidence) -> None:
    """A placement that shows nothing is no placement."""
    box = good.placement.box.model_copy(update={"x": 5000})
    with pytest.raises(DamagedArtifact, match="outside of its frame"):
        measure(replace(good, placement=good.placement.model_copy(update={"box": box})))
