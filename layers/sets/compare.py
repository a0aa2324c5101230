"""Hold ways to store a bake against each other, on the raw bakes of a library.

    python -m layers.sets.compare [--from build/sets] [NAME…]

For light and for colours apart: kilobytes of one image, milliseconds to decode it on one core, what a picture
loses (ΔE2000: mean and 99.9 %), and steps: 99.9 % of what is left of the loss, in 8-bit steps, after a mean
over 15 × 15 pixels where the picture is smooth. Noise of one step hides steps under a half.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from layers.sets import raw
from layers.sets.encode import PALETTES, RAW
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import delta_e, lab_from_srgb, linear_from_srgb, srgb_from_linear
from packshot.imaging.studio import coding
from packshot.imaging.studio.coding import Curve
from packshot.imaging.studio.library import DESCRIPTION, Bake
from packshot.imaging.studio.rendering import photograph

_BASE = 100
"""Side of the small image in a base and its ratio."""
_SMOOTH = 0.35
"""8-bit steps from pixel to pixel under which a picture is smooth."""
_MEAN = (15, 15)
_BYTE = 8
_COLOURED = 3
_NEUTRAL = 2
"""8-bit steps between the channels of what was grey when it was encoded."""

Codes = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Stored:
    """What one way made of a plane: its bytes, and what they decode to."""

    size: int
    decode: Callable[[], Floats]


Way = Callable[[Floats], Stored]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way costs and loses in one set: bytes, ms, ΔE2000 twice, and steps."""

    size: float
    decoding: float
    mean: float
    high: float
    steps: float


def light_ways() -> dict[str, Way]:
    """Return the ways to store light (H, W), by name."""
    ways: dict[str, Way] = {"PNG, 16 bits": _logarithmic(".png", bits=16)}
    for bits in (8, 10, 12):
        for quality in (60, 80, 90):
            options = (cv2.IMWRITE_AVIF_QUALITY, quality, cv2.IMWRITE_AVIF_DEPTH, bits)
            ways[f"AVIF, {bits} bits, q{quality}"] = _logarithmic(".avif", *options, bits=bits)
    ways["WebP, 8 bits, q90"] = _logarithmic(".webp", cv2.IMWRITE_WEBP_QUALITY, 90)
    ways["JPEG, 8 bits, q92"] = _logarithmic(".jpg", cv2.IMWRITE_JPEG_QUALITY, 92)
    ways["base × ratio, PNG 16 and AVIF 8 q80"] = _ratio(".avif", cv2.IMWRITE_AVIF_QUALITY, 80)
    ways["base × ratio, PNG 16 and WebP q90"] = _ratio(".webp", cv2.IMWRITE_WEBP_QUALITY, 90)
    return ways


def colour_ways() -> dict[str, Way]:
    """Return the ways to store colours (3, H, W), by name."""
    ways: dict[str, Way] = {}
    for bits in (8, 10):
        options = (cv2.IMWRITE_AVIF_QUALITY, 62, cv2.IMWRITE_AVIF_DEPTH, bits)
        ways[f"AVIF, RGB, {bits} bits, q62"] = _encoded(".avif", *options, bits=bits)
    for quality in (50, 62, 75):
        ways[f"AVIF, split, 10 bits, q{quality}"] = _split(quality)
    ways["WebP, RGB, q85"] = _encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 85)
    ways["JPEG, RGB, q85"] = _encoded(".jpg", cv2.IMWRITE_JPEG_QUALITY, 85)
    return ways


def compare_light(made: raw.RawSet, way: Way) -> Iterator[Figures]:
    """Yield the figures of each light of a set; bytes are of one light."""
    for _, bake in made.bakes():
        stored = way(bake.irradiance)
        yield _figures(stored, before=bake, after=replace(bake, irradiance=stored.decode()))


def compare_colours(made: raw.RawSet, way: Way) -> Iterator[Figures]:
    """Yield the figures of a set's own colours, if it has any."""
    if made.fixed is not None:
        _, bake = next(made.bakes())
        stored = way(made.fixed)
        yield _figures(stored, before=bake, after=replace(bake, fixed=stored.decode()))


def _figures(stored: Stored, *, before: Bake, after: Bake) -> Figures:
    one, other = (photograph(bake, palette=PALETTES[0]).astype(np.float32) / 256 for bake in (before, after))
    apart = delta_e(*(lab_from_srgb(floats(np.clip((each + 0.5) / 255, 0, 1))) for each in (one, other)))
    left = np.abs(cv2.blur(other - one, _MEAN)).max(axis=2)
    smooth = cv2.blur(np.abs(np.diff(one[..., 1], axis=1, append=one[:, -1:, 1])), _MEAN) < _SMOOTH
    return Figures(
        size=stored.size,
        decoding=_milliseconds(stored.decode),
        mean=float(apart.mean()),
        high=float(np.percentile(apart, 99.9)),
        steps=float(np.percentile(left[smooth], 99.9)) if smooth.any() else 0.0,
    )


