"""Every sample product on every set, to be looked at: contact sheets, or single pictures at full size.

    python -m tests.gallery                                 # build/gallery/page-01.jpg …, twelve each
    python -m tests.gallery --products mug boot --sets oak_table
    python -m tests.gallery --full mug --sets oak_table       # build/gallery/mug-oak_table-….png, 1600 px

Each product is cut out by its exact matte and lit from the side that its own shading tells.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.progress import track

from packshot.events import ImageRef, Light, ObjectRef, Palette, Plate, Product, Scene
from packshot.imaging.arrays import Bytes
from packshot.imaging.foreground import cut_out
from packshot.imaging.mattes import describe_matte
from packshot.imaging.matting import Estimate
from packshot.imaging.staging import Staged, Subject, stage
from packshot.imaging.studio import BLANK, PlateRecipe, shipped
from packshot.scenes.photography import load_settings

PHOTOS = Path(__file__).parent / "photos"
PAGES = Path(__file__).resolve().parents[1] / "build" / "gallery"
PER_PAGE, COLUMNS = 12, 4
TILE, FULL = 480, 1600
_CAPTION = 24
_NOWHERE = ObjectRef(bucket="gallery", key="none.png")

PALETTES = (
    Palette(name="Pale", wall="#e9e4dc", floor="#d9d0c4", accent="#b98d6b"),
    Palette(name="Clay", wall="#b9785c", floor="#a86a50", accent="#2f4a46"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample photo as masking would hand it on, and what the shop says about it."""

    name: str
    subject: Subject
    product: Product


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to make."""

    sample: str
    set: str
    palette: Palette

    @property
    def name(self) -> str:
        """Return what the picture is called."""
        palette = "" if self.set == BLANK else f"-{self.palette.name.lower()}"
        return f"{self.sample}-{self.set}{palette}"


def samples() -> tuple[str, ...]:
    """Return the names of the sample photos."""
    return tuple(sorted(path.stem for path in PHOTOS.glob("*.jpg")))


def pictures(products: Sequence[str], sets: Sequence[str]) -> Iterator[Picture]:
    """Return all pictures, the blank set in one palette only: it shows none."""
    for sample in products:
        for name in sets:
            for palette in PALETTES[:1] if name == BLANK else PALETTES:
                yield Picture(sample, name, palette)


def read(name: str) -> Sample:
    """Read a sample photo with its exact matte; `FileNotFoundError` if there is none of this name."""
    photo = np.asarray(Image.open(PHOTOS / f"{name}.jpg").convert("RGB"), dtype=np.uint8)
    alpha = np.asarray(Image.open(PHOTOS / f"{name}.png").convert("L"), dtype=np.float32) / np.float32(255)
    image = ImageRef(object=_NOWHERE, width=photo.shape[1], height=photo.shape[0])
    estimate = Estimate(alpha=alpha, confidence=1, engine="truth")
    matte = describe_matte(estimate, pixels=photo, image=image, cutout=image)
    subject = Subject(photo=photo, cutout=cut_out(photo, alpha=alpha), matte=matte)
    product = Product.model_validate_json((PHOTOS / f"{name}.json").read_text(encoding="utf-8"))
    return Sample(name, subject, product)


def take(picture: Picture, *, of: Sample, side: int) -> Staged:
    """Make a picture as the pipeline would, `side` pixels wide and high."""
    scene = scene_of(picture, of=of, side=side)
    recipe = PlateRecipe.of(scene, attempt=0)
    plate = Plate(
        image=ImageRef(object=_NOWHERE, width=side, height=side),
        generator="studio",
        floor=recipe.floor,
        recipe=recipe.digest,
        light=recipe.light,
        mirrored=recipe.mirrored,
        exposure=recipe.exposure,
    )
    return stage(of.subject, scene=scene, plate=plate, backdrop=recipe.render())


def scene_of(picture: Picture, *, of: Sample, side: int) -> Scene:
    """Return the scene that the category's settings and the product's own light ask for."""
    settings = load_settings()
    category = settings.categories[of.product.category]
    own, blank = of.subject.matte.lighting, picture.set == BLANK
    light = category.light
    return Scene(
        name="white" if blank else "trend",
        set=picture.set,
        palette=picture.palette,
        light=Light(side=own.side if own else "left", softness=light.softness, elevation=light.elevation),
        shadow=settings.white.shadow if blank else category.shadow,
        anchor="stand" if blank else shipped().describe(picture.set).anchors[0],
        fill=settings.white.fill if blank else category.fill,
        camera="as the set has it",
        width=side,
        height=side,
        seed=0,
        settings_version="gallery",
        trends_version="gallery",
    )


def page(tiles: Sequence[tuple[str, Bytes]]) -> Image.Image:
    """Return tiles with their names as one sheet, `COLUMNS` in a row."""
    rows = -(-len(tiles) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE, rows * (TILE + _CAPTION)), (255, 255, 255))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for number, (name, pixels) in enumerate(tiles):
        x, y = number % COLUMNS * TILE, number // COLUMNS * (TILE + _CAPTION)
        small = cv2.resize(pixels, (TILE, TILE), interpolation=cv2.INTER_AREA)
        sheet.paste(Image.fromarray(np.asarray(small, dtype=np.uint8)), (x, y + _CAPTION))
        pen.text((x + 6, y + 3), name, fill=(40, 40, 40), font=font)
    return sheet


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pages, or single pictures; 1 if the studio has no sets."""
    every = (*shipped().names(), BLANK)
    parser = argparse.ArgumentParser(
        prog="python -m tests.gallery",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--products", nargs="+", choices=samples(), default=samples(), metavar="NAME")
    parser.add_argument("--sets", nargs="+", choices=every, default=every, metavar="NAME")
    parser.add_argument("--full", nargs="+", choices=samples(), metavar="NAME", help="these, at full size")
    parser.add_argument("--to", type=Path, default=PAGES, metavar="FOLDER")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    if every == (BLANK,):
        console.print("The studio has no sets: python -m layers.sets.encode makes them", style="red")
        return 1
    options.to.mkdir(parents=True, exist_ok=True)
    wanted = tuple(pictures(options.full or options.products, options.sets))
    if options.full:
        _keep_singles(wanted, to=options.to, console=console)
    else:
        _keep_pages(wanted, to=options.to, console=console)
    return 0


def _keep_singles(wanted: Sequence[Picture], *, to: Path, console: Console) -> None:
    for name, pixels in _taken(wanted, side=FULL, console=console):
        Image.fromarray(pixels).save(to / f"{name}.png")
    console.print(f"{len(wanted)} pictures in {to}")


def _keep_pages(wanted: Sequence[Picture], *, to: Path, console: Console) -> None:
    taken, number = _taken(wanted, side=2 * TILE, console=console), 0
    while tiles := tuple(islice(taken, PER_PAGE)):
        number += 1
        page(tiles).save(to / f"page-{number:02}.jpg", quality=90, subsampling=0)
    console.print(f"{number} pages in {to}")


def _taken(wanted: Sequence[Picture], *, side: int, console: Console) -> Iterator[tuple[str, Bytes]]:
    """Yield names and pixels, sRGB (side, side, 3); each sample is read once."""
    sample: Sample | None = None
    for picture in track(wanted, description="pictures", console=console):
        if sample is None or sample.name != picture.sample:
            sample = read(picture.sample)
        yield picture.name, take(picture, of=sample, side=side).pixels


if __name__ == "__main__":
    sys.exit(main())
