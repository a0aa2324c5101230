"""What SageMaker is given of our code: the training script with the modules it needs, and the seed.

Both are tar files that are the same for the same content. In SageMaker's container they meet
Python 3.10, numpy, pyarrow and XGBoost.

    python -m layers.model_code
"""

import gzip
import hashlib
import io
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "functions" / "preference_model"
PACKAGE = ROOT / "layers" / "packshot" / "src"
BUILD = ROOT / "build" / "model_code"
TRAINED_WITH = ("packshot/__init__.py", "packshot/errors.py", "packshot/preferences")
"""The parts of the package that training and serving import."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A tar.gz that was built; `digest` names its content."""

    path: Path
    digest: str


def source() -> Archive:
    """Return the training script and all that it imports of ours."""
    files = {name: SCRIPTS / name for name in ("train.py", "inference.py")}
    return _build("source", files | _package())


def seed() -> Archive:
    """Return a model that counts: what an endpoint serves before the first training."""
    return _build("seed", {"code/inference.py": SCRIPTS / "seed" / "inference.py"})


def _package() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for part in TRAINED_WITH:
        path = PACKAGE / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found[file.relative_to(PACKAGE).as_posix()] = file
    return found


def _build(name: str, files: Mapping[str, Path]) -> Archive:
    body = _packed(files)
    digest = hashlib.sha256(body).hexdigest()
    path = BUILD / f"{name}-{digest[:16]}.tar.gz"
    if not path.is_file():
        BUILD.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(body)
        partial.replace(path)
    return Archive(path, digest)


def _packed(files: Mapping[str, Path]) -> bytes:
    packed = io.BytesIO()
    # No time and no name of the machine in it: the same files are the same archive.
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for name in sorted(files):
            content = files[name].read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def main() -> int:
    """Build both and say where they are."""
    for archive in (source(), seed()):
        sys.stdout.write(f"{archive.path.relative_to(ROOT)}  {archive.path.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
