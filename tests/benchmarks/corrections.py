"""How far correction brings photos back that were degraded in known ways, and ten lights together.

    python -m tests.benchmarks.corrections [--json FILE]

The sample photos and the measuring set, each good as it is, are degraded and corrected by their exact
mattes; `by the truth` undoes what was done as well as a curve can, which clipping limits. Products
rendered under one lamp at a time become ten photographers' photos.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from rich.console import Console
from rich.table import Table

from packshot.imaging.arrays import Bytes, floats
from packshot.imaging.backdrop import shrink
from packshot.imaging.colour import (
    delta_e,
    lab_from_linear,
    lab_from_srgb,
    linear_from_srgb,
    srgb8_from_linear,
)
from packshot.imaging.correction import (
    Wish,
    apply,
    correct,
    look_of,
    match,
)
from packshot.imaging.correction.illuminants import DAYLIGHT, LightColour, white_under
from tests.benchmarks.lights import SETUPS, LitProduct, lit_products
from tests.benchmarks.machine import Machine
from tests.benchmarks.pairs import list_pairs, read_pair
from tests.benchmarks.report import FIGURES, Line, percentile, show, write

if TYPE_CHECKING:
    from pydantic import JsonValue

    from packshot.events import Category

PHOTOS = Path(__file__).resolve().parents[1] / "photos"
SIDE = 640
"""Longest side of what is degraded, in pixels; time is measured at 1600."""

JEWELRY = ("bracelet", "ring", "watch")

_STOPS = 1.5
_TILE = 200
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])

Change = Callable[[Bytes], Bytes]
Method = Callable[["Product", Bytes], Bytes]


@dataclass(frozen=True, slots=True)
class Product:
    """A good photo (H, W, 3), its matte (H, W) and its category."""

    name: str
    photo: Bytes
    matte: Bytes
    category: "Category"


@dataclass(frozen=True, slots=True)
class Degradation:
    """Something that goes wrong, and what undoes it where that is known."""

    name: str
    do: Change
    undo: Change | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Mean ΔE2000 of one product to the truth."""

    product: str
    degradation: str
    method: str
    difference: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean ΔE2000 between any two of a product's ten photos, pixel by pixel and of its mean colour."""

    product: str
    method: str
    pixels: float
    colour: float


def exposed(photo: Bytes, *, stops: float) -> Bytes:
    """Return a photo exposed otherwise; what passes white is cut off."""
    return srgb8_from_linear(floats(linear_from_srgb(photo) * 2**stops))


def lit(photo: Bytes, *, kelvin: float, inverse: bool = False) -> Bytes:
    """Return a photo taken in another light than the camera was set to (Bradford adaptation)."""
    cones = _BRADFORD @ _XYZ
    ratio = cones @ white_under(LightColour(1e6 / kelvin - 1e6 / DAYLIGHT)) / cones.sum(axis=1)
    matrix = np.linalg.inv(cones) @ np.diag(1 / ratio if inverse else ratio) @ cones
    return srgb8_from_linear(floats(linear_from_srgb(photo) @ matrix.T))


def flattened(photo: Bytes) -> Bytes:
    """Return a photo in 60 % of the range."""
    return np.asarray(np.rint(photo * 0.6 + 51), dtype=np.uint8)


def unflattened(photo: Bytes) -> Bytes:
    """Undo `flattened`."""
    return np.asarray(np.clip(np.rint((photo - 51.0) / 0.6), 0, 255), dtype=np.uint8)


def noisy(photo: Bytes) -> Bytes:
    """Return a photo with grain of 10 steps in each channel, the same in every run."""
    grain = np.random.default_rng(7).normal(0, 10, photo.shape)
    return np.clip(np.rint(photo + grain), 0, 255).astype(np.uint8)


def blurred(photo: Bytes) -> Bytes:
    """Return a photo out of focus by 1.6 pixels."""
    return np.asarray(cv2.GaussianBlur(photo, (0, 0), 1.6), dtype=np.uint8)


def compressed(photo: Bytes) -> Bytes:
    """Return a photo after JPEG at quality 50."""
    encoded = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 50])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)


