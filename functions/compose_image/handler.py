"""Set the product before its plate."""

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import ComposeRequest, Composite, ImageRef
from packshot.imaging.encoding import MEDIA_TYPE, decode_png, decode_rgb, encode_png
from packshot.imaging.staging import Subject, stage
from packshot.ports import ObjectStore
from packshot.settings import ComposeImageSettings
from packshot.storefront.addresses import composite_key


def compose_image(request: ComposeRequest, *, objects: ObjectStore, bucket: str) -> Composite:
    """Place, shade and lay over; keep the result lossless, for the judge and for every rendition."""
    subject = Subject(
        photo=decode_rgb(objects.read(request.working.object)),
        cutout=decode_png(objects.read(request.matte.cutout.object)),
        matte=request.matte,
    )
    backdrop = decode_rgb(objects.read(request.plate.image.object))
    staged = stage(subject, scene=request.scene, plate=request.plate, backdrop=backdrop)
    key = composite_key(request.photo, scene=request.scene)
    stored = objects.write(encode_png(staged.pixels), bucket=bucket, key=key, media_type=MEDIA_TYPE)
    height, width = staged.pixels.shape[:2]
    image = ImageRef(object=stored, width=width, height=height)
    return Composite(image=image, placement=staged.placement, plate=request.plate, grade=staged.grade)


@entrypoint(ComposeRequest)
def handler(request: ComposeRequest) -> Composite:
    """Wire it."""
    settings = wiring.settings(ComposeImageSettings)
    return compose_image(request, objects=wiring.objects(), bucket=settings.work_bucket)
