"""What was put right in a photo, as numbers from which it can be done again exactly, and in words."""

from typing import Annotated

from pydantic import Field

from packshot.events.base import Event, Hex

Gain = Annotated[float, Field(gt=0, le=8)]


class Gains(Event):
    """White-balance gains of the three channels, in linear light."""

    red: Gain = 1.0
    green: Gain = 1.0
    blue: Gain = 1.0


class Tone(Event):
    """Exposure and one monotone curve.

    `exposure` in stops is applied in linear light. From `knee` (linear) on light is bent towards white
    instead of being cut off; 1 bends nothing. A channel that was clipped at white, and would fall below
    `clipped_to` (linear), is held there, 0 for never. `black` and `white` are the encoded sRGB values
    that become 0 and 1.
    """

    exposure: Annotated[float, Field(ge=-3, le=3)] = 0.0
    knee: Annotated[float, Field(gt=0, le=1)] = 1.0
    clipped_to: Annotated[float, Field(ge=0, le=1)] = 0.0
    black: Annotated[float, Field(ge=-0.5, lt=0.5)] = 0.0
    white: Annotated[float, Field(gt=0.5, le=2)] = 1.0


class Detail(Event):
    """What changes neighbours by each other: grain and edges.

    `noise` is the grain's deviation (sRGB in [0, 1]) that is taken out, 0 for none; `blur` the
    deviation in pixels that sharpening answers, `sharpening` its amount, 0 for none.
    """

    noise: Annotated[float, Field(ge=0, le=0.2)] = 0.0
    blur: Annotated[float, Field(ge=0, le=5)] = 0.0
    sharpening: Annotated[float, Field(ge=0, le=2)] = 0.0


class Correction(Event):
    """One global correction of one photo; `apply` makes the same pixels of it every time.

    `strength` is the product's mean ΔE2000 before and after; `reasons` are sentences for the record,
    also where nothing was done; `reference` names the photo that this one was matched to, if any;
    `limits_version` the limits it was held to.
    """

    gains: Gains = Gains()
    tone: Tone = Tone()
    detail: Detail = Detail()
    strength: Annotated[float, Field(ge=0)] = 0.0
    reasons: tuple[str, ...] = ()
    reference: str = ""
    limits_version: str = ""

    @property
    def changes_nothing(self) -> bool:
        """The photo stays byte for byte."""
        return (self.gains, self.tone, self.detail) == (Gains(), Tone(), Detail())


Light3 = tuple[float, float, float]


class ReferenceLook(Event):
    """How the photo looks that stands for a product or a range: what others are matched to.

    `photo` is its SKU and name, `sequencer` tells when it came, `chosen` whether the shop named it. `product`
    and `backdrop` are means in linear light of what is neither darkest nor brightest, None for a backdrop
    that is not plain; `colours` are the product's main ones.
    """

    photo: str
    sequencer: str
    chosen: bool = False
    product: Light3
    backdrop: Light3 | None = None
    colours: tuple[Hex, ...] = ()

    def replaces(self, other: "ReferenceLook") -> bool:
        """Say whether this one stands from now on: a new version of the same photo, or the shop's choice."""
        if self.photo == other.photo:
            return self.sequencer >= other.sequencer
        return self.chosen and (not other.chosen or self.sequencer > other.sequencer)
