"""The set for measuring mattes: a table of products, backdrops, lights and views."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from layers.sets.render.noise import smoothstep, spectral
from layers.sets.render.stage import Camera, Stage, coated, interface, metal, plastic
from layers.sets.render.textures import BEECH, OAK, Surface, board, leather, mixed, weave

from . import backdrops as at
from . import finery, ware
from .backdrops import Backdrop, checks
from .film import Development
from .photograph import Photograph

if TYPE_CHECKING:
    from collections.abc import Callable

    from layers.sets.render.mesh import Floats, Mesh
    from layers.sets.render.stage import Node, Point

    from .ware import Ware

SIZE = 0.2
"""Metres of every product's longest side on stage, so that backdrops and lights fit all of them."""


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera stands, in degrees around and above, and what share of the frame the product spans.

    `aperture` is the lens's radius as a share of its distance; `shift` moves the product by halves of the
    frame.
    """

    elevation: float = 20.0
    azimuth: float = 0.0
    lens: float = 75.0
    fill: float = 0.68
    aperture: float = 0.003
    shift: tuple[float, float] = (0.0, 0.0)
    size: tuple[int, int] = (960, 800)


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo of the set: what, before what, in which light, from where."""

    product: str
    ware: Callable[[], Ware]
    backdrop: Backdrop
    light: Callable[[Stage], None]
    view: View
    turn: float = 0.0
    depth: int = 4

    @property
    def name(self) -> str:
        """Backdrop and product, as the files are called."""
        return f"{self.backdrop.name}_{self.product}"

    def photograph(self, *, seed: int) -> Photograph:
        """Return it ready to be taken; the seed chooses how the camera errs."""
        pieces = _sized(self.ware(), turn=self.turn)
        stage = Stage()
        for piece in pieces:
            stage.product(piece.mesh, material=piece.material)
        self.backdrop.build(stage)
        self.light(stage)
        rng = np.random.default_rng(seed)
        red, blue = (float(gain) for gain in 1 + rng.normal(0, 0.025, 2))
        camera = framed(np.concatenate([piece.mesh.vertices for piece in pieces]), view=self.view)
        return Photograph(
            stage=stage,
            camera=replace(camera, roll=float(rng.normal(0, 0.5))),
            size=self.view.size,
            development=Development(white_balance=(red, 1.0, blue), noise=0.007, contrast=1.14, seed=seed),
            listing=None,
            samples=16,
            matte_samples=32,
            depth=self.depth,
            white=self.backdrop.white,
        )


def framed(vertices: Floats, *, view: View) -> Camera:
    """Return the camera whose frame the vertices N×3 span by `view.fill`."""
    turn, rise = np.radians(view.azimuth), np.radians(view.elevation)
    back = np.array([np.sin(turn) * np.cos(rise), -np.cos(turn) * np.cos(rise), np.sin(rise)])
    right = np.array([np.cos(turn), np.sin(turn), 0.0])
    axes = np.stack([right, np.cross(back, right)])
    halves = 18.0 / view.lens * np.array(view.size) / max(view.size)
    target, distance = (vertices.min(axis=0) + vertices.max(axis=0)) / 2, 1.0
    for _ in range(12):
        offset = vertices - (target + back * distance)
        seen = offset @ axes.T / -(offset @ back)[:, None] / halves
        low, high = seen.min(axis=0), seen.max(axis=0)
        target = target + axes.T @ ((low + high) / 2 * halves * distance)
        distance *= float((high - low).max() / 2 / view.fill)
    aim = target - axes.T @ (np.array(view.shift) * halves * distance)
    return Camera(
        eye=_point(aim + back * distance),
        target=_point(aim),
        focus=_point(target + 0.25 * SIZE * back),
        lens=view.lens,
        aperture=view.aperture * distance,
    )


def _point(values: Floats) -> Point:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _sized(pieces: Ware, *, turn: float) -> Ware:
    """Turn a product about z, make it as large as `SIZE` and stand it on the origin."""
    meshes = [piece.mesh.turned(turn) for piece in pieces]
    corners = np.concatenate([mesh.vertices for mesh in meshes])
    low, high = corners.min(axis=0), corners.max(axis=0)
    factor = SIZE / float((high - low).max())
    foot = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]], np.float32)

    def stand(mesh: Mesh) -> Mesh:
        return replace(mesh, vertices=((mesh.vertices - foot) * factor).astype(np.float32))

    return tuple(replace(piece, mesh=stand(mesh)) for piece, mesh in zip(pieces, meshes, strict=True))


def _dyed(*colour: float, roughness: float = 0.3) -> ware.Finish:
    return partial(plastic, *colour, roughness=roughness)


def _cloth(first: Point, second: Point, *, seed: int = 4) -> ware.Finish:
    return lambda: coated(weave(first, second, seed=seed), specular=0.1, bump=0.35)


