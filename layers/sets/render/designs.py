"""The sets, as tables."""

from __future__ import annotations

from dataclasses import replace

from . import builders
from .design import Design, Ground, View
from .lighting import KEYS, SOFT_LEFT, SOFT_RIGHT, SUN

UPRIGHT = Ground(near=0.0, far=0.0, left=-0.5, right=0.5, edge_fades=0.0)
DAYLIGHT = (
    replace(SOFT_LEFT, azimuth=-48.0, elevation=34.0, size=0.09, fill=0.45),
    replace(SOFT_RIGHT, size=0.09, fill=0.45),
    replace(SUN, size=0.014, fill=0.42),
)
OUTDOORS = (replace(SOFT_LEFT, fill=0.9), replace(SOFT_RIGHT, fill=0.9), replace(SUN, strength=1.3, fill=0.5))

DESIGNS = (
    Design(
        "paper_sweep", "Seamless paper",
        View(frame=0.5, lens=85, height=0.38, floor=0.80, f_number=11),
        Ground(near=0.6, far=-0.55, left=-1.2, right=1.2), KEYS, builders.paper_sweep, seamless=0.02,
    ),
    Design(
        "plinth_arch", "Round plinth before an arched niche",
        View(frame=0.6, lens=85, height=0.40, floor=0.78, f_number=9),
        Ground(near=0.30, far=-0.30, left=-0.36, right=0.36, edge_fades=0.12),
        KEYS, builders.plinth_arch, samples=16, wall=-0.77,
    ),
    Design(
        "oak_table", "Oak table before a painted wall",
        View(frame=0.5, lens=80, height=0.36, floor=0.80, f_number=8),
        Ground(near=0.6, far=-1.0, left=-1.2, right=1.2), KEYS, builders.oak_table, samples=16,
        grounds=("#ad8e6b",), gloss=0.06,
    ),
    Design(
        "marble_counter", "Polished marble before a plastered wall",
        View(frame=0.5, lens=85, height=0.36, floor=0.80, f_number=9),
        Ground(near=0.6, far=-1.2, left=-1.2, right=1.2), KEYS, builders.marble_counter,
        grounds=("#d5d4d1",), gloss=0.25,
    ),
    Design(
        "concrete", "Microcement floor and wall",
        View(frame=0.6, lens=85, height=0.40, floor=0.80, f_number=9),
        Ground(near=0.6, far=-1.415, left=-1.2, right=1.2), KEYS, builders.concrete, wall=-1.417,
    ),
    Design(
        "terrazzo_steps", "Steps of terrazzo",
        View(frame=0.55, lens=85, height=0.42, floor=0.80, f_number=10),
        Ground(near=0.6, far=-0.42, left=-1.2, right=1.2), KEYS, builders.terrazzo_steps, gloss=0.12,
    ),
    Design(
        "window_wall", "Daylight through panes and leaves",
        View(frame=0.65, lens=80, height=0.40, floor=0.82, f_number=8),
        Ground(near=0.6, far=-0.888, left=-1.2, right=1.2), DAYLIGHT,
        builders.window_wall, samples=16, wall=-0.89,
    ),
    Design(
        "kitchen_counter", "Worktop before glazed tiles",
        View(frame=0.55, lens=80, height=0.38, floor=0.80, f_number=6.3),
        Ground(near=0.6, far=-1.1, left=-1.2, right=1.2), KEYS, builders.kitchen_counter,
        grounds=("#cbc7c1",), gloss=0.2, wall=-1.145,
    ),
    Design(
        "bedroom_bench", "Linen bench before a curtain",
        View(frame=0.65, lens=75, height=0.40, floor=0.80, f_number=7.1),
        Ground(near=0.5, far=-0.45, left=-1.2, right=1.2), KEYS, builders.bedroom_bench,
    ),
    Design(
        "stone_ledge", "Stone ledge before a garden",
        View(frame=0.5, lens=90, height=0.36, floor=0.80, f_number=5),
        Ground(near=0.5, far=-0.55, left=-1.2, right=1.2), OUTDOORS, builders.stone_ledge,
        grounds=("#aba192",),
    ),
    Design(
        "hanger_rail", "Rail on a plastered wall",
        View(frame=1.0, lens=70, height=0.5, floor=1.0, f_number=11),
        UPRIGHT, KEYS, builders.hanger_rail, anchors=("hang",), wall=0.0, has_upright_ground=True,
    ),
    Design(
        "linen_flat_lay", "Washed linen from above",
        View(frame=0.8, lens=70, height=0.5, floor=1.0, f_number=11),
        UPRIGHT, KEYS, builders.linen_flat_lay, anchors=("lie",), wall=0.0, has_upright_ground=True,
    ),
    Design(
        "plaster_flat", "Rough stucco in the shade of leaves",
        View(frame=0.8, lens=70, height=0.5, floor=1.0, f_number=11),
        UPRIGHT, (*KEYS[:2], replace(SUN, size=0.016, fill=0.42)),
        builders.plaster_flat, samples=16, anchors=("lie", "hang"), wall=0.0, has_upright_ground=True,
    ),
)  # fmt: skip
