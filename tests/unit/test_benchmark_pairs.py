"""Which photos of a folder are scored, and against what."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks.pairs import OddPair, list_pairs, read_matte, read_pair


def save(path: Path, *, size: tuple[int, int] = (60, 40), grey: int = 128) -> Path:
    """Write a plain picture of this width and height."""
    Image.new("L", size, grey).save(path)
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Return a folder with one good pair, `cup`."""
    save(tmp_path / "cup.jpg")
    save(tmp_path / "cup.png", grey=255)
    return tmp_path


def test_pairs_are_photos_with_a_matte(shelf: Path) -> None:
    """Other files are none of ours, and a photo without a matte is named, not scored."""
    save(shelf / "lamp.JPG")
    save(shelf / "only-a-matte.png")
    (shelf / "cup.json").write_text("{}")
    (shelf / "folder.jpg").mkdir()
    listing = list_pairs(shelf)
    assert [path.name for path in listing.photos] == ["cup.jpg"]
    assert [path.name for path in listing.without_matte] == ["lamp.JPG"]


def test_names_can_be_chosen(shelf: Path) -> None:
    """A pattern picks; one that picks nothing is said."""
    save(shelf / "lamp.jpg")
    save(shelf / "lamp.png")
    assert [path.stem for path in list_pairs(shelf, match="^l").photos] == ["lamp"]
    with pytest.raises(OddPair, match="no pair"):
        list_pairs(shelf, match="sofa")


def test_a_folder_without_pairs_says_what_to_put_there(tmp_path: Path) -> None:
    """Nothing to score is an error with a sentence."""
    with pytest.raises(OddPair, match=r"photo\.png"):
        list_pairs(tmp_path)
    with pytest.raises(OddPair, match="no folder"):
        list_pairs(tmp_path / "elsewhere")


def test_two_photos_cannot_share_a_matte(shelf: Path) -> None:
    """One of them would be scored against another's truth."""
    save(shelf / "cup.jpeg")
    with pytest.raises(OddPair, match="cup"):
        list_pairs(shelf)


def test_a_pair_is_read_in_shares(shelf: Path) -> None:
    """255 is product; without an ignore file all pixels count."""
    pair = read_pair(shelf / "cup.jpg")
    assert pair.name == "cup"
    assert pair.truth.shape == (40, 60)
    assert pair.truth.min() == 1
    assert pair.ignored is None


def test_only_255_is_ignored(shelf: Path) -> None:
    """254 still counts."""
    unknown = np.full((40, 60), 254, dtype=np.uint8)
    unknown[:10] = 255
    Image.fromarray(unknown).save(shelf / "cup.ignore.png")
    ignored = read_pair(shelf / "cup.jpg").ignored
    assert ignored is not None
    assert ignored.sum() == 10 * 60


def test_an_alpha_channel_is_the_matte(shelf: Path) -> None:
    """A cutout can stand for its matte, and 16 bits are as good as eight."""
    Image.new("RGBA", (60, 40), (255, 255, 255, 51)).save(shelf / "cup.png")
    assert read_pair(shelf / "cup.jpg").truth.max() == pytest.approx(0.2)
    Image.fromarray(np.full((40, 60), 13107, dtype=np.uint16)).save(shelf / "cup.png")
    assert read_pair(shelf / "cup.jpg").truth.max() == pytest.approx(0.2)


def test_a_turned_photo_has_an_upright_matte(shelf: Path) -> None:
    """Sizes are compared after the camera's orientation is applied."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 40)).save(shelf / "cup.jpg", exif=exif)
    with pytest.raises(OddPair, match="60 × 40"):
        read_pair(shelf / "cup.jpg")
    save(shelf / "cup.png", size=(40, 60))
    assert read_pair(shelf / "cup.jpg").truth.shape == (60, 40)


@pytest.mark.parametrize("name", ["cup.png", "cup.ignore.png"])
def test_sizes_that_differ_are_named(shelf: Path, name: str) -> None:
    """Nothing is stretched to fit: both sizes are said."""
    save(shelf / name, size=(61, 40))
    with pytest.raises(OddPair, match=r"61 × 40.*60 × 40"):
        read_pair(shelf / "cup.jpg")


@pytest.mark.parametrize("name", ["cup.jpg", "cup.png", "cup.ignore.png"])
@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_a_damaged_file_is_named(shelf: Path, name: str, content: bytes) -> None:
    """Which one cannot be read."""
    (shelf / name).write_bytes(content)
    with pytest.raises(OddPair, match=name.replace(".", r"\.")):
        read_pair(shelf / "cup.jpg")


def test_nothing_to_count_is_an_error(shelf: Path) -> None:
    """An ignore file may not cover all."""
    save(shelf / "cup.ignore.png", grey=255)
    with pytest.raises(OddPair, match="nothing to count"):
        read_pair(shelf / "cup.jpg")


def test_an_engines_smaller_matte_is_brought_to_size(tmp_path: Path) -> None:
    """Large photos are masked at the working size and scored at their own."""
    small = save(tmp_path / "cup.png", size=(30, 20), grey=51)
    matte = read_matte(small, shape=(40, 60))
    assert matte.shape == (40, 60)
    assert matte.max() == pytest.approx(0.2)
