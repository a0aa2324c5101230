"""Photos with their true mattes, as they lie in a folder and the folders below it.

`name.jpg` is the photo, `name.png` its matte (255: product), and 255 in `name.ignore.png`, where that is
there, says that nobody knows.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from tests.benchmarks.scores import Mask, Matte

PHOTOS = {".jpg", ".jpeg"}

_UNKNOWN = 255


class OddPair(Exception):
    """A photo and what lies beside it cannot be compared; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A photo's file, its true matte and the pixels that count for nothing (H, W each, upright)."""

    photo: Path
    truth: Matte
    ignored: Mask | None

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.photo.stem


@dataclass(frozen=True, slots=True)
class Listing:
    """The photos of a folder that have a matte, by name, and those that have none."""

    photos: tuple[Path, ...]
    without_matte: tuple[Path, ...]


def list_pairs(folder: Path, *, match: str = "") -> Listing:
    """List what can be scored, names with `match` in them alone (a regular expression).

    `OddPair` if nothing can be, or if two photos claim one matte.
    """
    if not folder.is_dir():
        raise OddPair(f"{folder} is no folder")
    photos = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PHOTOS and path.is_file() and re.search(match, path.stem)
    )
    paired = tuple(path for path in photos if path.with_suffix(".png").is_file())
    if not paired:
        raise OddPair(f"{folder} has no pair: put the matte of photo.jpg beside it as photo.png")
    names = [path.stem for path in paired]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise OddPair(f"{folder} has two photos for one matte: {', '.join(twice)}")
    return Listing(paired, tuple(path for path in photos if path not in paired))


def read_pair(photo: Path) -> Pair:
    """Read a photo's matte; `OddPair` if it is damaged, of another size, or nothing is left to count."""
    matte, ignore = photo.with_suffix(".png"), photo.with_suffix(".ignore.png")
    truth = _read_grey(matte)
    expected = _upright_shape(photo)
    if truth.shape != expected:
        raise OddPair(f"{matte.name} has {_size(truth.shape)} pixels and {photo.name} {_size(expected)}")
    ignored = None
    if ignore.is_file():
        unknown = _read_grey(ignore)
        if unknown.shape != truth.shape:
            raise OddPair(
                f"{ignore.name} has {_size(unknown.shape)} pixels and {matte.name} {_size(truth.shape)}"
            )
        ignored = unknown * 255 >= _UNKNOWN
        if ignored.all():
            raise OddPair(f"{ignore.name} leaves nothing to count")
    return Pair(photo, truth, ignored)


def read_matte(path: Path, *, shape: tuple[int, ...]) -> Matte:
    """Read an engine's matte, brought to this size (H, W) if the engine worked at a smaller one."""
    matte = _read_grey(path)
    if matte.shape == shape:
        return matte
    return np.asarray(cv2.resize(matte, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def _read_grey(path: Path) -> Matte:
    """Read 8 or 16 bits of grey as [0, 1]; of an image with alpha that is the matte."""
    try:
        image = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    except (OSError, cv2.error) as error:
        raise OddPair(f"{path.name} cannot be read") from error
    if image is None:
        raise OddPair(f"{path.name} is no image")
    channel = image if image.ndim == 2 else image[..., -1] if image.shape[2] == 4 else image[..., 0]
    most = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}.get(channel.dtype)
    if most is None:
        raise OddPair(f"{path.name} has neither 8 nor 16 bits")
    return np.divide(channel, most, dtype=np.float32)


def _upright_shape(photo: Path) -> tuple[int, int]:
    try:
        with Image.open(photo) as image:
            width, height = ImageOps.exif_transpose(image).size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise OddPair(f"{photo.name} cannot be read") from error
    return height, width


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} × {shape[0]}"
