"""Every measure by name: its unit, the limit it is held to, what is said when it fails, and whose idea it is.

Limits were set by looking at good composites and at ones broken on purpose; `python -m
tests.benchmarks.verdicts` prints both beside each limit.
"""

from dataclasses import dataclass
from typing import Literal

from packshot.events import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a score means. `seed_helps` says that another plate could mend a failure."""

    name: str
    rule: Literal["min", "max", "info"]
    limit: float
    unit: str
    words: str = ""
    source: str = ""
    seed_helps: bool = False

    def holds(self, value: float) -> bool:
        """Say whether a value keeps the limit."""
        return {"min": value >= self.limit, "max": value <= self.limit, "info": True}[self.rule]

    def score(self, value: float) -> Score:
        """Return a value with its limit and, if it fails, the words for it."""
        held = self.holds(value)
        return Score(
            name=self.name,
            value=value,
            threshold=self.limit,
            rule=self.rule,
            passed=held,
            unit=self.unit,
            words="" if held else self._complaint(value),
        )

    def told(self, value: float) -> Score:
        """Return a value that is told and held to nothing."""
        return Score(name=self.name, value=value, threshold=0, rule="info", passed=True, unit=self.unit)

    def _complaint(self, value: float) -> str:
        bound = "at least" if self.rule == "min" else "at most"
        return f"{self.words} ({value:.3g} {self.unit}, {bound} {self.limit:g})"


FIDELITY = Measure(
    name="fidelity",
    rule="max",
    limit=0,
    unit="8-bit steps",
    words="product pixels differ from the photo",
    source="largest difference of any channel, inside the matte eroded 3 px; the house's first rule",
)
FIDELITY_AREA = Measure(
    name="fidelity_area",
    rule="info",
    limit=0,
    unit="share",
    source="share of the opaque matte that fidelity looks at",
)
DOUBT = Measure(
    name="doubt",
    rule="max",
    limit=0.03,
    unit="share",
    words="the matte is unsure inside the product, where the background may show through",
    source="share of the inside, 8 px from the outline, where the matte is not opaque",
)
SHARPNESS = Measure(
    name="sharpness",
    rule="min",
    limit=0.75,
    unit="ratio",
    words="the product lost sharpness",
    source="Tenengrad (Krotkov 1988) against the photo, both at one size",
)
CLIPPING = Measure(
    name="clipping",
    rule="max",
    limit=0.01,
    unit="share",
    words="highlights or shadows of the product were lost",
    source="share of product pixels ≤ 2 or ≥ 253 that were not in the photo",
)
ENLARGEMENT = Measure(
    name="enlargement",
    rule="max",
    limit=2.5,
    unit="×",
    words="the photo has too few pixels of the product; a closer or larger photo helps",
    source="frame pixels for each photo pixel; beyond this a person sees that pixels are missing",
)
EDGE_HALO = Measure(
    name="edge_halo",
    rule="max",
    limit=2.5,
    unit="ΔE2000",
    words="the edge shows a halo",
    source="mean difference at the edge to αF + (1 − α)B (Porter, Duff 1984)",
    seed_helps=True,
)
STAND_OUT = Measure(
    name="stand_out",
    rule="min",
    limit=8,
    unit="ΔE2000",
    words="the product does not stand out from its background",
    source="mean difference across the outline, colours just inside against colours just outside",
    seed_helps=True,
)
OUTLINE_LOST = Measure(
    name="outline_lost",
    rule="max",
    limit=0.2,
    unit="share",
    words="part of the outline disappears in the background",
    source="share of the outline across which the difference is below 4 ΔE2000",
    seed_helps=True,
)
WHITE_OUTLINE_LOST = Measure(
    name="outline_lost",
    rule="max",
    limit=0.5,
    unit="share",
    words="half of the outline disappears in the white",
    source="share of the outline across which the difference is below 2 ΔE2000, shadow counted: "
    "2.3 is just noticeable (Mahy, Van Eycken, Oosterlinck 1994)",
)
CONTACT = Measure(
    name="contact",
    rule="min",
    limit=0.05,
    unit="share",
    words="the product floats: no shadow where it touches the ground",
    source="light lost in the line right under the foot, against the plate or a mirror image lighter than it",
)
GAP = Measure(
    name="gap",
    rule="max",
    limit=0.02,
    unit="share",
    words="the product floats above its shadow",
    source="how far below the foot it is as dark as right under it, to 0.75, over the frame's height",
)
SHADOW_SIDE = Measure(
    name="shadow_side",
    rule="min",
    limit=0.1,
    unit="balance",
    words="the shadow falls towards the light",
    source="light lost beside the product, away from the key less towards it, over both; −1 to 1",
)
SECOND_OBJECT = Measure(
    name="second_object",
    rule="max",
    limit=18,
    unit="ΔE76",
    words="something already stands on the background where the product goes",
    source="contrast by which the plate is enclosed there: boolean maps (Zhang, Sclaroff 2013)",
    seed_helps=True,
)
FILL = Measure(
    name="fill",
    rule="min",
    limit=0.84,
    unit="share",
    words="the product is too small in the frame",
    source="longest side over the frame's; Amazon's main image asks for 0.85",
)
FILL_BOX = Measure(
    name="fill_box", rule="info", limit=0, unit="share", source="the product's box over the frame"
)
FILL_AREA = Measure(
    name="fill_area",
    rule="min",
    limit=0.002,
    unit="share",
    words="there is hardly any product in the frame",
    source="the product's pixels over the frame's",
)
SCENE_AREA = Measure(
    name="scene_area",
    rule="min",
    limit=0.05,
    unit="share",
    words="the product covers its scene",
    source="share of the frame in which the plate is seen",
)
MARGIN = Measure(
    name="margin",
    rule="min",
    limit=0.01,
    unit="share",
    words="the product comes too close to the frame's edge",
    source="smallest free space on edges that did not cut the product",
)
CENTRING = Measure(
    name="centring",
    rule="max",
    limit=0.02,
    unit="share",
    words="the product is off centre",
    source="half the difference between the margins left and right",
)
WHITE_BORDER = Measure(
    name="white_border",
    rule="min",
    limit=1,
    unit="share",
    words="the border is not pure white",
    source="share of the outer 1.5 % that is 255; Amazon's and Walmart's main image",
)

MEASURES = (
    FIDELITY,
    FIDELITY_AREA,
    DOUBT,
    SHARPNESS,
    CLIPPING,
    EDGE_HALO,
    STAND_OUT,
    OUTLINE_LOST,
    WHITE_OUTLINE_LOST,
    CONTACT,
    GAP,
    SHADOW_SIDE,
    SECOND_OBJECT,
    FILL,
    FILL_BOX,
    FILL_AREA,
    SCENE_AREA,
    ENLARGEMENT,
    MARGIN,
    CENTRING,
    WHITE_BORDER,
)
SEED_HELPS = frozenset(measure.name for measure in MEASURES if measure.seed_helps)
