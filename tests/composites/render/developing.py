"""From linear layers to the files that a benchmark compares with."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tests.photos.render.film import LENS_BLUR, blurred

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from layers.sets.render.mesh import Floats

    from .photographing import Photographed

BRIGHTEST = 1.25
"""Share of the plate's light that white means in a shadow's file: a product can also brighten the ground."""
_KNEE = 0.74
_NEAR = 4
"""Pixels around the matte's partial ones that are kept without loss."""
_SOLID = 0.5
"""Cover from which on too little is seen of the ground to say how dark it is."""


def keep(taken: Photographed, *, folder: Path, name: str, raw: Path | None) -> int:
    """Write truth, photo, matte and shadow; return their bytes."""
    product, rest, cover, empty = (
        blurred(each, deviation=LENS_BLUR)
        for each in (taken.full.product, taken.full.rest, taken.full.cover, taken.empty)
    )
    if raw is not None:
        raw.mkdir(parents=True, exist_ok=True)
        np.savez(raw / f"{name}.npz", product=product, rest=rest, cover=cover, empty=empty)
    truth = developed(product + rest)
    photo = developed(product + _backdrop(taken.paper, cover.shape) * (1 - cover[..., None]))
    files = {
        "truth.webp": _encoded(truth, "WEBP", quality=90, method=6),
        "photo.webp": _encoded(photo, "WEBP", quality=90, method=6),
        "edges.webp": _edges(truth, photo, cover=cover),
        # WebP keeps 219 steps of grey, AVIF all of them.
        "shadow.avif": _encoded(_shadow(rest, empty=empty, cover=cover), "AVIF", quality=80, speed=3),
        "matte.png": _encoded(cover, "PNG", optimize=True),
    }
    for ending, body in files.items():
        (folder / f"{name}.{ending}").write_bytes(body)
    return sum(map(len, files.values()))


def developed(light: Floats) -> Floats:
    """Return linear light as sRGB [0, 1], highlights rolled off as the studio's film does it."""
    strongest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    over = np.maximum(strongest - _KNEE, 0) / (1 - _KNEE)
    kept = np.where(strongest <= _KNEE, 1, (_KNEE + (1 - _KNEE) * over / (1 + over)) / strongest)
    return encoded(light * kept)


def encoded(linear: Floats) -> Floats:
    """Return linear light as sRGB, both in [0, 1]."""
    light = np.clip(linear, 0, 1)
    curve = 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055
    return np.asarray(np.where(light <= 0.0031308, 12.92 * light, curve), np.float32)


def _shadow(rest: Floats, *, empty: Floats, cover: Floats) -> Floats:
    """Return what is left of the plate's light, sRGB-encoded, `BRIGHTEST` being white.

    Where the product hides the ground it is as dark as the nearest ground that is seen.
    """
    from scipy.ndimage import distance_transform_edt

    luminance = np.array([0.2126, 0.7152, 0.0722], np.float32)
    seen = np.maximum(1 - cover, 1 - _SOLID)
    left = (rest @ luminance) / np.maximum(seen * (empty @ luminance), 1e-5)
    rows, columns = distance_transform_edt(cover > _SOLID, return_distances=False, return_indices=True)
    return encoded(left[rows, columns] / BRIGHTEST)


def _backdrop(paper: Floats, shape: tuple[int, ...]) -> Floats:
    """Return paper of an sRGB colour, unevenly lit."""
    colour = np.where(paper <= 0.04045, paper / 12.92, ((paper + 0.055) / 1.055) ** 2.4)
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    fall = 1 - 0.07 * (x**2 + y**2) - 0.05 * x
    return np.asarray(fall[..., None] * colour, np.float32)


def _edges(truth: Floats, photo: Floats, *, cover: Floats) -> bytes:
    """Encode both edges without loss, one below the other: lossy ones differ by as much as methods do."""
    from scipy.ndimage import binary_dilation

    alpha = _bytes(cover)
    near = binary_dilation((alpha > 0) & (alpha < 255), iterations=_NEAR)
    pixels = [
        np.where(near[..., None], _bytes(np.dstack((each, near))), np.uint8(0)) for each in (truth, photo)
    ]
    buffer = io.BytesIO()
    Image.fromarray(np.vstack(pixels)).save(buffer, "WEBP", lossless=True, quality=100, method=6)
    return buffer.getvalue()


def _bytes(shares: Floats) -> NDArray[np.uint8]:
    return (np.clip(shares, 0, 1) * 255 + 0.5).astype(np.uint8)


def _encoded(picture: Floats, form: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(_bytes(picture)).save(buffer, form, **options)
    return buffer.getvalue()
