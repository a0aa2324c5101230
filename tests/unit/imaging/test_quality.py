"""The judge sees what a person would send back, and says so in words."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from packshot.events import AssessRequest, Scene, Score
from packshot.imaging.quality import Evidence, judge, measure
from packshot.imaging.staging import Subject, stage
from packshot.imaging.studio import PlateRecipe
from tests.products import DrawnProduct, drawn

SIDE = 640


def request_of(root: Path, case: str) -> AssessRequest:
    """Return a sample event."""
    return AssessRequest.model_validate_json(
        (root / "events" / "assess_quality" / f"{case}.json").read_text()
    )


def evidence_of(request: AssessRequest, product: DrawnProduct, **changes: object) -> Evidence:
    """Return what a good composite of a product leaves behind."""
    scene = request.scene.model_copy(update={"width": SIDE, "height": SIDE} | changes)
    recipe = PlateRecipe.of(scene, attempt=0)
    plate = request.composite.plate.model_copy(update={"floor": recipe.floor})
    subject = Subject(photo=product.photo, cutout=product.cutout, matte=product.matte)
    staged = stage(subject, scene=scene, plate=plate, backdrop=recipe.render())
    return Evidence(
        composite=staged.pixels,
        photo=product.photo,
        matte=product.alpha,
        cutout=product.cutout,
        box=product.matte.box,
        cut_edges=product.matte.cut_edges,
        placement=staged.placement,
        scene=scene,
    )


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


def test_one_step_in_one_pixel_is_found(good: Evidence) -> None:
    """Fidelity is not an average: a single channel off by one fails, whatever attempts remain."""
    put = good.placement.box
    spoiled = good.composite.copy()
    spoiled[put.y + put.height // 2, put.x + put.width // 4, 1] ^= 1
    scores = measure(replace(good, composite=spoiled))
    report = judge(scores, scene=good.scene, attempt=0, allowed=3)
    assert next(s for s in scores if s.name == "fidelity").value == 1
    assert report.verdict == "give_up"
    assert "differ from the photo" in report.reason


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


def test_a_halo_of_the_old_backdrop_is_found(good: Evidence) -> None:
    """An edge that still carries the white it was photographed on fails."""
    grown = cv2.dilate(good.matte, np.ones((3, 3), np.uint8))
    haloed = good.cutout.copy()
    haloed[..., :3][good.cutout[..., 3] < 255] = 255
    haloed[..., 3] = grown
    spoiled = good.composite.copy()
    put = good.placement.box
    edge = cv2.resize(
        good.matte, None, fx=good.placement.scale, fy=good.placement.scale, interpolation=cv2.INTER_AREA
    )
    edge = edge[round(good.box.y * good.placement.scale) :, round(good.box.x * good.placement.scale) :]
    edge = edge[: put.height, : put.width]
    part = spoiled[put.y : put.y + put.height, put.x : put.x + put.width][: edge.shape[0], : edge.shape[1]]
    part[(edge > 10) & (edge < 245)] = 255
    found = score(replace(good, composite=spoiled), "edge_halo")
    assert found.value > 2.5
    assert not found.passed


def test_a_blurred_product_is_found(good: Evidence) -> None:
    """Sharpness is compared with the photo at one size."""
    blurred = cv2.GaussianBlur(good.composite, (0, 0), 2.0).astype(np.uint8)
    assert score(good, "sharpness").value > 0.8
    assert score(replace(good, composite=blurred), "sharpness").value < 0.6


def test_lost_highlights_are_found(good: Evidence) -> None:
    """Product pixels that had detail in the photo and are white now are counted."""
    put = good.placement.box
    spoiled = good.composite.copy()
    spoiled[put.y + 60 : put.y + 140, put.x + 40 : put.x + 120] = 255
    assert score(replace(good, composite=spoiled), "clipping").value > 0.01


def test_a_product_of_its_backgrounds_colour_does_not_stand_out(good: Evidence) -> None:
    """Terracotta before terracotta fails, and another seed may help."""
    median = np.median(good.photo[good.matte == 255], axis=0)
    inside = np.zeros(good.composite.shape[:2], dtype=bool)
    put = good.placement.box
    inside[put.y : put.y + put.height, put.x : put.x + put.width] = True
    alike = np.where(inside[..., None], median, median * 0.97).astype(np.uint8)
    scores = measure(replace(good, composite=alike))
    found = next(s for s in scores if s.name == "stand_out")
    assert not found.passed
    assert found.threshold == 8


def test_a_grey_border_is_not_pure_white(white: Evidence) -> None:
    """254 is not 255."""
    spoiled = white.composite.copy()
    spoiled[2, 17] = 254
    found = score(replace(white, composite=spoiled), "white_border")
    assert 0.99 < found.value < 1
    assert not found.passed


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
