"""Composites broken on purpose, one way each: what a judge has to find, and nothing else with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from packshot.events import Plate, Scene, Shadow
from packshot.imaging.arrays import Bytes, floats
from packshot.imaging.colour import linear_from_srgb, luma, srgb8_from_linear
from packshot.imaging.compositing import ScaledCutout, scaled_cutout
from packshot.imaging.mattes import box_of
from packshot.imaging.quality import Evidence
from packshot.imaging.quality.evidence import core_of
from packshot.imaging.staging import Subject, stage


@dataclass(frozen=True, slots=True)
class Shot:
    """All that a composite is made of; `backdrop` are the plate's pixels."""

    subject: Subject
    scene: Scene
    plate: Plate
    backdrop: Bytes

    def taken(self) -> Evidence:
        """Compose, and return what is left for the judge."""
        subject = self.subject
        staged = stage(subject, scene=self.scene, plate=self.plate, backdrop=self.backdrop)
        return Evidence(
            composite=staged.pixels,
            plate=self.backdrop,
            photo=subject.photo,
            cutout=subject.cutout,
            box=subject.matte.box,
            cut_edges=subject.matte.cut_edges,
            placement=staged.placement,
            scene=self.scene,
            generator=self.plate.generator,
        )


def one_step_off(shot: Shot) -> Evidence:
    """Change one channel of one product pixel by one step."""
    evidence = shot.taken()
    spoiled, product = evidence.composite.copy(), _product(evidence)
    rows, columns = np.nonzero(core_of(product.alpha))
    spoiled[product.window.y + rows[len(rows) // 2], product.window.x + columns[len(rows) // 2], 1] ^= 1
    return replace(evidence, composite=spoiled)


def uncertain_inside(shot: Shot) -> Evidence:
    """Let the plate show through a patch of the product, as a network does that is unsure."""
    cutout = shot.subject.cutout.copy()
    solid = np.pad((cutout[..., 3] >= 250).astype(np.uint8), 1)
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    reach = max(int(depth.max() * 0.8), 1)
    patch = cutout[max(row - reach, 0) : row + reach, max(column - reach, 0) : column + reach, 3]
    patch[patch == 255] = 190
    return replace(shot, subject=replace(shot.subject, cutout=cutout)).taken()


def blurred(shot: Shot) -> Evidence:
    """Blur the product."""
    return _inside(shot, lambda pixels: cv2.GaussianBlur(pixels, (0, 0), 2.0).astype(np.uint8))


def blown_out(shot: Shot) -> Evidence:
    """Expose the product until a part of it is white."""

    def expose(pixels: Bytes) -> Bytes:
        light = luma(pixels)
        return np.where((light >= np.median(light))[..., None], np.uint8(255), pixels)

    return _inside(shot, expose)


def haloed(shot: Shot) -> Evidence:
    """Leave a white backdrop in the edge."""
    evidence = shot.taken()
    spoiled, product = evidence.composite.copy(), _product(evidence)
    part = spoiled[product.window.slices]
    edge = (product.alpha > 10) & (product.alpha < 245)
    part[edge] = 255
    return replace(evidence, composite=spoiled)


def melted_in(shot: Shot) -> Evidence:
    """Go on with the product's colours beyond its outline."""
    return replace(shot, backdrop=_continued(shot)).taken()


def half_melted_in(shot: Shot) -> Evidence:
    """Go on with the product's colours on its left, and turn them into their opposite on its right."""
    backdrop = _continued(shot)
    box = shot.taken().placement.box
    right = backdrop[:, box.x + box.width // 2 :]
    right[:] = np.where(right > 127, right // 4, 255 - (255 - right) // 4)
    return replace(shot, backdrop=backdrop).taken()


def without_shadow(shot: Shot) -> Evidence:
    """Forget every shadow."""
    bare = shot.scene.model_copy(update={"shadow": Shadow(contact=0, cast=0)})
    return replace(replace(shot, scene=bare).taken(), scene=shot.scene)


def floating(shot: Shot) -> Evidence:
    """Lift the product by a twentieth of the frame, and leave its shadow."""
    evidence = shot.taken()
    product, lift = _product(evidence), round(0.05 * evidence.composite.shape[0])
    frame = _emptied(evidence, product)
    window = product.window
    part = frame[window.y - lift : window.y - lift + window.height, window.slices[1]]
    cover = product.alpha[..., None].astype(np.float32) / 255
    light = cover * linear_from_srgb(product.colours) + (1 - cover) * linear_from_srgb(part)
    mixed = srgb8_from_linear(floats(light))
    part[:] = np.where(product.alpha[..., None] == 255, product.colours, mixed)
    box = evidence.placement.box
    moved = box.model_copy(update={"y": box.y - lift})
    placement = evidence.placement.model_copy(update={"box": moved})
    return replace(evidence, composite=frame, placement=placement)


def lit_from_elsewhere(shot: Shot) -> Evidence:
    """Say that the light comes from the side to which the shadow falls."""
    light = shot.scene.light
    other = light.model_copy(update={"side": "left" if light.side == "right" else "right"})
    return replace(shot.taken(), scene=shot.scene.model_copy(update={"light": other}))


def crowded(shot: Shot) -> Evidence:
    """Set the product before a generated plate on which its own like already stands."""
    plate = shot.plate.model_copy(update={"generator": "flux"})
    return replace(shot, backdrop=shot.taken().composite, plate=plate).taken()


def too_small(shot: Shot) -> Evidence:
    """Show the product smaller than the plan says."""
    small = shot.scene.model_copy(update={"fill": 0.7 * shot.scene.fill})
    return replace(replace(shot, scene=small).taken(), scene=shot.scene)


def tiny(shot: Shot) -> Evidence:
    """Show next to nothing of the product."""
    return replace(shot, scene=shot.scene.model_copy(update={"fill": 0.04})).taken()


def at_the_edge(shot: Shot) -> Evidence:
    """Move everything up until the product touches the frame's edge."""
    evidence = shot.taken()
    return _moved(evidence, x=0, y=1 - evidence.placement.box.y)


def off_centre(shot: Shot) -> Evidence:
    """Move everything to the side."""
    evidence = shot.taken()
    return _moved(evidence, x=round(0.05 * evidence.fit.width), y=0)


def from_a_thumbnail(shot: Shot) -> Evidence:
    """Make the photo much smaller than it is shown."""
    subject = shot.subject
    by = 0.3 * shot.taken().placement.scale
    photo, cutout = (
        cv2.resize(image, None, fx=by, fy=by, interpolation=cv2.INTER_AREA).astype(np.uint8)
        for image in (subject.photo, subject.cutout)
    )
    height, width = photo.shape[:2]
    image = subject.matte.image.model_copy(update={"width": width, "height": height})
    box = box_of(cutout[..., 3] > 127)
    matte = subject.matte.model_copy(update={"image": image, "cutout": image, "box": box})
    return replace(shot, subject=Subject(photo=photo, cutout=cutout, matte=matte)).taken()


def grey_border(shot: Shot) -> Evidence:
    """Take one step from the white of one border pixel."""
    evidence = shot.taken()
    spoiled = evidence.composite.copy()
    spoiled[2, 17] = 254
    return replace(evidence, composite=spoiled)


BROKEN: Mapping[str, tuple[str, Callable[[Shot], Evidence]]] = {
    "one channel of one pixel is off by one": ("fidelity", one_step_off),
    "the matte wavers inside": ("doubt", uncertain_inside),
    "the product is blurred": ("sharpness", blurred),
    "the product is blown out": ("clipping", blown_out),
    "white is left in the edge": ("edge_halo", haloed),
    "the set has the product's colour": ("stand_out", melted_in),
    "half the set has the product's colour": ("outline_lost", half_melted_in),
    "there is no shadow": ("contact", without_shadow),
    "the product floats": ("gap", floating),
    "the light stands on the shadow's side": ("shadow_side", lit_from_elsewhere),
    "the plate holds a product already": ("second_object", crowded),
    "the product is tiny": ("fill_area", tiny),
    "the product reaches the frame's edge": ("margin", at_the_edge),
    "everything is moved": ("centring", off_centre),
    "the photo is a thumbnail": ("enlargement", from_a_thumbnail),
}
"""By what is wrong: the score that has to find it, and how it is broken. On white there are two more."""

BROKEN_WHITE: Mapping[str, tuple[str, Callable[[Shot], Evidence]]] = {
    "the product is too small": ("fill", too_small),
    "a border pixel is 254": ("white_border", grey_border),
}


def _product(evidence: Evidence) -> ScaledCutout:
    return scaled_cutout(evidence.cutout, photo=evidence.photo, fit=evidence.fit)


def _continued(shot: Shot) -> Bytes:
    """Return a plate in which each pixel has the colour of the product's nearest one."""
    evidence = shot.taken()
    product = _product(evidence)
    size = (evidence.fit.width // 4, evidence.fit.height // 4)
    alpha = np.zeros(evidence.composite.shape[:2], dtype=np.uint8)
    alpha[product.window.slices] = product.alpha
    small = cv2.resize(evidence.composite, size, interpolation=cv2.INTER_AREA)
    inside = cv2.erode(
        (cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) == 255).astype(np.uint8),
        np.ones((3, 3), np.uint8),
    )
    _, labels = cv2.distanceTransformWithLabels(1 - inside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    colours = np.zeros((int(labels.max()) + 1, 3), dtype=np.uint8)
    colours[labels[inside > 0]] = small[inside > 0]
    filled = cv2.blur(colours[labels], (5, 5))
    whole = cv2.resize(filled, (evidence.fit.width, evidence.fit.height))
    return np.asarray(whole, dtype=np.uint8)


def _inside(shot: Shot, change: Callable[[Bytes], Bytes]) -> Evidence:
    """Change the product's own pixels and leave its edge."""
    evidence = shot.taken()
    spoiled, product = evidence.composite.copy(), _product(evidence)
    part = spoiled[product.window.slices]
    part[:] = np.where((product.alpha == 255)[..., None], change(product.colours), part)
    return replace(evidence, composite=spoiled)


def _emptied(evidence: Evidence, product: ScaledCutout) -> Bytes:
    """Return the composite without its product: the plate, its light under the product guessed."""
    height, width = evidence.composite.shape[:2]
    alpha = np.zeros((height, width), dtype=np.uint8)
    alpha[product.window.slices] = product.alpha
    size = (width // 4, height // 4)
    covered = cv2.dilate(
        (cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8),
        np.ones((3, 3), np.uint8),
    )
    after, before = (
        linear_from_srgb(cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)).mean(axis=2)
        for image in (evidence.composite, evidence.plate)
    )
    kept = np.clip((after + 1e-3) / (before + 1e-3), 0, 1) * 255
    guessed = cv2.inpaint(kept.astype(np.uint8), covered, 5, cv2.INPAINT_TELEA)
    light = cv2.resize(guessed.astype(np.float32) / 255, (width, height), interpolation=cv2.INTER_LINEAR)
    return srgb8_from_linear(floats(linear_from_srgb(evidence.plate) * light[..., None]))


def _moved(evidence: Evidence, *, x: int, y: int) -> Evidence:
    box = evidence.placement.box
    place = evidence.placement.model_copy(
        update={"box": box.model_copy(update={"x": box.x + x, "y": box.y + y})}
    )
    composite, plate = (np.roll(image, (y, x), axis=(0, 1)) for image in (evidence.composite, evidence.plate))
    return replace(evidence, composite=composite, plate=plate, placement=place)
