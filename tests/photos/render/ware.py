"""Things of glass, metal, clay and wood that the set for measuring mattes photographs; metres, on z = 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from layers.sets.render.mesh import Mesh, ellipse, fillet, join, lathe, rounded_box, smooth_path, sweep

from .sewing import cord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from layers.sets.render.stage import Node


@dataclass(frozen=True, slots=True)
class Piece:
    """One mesh of a product and what it is made of."""

    mesh: Mesh
    material: Node


Ware: TypeAlias = tuple[Piece, ...]
Finish: TypeAlias = "Callable[[], Node]"
"""Makes a material once the tracer runs; no material exists before."""


def turned(*corners: tuple[float, ...], segments: int = 256) -> Mesh:
    """Turn a rounded profile of (radius, height[, rounding]), the body on its left, about z."""
    reach = max(max(abs(corner[0]), abs(corner[1])) for corner in corners)
    return lathe(fillet(corners, step=reach / 260), segments=segments)  # type: ignore[arg-type]  # two or three places


def tube(knots: Sequence[Sequence[float]], *, radius: float, closed: bool = False) -> Mesh:
    """Bend a round bar through knots."""
    return cord(smooth_path(knots, step=radius / 2, closed=closed), radius=radius)


def bar(start: tuple[float, float, float], end: tuple[float, float, float], *, radius: float) -> Mesh:
    """Return a straight round bar with closed ends."""
    path = np.linspace(start, end, 24).astype(np.float32)
    leans = abs(end[2] - start[2]) > abs(end[0] - start[0])
    section = ellipse(2 * radius, height=2 * radius, points=20)
    return sweep(path, section=section, up=(1, 0, 0) if leans else (0, 0, 1), rounding=radius / 2)


def hoop(radius: float, *, wire: float, z: float = 0.0, squeeze: float = 1.0) -> Mesh:
    """Return a lying ring of round wire; `squeeze` shortens it along y."""
    angle = np.linspace(0, 2 * np.pi, max(64, int(radius / wire * 24)))
    path = np.stack([radius * np.cos(angle), squeeze * radius * np.sin(angle), np.full_like(angle, z)], 1)
    return cord(path.astype(np.float32), radius=wire)


def plate(*, glaze: Finish) -> Ware:
    """Return a dinner plate with a broad rim."""
    body = turned(
        (0, 0.004), (0.075, 0.004), (0.078, 0.0, 0.002), (0.084, 0.0, 0.002), (0.095, 0.010, 0.01),
        (0.134, 0.0215, 0.004), (0.135, 0.024, 0.001), (0.098, 0.0145, 0.008), (0.08, 0.0075, 0.01),
        (0, 0.007),
    )  # fmt: skip
    return (Piece(body, glaze()),)


def cups(*, glazes: Sequence[Finish]) -> Ware:
    """Return cups on saucers, side by side, the second a little behind."""
    pieces: list[Piece] = []
    for index, glaze in enumerate(glazes):
        cup = join(_cup(), _saucer()).turned(-35 - 100 * index)
        pieces.append(Piece(cup.moved(0.15 * index, y=0.05 * index), glaze()))
    return tuple(pieces)


def box(*, board: Finish, ribbon: Finish) -> Ware:
    """Return a lidded carton tied with a ribbon."""
    carton = join(
        rounded_box((0.20, 0.15, 0.09), radius=0.0015).moved(z=0.045),
        rounded_box((0.205, 0.155, 0.035), radius=0.0015).moved(z=0.08),
    )
    bow = [
        tube(
            [
                (0, 0, 0.1),
                (s * 0.03, 0.02, 0.125),
                (s * 0.055, 0, 0.115),
                (s * 0.03, -0.015, 0.103),
                (0, 0, 0.101),
            ],
            radius=0.0035,
        )
        for s in (-1, 1)
    ]
    band = join(
        rounded_box((0.018, 0.1562, 0.0982), radius=0.0008).moved(z=0.0492),
        rounded_box((0.2062, 0.018, 0.0982), radius=0.0008).moved(z=0.0492),
        *bow,
    )
    return Piece(carton, board()), Piece(band, ribbon())


def tumbler(*, glass: Finish) -> Ware:
    """Return a heavy-bottomed drinking glass, empty."""
    body = turned(
        (0, 0.001), (0.03, 0, 0.004), (0.033, 0.004, 0.004), (0.039, 0.1, 0.001), (0.0375, 0.1, 0.001),
        (0.0315, 0.013, 0.006), (0, 0.012),
    )  # fmt: skip
    return (Piece(body, glass()),)


def wine_glass(*, glass: Finish) -> Ware:
    """Return a stemmed glass, empty."""
    body = turned(
        (0, 0.0005), (0.034, 0, 0.001), (0.035, 0.0015, 0.001), (0.012, 0.006, 0.02), (0.0035, 0.02, 0.01),
        (0.0034, 0.085, 0.02), (0.026, 0.1, 0.02), (0.042, 0.135, 0.03), (0.034, 0.2, 0.001),
        (0.0332, 0.2, 0.001),
        (0.0405, 0.135, 0.03), (0.026, 0.104, 0.02), (0, 0.094),
    )  # fmt: skip
    return (Piece(body, glass()),)


def vase(*, glaze: Finish) -> Ware:
    """Return a slender bottle vase."""
    body = turned(
        (0, 0.002), (0.035, 0, 0.004), (0.058, 0.07, 0.05), (0.046, 0.14, 0.05), (0.014, 0.19, 0.04),
        (0.013, 0.26, 0.02), (0.022, 0.3, 0.004), (0.019, 0.3, 0.002), (0.010, 0.26, 0.02),
        (0.010, 0.2, 0.02), (0, 0.19),
    )  # fmt: skip
    return (Piece(body, glaze()),)


def jug(*, glaze: Finish) -> Ware:
    """Return a water jug with a large handle."""
    body = turned(
        (0, 0.003), (0.05, 0, 0.006), (0.072, 0.08, 0.06), (0.045, 0.17, 0.05), (0.055, 0.22, 0.004),
        (0.051, 0.22, 0.003), (0.041, 0.17, 0.04), (0.066, 0.08, 0.05), (0, 0.01),
    )  # fmt: skip
    grip = tube(
        [(0.045, 0, 0.195), (0.085, 0, 0.205), (0.115, 0, 0.16), (0.105, 0, 0.1), (0.064, 0, 0.062)],
        radius=0.0085,
    )
    return (Piece(join(body, grip), glaze()),)


def candlestick(*, holder: Finish, wax: Finish) -> Ware:
    """Return a turned candlestick with a tapered candle."""
    stem = turned(
        (0, 0), (0.042, 0, 0.003), (0.043, 0.008, 0.004), (0.016, 0.018, 0.01), (0.006, 0.03, 0.008),
        (0.011, 0.07, 0.008), (0.005, 0.085, 0.006), (0.006, 0.14, 0.008), (0.02, 0.152, 0.004),
        (0.02, 0.157, 0.002),
        (0.0135, 0.158), (0.0135, 0.178, 0.001), (0, 0.178),
    )  # fmt: skip
    candle = turned((0, 0.17), (0.0112, 0.17), (0.0075, 0.395, 0.004), (0.002, 0.402, 0.002), (0, 0.4015))
    wick = bar((0, 0, 0.4), (0.001, 0, 0.409), radius=0.0008)
    return Piece(stem, holder()), Piece(join(candle, wick), wax())


def kettle(*, shell: Finish, grip: Finish) -> Ware:
    """Return a stovetop kettle: spout, lid and a bail handle that encloses backdrop."""
    body = turned(
        (0, 0), (0.085, 0, 0.006), (0.1, 0.03, 0.03), (0.085, 0.1, 0.05), (0.045, 0.135, 0.02),
        (0.045, 0.139, 0.002),
        (0.04, 0.142, 0.004), (0.012, 0.153, 0.01), (0, 0.154),
    )  # fmt: skip
    path = smooth_path([(0.07, 0, 0.045), (0.115, 0, 0.07), (0.135, 0, 0.115), (0.158, 0, 0.135)])
    spout = sweep(
        path,
        section=ellipse(0.03, height=0.03),
        scale=np.linspace(1.35, 0.6, len(path), dtype=np.float32),
        up=(0, 1, 0),
        rounding=0.002,
    )
    bail = tube(
        [
            (-0.082, 0, 0.1),
            (-0.085, 0, 0.16),
            (-0.055, 0, 0.215),
            (0, 0, 0.228),
            (0.055, 0, 0.215),
            (0.085, 0, 0.16),
            (0.082, 0, 0.1),
        ],
        radius=0.0045,
    )
    handle = tube(
        [(-0.05, 0, 0.2175), (-0.02, 0, 0.2265), (0.02, 0, 0.2265), (0.05, 0, 0.2175)], radius=0.0095
    )
    knob = turned(
        (0, 0.15),
        (0.006, 0.15),
        (0.006, 0.158, 0.003),
        (0.014, 0.166, 0.005),
        (0.012, 0.176, 0.005),
        (0, 0.177),
    )
    return Piece(join(body, spout, bail), shell()), Piece(join(handle, knob), grip())


def lamp(*, wood: Finish, shade: Finish) -> Ware:
    """Return a tripod lamp: three thin legs and a drum shade."""
    angles = np.radians([-70, 50, 170])
    legs = [
        bar(
            (0.24 * np.cos(a), 0.24 * np.sin(a), 0.01),
            (0.02 * np.cos(a), 0.02 * np.sin(a), 0.75),
            radius=0.011,
        )
        for a in angles
    ]
    hub = turned(
        (0, 0.72), (0.04, 0.72, 0.004), (0.04, 0.76, 0.004), (0.008, 0.765), (0.008, 0.86), (0, 0.86)
    )
    drum = turned((0.175, 0.8), (0.155, 1.06), (0.1535, 1.06), (0.1735, 0.8), (0.175, 0.8))
    return Piece(join(*legs, hub), wood()), Piece(drum, shade())


def stool(*, wood: Finish) -> Ware:
    """Return a bar stool: round seat, four splayed legs, two tiers of rungs."""
    seat = turned(
        (0, 0.62),
        (0.15, 0.62, 0.01),
        (0.165, 0.64, 0.012),
        (0.155, 0.662, 0.012),
        (0.1, 0.655, 0.05),
        (0, 0.65),
    )
    corners = [(np.cos(a), np.sin(a)) for a in np.radians([20, 110, 200, 290])]

    def at(corner: tuple[float, float], z: float) -> tuple[float, float, float]:
        reach = 0.23 - 0.12 * z / 0.63
        return corner[0] * reach, corner[1] * reach, z

    legs = [bar(at(corner, 0.005), at(corner, 0.63), radius=0.015) for corner in corners]
    rungs = [
        bar(at(corner, z), at(corners[(index + 1) % 4], z), radius=0.009)
        for z in (0.16, 0.34)
        for index, corner in enumerate(corners)
    ]
    return (Piece(join(seat, *legs, *rungs), wood()),)


def rack(*, wire: Finish) -> Ware:
    """Return a two-tiered rack of wire."""
    posts = [
        tube([(x, y, 0), (x, y, 0.1), (x, y, 0.2), (x, y, 0.3)], radius=0.004)
        for x in (-0.16, 0.16)
        for y in (-0.09, 0.09)
    ]
    tiers: list[Mesh] = []
    for z in (0.05, 0.2):
        for level in (z, z + 0.035):
            tiers += [bar((-0.16, y, level), (0.16, y, level), radius=0.0036) for y in (-0.09, 0.09)]
            tiers += [bar((x, -0.09, level), (x, 0.09, level), radius=0.0036) for x in (-0.16, 0.16)]
        tiers += [bar((x, -0.09, z), (x, 0.09, z), radius=0.0024) for x in np.linspace(-0.14, 0.14, 13)]
    arch = [
        tube([(x, -0.09, 0.3), (x, -0.06, 0.325), (x, 0.06, 0.325), (x, 0.09, 0.3)], radius=0.004)
        for x in (-0.16, 0.16)
    ]
    return (Piece(join(*posts, *tiers, *arch), wire()),)


def basket(*, wire: Finish, grip: Finish) -> Ware:
    """Return a wire basket: hoops, crossing stakes, a swing handle."""
    levels = [(0.004, 0.075), (0.035, 0.09), (0.066, 0.1), (0.097, 0.108), (0.128, 0.114)]
    hoops = [hoop(radius, wire=0.0042 if z > 0.1 else 0.0018, z=z) for z, radius in levels]
    hoops += [hoop(radius, wire=0.0018, z=0.004) for radius in (0.025, 0.05)]
    stakes = []
    for turn in np.arange(0, 360, 12.0):
        knots = [(radius, 0.0, z) for z, radius in [(0.004, 0.03), *levels]]
        stakes.append(tube(knots, radius=0.0014).turned(float(turn)))
    bail = tube(
        [
            (-0.114, 0, 0.128),
            (-0.105, 0, 0.21),
            (-0.05, 0, 0.262),
            (0.05, 0, 0.262),
            (0.105, 0, 0.21),
            (0.114, 0, 0.128),
        ],
        radius=0.0034,
    )
    handle = tube(
        [(-0.045, 0, 0.2635), (-0.015, 0, 0.2685), (0.015, 0, 0.2685), (0.045, 0, 0.2635)], radius=0.009
    )
    return Piece(join(*hoops, *stakes, bail), wire()), Piece(handle, grip())


def trivet(*, iron: Finish) -> Ware:
    """Return a cast trivet: rings, petals and feet."""
    rings = [hoop(radius, wire=0.0048, z=0.018) for radius in (0.022, 0.09)]
    petals = [
        hoop(0.031, wire=0.0036, z=0.018, squeeze=0.55).moved(0.055).turned(turn)
        for turn in np.arange(0, 360, 45.0)
    ]
    feet = [
        turned((0, 0), (0.005, 0, 0.002), (0.006, 0.018), (0, 0.018), segments=48).moved(0.09).turned(turn)
        for turn in (20, 110, 200, 290)
    ]
    return (Piece(join(*rings, *petals, *feet), iron()),)


def _cup() -> Mesh:
    body = turned(
        (0, 0.012), (0.02, 0.010, 0.003), (0.024, 0.012, 0.004), (0.04, 0.045, 0.03), (0.043, 0.072, 0.001),
        (0.0412, 0.0722, 0.001), (0.038, 0.045, 0.025), (0.02, 0.017, 0.012), (0, 0.016),
    )  # fmt: skip
    grip = tube(
        [(0.04, 0, 0.062), (0.057, 0, 0.066), (0.067, 0, 0.053), (0.058, 0, 0.037), (0.035, 0, 0.031)],
        radius=0.0036,
    )
    return join(body, grip)


def _saucer() -> Mesh:
    return turned(
        (0, 0.003), (0.035, 0, 0.003), (0.045, 0.004, 0.01), (0.07, 0.0145, 0.003), (0.07, 0.016, 0.001),
        (0.045, 0.008, 0.008), (0.025, 0.0065, 0.003), (0, 0.0065), segments=256,
    )  # fmt: skip
