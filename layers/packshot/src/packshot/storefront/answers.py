"""What the storefront API takes and gives. Fields are added, never renamed: shops build on them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from packshot.events import (
    Candidate,
    Category,
    Generation,
    Generator,
    Palette,
    PhotoRecord,
    PhotoStatus,
    ProductPage,
    ProductSummary,
    PublishedImage,
    Score,
)
from packshot.storefront.records import is_abandoned

LARGEST_UPLOAD = 40_000_000
"""Bytes; more is refused by the form's policy already."""

MediaType = Literal[
    "image/avif", "image/bmp", "image/gif", "image/heic", "image/heif", "image/jpeg", "image/png",
    "image/tiff", "image/webp",
]  # fmt: skip


class Answer(BaseModel):
    """Base of what goes out."""

    model_config = ConfigDict(frozen=True)


class UploadRequest(BaseModel):
    """A photo that somebody wants to upload, and what the shop says about the product."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sku: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", examples=["MUG-1"])]
    # `${filename}` is replaced by S3 in a form's key, so a name must not look like it.
    file_name: Annotated[str, Field(pattern=r"^[^/$]{1,128}$", examples=["front.jpg"])]
    media_type: MediaType
    size: Annotated[int, Field(ge=1, le=LARGEST_UPLOAD, description="bytes")]
    category: Annotated[str, Field(max_length=50, description="shoes, bags … or a word for one of them")] = ""
    brand: Annotated[str, Field(max_length=100)] = ""
    range: Annotated[
        str, Field(max_length=100, description="products of one range are photographed alike")
    ] = ""
    reference: Annotated[bool, Field(description="its other photos are matched to this one")] = False
    correction: Annotated[Literal["bounded", "none"], Field(description="none keeps the photo as it is")] = (
        "bounded"
    )
    title: Annotated[str, Field(max_length=200)] = ""
    price: Annotated[float | None, Field(ge=0, allow_inf_nan=False, description="in the shop's currency")] = (
        None
    )


class UploadAnswer(Answer):
    """Where to POST the photo: all `fields` first, the file as the last field, named `file`."""

    sku: str
    name: str = Field(description="what the photo is called in the product's answer")
    url: str
    fields: dict[str, str]
    expires_at: AwareDatetime


class ListedProduct(Answer):
    """One line of the catalogue; `thumbnail` is an address below this API's own, "" if there is none."""

    sku: str
    status: PhotoStatus
    title: str
    brand: str
    category: Category
    photos: int
    thumbnail: str
    updated_at: AwareDatetime


class ProductsAnswer(Answer):
    """A page of the catalogue, the latest change first; an empty `cursor` ends it."""

    products: tuple[ListedProduct, ...]
    cursor: str


class ImageAnswer(Answer):
    """One published image; `link` is an address below this API's own that leads to the file.

    `fidelity_delta_e` is what encoding took from the product (ΔE2000 inside its matte, mean), and
    `fidelity_delta_e_p99` its 99th percentile; null where it is not measured.
    """

    name: str
    link: str
    scene: str
    rendition: Literal["main", "web", "thumbnail", "cutout"]
    media_type: str
    width: int
    height: int
    bytes: int
    source_type: str = Field(description="IPTC DigitalSourceType, as in the file itself")
    fidelity_delta_e: float | None = None
    fidelity_delta_e_p99: float | None = None


class SceneAnswer(Answer):
    """How one scene was made and judged: enough to make it again."""

    name: str
    passed: bool
    reason: str
    rank: int = Field(description="place among the photo's scenes, from 1; 0 in records older than ranks")
    standing: str = Field(description="why it has this rank, in a sentence")
    scores: tuple[Score, ...]
    generator: Generator
    fallback: str = Field(description="why the plate is not what the plan asked for, empty if it is")
    set: str
    palette: Palette
    camera: str
    seed: int
    reasons: tuple[str, ...]
    look: str = Field(description="the look that pinned this scene, empty if none did")
    trend_items: tuple[str, ...]
    demand: str = Field(description="the model whose expected purchases were counted in, empty if none were")
    demand_items: tuple[str, ...]
    settings_version: str
    trends_version: str
    price_usd: float = Field(description="of its plate, and of those that were sent back before it")
    generation: Generation | None = Field(description="how a generator drew the plate, null for the studio's")


