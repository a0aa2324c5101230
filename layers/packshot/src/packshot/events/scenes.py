"""What to make of a product, what was made, and how it was judged."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from packshot.events.base import (
    Event,
    Generator,
    Hex,
    ImageRef,
    Pixels,
    SceneName,
    Share,
    Side,
    Strategy,
)
from packshot.events.mattes import Box


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


class View(Event):
    """What a prompt asks of a plate that no set describes: camera, ground and key light.

    Lengths are frame widths at the product: the camera stands `distance` away and `height` above the foot,
    whose row is `floor` (share of the height); the ground ends `depth` behind it. `azimuth` is the key's
    degrees off the camera's axis, `key_share` its share of all light at the foot.
    """

    floor: Share
    distance: Annotated[float, Field(gt=0)]
    height: Annotated[float, Field(ge=0)]
    depth: Annotated[float, Field(gt=0)]
    azimuth: Annotated[float, Field(ge=0, le=180)]
    key_share: Share

    @property
    def horizon(self) -> float:
        """Return the row of the horizon of a level camera, as a share of a square frame's height."""
        return self.floor - self.height


class Scene(Event):
    """One picture to make of a product.

    `anchor` is how the product is held: it stands on the floor, hangs from above or lies flat.
    `fill` is the share of the frame that the product's longest side takes.
    `reasons` are sentences for the record, `trend_items` the report's items that shaped the scene, `look`
    the name of the look that pinned it, if one did. `mood` is the report's strongest one,
    `trends_fallback` why the report that ships stands in for one of now. `demand` is the model that foresaw
    what customers will buy, `demand_items` the words that this asked for, `demand_fallback` why it did not
    count. Where a generator makes the plate,
    `models` are those to ask, in their order, by `strategy`; `view` is what it is asked for, in at most
    `variants` pictures, which are shared until `plate_until` (as long as the trends that shaped them hold).
    """

    name: SceneName
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
    mood: str = ""
    trends_fallback: str = ""
    demand: str = ""
    demand_items: tuple[str, ...] = ()
    demand_fallback: str = ""
    look: str = ""
    strategy: Strategy = "plate"
    models: tuple[str, ...] = ()
    variants: Annotated[int, Field(ge=1)] = 1
    view: View | None = None
    plate_until: AwareDatetime | None = None


class ScenePlan(Event):
    """The scenes of one photo, in the order in which the shop shows them."""

    scenes: tuple[Scene, ...]
    settings_version: str
    trends_version: str


class Generation(Event):
    """How a generator made a plate; `shared` if another photo paid for it.

    `seconds` is the time for which the generator says that it worked.
    """

    model: str
    strategy: Strategy
    prompt: str
    prompt_version: str
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    prediction: str
    seconds: Annotated[float, Field(ge=0)]
    shared: bool = False


class Plate(Event):
    """A background without the product; by the strategy `fill`, what was drawn around it.

    `floor` is the share of the height at which a standing product touches the ground;
    `recipe` the hash of all that made it; `fallback` why it is not what the plan asked for.
    In the studio, `light` is the set's light by name and `mirrored` says that the set was turned to bring it
    to its other side; with an `exposure` of 1 the ground at the product's foot
    has its paint's colour.
    """

    image: ImageRef
    generator: Generator
    floor: Share
    recipe: str
    price_usd: Annotated[float, Field(ge=0)] = 0
    fallback: str = ""
    light: str = ""
    mirrored: bool = False
    exposure: Annotated[float, Field(gt=0)] = 1
    generation: Generation | None = None


class Placement(Event):
    """Where the matte's box lands in the frame; `scale` is frame pixels for each photo pixel."""

    box: Box
    scale: Annotated[float, Field(gt=0)]


class Grade(Event):
    """How a plate was fitted to its product: stops of exposure, kelvin by which its light is cooler."""

    exposure: Annotated[float, Field(ge=-0.5, le=0.5)] = 0
    kelvin: Annotated[float, Field(ge=-600, le=600)] = 0


class Composite(Event):
    """A product on a plate, lossless, before any rendition is encoded; `grade` was done to the plate."""

    image: ImageRef
    placement: Placement
    plate: Plate
    grade: Grade = Grade()


class Score(Event):
    """One measure, the limit it was held to, and the verdict; `words` say what is wrong if it failed."""

    name: str
    value: float
    threshold: float
    rule: Literal["min", "max", "info"]
    passed: bool
    unit: str = ""
    words: str = ""


class QualityReport(Event):
    """The judgement of one composite; `reason` names what failed, in words."""

    passed: bool
    verdict: Literal["pass", "retry", "give_up"]
    attempt: Annotated[int, Field(ge=0)]
    scores: tuple[Score, ...]
    reason: str = ""


class Candidate(Event):
    """A judged composite, ready to be published or not.

    `rank` is its place among the photo's scenes, from 1, and `standing` the sentence that says why; until
    PublishImages has ranked them they are 0 and empty.
    """

    scene: Scene
    composite: Composite
    quality: QualityReport
    rank: Annotated[int, Field(ge=0)] = 0
    standing: str = ""
    spent_usd: Annotated[float, Field(ge=0, description="for plates of this scene that were not taken")] = 0
