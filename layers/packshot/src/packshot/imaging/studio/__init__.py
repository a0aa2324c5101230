"""The studio: sets built and lit in code, photographed without a product."""

from packshot.imaging.studio.recipe import PlateRecipe
from packshot.imaging.studio.rendering import Take, render
from packshot.imaging.studio.sets import SETS, Camera, Set

__all__ = ["SETS", "Camera", "PlateRecipe", "Set", "Take", "render"]
