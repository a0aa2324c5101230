"""AssessQuality: it reads what is stored, and believes nothing else."""

from collections.abc import Callable
from types import ModuleType

import pytest

from packshot.events import AssessRequest, ComposeRequest, QualityReport
from packshot.imaging.encoding import MEDIA_TYPE, decode_rgb, encode_png
from packshot.testing.jobs import MemoryJobs
from packshot.testing.objects import MemoryObjects
from tests.contracts.test_jobs import NOON, ROOMY, job, settled
from tests.functions.cases import case_names, read_case
from tests.functions.darkroom import WORK, develop


class Bench:
    """The function, the step before it, and their bucket."""

    def __init__(self, load: Callable[[str], ModuleType]) -> None:
        """Start with an empty bucket."""
        self.jobs = MemoryJobs()
        self.function, self.composer, self.objects = (
            load("assess_quality"),
            load("compose_image"),
            MemoryObjects(),
        )

    def sample(self, case: str) -> AssessRequest:
        """Return a sample event whose files are stored and whose composite was just made."""
        asked = AssessRequest.model_validate(read_case("assess_quality", case))
        question = ComposeRequest(
            photo=asked.photo,
            working=asked.working,
            matte=asked.matte,
            scene=asked.scene,
            plate=asked.composite.plate,
        )
        stored = develop(question, objects=self.objects)
        composite = self.composer.compose_image(stored, objects=self.objects, bucket=WORK)
        return AssessRequest(
            photo=stored.photo,
            working=stored.working,
            matte=stored.matte,
            scene=stored.scene,
            composite=composite,
        )

    def assess(self, request: AssessRequest, *, allowed: int = 3) -> QualityReport:
        """Ask for a verdict."""
        report: QualityReport = self.function.assess_quality(
            request, objects=self.objects, jobs=self.jobs, allowed=allowed
        )
        return report


@pytest.fixture
def bench(load_function: Callable[[str], ModuleType]) -> Bench:
    """Return an empty bench."""
    return Bench(load_function)


@pytest.mark.parametrize("case", case_names("assess_quality"))
def test_a_composite_of_ours_passes(bench: Bench, case: str) -> None:
    """What ComposeImage stored keeps every rule; not one product pixel differs."""
    report = bench.assess(bench.sample(case))
    assert (report.verdict, report.passed, report.reason) == ("pass", True, "")
    assert {score.name: score.value for score in report.scores}["fidelity"] == 0


def test_a_tampered_composite_is_given_up(bench: Bench) -> None:
    """The stored bytes count: a composite brightened by one step after composing fails on fidelity."""
    request = bench.sample("trend")
    pixels = decode_rgb(bench.objects.read(request.composite.image.object))
    brighter = encode_png(pixels + (pixels < 255))
    ref = bench.objects.write(
        brighter, bucket=WORK, key=request.composite.image.object.key, media_type=MEDIA_TYPE
    )
    image = request.composite.image.model_copy(update={"object": ref})
    tampered = request.composite.model_copy(update={"image": image})
    report = bench.assess(request.model_copy(update={"composite": tampered}))
    assert report.verdict == "give_up"
    assert "differ from the photo" in report.reason


@pytest.mark.parametrize(("attempt", "verdict"), [(0, "retry"), (1, "retry"), (2, "give_up")])
def test_a_product_that_disappears_gets_other_seeds_while_there_are_any(
    bench: Bench, attempt: int, verdict: str
) -> None:
    """A plate of the product's own colour is worth another try, three times in all."""
    request = bench.sample("trend")
    alike = request.scene.palette.model_copy(update={"wall": "#a3502c", "floor": "#a3502c"})
    scene = request.scene.model_copy(update={"palette": alike, "set": "paper_sweep"})
    question = ComposeRequest(
        photo=request.photo,
        working=request.working,
        matte=request.matte,
        scene=scene,
        plate=request.composite.plate,
    )
    stored = develop(question, objects=bench.objects)
    composite = bench.composer.compose_image(stored, objects=bench.objects, bucket=WORK)
    report = bench.assess(
        request.model_copy(update={"scene": stored.scene, "composite": composite, "attempt": attempt})
    )
    assert [score.name for score in report.scores if not score.passed] == ["stand_out", "outline_lost"]
    assert (report.verdict, report.attempt) == (verdict, attempt)


def test_a_bought_plate_that_is_not_empty_is_given_to_nobody(bench: Bench) -> None:
    """What the judge finds on a generator's plate is noted where plates are shared."""
    request = bench.sample("trend")
    plate = request.composite.plate
    spoiled = decode_rgb(bench.objects.read(plate.image.object)).copy()
    height, width = spoiled.shape[:2]
    floor = round(plate.floor * height)
    spoiled[floor - height // 3 : floor, width * 2 // 5 : width * 3 // 5] = (200, 20, 20)
    stored = bench.objects.write(encode_png(spoiled), bucket=WORK, key="bad.png", media_type=MEDIA_TYPE)
    bad = plate.model_copy(
        update={
            "image": plate.image.model_copy(update={"object": stored}),
            "generator": "flux",
            "recipe": "r",
        }
    )
    composite = request.composite.model_copy(update={"plate": bad})
    known = job("r")
    bench.jobs.open(known, caps=ROOMY, at=NOON)
    bench.jobs.settle(known, settled(bad), at=NOON)
    report = bench.assess(request.model_copy(update={"composite": composite}))
    assert "something already stands" in report.reason
    found = bench.jobs.read("r", at=NOON)
    assert found is not None
    assert found.status == "failed"
