"""Code that stays where it is: an asset is a zip that holds nothing but the name of a folder.

Dependency layers are hundreds of MB. The local template refers to them by their folders, so neither the
deployment nor a function has to zip, copy or unzip them. A real zip (from `cdk deploy`) is unpacked once.
"""

import hashlib
import io
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

_POINTER = ".packshot-folder"


def pointer_to(folder: Path) -> bytes:
    """Return a zip that stands for a folder of this machine; the same folder gives the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr(zipfile.ZipInfo(_POINTER), str(folder))
    return archive.getvalue()


def folder_of(asset: bytes, *, unpacked: Path) -> Path:
    """Return the folder that an asset stands for; a real zip is unpacked below `unpacked` by its hash."""
    with zipfile.ZipFile(io.BytesIO(asset)) as files:
        if files.namelist() == [_POINTER]:
            return Path(files.read(_POINTER).decode())
        target = unpacked / hashlib.sha256(asset).hexdigest()
        if not target.is_dir():
            _unpack(files, target)
        return target


def _unpack(files: zipfile.ZipFile, target: Path) -> None:
    """Unpack beside the target and rename, so that nobody ever sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=target.parent))
    files.extractall(partial)
    try:
        os.rename(partial, target)  # noqa: PTH104 (Path.rename would say the same)
    except OSError:
        # Another thread unpacked the same asset first.
        shutil.rmtree(partial)
