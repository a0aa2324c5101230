"""Colour: sRGB and linear light, CIE Lab, ΔE2000, and the few colours that an image is made of.

sRGB is IEC 61966-2-1, Lab is CIE 1976 under D65 (2°) with L in [0, 100].
"""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from packshot.imaging.arrays import Bytes, Flags, Floats, floats

_XYZ_FROM_LINEAR = np.array(
    [
        [0.4123907993, 0.3575843394, 0.1804807884],
        [0.2126390059, 0.7151686788, 0.0721923154],
        [0.0193308187, 0.1191947798, 0.9505321522],
    ]
)
_WHITE_D65 = _XYZ_FROM_LINEAR.sum(axis=1)
_LAB_EPSILON = 216 / 24389
_LAB_KAPPA = 24389 / 27
_LUMA = np.array([[0.2126, 0.7152, 0.0722]], dtype=np.float32)
_STEPS = 65535


def linear_from_srgb(pixels: Bytes | Floats) -> Floats:
    """Decode sRGB, 8-bit or float in [0, 1], to linear light in [0, 1]; any shape."""
    if pixels.dtype == np.uint8:
        if not pixels.size:
            return np.zeros(pixels.shape, dtype=np.float32)
        # OpenCV looks up fourteen times as fast as numpy's indexing.
        return np.asarray(cv2.LUT(pixels.reshape(-1, 1), _linear_table()), np.float32).reshape(pixels.shape)
    decoded = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    return decoded.astype(np.float32)


def srgb_from_linear(linear: Floats) -> Floats:
    """Encode linear light as float sRGB; values outside [0, 1] are clipped first."""
    light = np.clip(linear, 0, 1)
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return encoded.astype(np.float32)


def srgb8_from_linear(linear: Floats) -> Bytes:
    """Encode linear light as 8-bit sRGB through a table: within half a step plus 0.03; clips to [0, 1].

    8-bit sRGB that went through `linear_from_srgb` comes back exactly.
    """
    if not linear.size:
        return np.zeros(linear.shape, dtype=np.uint8)
    # OpenCV rounds and clips as it scales.
    flat = linear.reshape(-1, 1)
    steps = cv2.addWeighted(flat, _STEPS, flat, 0, 0, dtype=cv2.CV_16U)
    return np.asarray(cv2.LUT(np.asarray(steps), _srgb8_table()), np.uint8).reshape(linear.shape)


def luma(pixels: Bytes) -> Floats:
    """Return Rec. 709 luma of gamma-encoded sRGB (H, W, 3), in [0, 1]."""
    weighted = cv2.transform(pixels.astype(np.float32), _LUMA / 255)
    return np.asarray(weighted, dtype=np.float32).reshape(pixels.shape[:2])


def lab_from_linear(linear: Floats) -> Floats:
    """Return CIE Lab of linear light, both (…, 3)."""
    xyz = linear.reshape(-1, 3) @ (_XYZ_FROM_LINEAR / _WHITE_D65[:, None]).T.astype(np.float32)
    f = np.where(xyz > _LAB_EPSILON, np.cbrt(xyz), (_LAB_KAPPA * xyz + 16) / 116)
    lab = np.stack((116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])), axis=-1)
    return lab.reshape(linear.shape).astype(np.float32)


def lab_from_srgb(pixels: Bytes | Floats) -> Floats:
    """Return CIE Lab of sRGB, 8-bit or float in [0, 1], both (…, 3).

    An 8-bit image (H, W, 3) goes through OpenCV's tables: 15 times as fast and within 0.05 of the formula.
    """
    linear = linear_from_srgb(pixels)
    if pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.size > 0:
        return np.asarray(cv2.cvtColor(linear, cv2.COLOR_LRGB2LAB), dtype=np.float32)
    return lab_from_linear(linear)


def delta_e(one: Floats, other: Floats) -> Floats:
    """Return ΔE2000 of two Lab arrays (…, 3), which broadcast; shape (…).

    Sharma, Wu, Dalal: The CIEDE2000 color-difference formula (2005), with kL = kC = kH = 1.
    """
    chroma_mean = _half_way(np.hypot(one[..., 1], one[..., 2]), np.hypot(other[..., 1], other[..., 2]))
    stretch = 1.5 - 0.5 * _pull(chroma_mean)
    a1, a2 = one[..., 1] * stretch, other[..., 1] * stretch
    c1, c2 = np.hypot(a1, one[..., 2]), np.hypot(a2, other[..., 2])
    h1, h2 = _hue(a1, one[..., 2]), _hue(a2, other[..., 2])
    turn = _hue_difference(h1, h2, grey=c1 * c2 == 0)
    hue = _mean_hue(h1, h2, grey=c1 * c2 == 0)
    c = _half_way(c1, c2)
    lightness = _half_way(one[..., 0], other[..., 0]) - 50

    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    dl = (other[..., 0] - one[..., 0]) / (1 + 0.015 * lightness**2 / np.sqrt(20 + lightness**2))
    dc = (c2 - c1) / (1 + 0.045 * c)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2) / (1 + 0.015 * c * t)
    rotation = -2 * _pull(c) * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    difference: Floats = np.sqrt(np.maximum(dl**2 + dc**2 + dh**2 + rotation * dc * dh, 0))
    return difference.astype(np.float32, copy=False)


