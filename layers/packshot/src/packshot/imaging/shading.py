"""What a product makes of a plate's light.

The room's is left where the key is hidden, less at the foot; its lit side lights the ground before it.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from packshot.events import Scene
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.bodies import contact_line
from packshot.imaging.colour import linear_from_srgb
from packshot.imaging.compositing import ScaledCutout, Shade
from packshot.imaging.plans import View
from packshot.imaging.rays import key_rays
from packshot.imaging.shadows import Shadows, on_ground, on_surface

_COARSE = 400
"""Longest side, in pixels, at which shadows are computed."""
_CREASE = 0.45
"""Share of all light that the narrow dark right under a foot takes."""
_AMBIENT_TINT = 0.35
"""How far the light of a room has the colour of what it last came off."""
_TINTS = (0.75, 1.25)
_ROOM_ON_SIDES = 0.5
"""What an upright side gets of the room's light, as a share of what the ground gets: half of the sky is
behind it, and the ground before it gives a little back."""
_MOST = 1.3
"""How bright the ground beside a product becomes at most, where the light was 1."""
_FEET, _ROUND = 2.0, 1.0
"""Coarse pixels from the line of contact within which a column is a foot's, and by which sides are round."""
_LOWEST_KEY = 15.0
"""Elevation, degrees, from which on an upright side gets no more than it would of that."""
_FADES = 0.35
"""Share of the ground behind the foot over which a shadow fades at most, however far the set lets it."""
_GAPS = {"hang": 0.02, "lie": 0.003}
_DEEPEST = {"hang": 0.07, "lie": 0.16}
"""How far off its surface a product is and how thick, as shares of the root of its area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the ground of a plate is like where a product meets it; lengths are frame widths.

    `floor` is the row of the foot as a share of the height, None where the frame has no ground. The camera
    stands `distance` away and `height` above the foot; the ground ends at z = `far`, where shadows end within
    the share `fades` of the height; `wall` is the z of an upright plane, None if none is near; `breadth` how
    much room for feet there is. `gloss` is the share of light that the ground mirrors; `azimuth` the key's
    degrees to the right of the camera's axis, `elevation` its degrees above the ground, `softness` its width
    over its distance, `key_share` its share of all light at the foot.
    """

    floor: float | None
    distance: float
    height: float
    far: float
    gloss: float
    azimuth: float
    elevation: float
    softness: float
    key_share: float
    wall: float | None = None
    fades: float = 0.05
    breadth: float | None = None
    blank: bool = False

    def rise(self, z: float) -> float:
        """Return how far above the foot the ground at `z` is seen, frame widths."""
        return self.height * (1 - self.distance / (self.distance - z))


def shade(product: ScaledCutout, *, behind: Bytes, scene: Scene, stage: Stage) -> Shade | None:
    """Return what a product leaves of the light of a plate (`behind`, H, W, 3), None if that is all of it."""
    wanted = scene.shadow
    if max(wanted.contact, wanted.cast) == 0 or not product.alpha.any():
        return None
    alpha = _coarse(product, shape=behind.shape)
    view = _view(alpha, stage=stage)
    shadows = _shadows(alpha, scene=scene, stage=stage, view=view)
    room = _room(behind, stage=stage)
    key = wanted.cast * shadows.cast[..., None] * (1 - room)
    side = _ROOM_ON_SIDES * room
    if scene.anchor == "stand":
        side = side + _key_on_side(alpha, stage=stage, view=view) * (1 - shadows.cast[..., None])
    given = _albedo(product) * side
    hidden = wanted.contact * shadows.contact[..., None]
    # A side that is lit hides half of the sky at most: what hides more is over it, and dark.
    sky = hidden * room - np.minimum(hidden, 1 - hidden) * given
    crease = _CREASE * wanted.contact * shadows.crease[..., None]
    lost = (1 - (1 - key - sky) * (1 - crease)) * _reach(alpha.shape, stage=stage, view=view, scene=scene)
    lost = lost * (1 - _sheen(behind, stage=stage))
    return Shade.enlarged(floats(np.clip(1 - lost, 0, _MOST)), shape=behind.shape)


def _room(behind: Bytes, *, stage: Stage) -> Floats:
    """Return the share of the light at the foot that is the room's and not the key's, by channel, (3,).

    All light together is neutral at the foot. What comes from the room has the colour of the room, so the key
    has a little of its complement.
    """
    small = linear_from_srgb(np.asarray(cv2.resize(behind, (32, 32), interpolation=cv2.INTER_AREA), np.uint8))
    mean = small.mean(axis=(0, 1))
    tint = 1 + _AMBIENT_TINT * (np.clip(mean / max(float(mean.mean()), 1e-3), *_TINTS) - 1)
    return floats(np.minimum((1 - stage.key_share) * tint, 1))


