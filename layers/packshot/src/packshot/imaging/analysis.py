"""What a photo is like before anything is done to it, in figures and in words."""

import cv2
import numpy as np

from packshot.errors import RejectedPhoto
from packshot.events import Analysis, Backdrop, Side
from packshot.imaging.arrays import Bytes
from packshot.imaging.backdrop import BackdropModel, model_border, shrink
from packshot.imaging.colour import hex_from_srgb, luma
from packshot.imaging.decoding import DecodedPhoto

FLATTEST = 1.5
"""ΔE2000: of 104 photos looked at, every seamless backdrop lies below and every other above."""

_LEAST_SHARE = 0.55
_SHARPNESS_SIDE = 1000
# Small enough for a sensor's noise to average out, large enough for a product of a hundredth to be seen.
_BLANK_SIDE = 96
_BLANK_RANGE = 6
_SMALL_SIDE = 1000
# The 99.9th percentile of |Laplacian|, in 8-bit steps: sharp photos of plain things have 30 and more,
# the same ones blurred by 2 px at this size 6 to 20.
_BLURRED = 15
_DARK = 0.18
_BLOWN_OUT = 0.35
_OPAQUE = 128


def analyze(photo: DecodedPhoto, *, remarks: tuple[str, ...] = ()) -> Analysis:
    """Measure a photo; `RejectedPhoto` (`blank`, `transparent`) if there is nothing in it to measure.

    `remarks` are others' warnings, which come first.
    """
    if photo.alpha is None:
        _refuse_blank(photo.pixels)
    else:
        _refuse_transparent(photo.alpha)
    small = shrink(photo.pixels, longest=_SHARPNESS_SIDE)
    grey = luma(small)
    laplacian = np.asarray(cv2.Laplacian(grey * 255, cv2.CV_32F), dtype=np.float32)
    analysis = Analysis(
        width=photo.width,
        height=photo.height,
        sharpness=float(laplacian.var()),
        exposure=min(float(grey.mean()), 1.0),
        clipped=float(np.mean((small <= 2).all(-1) | (small >= 253).all(-1))),
        light_side=_light_side(photo),
        backdrop=_judge_backdrop(photo),
    )
    crispness = float(np.percentile(np.abs(laplacian), 99.9))
    return analysis.model_copy(
        update={"warnings": remarks + photo.notes + _warn(analysis, crispness=crispness)}
    )


def is_flat(model: BackdropModel) -> bool:
    """Say whether the border is one backdrop of slowly changing colour."""
    return model.spread <= FLATTEST and model.share >= _LEAST_SHARE


def _refuse_blank(pixels: Bytes) -> None:
    tiny = shrink(pixels, longest=_BLANK_SIDE).reshape(-1, 3)
    if int(np.ptp(tiny, axis=0).max()) <= _BLANK_RANGE:
        raise RejectedPhoto(
            f"The picture is {hex_from_srgb(tiny[0])} all over: there is no product in it. "
            "Check the file and upload the photo of the product.",
            code="blank",
        )


def _refuse_transparent(alpha: Bytes) -> None:
    if float(np.mean(alpha >= _OPAQUE)) < 1e-4:
        raise RejectedPhoto(
            "The picture is transparent all over: its product was cut away with the backdrop. "
            "Export it again, or upload the photo as it was taken.",
            code="transparent",
        )


def _judge_backdrop(photo: DecodedPhoto) -> Backdrop:
    if photo.alpha is not None:
        return Backdrop(kind="transparent", colour="#ffffff", spread=0)
    model = model_border(photo.pixels)
    edges = (photo.pixels[0], photo.pixels[-1], photo.pixels[:, 0], photo.pixels[:, -1])
    colour = np.median(np.concatenate(edges), axis=0).astype(np.uint8)
    return Backdrop(
        kind="flat" if is_flat(model) else "busy",
        colour=hex_from_srgb(colour),
        spread=model.spread,
    )


def _light_side(photo: DecodedPhoto) -> Side:
    """Return the side of the brighter half, of the product alone where the upload is cut out."""
    grey = luma(shrink(photo.pixels))
    weight = np.ones_like(grey)
    if photo.alpha is not None:
        weight = shrink(photo.alpha).astype(np.float32) + np.float32(1e-3)
    middle = grey.shape[1] // 2
    left = np.average(grey[:, :middle], weights=weight[:, :middle])
    right = np.average(grey[:, middle:], weights=weight[:, middle:])
    return "left" if left >= right else "right"


def _warn(analysis: Analysis, *, crispness: float) -> tuple[str, ...]:
    """Return what a photographer would want to know, one sentence each.

    A dark or white frame says nothing of a photo taken before a dark or white backdrop.
    """
    size, busy = f"{analysis.width} × {analysis.height}", analysis.backdrop.kind == "busy"
    found = (
        (
            max(analysis.width, analysis.height) < _SMALL_SIDE,
            f"The photo has only {size} pixels; 1,600 let customers zoom.",
        ),
        (crispness < _BLURRED, "The photo looks out of focus or shaken."),
        (busy and analysis.exposure < _DARK, "The photo is very dark."),
        (busy and analysis.clipped > _BLOWN_OUT, "Much of the photo is pure white or pure black."),
    )
    return tuple(sentence for applies, sentence in found if applies)
