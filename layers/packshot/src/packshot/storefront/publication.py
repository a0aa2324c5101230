"""What of a photo is published, under which names, and how it is recorded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from packshot.events import (
    Candidate,
    Matte,
    Photo,
    PhotoRecord,
    PublishedImage,
    PublishedPhoto,
    PublishRequest,
)
from packshot.storefront.ranking import FIDELITY, is_faithful, rank


@dataclass(frozen=True, slots=True)
class Selection:
    """All candidates with their ranks, those to publish, whether a person should look first, and why."""

    ranked: tuple[Candidate, ...]
    candidates: tuple[Candidate, ...]
    status: Literal["published", "needs_review"]
    code: str = ""
    reason: str = ""


def select(candidates: Iterable[Candidate], *, matte: Matte) -> Selection:
    """Take what passed; if nothing did, the best, for a person to look at: no photo is lost.

    A picture in which the product's own pixels changed is never taken, whatever else speaks for it.
    """
    ranked = rank(candidates)
    passed = tuple(candidate for candidate in ranked if candidate.quality.passed)
    if not passed:
        best = tuple(each for each in ranked if each.rank == 1 and is_faithful(each))
        return Selection(ranked, best, "needs_review", "no_scene_passed", _shortcomings(ranked))
    if matte.needs_review:
        return Selection(ranked, passed, "needs_review", "matte_uncertain", matte.review_reason)
    return Selection(ranked, passed, "published")


def image_name(photo: Photo, *, scene: str, rendition: str, extension: str) -> str:
    """Return a name that is unique within the SKU: `<photo>-<scene>-<rendition>.<extension>`."""
    parts = (photo.name, rendition) if rendition == "cutout" else (photo.name, scene, rendition)
    return f"{'-'.join(parts)}.{extension}"


def record_of(
    request: PublishRequest, *, selection: Selection, images: tuple[PublishedImage, ...], at: datetime
) -> PhotoRecord:
    """Return the record with which every image, also one that was not published, can be made again.

    The price is that of all plates: one that failed its assessment was paid for too.
    """
    photo = request.photo
    return PhotoRecord(
        sku=photo.sku,
        name=photo.name,
        status=selection.status,
        source=photo.source,
        sequencer=photo.sequencer,
        execution=request.execution,
        updated_at=at,
        product=photo.product,
        code=selection.code,
        reason=selection.reason,
        analysis=request.analysis,
        matte=request.matte,
        candidates=selection.ranked,
        correction=request.correction,
        correction_delta_e=request.correction.strength,
        images=images,
        fidelity=_largest_difference(selection.candidates),
        price_usd=round(sum(map(_price, request.candidates)), 6),
    )


def _price(candidate: Candidate) -> float:
    """Return what a scene cost: its plate, and those that were sent back before."""
    return candidate.composite.plate.price_usd + candidate.spent_usd


def published(record: PhotoRecord) -> PublishedPhoto:
    """Return what others are told of a published photo."""
    return PublishedPhoto(
        sku=record.sku,
        name=record.name,
        status=record.status,
        images=tuple(image.name for image in record.images),
        price_usd=record.price_usd,
    )


def superseded(photo: Photo) -> PublishedPhoto:
    """Return the answer where a newer upload of the same photo is at work: nothing was done."""
    return PublishedPhoto(sku=photo.sku, name=photo.name, status="processing", images=(), price_usd=0)


def _largest_difference(candidates: tuple[Candidate, ...]) -> float | None:
    scores = (score for candidate in candidates for score in candidate.quality.scores)
    return max((score.value for score in scores if score.name == FIDELITY), default=None)


def _shortcomings(candidates: tuple[Candidate, ...]) -> str:
    reasons = [f"{candidate.scene.name}: {candidate.quality.reason}" for candidate in candidates]
    return f"No scene passed its assessment. {' '.join(reasons)}".strip()
