"""A glass bottle of bath oil with a paper label, on light grey paper under one big softbox."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from layers.sets.render.mesh import Floats, Mesh, fillet, lathe, patch, resample
from layers.sets.render.noise import spectral
from layers.sets.render.stage import Camera, Stage, coated, interface, plastic, softbox, surroundings
from layers.sets.render.textures import Surface, paper
from tests.photos.render.film import Development
from tests.photos.render.photograph import Listing, Photograph

GLASS, OIL = 1.52, 1.46
RADIUS = 0.034
SHOULDER = 0.112
LEVEL = 0.119
"""Height of the oil's surface, within the shoulder's curve."""


def photograph() -> Photograph:
    """Return the bottle as a shop's assistant took it: softbox from the right, white card on the left."""
    stage = Stage()
    _bottle(stage)
    _closure(stage)
    stage.product(_label_patch(), material=coated(_label(), specular=0.35))
    _sweep_of_paper(stage)
    _let_in_light(stage)
    return Photograph(
        stage=stage,
        camera=Camera(
            eye=(-0.015, -0.92, 0.185),
            target=(0.004, 0.0, 0.083),
            focus=(0.0, -0.033, 0.08),
            lens=124,
            aperture=0.0024,
        ),
        size=(1280, 1600),
        development=Development(
            exposure=-0.25, white_balance=(0.985, 1.0, 1.035), noise=0.005, contrast=1.15, seed=5
        ),
        listing=Listing("bottles", "Halmund", "Bath oil, fig and cedar, 200 ml", 32.0),
        samples=32,
        depth=24,
    )


@dataclass(frozen=True, slots=True)
class _Cavity:
    """The inside wall below and above the oil, and the oil's own surface; (radius, height) profiles."""

    wet: Floats
    dry: Floats
    surface: Floats


def _bottle(stage: Stage) -> None:
    wall = fillet(
        [(0, 0.0035), (0.021, 0.0022, 0.004), (0.0265, 0, 0.003), (RADIUS, 0, 0.0065),
         (RADIUS, SHOULDER, 0.030), (0.0125, 0.1275, 0.012), (0.0117, 0.148, 0.001), (0.0086, 0.148)],
    )  # fmt: skip
    stage.product(lathe(wall), material=interface(inside=GLASS, outside=1.0, tint=(0.985, 0.995, 0.99)))
    cavity = _cavity()
    stage.product(lathe(cavity.wet), material=interface(inside=OIL, outside=GLASS, tint=(0.90, 0.66, 0.24)))
    stage.product(lathe(cavity.dry), material=interface(inside=1.0, outside=GLASS))
    stage.product(lathe(cavity.surface), material=interface(inside=OIL, outside=1.0))


def _cavity() -> _Cavity:
    inside = fillet(
        [(0, 0.0125), (0.018, 0.0115, 0.01), (0.0308, 0.0095, 0.010), (0.0312, SHOULDER - 0.002, 0.028),
         (0.0088, 0.1265, 0.012), (0.0086, 0.148)],
    )  # fmt: skip
    level = int(np.argmin(np.abs(inside[:, 1] - LEVEL) + (inside[:, 1] < 0.05)))
    edge = inside[level]
    meniscus = [(0.0, 0.0), (0.0006, 0.0009), (0.0016, 0.0014), (0.004, 0.0016), (float(edge[0]), 0.0016)]
    surface = resample(edge - np.array(meniscus), step=2e-4)
    return _Cavity(inside[: level + 1], inside[level:], surface)


def _closure(stage: Stage) -> None:
    """Screw on a phenolic cap with fine ribs and the liner that shuts the neck."""
    profile = fillet(
        [(0.0126, 0.1325), (0.0165, 0.1325, 0.0008), (0.0165, 0.1625, 0.0022), (0.0, 0.1632)], step=2.5e-4
    )
    cap = lathe(profile, segments=1440)
    angle = np.arctan2(cap.vertices[:, 1], cap.vertices[:, 0])
    height = cap.vertices[:, 2]
    ribbed = np.clip((height - 0.1345) / 0.001, 0, 1) * np.clip((0.1590 - height) / 0.001, 0, 1)
    radial = np.concatenate([cap.vertices[:, :2], np.zeros((len(height), 1), np.float32)], axis=1)
    ribs = 2.4e-4 * ribbed * (np.abs(np.sin(48 * angle)) - 1)
    ridged = (
        cap.vertices
        + radial / np.maximum(np.linalg.norm(radial, axis=1, keepdims=True), 1e-6) * ribs[:, None]
    )
    points = ridged.reshape(len(profile), -1, 3)
    black = plastic(0.085, 0.08, 0.08, roughness=0.32)
    stage.product(patch(points, wraps="c").inside_out(), material=black)
    liner = fillet([(0, 0.1480), (0.0126, 0.1480), (0.0126, 0.1500), (0, 0.1500)])
    stage.product(lathe(liner, segments=96), material=plastic(0.8, 0.8, 0.78, roughness=0.5))


_LABEL = (0.066, 0.058)
"""The label's height and width in metres."""


