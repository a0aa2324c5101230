"""Put light and colour of the photo right, within bounds, or leave it as it is."""

from packshot import wiring
from packshot.correcting import Corrector
from packshot.entrypoint import entrypoint
from packshot.events import CorrectedPhoto, CorrectRequest
from packshot.ports import Looks, ObjectStore
from packshot.settings import CorrectPhotoSettings


def correct_photo(
    request: CorrectRequest, *, objects: ObjectStore, looks: Looks, bucket: str, faithful: bool
) -> CorrectedPhoto:
    """Leave what the shop wants left, else decide and keep the corrected photo beside the one that came."""
    corrector = Corrector(objects=objects, looks=looks, bucket=bucket)
    if faithful or request.photo.product.correction == "none":
        return corrector.leave(request)
    return corrector.correct(request)


@entrypoint(CorrectRequest)
def handler(request: CorrectRequest) -> CorrectedPhoto:
    """Wire it."""
    settings = wiring.settings(CorrectPhotoSettings)
    return correct_photo(
        request,
        objects=wiring.objects(),
        looks=wiring.looks(settings.catalogue_table),
        bucket=settings.work_bucket,
        faithful=settings.faithful,
    )
