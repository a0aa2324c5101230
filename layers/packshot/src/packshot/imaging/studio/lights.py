"""Which of a set's lights comes nearest to the light that a scene asks for."""

from dataclasses import dataclass

from packshot.events import Light
from packshot.imaging.studio.description import SetDescription, SetLight

_WRONG_SIDE = 10.0
"""Nothing outweighs light that comes from the other side than the product's own."""
_TURNED = 0.05
"""Of two lights alike, the one that the set was built for."""
_STEEPNESS = 1 / 60
"""What a degree of elevation weighs against softness."""


@dataclass(frozen=True, slots=True)
class Lighting:
    """A set's light by name; `mirrored` if the picture is turned to bring it to its other side."""

    name: str
    baked: SetLight
    mirrored: bool

    @property
    def azimuth(self) -> float:
        """Return the key's degrees to the right of the camera's axis, as the plate shows it."""
        return -self.baked.azimuth if self.mirrored else self.baked.azimuth


def choose(description: SetDescription, *, light: Light) -> Lighting:
    """Return the light nearest in side, softness and elevation, mirrored where that is nearer."""
    lightings = (
        Lighting(name, baked, mirrored)
        for name, baked in sorted(description.lights.items())
        for mirrored in (False, True)
    )
    return min(lightings, key=lambda each: _distance(each, light))


def _distance(lighting: Lighting, light: Light) -> float:
    """Return how far a set's light is from the one asked for, in softness from a bulb to a panel."""
    baked = lighting.baked
    wrong = (baked.side == light.side) == lighting.mirrored
    return (
        abs(baked.softness - light.softness)
        + abs(baked.elevation - light.elevation) * _STEEPNESS
        + _WRONG_SIDE * wrong
        + _TURNED * lighting.mirrored
    )
