"""What travels between states, into records and out as events: references and small numbers, never images.

Every model is frozen and forbids unknown fields, so a typo in a state machine fails at the border.
Lengths are pixels and shares are in [0, 1] unless a field says otherwise; colours are sRGB `#rrggbb`.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[int, Field(ge=0)]
Hex = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Edge = Literal["top", "right", "bottom", "left"]
Side = Literal["left", "right"]
Generator = Literal["studio", "flux"]
Category = Literal[
    "shoes",
    "jeans",
    "dresses",
    "costumes",
    "bags",
    "jewelry",
    "bottles",
    "furniture",
    "electronics",
    "other",
]


class Event(BaseModel):
    """Base of everything that crosses a border."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ObjectRef(Event):
    """One version of one object in a bucket; an empty version is the newest."""

    bucket: str
    key: str
    version: str = ""


class ImageRef(Event):
    """A stored image and its size."""

    object: ObjectRef
    width: Pixels
    height: Pixels


# --- the upload -------------------------------------------------------------------------------------


class Upload(Event):
    """A photo that arrived, as the state machine hands it to AnalyzePhoto.

    `sequencer` orders the events of one key (pad right with zeros, compare as text);
    `execution` is the ARN of the execution that works on it.
    """

    bucket: str
    key: str
    version: str = ""
    sequencer: str = ""
    size: Annotated[int, Field(ge=0)] = 0
    execution: str


class Product(Event):
    """What the shop says about the product, from object metadata or the `<name>.json` beside the photo."""

    category: Category = "other"
    brand: str = ""
    title: str = ""
    price: float | None = None


class Photo(Event):
    """An accepted upload: whose it is and which version of which object.

    `sku` is the folder, `name` a slug of the file's name that is unique within the SKU.
    """

    sku: str
    name: str
    source: ObjectRef
    sequencer: str = ""
    product: Product = Product()


class Backdrop(Event):
    """What stands behind the product, judged from the photo's border."""

    kind: Literal["flat", "busy", "transparent"]
    colour: Hex
    spread: Annotated[float, Field(ge=0, description="median ΔE2000 of the border to its colour")]


class Analysis(Event):
    """Measures of the photo as it arrived.

    `sharpness` is the variance of the Laplacian of luma at 1000 px, `exposure` the mean luma,
    `clipped` the share of pixels ≤ 2 or ≥ 253, `light_side` the side that the brighter half is on.
    """

    width: Pixels
    height: Pixels
    sharpness: Annotated[float, Field(ge=0)]
    exposure: Share
    clipped: Share
    light_side: Side
    backdrop: Backdrop
    warnings: tuple[str, ...] = ()


class AnalyzedPhoto(Event):
    """The answer of AnalyzePhoto.

    `working` is the photo upright, in sRGB, 8 bits, at most 2048 px, without metadata; it keeps the
    upload's own alpha channel when it has one. `duplicate` says that another execution owns this
    version, or that a newer one is done: nothing is left to do, and the rest is None.
    """

    duplicate: bool
    photo: Photo | None = None
    working: ImageRef | None = None
    analysis: Analysis | None = None


# --- the matte --------------------------------------------------------------------------------------


class Box(Event):
    """A rectangle in pixels, from its top left corner."""

    x: int
    y: int
    width: Pixels
    height: Pixels


class Matte(Event):
    """The product's alpha (`image`, 8-bit grey, as large as the working image) and what it cut out.

    `cutout` is the photo with this alpha and a decontaminated edge (straight alpha, RGBA, same size);
    where alpha is 1 its colours are the working image's own. `box` is what alpha > 0.5 covers;
    `cut_edges` are the photo's edges that cut the product; `area` its share of the photo; `engine`
    what estimated it.
    """

    image: ImageRef
    cutout: ImageRef
    box: Box
    area: Share
    confidence: Share
    cut_edges: tuple[Edge, ...] = ()
    engine: str
    needs_review: bool = False
    review_reason: str = ""
    colours: tuple[Hex, ...] = Field(default=(), description="the product's main colours, largest first")


# --- scenes -----------------------------------------------------------------------------------------


class Palette(Event):
    """The colours of a set, under names that a designer would use."""

    name: str
    wall: Hex
    floor: Hex
    accent: Hex


class Light(Event):
    """The set's key light: where it stands, how soft it is, how high (degrees above the horizon)."""

    side: Side
    softness: Share
    elevation: Annotated[float, Field(ge=0, le=90)]


class Shadow(Event):
    """Strength of the contact and of the cast shadow."""

    contact: Share
    cast: Share


