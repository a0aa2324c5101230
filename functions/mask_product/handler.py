"""Separate the product from its backdrop: the matte, and the cutout without the backdrop's colour."""

import numpy as np

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.events import ImageRef, MaskRequest, Matte
from packshot.imaging.arrays import Bytes
from packshot.imaging.encoding import MEDIA_TYPE, decode_png, encode_png, to_bytes
from packshot.imaging.engines import Engine
from packshot.imaging.foreground import cut_out
from packshot.imaging.mattes import describe_matte, require_product
from packshot.imaging.matting import adopt_alpha
from packshot.ports import ObjectStore
from packshot.settings import MaskProductSettings
from packshot.storefront.addresses import work_folder


def mask_product(request: MaskRequest, *, objects: ObjectStore, engine: Engine, bucket: str) -> Matte:
    """Keep the alpha that the shop made, else estimate one."""
    stored = decode_png(objects.read(request.working.object))
    pixels, own_alpha = np.ascontiguousarray(stored[..., :3]), stored[..., 3:]
    estimate = adopt_alpha(own_alpha[..., 0]) if own_alpha.size else engine.estimate(pixels)
    require_product(estimate)

    def keep(name: str, image: Bytes) -> ImageRef:
        key = f"{work_folder(request.photo)}/{name}.png"
        kept = objects.write(encode_png(image), bucket=bucket, key=key, media_type=MEDIA_TYPE)
        return ImageRef(object=kept, width=image.shape[1], height=image.shape[0])

    matte = keep("matte", to_bytes(estimate.alpha))
    cutout = keep("cutout", cut_out(pixels, alpha=estimate.alpha))
    return describe_matte(estimate, pixels=pixels, image=matte, cutout=cutout)


@entrypoint(MaskRequest)
def handler(request: MaskRequest) -> Matte:
    """Wire it."""
    settings = wiring.settings(MaskProductSettings)
    return mask_product(
        request, objects=wiring.objects(), engine=wiring.engine(settings), bucket=settings.work_bucket
    )