def _hide(*colour: float) -> ware.Finish:
    return lambda: coated(leather((colour[0], colour[1], colour[2]), seed=7), specular=0.4)


def _timber() -> Node:
    return coated(board(OAK, seed=12, length=0.9, width=0.5, texel=5e-4), specular=0.4)


def _pale_timber() -> Node:
    return coated(board(BEECH, seed=13, length=0.9, width=0.5, texel=5e-4), specular=0.4)


def _plaid() -> Node:
    return coated(
        checks(((0.75, 0.20, 0.16), (0.16, 0.20, 0.30), (0.88, 0.84, 0.74)), pitch=0.022), specular=0.1
    )


def _delft() -> Node:
    """Return white glaze painted with blue bands and rows of leaves, on the uv of the vase."""
    around, along = 0.364, 0.5
    v, u = np.mgrid[0:along:1200j, 0:around:900j].astype(np.float32)
    petals = np.cos(2 * np.pi * u / around * 14) * np.cos(2 * np.pi * v / 0.045)
    rows = np.sin(2 * np.pi * v / 0.09)
    share = np.maximum(
        smoothstep(petals, low=0.45, high=0.52), smoothstep(np.abs(rows), low=0.985, high=0.992)
    )
    brush = 1 + 0.2 * spectral(v.shape, seed=2, feature=30, slope=2)
    tint = mixed((0.90, 0.90, 0.87), (0.10, 0.20, 0.48), share=np.asarray(share * 0.85 * brush, np.float32))
    flat = np.zeros(v.shape, np.float32)
    return coated(Surface(tint, flat + np.float32(0.12), flat, (along, around)), specular=0.6)


_white = _dyed(0.93, 0.93, 0.92, roughness=0.16)
_matt_white = _dyed(0.92, 0.92, 0.90, roughness=0.7)
_black = _dyed(0.045, 0.045, 0.05, roughness=0.28)
_steel = partial(metal, 0.78, 0.77, 0.75, roughness=0.16)
_brass = partial(metal, 0.86, 0.68, 0.36, roughness=0.2)
_gold = partial(metal, 0.95, 0.76, 0.42, roughness=0.12)
_clear = partial(interface, inside=1.5, outside=1.0, tint=(0.985, 0.99, 0.988))
_natural_fur = (
    _dyed(0.52, 0.40, 0.30, roughness=0.6),
    _dyed(0.66, 0.53, 0.40, roughness=0.6),
    _dyed(0.42, 0.31, 0.23, roughness=0.6),
)
_cream_threads = (_dyed(0.88, 0.86, 0.81, roughness=0.8), _dyed(0.93, 0.92, 0.89, roughness=0.8))

_tumbler = partial(ware.tumbler, glass=_clear)
_wine_glass = partial(ware.wine_glass, glass=_clear)
_sandal = partial(finery.sandal, sole=_hide(0.62, 0.45, 0.30), straps=_hide(0.36, 0.20, 0.13), buckle=_brass)
_steel_kettle = partial(ware.kettle, shell=_steel, grip=_black)
_black_pack = partial(
    finery.backpack,
    cloth=_cloth((0.05, 0.05, 0.06), (0.09, 0.09, 0.10)),
    trim=_dyed(0.04, 0.04, 0.045, roughness=0.5),
)
_white_plate = partial(ware.plate, glaze=_white)
_white_cups = partial(ware.cups, glazes=(_white, _white))
_green_jug = partial(ware.jug, glaze=_dyed(0.20, 0.42, 0.36, roughness=0.14))
_delft_vase = partial(ware.vase, glaze=_delft)
_white_box = partial(ware.box, board=_matt_white, ribbon=_dyed(0.90, 0.89, 0.86, roughness=0.35))
_black_candle = partial(ware.candlestick, holder=_black, wax=_black)
_iron_trivet = partial(ware.trivet, iron=_dyed(0.07, 0.07, 0.07, roughness=0.5))
_copper_basket = partial(
    ware.basket, wire=partial(metal, 0.72, 0.52, 0.36, roughness=0.25), grip=_pale_timber
)
_steel_rack = partial(ware.rack, wire=_steel)
_oak_stool = partial(ware.stool, wood=_timber)
_lamp = partial(ware.lamp, wood=_pale_timber, shade=_cloth((0.84, 0.80, 0.72), (0.92, 0.89, 0.82)))
_ring = partial(finery.finger_ring, band=_gold, stone=_dyed(0.10, 0.22, 0.42, roughness=0.06))
_chain = partial(finery.bracelet, links=_gold, charm=_gold)
_watch = partial(
    finery.watch,
    strap=_hide(0.34, 0.19, 0.12),
    case=_steel,
    dial=_dyed(0.90, 0.89, 0.85, roughness=0.3),
    hands=_black,
)
_pompom = partial(finery.pompom, furs=_natural_fur, loop=_brass)
_red_scissors = partial(finery.scissors, steel=_steel, grips=(_dyed(0.75, 0.16, 0.12),) * 2)
_white_cushion = partial(
    finery.cushion, cloth=_cloth((0.98, 0.97, 0.95), (1.0, 1.0, 0.99)), fringes=_cream_threads
)
_plaid_threads = (_dyed(0.75, 0.20, 0.16, roughness=0.8), _dyed(0.16, 0.20, 0.30, roughness=0.8))
_plaid_cushion = partial(finery.cushion, cloth=_plaid, fringes=_plaid_threads)