DEGRADATIONS = (
    Degradation("-1.5 EV", lambda it: exposed(it, stops=-_STOPS), lambda it: exposed(it, stops=_STOPS)),
    Degradation("+1.5 EV", lambda it: exposed(it, stops=_STOPS), lambda it: exposed(it, stops=-_STOPS)),
    Degradation("4,000 K", lambda it: lit(it, kelvin=4004), lambda it: lit(it, kelvin=4004, inverse=True)),
    Degradation("9,000 K", lambda it: lit(it, kelvin=9004), lambda it: lit(it, kelvin=9004, inverse=True)),
    Degradation("low contrast", flattened, unflattened),
    Degradation("noise", noisy),
    Degradation("blur", blurred),
    Degradation("JPEG q50", compressed),
)


def ours(product: Product, photo: Bytes) -> Bytes:
    """Return the product's correction."""
    wish = Wish(category=product.category)
    return apply(photo, correct(photo, matte=product.matte, wish=wish))


def untreated(_product: Product, photo: Bytes) -> Bytes:
    """Return the photo."""
    return photo


def grey_world(_product: Product, photo: Bytes) -> Bytes:
    """Return the photo with its mean made grey (Buchsbaum 1980)."""
    linear = linear_from_srgb(photo)
    mean = linear.mean(axis=(0, 1))
    return srgb8_from_linear(floats(linear * (mean.mean() / np.maximum(mean, 1e-6))))


def autocontrast(_product: Product, photo: Bytes) -> Bytes:
    """Return the photo with each channel stretched to the whole range (Pillow)."""
    return np.asarray(ImageOps.autocontrast(Image.fromarray(photo), cutoff=0.5), dtype=np.uint8)


def clahe(_product: Product, photo: Bytes) -> Bytes:
    """Return the photo with its lightness equalised in tiles (Zuiderveld 1994), as OpenCV's examples do."""
    lab = cv2.cvtColor(photo, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8)).apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), dtype=np.uint8)


METHODS: dict[str, Method] = {
    "ours": ours,
    "grey world": grey_world,
    "autocontrast": autocontrast,
    "CLAHE": clahe,
    "untreated": untreated,
}
TRUTH = "by the truth"
GOOD = "good"


def products() -> Iterator[Product]:
    """Read the good photos."""
    for path in list_pairs(PHOTOS).photos:
        truth = np.rint(read_pair(path).truth * 255).astype(np.uint8)
        pixels = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        assert pixels is not None
        yield Product(
            path.stem,
            shrink(np.asarray(pixels, dtype=np.uint8), longest=SIDE),
            shrink(truth, longest=SIDE),
            _category(path.stem),
        )


def _category(name: str) -> "Category":
    return "jewelry" if name.endswith(JEWELRY) else "other"


def measure(all_products: Sequence[Product]) -> Iterator[Score]:
    """Correct every product, good and degraded, by every method."""
    for product in all_products:
        for degradation in (Degradation(GOOD, lambda it: it), *DEGRADATIONS):
            photo = degradation.do(product.photo)
            for name, method in METHODS.items():
                difference = _difference(method(product, photo), product)
                yield Score(product.name, degradation.name, name, difference)
            best = degradation.undo(photo) if degradation.undo else photo
            yield Score(product.name, degradation.name, TRUTH, _difference(best, product))


def _difference(photo: Bytes, product: Product) -> float:
    where = product.matte >= 250
    shown, truth = (lab_from_srgb(each)[where][::4] for each in (photo, product.photo))
    return float(delta_e(shown, truth).mean())


def spreads(lit_product: LitProduct) -> Iterator[Spread]:
    """Measure how far the ten photos lie apart, untreated, corrected, matched, and by direction alone."""
    photos = [lit_product.photo(setup) for setup in SETUPS]
    product = Product(lit_product.name, photos[0], lit_product.matte, _category(lit_product.name))
    yield _spread("direction alone", [lit_product.photo(setup, is_true=True) for setup in SETUPS], product)
    for name, method in METHODS.items():
        yield _spread(name, [method(product, photo) for photo in photos], product)
    yield _spread("matched", list(matched(photos, product)), product)


