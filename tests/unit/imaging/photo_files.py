"""Files of a known picture, and how they are read."""

import io
import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from packshot.errors import RejectedPhoto
from packshot.imaging.colour import delta_e, lab_from_srgb
from packshot.imaging.decoding import DecodedPhoto, Limits, read_photo

LIMITS = Limits()
Options = dict[str, object]


def scene(width: int = 180, height: int = 120) -> NDArray[np.uint8]:
    """Return a smooth picture whose four corners all differ: red, green, blue, grey."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    corners = np.array([[[200, 40, 50], [40, 170, 60]], [[50, 60, 190], [120, 120, 120]]], dtype=float)
    top = corners[0, 0] * (1 - x[..., None]) + corners[0, 1] * x[..., None]
    bottom = corners[1, 0] * (1 - x[..., None]) + corners[1, 1] * x[..., None]
    mixed: NDArray[np.uint8] = np.rint(top * (1 - y[..., None]) + bottom * y[..., None]).astype(np.uint8)
    return mixed


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    """Return the image as a file of this format."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def read(data: bytes, limits: Limits = LIMITS) -> DecodedPhoto:
    """Read it as the function does."""
    return read_photo(data, limits=limits)


def refused(data: bytes, limits: Limits = LIMITS) -> RejectedPhoto:
    """Return the refusal, which is a sentence."""
    with pytest.raises(RejectedPhoto) as refusal:
        read(data, limits)
    assert len(refusal.value.reason) > 20
    assert refusal.value.reason[-1] == "."
    return refusal.value


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the mean ΔE2000."""
    return float(delta_e(lab_from_srgb(one), lab_from_srgb(other)).mean())


def matrix_profile(primaries: tuple[tuple[float, float], ...], gamma: float) -> bytes:
    """Return an ICC v2 matrix profile of these xy primaries (red, green, blue, white D65) and this gamma."""
    xyz = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries[:3]]).T
    white = np.array([0.95047, 1, 1.08883])
    to_d50 = np.array(
        [
            [1.0478112, 0.0228866, -0.0501270],
            [0.0295424, 0.9904844, -0.0170491],
            [-0.0092345, 0.0150436, 0.7521316],
        ]
    )
    columns = to_d50 @ (xyz * np.linalg.solve(xyz, white))

    def xyz_tag(values: NDArray[np.float64]) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 79
    tags = {
        b"desc": text.ljust((len(text) + 3) // 4 * 4, b"\0"),
        b"wtpt": xyz_tag(np.array([0.9642, 1, 0.8249])),
        **{name: xyz_tag(columns[:, i]) for i, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(tag))
        body += tag
    size = offset + len(body)
    header = struct.pack(
        ">I4sI4s4s4s12s4s4s",
        size,
        b"\0" * 4,
        0x02100000,
        b"mntr",
        b"RGB ",
        b"XYZ ",
        b"\0" * 12,
        b"acsp",
        b"\0" * 4,
    )
    header = header.ljust(68, b"\0") + struct.pack(">iii", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_RGB = ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060))
