"""From a masked photo to a corrected one in the work bucket: where imaging and storage meet."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from packshot.events import CorrectedPhoto, Correction, CorrectRequest, ImageRef, ReferenceLook
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import delta_e, lab_from_srgb, srgb_from_hex
from packshot.imaging.correction import Look, Wish, apply, correct, look_of, match
from packshot.imaging.encoding import MEDIA_TYPE, decode_matte, decode_png, encode_png, to_bytes
from packshot.imaging.foreground import cut_out
from packshot.imaging.mattes import product_colours, rim_colours
from packshot.ports import Looks, ObjectStore
from packshot.storefront.addresses import work_folder

AS_WISHED = "Nothing was corrected, as the shop wishes."

_SAME_COLOUR = 14.0
"""ΔE2000 up to which a main colour of two photos is one: folds and angles change it so far."""
_SHARED = 0.6
"""Share of a photo's main colours that its reference shows too, if both show the same side of a product."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A photo with its matte, and how a correction makes it look."""

    pixels: Bytes
    alpha: Floats
    is_backdrop_real: bool

    def corrected(self, correction: Correction) -> Bytes:
        """Return the photo's pixels after a correction."""
        return apply(self.pixels, correction)

    def look(self, correction: Correction, *, request: CorrectRequest) -> ReferenceLook | None:
        """Return the look that the photo has after a correction; None if it shows too little."""
        photo, corrected = request.photo, self.corrected(correction)
        found = look_of(corrected, matte=to_bytes(self.alpha), backdrop_is_real=self.is_backdrop_real)
        if found is None:
            return None
        return ReferenceLook(
            photo=f"{photo.sku}/{photo.name}",
            sequencer=photo.sequencer,
            chosen=photo.product.reference,
            product=_triple(found.product),
            backdrop=None if found.backdrop is None else _triple(found.backdrop),
            colours=product_colours(corrected, alpha=self.alpha),
        )


@dataclass(frozen=True, slots=True)
class Corrector:
    """Corrects photos of the work bucket; the same photo gives the same bytes under the same keys."""

    objects: ObjectStore
    looks: Looks
    bucket: str

    def leave(self, request: CorrectRequest) -> CorrectedPhoto:
        """Answer with what came in."""
        return _unchanged(request, Correction(reasons=(AS_WISHED,)))

    def correct(self, request: CorrectRequest) -> CorrectedPhoto:
        """Decide, and keep photo and cutout anew only if that changes a pixel."""
        stored = decode_png(self.objects.read(request.working.object))
        pixels, own_alpha = np.ascontiguousarray(stored[..., :3]), stored[..., 3:]
        alpha = decode_matte(self.objects.read(request.matte.image.object))
        seen = _Seen(pixels, alpha, is_backdrop_real=own_alpha.size == 0)
        correction = self._decide(seen, request=request)
        if correction.changes_nothing:
            return _unchanged(request, correction)
        corrected = seen.corrected(correction)
        working = self._keep("corrected", np.dstack((corrected, own_alpha)), request)
        cutout = self._keep("corrected-cutout", cut_out(corrected, alpha=alpha), request)
        shown = {
            "cutout": cutout,
            "colours": product_colours(corrected, alpha=alpha),
            "rim": rim_colours(corrected, alpha=alpha),
        }
        matte = request.matte.model_copy(update=shown)
        return CorrectedPhoto(working=working, matte=matte, correction=correction)

    def _decide(self, seen: _Seen, *, request: CorrectRequest) -> Correction:
        """Return the photo's own correction, or the one that gives it the look of its range or product."""
        product = request.photo.product
        own = correct(
            seen.pixels,
            matte=to_bytes(seen.alpha),
            wish=Wish(category=product.category, colours=product.colours),
            backdrop_is_real=seen.is_backdrop_real,
        )
        alike = own
        if product.range:
            scope = f"range/{product.brand}/{product.range}".lower()
            alike = self._matched(own, seen=seen, request=request, scope=scope, by="backdrop")
        return self._matched(
            alike, seen=seen, request=request, scope=f"sku/{request.photo.sku}", by="product"
        )

    def _matched(
        self,
        so_far: Correction,
        *,
        seen: _Seen,
        request: CorrectRequest,
        scope: str,
        by: Literal["product", "backdrop"],
    ) -> Correction:
        """Return the correction that gives a photo the look that stands in a scope, or the one so far."""
        offered = seen.look(so_far, request=request)
        if offered is None or (by == "backdrop" and offered.backdrop is None):
            return so_far
        standing = self.looks.settle(offered, scope=scope)
        if standing.photo == offered.photo:
            return so_far
        if by == "product" and not _share_colours(offered, standing):
            return _told(so_far, f"Not matched to {standing.photo}: it shows other colours.")
        matched = match(
            seen.pixels,
            matte=to_bytes(seen.alpha),
            reference=_look(standing),
            by=by,
            category=request.photo.product.category,
        )
        if matched.changes_nothing:
            return _told(so_far, *matched.reasons)
        reasons = (*matched.reasons, *_told_of_detail(so_far))
        return matched.model_copy(update={"detail": so_far.detail, "reasons": reasons})

    def _keep(self, name: str, image: Bytes, request: CorrectRequest) -> ImageRef:
        key = f"{work_folder(request.photo)}/{name}.png"
        kept = self.objects.write(encode_png(image), bucket=self.bucket, key=key, media_type=MEDIA_TYPE)
        return ImageRef(object=kept, width=image.shape[1], height=image.shape[0])


def _share_colours(offered: ReferenceLook, standing: ReferenceLook) -> bool:
    """Say whether a photo shows what its reference shows: another side may have other colours.

    Lights differ before they are matched, so lightness and cast are taken off: colours are compared by how
    they differ from their mean.
    """
    if not offered.colours or not standing.colours:
        return True
    ours, theirs = (_spread(look.colours) for look in (offered, standing))
    apart = delta_e(np.repeat(ours, len(theirs), axis=0), np.tile(theirs, (len(ours), 1)))
    nearest = apart.reshape(len(ours), len(theirs)).min(axis=1)
    return float((nearest < _SAME_COLOUR).mean()) >= _SHARED


def _spread(colours: tuple[str, ...]) -> Floats:
    """Return colours as L*a*b* (N, 3), moved so that their mean is a middle grey."""
    lab = lab_from_srgb(np.array([[srgb_from_hex(each) for each in colours]], dtype=np.uint8))[0]
    return floats(lab - lab.mean(axis=0) + np.array([50.0, 0.0, 0.0], dtype=np.float32))


def _look(standing: ReferenceLook) -> Look:
    backdrop = None if standing.backdrop is None else floats(np.array(standing.backdrop))
    return Look(name=standing.photo, product=floats(np.array(standing.product)), backdrop=backdrop)


def _triple(colour: Floats) -> tuple[float, float, float]:
    red, green, blue = (round(float(each), 5) for each in colour)
    return red, green, blue


def _told(correction: Correction, *sentences: str) -> Correction:
    return correction.model_copy(update={"reasons": (*correction.reasons, *sentences)})


def _told_of_detail(correction: Correction) -> tuple[str, ...]:
    """Return what is said of grain and edges: the last sentences, one for each that was changed."""
    count = (correction.detail.noise > 0) + (correction.detail.sharpening > 0)
    return correction.reasons[len(correction.reasons) - count :]


def _unchanged(request: CorrectRequest, correction: Correction) -> CorrectedPhoto:
    return CorrectedPhoto(working=request.working, matte=request.matte, correction=correction)
