"""A photo that arrived, and what was measured of it."""

from typing import Annotated, Literal

from pydantic import Field

from packshot.events.base import Category, Event, Hex, ImageRef, ObjectRef, Pixels, Share, Side


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
    """What the shop says about the product, from object metadata or the `<name>.json` beside the photo.

    Products of one `range` are photographed alike.
    The others of a product are matched to a photo that is its `reference`, else to the first that came.
    `correction` `none` keeps the photo's colours as they are; `colours` are its brand's, which it shows.
    """

    category: Category = "other"
    brand: str = ""
    range: str = ""
    title: str = ""
    price: float | None = None
    reference: bool = False
    correction: Literal["bounded", "none"] = "bounded"
    colours: tuple[Hex, ...] = ()


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
