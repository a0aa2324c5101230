"""Judge a composite by what is stored, not by what was meant."""

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import AssessRequest, QualityReport
from packshot.imaging.encoding import decode_png, decode_rgb
from packshot.imaging.quality import Evidence, judge, measure
from packshot.ports import ObjectStore
from packshot.settings import AssessQualitySettings


def assess_quality(request: AssessRequest, *, objects: ObjectStore, allowed: int) -> QualityReport:
    """Read composite, plate, photo and matte anew, measure, and say what to do next."""
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
    return judge(measure(evidence), scene=request.scene, attempt=request.attempt, allowed=allowed)


@entrypoint(AssessRequest)
def handler(request: AssessRequest) -> QualityReport:
    """Wire it."""
    settings = wiring.settings(AssessQualitySettings)
    return assess_quality(request, objects=wiring.objects(), allowed=settings.attempts_allowed)
