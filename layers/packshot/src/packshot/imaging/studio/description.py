"""What is known of a set beside its pictures: camera, ground, lights, and what a palette may paint.

The origin is the product's foot; x to the right, y up, z to the camera; lengths are frame widths at the
product's distance, of a square frame. The camera looks level, its back upright: verticals stay vertical.
"""

from typing import Annotated, Literal

from pydantic import Field

from packshot.events import Event, Hex, Share, Side

Slot = Literal["wall", "floor", "accent"]
Anchor = Literal["stand", "hang", "lie"]


class Camera(Event):
    """Where the camera stands: its height above the foot and its distance to it; `lens_mm` is for 36 mm."""

    distance: Annotated[float, Field(gt=0)]
    height: float
    lens_mm: Annotated[float, Field(gt=0)]

    @property
    def tilt(self) -> float:
        """Return how much of a length on the ground, away from the camera, is seen as height."""
        return self.height / self.distance


class Ground(Event):
    """The level area that a product and its shadow may use.

    It ends behind the product at z = `far`; shadows fade there over the share `edge_fades` of the height.
    """

    near: float
    far: float
    left: float
    right: float
    edge_fades: Share


class SetLight(Event):
    """A light that was baked: its key's degrees to the right of the camera's axis and above the ground.

    `softness` is 0 for the sun and 1 for a panel as wide as the frame; `key_share` the key's share of all
    light at the product's foot.
    """

    azimuth: Annotated[float, Field(ge=-180, le=180)]
    elevation: Annotated[float, Field(ge=0, le=90)]
    softness: Share
    key_share: Share

    @property
    def side(self) -> Side:
        """Return the side that the key stands on."""
        return "right" if self.azimuth > 0 else "left"


class SetDescription(Event):
    """A set. `floor` is the row of the product's foot, as a share of the height.

    `slots` are what a palette paints, `grounds` the colours of what a product may stand on and no palette
    changes; `wall` is the z of an upright plane behind the product, None if there is none near; `gloss` the
    share of the product's light that the ground mirrors.
    """

    name: str
    version: str
    title: str
    anchors: Annotated[tuple[Anchor, ...], Field(min_length=1)]
    slots: tuple[Slot, ...]
    grounds: tuple[Hex, ...] = ()
    camera: Camera
    floor: Share
    ground: Ground
    wall: float | None = None
    gloss: Share = 0
    lights: Annotated[dict[str, SetLight], Field(min_length=1)]

    @property
    def keeps(self) -> float:
        """Return the share of the height that a narrower frame leaves where it is.

        The foot of what stands, the rail of what hangs, the middle of what lies.
        """
        if "stand" in self.anchors:
            return self.floor
        return 0.0 if self.anchors == ("hang",) else 0.5

    @property
    def metered(self) -> float:
        """Return the share of the height at which the light is 1: the foot's, or the middle of a surface."""
        return self.floor if "stand" in self.anchors else 0.5

    @property
    def rise(self) -> float:
        """Return how far above the foot the ground's far end is seen, frame widths."""
        return self.camera.height * (1 - self.camera.distance / (self.camera.distance - self.ground.far))
