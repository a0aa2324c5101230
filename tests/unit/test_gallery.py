"""The gallery shows everything once, and says who is who."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from packshot.imaging.studio import BLANK
from tests.gallery import COLUMNS, TILE, Picture, main, page, pictures, read, samples, take


def test_every_product_meets_every_set_in_every_palette() -> None:
    """The blank set shows no palette, so once is enough."""
    found = tuple(pictures(("mug", "boot"), ("oak_table", BLANK)))
    assert len(found) == len(set(found)) == 2 * (2 + 1)
    assert len({picture.name for picture in found}) == len(found)
    assert samples() == ("boot", "bottle", "chair", "handbag", "mug")


def test_a_page_has_room_for_all_its_tiles() -> None:
    """Rows of four, a name over each."""
    tile = np.full((20, 20, 3), 90, dtype=np.uint8)
    sheet = page([(f"picture {number}", tile) for number in range(5)])
    assert sheet.width == COLUMNS * TILE
    assert sheet.height > 2 * TILE
    assert np.asarray(sheet)[40, 40].tolist() == [90, 90, 90]


def test_a_white_picture_is_as_the_pipeline_makes_it() -> None:
    """A sample with its exact matte, filling the frame as the settings say."""
    sample = read("mug")
    palette = next(pictures(("mug",), (BLANK,))).palette
    staged = take(Picture("mug", BLANK, palette), of=sample, side=200)
    assert (staged.pixels[0] == 255).all()
    assert max(staged.placement.box.width, staged.placement.box.height) == pytest.approx(0.85 * 200, abs=1)


def test_pictures_are_kept_where_they_are_asked_for(tmp_path: Path) -> None:
    """Pages by default."""
    if main(["--products", "mug", "--sets", BLANK, "--to", str(tmp_path)]) == 0:
        with Image.open(tmp_path / "page-01.jpg") as sheet:
            assert sheet.width == COLUMNS * TILE
