"""Make the files that ship out of what the renderer left.

    python -m layers.sets.encode                       # all of build/sets into layers/sets/src/packshot_sets
    python -m layers.sets.encode oak_table --from build/sets

Prints the bytes of each set and light, and what the files change in a picture (ΔE2000: mean, 99.9 %).
"""

import argparse
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from layers.build import LAYERS, ROOT
from layers.sets import raw
from layers.sets.raw import RawLight, RawSet
from packshot.events import Palette
from packshot.imaging.arrays import Floats, floats
from packshot.imaging.colour import delta_e, lab_from_srgb
from packshot.imaging.studio import coding
from packshot.imaging.studio.coding import Curve
from packshot.imaging.studio.library import (
    DESCRIPTION,
    FILES,
    Bake,
    Library,
    StoredFile,
    StoredLight,
    StoredPlane,
    StoredSet,
)
from packshot.imaging.studio.rendering import photograph

RAW = ROOT / "build" / "sets"
SHIPPED = LAYERS / "sets" / "src" / "packshot_sets"
BUDGET = 2_750_000
"""Bytes of the whole library: what the repository's rule leaves to it."""
LARGEST = 300_000
"""Bytes of one file."""

PLANE = 70_000
"""Bytes that one plane should take: only cloth and terrazzo need less than the best quality for it."""
BEST = 88
"""Quality from which nothing is gained that an eye could see, of AVIF's 100."""
_WORST, _LESS = 34, 12

_DARKEST = 1 / 128
"""Light below this is black in every picture."""
_BRIGHTEST = 8.0

PALETTES = (
    Palette(name="Pale", wall="#e9e4dc", floor="#d9d0c4", accent="#b98d6b"),
    Palette(name="Deep", wall="#2f4a76", floor="#4a638b", accent="#e0b061"),
)
"""Between them, what a shop asks for; errors are looked for in both."""


class TooLarge(Exception):
    """A file or the library passes what may be committed."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What the files change in the pictures of one light, ΔE2000 over all palettes."""

    light: str
    mean: float
    high: float