WHITE = Backdrop("white", partial(at.seamless, colour=(0.95, 0.95, 0.945)), white=0.88)
BLUE = Backdrop("paper", partial(at.seamless, colour=(0.36, 0.50, 0.60)), white=0.62)
ROSE = Backdrop("paper", partial(at.seamless, colour=(0.84, 0.62, 0.56)), white=0.66)
OCHRE = Backdrop("paper", partial(at.seamless, colour=(0.80, 0.62, 0.30)), white=0.66)
WOOD = Backdrop("wood", at.table, white=0.45)
ROOM = Backdrop("room", at.room)
PARLOUR = Backdrop("room", at.parlour, white=0.62)
SHELF = Backdrop("shelf", at.shelf, white=0.6)
TILES = Backdrop("tiles", at.tiled, white=0.66)
TEXTILE = Backdrop("textile", at.spread, white=0.6)
GARDEN = Backdrop("garden", at.garden, white=0.62)
DARK = Backdrop("dark", partial(at.seamless, colour=(0.13, 0.13, 0.14)), white=0.075)

_tall, _wide = (768, 960), (1000, 750)
_cut = View(14, fill=0.92, shift=(-0.34, -0.2), size=_tall)

SHOTS = (
    Shot("plate", _white_plate, WHITE, at.high_key, View(34, fill=0.74, size=_wide)),
    Shot("cups", _white_cups, WHITE, at.big_softbox, View(24, fill=0.76, size=_wide)),
    Shot("tumbler", _tumbler, BLUE, at.big_softbox, View(14, fill=0.66, size=_tall), depth=14),
    Shot("ring", _ring, WOOD, at.window_left, View(22, fill=0.6)),
    Shot("kettle", _steel_kettle, SHELF, at.window_left, View(12, fill=0.66, lens=60), turn=-20),
    Shot("pompom", _pompom, TEXTILE, at.window_left, View(42, fill=0.68)),
    Shot("wine_glass", _wine_glass, GARDEN, at.sun, View(8, fill=0.76, size=_tall, aperture=0.008), depth=10),
    Shot("trivet", _iron_trivet, TILES, at.big_softbox, View(40, fill=0.68, size=_wide)),
    Shot("candlestick", _black_candle, DARK, at.edge_lights, View(8, fill=0.8, size=_tall)),
    Shot("stool", _oak_stool, PARLOUR, at.window_left, View(16, fill=0.74, size=_tall), turn=8),
    Shot("scissors", _red_scissors, OCHRE, at.sun, View(62, fill=0.72), turn=-38),
    Shot("watch", _watch, WOOD, at.window_left, View(24, azimuth=32, fill=0.62)),
    Shot("sandal", _sandal, ROSE, at.window_left, View(34, fill=0.72, size=_wide), turn=62),
    Shot("cushion", _white_cushion, WHITE, at.high_key, View(16, fill=0.74)),
    Shot("basket", _copper_basket, SHELF, at.sun, View(16, fill=0.68)),
    Shot("vase", _delft_vase, ROOM, at.window_left, View(11, fill=0.74, size=_tall, aperture=0.008)),
    Shot("bracelet", _chain, WOOD, at.sun, View(58, fill=0.7)),
    Shot("backpack", _black_pack, DARK, at.edge_lights, View(8, fill=0.76, size=_tall), turn=22),
    Shot("lamp", _lamp, PARLOUR, at.sun, View(12, fill=0.78, size=_tall)),
    Shot("jug", _green_jug, ROSE, at.big_softbox, _cut, turn=-25),
    Shot("wine_glass", _wine_glass, DARK, at.edge_lights, View(8, fill=0.76, size=_tall), depth=10),
    Shot("plaid_cushion", _plaid_cushion, TEXTILE, at.window_left, View(30, fill=0.72)),
    Shot("rack", _steel_rack, TILES, at.window_left, View(18, azimuth=-24, fill=0.7, size=_wide)),
    Shot("box", _white_box, WHITE, at.big_softbox, View(28, fill=0.66), turn=32),
    Shot("kettle", _steel_kettle, DARK, at.edge_lights, View(14, fill=0.7), turn=28),
)
