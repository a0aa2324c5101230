"""Judge a composite by what is stored, not by what was meant."""

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import AssessRequest, QualityReport
from packshot.imaging.encoding import decode_png, decode_rgb
from packshot.imaging.quality import Evidence, judge, measure
from packshot.imaging.quality.measures import SECOND_OBJECT
from packshot.ports import JobBook, ObjectStore
from packshot.settings import AssessQualitySettings


def assess_quality(
    request: AssessRequest, *, objects: ObjectStore, jobs: JobBook, allowed: int
) -> QualityReport:
    """Read all files anew, measure, and say what to do next; nobody is to share a plate that is not empty."""
    evidence = Evidence(
        composite=decode_rgb(objects.read(request.composite.image.object)),
        plate=decode_rgb(objects.read(request.composite.plate.image.object)),
        photo=decode_rgb(objects.read(request.working.object)),
        cutout=decode_png(objects.read(request.matte.cutout.object)),
        box=request.matte.box,
        cut_edges=request.matte.cut_edges,
        placement=request.composite.placement,
        scene=request.scene,
        generator=request.composite.plate.generator,
    )
    report = judge(measure(evidence), scene=request.scene, attempt=request.attempt, allowed=allowed)
    if any(score.name == SECOND_OBJECT.name and not score.passed for score in report.scores):
        jobs.reject(request.composite.plate.recipe, reason="Something stands where products go.")
    return report


@entrypoint(AssessRequest)
def handler(request: AssessRequest) -> QualityReport:
    """Wire it."""
    settings = wiring.settings(AssessQualitySettings)
    jobs = wiring.jobs(settings.generation_table)
    return assess_quality(request, objects=wiring.objects(), jobs=jobs, allowed=settings.attempts_allowed)