def matched(photos: Sequence[Bytes], product: Product) -> Iterator[Bytes]:
    """Return the photos with the look of the first one, corrected, as the product matches those of a SKU."""
    wish = Wish(category=product.category)
    corrections = [correct(photo, matte=product.matte, wish=wish) for photo in photos]
    looks = (
        look_of(apply(photo, own), matte=product.matte, name=f"{number}")
        for number, (photo, own) in enumerate(zip(photos, corrections, strict=True))
    )
    reference = next(look for look in looks if look)
    for number, (photo, own) in enumerate(zip(photos, corrections, strict=True)):
        found = match(photo, matte=product.matte, reference=reference, category=product.category)
        is_own = found.changes_nothing or f"{number}" == reference.name
        yield apply(photo, own if is_own else found)


def _spread(method: str, photos: Sequence[Bytes], product: Product) -> Spread:
    where = product.matte >= 250
    labs = [lab_from_srgb(photo)[where] for photo in photos]
    means = [lab_from_linear(floats(linear_from_srgb(photo)[where].mean(axis=0))) for photo in photos]
    pairs = list(combinations(range(len(photos)), 2))
    return Spread(
        product.name,
        method,
        pixels=float(np.mean([delta_e(labs[i], labs[j]).mean() for i, j in pairs])),
        colour=float(np.mean([delta_e(means[i][None], means[j][None]).mean() for i, j in pairs])),
    )


