"""The studio: sets that were built and lit once, painted and photographed without a product."""

from packshot.imaging.studio.description import SetDescription
from packshot.imaging.studio.library import Library, shipped
from packshot.imaging.studio.lights import Lighting, choose
from packshot.imaging.studio.recipe import BLANK, PlateRecipe
from packshot.imaging.studio.rendering import Take, render

__all__ = [
    "BLANK",
    "Library",
    "Lighting",
    "PlateRecipe",
    "SetDescription",
    "Take",
    "choose",
    "render",
    "shipped",
]
