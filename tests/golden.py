"""Golden images: what a function drew before, and how far it may stray.

`UPDATE_GOLDEN=1` writes them anew; look at what changed before committing. A failure leaves the drawn image
and the difference, eight times as strong, in `build/golden/`.
"""

import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
FAILURES = ROOT / "build" / "golden"


def assert_golden(pixels: NDArray[np.uint8], path: Path, *, mean: float = 1.0, worst: float = 8.0) -> None:
    """Hold an image (H, W[, C], RGB) to a golden PNG, in 8-bit steps: mean and 99.9th percentile.

    Not byte by byte: other processors round otherwise.
    """
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, pixels)
    golden = _read(path)
    assert golden.shape == pixels.shape, f"{path.name}: {pixels.shape}, not {golden.shape}"
    difference = cv2.absdiff(golden, pixels)
    found = float(difference.mean()), float(np.percentile(difference, 99.9))
    if found[0] > mean or found[1] > worst:
        FAILURES.mkdir(parents=True, exist_ok=True)
        _write(FAILURES / path.name, pixels)
        _write(FAILURES / f"{path.stem}-difference.png", np.clip(difference.astype(int) * 8, 0, 255))
        raise AssertionError(f"{path.name}: mean {found[0]:.2f}, 99.9 % {found[1]:.0f}; see {FAILURES}")


def _read(path: Path) -> NDArray[np.uint8]:
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert stored is not None, f"no golden image {path}; UPDATE_GOLDEN=1 makes one"
    return np.ascontiguousarray(_swapped(np.asarray(stored, dtype=np.uint8)))


def _write(path: Path, pixels: NDArray[np.uint8] | NDArray[np.int_]) -> None:
    cv2.imwrite(str(path), np.ascontiguousarray(_swapped(pixels.astype(np.uint8))))


def _swapped(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB as BGR and back, alpha kept."""
    return pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, *range(3, pixels.shape[2])]]
