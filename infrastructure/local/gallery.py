"""A product's pictures in a folder: what the storefront serves, and what the work bucket shows of the way."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image, ImageOps

from infrastructure.local.follow import Journey, in_words
from infrastructure.local.places import Refused
from infrastructure.local.reports import confidence_text, fidelity_text
from infrastructure.local.sheet import Bar, Entry, Frame, Mark, Note
from infrastructure.local.trace import Trace
from packshot.errors import MissingObject
from packshot.events import Candidate, ObjectRef, PhotoRecord, PublishedImage, Score
from packshot.ports import ObjectStore

PREVIEW_PX = 900
FOUND = 302
PLAIN_UNITS = {"", "share", "ratio", "8-bit steps"}
"""Units that a caption does without: the number says enough beside its name."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Fetches pictures into `folder/<sku>/`. `api` carries the key; signed addresses are asked without it."""

    folder: Path
    api: httpx.Client
    objects: ObjectStore

    def fetch(self, photo: PhotoRecord, image: PublishedImage) -> str:
        """Download a published image as a storefront does; return its path in the folder."""
        redirect = self.api.get(f"v1/products/{photo.sku}/images/{image.name}")
        if redirect.status_code != FOUND:
            raise Refused(f"The storefront answered {redirect.status_code} for {image.name}: {redirect.text}")
        download = httpx.get(redirect.headers["location"], timeout=60)
        download.raise_for_status()
        return self._keep(photo, image.name, download.content)

    def preview(self, photo: PhotoRecord, ref: ObjectRef, *, name: str) -> str:
        """Store a small copy of a stored picture; return its path, empty if Pillow reads no picture in it."""
        try:
            with Image.open(io.BytesIO(self.objects.read(ref))) as picture:
                small = ImageOps.exif_transpose(picture).convert("L" if name.endswith(".png") else "RGB")
        except (MissingObject, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            return ""
        small.thumbnail((PREVIEW_PX, PREVIEW_PX))
        file = io.BytesIO()
        small.save(file, "PNG" if name.endswith(".png") else "JPEG")
        return self._keep(photo, f"{photo.name}-{name}", file.getvalue())

    def _keep(self, photo: PhotoRecord, name: str, body: bytes) -> str:
        path = self.folder / photo.sku / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return path.relative_to(self.folder).as_posix()


def entry_of(photo: PhotoRecord, *, journey: Journey, gallery: Gallery) -> Entry:
    """Fetch a photo's pictures and put them, and all that is known of them, on the sheet."""
    product = photo.product
    price = None if product.price is None else f"{product.price:.2f}"
    return Entry(
        title=product.title or journey.photo.label,
        subtitle=" · ".join(filter(None, (product.brand, product.category, price, photo.sku))),
        status=photo.status,
        reason=photo.reason,
        frames=(*_sources(photo, gallery), *_results(photo, gallery)),
        figures=_figures(photo, journey.trace),
        bars=() if journey.trace is None else tuple(bars(journey.trace)),
        notes=tuple(_note(made) for made in photo.candidates),
    )


def _sources(photo: PhotoRecord, gallery: Gallery) -> Iterable[Frame]:
    before = gallery.preview(photo, photo.source, name="before.jpg")
    if before:
        yield Frame("before", "before", before, before)
    if photo.matte is not None:
        matte = gallery.preview(photo, photo.matte.image.object, name="matte.png")
        yield Frame("matte", "matte", matte, matte)
    for image in photo.images:
        if image.rendition == "cutout":
            cutout = gallery.fetch(photo, image)
            yield Frame("cutout", "cutout", cutout, cutout)


def _results(photo: PhotoRecord, gallery: Gallery) -> Iterable[Frame]:
    """Show each scene's web image, and the main image behind it."""
    for made in photo.candidates:
        files = {
            image.rendition: gallery.fetch(photo, image)
            for image in photo.images
            if image.scene == made.scene.name and image.rendition != "cutout"
        }
        if not files:
            continue
        size = f"{made.composite.image.width} × {made.composite.image.height}"
        yield Frame(
            caption=f"{made.rank or '–'} · {made.scene.name} · {made.scene.set.replace('_', ' ')}",
            kind="result",
            image=files.get("web", files.get("main", "")),
            full=files.get("main", files.get("web", "")),
            note=f"{size} · {made.composite.plate.generator} · seed {made.scene.seed}",
            marks=tuple(map(_mark, made.quality.scores)),
        )


def _mark(score: Score) -> Mark:
    unit = "" if score.unit in PLAIN_UNITS else f" {score.unit}"
    value = f"{score.value:.3g}{unit}"
    return Mark(score.name.replace("_", " "), value, None if score.rule == "info" else score.passed)


def _figures(photo: PhotoRecord, trace: Trace | None) -> tuple[Mark, ...]:
    if photo.matte is None:
        return ()
    return (
        Mark("fidelity", fidelity_text(photo)),
        Mark("correction", f"ΔE {photo.correction_delta_e:.1f}"),
        Mark("mask confidence", confidence_text(photo)),
        Mark("masked by", photo.matte.engine),
        Mark("price", f"${photo.price_usd:.4f}"),
        Mark("time", "–" if trace is None else f"{trace.seconds:.1f} s"),
    )


def bars(trace: Trace) -> Iterable[Bar]:
    """Return the tasks as shares of the execution's time."""
    whole = max(trace.seconds, 1e-3)
    for run in trace.tasks:
        start = (run.entered - trace.started).total_seconds() / whole
        width = (run.ms or 0) / 1000 / whole
        scene = f" · {' '.join(run.scope)}" if run.scope else ""
        yield Bar(f"{in_words(run.name)}{scene} {run.ms or 0:.0f} ms", start, width)


def _note(made: Candidate) -> Note:
    palette = made.scene.palette
    return Note(
        heading=f"{made.scene.name}, {palette.name}.",
        swatches=(palette.wall, palette.floor, palette.accent),
        sentences=(*made.scene.reasons, *filter(None, (made.standing,))),
    )
