"""What is kept and told of photos and products."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from packshot.events.base import Category, Event, ObjectRef, Pixels
from packshot.events.corrections import Correction
from packshot.events.mattes import Matte
from packshot.events.photos import Analysis, Product
from packshot.events.scenes import Candidate


class PublishedImage(Event):
    """One rendition in the published bucket. `name` is unique within the SKU and ends in the extension.

    `fidelity_delta_e` is what encoding took from the product, mean ΔE2000 against the lossless picture inside
    the matte, and `fidelity_delta_e_p99` its 99th percentile; None where that is not measured (thumbnail,
    cutout, nothing opaque).
    """

    name: str
    object: ObjectRef
    scene: str
    rendition: Literal["main", "web", "thumbnail", "cutout"]
    media_type: str
    width: Pixels
    height: Pixels
    bytes: Annotated[int, Field(ge=0)]
    source_type: str = Field(description="IPTC DigitalSourceType")
    fidelity_delta_e: Annotated[float | None, Field(ge=0)] = None
    fidelity_delta_e_p99: Annotated[float | None, Field(ge=0)] = None


PhotoStatus = Literal["processing", "published", "needs_review", "rejected", "failed"]


class PhotoRecord(Event):
    """All that is known of one photo; with it, any of its images can be made again.

    `fidelity` is the largest difference between a product pixel and the scaled photo, in 8-bit steps,
    over all images (0 by rule); `correction_delta_e` the strength of the correction (0 = none).
    """

    sku: str
    name: str
    status: PhotoStatus
    source: ObjectRef
    sequencer: str = ""
    execution: str = ""
    updated_at: AwareDatetime
    product: Product = Product()
    code: str = ""
    reason: str = ""
    analysis: Analysis | None = None
    matte: Matte | None = None
    correction: Correction | None = None
    candidates: tuple[Candidate, ...] = ()
    images: tuple[PublishedImage, ...] = ()
    fidelity: float | None = None
    correction_delta_e: float = 0
    price_usd: float = 0


class ProductSummary(Event):
    """One line of the catalogue: the state of a SKU's newest photo."""

    sku: str
    status: PhotoStatus
    title: str = ""
    brand: str = ""
    category: Category = "other"
    photos: int = 1
    thumbnail: str = ""
    updated_at: AwareDatetime


class ProductPage(Event):
    """A page of the catalogue, newest first; an empty cursor ends it."""

    products: tuple[ProductSummary, ...]
    cursor: str = ""


class PublishedPhoto(Event):
    """The answer of PublishImages, and the detail of the event `ImagesPublished`."""

    sku: str
    name: str
    status: PhotoStatus
    images: tuple[str, ...]
    price_usd: float


class RejectionNotice(Event):
    """The answer of RejectPhoto, and the detail of the event `PhotoRejected`."""

    sku: str
    name: str
    code: str
    reason: str
    source: ObjectRef