def hex_from_srgb(colour: Bytes) -> str:
    """Return one 8-bit colour (3,) as `#rrggbb`."""
    red, green, blue = (int(step) for step in colour)
    return f"#{red:02x}{green:02x}{blue:02x}"


def srgb_from_hex(text: str) -> Bytes:
    """Return `#rrggbb` as one 8-bit colour (3,); `ValueError` for anything else."""
    if len(text) != 7 or text[0] != "#":
        raise ValueError(f"not a colour: {text!r}")
    return np.frombuffer(bytes.fromhex(text[1:]), dtype=np.uint8).copy()


def main_colours(pixels: Bytes, *, count: int) -> Bytes:
    """Return at most `count` colours (K, 3) that stand for these pixels (N, 3), commonest first.

    k-means in Lab over at most 20,000 pixels, evenly picked; colours nearer than 8 ΔE are one.
    """
    sample = pixels[:: max(1, len(pixels) // 20_000)]
    if len(sample) == 0:
        return np.zeros((0, 3), dtype=np.uint8)
    points = lab_from_srgb(sample)
    labels, centres = _cluster(points, count=min(count, len(sample)))
    order = np.argsort(-np.bincount(labels, minlength=len(centres)), kind="stable")
    # The median of a cluster is a colour that is in the photo; its mean need not be.
    medians = [np.median(sample[labels == label], axis=0) for label in order if (labels == label).any()]
    return _merge_near(np.array(medians, dtype=np.uint8), nearer_than=8)


def _cluster(points: Floats, *, count: int) -> tuple[NDArray[np.int32], Floats]:
    """Return each point's cluster and the clusters' centres, the same for the same points."""
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    # The stub forbids the None that the documentation asks for: labels are an output here.
    _, labels, centres = cv2.kmeans(points, count, None, stop, 2, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    return labels.ravel(), centres


def _merge_near(colours: Bytes, *, nearer_than: float) -> Bytes:
    lab = lab_from_srgb(colours)
    kept: list[int] = []
    for index in range(len(colours)):
        if not kept or delta_e(lab[kept], lab[index]).min() >= nearer_than:
            kept.append(index)
    return colours[kept]


def _half_way(one: Floats, other: Floats) -> Floats:
    middle: Floats = (one + other) * np.float32(0.5)
    return middle


def _pull(chroma: Floats) -> Floats:
    """Return Sharma's square root of C⁷ / (C⁷ + 25⁷), without overflow in float32."""
    ratio = (chroma / 25) ** 7
    return np.sqrt(ratio / (ratio + 1)).astype(np.float32, copy=False)


def _hue(a: Floats, b: Floats) -> Floats:
    """Return the hue angle in [0, 360) degrees."""
    return np.mod(np.degrees(np.arctan2(b, a)), 360).astype(np.float32, copy=False)


def _hue_difference(h1: Floats, h2: Floats, *, grey: Flags) -> Floats:
    turn = np.mod(h2 - h1 + 180, 360) - 180
    return np.where(grey, 0, turn).astype(np.float32, copy=False)


def _mean_hue(h1: Floats, h2: Floats, *, grey: Flags) -> Floats:
    """Return the hue half way along the shorter arc; of a grey and a hue, their sum (the grey's is 0)."""
    total = h1 + h2
    around = np.where(total < 360, total + 360, total - 360)
    mean = np.where(np.abs(h1 - h2) > 180, around, total) / 2
    return np.where(grey, total, mean).astype(np.float32, copy=False)


@functools.cache
def _linear_table() -> Floats:
    return linear_from_srgb(np.linspace(0, 1, 256, dtype=np.float32))


@functools.cache
def _srgb8_table() -> Bytes:
    encoded = srgb_from_linear(np.linspace(0, 1, _STEPS + 1, dtype=np.float32))
    return np.rint(encoded * 255).astype(np.uint8)


def colour_overlap(pixels: Bytes, *, one: Flags, other: Flags) -> float:
    """Return how many colours two parts (H, W) of sRGB pixels (H, W, 3) share: 0 none, 1 all alike.

    It is the Bhattacharyya coefficient of their Lab histograms.
    """
    lab = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB), dtype=np.uint8)
    return float(np.sqrt(_lab_histogram(lab, one) * _lab_histogram(lab, other)).sum())


def _lab_histogram(lab: Bytes, where: Flags) -> Floats:
    bins, ranges = [8, 16, 16], [0, 256, 64, 192, 64, 192]
    counts = cv2.calcHist([lab], [0, 1, 2], where.astype(np.uint8), bins, ranges) + 1e-9
    return floats(counts / counts.sum())
