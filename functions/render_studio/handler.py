"""Make a plate in the studio, or find the one that was made before."""

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import ImageRef, ObjectRef, Plate, RenderRequest
from packshot.imaging.encoding import MEDIA_TYPE, encode_png
from packshot.imaging.studio import BLANK, PlateRecipe
from packshot.ports import ObjectStore
from packshot.settings import RenderStudioSettings


def render_studio(request: RenderRequest, *, objects: ObjectStore, bucket: str) -> Plate:
    """Render only what no product needed yet: plates hold no product, so products share them."""
    recipe = PlateRecipe.of(request.scene, attempt=request.attempt)
    key = f"plates/{recipe.digest}.png"
    stored = ObjectRef(bucket=bucket, key=key)
    if not objects.exists(bucket=bucket, key=key):
        file = encode_png(recipe.render(), grainy=recipe.set != BLANK)
        stored = objects.write(file, bucket=bucket, key=key, media_type=MEDIA_TYPE)
    return Plate(
        image=ImageRef(object=stored, width=recipe.width, height=recipe.height),
        generator="studio",
        floor=recipe.floor,
        recipe=recipe.digest,
        fallback=request.fallback,
        light=recipe.light,
        mirrored=recipe.mirrored,
        exposure=recipe.exposure,
    )


@entrypoint(RenderRequest)
def handler(request: RenderRequest) -> Plate:
    """Wire it."""
    settings = wiring.settings(RenderStudioSettings)
    return render_studio(request, objects=wiring.objects(), bucket=settings.work_bucket)
