"""Take a photo in: claim it, measure it, keep it upright in 8-bit sRGB."""

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import AnalyzedPhoto, ImageRef, Upload
from packshot.imaging.analysis import analyze
from packshot.imaging.decoding import Limits, read_photo, refuse_by_weight
from packshot.imaging.encoding import MEDIA_TYPE, encode_png
from packshot.ports import Catalogue, Clock, ObjectStore
from packshot.settings import AnalyzePhotoSettings
from packshot.storefront.addresses import is_no_photo, work_folder
from packshot.storefront.uploads import accept, claim_of, failing_openly, read_upload


def analyze_photo(
    upload: Upload, *, objects: ObjectStore, catalogue: Catalogue, now: Clock, settings: AnalyzePhotoSettings
) -> AnalyzedPhoto:
    """Claim before the work starts, so that a duplicated event costs two small requests."""
    limits = Limits(memory=settings.aws_lambda_function_memory_size * 2**20)
    if is_no_photo(upload.key):
        return AnalyzedPhoto(duplicate=True)
    refuse_by_weight(upload.size, limits=limits)
    accepted = accept(upload, objects=objects)
    photo, claim = accepted.photo, claim_of(accepted.photo, execution=upload.execution, at=now())
    if not catalogue.claim(claim):
        return AnalyzedPhoto(duplicate=True)
    with failing_openly(claim, catalogue=catalogue, now=now):
        decoded = read_photo(
            read_upload(photo.source, objects=objects, largest=limits.heaviest), limits=limits
        )
        analysis = analyze(decoded, remarks=accepted.warnings)
        file, key = encode_png(decoded.with_alpha()), f"{work_folder(photo)}/working.png"
        stored = objects.write(file, bucket=settings.work_bucket, key=key, media_type=MEDIA_TYPE)
    working = ImageRef(object=stored, width=decoded.pixels.shape[1], height=decoded.pixels.shape[0])
    return AnalyzedPhoto(duplicate=False, photo=photo, working=working, analysis=analysis)


@entrypoint(Upload)
def handler(upload: Upload) -> AnalyzedPhoto:
    """Wire it."""
    settings = wiring.settings(AnalyzePhotoSettings)
    catalogue = wiring.catalogue(settings.catalogue_table)
    return analyze_photo(
        upload, objects=wiring.objects(), catalogue=catalogue, now=wiring.now, settings=settings
    )