def _milliseconds(act: Callable[[], object]) -> float:
    """Return the processor's time for an act, the best of three."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        act()
        spent.append(time.process_time() - start)
    return 1000 * min(spent)


def _logarithmic(kind: str, *options: int, bits: int = 8) -> Way:
    """Store the logarithm of light in one image."""

    def store(plane: Floats) -> Stored:
        curve = Curve(shape="log", low=float(plane.min()), high=float(plane.max()) * 1.0001)
        body = _written(kind, curve.numbers(plane), *options, bits=bits)
        return Stored(len(body), lambda: curve.values(_read(body, bits=bits)))

    return store


def _ratio(kind: str, *options: int) -> Way:
    """Store light as a small image of 16 bits, times a large one of 8."""

    def store(plane: Floats) -> Stored:
        curve = Curve(shape="log", low=float(plane.min()), high=float(plane.max()) * 1.0001)
        small = floats(cv2.resize(plane, (_BASE, _BASE), interpolation=cv2.INTER_AREA))
        base = _written(".png", curve.numbers(small), bits=16)
        rest = plane / _enlarged(curve.values(_read(base, bits=16)), like=plane)
        span = Curve(shape="log", low=float(rest.min()), high=float(rest.max()) * 1.0001)
        ratio = _written(kind, span.numbers(floats(rest)), *options, bits=8)

        def decode() -> Floats:
            enlarged = _enlarged(curve.values(_read(base, bits=16)), like=plane)
            return floats(enlarged * span.values(_read(ratio, bits=8)))

        return Stored(len(base) + len(ratio), decode)

    return store


def _encoded(kind: str, *options: int, bits: int = 8) -> Way:
    """Store colours as an ordinary picture."""

    def store(colours: Floats) -> Stored:
        body = _written(kind, np.moveaxis(srgb_from_linear(colours), 0, -1), *options, bits=bits)
        return Stored(len(body), lambda: np.moveaxis(linear_from_srgb(_read(body, bits=bits)), -1, 0).copy())

    return store


def _split(quality: int) -> Way:
    """Store colours as the library does."""

    def store(colours: Floats) -> Stored:
        body = coding.encode_colours(colours, quality=quality)
        return Stored(len(body), lambda: coding.decode_colours(body))

    return store


def _enlarged(small: Floats, *, like: Floats) -> Floats:
    height, width = like.shape
    return floats(np.maximum(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), 1e-4))


def _written(kind: str, numbers: Floats, *options: int, bits: int) -> Bytes:
    codes = np.rint(np.clip(numbers, 0, 1) * (2**bits - 1)).astype(np.uint8 if bits == _BYTE else np.uint16)
    _, file = cv2.imencode(kind, codes, list(options))
    return np.asarray(file, dtype=np.uint8)


def _read(file: Bytes, *, bits: int) -> Floats:
    codes = np.asarray(cv2.imdecode(file, cv2.IMREAD_UNCHANGED))
    # WebP knows no grey.
    grey = codes[..., 0] if codes.ndim == _COLOURED and _is_grey(codes) else codes
    return floats(grey / np.float32(2**bits - 1))


def _is_grey(codes: Codes) -> bool:
    sample = codes[::8, ::8].astype(int)
    return bool(np.abs(sample - sample[..., :1]).max() <= _NEUTRAL)


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        prog="python -m layers.sets.compare", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a set; none means all")
    parser.add_argument("--from", dest="source", type=Path, default=RAW)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    names = options.names or sorted(path.parent.name for path in options.source.glob(f"*/{DESCRIPTION}"))
    made = [raw.read(options.source / name) for name in names]
    tables = (("light", light_ways(), compare_light), ("colours", colour_ways(), compare_colours))
    for title, ways, compare in tables:
        sys.stdout.write(f"\n| {title} | kB | ms | mean ΔE | 99.9 % | steps |\n|---|---|---|---|---|---|\n")
        for name, way in ways.items():
            found = [figures for each in made for figures in compare(each, way)]
            sys.stdout.write(f"| {name} | {_row(found)} |\n")
            sys.stdout.flush()
    return 0


def _row(found: list[Figures]) -> str:
    """Return means over all images; of what a picture loses, the worst."""
    size, decoding, mean = (
        float(np.mean([getattr(each, name) for each in found])) for name in ("size", "decoding", "mean")
    )
    high, steps = (max(getattr(each, name) for each in found) for name in ("high", "steps"))
    return f"{size / 1000:.1f} | {decoding:.0f} | {mean:.2f} | {high:.1f} | {steps:.2f}"


if __name__ == "__main__":
    sys.exit(main())
