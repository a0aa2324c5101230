"""The working files that the steps before would have left, for a product drawn in code."""

from packshot.events import ComposeRequest, ImageRef, Matte
from packshot.imaging.encoding import MEDIA_TYPE, encode_png
from packshot.imaging.studio import PlateRecipe
from packshot.testing.objects import MemoryObjects
from tests.products import DrawnProduct, drawn

WORK = "packshot-test-work"


def develop(request: ComposeRequest, *, objects: MemoryObjects, side: int = 500) -> ComposeRequest:
    """Store photo, matte, cutout and plate of a request; return it with references to them, small."""
    product = drawn("mug", width=680, height=1020)
    scene = request.scene.model_copy(update={"width": side, "height": side})
    recipe = PlateRecipe.of(scene, attempt=0)
    plate = request.plate.model_copy(
        update={
            "image": _stored(encode_png(recipe.render()), "plate", objects, size=(side, side)),
            "floor": recipe.floor,
            "recipe": recipe.digest,
            "light": recipe.light,
            "mirrored": recipe.mirrored,
        }
    )
    return request.model_copy(
        update={
            "working": _stored(encode_png(product.photo), "working", objects, size=(680, 1020)),
            "matte": _stored_matte(product, objects),
            "scene": scene,
            "plate": plate,
        }
    )


def _stored_matte(product: DrawnProduct, objects: MemoryObjects) -> Matte:
    matte = _stored(encode_png(product.alpha), "matte", objects, size=(680, 1020))
    cutout = _stored(encode_png(product.cutout), "cutout", objects, size=(680, 1020))
    return product.matte.model_copy(update={"image": matte, "cutout": cutout})


def _stored(file: bytes, name: str, objects: MemoryObjects, *, size: tuple[int, int]) -> ImageRef:
    ref = objects.write(file, bucket=WORK, key=f"{name}.png", media_type=MEDIA_TYPE)
    return ImageRef(object=ref, width=size[0], height=size[1])
