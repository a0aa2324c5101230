"""Set a product into a scene: its place, the shadows it throws, and the composite of them all."""

from dataclasses import dataclass

from packshot.events import Grade, Light, Matte, Placement, Plate, Scene, View
from packshot.imaging.arrays import Bytes
from packshot.imaging.compositing import Fit, compose, scaled_cutout
from packshot.imaging.grading import UNGRADED, fit_grade, graded
from packshot.imaging.mirroring import mirror
from packshot.imaging.placement import Frame, place
from packshot.imaging.shading import Stage, shade
from packshot.imaging.studio import BLANK, Library, Lighting, SetDescription, choose, shipped

_AZIMUTH = 52.0
"""The key's degrees off the camera's axis, where no set says so."""
_KEY_SHARE = 0.6
"""Share of the ground's light that is the key's, where no set says so; the rest is sky and room."""
_DISTANCE = 2.3
"""Frame widths from the camera to the product, where no set says so."""
_BLANK_TILT = 0.15
_COMMON_TILT = 0.17
_COMMON_FAR = -1.0


@dataclass(frozen=True, slots=True)
class Staged:
    """A composite, sRGB (H, W, 3), where the product stands in it, and what was done to the plate."""

    pixels: Bytes
    placement: Placement
    grade: Grade = UNGRADED


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A photo (H, W, 3), its cutout (H, W, 4) and what is known of its matte."""

    photo: Bytes
    cutout: Bytes
    matte: Matte


def stage(
    subject: Subject, *, scene: Scene, plate: Plate, backdrop: Bytes, library: Library | None = None
) -> Staged:
    """Set a product into a scene, before the plate's pixels (`backdrop`)."""
    matte = subject.matte
    height, width = backdrop.shape[:2]
    ground = stage_of(scene, plate, library=library)
    frame = Frame(width=width, height=height, floor=ground.floor, ground=ground.breadth)
    placement = place(matte, anchor=scene.anchor, fill=scene.fill, frame=frame)
    fit = Fit(box=matte.box, placement=placement, width=width, height=height)
    product = scaled_cutout(subject.cutout, photo=subject.photo, fit=fit)
    if is_drawn_around(scene, plate=plate):
        return Staged(compose(backdrop, product, shade=None, mirrored=None, seed=scene.seed), placement)
    grade = UNGRADED if scene.name == "white" or ground.blank else fit_grade(product)
    behind = graded(backdrop, grade, seed=scene.seed)
    lost = shade(product, behind=behind, scene=scene, stage=ground)
    mirrored = mirror(product, gloss=ground.gloss, frame=frame) if scene.anchor == "stand" else None
    pixels = compose(behind, product, shade=lost, mirrored=mirrored, seed=scene.seed)
    return Staged(pixels, placement, grade)


def is_drawn_around(scene: Scene, *, plate: Plate) -> bool:
    """Say whether a plate shows the product already, with its shadows, and lacks only its own pixels."""
    return plate.generator != "studio" and scene.strategy == "fill"


def stage_of(scene: Scene, plate: Plate, *, library: Library | None = None) -> Stage:
    """Return the stage of a plate; one that no set describes is taken for one of common camera height."""
    sets = library or shipped()
    if plate.generator == "studio" and scene.set in sets:
        return _described(sets.describe(scene.set), scene=scene, plate=plate)
    if plate.generator != "studio" and scene.view is not None:
        return _asked_for(scene.view, scene=scene, plate=plate)
    light = scene.light
    blank = plate.generator == "studio" and scene.set == BLANK
    height = _DISTANCE * (_BLANK_TILT if blank else _COMMON_TILT)
    return Stage(
        floor=None if blank else plate.floor,
        distance=_DISTANCE,
        height=height,
        far=_COMMON_FAR,
        gloss=0,
        azimuth=_AZIMUTH if light.side == "right" else -_AZIMUTH,
        elevation=light.elevation,
        softness=light.softness,
        key_share=_KEY_SHARE,
        blank=blank,
    )


def _described(description: SetDescription, *, scene: Scene, plate: Plate) -> Stage:
    """Return the stage of a set, under the light that the plate really shows."""
    lit = _lighting(description, plate=plate, light=scene.light)
    ground, camera = description.ground, description.camera
    return Stage(
        floor=plate.floor,
        distance=camera.distance,
        height=camera.height,
        far=ground.far,
        wall=description.wall,
        gloss=description.gloss,
        azimuth=lit.azimuth,
        elevation=lit.baked.elevation,
        softness=lit.baked.softness,
        key_share=lit.baked.key_share,
        fades=ground.edge_fades,
        breadth=2 * min(-ground.left, ground.right),
    )


def _asked_for(view: View, *, scene: Scene, plate: Plate) -> Stage:
    """Return the stage that a prompt asked for; a generator's ground mirrors nothing, and ends softly."""
    light = scene.light
    return Stage(
        floor=plate.floor,
        distance=view.distance,
        height=view.height,
        far=-view.depth,
        gloss=0,
        azimuth=view.azimuth if light.side == "right" else -view.azimuth,
        elevation=light.elevation,
        softness=light.softness,
        key_share=view.key_share,
    )


def _lighting(description: SetDescription, *, plate: Plate, light: Light) -> Lighting:
    """Return the light of a plate; a plate that does not name one was lit by the nearest."""
    if plate.light in description.lights:
        return Lighting(plate.light, description.lights[plate.light], plate.mirrored)
    return choose(description, light=light)
