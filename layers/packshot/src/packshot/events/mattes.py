"""What was cut out of a photo."""

from pydantic import Field

from packshot.events.base import Edge, Event, Hex, ImageRef, Pixels, Share, Side


class Box(Event):
    """A rectangle in pixels, from its top left corner."""

    x: int
    y: int
    width: Pixels
    height: Pixels


class KeyLight(Event):
    """The key light as a product's own shading shows it; `strength` is how far the other side falls off."""

    side: Side
    strength: Share


class Matte(Event):
    """The product's alpha (`image`, 8-bit grey, as large as the working image) and what it cut out.

    `cutout` is the photo with this alpha and a decontaminated edge (straight alpha, RGBA, same size);
    where alpha is 1 its colours are the working image's own. `box` is what alpha > 0.5 covers;
    `cut_edges` are the photo's edges that cut the product; `area` its share of the photo; `engine`
    what estimated it, and `notes` what is to be known of that. `doubt` is the region to look at first,
    if one stands out; `lighting` is None where the product's light is flat or does not show.
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
    doubt: Box | None = None
    lighting: KeyLight | None = None
    notes: tuple[str, ...] = ()
    colours: tuple[Hex, ...] = Field(default=(), description="the product's main colours, largest first")
    rim: tuple[Hex, ...] = Field(default=(), description="its main colours along the outline, largest first")
