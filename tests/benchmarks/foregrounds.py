"""How well the backdrop's colour is taken out of edges whose true colours are known.

    python -m tests.benchmarks.foregrounds [FOLDER] [--json FILE]

The products of FOLDER (`name.jpg` with `name.png`; the sample photos if there is none) get colours that
go on behind their edges, are set before backdrops with their true matte, and are cut out again.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import delta_e, lab_from_linear, linear_from_srgb, srgb8_from_linear
from packshot.imaging.foreground import decontaminate
from tests.benchmarks.pairs import OddPair, list_pairs, read_pair
from tests.benchmarks.report import percentile, write

if TYPE_CHECKING:
    from pydantic import JsonValue

PHOTOS = Path(__file__).resolve().parents[1] / "photos"
SIDE = 1600
"""Longest side, in pixels, of what is cut out."""
GOOD = 1.6
"""ΔE2000 along the edge, of the multi-level method on such composites: what is promised."""

_SOFT = (0.02, 0.98)
_PLAIN = {"white": (250, 250, 248), "grey": (128, 128, 130), "green": (60, 150, 80), "red": (180, 40, 50)}
_ONTO = ((255, 255, 255), (20, 20, 24), (70, 110, 190))

Method = Callable[[Bytes, Floats], Bytes]


@dataclass(frozen=True, slots=True)
class Product:
    """A product whose own colours are known everywhere, (H, W, 3), and its matte, (H, W)."""

    name: str
    colours: Bytes
    alpha: Floats


@dataclass(frozen=True, slots=True)
class Score:
    """One cutout: mean ΔE2000 in the soft edge of its composites, and of its straight colours.

    The first is what is seen. The second counts a pixel of which 2 % show like one of which all do.
    """

    method: str
    product: str
    backdrop: str
    composite: float
    colours: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A method's means, `composite` by backdrop too; the names are stable, other documents quote them."""

    composite: float
    colours: float
    median_s: float
    backdrops: dict[str, float]


def untreated(photo: Bytes, _alpha: Floats) -> Bytes:
    """Return the photo: what a cutout without any treatment shows."""
    return photo


def ours(photo: Bytes, alpha: Floats) -> Bytes:
    """Return the product's method."""
    return decontaminate(photo, alpha=alpha)


def blur_fusion(photo: Bytes, alpha: Floats) -> Bytes:
    """Blur fusion, twice, in linear light (Forte 2021: Approximate Fast Foreground Estimation, ICIP)."""
    image = linear_from_srgb(photo)
    rough, backdrop = _fuse(image, image, image, alpha, side=90)
    foreground, _ = _fuse(image, rough, backdrop, alpha, side=6)
    return srgb8_from_linear(foreground)


def _fuse(
    image: Floats, foreground: Floats, backdrop: Floats, alpha: Floats, *, side: int
) -> tuple[Floats, Floats]:
    cover = alpha[..., None]

    def mean(values: Floats) -> Floats:
        return np.asarray(cv2.blur(values, (side, side)), dtype=np.float32)

    share = mean(alpha)[..., None]
    behind = mean(backdrop * (1 - cover)) / (1 - share + 1e-5)
    before = mean(foreground * cover) / (share + 1e-5)
    own = before + cover * (image - cover * before - (1 - cover) * behind)
    return np.clip(own, 0, 1), behind


METHODS: dict[str, Method] = {"ours": ours, "blur fusion ×2": blur_fusion, "untreated": untreated}


