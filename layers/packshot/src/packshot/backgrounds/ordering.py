"""From a scene to the recipe of one paid call."""

from typing import TYPE_CHECKING

from packshot.events import BackgroundRequest, ImageRef, Order
from packshot.generation.ladder import Rung, rung_of
from packshot.generation.models import model_named
from packshot.ports import ObjectStore
from packshot.scenes.prompts import prompt_for
from packshot.storefront.addresses import work_folder

if TYPE_CHECKING:
    from packshot.imaging.staging import Subject


def order_for(request: BackgroundRequest, *, objects: ObjectStore, bucket: str) -> Order:
    """Return what to ask for; for `fill` the photo in its frame is kept in the bucket first.

    `GenerationFailed` if everything was tried, `GeneratorUnavailable` for a model that nobody described.
    """
    scene = request.scene
    rung = rung_of(scene, number=request.rung)
    model, prompt = model_named(rung.model), prompt_for(scene)
    order = Order(
        model=model.name,
        strategy=model.strategy,
        prompt=prompt.text,
        prompt_version=prompt.version,
        seed=rung.seed,
        width=scene.width,
        height=scene.height,
        settings_version=f"{model.name}-{model.version}",
    )
    return (
        _around(request, order, rung, objects=objects, bucket=bucket) if model.strategy == "fill" else order
    )


def _around(
    request: BackgroundRequest, order: Order, rung: Rung, *, objects: ObjectStore, bucket: str
) -> Order:
    """Keep what the model is shown; the same photo and scene give the same files under the same keys."""
    from packshot.imaging.encoding import MEDIA_TYPE, encode_png
    from packshot.imaging.filling import prepare_filling

    filling = prepare_filling(_subject(request, objects), scene=request.scene)
    folder = f"plates/fill/{work_folder(request.photo)}/{request.scene.name}-{rung.seed}"
    refs = {
        name: objects.write(
            encode_png(pixels), bucket=bucket, key=f"{folder}/{name}.png", media_type=MEDIA_TYPE
        )
        for name, pixels in (("image", filling.image), ("mask", filling.mask))
    }
    return order.model_copy(update=refs)


def _subject(request: BackgroundRequest, objects: ObjectStore) -> "Subject":
    from packshot.imaging.encoding import decode_png, decode_rgb
    from packshot.imaging.staging import Subject

    def read(ref: ImageRef) -> bytes:
        return objects.read(ref.object)

    return Subject(
        photo=decode_rgb(read(request.working)),
        cutout=decode_png(read(request.matte.cutout)),
        matte=request.matte,
    )