class PhotoAnswer(Answer):
    """One photo: its state, its images, and how far the product in them is from the photo.

    `fidelity` is the largest difference of a product's pixel, in 8-bit steps, null before there are images;
    `correction_delta_e` the strength of the recorded correction, `correction_reasons` why it was made, or
    why none was. A photo that is uploaded anew shows its
    former images until there are newer ones.
    """

    name: str
    status: PhotoStatus
    code: str
    reason: str
    updated_at: AwareDatetime
    images: tuple[ImageAnswer, ...]
    scenes: tuple[SceneAnswer, ...]
    warnings: tuple[str, ...]
    mask_confidence: float | None
    fidelity: float | None
    correction_delta_e: float
    correction_reasons: tuple[str, ...]
    price_usd: float


class ProductAnswer(Answer):
    """A product and its photos, the latest change first; the first one's state is the product's."""

    sku: str
    status: PhotoStatus
    title: str
    brand: str
    category: Category
    price: float | None
    updated_at: AwareDatetime
    fidelity: float | None
    correction_delta_e: float
    price_usd: float
    photos: tuple[PhotoAnswer, ...]


class Fault(Answer):
    """One thing that is wrong with a request, and where: `body.size`, `query.limit`."""

    where: str
    what: str


class Problem(Answer):
    """Why there is no other answer (RFC 9457, `application/problem+json`)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str = ""
    faults: tuple[Fault, ...] = ()


def link_of(sku: str, image: str) -> str:
    """Return the image's address below the API's own."""
    return f"/v1/products/{sku}/images/{image}"


def list_products(page: ProductPage, *, at: datetime) -> ProductsAnswer:
    """Return a page of the catalogue for the outside, as things stand `at` this moment."""
    products = tuple(_list_product(product, at=at) for product in page.products)
    return ProductsAnswer(products=products, cursor=page.cursor)


def show_product(photos: tuple[PhotoRecord, ...]) -> ProductAnswer:
    """Return a product for the outside; `photos` are its own, newest first, at least one."""
    newest = photos[0]
    shown = [photo.fidelity for photo in photos if photo.fidelity is not None]
    described = next((photo.product for photo in photos if photo.product.title), newest.product)
    return ProductAnswer(
        sku=newest.sku,
        status=newest.status,
        title=described.title,
        brand=described.brand,
        category=described.category,
        price=described.price,
        updated_at=newest.updated_at,
        fidelity=max(shown, default=None),
        correction_delta_e=max(photo.correction_delta_e for photo in photos),
        price_usd=round(sum(photo.price_usd for photo in photos), 6),
        photos=tuple(map(_show_photo, photos)),
    )


def _list_product(product: ProductSummary, *, at: datetime) -> ListedProduct:
    changes = {"thumbnail": link_of(product.sku, product.thumbnail)} if product.thumbnail else {}
    if is_abandoned(product, at=at):
        changes["status"] = "failed"
    return ListedProduct.model_validate(product.model_dump() | changes)


def _show_photo(photo: PhotoRecord) -> PhotoAnswer:
    return PhotoAnswer(
        name=photo.name,
        status=photo.status,
        code=photo.code,
        reason=photo.reason,
        updated_at=photo.updated_at,
        images=tuple(_show_image(image, sku=photo.sku) for image in photo.images),
        scenes=tuple(map(_show_scene, photo.candidates)),
        warnings=photo.analysis.warnings if photo.analysis else (),
        mask_confidence=photo.matte.confidence if photo.matte else None,
        fidelity=photo.fidelity,
        correction_delta_e=photo.correction_delta_e,
        correction_reasons=photo.correction.reasons if photo.correction else (),
        price_usd=photo.price_usd,
    )


def _show_image(image: PublishedImage, *, sku: str) -> ImageAnswer:
    return ImageAnswer.model_validate(
        image.model_dump(exclude={"object"}) | {"link": link_of(sku, image.name)}
    )


def _show_scene(candidate: Candidate) -> SceneAnswer:
    scene, plate = candidate.scene, candidate.composite.plate
    return SceneAnswer(
        name=scene.name,
        passed=candidate.quality.passed,
        reason=candidate.quality.reason,
        rank=candidate.rank,
        standing=candidate.standing,
        scores=candidate.quality.scores,
        generator=plate.generator,
        fallback=plate.fallback,
        set=scene.set,
        palette=scene.palette,
        camera=scene.camera,
        seed=scene.seed,
        reasons=scene.reasons,
        look=scene.look,
        trend_items=scene.trend_items,
        demand=scene.demand,
        demand_items=scene.demand_items,
        settings_version=scene.settings_version,
        trends_version=scene.trends_version,
        price_usd=round(plate.price_usd + candidate.spent_usd, 6),
        generation=plate.generation,
    )
