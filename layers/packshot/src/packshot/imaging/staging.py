"""Set a product into a scene: its place, the shadows it throws, and the composite of them all."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from packshot.events import Matte, Placement, Plate, Scene
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.compositing import Fit, Mirrored, ScaledCutout, Window, compose, scaled_cutout
from packshot.imaging.placement import Frame, place
from packshot.imaging.shadows import Shadows, foot_line, on_ground, on_surface, ray
from packshot.imaging.studio.sets import SETS, Set

_COARSE = 4
"""Pixels of the frame for each pixel of a shadow."""

_CREASE = 0.8
"""Share of all light that the narrow dark right under a foot takes."""

_MIRROR_DEPTH = 0.16
"""Share of the frame's height over which a mirror image fades: no ground of ours is polished."""

_KEY_SHARE = 0.62
"""Share of the ground's light that is the key's; the rest comes from the sky and the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the ground of a plate is like where a product meets it.

    `floor` is the row of the foot as a share of the height, None where the frame has no ground;
    `tilt` how much of a length away from the camera is seen as height; `ends` the row, as a share, above
    which shadows end, within the share `fades`; `gloss` the share of light that the ground mirrors;
    `azimuth` the key light's degrees off the camera's axis.
    """

    floor: float | None
    tilt: float
    ends: float
    gloss: float
    azimuth: float
    fades: float = 0.05
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Staged:
    """A composite, sRGB (H, W, 3), and where the product stands in it."""

    pixels: Bytes
    placement: Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A photo (H, W, 3), its cutout (H, W, 4) and what is known of its matte."""

    photo: Bytes
    cutout: Bytes
    matte: Matte


def stage(subject: Subject, *, scene: Scene, plate: Plate, backdrop: Bytes) -> Staged:
    """Set a product into a scene, before the plate's pixels (`backdrop`)."""
    matte = subject.matte
    height, width = backdrop.shape[:2]
    ground = stage_of(scene, plate)
    frame = Frame(width=width, height=height, floor=ground.floor)
    placement = place(matte, anchor=scene.anchor, fill=scene.fill, frame=frame)
    fit = Fit(box=matte.box, placement=placement, width=width, height=height)
    cutout = scaled_cutout(subject.cutout, photo=subject.photo, fit=fit)
    shade = shading(cutout, scene=scene, stage=ground, frame=frame)
    mirrored = mirror(cutout, stage=ground, frame=frame) if scene.anchor == "stand" else None
    return Staged(compose(backdrop, cutout, shade=shade, mirrored=mirrored, seed=scene.seed), placement)


def stage_of(scene: Scene, plate: Plate) -> Stage:
    """Return the stage of a plate; one that no set describes is taken for one of common camera height."""
    built = SETS.get(scene.set) if plate.generator == "studio" else None
    if built is None:
        return Stage(floor=plate.floor, tilt=0.25, ends=max(plate.floor - 0.16, 0), gloss=0, azimuth=60)
    blank = built.build == "blank"
    return Stage(
        floor=None if blank else plate.floor,
        tilt=built.camera.tilt,
        ends=plate.floor - (built.stands_at + _rise(built)) * scene.width / scene.height,
        gloss=built.gloss,
        azimuth=built.azimuth,
        fades=built.end_fades,
        blank=blank,
    )


def _rise(built: Set) -> float:
    """Return how far above the foot the ground's far end is seen, frame widths."""
    depth = built.camera.distance + built.ground_ends
    return built.camera.height * (1 - built.camera.distance / depth)


def shading(product: ScaledCutout, *, scene: Scene, stage: Stage, frame: Frame) -> Floats:
    """Return what is left of the plate's light under the product's shadows, (height, width) in [0, 1]."""
    if max(scene.shadow.contact, scene.shadow.cast) == 0:
        return np.ones((frame.height, frame.width), dtype=np.float32)
    alpha = _coarse(product, frame)
    shadows = _shadows(alpha, scene=scene, stage=stage)
    key = _KEY_SHARE * scene.shadow.cast * shadows.cast
    sky = (1 - _KEY_SHARE) * scene.shadow.contact * shadows.contact
    crease = _CREASE * scene.shadow.contact * shadows.crease
    lost = 1 - (1 - key - sky) * (1 - crease)
    left = 1 - lost * _ground_mask(alpha.shape, stage=stage, anchor=scene.anchor)
    enlarged = cv2.resize(left, (frame.width, frame.height), interpolation=cv2.INTER_CUBIC)
    return floats(np.clip(enlarged, 0, 1))