def _sheen(behind: Bytes, *, stage: Stage) -> float:
    """Return the share of the ground's light that it mirrors from beyond, which no shadow takes away."""
    if stage.gloss == 0 or stage.floor is None:
        return 0.0
    height = behind.shape[0]
    foot = min(round(stage.floor * height), height - 1)
    beyond, ground = (
        float(linear_from_srgb(behind[rows : rows + 1, ::16]).mean()) for rows in (round(0.6 * foot), foot)
    )
    return float(np.clip(stage.gloss * beyond / max(ground, 1e-3), 0, 0.6))


def _albedo(product: ScaledCutout) -> Floats:
    """Return the share of light that a product gives back, by channel (3,)."""
    own = product.colours[product.alpha == 255][::61]
    return floats(linear_from_srgb(own).mean(axis=0)) if len(own) else np.zeros(3, np.float32)


def _key_on_side(alpha: Floats, *, stage: Stage, view: View) -> Floats:
    """Return the key's light on the side of a product that faces each pixel (H, W, 1), of all at its foot.

    Its sides are those of a block on its feet, as deep as these are wide; near it one side goes over into
    the next.
    """
    lowest = np.where(alpha > 0.5, np.arange(len(alpha), dtype=np.float32)[:, None], -1).max(axis=0)
    line = contact_line(alpha)
    feet = np.flatnonzero(lowest >= line - _FEET)
    first, last = (feet[0], feet[-1]) if len(feet) else (0, len(line) - 1)
    columns = np.arange(alpha.shape[1], dtype=np.float32)[None, :]
    rows = np.arange(len(alpha), dtype=np.float32)[:, None]
    across = columns - np.clip(columns, first, last)
    before = (rows - line[None, :]) / view.tilt
    nearer = np.maximum(before, 0) + np.minimum(before + (last - first + 1), 0)
    azimuth, elevation = np.deg2rad((stage.azimuth, max(stage.elevation, _LOWEST_KEY)))
    towards = (across * np.sin(azimuth) + nearer * np.cos(azimuth)) / (np.hypot(across, nearer) + _ROUND)
    lit = cv2.GaussianBlur(floats(np.maximum(towards, 0)), (0, 0), _ROUND)
    return floats(stage.key_share * floats(lit) / np.tan(elevation))[..., None]


def _shadows(alpha: Floats, *, scene: Scene, stage: Stage, view: View) -> Shadows:
    key = key_rays(azimuth=stage.azimuth, elevation=stage.elevation, softness=stage.softness)
    width = float(max(alpha.shape))
    if scene.anchor == "stand":
        return on_ground(alpha, key=key, view=view, width=width)
    extent = float(np.sqrt((alpha > 0.5).sum()))
    gap, deepest = _GAPS[scene.anchor] * extent, _DEEPEST[scene.anchor] * extent
    return on_surface(alpha, key=key, gap=gap, deepest=deepest, width=width)


def _view(alpha: Floats, *, stage: Stage) -> View:
    """Return how the camera sees the ground; without a floor the product's lowest row is on it."""
    rows = np.flatnonzero((alpha > 0.5).any(axis=1))
    lowest = float(rows[-1] + 1) if len(rows) else float(len(alpha))
    unit = float(max(alpha.shape))
    foot = lowest if stage.floor is None else stage.floor * len(alpha)
    return View(
        distance=stage.distance * unit,
        horizon=foot - stage.height * unit,
        foot=foot,
        centre=alpha.shape[1] / 2 - 0.5,
        far=foot - stage.rise(stage.far) * unit,
        wall=None if stage.wall is None else foot - stage.rise(stage.wall) * unit,
    )


def _coarse(product: ScaledCutout, *, shape: tuple[int, ...]) -> Floats:
    """Return the product's alpha in the whole frame, at the size of a shadow."""
    full = np.zeros(shape[:2], dtype=np.uint8)
    full[product.window.slices] = product.alpha
    factor = max(max(shape) / _COARSE, 1.0)
    size = (max(round(shape[1] / factor), 8), max(round(shape[0] / factor), 8))
    small = cv2.resize(full, size, interpolation=cv2.INTER_AREA)
    return np.divide(small, 255, dtype=np.float32)


def _reach(shape: tuple[int, ...], *, stage: Stage, view: View, scene: Scene) -> Floats:
    """Return where shadows fall, (H, W, 1): not beyond the ground's end, not on a blank frame's border."""
    rows = np.arange(shape[0], dtype=np.float32)[:, None] + 0.5
    reach = np.ones(shape, dtype=np.float32)
    if scene.anchor == "stand" and view.wall is None:
        fades = min(stage.fades * shape[0], _FADES * (view.foot - view.far))
        reach *= np.clip((rows - view.far) / max(fades, 1), 0, 1)
    if stage.blank:
        down, across = rows / shape[0], (np.arange(shape[1], dtype=np.float32)[None, :] + 0.5) / shape[1]
        inside = np.minimum(np.minimum(down, 1 - down), np.minimum(across, 1 - across))
        reach *= np.clip((inside - 0.02) / 0.1, 0, 1) ** 1.5
    return reach[..., None]
