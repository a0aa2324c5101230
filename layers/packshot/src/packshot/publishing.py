"""From judged composites to images in the published bucket: where imaging and storefront meet."""

from collections.abc import Iterator
from dataclasses import dataclass

from packshot.events import Candidate, ImageRef, Photo, PublishedImage
from packshot.imaging.encoding import decode_png, decode_rgb
from packshot.imaging.provenance import SCENES
from packshot.imaging.renditions import Rendition, render_cutout, render_scene
from packshot.ports import ObjectStore
from packshot.storefront.publication import image_name


@dataclass(frozen=True, slots=True)
class Publisher:
    """Writes the renditions of one photo; the same photo gives the same bytes under the same keys."""

    photo: Photo
    objects: ObjectStore
    bucket: str

    def publish_scene(self, candidate: Candidate) -> Iterator[PublishedImage]:
        """Write main image, web image and thumbnail of a composite."""
        pixels = decode_rgb(self.objects.read(candidate.composite.image.object))
        source_type = SCENES[candidate.composite.plate.generator]
        for rendition in render_scene(pixels, source_type=source_type):
            yield self._keep(rendition, scene=candidate.scene.name)

    def publish_cutout(self, cutout: ImageRef) -> PublishedImage:
        """Write the product alone, trimmed and transparent."""
        return self._keep(render_cutout(decode_png(self.objects.read(cutout.object))), scene="cutout")

    def _keep(self, rendition: Rendition, *, scene: str) -> PublishedImage:
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
        )
