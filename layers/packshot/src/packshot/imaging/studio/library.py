"""The library of baked sets: what there is, and one set under one light as linear planes.

The sets lie in the package `packshot_sets`, a Lambda layer; in a checkout it is found as an installed one.
Each is a folder with `set.json`, the description; `files.json`, checksums and meanings; and AVIF images.
"""

import functools
import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, ValidationError

from packshot.errors import DamagedArtifact, GenerationFailed
from packshot.events import Event
from packshot.imaging.arrays import Floats
from packshot.imaging.studio import coding
from packshot.imaging.studio.coding import Curve
from packshot.imaging.studio.description import SetDescription, Slot

DESCRIPTION = "set.json"
FILES = "files.json"
_REMEDY = "install the layer anew, or make the file anew: python -m layers.sets.encode"

AnyModel = TypeVar("AnyModel", bound=BaseModel)
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class StoredFile(Event):
    """An image file of a set: its name and its SHA-256."""

    file: Annotated[str, Field(pattern=r"^[a-z_]+\.avif$")]
    sha256: Digest


class StoredPlane(StoredFile):
    """A file with one plane, and what its numbers mean."""

    curve: Curve


class StoredLight(Event):
    """The files of one light."""

    irradiance: StoredPlane
    bounce: StoredPlane | None = None


class StoredSet(Event):
    """All files of a set; `side` is their width and height, pixels, `description` the SHA-256 of set.json."""

    side: Annotated[int, Field(gt=0)]
    description: Digest
    fixed: StoredFile | None = None
    coverage: dict[Slot, StoredPlane]
    lights: dict[str, StoredLight]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of each pixel that one colour of the palette paints, times the surface's detail, (H, W)."""

    slot: Slot
    share: Floats


@dataclass(frozen=True, slots=True)
class Bake:
    """A set under one light; all linear.

    `irradiance` (H, W) is 1 where the product stands, lies or hangs; `bounce` (h, w), coarse, is the share
    of it that came off the set's own surfaces. `fixed` (3, H, W) is the albedo of what no palette paints.
    """

    description: SetDescription
    irradiance: Floats
    bounce: Floats | None
    fixed: Floats | None
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """A folder of sets."""

    folder: Path

    def names(self) -> tuple[str, ...]:
        """Return the names of all sets, in order."""
        return tuple(sorted(path.parent.name for path in self.folder.glob(f"*/{DESCRIPTION}")))

    def __contains__(self, name: str) -> bool:
        return name in self.names()

    def describe(self, name: str) -> SetDescription:
        """Return a set's description; `GenerationFailed` names the sets there are."""
        return self._described(name, stored=self._stored(name))

    def load(self, name: str, *, light: str) -> Bake:
        """Return a set under one of its lights; `GenerationFailed` names what there is.

        `DamagedArtifact` if a file is not there or not what it was.
        """
        stored = self._stored(name)
        lit = _lit(name, stored, light=light)
        return Bake(
            description=self._described(name, stored=stored),
            irradiance=self._plane(name, lit.irradiance),
            bounce=self._plane(name, lit.bounce) if lit.bounce else None,
            fixed=self._colours(name, stored.fixed) if stored.fixed else None,
            coverage=tuple(Coverage(slot, self._plane(name, at)) for slot, at in stored.coverage.items()),
        )

    def _stored(self, name: str) -> StoredSet:
        if name not in self:
            raise GenerationFailed(f"the studio has no set {name!r}; it has {', '.join(self.names())}")
        return _parse(StoredSet, self._read(name, FILES), what=f"{name}/{FILES}")

    def _described(self, name: str, *, stored: StoredSet) -> SetDescription:
        text = self._read(name, DESCRIPTION, sha256=stored.description)
        return _parse(SetDescription, text, what=f"{name}/{DESCRIPTION}")

    def _plane(self, name: str, stored: StoredPlane) -> Floats:
        file = self._read(name, stored.file, sha256=stored.sha256)
        return coding.decode(file, curve=stored.curve)

    def _colours(self, name: str, stored: StoredFile) -> Floats:
        return coding.decode_colours(self._read(name, stored.file, sha256=stored.sha256))

    def _read(self, name: str, file: str, *, sha256: str = "") -> bytes:
        path = self.folder / name / file
        try:
            body = path.read_bytes()
        except OSError as error:
            raise DamagedArtifact(f"the set's file {name}/{file} cannot be read; {_REMEDY}") from error
        if sha256 and hashlib.sha256(body).hexdigest() != sha256:
            raise DamagedArtifact(f"the set's file {name}/{file} is not the one that was made; {_REMEDY}")
        return body


@functools.cache
def shipped() -> Library:
    """Return the library that ships; `DamagedArtifact` if its layer is not there."""
    package = importlib.util.find_spec("packshot_sets")
    if package is None or package.origin is None:
        raise DamagedArtifact("the studio's sets are not here: the function needs the layer `sets`")
    return Library(Path(package.origin).parent)


def _lit(name: str, stored: StoredSet, *, light: str) -> StoredLight:
    if light not in stored.lights:
        raise GenerationFailed(f"{name} has no light {light!r}; it has {', '.join(sorted(stored.lights))}")
    return stored.lights[light]


def _parse(model: type[AnyModel], text: bytes, *, what: str) -> AnyModel:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise DamagedArtifact(f"{what}: {error}; {_REMEDY}") from error