def seconds(all_products: Sequence[Product], *, longest: int = 1600) -> tuple[float, ...]:
    """Return the seconds of a core that deciding and applying take at this size, photo by photo."""
    cv2.setNumThreads(1)
    found = []
    for product in all_products[:3]:
        scale = longest / max(product.matte.shape)
        size = round(product.matte.shape[1] * scale), round(product.matte.shape[0] * scale)
        large = np.asarray(cv2.resize(product.photo, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
        matte = np.asarray(cv2.resize(product.matte, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
        for degradation in DEGRADATIONS:
            photo = degradation.do(large)
            apply(photo, correct(photo, matte=matte))
            began = time.process_time()
            apply(photo, correct(photo, matte=matte))
            found.append(time.process_time() - began)
    return tuple(found)


def mean_of(scores: Sequence[Score], *, method: str, degradation: str = "") -> float:
    """Return a method's mean ΔE2000 over products, of one degradation or of all."""
    names = {degradation} if degradation else {each.name for each in DEGRADATIONS}
    return float(
        np.mean([each.difference for each in scores if each.method == method and each.degradation in names])
    )


def fall(scores: Sequence[Score], *, method: str, degradation: str = "") -> float:
    """Return the share of the untreated difference that a method took away."""
    before = mean_of(scores, method="untreated", degradation=degradation)
    return 1 - mean_of(scores, method=method, degradation=degradation) / max(before, 1e-9)


def spread_of(found: Sequence[Spread], *, method: str, by: Literal["pixels", "colour"]) -> float:
    """Return a method's mean spread over products."""
    return float(np.mean([getattr(each, by) for each in found if each.method == method]))


def degradation_table(scores: Sequence[Score]) -> Table:
    """Return degradations as rows, methods as columns."""
    methods = (*METHODS, TRUTH)
    shown = Table(
        title="Product, mean ΔE2000 to the truth", title_justify="left", title_style="bold", box=None
    )
    shown.add_column("degradation")
    for name in methods:
        shown.add_column(name, justify="right")
    shown.add_column("ours: fall", justify="right")
    for name in (GOOD, *(each.name for each in DEGRADATIONS), ""):
        values = [f"{mean_of(scores, method=method, degradation=name):.2f}" for method in methods]
        fell = "" if name == GOOD else f"{fall(scores, method='ours', degradation=name):.0%}"
        shown.add_row(name or "all degraded", *values, fell)
    return shown


def spread_table(found: Sequence[Spread]) -> Table:
    """Return methods as rows, products as columns: spread by pixels, of the mean colour in brackets."""
    shown = Table(
        title="Ten lights, mean ΔE2000 between two photos by pixel (of the mean colour)",
        title_justify="left",
        title_style="bold",
        box=None,
    )
    names = list(dict.fromkeys(each.product for each in found))
    for heading in ("method", *names, "all"):
        shown.add_column(heading, justify="left" if heading == "method" else "right")
    for method in dict.fromkeys(each.method for each in found):
        rows = {each.product: each for each in found if each.method == method}
        cells = [f"{rows[name].pixels:.1f} ({rows[name].colour:.1f})" for name in names]
        pixels, colour = (spread_of(found, method=method, by=by) for by in ("pixels", "colour"))
        shown.add_row(method, *cells, f"{pixels:.1f} ({colour:.1f})")
    return shown


def lines(scores: Sequence[Score], found: Sequence[Spread], times: Sequence[float]) -> tuple[Line, ...]:
    """Return the figures that are promised; what is left over is what a limit can be held to."""
    reach = fall(scores, method=TRUTH)

    def left(method: str, by: Literal["pixels", "colour"]) -> float:
        return spread_of(found, method=method, by=by) / spread_of(found, method="untreated", by=by)

    good = [each.difference for each in scores if each.degradation == GOOD and each.method == "ours"]
    return (
        Line("good photos, mean", float(np.mean(good)), "ΔE2000", limit=1.0, gate=True),
        Line("good photos, worst", max(good), "ΔE2000", limit=1.0),
        Line("degraded, share left", 1 - fall(scores, method="ours"), "of ΔE2000", limit=0.4),
        Line("degraded, share left by the truth", 1 - reach, "of ΔE2000"),
        Line("ten lights corrected, share left", left("ours", "pixels"), "by pixel", limit=0.3),
        Line("ten lights matched, share left", left("matched", "pixels"), "by pixel", limit=0.3),
        Line("direction alone, share left", left("direction alone", "pixels"), "by pixel"),
        Line("ten lights corrected, share left", left("ours", "colour"), "of the colour", limit=0.3),
        Line("ten lights matched, share left", left("matched", "colour"), "of the colour", limit=0.3),
        Line("direction alone, share left", left("direction alone", "colour"), "of the colour"),
        Line("1600 px, median", percentile(times, 0.5), "s", limit=0.2),
        Line("1600 px, slowest", max(times), "s", limit=0.2),
    )


def sheet(all_products: Sequence[Product]) -> Image.Image:
    """Return good photos, and each degradation before and after, product by product."""
    rows = []
    for product in all_products:
        tiles = [product.photo, ours(product, product.photo)]
        for degradation in DEGRADATIONS[:5]:
            photo = degradation.do(product.photo)
            tiles += [photo, ours(product, photo)]
        rows.append(np.hstack([_tile(each) for each in tiles]))
    return Image.fromarray(np.vstack(rows))


def light_sheet(all_lit: Sequence[LitProduct]) -> Image.Image:
    """Return the ten photos of each product: as taken, corrected, matched."""
    rows = []
    for each in all_lit:
        photos = [each.photo(setup) for setup in SETUPS]
        product = Product(each.name, photos[0], each.matte, _category(each.name))
        shown = (photos, [ours(product, photo) for photo in photos], list(matched(photos, product)))
        rows += [np.hstack([_tile(photo) for photo in row]) for row in shown]
    return Image.fromarray(np.vstack(rows))


def _tile(photo: Bytes) -> NDArray[np.uint8]:
    tile = np.full((_TILE, _TILE, 3), 255, dtype=np.uint8)
    small = shrink(photo, longest=_TILE - 4)
    tile[: small.shape[0], : small.shape[1]] = small
    return tile


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, keep; 1 if good photos are not left alone."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.corrections",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    machine = Machine.here()
    all_products, all_lit = tuple(products()), tuple(lit_products())
    times = seconds(all_products)
    scores = tuple(measure(all_products))
    found = tuple(spread for each in all_lit for spread in spreads(each))
    promised = lines(scores, found, times)
    console.print(degradation_table(scores))
    console.print(spread_table(found))
    show(promised, title="Promises", console=console)
    FIGURES.mkdir(parents=True, exist_ok=True)
    sheet(all_products).save(FIGURES / "corrections.jpg", quality=88)
    light_sheet(all_lit).save(FIGURES / "corrections-lights.jpg", quality=88)
    figures: JsonValue = {
        "machine": asdict(machine),
        "promised": [asdict(each) for each in promised],
        "degraded": [asdict(each) for each in scores],
        "lights": [asdict(each) for each in found],
    }
    write(figures, options.json)
    return int(any(line.gate and not line.good for line in promised))


if __name__ == "__main__":
    sys.exit(main())
