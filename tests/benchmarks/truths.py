"""Products that were path-traced in the studio's sets (tests/composites), read for comparison."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from packshot.events import Event, Palette
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import linear_from_srgb

HOME = Path(__file__).resolve().parents[1] / "composites"


class UnreadableTruth(Exception):
    """A case's files are not what the renderer wrote; the sentence says which."""


class Case(Event):
    """What was rendered; `brightest` is the share of the plate's light that is white in the shadow's file."""

    set: str
    version: str
    light: str
    product: str
    palette: Palette
    brightest: Annotated[float, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Truth:
    """A product in a set: `picture` shows both, `photo` the same product before a paper of another colour.

    Both are sRGB (H, W, 3); `alpha` is exact; `shadow` is what the product leaves of the set's light, linear,
    (H, W), 1 where the product hides the set.
    """

    name: str
    case: Case
    picture: Bytes
    photo: Bytes
    alpha: Floats
    shadow: Floats


def names(folder: Path = HOME) -> tuple[str, ...]:
    """Return the cases of a folder."""
    return tuple(sorted(path.stem for path in folder.glob("*.json")))


def read(name: str, *, folder: Path = HOME) -> Truth:
    """Read a case; `UnreadableTruth` names the file that is missing, damaged or of another size."""
    case = Case.model_validate_json((folder / f"{name}.json").read_bytes())
    picture, photo = (
        _read(folder / f"{name}.{file}.webp", cv2.IMREAD_COLOR_RGB) for file in ("truth", "photo")
    )
    matte = _read(folder / f"{name}.matte.png", cv2.IMREAD_GRAYSCALE)
    shadow = _read(folder / f"{name}.shadow.avif", cv2.IMREAD_GRAYSCALE)
    edges = _read(folder / f"{name}.edges.webp", cv2.IMREAD_UNCHANGED)
    if {each.shape[:2] for each in (picture, photo, shadow)} != {matte.shape} or len(edges) != 2 * len(matte):
        raise UnreadableTruth(f"the images of {name} differ in size")
    for image, edge in zip((picture, photo), np.split(edges, 2), strict=True):
        np.copyto(image, edge[..., 2::-1], where=edge[..., 3:] > 0)
    left = floats(linear_from_srgb(shadow) * case.brightest)
    return Truth(name, case, picture, photo, np.divide(matte, 255, dtype=np.float32), left)


def _read(path: Path, mode: int) -> Bytes:
    image = cv2.imdecode(np.fromfile(path, dtype=np.uint8), mode) if path.is_file() else None
    if image is None:
        raise UnreadableTruth(f"{path.name} is no image: python -m tests.composites.render makes it anew")
    return np.asarray(image, dtype=np.uint8)