def encode_set(made: RawSet, *, into: Path) -> StoredSet:
    """Write a set's folder into a library, whole or not at all; return what stands in its `files.json`."""
    name = made.description.name
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=".making-") as making:
        folder = Path(making) / name
        folder.mkdir()
        text = made.description.model_dump_json(indent=2) + "\n"
        (folder / DESCRIPTION).write_text(text, encoding="utf-8")
        stored = _encode_planes(made, folder=folder, description=hashlib.sha256(text.encode()).hexdigest())
        (folder / FILES).write_text(stored.model_dump_json(indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(into / name, ignore_errors=True)
        folder.rename(into / name)
    return stored


def losses(made: RawSet, *, library: Library) -> tuple[Loss, ...]:
    """Return what a library's files changed against the raw bake, light by light."""
    found = []
    for light, before in made.bakes():
        after = library.load(made.description.name, light=light)
        apart = np.stack([_difference(before, after, palette=palette) for palette in PALETTES])
        found.append(Loss(light, float(apart.mean()), float(np.percentile(apart, 99.9))))
    return tuple(found)


def check_sizes(library: Library) -> int:
    """Return the bytes of all files; `TooLarge` names a file or the library if one passes its limit."""
    sizes = {path: path.stat().st_size for path in library.folder.rglob("*") if path.is_file()}
    for path, size in sizes.items():
        if size > LARGEST:
            raise TooLarge(f"{path.relative_to(library.folder)} has {size} bytes, {LARGEST} are the most")
    total = sum(size for path, size in sizes.items() if path.suffix != ".py")
    if total > BUDGET:
        raise TooLarge(f"the library has {total} bytes, {BUDGET} are the most")
    return total


def _encode_planes(made: RawSet, *, folder: Path, description: str) -> StoredSet:
    return StoredSet(
        side=made.lights[0].irradiance.shape[0],
        description=description,
        fixed=None if made.fixed is None else _store_colours(folder, made.fixed),
        coverage={each.slot: _store_share(folder, each.slot, each.share) for each in made.coverage},
        lights={light.name: _store_light(folder, light) for light in made.lights},
    )


def _store_colours(folder: Path, colours: Floats) -> StoredFile:
    body = _fitting(partial(coding.encode_colours, colours))
    return StoredFile(file="fixed.avif", sha256=_kept(folder / "fixed.avif", body))


def _store_share(folder: Path, name: str, share: Floats) -> StoredPlane:
    return _store(folder, name, share, curve=Curve(shape="root", high=_above(share)))


def _store_light(folder: Path, light: RawLight) -> StoredLight:
    kept = floats(np.clip(light.irradiance, _DARKEST, _BRIGHTEST))
    curve = Curve(shape="log", low=round(float(kept.min()) - 5e-5, 4), high=_above(kept))
    bounce = light.bounce
    return StoredLight(
        irradiance=_store(folder, light.name, kept, curve=curve),
        bounce=None if bounce is None else _store_share(folder, f"{light.name}_bounce", bounce),
    )


def _store(folder: Path, name: str, plane: Floats, *, curve: Curve) -> StoredPlane:
    body = _fitting(partial(coding.encode, plane, curve=curve))
    return StoredPlane(file=f"{name}.avif", sha256=_kept(folder / f"{name}.avif", body), curve=curve)


def _fitting(encoded: Callable[..., bytes]) -> bytes:
    """Return a plane in the best quality that fits, or in the worst one."""
    for quality in range(BEST, _WORST, -_LESS):
        body = encoded(quality=quality)
        if len(body) <= PLANE:
            return body
    return encoded(quality=_WORST)


def _kept(path: Path, body: bytes) -> str:
    """Write a file and return its SHA-256."""
    path.write_bytes(body)
    return hashlib.sha256(body).hexdigest()


def _above(plane: Floats) -> float:
    """Return the highest value of a plane, rounded up."""
    return round(float(plane.max()) + 5e-5, 4)


def _difference(before: Bake, after: Bake, *, palette: Palette) -> Floats:
    one, other = (
        lab_from_srgb(floats(np.clip((photograph(bake, palette=palette) + np.float32(127)) / 65280, 0, 1)))
        for bake in (before, after)
    )
    return delta_e(one, other)


def main() -> int:
    """Encode, measure, check the sizes."""
    parser = argparse.ArgumentParser(
        prog="python -m layers.sets.encode", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a set; none means all")
    parser.add_argument("--from", dest="source", type=Path, default=RAW)
    parser.add_argument("--to", type=Path, default=SHIPPED)
    options = parser.parse_args()
    names = options.names or sorted(path.parent.name for path in options.source.glob(f"*/{DESCRIPTION}"))
    library = Library(options.to)
    for name in names:
        made = raw.read(options.source / name)
        encode_set(made, into=options.to)
        _tell(made, library=library)
    sys.stdout.write(f"{'together':<42}{check_sizes(library) / 1000:>8.1f} kB of {BUDGET / 1000:.0f}\n")
    return 0


def _tell(made: RawSet, *, library: Library) -> None:
    folder = library.folder / made.description.name
    surfaces = sum((folder / f"{name}.avif").stat().st_size for name in _surface_names(made))
    sys.stdout.write(f"{made.description.name:<20}{'surfaces':<22}{surfaces / 1000:>8.1f} kB\n")
    for loss in losses(made, library=library):
        size = sum(path.stat().st_size for path in folder.glob(f"{loss.light}*.avif"))
        figures = f"{size / 1000:>8.1f} kB   ΔE mean {loss.mean:.2f}, 99.9 % {loss.high:.2f}"
        sys.stdout.write(f"{'':<20}{loss.light:<22}{figures}\n")


def _surface_names(made: RawSet) -> tuple[str, ...]:
    return (*(each.slot for each in made.coverage), *(("fixed",) if made.fixed is not None else ()))


if __name__ == "__main__":
    sys.exit(main())