def mirror(product: ScaledCutout, *, stage: Stage, frame: Frame) -> Mirrored | None:
    """Return the product's image in a glossy ground, None where nothing of it would be seen.

    Each column is turned over at the line on which it meets the ground, and fades with the distance from it.
    """
    window, depth = product.window, round(_MIRROR_DEPTH * frame.height)
    if stage.gloss == 0 or window.height < _COARSE or window.width < _COARSE:
        return None
    line = _fine_foot_line(product)
    first = int(line.min())
    last = min(int(line.max()) + depth, frame.height - window.y)
    if last <= first:
        return None
    rows = np.arange(first, last, dtype=np.float32)[:, None]
    x = np.broadcast_to(np.arange(window.width, dtype=np.float32), (last - first, window.width))
    y = floats(2 * line - rows)
    colours = cv2.remap(product.colours, floats(x), y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.remap(product.alpha, floats(x), y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    away = np.clip((rows - line) / depth, 0, 1)
    share = stage.gloss * (1 - away) ** 2 * (rows > line) * floats(alpha) / 255
    return Mirrored(
        window=Window(window.x, window.y + first, window.width, last - first),
        colours=cv2.blur(colours, (7, 13)).astype(np.uint8, copy=False),
        share=floats(cv2.blur(floats(share), (5, 9))),
    )


def _fine_foot_line(product: ScaledCutout) -> Floats:
    """Return the row of the window on which each of its columns meets the ground, (W,)."""
    height, width = product.alpha.shape
    size = (max(width // _COARSE, 1), max(height // _COARSE, 1))
    small = floats(cv2.resize(product.alpha, size, interpolation=cv2.INTER_AREA)) / 255
    line = cv2.resize(foot_line(floats(small))[None], (width, 1), interpolation=cv2.INTER_LINEAR)
    return floats((floats(line)[0] + 0.5) * height / size[1])


def _shadows(alpha: Floats, *, scene: Scene, stage: Stage) -> Shadows:
    sign = 1 if scene.light.side == "right" else -1
    light = ray(
        azimuth=sign * stage.azimuth,
        elevation=scene.light.elevation,
        spread=0.02 + 0.2 * scene.light.softness,
    )
    if scene.anchor == "stand":
        return on_ground(alpha, light=light, tilt=stage.tilt)
    extent = float(np.sqrt((alpha > 0.5).sum()))
    gap = extent * (0.035 if scene.anchor == "hang" else 0.005)
    return on_surface(alpha, light=light, gap=gap)


def _coarse(product: ScaledCutout, frame: Frame) -> Floats:
    """Return the product's alpha in the whole frame, at a quarter of its size."""
    full = np.zeros((frame.height, frame.width), dtype=np.uint8)
    full[product.window.slices] = product.alpha
    size = (max(frame.width // _COARSE, 8), max(frame.height // _COARSE, 8))
    small = cv2.resize(full, size, interpolation=cv2.INTER_AREA)
    return np.divide(small, 255, dtype=np.float32)


def _ground_mask(shape: tuple[int, ...], *, stage: Stage, anchor: Literal["stand", "hang", "lie"]) -> Floats:
    """Return where shadows may fall: not above the ground's end, not on a blank frame's border."""
    rows = (np.arange(shape[0], dtype=np.float32)[:, None] + 0.5) / shape[0]
    mask = np.ones(shape, dtype=np.float32)
    if anchor == "stand" and not stage.blank:
        mask *= np.clip((rows - stage.ends) / stage.fades + 1, 0, 1)
    if stage.blank:
        columns = (np.arange(shape[1], dtype=np.float32)[None, :] + 0.5) / shape[1]
        inside = np.minimum(np.minimum(rows, 1 - rows), np.minimum(columns, 1 - columns))
        mask *= np.clip((inside - 0.02) / 0.1, 0, 1) ** 1.5
    return mask
