"""Which record replaces which, and what a product shows of its photos."""

from datetime import UTC, datetime, timedelta

from packshot.events import PhotoRecord, ProductSummary

SEQUENCER_DIGITS = 64
ABANDONED = timedelta(hours=2)
"""After which a photo in work is nobody's: no execution lasts longer than one hour."""

UNFINISHED = "Work on this photo ended without a result, which is our fault. Upload it again."
SHOWN = (
    "images",
    "analysis",
    "matte",
    "correction",
    "candidates",
    "fidelity",
    "correction_delta_e",
    "price_usd",
)


def padded(sequencer: str) -> str:
    """Return S3's sequencer so that text order is the order of the uploads to one key.

    S3 promises an order only among sequencers of one length, so shorter ones are filled from the right
    (Amazon S3 user guide, "Event message structure").
    """
    return sequencer.upper().ljust(SEQUENCER_DIGITS, "0")


def moment_text(moment: datetime) -> str:
    """Return the moment in UTC so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def may_replace(new: PhotoRecord, old: PhotoRecord | None) -> bool:
    """Say whether `new` may be written over `old`.

    Yes over nothing, over one's own and over an older upload; of the same upload, over what failed, what was
    abandoned, and what no sequencer tells apart (executions started by hand have none).
    """
    if old is None or new.execution == old.execution:
        return True
    if padded(new.sequencer) != padded(old.sequencer):
        return padded(new.sequencer) > padded(old.sequencer)
    failed = old.status == "failed" or is_abandoned(old, at=new.updated_at)
    return failed or new.source.version != old.source.version


def is_abandoned(record: PhotoRecord | ProductSummary, *, at: datetime) -> bool:
    """Say whether work began so long ago that it must have ended without a word (stopped, timed out)."""
    return record.status == "processing" and record.updated_at < at - ABANDONED


def said_plainly(record: PhotoRecord, *, at: datetime) -> PhotoRecord:
    """Return the record with the state it is really in."""
    if not is_abandoned(record, at=at):
        return record
    return record.model_copy(update={"status": "failed", "code": "abandoned", "reason": UNFINISHED})


def keep_shown(new: PhotoRecord, old: PhotoRecord | None) -> PhotoRecord:
    """Return `new` with the images of `old`, and all that explains them, if it has none of its own.

    A photo that is uploaded anew shows what it had until there is something newer, also if that is never.
    """
    if old is None or new.images or not old.images:
        return new
    return new.model_copy(update={name: getattr(old, name) for name in SHOWN})


def thumbnail_of(record: PhotoRecord) -> str:
    """Return the name of the image that stands for the photo, "" if it has none."""
    names = (image.name for image in record.images if image.rendition == "thumbnail")
    return next(names, "")


def summarize(record: PhotoRecord, *, before: ProductSummary | None = None) -> ProductSummary:
    """Return the product's line in the catalogue after this change to one of its photos.

    What the photo does not say (a rejected one has no thumbnail) stays as it was `before`, and all of it if
    another photo changed later.
    """
    if before and before.updated_at > record.updated_at:
        return before
    product = record.product
    return ProductSummary(
        sku=record.sku,
        status=record.status,
        title=product.title or (before.title if before else ""),
        brand=product.brand or (before.brand if before else ""),
        category=product.category if product.category != "other" or not before else before.category,
        thumbnail=thumbnail_of(record) or (before.thumbnail if before else ""),
        updated_at=record.updated_at,
    )
