"""How well a thing that stands in a bought picture is seen, and an empty picture let pass.

    python -m tests.benchmarks.arrivals [--json FILE]

The fake's pictures of every set in every palette are shown to the network that looks at what a generator
sends, empty and with one of the sample products in the place of products, 0.25 to 0.6 of the frame long.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from rich.console import Console

from packshot.adapters.engines import LIGHT
from packshot.adapters.weights import open_shelved
from packshot.events import Scene
from packshot.imaging.arrays import Bytes
from packshot.imaging.arrivals import standing_share
from packshot.imaging.encoding import decode_png
from packshot.scenes.photography import load_settings
from packshot.scenes.prompts import load_words, prompt_for
from packshot.testing.replicate.pictures import draw
from tests.backgrounds import request_for
from tests.benchmarks.report import Line, missed_gates, show, write
from tests.benchmarks.verdicts import PALETTES, PHOTOS

SIDE = 640
LONGEST, SHORTEST = 0.6, 0.25
FOOT = 0.82
"""Where a product's foot stands, as a share of the frame's height."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Pictures shown, those taken for full while empty, and those in which a product was seen."""

    pictures: int
    taken_for_full: int
    products_seen: int


def scenes() -> Iterator[Scene]:
    """Return every set that prompts have words for, in every palette of the settings and of the judge's."""
    settings, usual = load_settings(), request_for(side=SIDE).scene
    palettes = [*settings.neutrals, *map(settings.palette, settings.palettes), *PALETTES]
    for name in load_words().sets:
        for palette in palettes:
            yield usual.model_copy(update={"set": name, "palette": palette})


def products() -> tuple[Bytes, ...]:
    """Return the sample products, cut to their boxes, RGBA."""
    found = []
    for path in sorted(PHOTOS.glob("*.jpg")):
        matte = np.asarray(Image.open(path.with_suffix(".png")).convert("L"))
        photo = np.asarray(Image.open(path).convert("RGB"))
        rows, columns = np.nonzero(matte > 127)
        box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
        found.append(np.dstack((photo[box], matte[box])))
    return tuple(found)


def with_product(picture: Bytes, product: Bytes, *, share: float) -> Bytes:
    """Return a picture with a product in its middle, its longer side this share of the frame."""
    scale = share * SIDE / max(product.shape[:2])
    small = cv2.resize(product, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    top, left = round(FOOT * SIDE) - height, (SIDE - width) // 2
    place = slice(top, top + height), slice(left, left + width)
    cover = small[..., 3:].astype(np.float32) / 255
    full = picture.copy()
    full[place] = np.rint(small[..., :3] * cover + picture[place] * (1 - cover)).astype(np.uint8)
    return full


def measure() -> Figures:
    """Show every picture, empty and with the next product in the next size."""
    segmenter = open_shelved(LIGHT)
    shown, shares = cycle(products()), cycle(np.linspace(SHORTEST, LONGEST, 7))
    pictures, mistaken, seen = 0, 0, 0
    for number, scene in enumerate(scenes()):
        given = {"prompt": prompt_for(scene).text, "seed": number, "width": SIDE, "height": SIDE}
        picture = decode_png(draw(given, "", number))
        full = with_product(picture, next(shown), share=float(next(shares)))
        pictures += 1
        mistaken += standing_share(segmenter.predict(picture)) > 0
        seen += standing_share(segmenter.predict(full)) > 0
    return Figures(pictures, mistaken, seen)


def lines(figures: Figures) -> tuple[Line, ...]:
    """Return the figures; an empty picture that is sent back is money thrown away."""
    missed = figures.pictures - figures.products_seen
    return (
        Line("pictures", figures.pictures, ""),
        Line("empty, and taken for full", figures.taken_for_full, "pictures", limit=0, gate=True),
        Line("with a product, and taken for empty", missed, "pictures", limit=0.1 * figures.pictures),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.arrivals", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    options = parser.parse_args(arguments)
    figures = measure()
    found = lines(figures)
    show(found, title="Pictures as they arrive", console=Console(highlight=False))
    write(asdict(figures), options.json)
    return int(bool(missed_gates(found)))


if __name__ == "__main__":
    sys.exit(main())
