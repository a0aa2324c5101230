"""Whose photo an object key names."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NoReturn, Self

from packshot.errors import RejectedPhoto
from packshot.events import ObjectRef, Photo, Scene

PREFIX = "uploads/"
_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LONGEST_FILE_NAME = 128
_LONGEST_SLUG = 48
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class PhotoAddress:
    """A photo's SKU and its name, which is unique within the SKU and safe in URLs and in keys."""

    sku: str
    name: str

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read `uploads/<sku>/<file>`; `RejectedPhoto` (`unreadable_key`) names the piece at fault.

        The key is S3's own, not URL-decoded: `+` is a plus and `%20` three characters.
        """
        if not key.startswith(PREFIX):
            _refuse(f"The file “{_shown(key)}” lies outside {PREFIX}.")
        pieces = key.removeprefix(PREFIX).split("/")
        if len(pieces) == 1:
            _refuse(f"The file “{_shown(pieces[0])}” lies in no SKU's folder.")
        if len(pieces) > 2:  # noqa: PLR2004 - the SKU and the file
            _refuse(f"The folder “{_shown(pieces[1])}” inside “{_shown(pieces[0])}” is one too many.")
        sku, file = pieces
        _check_sku(sku)
        _check_file(file)
        return cls(sku=sku, name=_name_of(file))

    @classmethod
    def of_unreadable(cls, key: str) -> Self:
        """Return where the record of a photo goes whose key says nothing."""
        return cls(sku="unsorted", name=f"photo-{hashlib.sha256(key.encode()).hexdigest()[:12]}")


def work_folder(photo: Photo) -> str:
    """Return where this version of a photo keeps its working files: `photos/<sku>/<name>/<hash>`.

    The hash is of version and key, so a photo uploaded anew never meets what was made of the old one.
    """
    return f"photos/{photo.sku}/{photo.name}/{version_hash(photo.source)}"


def composite_key(photo: Photo, *, scene: Scene) -> str:
    """Return where a scene's composite goes: `composites/<sku>/<name>/<hash>/<scene>-<seed>.png`.

    Later attempts at a scene become newer versions of the object.
    """
    return f"composites/{photo.sku}/{photo.name}/{version_hash(photo.source)}/{scene.name}-{scene.seed}.png"


def version_hash(source: ObjectRef) -> str:
    """Return twelve hex digits that stand for one version of one upload."""
    return hashlib.sha256(f"{source.version}\n{source.key}".encode()).hexdigest()[:12]


def sidecar_of(key: str) -> str:
    """Return the key of the `<name>.json` that may lie beside a photo."""
    return str(PurePosixPath(key).with_suffix(".json"))


def is_no_photo(key: str) -> bool:
    """Say whether the key is a sidecar or a folder's marker, which arrive as events like photos do."""
    return key.endswith(("/", ".json"))


def _check_sku(sku: str) -> None:
    if not _SKU.fullmatch(sku):
        _refuse(
            f"“{_shown(sku)}” cannot be a SKU: 1 to 64 letters (a to z), digits, dots, dashes and "
            "underscores are allowed, a letter or digit first."
        )


def _check_file(file: str) -> None:
    if len(file) > _LONGEST_FILE_NAME:
        _refuse(
            f"The file name “{_shown(file)}” has {len(file)} characters; {_LONGEST_FILE_NAME} are allowed."
        )
    if not file or file.startswith(".") or not PurePosixPath(file).stem.strip():
        _refuse(f"“{_shown(file)}” is no name for a photo.")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in file):
        _refuse(f"The file name “{_shown(file)}” contains control characters.")


def _name_of(file: str) -> str:
    """Return the file's slug; every file but `<slug>.jpg` itself gets a hash, so no two share a name."""
    plain = unicodedata.normalize("NFKD", PurePosixPath(file).stem).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-")
    if slug and file == f"{slug}.jpg":
        return slug
    return f"{slug or 'photo'}-{hashlib.sha256(file.encode()).hexdigest()[:6]}"


def _shown(piece: str) -> str:
    """Return a stranger's text fit for a sentence: short and on one line."""
    visible = "".join(c if c.isprintable() else "�" for c in piece)
    return visible if len(visible) <= _SHOWN else f"{visible[:_SHOWN]}…"


def _refuse(fault: str) -> NoReturn:
    raise RejectedPhoto(f"{fault} Upload photos as {PREFIX}<sku>/<name>.jpg.", code="unreadable_key")