def _label_patch() -> Mesh:
    """Return the label as stuck on by hand: 0.5 degrees off the level, its corners a hair off the glass."""
    v, u = np.meshgrid(np.linspace(0, 1, 200), np.linspace(0, 1, 400), indexing="ij")
    angle = (u - 0.5) * _LABEL[1] / RADIUS - np.pi / 2 - 0.10
    lift = 1.6e-4 + 2.2e-4 * (np.abs(2 * u - 1) ** 12) * (0.6 + 0.4 * np.cos(9 * v))
    tilt = 0.0087 * (u - 0.5) * _LABEL[1]
    z = 0.0925 - v * _LABEL[0] + tilt
    points = np.stack([(RADIUS + lift) * np.cos(angle), (RADIUS + lift) * np.sin(angle), z], axis=-1)
    uv = np.stack([u * _LABEL[1], v * _LABEL[0]], axis=-1)
    return patch(points.astype(np.float32), uv=uv.astype(np.float32)).inside_out()


def _label() -> Surface:
    """Return cream laid paper, letterpress in dark green; row 0 is the top."""
    ink = _print(size=(1160, 1320))
    fibre = spectral(ink.shape, seed=3, feature=3, slope=1.1)
    cloud = spectral(ink.shape, seed=4, feature=200, slope=2.0)
    cream = np.array([0.93, 0.905, 0.85]) * (1 + 0.010 * fibre + 0.008 * cloud)[..., None]
    worn = ink * np.clip(0.94 + 0.05 * fibre, 0, 1)
    colour = cream * (1 - worn[..., None]) + np.array([0.13, 0.19, 0.16]) * worn[..., None]
    return Surface(
        np.clip(colour, 0, 1).astype(np.float32),
        (0.72 - 0.15 * ink).astype(np.float32),
        (5e-6 * fibre - 2.5e-5 * ink).astype(np.float32),
        _LABEL,
    )


def _print(*, size: tuple[int, int]) -> Floats:
    """Return the coverage of ink H×W."""
    sheet = Image.new("L", size, 0)
    draw = ImageDraw.Draw(sheet)
    width, height = size
    draw.rectangle((70, 70, width - 70, height - 70), outline=255, width=5)
    _line(draw, "HALMUND", y=250, size=108, tracking=34, centre=width / 2, weight=2)
    draw.line((width / 2 - 70, 385, width / 2 + 70, 385), fill=255, width=5)
    _line(draw, "Bath Oil", y=510, size=100, tracking=4, centre=width / 2, weight=1)
    _line(draw, "FIG & CEDAR", y=665, size=54, tracking=16, centre=width / 2, weight=1)
    for row, words in enumerate(
        (
            "A few drops under running water.",
            "Prunus amygdalus dulcis oil, caprylic",
            "triglyceride, ficus carica, tocopherol.",
        )
    ):
        _line(draw, words, y=880 + 60 * row, size=36, tracking=2, centre=width / 2, weight=0)
    _line(draw, "200 ml", y=1165, size=56, tracking=8, centre=width / 2, weight=1)
    return np.asarray(sheet, np.float32) / 255


def _line(
    draw: ImageDraw.ImageDraw, words: str, *, y: float, size: int, tracking: float, centre: float, weight: int
) -> None:
    font = ImageFont.load_default(size)
    widths = [draw.textlength(letter, font=font) + tracking for letter in words]
    x = centre - (sum(widths) - tracking) / 2
    for letter, advance in zip(words, widths, strict=True):
        draw.text((x, y), letter, font=font, fill=255, anchor="lm", stroke_width=weight)
        x += advance


def _sweep_of_paper(stage: Stage) -> None:
    profile = fillet([(-1.1, 0.0), (0.62, 0.0, 0.45), (0.62, 1.3)], step=0.01)
    x = np.linspace(-1, 1, 60)
    points = np.stack(np.broadcast_arrays(x[None], profile[:, :1], profile[:, 1:]), axis=-1)
    stage.prop(
        patch(points.astype(np.float32)), material=coated(paper((0.86, 0.86, 0.855), seed=9), specular=0.2)
    )


def _let_in_light(stage: Stage) -> None:
    stage.light(
        softbox(
            centre=(0.62, -0.42, 0.62), towards=(0, 0, 0.06), width=0.5, height=0.75, colour=(9.0, 9.0, 9.2)
        )
    )
    stage.light(
        softbox(
            centre=(0.0, 0.15, 1.25), towards=(0, 0.5, 0.2), width=0.8, height=0.5, colour=(2.6, 2.6, 2.6)
        )
    )
    card = np.array(
        [[[-0.27, -0.35, 0.0], [-0.36, 0.22, 0.0]], [[-0.27, -0.35, 0.42], [-0.36, 0.22, 0.42]]], np.float32
    )
    stage.prop(patch(card), material=plastic(0.92, 0.92, 0.92, roughness=0.7))
    room = np.full((32, 64, 3), 0.16, np.float32)
    room[:12] = 0.34
    stage.light(surroundings(room * np.array([1.0, 0.97, 0.94], np.float32)))