def products(folder: Path, *, match: str = "") -> Iterator[Product]:
    """Read the products of a folder."""
    for photo in list_pairs(folder, match=match).photos:
        pair = read_pair(photo)
        pixels = cv2.imread(str(photo), cv2.IMREAD_COLOR_RGB)
        assert pixels is not None
        scale = min(1.0, SIDE / max(pair.truth.shape))
        size = round(pair.truth.shape[1] * scale), round(pair.truth.shape[0] * scale)
        alpha = np.asarray(cv2.resize(pair.truth, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
        small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        # In steps, as mattes are stored.
        steps = np.divide(np.rint(alpha * 255), 255, dtype=np.float32)
        yield Product(pair.name, spread_colours(small, alpha), steps)


def spread_colours(pixels: Bytes, alpha: Floats) -> Bytes:
    """Return colours that go on from inside the product, where nothing shines through, each to the nearest.

    Grain goes on too, mirrored about the edge: a flat continuation would flatter whoever blurs.
    """
    inside = cv2.erode((alpha >= 0.995).astype(np.uint8), np.ones((3, 3), dtype=np.uint8))
    if not inside.any():
        return pixels
    _, labels = cv2.distanceTransformWithLabels(1 - inside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    places = np.flatnonzero(inside)
    nearest = np.zeros(int(labels.max()) + 1, dtype=np.intp)
    nearest[labels.ravel()[places]] = places
    rows, columns = np.divmod(nearest[labels], alpha.shape[1])
    down, across = np.indices(alpha.shape)
    mirrored = (
        np.clip(2 * rows - down, 0, alpha.shape[0] - 1),
        np.clip(2 * columns - across, 0, alpha.shape[1] - 1),
    )
    reachable = inside[mirrored] > 0
    source = np.where(reachable, mirrored[0], rows), np.where(reachable, mirrored[1], columns)
    return np.asarray(np.where(inside[..., None] > 0, pixels, pixels[source]), dtype=np.uint8)


def backdrops(product: Product, *, neighbour: Product) -> Iterator[tuple[str, Bytes]]:
    """Return plain backdrops and a busy one, the colours of another product."""
    height, width = product.alpha.shape
    for name, colour in _PLAIN.items():
        yield name, np.broadcast_to(np.array(colour, dtype=np.uint8), (height, width, 3))
    busy = cv2.resize(neighbour.colours, (width, height), interpolation=cv2.INTER_AREA)
    yield "busy", np.asarray(cv2.GaussianBlur(busy, (0, 0), 3), dtype=np.uint8)


def measure(all_products: Sequence[Product]) -> Iterator[Score]:
    """Cut every product out from every backdrop by every method."""
    for number, product in enumerate(all_products):
        for name, backdrop in backdrops(product, neighbour=all_products[number - 1]):
            cover = product.alpha[..., None]
            light = linear_from_srgb(product.colours) * cover + linear_from_srgb(backdrop) * (1 - cover)
            taken = srgb8_from_linear(floats(light))
            for method, clean in METHODS.items():
                began = time.perf_counter()
                found = clean(taken, product.alpha)
                seconds = time.perf_counter() - began
                yield _score(found, product, method=method, backdrop=name, seconds=seconds)


def _score(found: Bytes, product: Product, *, method: str, backdrop: str, seconds: float) -> Score:
    soft = (product.alpha > _SOFT[0]) & (product.alpha < _SOFT[1])
    own, truth = (linear_from_srgb(each[soft]) for each in (found, product.colours))
    cover = product.alpha[soft][:, None]
    papers = (linear_from_srgb(np.array(onto, dtype=np.uint8)) * (1 - cover) for onto in _ONTO)
    seen = [_difference(own * cover + paper, truth * cover + paper) for paper in papers]
    return Score(method, product.name, backdrop, float(np.mean(seen)), _difference(own, truth), seconds)


def _difference(one: Floats, other: Floats) -> float:
    return float(delta_e(lab_from_linear(one), lab_from_linear(other)).mean())


def summary(scores: Sequence[Score]) -> dict[str, Summary]:
    """Return each method's figures."""
    return {method: _summary([each for each in scores if each.method == method]) for method in METHODS}


def _summary(scores: Sequence[Score]) -> Summary:
    behind = dict.fromkeys(each.backdrop for each in scores)
    return Summary(
        composite=_mean(scores),
        colours=round(float(np.mean([each.colours for each in scores])), 3),
        median_s=round(percentile([each.seconds for each in scores], 0.5), 3),
        backdrops={name: _mean([each for each in scores if each.backdrop == name]) for name in behind},
    )


def _mean(scores: Sequence[Score]) -> float:
    return round(float(np.mean([each.composite for each in scores])), 3)


def table(scores: Sequence[Score]) -> Table:
    """Return the methods as rows, the backdrops as columns."""
    shown = Table(title="Edge, mean ΔE2000", title_justify="left", title_style="bold", box=None)
    shown.add_column("method")
    found = summary(scores)
    for heading in (*found["ours"].backdrops, "all", "colours alone", "median s"):
        shown.add_column(heading, justify="right")
    for method, each in found.items():
        values = (*each.backdrops.values(), each.composite, each.colours, each.median_s)
        style = "yellow" if method == "ours" and each.composite > GOOD else ""
        shown.add_row(method, *(f"{value:.2f}" for value in values), style=style)
    return shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, keep; 1 if there is nothing to measure."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.foregrounds",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", nargs="?", type=Path, default=PHOTOS, help="default: the sample photos")
    parser.add_argument(
        "--match", default="", metavar="PATTERN", help="only photos whose name has this in it"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        found = tuple(measure(tuple(products(options.folder, match=options.match))))
    except OddPair as error:
        console.print(str(error), style="red", markup=False)
        return 1
    console.print(table(found))
    methods: dict[str, JsonValue] = {name: asdict(each) for name, each in summary(found).items()}
    write({"methods": methods, "images": [asdict(each) for each in found]}, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
