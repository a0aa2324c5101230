"""From judged composites to images in the published bucket: where imaging and storefront meet."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import numpy as np

from packshot.events import Candidate, Matte, Photo, PublishedImage
from packshot.imaging.arrays import Bytes
from packshot.imaging.compositing import Fit
from packshot.imaging.encoding import decode_png, decode_rgb
from packshot.imaging.losses import product_core
from packshot.imaging.provenance import SCENES
from packshot.imaging.renditions import Rendition, render_cutout, render_scene
from packshot.ports import ObjectStore
from packshot.storefront.publication import image_name

_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Publisher:
    """Writes the renditions of one photo; the same photo gives the same bytes under the same keys."""

    photo: Photo
    objects: ObjectStore
    bucket: str

    def publish(self, candidates: Sequence[Candidate], *, matte: Matte) -> tuple[PublishedImage, ...]:
        """Write each composite's main image, web image and thumbnail, in order, and last the product alone.

        Two at a time: while one waits for the bucket the other encodes.
        """
        cutout = decode_png(self.objects.read(matte.cutout.object))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            alone = pool.submit(self._publish_cutout, cutout)
            scenes = pool.map(lambda each: self._publish_scene(each, matte=matte, cutout=cutout), candidates)
            return (*chain.from_iterable(scenes), alone.result())

    def _publish_scene(
        self, candidate: Candidate, *, matte: Matte, cutout: Bytes
    ) -> tuple[PublishedImage, ...]:
        pixels = decode_rgb(self.objects.read(candidate.composite.image.object))
        height, width = pixels.shape[:2]
        fit = Fit(box=matte.box, placement=candidate.composite.placement, width=width, height=height)
        core = product_core(np.ascontiguousarray(cutout[..., 3]), fit=fit)
        source_type = SCENES[candidate.composite.plate.generator]
        renditions = render_scene(pixels, source_type=source_type, core=core)
        return tuple(self._keep(rendition, scene=candidate.scene.name) for rendition in renditions)

    def _publish_cutout(self, cutout: Bytes) -> PublishedImage:
        return self._keep(render_cutout(cutout), scene="cutout")

    def _keep(self, rendition: Rendition, *, scene: str) -> PublishedImage:
        loss = rendition.loss
        name = image_name(self.photo, scene=scene, rendition=rendition.name, extension=rendition.extension)
        stored = self.objects.write(
            rendition.file,
            bucket=self.bucket,
            key=f"{self.photo.sku}/{name}",
            media_type=rendition.media_type,
        )
        return PublishedImage(
            name=name,
            object=stored,
            scene=scene,
            rendition=rendition.name,
            media_type=rendition.media_type,
            width=rendition.width,
            height=rendition.height,
            bytes=len(rendition.file),
            source_type=rendition.source_type,
            fidelity_delta_e=None if loss is None else round(loss.mean, 3),
            fidelity_delta_e_p99=None if loss is None else round(loss.high, 3),
        )
