"""Time a plate from its files to its PNG, step by step, on one core.

python -m layers.sets.timing [--light sun] [NAME…]
"""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import cv2
import numpy as np

from layers.sets.encode import PALETTES
from packshot.imaging.encoding import encode_png
from packshot.imaging.studio import Library, film, shipped
from packshot.imaging.studio.rendering import photograph

Made = TypeVar("Made")

_TAKES = 5


def main() -> int:
    """Print the best of five for each set and step, and the slowest plate."""
    parser = argparse.ArgumentParser(
        prog="python -m layers.sets.timing", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a set; none means all")
    parser.add_argument("--light", default="sun")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    library = shipped()
    sys.stdout.write("| set | decode | multiply | noise | PNG | ms |\n|---|---|---|---|---|---|\n")
    totals = []
    for name in options.names or library.names():
        steps = measure(library, name, light=options.light)
        totals.append(sum(steps))
        sys.stdout.write(f"| {name} | {' | '.join(f'{step:.0f}' for step in steps)} | {totals[-1]:.0f} |\n")
    sys.stdout.write(f"\nmedian {np.median(totals):.0f} ms, slowest {max(totals):.0f} ms\n")
    return 0


def measure(library: Library, name: str, *, light: str) -> tuple[float, ...]:
    """Return what each step from files to PNG takes, in milliseconds."""
    decoding, bake = _timed(partial(library.load, name, light=light))
    multiplying, exposed = _timed(partial(photograph, bake, palette=PALETTES[0]))
    noising, plate = _timed(partial(film.dithered, exposed, seed=1))
    encoding, _ = _timed(partial(encode_png, plate, grainy=True))
    return decoding, multiplying, noising, encoding


def _timed(act: Callable[[], Made]) -> tuple[float, Made]:
    """Return the best of some takes in milliseconds of the processor, and what the last one made."""
    spent = []
    for _ in range(_TAKES):
        start = time.process_time()
        made = act()
        spent.append(1000 * (time.process_time() - start))
    return min(spent), made


if __name__ == "__main__":
    sys.exit(main())
