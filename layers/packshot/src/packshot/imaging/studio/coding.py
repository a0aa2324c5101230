"""How the planes of a bake become AVIF files and come back.

Every file is grey with ten bits: eight show their steps in a wall, and turning ten bits of YUV into RGB
takes OpenCV 80 ms for 1,600² pixels. So colours are split here, luma above the halved chroma.
"""

import functools
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from packshot.errors import DamagedArtifact
from packshot.events import Event
from packshot.imaging.arrays import Floats, floats
from packshot.imaging.colour import linear_from_srgb, srgb_from_linear

BITS = 10
_TOP = 2**BITS - 1
_SPEED = 4
"""libaom's, of 0 to 9: slower ones save 3 % and take minutes."""
_STEPS = 2**16 - 1

# ITU-R BT.601, on sRGB: red, green, blue from luma, and from the differences to blue and red.
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_BLUE_SPAN, _RED_SPAN = 1.772, 1.402
_GREEN_OF_BLUE, _GREEN_OF_RED = -0.344136, -0.714136


class Curve(Event):
    """What a plane's numbers mean: `low` and `high` are the values of the lowest and the highest.

    Between them `log` steps by equal ratios (light: the eye judges ratios), `root` by equal steps of the
    square root (shares of a pixel, which start at 0).
    """

    shape: Literal["log", "root"]
    low: float = 0
    high: float = 1

    @model_validator(mode="after")
    def _rises(self) -> "Curve":
        if not 0 <= self.low < self.high or (self.shape == "log") != (self.low > 0):
            raise ValueError(f"a {self.shape} curve cannot run from {self.low} to {self.high}")
        return self

    def numbers(self, values: Floats) -> Floats:
        """Return values as shares of the way from `low` to `high`, clipped to it."""
        clipped = np.clip(values, self.low, self.high)
        if self.shape == "log":
            return floats(np.log(clipped / self.low) / np.log(self.high / self.low))
        return floats(np.sqrt(clipped / self.high))

    def values(self, numbers: Floats) -> Floats:
        """Return what `numbers` were made of."""
        if self.shape == "log":
            return floats(self.low * (self.high / self.low) ** numbers)
        return floats(numbers**2 * self.high)


def encode(plane: Floats, *, curve: Curve, quality: int) -> bytes:
    """Encode a plane (H, W); `quality` is AVIF's, 0 to 100."""
    return _write(curve.numbers(plane), quality=quality)


def decode(file: bytes, *, curve: Curve) -> Floats:
    """Return a plane (H, W); `DamagedArtifact` if the file is none."""
    return floats(cv2.LUT(_read(file), _table(curve)))


def encode_colours(colours: Floats, *, quality: int) -> bytes:
    """Encode linear colours (3, H, W) with even sides."""
    encoded = srgb_from_linear(colours)
    luma = np.tensordot(_LUMA, encoded, axes=1)
    blue, red = (encoded[2] - luma) / _BLUE_SPAN, (encoded[0] - luma) / _RED_SPAN
    half = (luma.shape[1] // 2, luma.shape[0] // 2)
    chroma = [cv2.resize(floats(each), half, interpolation=cv2.INTER_AREA) + 0.5 for each in (blue, red)]
    return _write(floats(np.vstack((luma, np.hstack(chroma)))), quality=quality)


def decode_colours(file: bytes) -> Floats:
    """Return linear colours (3, H, W); `DamagedArtifact` if the file holds none."""
    numbers = _read(file).astype(np.float32) / _TOP
    height, width = numbers.shape[0] * 2 // 3, numbers.shape[1]
    if height < 2 or width % 2 or numbers.shape[0] * 2 != height * 3:
        raise DamagedArtifact(f"an image of {numbers.shape[1]} × {numbers.shape[0]} holds no luma and chroma")
    luma, chroma = np.ascontiguousarray(numbers[:height]), numbers[height:] - 0.5
    blue, red = (
        floats(cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR))
        for half in (chroma[:, : width // 2], chroma[:, width // 2 :])
    )
    green = cv2.scaleAdd(red, _GREEN_OF_RED, cv2.scaleAdd(blue, _GREEN_OF_BLUE, luma))
    channels = (cv2.scaleAdd(red, _RED_SPAN, luma), green, cv2.scaleAdd(blue, _BLUE_SPAN, luma))
    return np.stack([_linear(floats(channel)) for channel in channels])


def _linear(encoded: Floats) -> Floats:
    # A weighted sum with nothing: OpenCV's quickest way to scaled, saturated whole numbers.
    steps = cv2.addWeighted(encoded, _STEPS, encoded, 0, 0, dtype=cv2.CV_16U)
    return floats(cv2.LUT(np.asarray(steps), _linear_table()))


def _write(numbers: Floats, *, quality: int) -> bytes:
    codes = np.rint(np.clip(numbers, 0, 1) * _TOP).astype(np.uint16)
    options = [cv2.IMWRITE_AVIF_QUALITY, quality, cv2.IMWRITE_AVIF_DEPTH, BITS]
    _, file = cv2.imencode(".avif", codes, [*options, cv2.IMWRITE_AVIF_SPEED, _SPEED])
    return file.tobytes()


def _read(file: bytes) -> NDArray[np.uint16]:
    codes = cv2.imdecode(np.frombuffer(file, dtype=np.uint8), cv2.IMREAD_UNCHANGED) if file else None
    if codes is None or codes.dtype != np.uint16 or codes.ndim != 2:
        raise DamagedArtifact(f"{len(file)} bytes are not a grey {BITS}-bit AVIF")
    return np.asarray(codes, dtype=np.uint16)


@functools.lru_cache(maxsize=64)
def _table(curve: Curve) -> Floats:
    """Return the value of every number: OpenCV looks 16 bits up in a whole table only."""
    values = curve.values(np.linspace(0, 1, _TOP + 1, dtype=np.float32))
    return np.pad(values, (0, _STEPS - _TOP), mode="edge")


@functools.cache
def _linear_table() -> Floats:
    return linear_from_srgb(np.linspace(0, 1, _STEPS + 1, dtype=np.float32))
