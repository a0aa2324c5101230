"""All that the choices for one photo depend on."""

import functools
from dataclasses import dataclass

from packshot.events import Palette, PlanRequest, SceneName, Side, TrendReport
from packshot.scenes.demand import Demand, items_for, palettes_for
from packshot.scenes.foreseen import NOTHING, Foreseen
from packshot.scenes.harmony import Harmony, Lab, lab
from packshot.scenes.looks import look_of, range_of, seed_of
from packshot.scenes.photography import Anchor, CategorySettings, Look, PhotographySettings

_GREY = "#808080"
"""The colour of a product that has none."""


@dataclass(frozen=True)
class Brief:
    """A photo, what shoppers want, and the settings that are for it."""

    request: PlanRequest
    settings: PhotographySettings
    trends: TrendReport
    trends_fallback: str = ""
    foreseen: Foreseen = NOTHING

    @functools.cached_property
    def category(self) -> CategorySettings:
        """Return how this kind of product is photographed."""
        return self.settings.categories[self.request.photo.product.category]

    @functools.cached_property
    def look(self) -> Look | None:
        """Return the look that is for this product."""
        return look_of(self.request.photo, looks=self.settings.looks)

    @functools.cached_property
    def range(self) -> str:
        """Return the name of all that is photographed like this product."""
        return range_of(self.request.photo, look=self.look)

    @functools.cached_property
    def demand(self) -> Demand:
        """Return what shoppers say that they want of this kind of product, and what they will likely buy.

        What they say of a word counts before what they buy.
        """
        return {**self.foreseen.items(), **self.said}

    @functools.cached_property
    def said(self) -> Demand:
        """Return what shoppers say that they want of this kind of product."""
        return items_for(self.request.photo.product.category, report=self.trends)

    @functools.cached_property
    def season(self) -> tuple[Palette, ...]:
        """Return the palettes that shoppers want for this kind of product."""
        return palettes_for(self.request.photo.product.category, report=self.trends)

    @functools.cached_property
    def colours(self) -> tuple[Lab, ...]:
        """Return the product's colours, largest first."""
        return tuple(lab(colour) for colour in self.request.matte.colours or (_GREY,))

    @functools.cached_property
    def rim(self) -> tuple[Lab, ...]:
        """Return the product's colours along its outline, largest first; mattes of old do not know them."""
        return tuple(map(lab, self.request.matte.rim)) or self.colours

    @property
    def anchor(self) -> Anchor:
        """Return how the product is held; one that the photo cut at its top or foot cannot stand."""
        cut = {"top", "bottom"} & set(self.request.matte.cut_edges)
        return "hang" if self.category.anchor == "stand" and cut else self.category.anchor

    @property
    def harmony(self) -> Harmony:
        """Return the rule by which wall and product go together."""
        return (self.look.harmony if self.look else None) or self.category.harmony

    @property
    def side(self) -> Side:
        """Return the side that the product is lit from: by its shading, else by the whole photo."""
        lighting = self.request.matte.lighting
        return lighting.side if lighting else self.request.analysis.light_side

    def seed(self, scene: SceneName) -> int:
        """Return the seed of a scene."""
        return seed_of(self.request, scene=scene, look=self.look)
