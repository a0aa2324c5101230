"""The working files between two steps: PNG, lossless and quick, without metadata."""

import cv2
import numpy as np

from packshot.errors import DamagedArtifact
from packshot.imaging.arrays import Bytes, Floats

MEDIA_TYPE = "image/png"
_TO_FILE = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
_FROM_FILE = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}
# One filter for all rows instead of the best for each: half the time, for 6 % more bytes that live for days.
_QUICK = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP]
# Where every pixel has its own noise nothing repeats; not to look for it takes a third of the time away.
_GRAINY = [*_QUICK, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY]


def encode_png(pixels: Bytes, *, grainy: bool = False) -> bytes:
    """Encode grey (H, W), RGB (H, W, 3) or straight RGBA (H, W, 4); `grainy` is quicker for film's noise."""
    stored = cv2.cvtColor(pixels, _TO_FILE[pixels.shape[2]]) if pixels.ndim == 3 else pixels
    _, file = cv2.imencode(".png", stored, _GRAINY if grainy else _QUICK)
    return file.tobytes()


def encode_matte(alpha: Floats) -> bytes:
    """Encode an alpha (H, W) in [0, 1] as 8-bit grey."""
    return encode_png(to_bytes(alpha))


def to_bytes(values: Floats) -> Bytes:
    """Return values in [0, 1] in 8-bit steps; others are clipped."""
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def decode_png(file: bytes) -> Bytes:
    """Return the array that `encode_png` was given; `DamagedArtifact` if this is no such file."""
    stored = cv2.imdecode(np.frombuffer(file, dtype=np.uint8), cv2.IMREAD_UNCHANGED) if file else None
    if stored is None or stored.dtype != np.uint8:
        raise DamagedArtifact(f"a working file of {len(file)} bytes is not an 8-bit PNG")
    return cv2.cvtColor(stored, _FROM_FILE[stored.shape[2]]) if stored.ndim == 3 else stored  # type: ignore[return-value]


def decode_rgb(file: bytes) -> Bytes:
    """Return the colours of a working file, (H, W, 3), without its alpha."""
    pixels = decode_png(file)
    if pixels.ndim != 3:
        raise DamagedArtifact("a working file is grey where colours are needed")
    return np.ascontiguousarray(pixels[..., :3])


def decode_matte(file: bytes) -> Floats:
    """Return a matte, (H, W) in [0, 1]; `DamagedArtifact` if the file has colours."""
    grey = decode_png(file)
    if grey.ndim != 2:
        raise DamagedArtifact("a matte has colours")
    return np.divide(grey, 255, dtype=np.float32)