class Scene(Event):
    """One picture to make of a product.

    `anchor` is how the product is held: it stands on the floor, hangs from above or lies flat.
    `fill` is the share of the frame that the product's longest side takes.
    `reasons` are sentences for the record, `trend_items` the report's items that shaped the scene.
    """

    name: Literal["white", "trend"]
    generator: Generator = "studio"
    set: str
    palette: Palette
    light: Light
    shadow: Shadow
    anchor: Literal["stand", "hang", "lie"]
    fill: Share
    camera: str
    width: Pixels
    height: Pixels
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    settings_version: str
    trends_version: str
    reasons: tuple[str, ...] = ()
    trend_items: tuple[str, ...] = ()


class ScenePlan(Event):
    """The scenes of one photo, in the order in which the shop shows them."""

    scenes: tuple[Scene, ...]
    settings_version: str
    trends_version: str


class Plate(Event):
    """A background without the product.

    `floor` is the share of the height at which a standing product touches the ground;
    `recipe` the hash of all that made it; `fallback` why it is not what the plan asked for.
    """

    image: ImageRef
    generator: Generator
    floor: Share
    recipe: str
    price_usd: Annotated[float, Field(ge=0)] = 0
    fallback: str = ""


class Placement(Event):
    """Where the matte's box lands in the frame; `scale` is frame pixels for each photo pixel."""

    box: Box
    scale: Annotated[float, Field(gt=0)]


class Composite(Event):
    """A product on a plate, lossless, before any rendition is encoded."""

    image: ImageRef
    placement: Placement
    plate: Plate


class Score(Event):
    """One measure, the limit it was held to, and the verdict. `rule` is `min`, `max` or `info`."""

    name: str
    value: float
    threshold: float
    rule: Literal["min", "max", "info"]
    passed: bool
    unit: str = ""


class QualityReport(Event):
    """The judgement of one composite; `reason` names what failed, in words."""

    passed: bool
    verdict: Literal["pass", "retry", "give_up"]
    attempt: Annotated[int, Field(ge=0)]
    scores: tuple[Score, ...]
    reason: str = ""


class Candidate(Event):
    """A judged composite, ready to be published or not."""

    scene: Scene
    composite: Composite
    quality: QualityReport


# --- what functions are asked -----------------------------------------------------------------------


class MaskRequest(Event):
    """The question to MaskProduct."""

    photo: Photo
    working: ImageRef
    analysis: Analysis


class PlanRequest(Event):
    """The question to PlanScenes."""

    photo: Photo
    analysis: Analysis
    matte: Matte


class RenderRequest(Event):
    """The question to RenderStudio; `fallback` says why the studio stands in for another generator."""

    scene: Scene
    attempt: Annotated[int, Field(ge=0)] = 0
    fallback: str = ""


class ComposeRequest(Event):
    """The question to ComposeImage."""

    photo: Photo
    working: ImageRef
    matte: Matte
    scene: Scene
    plate: Plate


class AssessRequest(Event):
    """The question to AssessQuality; `attempt` counts from 0."""

    photo: Photo
    working: ImageRef
    matte: Matte
    scene: Scene
    composite: Composite
    attempt: Annotated[int, Field(ge=0)] = 0


class PublishRequest(Event):
    """The question to PublishImages."""

    photo: Photo
    working: ImageRef
    analysis: Analysis
    matte: Matte
    candidates: tuple[Candidate, ...]
    execution: str


class RejectRequest(Event):
    """The question to RejectPhoto: the upload, and Step Functions' own words for the error."""

    upload: Upload
    error: str
    cause: str


# --- records ----------------------------------------------------------------------------------------


class PublishedImage(Event):
    """One rendition in the published bucket. `name` is unique within the SKU and ends in the extension."""

    name: str
    object: ObjectRef
    scene: str
    rendition: Literal["main", "web", "thumbnail", "cutout"]
    media_type: str
    width: Pixels
    height: Pixels
    bytes: Annotated[int, Field(ge=0)]
    source_type: str = Field(description="IPTC DigitalSourceType")


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


# --- trends -----------------------------------------------------------------------------------------


class TrendItem(Event):
    """One thing that shoppers want now: a word of the closed vocabulary, its kind and its weight."""

    id: str
    kind: Literal["colour", "style", "material", "pattern", "lighting", "mood", "season", "occasion"]
    weight: Share
    direction: Literal["rising", "steady", "fading"] = "steady"
    colour: Hex | None = None
    categories: tuple[Category, ...] = Field(default=(), description="empty: all")


class TrendReport(Event):
    """What shoppers want now. `source` is `default` for the report that ships."""

    version: str
    made_at: AwareDatetime
    source: str
    palettes: tuple[Palette, ...]
    items: tuple[TrendItem, ...]
